"""Whether a system keeps answering, keeps giving the same answers, and can read Korean and formulas at all."""

from harness.report.recording import health_rows, probe_rows


def test_stability(timed_system, memo, record):
    memo.stability(timed_system)
    record(probe_rows(memo, timed_system, "stability"))
    record(health_rows(memo, timed_system))
