"""Criteria judged one by one, and the verdict that follows. Nothing unmeasured, and nothing unproven, ever passes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from harness.policy import Criterion
from harness.ranking.measures import Metric
from harness.statistics.clusters import Values
from harness.statistics.intervals import ROUNDING, Bounds, apart
from harness.statistics.percentiles import samples_to_keep
from harness.statistics.power import queries_needed, queries_to_prove
from harness.verdict.measurement import Measurement
from harness.verdict.outcomes import Decision, Outcome, State, Verdict


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a judged number was taken from: a value per query, difference per query, or call, [n].

    `bounds` are those of the difference with a baseline; without one the measurement carries its own.
    """

    values: Values
    bounds: Bounds | None = None


def judge(
    criterion: Criterion,
    candidate: Measurement,
    baseline: Measurement | None = None,
    evidence: Evidence | None = None,
    *,
    points: bool = False,
) -> Outcome:
    """What the sample proves, held against the thresholds; with a baseline, of the difference candidate - baseline.

    `points` judges point estimates alone, as if there were no sampling error. Without evidence a difference is
    bounded by the two measurements' own bounds, which is valid and wide.
    """
    blank = _outcome(criterion, candidate.system)
    value, missing = _value(criterion, candidate, baseline)
    if value is None:
        return replace(blank, state=State.NOT_MEASURED, reason=missing)
    bounds = None if points or not candidate.sampled else _bounds(candidate, baseline, evidence)
    state = _by_points(criterion, value) if points or not candidate.sampled else _state(criterion, value, bounds)
    if state is not State.RULED_OUT and (missing := _too_few(criterion, (candidate, baseline))):
        return replace(blank, state=State.NOT_MEASURED, reason=missing)
    more = _more(criterion, candidate, evidence, value) if state is State.UNPROVEN else None
    own, theirs = candidate.value or 0.0, (baseline.value or 0.0 if baseline else 0.0)
    return replace(blank, state=state, value=value, n=candidate.n, bounds=bounds, own=own, theirs=theirs, more=more)


def not_applicable(criterion: Criterion, system: str) -> Outcome:
    """For a system that the criterion's own `when` leaves out."""
    reason = f"asked only of systems that are {criterion.when}"
    return replace(_outcome(criterion, system), state=State.NOT_APPLICABLE, reason=reason)


def not_asked(criterion: Criterion, system: str) -> Outcome:
    """For a criterion that this run left out."""
    return replace(_outcome(criterion, system), reason="not asked in this run")


def decide(system: str, policy: str, outcomes: Sequence[Outcome]) -> Verdict:
    """NO-GO if anything is ruled out; else INCOMPLETE if anything is not measured; else GO if all is met.

    Where no criterion applies nothing was proven, which is INCOMPLETE and never GO.
    """
    states = {outcome.state for outcome in outcomes}
    if State.RULED_OUT in states:
        decision = Decision.NO_GO
    elif State.NOT_MEASURED in states:
        decision = Decision.INCOMPLETE
    elif states & {State.UNMET, State.UNPROVEN}:
        decision = Decision.CONDITIONAL
    else:
        decision = Decision.GO if State.MET in states else Decision.INCOMPLETE
    return Verdict(system, policy, decision, tuple(outcomes))


def _outcome(criterion: Criterion, system: str) -> Outcome:
    """What the criterion itself says; the state is what nobody has looked at yet."""
    return Outcome(
        system,
        criterion.id,
        State.NOT_MEASURED,
        criterion.metric,
        criterion.ground_truth or "",
        go=criterion.go_value,
        no_go=criterion.no_go_value,
        baseline=criterion.baseline or "",
    )


def _value(criterion: Criterion, candidate: Measurement, baseline: Measurement | None) -> tuple[float | None, str]:
    """The judged number, or None and what is missing."""
    if criterion.baseline and baseline is None:
        return None, f"nothing is known of {criterion.baseline}"
    if baseline is not None and baseline.system == candidate.system:
        return None, f"{candidate.system} cannot be compared with itself"
    if missing := _missing(candidate):
        return None, missing
    if baseline is not None and (missing := _missing(baseline)):
        return None, f"{baseline.system}: {missing}"
    if baseline is None and candidate.ceiling is not None and _rounded(candidate.ceiling) < criterion.go_value:
        return None, f"not measurable on this ground truth: a perfect ranking reaches {candidate.ceiling:.3f}"
    return _rounded((candidate.value or 0.0) - (baseline.value or 0.0 if baseline else 0.0)), ""


