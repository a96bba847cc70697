"""Go, or No-Go? One test per candidate and criterion; with --gate, whatever keeps it shut fails."""

import pytest

from harness.report.rows import to_row
from harness.verdict.outcomes import State


def test_go_nogo(candidate, criterion, memo, record, gate):
    outcome = memo.outcome(candidate, criterion)
    record([to_row(outcome)])
    if outcome.state is State.NOT_APPLICABLE:
        pytest.skip(outcome.sentence)
    if gate(outcome):
        pytest.fail(outcome.sentence, pytrace=False)
    if outcome.state is State.NOT_MEASURED:
        pytest.skip(outcome.sentence)
    if not outcome.state.passes:
        pytest.xfail(outcome.sentence)
