"""How well each system finds what each ground truth calls relevant."""

from harness.report.recording import accuracy_rows


def test_accuracy(system, memo, ground_truths, record):
    record(accuracy_rows(memo, system, ground_truths))
