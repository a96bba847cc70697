"""The gate: red unless every candidate is GO, or lacks no more than was allowed or answered for."""

from argparse import ArgumentTypeError
from datetime import date, timedelta
from itertools import product

import pytest

from harness.config import Waiver
from harness.grid.systems import System
from harness.report.gate import NOBODY, lets_through, ungated_by, wrong
from harness.report.results import Results
from harness.report.rows import to_row
from harness.session.wishes import named
from harness.verdict.outcomes import Outcome, State

TODAY = date(2025, 3, 1)
MET, UNPROVEN, UNMET = State.MET, State.UNPROVEN, State.UNMET
RULED_OUT, NOT_MEASURED, NOT_APPLICABLE = State.RULED_OUT, State.NOT_MEASURED, State.NOT_APPLICABLE


def waiver(criterion="recall-at-5", system="bm25", days=0, name="W1"):
    return Waiver(
        id=name, criterion=criterion, system=system, owner="kim", reason="pilot", expires=TODAY + timedelta(days)
    )


@pytest.fixture
def judged(results):
    """`judged({"bm25": [state, state]}, waivers)`: candidates by their states of the two criteria of the policy."""

    def rows(states, waivers=()):
        systems = {name: System(name, role="candidate") for name in states} | {"base": System("base", role="baseline")}
        found = Results(results.dataset, results.policy, systems, waivers)
        ids = [criterion.id for criterion in results.policy.criterion]
        for name, told in states.items():
            found.add(to_row(Outcome(name, one, state, "mrr")) for one, state in zip(ids, told, strict=False))
        return found

    return rows


@pytest.mark.parametrize("states", list(product(State, repeat=2)), ids=", ".join)
@pytest.mark.parametrize("gate", ["go", "unproven"])
def test_only_what_passes_opens_it_and_unproven_where_that_is_enough(judged, gate, states):
    enough = {MET, NOT_APPLICABLE} | ({UNPROVEN} if gate == "unproven" else set())
    opens = set(states) <= enough and set(states) != {NOT_APPLICABLE}
    assert (ungated_by(gate, judged({"bm25": states}), TODAY) == []) is opens


@pytest.mark.parametrize(
    ("gate", "told"),
    [
        ("go", "gate: not GO: b (CONDITIONAL), c (NO-GO), d (INCOMPLETE)"),
        ("unproven", "gate: not GO or merely unproven: c (NO-GO), d (INCOMPLETE)"),
    ],
)
def test_it_names_everybody_who_keeps_it_shut(judged, gate, told):
    found = judged({"a": [MET, MET], "b": [MET, UNPROVEN], "c": [RULED_OUT, MET], "d": [MET, NOT_MEASURED]})
    assert ungated_by(gate, found, TODAY) == [told]


@pytest.mark.parametrize("gate", ["go", "unproven"])
def test_a_gate_that_judged_nobody_is_none(judged, gate):
    assert ungated_by(gate, judged({"bm25": []}), TODAY) == [NOBODY]


@pytest.mark.parametrize("gate", ["go", "unproven"])
def test_a_criterion_that_was_left_out_keeps_it_shut(judged, gate):
    assert len(ungated_by(gate, judged({"bm25": [MET]}), TODAY)) == 1


@pytest.mark.parametrize("state", [UNPROVEN, UNMET, RULED_OUT, NOT_MEASURED])
def test_a_waiver_opens_it_and_changes_no_verdict(judged, state):
    shut, opened = judged({"bm25": [state, MET]}), judged({"bm25": [state, MET]}, [waiver()])
    assert len(ungated_by("go", shut, TODAY)) == 1
    assert ungated_by("go", opened, TODAY) == []
    assert opened.verdicts == shut.verdicts


def test_a_waiver_lets_through_its_own_criterion_only(judged):
    assert len(ungated_by("go", judged({"bm25": [UNMET, UNMET]}, [waiver()]), TODAY)) == 1
    both = [waiver(), waiver("latency-p95", name="W2")]
    assert ungated_by("go", judged({"bm25": [UNMET, UNMET]}, both), TODAY) == []
    assert len(ungated_by("go", judged({"bm25": [UNMET, MET], "b": [UNMET, MET]}, [waiver()]), TODAY)) == 1


def test_an_expired_waiver_opens_nothing_and_is_told(judged):
    assert ungated_by("go", judged({"bm25": [UNMET, MET]}, [waiver(days=-1)]), TODAY) == [
        "gate: not GO: bm25 (CONDITIONAL)", "gate: waiver 'W1' of kim expired on 2025-02-28",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (waiver(), "waiver 'W1' of kim is not used: recall-at-5 of bm25 is met"),
        (waiver(days=-1), "waiver 'W1' of kim expired on 2025-02-28"),
        (waiver(system="base"), "waiver 'W1' of kim is not used: base is no candidate"),
        (waiver("recall"), "waiver 'W1' of kim is not used: the policy has no criterion recall"),
    ],
)
@pytest.mark.parametrize("gate", ["go", "unproven"])
def test_a_waiver_that_nobody_needs_closes_an_open_gate(judged, gate, given, told):
    found = judged({"bm25": [MET, MET]}, [given])
    assert ungated_by(gate, found, TODAY) == [f"gate: {told}"]
    assert list(wrong(found, TODAY)) == [told]


def test_a_waiver_about_a_part_of_the_run_that_was_left_out_is_not_unused(judged):
    found = judged({"bm25": [MET, MET], "other": []}, [waiver(system="other")])
    assert ungated_by("go", found, TODAY) == []


@pytest.mark.parametrize(
    ("gate", "state", "waived", "through"),
    [
        ("go", MET, False, True), ("go", NOT_APPLICABLE, False, True), ("go", UNPROVEN, False, False),
        ("unproven", UNPROVEN, False, True), ("unproven", UNMET, False, False), ("unproven", NOT_MEASURED, False, False),
        ("go", UNPROVEN, True, True), ("go", RULED_OUT, True, True), ("unproven", NOT_MEASURED, True, True),
    ],
)  # fmt: skip
def test_one_criterion_alone(gate, state, waived, through):
    outcome = Outcome("bm25", "recall-at-5", state, "mrr")
    assert lets_through(gate, outcome, [waiver()] if waived else [], TODAY) is through


def test_what_may_follow_the_word_gate():
    assert (named("go"), named("unproven")) == ("go", "unproven")
    with pytest.raises(ArgumentTypeError) as caught:
        named("benchmarks/")
    assert str(caught.value) == "'benchmarks/' is no gate: write --gate last, --gate=go or --gate=unproven"
