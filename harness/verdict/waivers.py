"""Waivers: somebody answers for a criterion that is not met. The exit status changes, the verdict does not."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence
from datetime import date

from harness.config import Waiver
from harness.verdict.outcomes import Outcome


def standing(waivers: Iterable[Waiver], outcome: Outcome, today: date) -> Waiver | None:
    """The waiver under which an outcome that does not pass is let through; None where nobody answers for it."""
    about = (waiver for waiver in waivers if (waiver.system, waiver.criterion) == (outcome.system, outcome.criterion))
    return next((waiver for waiver in about if waiver.expires >= today), None)


def fault(
    waiver: Waiver, outcomes: Iterable[Outcome], names: Container[str], criteria: Container[str], today: date
) -> str:
    """What is wrong with a waiver: expired, about nothing there is, or no longer needed; "" where it holds.

    `names` are the candidates and `criteria` the policy's. Of what was left out of this run nothing is said.
    """
    if waiver.expires < today:
        return f"expired on {waiver.expires}"
    if waiver.system not in names:
        return f"is not used: {waiver.system} is no candidate"
    if waiver.criterion not in criteria:
        return f"is not used: the policy has no criterion {waiver.criterion}"
    judged = {(outcome.system, outcome.criterion): outcome.state for outcome in outcomes}
    state = judged.get((waiver.system, waiver.criterion))
    passes = state is not None and state.passes
    return f"is not used: {waiver.criterion} of {waiver.system} is {state}" if passes else ""


def faults(
    waivers: Sequence[Waiver], outcomes: Iterable[Outcome], names: Container[str], criteria: Container[str], today: date
) -> Iterator[str]:
    """What is wrong with any of them, each in a sentence that names who is to mend it."""
    known = list(outcomes)
    for waiver in waivers:
        if wrong := fault(waiver, known, names, criteria, today):
            yield f"waiver {waiver.id!r} of {waiver.owner} {wrong}"
