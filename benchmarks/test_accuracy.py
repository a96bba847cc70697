"""How well each system finds what each ground truth calls relevant."""

from harness.errors import NotMeasured
from harness.report.recording import scores_rows
from harness.report.results import Ranking, failure_row, to_row


def test_accuracy(system, memo, ground_truths, record):
    record([to_row(Ranking.of(system, memo.run(system)))])
    for truth in ground_truths:
        try:
            record(scores_rows(memo.scores(system, truth)))
        except NotMeasured as reason:
            record([failure_row("", reason)])
