"""Who answers for what: a waiver lets one criterion of one system through until its day, and may not rot."""

from datetime import date, timedelta

import pytest

from harness.config import Waiver
from harness.verdict.outcomes import Outcome, State
from harness.verdict.waivers import faults, standing

TODAY = date(2025, 3, 1)


def waiver(criterion="recall", system="bm25", expires=TODAY, name="W1"):
    return Waiver(id=name, criterion=criterion, system=system, owner="kim", reason="pilot only", expires=expires)


def outcome(state=State.UNMET, criterion="recall", system="bm25"):
    return Outcome(system, criterion, state, "recall@5")


@pytest.mark.parametrize(
    ("about", "stands"),
    [
        (outcome(), True),
        (outcome(State.RULED_OUT), True),
        (outcome(State.NOT_MEASURED), True),
        (outcome(criterion="mrr"), False),
        (outcome(system="bm25+reranker"), False),
    ],
)
def test_a_waiver_is_about_one_criterion_of_one_system(about, stands):
    assert standing([waiver()], about, TODAY) == (waiver() if stands else None)


@pytest.mark.parametrize(("days", "stands"), [(1, True), (0, True), (-1, False)])
def test_its_last_day_is_the_one_that_is_named(days, stands):
    given = waiver(expires=TODAY + timedelta(days))
    assert standing([given], outcome(), TODAY) == (given if stands else None)
    assert bool(told([given], [outcome()])) is not stands


def test_an_expired_waiver_does_not_hide_a_later_one():
    old, new = waiver(expires=TODAY - timedelta(1), name="old"), waiver(name="new")
    assert standing([old, new], outcome(), TODAY) == new
    assert standing([], outcome(), TODAY) is None


def told(waivers, outcomes, names=("bm25",), criteria=("recall", "mrr")):
    return list(faults(waivers, outcomes, set(names), set(criteria), TODAY))


@pytest.mark.parametrize(
    ("given", "outcomes", "sentence"),
    [
        (waiver(expires=date(2025, 2, 28)), [outcome()], "waiver 'W1' of kim expired on 2025-02-28"),
        (waiver(system="bm52"), [outcome()], "waiver 'W1' of kim is not used: bm52 is no candidate"),
        (waiver("recal"), [outcome()], "waiver 'W1' of kim is not used: the policy has no criterion recal"),
        (waiver(), [outcome(State.MET)], "waiver 'W1' of kim is not used: recall of bm25 is met"),
        (waiver(), [outcome(State.NOT_APPLICABLE)], "waiver 'W1' of kim is not used: recall of bm25 is not applicable"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_waiver_is_one_line_with_its_owner(given, outcomes, sentence):
    assert told([given], outcomes) == [sentence]


@pytest.mark.parametrize("state", [state for state in State if not state.passes])
def test_a_waiver_that_is_needed_has_no_fault(state):
    assert told([waiver()], [outcome(state)]) == []


def test_of_what_was_left_out_of_the_run_nothing_is_said():
    assert told([waiver()], []) == []
    assert told([waiver()], [outcome(State.MET, criterion="mrr"), outcome(State.MET, system="other")]) == []


def test_every_waiver_with_a_fault_is_told():
    given = [waiver(name="a", expires=TODAY - timedelta(9)), waiver("mrr", name="b"), waiver(name="c", system="x")]
    assert [line.split("'")[1] for line in told(given, [outcome(State.MET, criterion="mrr")])] == ["a", "b", "c"]
