"""How much GPU memory a system takes; without a GPU that is not measured, which is not 0."""

from harness.report.recording import memory_rows


def test_vram(timed_system, memo, record):
    record(memory_rows(memo, timed_system))
    memo.memory(timed_system)
