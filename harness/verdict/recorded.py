"""Rows that somebody else wrote down, judged without running anything: by what their values and counts alone prove."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import inf

from harness.data.model import Provenance
from harness.policy import Criterion
from harness.ranking.measures import Metric
from harness.statistics.intervals import CONFIDENCE, Bounds, exact
from harness.statistics.percentiles import rank_above, rank_below
from harness.verdict.arithmetic import TOLERANCE
from harness.verdict.audit import declared
from harness.verdict.criteria import Evidence, judge
from harness.verdict.measurement import Measurement
from harness.verdict.outcomes import Outcome

TAIL = 1 - CONFIDENCE
UNRECORDED = "nothing is recorded of it"

Percentiles = Mapping[tuple[object, ...], Sequence[Measurement]]
"""The percentiles of one distribution, by what they have in common."""


def bounded(rows: Iterable[Measurement]) -> list[Measurement]:
    """The rows; one that came without bounds gets those that follow from what is recorded, if any do.

    Accuracy gets the exact bounds of a mean in [0, 1], which are the widest that any n values could have; they hold
    where the queries are independent. Of a hit rate that was rounded (0.852 of 61) the count is restored. A
    percentile is bounded by others of the same calls: the p99 of 100 calls is no less than the 99th smallest,
    and that proves the p95.
    """
    rows = list(rows)
    percentiles: dict[tuple[object, ...], list[Measurement]] = defaultdict(list)
    for row in rows:
        if Metric.parse(row.metric).measure.percentile is not None and row.value is not None:
            percentiles[_distribution(row)].append(row)
    return [_completed(row, percentiles) for row in rows]


def audited(rows: Iterable[Measurement], provenances: Mapping[str, Provenance]) -> list[Measurement]:
    """The rows, accuracy struck out where its ground truth was picked from the system's own results."""
    return [replace(row, struck=row.struck or _struck(row, provenances)) for row in rows]


@dataclass(frozen=True)
class Recording:
    """Everything that is known of some systems. `levels` holds each ground truth's own level, where one is known."""

    rows: Sequence[Measurement]
    levels: Mapping[str, int]

    def outcome(
        self, criterion: Criterion, system: str, evidence: Evidence | None = None, *, points: bool = False
    ) -> Outcome:
        """The criterion's state for a system; nothing is measured for it, its baseline neither."""
        baseline = self.measurement(criterion, criterion.baseline) if criterion.baseline else None
        return judge(criterion, self.measurement(criterion, system), baseline, evidence, points=points)

    def measurement(self, criterion: Criterion, system: str) -> Measurement:
        """The row that a criterion asks for; without a value, and with the reason, where not one value is recorded."""
        truth, level = criterion.ground_truth or "", self.level(criterion)
        asked = (system, criterion.metric, truth, "all", "")
        found = [row for row in self.rows if _cell(row) == asked and level in (None, row.level)]
        blank = Measurement(system, criterion.metric, None, 0, ground_truth=truth, level=level)
        known = [row for row in found if row.value is not None]
        if not known:
            return replace(blank, reason=next((row.reason for row in found), "") or UNRECORDED)
        if len(values := dict.fromkeys(f"{row.value:.9g}" for row in known)) > 1:
            return replace(blank, reason=f"recorded as {' and '.join(values)}: one cell has one value")
        return min(known, key=lambda row: row.n)

    def level(self, criterion: Criterion) -> int | None:
        """The grade from which a document counts; None where neither the criterion nor its ground truth says."""
        return criterion.relevance or self.levels.get(criterion.ground_truth or "")


def _cell(row: Measurement) -> tuple[str, ...]:
    return row.system, row.metric, row.ground_truth, row.stratum, row.scenario


def _distribution(row: Measurement) -> tuple[object, ...]:
    stage = row.metric.rpartition("-p")[0]
    return row.system, stage, row.dataset, row.stratum, row.scenario, row.n


def _completed(row: Measurement, percentiles: Percentiles) -> Measurement:
    measure = Metric.parse(row.metric).measure
    if row.value is None or row.bounds is not None:
        return row
    if measure.percentile is not None:
        return replace(row, bounds=_between(row.n, measure.percentile, percentiles[_distribution(row)]))
    if measure.kind == "accuracy" and 0 <= row.value <= 1:
        total = row.value * row.n
        if measure.name == "hit" and row.n and abs(total - round(total)) <= TOLERANCE * row.n:
            total = round(total)
            row = replace(row, value=total / row.n)
        return replace(row, bounds=exact(total, row.n))
    return row


def _between(n: int, p: float, known: Sequence[Measurement]) -> Bounds | None:
    """What recorded percentiles of the same n samples prove of the p-th; None for nothing."""
    ends = (
        _least(n, rank_below(n, p), known),
        _most(n, rank_above(n, p), known),
        _least(n, rank_below(n, p, TAIL / 2), known),
        _most(n, rank_above(n, p, TAIL / 2), known),
    )
    return Bounds(*ends) if any(abs(end) < inf for end in ends) else None


def _least(n: int, rank: int | None, known: Sequence[Measurement]) -> float:
    """The highest recorded value that is no higher than the sample of this rank."""
    lower = (_value(row) for row in known if rank is not None and -(-_places(n, row)[1] // 100) <= rank)
    return max(lower, default=-inf)


def _most(n: int, rank: int | None, known: Sequence[Measurement]) -> float:
    """The lowest recorded value that is no lower than the sample of this rank."""
    higher = (_value(row) for row in known if rank is not None and _places(n, row)[0] // 100 >= rank)
    return min(higher, default=inf)


def _places(n: int, row: Measurement) -> tuple[int, int]:
    """A hundred times the lowest and the highest rank at which a library may have put a percentile.

    Of the nine kinds of Hyndman & Fan (1996) the fourth interpolates at n p, the lowest place; the sixth at (n + 1) p
    and the seventh, which most libraries take, at (n - 1) p + 1 are the highest. The nearest rank lies between.
    """
    p = Metric.parse(row.metric).measure.percentile or 0
    return n * p, n * p + max(p, 100 - p)


def _value(row: Measurement) -> float:
    return row.value or 0.0


def _struck(row: Measurement, provenances: Mapping[str, Provenance]) -> str:
    known = row.ground_truth in provenances and Metric.parse(row.metric).measure.kind == "accuracy"
    return declared(provenances[row.ground_truth], _beginnings(row.system)) if known else ""


def _beginnings(system: str) -> set[str]:
    """A system and what it may have begun with: a recorded name does not say which of its parts is a reranker."""
    parts = system.split("+")
    return {"+".join(parts[:count]) for count in range(1, len(parts) + 1)}
