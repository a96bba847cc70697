"""How long a single query takes, with every stage of the system loaded."""

from harness.report.recording import latency_rows


def test_latency(timed_system, memo, record, drive):
    memo.latency(timed_system, drive)
    record(latency_rows(memo, timed_system))
