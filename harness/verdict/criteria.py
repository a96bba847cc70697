"""Criteria judged one by one, and the verdict that follows. Nothing unmeasured ever passes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from harness.policy import Criterion
from harness.ranking.units import shown, shown_apart
from harness.verdict.measurement import Measurement


class State(StrEnum):
    """What is known of one criterion. Only MET and NOT_APPLICABLE let a system pass."""

    MET = "met"
    UNMET = "unmet"
    RULED_OUT = "ruled out"
    NOT_MEASURED = "not measured"
    NOT_APPLICABLE = "not applicable"

    @property
    def passes(self) -> bool:
        return self in (State.MET, State.NOT_APPLICABLE)


class Decision(StrEnum):
    """The answer for one candidate."""

    GO = "GO"
    CONDITIONAL = "CONDITIONAL"
    NO_GO = "NO-GO"
    INCOMPLETE = "INCOMPLETE"


@dataclass(frozen=True, slots=True)
class Outcome:
    """A criterion's state for one system, with the sentence that explains it."""

    system: str
    criterion: str
    state: State
    sentence: str
    value: float | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """The decision for one candidate and the outcomes it follows from."""

    system: str
    policy: str
    decision: Decision
    outcomes: tuple[Outcome, ...]

    def why(self) -> str:
        """The outcomes that stand between the system and GO: in the policy's order, each state said once."""
        open_ends: dict[State, list[str]] = {}
        for outcome in self.outcomes:
            if not outcome.state.passes:
                open_ends.setdefault(outcome.state, []).append(outcome.criterion)
        nothing = "every criterion is met" if self.decision is Decision.GO else "no criterion applies"
        return "; ".join(f"{', '.join(ids)} {state}" for state, ids in open_ends.items()) or nothing


def judge(criterion: Criterion, candidate: Measurement, baseline: Measurement | None = None) -> Outcome:
    """Point estimates against the thresholds; with a baseline, the difference candidate - baseline."""
    value, missing = _value(criterion, candidate, baseline)
    if value is None:
        return Outcome(candidate.system, criterion.id, State.NOT_MEASURED, f"{criterion.metric}: {missing}")
    state = _state(criterion, value)
    sentence = _sentence(criterion, candidate, baseline, value, state)
    return Outcome(candidate.system, criterion.id, state, sentence, value)


def not_applicable(criterion: Criterion, system: str) -> Outcome:
    """For a system that the criterion's own `when` leaves out."""
    sentence = f"{criterion.metric}: asked only of systems that are {criterion.when}"
    return Outcome(system, criterion.id, State.NOT_APPLICABLE, sentence)


def not_asked(criterion: Criterion, system: str) -> Outcome:
    """For a criterion that this run left out."""
    return Outcome(system, criterion.id, State.NOT_MEASURED, f"{criterion.metric}: not asked in this run")


def decide(system: str, policy: str, outcomes: Sequence[Outcome]) -> Verdict:
    """NO-GO if anything is ruled out; else INCOMPLETE if anything is not measured; else GO if all is met.

    Where no criterion applies nothing was proven, which is INCOMPLETE and never GO.
    """
    states = {outcome.state for outcome in outcomes}
    if State.RULED_OUT in states:
        decision = Decision.NO_GO
    elif State.NOT_MEASURED in states:
        decision = Decision.INCOMPLETE
    elif State.UNMET in states:
        decision = Decision.CONDITIONAL
    else:
        decision = Decision.GO if State.MET in states else Decision.INCOMPLETE
    return Verdict(system, policy, decision, tuple(outcomes))


def _value(criterion: Criterion, candidate: Measurement, baseline: Measurement | None) -> tuple[float | None, str]:
    """The judged number, or None and what is missing."""
    if baseline is not None and baseline.system == candidate.system:
        return None, f"{candidate.system} cannot be compared with itself"
    for row in (candidate, baseline):
        if row is None:
            continue
        if row.value is None:
            return None, f"{row.system}: {row.reason}" if row is baseline else row.reason
        if row.n < criterion.at_least:
            return None, f"{row.n:,} samples; the criterion asks for at least {criterion.at_least:,}"
    if baseline is None and candidate.ceiling is not None and _rounded(candidate.ceiling) < criterion.go_value:
        return None, f"not measurable on this ground truth: a perfect ranking reaches {candidate.ceiling:.3f}"
    return _rounded((candidate.value or 0.0) - (baseline.value or 0.0 if baseline else 0.0)), ""


def _rounded(value: float) -> float:
    """As thresholds are: 0.75 - 0.80 is -5 %, and four fifths of the queries are 80 %, whatever the last bit."""
    return round(value, 12)


def _state(criterion: Criterion, value: float) -> State:
    sign, no_go = criterion.sign, criterion.no_go_value
    if sign * value >= sign * criterion.go_value:
        return State.MET
    return State.RULED_OUT if no_go is not None and sign * value < sign * no_go else State.UNMET


def _sentence(
    criterion: Criterion, candidate: Measurement, baseline: Measurement | None, value: float, state: State
) -> str:
    """ "recall@5 on labels is 0.612 (n = 100): unmet, needs >= 0.800"."""
    where = f" on {candidate.ground_truth}" if candidate.ground_truth else ""
    number, go = shown_apart(value, criterion.go_value, candidate.unit)
    bound = f"needs {'>=' if criterion.sign > 0 else '<='} {go}"
    if state is State.RULED_OUT and criterion.no_go_value is not None:
        no_go = shown_apart(value, criterion.no_go_value, candidate.unit)[1]
        bound += f", and {'<' if criterion.sign > 0 else '>'} {no_go} is no-go"
    if baseline:
        both = [shown(row.value or 0.0, row.unit, 1) for row in (candidate, baseline)]
        number = f"{both[0]} minus {baseline.system}'s {both[1]} = {shown(value, candidate.unit, 1)}"
    return f"{criterion.metric}{where} is {number} (n = {candidate.n:,}): {state}, {bound}"
