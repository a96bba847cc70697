"""The gate: what it lets through, and why it stays shut."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from harness.config import Waiver
from harness.report.results import Results
from harness.session.wishes import Gate
from harness.verdict.outcomes import Outcome, State, Verdict
from harness.verdict.waivers import fault, faults, standing

NOBODY = "gate: no candidate was judged, so nothing can be GO"


def ungated_by(gate: Gate, results: Results, today: date) -> list[str]:
    """Every reason why the gate stays shut. A gate that judged nobody is none."""
    judged = results.verdicts
    if not judged:
        return [NOBODY]
    held = [
        f"{verdict.system} ({verdict.decision})" for verdict in judged if not _passes(gate, verdict, results, today)
    ]
    told = [f"gate: not {'GO' if gate == 'go' else 'GO or merely unproven'}: {', '.join(held)}"] if held else []
    return told + [f"gate: {fault}" for fault in wrong(results, today)]


def waived(results: Results, today: date) -> Iterator[str]:
    """Who answers for what does not pass."""
    for outcome in results.outcomes:
        waiver = None if outcome.state.passes else standing(results.waivers, outcome, today)
        if waiver is not None:
            what = f"{waiver.criterion} of {waiver.system}"
            yield f"waived: {what}, for which {waiver.owner} answers until {waiver.expires}: {waiver.reason}"


def wrong(results: Results, today: date) -> Iterator[str]:
    """What is wrong with the waivers themselves."""
    return faults(results.waivers, results.outcomes, *_there(results), today)


def standings(results: Results, today: date) -> Iterator[tuple[Waiver, str]]:
    """Each waiver with what is wrong with it; "" where it holds."""
    for waiver in results.waivers:
        yield waiver, fault(waiver, results.outcomes, *_there(results), today)


def _there(results: Results) -> tuple[set[str], set[str]]:
    """Candidates and criteria: what a waiver can be about."""
    candidates = {name for name, system in results.systems.items() if system.role == "candidate"}
    return candidates, {criterion.id for criterion in results.policy.criterion}


def lets_through(gate: Gate, outcome: Outcome, waivers: Sequence[Waiver], today: date) -> bool:
    """Whether one criterion keeps nobody out: it passes, is merely unproven where that is enough, or is waived."""
    if outcome.state.passes or (gate == "unproven" and outcome.state is State.UNPROVEN):
        return True
    return standing(waivers, outcome, today) is not None


def _passes(gate: Gate, verdict: Verdict, results: Results, today: date) -> bool:
    """A candidate to which no criterion applies has proven nothing."""
    if all(outcome.state is State.NOT_APPLICABLE for outcome in verdict.outcomes):
        return False
    return all(lets_through(gate, outcome, results.waivers, today) for outcome in verdict.outcomes)
