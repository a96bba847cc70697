"""Percentiles with bounds that hold for every distribution: the bounds are order statistics of the samples.

Between the r-th smallest of n independent samples and the true percentile stands nothing but a binomial count
(David & Nagaraja 2003, Order Statistics, 7.1; Hahn & Meeker 1991, Statistical Intervals, 5.2).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import bdtr, bdtrc

from harness.statistics.intervals import CONFIDENCE, Bounds

MOST = 100_000
STEP = 1.05
"""How coarsely the number of samples is looked for."""


@dataclass(frozen=True, slots=True)
class Percentile:
    """A nearest-rank percentile of n samples, in their unit, with what they prove about the true one.

    A bound is infinite where n samples are too few for one: no sample lies far enough out.
    """

    value: float
    n: int
    bounds: Bounds


def percentile(samples: npt.NDArray[np.float64], p: float) -> Percentile | None:
    """The p-th percentile (0 < p < 100) of independent samples [n] and what they prove; None of none."""
    n = len(samples)
    if n == 0:
        return None
    # Where there is no rank, infinity stands at the place that the rank would have had.
    ordered = np.concatenate([[-math.inf], np.sort(samples), [math.inf]])
    tail = 1 - CONFIDENCE
    ranks = (
        rank_below(n, p) or 0,
        rank_above(n, p) or n + 1,
        rank_below(n, p, tail / 2) or 0,
        rank_above(n, p, tail / 2) or n + 1,
    )
    return Percentile(float(ordered[nearest_rank(n, p)]), n, Bounds(*(float(ordered[rank]) for rank in ranks)))


def nearest_rank(n: int, p: float) -> int:
    """The rank, from 1, of the smallest of n samples that at least p % of them do not exceed."""
    return max(math.ceil(p * n / 100), 1)


def rank_above(n: int, p: float, tail: float = 1 - CONFIDENCE) -> int | None:
    """The smallest rank (from 1) that is at or above the true percentile but for `tail`; None: n is too small.

    The r-th smallest fails only if r or more samples fall below the percentile, and each does with at most p
    %.
    """
    ranks = np.arange(1, n + 1)
    enough = np.flatnonzero(bdtr(ranks - 1, n, p / 100) >= 1 - tail)
    return int(ranks[enough[0]]) if enough.size else None


def rank_below(n: int, p: float, tail: float = 1 - CONFIDENCE) -> int | None:
    """The greatest rank (from 1) that is at or below the true percentile but for `tail`; None: n is too small."""
    ranks = np.arange(1, n + 1)
    enough = np.flatnonzero(bdtrc(ranks - 1, n, p / 100) >= 1 - tail)
    return int(ranks[enough[-1]]) if enough.size else None


def allowed_over(n: int, p: float) -> int | None:
    """How many of n samples may exceed a limit that the p-th percentile provably keeps; None: n too small."""
    rank = rank_above(n, p)
    return None if rank is None else n - rank


def samples_needed(p: float) -> int:
    """The fewest samples that, none being over, prove a limit on p90 (29), p95 (59) or p99 (299)."""
    return math.ceil(math.log(1 - CONFIDENCE) / math.log(p / 100))


def samples_to_keep(over: float, p: float) -> int | None:
    """The fewest samples that prove a limit if the share `over` of them exceeds it; None where none would.

    None also beyond `MOST`: a share that close to what the percentile leaves is not worth waiting for.
    """
    n = samples_needed(p)
    while n <= MOST:
        allowed = allowed_over(n, p)
        if allowed is not None and allowed >= math.ceil(over * n):
            return n
        n = math.ceil(n * STEP)
    return None
