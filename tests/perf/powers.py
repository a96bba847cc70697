"""The other side: how often what is clearly good is said to be good."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from bounding import Flags, bounded, proving, summed
from choices import better, swapped
from figures import Effort, Table, share
from worlds import CLOCKS, MEANS, SPREAD, Clock, Random, Shape, Values, hits, rivals

from harness.statistics.intervals import Bounds
from harness.statistics.percentiles import percentile

Chance = Callable[[int], Flags]
"""In which of the runs n queries or samples prove it."""

HUMP = next(shape for shape in MEANS if shape.name.startswith("nDCG 0.6"))
ABOVE = (0.05, 0.10, 0.15)
FAMILY = 10


def of_power(effort: Effort, source: Random) -> Table:
    table = Table("Power", "how often what is true is proven", ["truth", *(f"n = {n}" for n in effort.sizes)])
    for name, chance in cases(effort, source):
        table.rows.append([name, *(share(chance(n)) for n in effort.sizes)])
    return table


def cases(effort: Effort, source: Random) -> Iterator[tuple[str, Chance]]:
    """What is true, and how often it is proven; where only the mean is recorded, by the formula for means."""
    for above in ABOVE:
        yield f"hits: {0.8 + above:.2f}, bar 0.80", _rate(source, 0.8 + above, effort.many)
    for kind, shape in (("recall", SPREAD), ("nDCG", HUMP)):
        for above in ABOVE:
            yield _name(kind, shape, above), _mean(source, shape, above, effort.runs, bounded)
    for times in (1.2, 1.5, 2.0):
        yield f"p95 latency: limit {times:g} times the truth", _latency(source, CLOCKS[0], times, effort.runs)
    for kind, shape in (("hits", hits(0.7)), ("recall", SPREAD)):
        for above in (0.05, 0.10):
            truth = shape.moved(shape.mean + above)
            yield f"{kind}: {above:.2f} better, one of {FAMILY} systems", _winner(source, shape, truth, effort.runs)
    for kind, shape in (("recall", SPREAD), ("nDCG", HUMP)):
        for above in ABOVE:
            yield _name(f"recorded {kind}", shape, above), _mean(source, shape, above, effort.runs, summed)


def _rate(source: Random, truth: float, runs: int) -> Chance:
    def chance(n: int) -> Flags:
        every = (np.arange(n)[:, None] < np.arange(n + 1)).astype(float)
        return proving(summed(every), 0.8)[source.binomial(n, truth, runs)]

    return chance


def _name(kind: str, shape: Shape, above: float) -> str:
    return f"{kind}: {shape.mean + above:.2f}, bar {shape.mean:.2f}"


def _mean(source: Random, shape: Shape, above: float, runs: int, by: Callable[[Values], list[Bounds]]) -> Chance:
    truth = shape.moved(shape.mean + above)
    return lambda n: proving(by(truth.at(source.random((n, runs)))), shape.mean)


def _latency(source: Random, clock: Clock, times: float, runs: int) -> Chance:
    limit = times * clock.percentile(95)

    def chance(n: int) -> Flags:
        found = (percentile(run, 95) for run in clock.draw(source, n, runs).T)
        return np.array([each is not None and each.bounds.at_most <= limit for each in found])

    return chance


def _winner(source: Random, shape: Shape, best: Shape, runs: int) -> Chance:
    """The first of the systems is better than the baseline, the others are as good as it."""

    def chance(n: int) -> Flags:
        drawn = rivals(source, n, runs, FAMILY + 1)
        baseline, rest = shape.at(drawn[..., :1]), shape.at(drawn[..., 2:])
        differences = np.concatenate([best.at(drawn[..., 1:2]), rest], axis=2) - baseline
        return better(differences, swapped(differences)[0])[0][:, 0]

    return chance
