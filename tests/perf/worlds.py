"""Worlds in which the truth is known: what values per query, differences, latencies and variants are drawn from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

Values = npt.NDArray[np.float64]
Labels = npt.NDArray[np.intp]
Random = np.random.Generator

LATENT = 0.8
"""Systems find the same queries hard: the correlation of what lies under their values."""


@dataclass(frozen=True)
class Shape:
    """A distribution of one query's value: the values there are, ascending, and the chance of each."""

    name: str
    values: Values
    chances: Values

    @property
    def mean(self) -> float:
        """The true quality."""
        return float(self.values @ self.chances)

    def at(self, positions: Values) -> Values:
        """The values at positions that are uniform between 0 and 1."""
        found: Values = self.values[np.searchsorted(np.cumsum(self.chances)[:-1], positions, side="right")]
        return found

    def moved(self, mean: float) -> Shape:
        """The same values with another mean: chances times exp(t x value), t found by halving."""
        low, high = -200.0, 200.0
        while high - low > 1e-12:
            t = (low + high) / 2
            exponents = t * self.values
            chances = self.chances * np.exp(exponents - exponents.max())
            chances /= chances.sum()
            low, high = (t, high) if self.values @ chances < mean else (low, t)
        return replace(self, chances=chances)


def shape(name: str, values: npt.ArrayLike, chances: npt.ArrayLike) -> Shape:
    weights = np.asarray(chances, np.float64)
    return Shape(name, np.asarray(values, np.float64), weights / weights.sum())


def hits(rate: float) -> Shape:
    return shape(f"hit {rate:g}", [0, 1], [1 - rate, rate])


FIFTHS, FINE, STEPS = np.linspace(0, 1, 6), np.linspace(0, 1, 51), np.round(np.linspace(-1, 1, 11), 1)
RANKS = np.array([0, *(1 / rank for rank in range(10, 0, -1))])

SPREAD = shape("recall, 5 relevant", FIFTHS, np.ones(6)).moved(0.8)
MEANS = (
    shape("recall, 2 relevant", [0, 0.5, 1], [1, 1, 1]).moved(0.8),
    SPREAD,
    shape("recall, all or nothing", FIFTHS, [5, 1, 1, 1, 1, 5]).moved(0.8),
    shape("recall, 0.8 with rare zeros", FIFTHS, [3, 2, 0, 5, 70, 20]),
    shape("recall, nearly perfect", FIFTHS, [1, 1, 1, 1, 2, 94]),
    shape("MRR 0.65", RANKS, [8, *[1] * 9, 20]).moved(0.65),
    shape("MRR 0.8", RANKS, [8, *[1] * 9, 20]).moved(0.8),
    shape("nDCG 0.6, one hump", FINE, FINE * (1 - FINE) + 0.05).moved(0.6),
    shape("nDCG 0.8 with rare zeros", FINE, FINE**4 + 0.2 * (FINE == 0)).moved(0.8),
)
"""Values per query in [0, 1]."""

TENTH = shape("hits, 10 % differ", [-1, 0, 1], [5, 90, 5])
BELL = shape("recall, bell", STEPS, np.exp(-6 * np.abs(STEPS)))
SKEWED = (
    shape("small wins, great losses", [-0.8, 0, 0.2], [4, 20, 40]),
    shape("small wins, rare great losses", [-0.8, 0, 0.2], [1, 60, 20]),
    shape("small losses, great wins", [-0.2, 0, 0.8], [40, 20, 4]),
)
DIFFERENCES = (
    shape("hits, only losses", [-1, 0], [5, 95]),
    TENTH,
    shape("hits, 50 % differ", [-1, 0, 1], [25, 50, 25]),
    BELL,
    shape("recall, mostly equal", STEPS, np.where(STEPS == 0, 60, 1)),
    *SKEWED,
)
"""Ours minus theirs on one query, in [-1, 1]; a table moves each to the mean that it asks about."""


