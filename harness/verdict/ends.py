"""Bounds that cannot be: what a sample proves of a value lies around that value, and in order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from math import isfinite

from harness.verdict.arithmetic import EXACT, TOLERANCE, Contradiction
from harness.verdict.measurement import Measurement


def misplaced(rows: Iterable[Measurement]) -> list[Contradiction]:
    """Every row whose bounds contradict each other or its value, which is right within half its own last digit."""
    told = ((row, sentence) for row in dict.fromkeys(rows) for sentence in _crossed(row))
    return [Contradiction(row.system, row.ground_truth, sentence, (row,)) for row, sentence in told]


def _crossed(row: Measurement) -> Iterator[str]:
    if row.bounds is None or row.value is None or not isfinite(row.value):
        return
    ends = row.bounds
    slack, value = _slack(row, row.value), ("its value", row.value)
    pairs = (
        (("at_least", ends.at_least), value),
        (value, ("at_most", ends.at_most)),
        (("low", ends.low), value),
        (value, ("high", ends.high)),
    )
    for (lesser, less), (greater, more) in pairs:
        if not less <= more + slack:  # NaN is no bound either
            yield f"{row.metric}: {lesser} {less:.9g} is above {greater} {more:.9g}"


def _slack(row: Measurement, value: float) -> float:
    half = float(Decimal(1).scaleb(int(Decimal(str(value)).as_tuple().exponent))) / 2
    return max(half if row.unit else min(half, TOLERANCE), EXACT * max(1.0, abs(value)))
