"""How much GPU memory a system takes; without a GPU that is not measured, which is not 0."""

from harness.report.recording import probe_rows


def test_vram(timed_system, memo, record):
    record(probe_rows(memo, timed_system, "memory"))
    memo.memory(timed_system)