@dataclass(frozen=True)
class Grouping:
    """How many queries share a source item: sizes, and the chance of each."""

    name: str
    sizes: tuple[int, ...]
    chances: tuple[float, ...] = (1.0,)

    def labels(self, n: int) -> Labels:
        """For about n queries: every group has as many places as the largest."""
        average = float(np.dot(self.sizes, self.chances))
        return np.repeat(np.arange(round(n / average)), max(self.sizes))

    def draw(self, source: Random, labels: Labels, runs: int) -> Labels:
        """The size of its group for every place, [places, runs]."""
        return source.choice(self.sizes, (labels.max() + 1, runs), p=self.chances)[labels]

    def taken(self, labels: Labels, sizes: Labels) -> npt.NDArray[np.bool_]:
        """Whether a query stands at a place, [places, runs]."""
        places = np.arange(len(labels)) % max(self.sizes)
        return np.asarray(places[:, None] < sizes)


SINGLE, PAIRS, THREES = Grouping("one", (1,)), Grouping("two", (2,)), Grouping("three", (3,))
UNEVEN = Grouping("1 to 6", (1, 2, 3, 4, 5, 6), (0.45, 0.25, 0.14, 0.08, 0.05, 0.03))
FOURS = Grouping("1 or 4", (1, 4), (0.7, 0.3))
TENS = Grouping("1 or 10", (1, 10), (0.97, 0.03))


def alike(source: Random, labels: Labels, runs: int, together: float) -> Values:
    """Positions [places, runs]: queries of one label agree with correlation `together`."""
    common = source.standard_normal((labels.max() + 1, runs))[labels]
    own = source.standard_normal((len(labels), runs))
    return np.asarray(ndtr(np.sqrt(together) * common + np.sqrt(1 - together) * own), np.float64)


def grouped(
    source: Random, grouping: Grouping, shapes: Mapping[int, Shape], together: float, n: int, runs: int
) -> tuple[Values, Labels, float]:
    """About n values per run, NaN where no query stands; their labels; the true mean over all queries."""
    labels = grouping.labels(n)
    sizes = grouping.draw(source, labels, runs)
    positions, taken = alike(source, labels, runs, together), grouping.taken(labels, sizes)
    values = np.full(positions.shape, np.nan)
    for size, shape in shapes.items():
        here = taken & (sizes == size)
        values[here] = shape.at(positions[here])
    weights = np.multiply(grouping.sizes, grouping.chances)
    return values, labels, float(weights @ [shapes[size].mean for size in grouping.sizes] / weights.sum())


def rivals(source: Random, n: int, runs: int, systems: int) -> Values:
    """Positions [n, runs, systems] of systems that find the same queries hard."""
    common, own = source.standard_normal((n, runs, 1)), source.standard_normal((n, runs, systems))
    return np.asarray(ndtr(np.sqrt(LATENT) * common + np.sqrt(1 - LATENT) * own), np.float64)


@dataclass(frozen=True)
class Clock:
    """Latencies of several kinds of query, lognormal each: its share, its median in ms, its spread."""

    name: str
    kinds: tuple[tuple[float, float, float], ...]
    whole: bool = False
    """Whether the clock shows whole milliseconds only."""

    def draw(self, source: Random, n: int, runs: int, kept: float = 0.0) -> Values:
        """Milliseconds [n, runs]; each noise is like the one before it with correlation `kept`."""
        shares, medians, spreads = (np.array(column) for column in zip(*self.kinds, strict=True))
        kind = source.choice(len(shares), (n, runs), p=shares)
        noise = source.standard_normal((n, runs))
        for row in range(1, n):
            noise[row] = kept * noise[row - 1] + np.sqrt(1 - kept**2) * noise[row]
        drawn = medians[kind] * np.exp(spreads[kind] * noise)
        return np.asarray(np.ceil(drawn) if self.whole else drawn, np.float64)

    def percentile(self, p: float) -> float:
        """The true one, by halving."""
        low, high = 1e-6, 1e6
        while high - low > 1e-9:
            middle = (low + high) / 2
            low, high = (middle, high) if self._below(middle) < p / 100 else (low, middle)
        return float(np.ceil(high)) if self.whole else high

    def _below(self, limit: float) -> float:
        return sum(share * float(ndtr(np.log(limit / median) / spread)) for share, median, spread in self.kinds)


CLOCKS = (
    Clock("one kind, long tail", ((1.0, 20.0, 0.5),)),
    Clock("text and pictures", ((0.77, 20.0, 0.15), (0.23, 90.0, 0.3))),
    Clock("whole milliseconds", ((1.0, 20.0, 0.15),), whole=True),
)
