"""How many items enter a system per second, and how many queries it answers, in batches."""

from harness.report.recording import throughput_rows


def test_throughput(timed_system, memo, record):
    memo.throughput(timed_system)
    record(throughput_rows(memo, timed_system))
