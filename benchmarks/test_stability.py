"""Whether a system keeps answering, and keeps giving the same answers, over many consecutive calls."""

from harness.report.recording import stability_rows


def test_stability(timed_system, memo, record):
    record(stability_rows(memo, timed_system))
