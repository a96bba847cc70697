"""Systems held against each other on the same queries: a reference, the best variant, the trade-offs."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from harness.errors import HarnessError, UnknownName
from harness.statistics.bootstrap import guarded
from harness.statistics.clusters import Labels, Values
from harness.statistics.intervals import CONFIDENCE, Bounds, check_within, of_values
from harness.statistics.paired import Difference, cautious, differences, holm, randomisation
from harness.statistics.selection import choose, unbeaten


@dataclass(frozen=True, slots=True)
class Comparison:
    """A system less the reference: `adjusted` is the `doubt` of the difference after Holm over the family.

    `better` and `worse` are proven, after all that was compared; `tied` with the best it may be and not be better.
    """

    system: str
    reference: str
    difference: Difference
    adjusted: float
    better: bool
    worse: bool
    tied: bool


@dataclass(frozen=True, slots=True)
class Comparisons:
    """One family, in the order given. `tied` may be the best of all, the reference among them; `n` queries count."""

    reference: str
    rows: tuple[Comparison, ...]
    tied: frozenset[str]
    n: int


def compared(values: Mapping[str, Values], reference: str, clusters: Labels | None = None) -> Comparisons:
    """Every system against the reference, over the queries that count for all; values in [0, 1], [Q] each.

    Proven is what both the test and the bound of the difference say, each of them to the whole family: Holm
    adjusts the larger of their p (`Difference.doubt`). The test alone takes a skew for a difference, and a
    bound at 95 % knows nothing of the others: together, but only the first adjusted, they called any of ten
    equal but skewed systems better in 14 % of simulated families. By both, too, a system is beaten and not tied.

    Raises UnknownName for a reference that is none of the systems; HarnessError for values of different
    queries or outside [0, 1].
    """
    if reference not in values:
        raise UnknownName("system", reference, values)
    table = _table(values)
    test = randomisation(table, clusters)
    found = differences(table, list(values).index(reference), test, clusters)
    adjusted = holm(np.array([difference.doubt for difference in found]))
    tied = frozenset(tuple(values)[column] for column in unbeaten(cautious(test, table, clusters)))
    others = [name for name in values if name != reference and found]  # where nothing counts nothing differs
    rows = tuple(
        _comparison(name, reference, difference, float(p), name in tied)
        for name, difference, p in zip(others, found, adjusted, strict=True)
    )
    return Comparisons(reference, rows, tied, int((~np.isnan(table).any(axis=1)).sum()))


def _comparison(system: str, reference: str, difference: Difference, adjusted: float, tied: bool) -> Comparison:
    proven = adjusted <= 1 - CONFIDENCE
    better, worse = proven and difference.mean > 0, proven and difference.mean < 0
    return Comparison(system, reference, difference, adjusted, better, worse, tied)


def _table(values: Mapping[str, Values]) -> Values:
    """One column per system, [Q, S]."""
    sizes = {name: len(column) for name, column in values.items()}
    if len(set(sizes.values())) > 1:
        told = ", ".join(f"{name} has {size}" for name, size in sizes.items())
        raise HarnessError(f"systems can be compared only on the same queries: {told}")
    table = np.column_stack(list(values.values())).astype(np.float64)
    check_within(table, 0.0, 1.0)
    return table


@dataclass(frozen=True, slots=True)
class Chosen:
    """The best of `tried` variants, and what choosing it is worth.

    `apparent` is its mean on the queries that chose it, too high by the luck of the best. `honest` is the mean over
    queries that took no part in choosing, and `bounds` are its; `tied` are the variants that may be the best.
    """

    variant: str
    tried: int
    apparent: float
    honest: float
    bounds: Bounds
    tied: frozenset[str]


def chosen(values: Mapping[str, Values], clusters: Labels | None = None) -> Chosen:
    """The best of the variants of one thing, by cross-validation; values in [0, 1], [Q] each; of equals the first.

    Raises HarnessError for variants that count on different queries, and for fewer than two that stand alone.
    """
    names, choice = tuple(values), choose(_table(values), clusters)
    return Chosen(
        variant=names[choice.chosen],
        tried=choice.tried,
        apparent=choice.apparent,
        honest=float(np.nanmean(choice.honest)),
        bounds=_of_honest(choice.honest, clusters),
        tied=frozenset(names[column] for column in choice.tied),
    )


def _of_honest(values: Values, clusters: Labels | None) -> Bounds:
    """The values of different folds depend on each other a little: an end that gates is the two-sided one."""
    found = [of_values(values)] if clusters is None else guarded(values[:, None], clusters)
    [proven] = [bounds for bounds in found if bounds is not None]  # `choose` refuses where nothing counts
    return Bounds(proven.low, proven.high, proven.low, proven.high)


Point = tuple[float | None, float | None]


def front(points: Mapping[str, Point]) -> frozenset[str]:
    """The systems that none beats (Pareto): none is as accurate and as fast, and one of the two more so.

    Points are (accuracy, higher is better; latency, lower is better); one without either is left out, and equal
    points are on the front together.
    """
    known = {
        name: (accuracy, -latency)
        for name, (accuracy, latency) in points.items()
        if accuracy is not None and latency is not None and not math.isnan(accuracy + latency)
    }
    return frozenset(
        name
        for name, own in known.items()
        if not any(other != own and other[0] >= own[0] and other[1] >= own[1] for other in known.values())
    )
