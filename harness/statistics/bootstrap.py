"""Intervals of means by weighing the queries anew, all systems and metrics in one matrix product."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from harness.statistics.clusters import RESAMPLES, SEED, Labels, Sums, Values, by_cluster
from harness.statistics.intervals import CONFIDENCE, Bounds, check_within


@dataclass(frozen=True, slots=True)
class Interval:
    """A two-sided 95 % interval."""

    low: float
    high: float


def resampled_means(
    values: Values, clusters: Labels | None = None, *, resamples: int = RESAMPLES, seed: int = SEED
) -> Values:
    """The means [resamples, S] of values [Q, S] over queries (clusters) drawn with replacement (Efron 1979).

    The queries drawn are the same in every column, so the difference of two columns is the resampled
    difference of two systems. NaN where nothing that counts was drawn.
    """
    rng = np.random.default_rng(seed)
    sums = by_cluster(values, clusters)
    return np.concatenate([_drawn_means(rng, size, sums) for size in sums.blocks(resamples)])


def _drawn_means(rng: np.random.Generator, size: int, sums: Sums) -> Values:
    n = len(sums)
    drawn = rng.integers(0, n, (size, n)) if n else np.zeros((size, 0), np.int64)
    # Cell (resample, cluster) has one number, so one flat count serves the whole block.
    cells = drawn + n * np.arange(size)[:, None]
    weights = np.bincount(cells.ravel(), minlength=size * n).reshape(size, n).astype(np.float64)
    counts = weights @ sums.counts
    means: Values = (weights @ sums.totals) / np.where(counts > 0, counts, np.nan)
    return means


def percentile_intervals(means: Values) -> list[Interval | None]:
    """The percentile interval (Efron & Tibshirani 1993, 13.3) of each column of resampled means, or None.

    It is what most papers show, and too narrow for few queries. Coverage of the nominal 95 %, simulated: for
    hits at 0.95, 74 % at n = 27 and 82 % at n = 61; for recall with rare zeros, 86 % at n = 27 (BCa and
    bootstrap-t do no better there: 73 % and 83 %). Its lower end as a gate: 5 to 26 % false GO at n = 27.
    See `guarded`.
    """
    tail = (1 - CONFIDENCE) / 2
    ends = zip(_quantiles(means, tail), _quantiles(means, 1 - tail), strict=True)
    return [None if np.isnan(low) else Interval(float(low), float(high)) for low, high in ends]


def guarded(
    values: Values,
    clusters: Labels | None = None,
    *,
    least: float = 0.0,
    most: float = 1.0,
    resamples: int = RESAMPLES,
    seed: int = SEED,
) -> list[Bounds | None]:
    """Bounds of the mean of each column of values [Q, S] in [least, most]; None where none counts.

    The queries get random weights that add up to 1 (exponential draws, as in the Bayesian bootstrap of Rubin
    1981), and one more query takes part, unseen: as bad as can be for a lower bound, as good as can be for an
    upper one. That is the bound of Gaffke (2005); see Phan, Thomas & Learned-Miller (2021). For hits it is
    Clopper & Pearson's. No proof for every distribution is known, and no counterexample.

    Simulated at n = 27, 61, 200 over 18 distributions of hits, recall, MRR and nDCG: the one-sided bound is
    above the truth in at most 4.2 %, and the interval covers it in at least 95.5 %; for nDCG it is half as
    wide as that of `intervals.exact`. Clusters are weighted whole, and the unseen one is of average size: in
    54 clustered cells (pairs, threes, uneven) at most 5.4 %, at least 94.9 %, standard error 0.7.

    Raises HarnessError for a value outside [least, most].
    """
    check_within(values, least, most)
    rng = np.random.default_rng(seed)
    sums = by_cluster(values, clusters)
    blocks = [_weighted_means(rng, size, sums, least, most) for size in sums.blocks(resamples)]
    pessimistic, optimistic = (np.concatenate(side) for side in zip(*blocks, strict=True))
    tail = 1 - CONFIDENCE
    ends = (
        _quantiles(pessimistic, tail),
        _quantiles(optimistic, 1 - tail),
        _quantiles(pessimistic, tail / 2),
        _quantiles(optimistic, 1 - tail / 2),
    )
    return [None if np.isnan(end[0]) else Bounds(*map(float, end)) for end in zip(*ends, strict=True)]


def _weighted_means(
    rng: np.random.Generator, size: int, sums: Sums, least: float, most: float
) -> tuple[Values, Values]:
    weights = rng.standard_exponential((size, len(sums) + 1))
    members = np.count_nonzero(sums.counts, axis=0)
    average = sums.counts.sum(axis=0) / np.where(members > 0, members, np.nan)
    unseen = weights[:, -1:] * average
    totals, counts = weights[:, :-1] @ sums.totals, weights[:, :-1] @ sums.counts + unseen
    return (totals + unseen * least) / counts, (totals + unseen * most) / counts


def _quantiles(means: Values, q: float) -> Values:
    """The q-th quantile of each column's values that are not NaN, [S]; NaN where there is none."""
    if not np.isnan(means).any():
        return np.asarray(np.quantile(means, q, axis=0), np.float64)
    columns = [column[~np.isnan(column)] for column in means.T]
    return np.array([np.quantile(column, q) if column.size else np.nan for column in columns])
