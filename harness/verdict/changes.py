"""What became of a system from one run to another: the same queries before and after, and verdicts that turned."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from harness.statistics.clusters import Labels, Values
from harness.statistics.intervals import CONFIDENCE, ROUNDING
from harness.statistics.paired import Difference, compare, holm
from harness.verdict.outcomes import Decision, Outcome, Verdict

RANKS = (Decision.NO_GO, Decision.INCOMPLETE, Decision.CONDITIONAL, Decision.GO)
"""From the worst: what is proven bad, what is not known, what a person decides, what is proven good."""


@dataclass(frozen=True, slots=True)
class Cell:
    """What is compared: a metric of a system on a ground truth, a document being relevant from grade `level` on."""

    system: str
    ground_truth: str
    level: int
    metric: str


@dataclass(frozen=True, slots=True)
class Paired:
    """The values in [0, 1] of the same queries in both runs, [Q] each; NaN where a query does not count.

    Queries of one label in `clusters` share a source item; None where no two do.
    """

    cell: Cell
    query_ids: tuple[str, ...]
    before: Values
    after: Values
    clusters: Labels | None = None


@dataclass(frozen=True, slots=True)
class Fall:
    """A query that is answered worse than before."""

    query_id: str
    before: float
    after: float


@dataclass(frozen=True, slots=True)
class Change:
    """`difference` is after - before; `before` and `after` are means over the queries that count in both.

    `adjusted` is its `doubt` after Holm over all that was compared; `falls` has the greatest first, ties by query id.
    """

    cell: Cell
    before: float
    after: float
    difference: Difference
    adjusted: float
    falls: tuple[Fall, ...]

    @property
    def same(self) -> bool:
        """Whether every query is answered as well as before."""
        return self.difference.wins == self.difference.losses == 0

    @property
    def worse(self) -> bool:
        """Whether it is proven, at 95 %, to be worse: after Holm, by the test and by the bound of the difference.

        The test alone would call a mere skew worse: see `statistics.paired.randomisation`.
        """
        return self.adjusted <= 1 - CONFIDENCE and self.difference.mean < 0


@dataclass(frozen=True, slots=True)
class Turn:
    """A verdict that is another one now. None: it was judged in one of the runs only."""

    system: str
    before: Decision | None
    after: Decision | None

    @property
    def worse(self) -> bool:
        """Whether less can be said for the system; what is judged no longer has no verdict to rely on."""
        if self.before is None or self.after is None:
            return self.after is None
        return RANKS.index(self.after) < RANKS.index(self.before)


def changes(pairs: Iterable[Paired]) -> list[Change]:
    """One per pair of which any query counts in both runs; together they are the family of Holm's adjustment."""
    told = [(pair, compare(pair.after, pair.before, pair.clusters)) for pair in pairs]
    found = [(pair, difference) for pair, difference in told if difference is not None]
    adjusted = holm(np.array([difference.doubt for _, difference in found]))
    return [_change(*one, float(p)) for one, p in zip(found, adjusted, strict=True)]


def _change(pair: Paired, difference: Difference, adjusted: float) -> Change:
    counting = ~np.isnan(pair.after - pair.before)
    before, after = float(pair.before[counting].mean()), float(pair.after[counting].mean())
    return Change(pair.cell, before, after, difference, adjusted, tuple(sorted(_falls(pair), key=_deepest)))


def _falls(pair: Paired) -> Iterator[Fall]:
    for query_id, before, after in zip(pair.query_ids, pair.before.tolist(), pair.after.tolist(), strict=True):
        if after < before - ROUNDING:  # never true of NaN
            yield Fall(query_id, before, after)


def _deepest(fall: Fall) -> tuple[float, str]:
    return round(fall.after - fall.before, 9), fall.query_id


def turns(before: Sequence[Verdict], after: Sequence[Verdict]) -> list[Turn]:
    """Every verdict that differs, in the order of the runs."""
    was, is_ = ({verdict.system: verdict.decision for verdict in run} for run in (before, after))
    both = (Turn(system, was.get(system), is_.get(system)) for system in {**was, **is_})
    return [turn for turn in both if turn.before != turn.after]


def turned(before: Sequence[Verdict], after: Sequence[Verdict]) -> list[tuple[Outcome, Outcome]]:
    """(before, after) of every criterion that both runs asked of a system and whose state differs."""
    was = {(outcome.system, outcome.criterion): outcome for verdict in before for outcome in verdict.outcomes}
    now = (outcome for verdict in after for outcome in verdict.outcomes)
    both = ((was[key], outcome) for outcome in now if (key := (outcome.system, outcome.criterion)) in was)
    return [(old, new) for old, new in both if old.state != new.state]
