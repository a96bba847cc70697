"""Go, or No-Go? One test per candidate and criterion; with --gate, whatever is not met fails."""

import pytest

from harness.report.results import to_row
from harness.verdict.criteria import State


def test_go_nogo(candidate, criterion, memo, record, gate):
    outcome = memo.outcome(candidate, criterion)
    record([to_row(outcome)])
    if outcome.state is State.NOT_APPLICABLE:
        pytest.skip(outcome.sentence)
    if gate and not outcome.state.passes:
        pytest.fail(outcome.sentence, pytrace=False)
    if outcome.state is State.NOT_MEASURED:
        pytest.skip(outcome.sentence)
    if not outcome.state.passes:
        pytest.xfail(outcome.sentence)
