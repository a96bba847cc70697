"""What a sum of n values in [0, 1] proves about their mean: exact bounds, of counts and of fractional sums."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import betaincinv

from harness.errors import HarnessError

CONFIDENCE = 0.95
ROUNDING = 1e-9
"""Sums of fractions miss whole numbers by less than this."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What the data prove, at 95 %: `at_least` and `at_most` are one-sided and gate, [low, high] is two-sided."""

    at_least: float
    at_most: float
    low: float
    high: float

    def proves(self, bar: float) -> bool:
        """Whether the truth is at least the bar."""
        return self.at_least >= bar

    def refutes(self, bar: float) -> bool:
        """Whether the truth is below the bar."""
        return self.at_most < bar


def of_values(values: npt.NDArray[np.float64]) -> Bounds | None:
    """The exact bounds of the mean of values in [0, 1], [Q], NaN where a query does not count.

    None where none counts. Raises HarnessError for a value outside [0, 1]: the formula would promise too much.
    """
    counting = values[~np.isnan(values)]
    if counting.size and (counting.min() < -ROUNDING or counting.max() > 1 + ROUNDING):
        raise HarnessError(f"values from {counting.min():g} to {counting.max():g}: exact bounds need values in [0, 1]")
    return exact(float(counting.sum()), counting.size)


def exact(total: float, n: int) -> Bounds | None:
    """The bounds of a success rate with `total` successes of n, or of a mean of n values that add up to `total`.

    None for n = 0: no value, no interval. Clopper & Pearson (1934) for counts; a fractional total goes into the same
    formula. That is never less cautious than for counts, as no values in [0, 1] of the same mean vary more than 0
    and 1 do: simulated at n = 27, 61, 200 over 18 distributions of hits, recall, MRR and nDCG, `at_least` was above
    the truth in at most 5 % of the samples for hits, 2.8 % for the others, mostly 0 %.
    """
    if n == 0:
        return None
    tail = 1 - CONFIDENCE
    return Bounds(
        at_least=lower(total, n, tail),
        at_most=upper(total, n, tail),
        low=lower(total, n, tail / 2),
        high=upper(total, n, tail / 2),
    )


def lower(total: float, n: int, tail: float) -> float:
    """The mean that would give at least this total with probability `tail`: the quantile of Beta(S, n - S + 1)."""
    if total <= ROUNDING:
        return 0.0
    return float(betaincinv(min(total, n), n - min(total, n) + 1, tail))


def upper(total: float, n: int, tail: float) -> float:
    """The mean that would give at most this total with probability `tail`: 1 - tail of Beta(S + 1, n - S)."""
    return 1.0 - lower(n - total, n, tail)


def failure_rate(failures: int, calls: int) -> float | None:
    """The share of failing calls that cannot be ruled out: 0 of 1,000 leave at most 0.30 %. None without a call."""
    bounds = exact(failures, calls)
    return bounds.at_most if bounds else None
