"""How many items enter a system per second, and how many queries it answers, in batches."""

from harness.report.recording import probe_rows


def test_throughput(timed_system, memo, record):
    memo.throughput(timed_system)
    record(probe_rows(memo, timed_system, "throughput"))
