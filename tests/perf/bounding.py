"""What the harness proves of many simulated runs at once: a column each."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
from worlds import Labels, Values

from harness.statistics.bootstrap import guarded, percentile_intervals, proofs, resampled_means
from harness.statistics.intervals import Bounds, exact
from harness.statistics.paired import compare

HAIR = 1e-9
"""How far above the truth the bar stands: the worst place for it, where GO is just false."""
AT_ONCE = 250
"""Runs that one call bounds together, one column each: quick, and small enough for the memory."""
REPLAYED = 2
"""Runs of a cell that go through `paired` or `choose` themselves, which do one at a time, and more than is asked."""
Flags = npt.NDArray[np.bool_]


def bounded(values: Values, labels: Labels | None = None, least: float = 0.0) -> list[Bounds]:
    """What `guarded` proves of every column."""
    starts = range(0, values.shape[1], AT_ONCE)
    parts = [guarded(values[:, start : start + AT_ONCE], labels, least=least) for start in starts]
    return [bounds for part in parts for bounds in part if bounds is not None]


def compared(values: Values, labels: Labels | None = None) -> list[Bounds]:
    """What `compare` proves of every column of differences: bounded together, and the first ones by itself, too."""
    bounds = bounded(values, labels, least=-1.0)
    for column in range(REPLAYED):
        found = compare(values[:, column], np.zeros(len(values)), labels)
        if found is None or abs(found.bounds.at_least - bounds[column].at_least) > HAIR:
            raise SystemExit("paired.compare does not bound a difference as bootstrap.guarded does")
    return bounds


def doubted(values: Values) -> Values:
    """The p of the bound of every column of differences, as `proofs` has it."""
    starts = range(0, values.shape[1], AT_ONCE)
    parts = [proofs(values[:, start : start + AT_ONCE]) for start in starts]
    return np.array([proof.p for part in parts for proof in part if proof is not None])


def bootstrapped(values: Values) -> list[Bounds]:
    """What the percentile bootstrap would say of every column."""
    found = []
    for start in range(0, values.shape[1], AT_ONCE):
        means = resampled_means(values[:, start : start + AT_ONCE])
        ends = np.quantile(means, [0.05, 0.95], axis=0).T.tolist()
        both = [interval for interval in percentile_intervals(means) if interval is not None]
        found += [Bounds(*one, two.low, two.high) for one, two in zip(ends, both, strict=True)]
    return found


def summed(values: Values) -> list[Bounds]:
    """What is proven of every column where only its sum and n are known."""
    pairs = zip(np.nansum(values, axis=0), np.count_nonzero(~np.isnan(values), axis=0), strict=True)
    return [bounds for total, n in pairs if (bounds := exact(float(total), int(n))) is not None]


def proving(bounds: Iterable[Bounds], bar: float) -> Flags:
    return np.array([each.proves(bar) for each in bounds])


def covering(bounds: Iterable[Bounds], truth: float) -> Flags:
    return np.array([each.low - HAIR <= truth <= each.high + HAIR for each in bounds])
