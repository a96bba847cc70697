"""How many queries a proof takes: the hits that prove or refute a bar, and the queries that would."""

from __future__ import annotations

from bisect import bisect_left

import numpy as np
from scipy.special import bdtrc, bdtrik

from harness.statistics.clusters import SEED, Values
from harness.statistics.intervals import CONFIDENCE, ROUNDING, lower, upper

MOST = 100_000
"""More queries than anyone will judge: what takes more is out of reach."""

POWER = 0.8
DRAWS = 2_000
TAIL = 1 - CONFIDENCE


def hits_needed(n: int, bar: float) -> int | None:
    """The fewest hits of n that prove a hit rate >= bar; None where not even n of n do.

    For who plans a query set, as are `hits_refuting`, `chance_of_proof` and `queries_for_power`; no verdict
    asks for them, docs/statistics.md has tables of them.
    """
    hits = bisect_left(range(n + 1), x=True, key=lambda hits: lower(hits, n, TAIL) >= bar)
    return hits if hits <= n else None


def hits_refuting(n: int, bar: float) -> int | None:
    """The most hits of n that prove a hit rate < bar; None where not even 0 of n do."""
    refuting = bisect_left(range(n + 1), x=True, key=lambda hits: upper(hits, n, TAIL) >= bar)
    return refuting - 1 if refuting else None


def queries_needed(score: float, bar: float) -> int | None:
    """The fewest queries whose mean proves the bar if it stays at `score`; None where `MOST` would not do.

    By the bound of `intervals.exact`, so for every mean of values in [0, 1]. New queries will not score
    exactly the same: who judges that many succeeds about half of the time. See `queries_for_power`.
    """
    n = 1 + bisect_left(range(1, MOST + 1), x=True, key=lambda n: lower(score * n, n, TAIL) >= bar)
    return n if n <= MOST else None


def chance_of_proof(n: int, truth: float, bar: float) -> float:
    """The chance that n queries prove a hit rate >= bar of a system whose true hit rate is `truth`."""
    hits = hits_needed(n, bar)
    return 0.0 if hits is None else float(bdtrc(hits - 1, n, truth))


def queries_for_power(truth: float, bar: float, power: float = POWER) -> int | None:
    """The fewest queries that prove a hit rate >= bar with a chance of `power`; None: beyond `MOST`.

    Exact for hits: the binomial tail at `truth` beyond what Clopper & Pearson's bound needs. For means of
    values that vary less it is more than enough.
    """
    if truth <= bar:
        return None
    start = 1
    while start <= MOST:
        n = np.arange(start, min(2 * start, MOST + 1))
        # The bar is proven by k hits where fewer than k have a chance of 95 % at the bar itself.
        too_few = np.ceil(bdtrik(CONFIDENCE, n, bar))
        enough = np.flatnonzero(bdtrc(too_few, n, truth) >= power)
        if enough.size:
            return int(n[enough[0]])
        start *= 2
    return None


def queries_to_prove(values: Values, bar: float, *, least: float = 0.0, seed: int = SEED) -> int | None:
    """About how many queries prove a mean >= bar if they go on like these, [Q]; no value is below `least`.

    A difference has -1 for its least, and a margin below the other for its bar.

    By the bound of `bootstrap.guarded`: N queries like these n are each of them N / n times, and the sum of
    that many exponential weights is a gamma weight, one for all queries of equal value. None where `MOST`
    would not do, or nothing counts.
    """
    levels, counts = np.unique(values[~np.isnan(values)], return_counts=True)
    if not levels.size or levels @ counts < (bar - ROUNDING) * counts.sum():
        return None
    shares = counts / counts.sum()
    n = 1 + bisect_left(range(1, MOST + 1), x=True, key=lambda n: _worst(levels, n * shares, least, seed) >= bar)
    return n if n <= MOST else None


def _worst(levels: Values, counts: Values, least: float, seed: int) -> float:
    """The bound of `bootstrap.guarded` for so many queries, a fraction too, at each level, [L] each."""
    rng = np.random.default_rng(seed)
    weights = rng.standard_gamma(counts, (DRAWS, len(counts)))
    unseen = rng.standard_exponential(DRAWS)
    means = (weights @ levels + least * unseen) / (weights.sum(axis=1) + unseen)
    return float(np.quantile(means, TAIL))