def _missing(row: Measurement) -> str:
    """Why a row cannot be judged; "" where it can. Rows may be written by hand: 85.2 is no hit rate."""
    if row.value is None or row.struck:
        return row.reason or row.struck
    measure, ends = Metric.parse(row.metric).measure, row.bounds
    if not measure.low <= row.value <= measure.high:
        return f"{row.value:g} cannot be: it lies in {measure.low:g} to {measure.high:g}"
    if row.n < 1:
        return f"a value of {row.n:,} samples cannot be"
    if ends and not ends.at_least - ROUNDING <= row.value <= ends.at_most + ROUNDING:
        return f"its bounds cannot be: {row.value:g} lies outside {ends.at_least:g} to {ends.at_most:g}"
    return ""


def _too_few(criterion: Criterion, rows: Iterable[Measurement | None]) -> str:
    """Fewer samples than the criterion asks for prove nothing good; what they prove bad stays proven."""
    counts = [row.n for row in rows if row is not None and row.n < criterion.at_least]
    return f"{counts[0]:,} samples; the criterion asks for at least {criterion.at_least:,}" if counts else ""


def _rounded(value: float) -> float:
    """As thresholds are: 0.75 - 0.80 is -5 %, and four fifths of the queries are 80 %, whatever the last bit."""
    return round(value, 12)


def _bounds(candidate: Measurement, baseline: Measurement | None, evidence: Evidence | None) -> Bounds | None:
    """What is proven of the judged number; None where nothing is."""
    if baseline is None:
        return candidate.bounds
    if evidence is not None and evidence.bounds is not None:
        return evidence.bounds
    if candidate.bounds is None or baseline.bounds is None:
        return None
    return apart(candidate.bounds, baseline.bounds)


def _clears(criterion: Criterion, value: float) -> bool:
    return criterion.sign * value >= criterion.sign * criterion.go_value


def _by_points(criterion: Criterion, value: float) -> State:
    """As if there were no sampling error, which of counts and peaks is true."""
    if _clears(criterion, value):
        return State.MET
    no_go = criterion.no_go_value
    return State.RULED_OUT if no_go is not None and criterion.sign * (value - no_go) < 0 else State.UNMET


def _state(criterion: Criterion, value: float, bounds: Bounds | None) -> State:
    """The one-sided 95 % bounds gate: the pessimistic one proves `go`, the optimistic one refutes `no_go`."""
    if bounds is None:
        return State.UNPROVEN if _clears(criterion, value) else State.UNMET
    better, no_go = criterion.sign > 0, criterion.no_go_value
    pessimistic, optimistic = (bounds.at_least, bounds.at_most) if better else (bounds.at_most, bounds.at_least)
    if _clears(criterion, value):
        return State.MET if _clears(criterion, _rounded(pessimistic)) else State.UNPROVEN
    refuted = no_go is not None and criterion.sign * (optimistic - no_go) < 0
    return State.RULED_OUT if refuted else State.UNMET


def _more(criterion: Criterion, candidate: Measurement, evidence: Evidence | None, value: float) -> int | None:
    """How many samples beyond these would prove it if they went on alike; None where nobody can tell."""
    enough = _shares(criterion, value) if evidence is None else _alike(criterion, evidence.values, value)
    return enough - candidate.n if enough is not None and enough > candidate.n else None


def _shares(criterion: Criterion, value: float) -> int | None:
    """Of an accuracy, which is a mean of values in [0, 1], nothing else has to be known."""
    known = criterion.baseline is None and criterion.parsed.measure.kind == "accuracy"
    return queries_needed(value, criterion.go_value) if known else None


def _alike(criterion: Criterion, values: Values, value: float) -> int | None:
    measure, bar = criterion.parsed.measure, criterion.go_value
    if measure.percentile is not None:
        return samples_to_keep(float(np.mean(values > bar)), measure.percentile)
    if criterion.baseline is None and measure.name == "hit":
        return queries_needed(value, bar)
    return queries_to_prove(values, bar, least=-1.0 if criterion.baseline else 0.0)
