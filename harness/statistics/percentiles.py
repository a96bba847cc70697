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

from harness.statistics.intervals import CONFIDENCE


@dataclass(frozen=True, slots=True)
class Percentile:
    """A nearest-rank percentile of n samples, in their unit, with its one-sided 95 % bounds.

    A bound is None where n samples are too few for one: no sample lies far enough out.
    """

    value: float
    n: int
    at_least: float | None
    at_most: float | None


def percentile(samples: npt.NDArray[np.float64], p: float) -> Percentile | None:
    """The p-th percentile (0 < p < 100) of independent samples [n] and what they prove; None of none."""
    n = len(samples)
    if n == 0:
        return None
    ordered = np.sort(samples)
    below, above = rank_below(n, p), rank_above(n, p)
    return Percentile(
        value=float(ordered[nearest_rank(n, p) - 1]),
        n=n,
        at_least=None if below is None else float(ordered[below - 1]),
        at_most=None if above is None else float(ordered[above - 1]),
    )


def nearest_rank(n: int, p: float) -> int:
    """The rank, from 1, of the smallest of n samples that at least p % of them do not exceed."""
    return max(math.ceil(p * n / 100), 1)


def rank_above(n: int, p: float) -> int | None:
    """The smallest rank (from 1) that is at or above the true percentile with 95 %; None: n is too small.

    The r-th smallest fails only if r or more samples fall below the percentile, and each does with at most p
    %.
    """
    ranks = np.arange(1, n + 1)
    enough = np.flatnonzero(bdtr(ranks - 1, n, p / 100) >= CONFIDENCE)
    return int(ranks[enough[0]]) if enough.size else None


def rank_below(n: int, p: float) -> int | None:
    """The greatest rank (from 1) that is at or below the true percentile with 95 %; None: n is too small."""
    ranks = np.arange(1, n + 1)
    enough = np.flatnonzero(bdtrc(ranks - 1, n, p / 100) >= CONFIDENCE)
    return int(ranks[enough[-1]]) if enough.size else None


def allowed_over(n: int, p: float) -> int | None:
    """How many of n samples may exceed a limit that the p-th percentile provably keeps; None: n too small."""
    rank = rank_above(n, p)
    return None if rank is None else n - rank


def samples_needed(p: float) -> int:
    """The fewest samples that, none being over, prove a limit on p90 (29), p95 (59) or p99 (299)."""
    return math.ceil(math.log(1 - CONFIDENCE) / math.log(p / 100))
