"""How often chance makes a winner of an equal, and what the best of many is really worth."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from bounding import AT_ONCE, HAIR, REPLAYED, Flags, doubted
from figures import COVERS, FALSE_GO, Effort, Figure, Table, average, scatter, share, unbiased
from worlds import SKEWED, SPREAD, Random, Shape, Values, hits, rivals

from harness.statistics.clusters import RESAMPLES, SEED, by_cluster
from harness.statistics.intervals import ROUNDING, exact
from harness.statistics.paired import cautious, holm, randomisation
from harness.statistics.paired import differences as paired
from harness.statistics.selection import choose, cross_validated, tied_with_best, unbeaten

LEVEL = 0.05
World = Callable[[Random, int, int, int], Values]
"""Differences [n, runs, systems] of systems that are as good as their baseline."""


def swapped(differences: Values) -> tuple[Values, Values]:
    """The p-values of `randomisation`, two-sided and one-sided, of differences [n, runs, systems]: [runs, systems] each."""
    columns = differences.reshape(len(differences), -1)
    parts = [_swapped(columns[:, start : start + AT_ONCE]) for start in range(0, columns.shape[1], AT_ONCE)]
    different, ahead = np.concatenate(parts, axis=1).reshape(2, *differences.shape[1:])
    return different, ahead


def _swapped(columns: Values) -> Values:
    """One draw of swaps, the one that `randomisation` makes, for all columns: [2, columns]."""
    sums, source = by_cluster(columns), np.random.default_rng(SEED)
    observed = sums.totals.sum(axis=0)
    seen = np.ones((2, len(observed)))
    for size in sums.blocks(RESAMPLES):
        chance = source.choice(np.array([-1.0, 1.0]), (size, len(sums))) @ sums.totals
        seen[1] += np.count_nonzero(chance >= observed - ROUNDING, axis=0)
        seen[0] += np.count_nonzero(np.abs(chance) >= np.abs(observed) - ROUNDING, axis=0)
    return seen / (RESAMPLES + 1)


def rival(shape: Shape) -> World:
    """Systems of the same shape as their baseline, which find the same queries hard."""

    def draw(source: Random, n: int, runs: int, systems: int) -> Values:
        values = shape.at(rivals(source, n, runs, systems + 1))
        return values[..., 1:] - values[..., :1]

    return draw


def skewed(shape: Shape) -> World:
    """Equal means that hide a skew."""
    return lambda source, n, runs, systems: shape.moved(0.0).at(source.random((n, runs, systems)))


WORLDS = {
    "hit 0.8": rival(hits(0.8)),
    SPREAD.name: rival(SPREAD),
    **{shape.name: skewed(shape) for shape in SKEWED},
}


def better(differences: Values, different: Values) -> tuple[Flags, Flags]:
    """Who is called better than the baseline, [runs, systems]: after Holm over the doubt; over the test's p alone."""
    doubt, ahead, few = different.copy(), differences.mean(axis=0) > 0, different <= LEVEL
    # Where the test says nothing the bound cannot make it say more, and Holm stops all the same.
    doubt[few] = np.maximum(different[few], doubted(differences[:, few]))
    said, alone = (np.array([holm(family) <= LEVEL for family in each]) & ahead for each in (doubt, different))
    return said, alone


def beaten(differences: Values, one_sided: Values) -> tuple[Flags, Flags]:
    """Whether the baseline, as good as any, is not tied with the best, [runs]: by the doubt; by the test's p alone."""
    doubt, few = one_sided.copy(), one_sided <= LEVEL
    doubt[few] = np.maximum(one_sided[few], doubted(differences[:, few]))
    untied, alone = (each.min(axis=1) * each.shape[1] <= LEVEL for each in (doubt, one_sided))
    return untied, alone


def of_families(effort: Effort, source: Random) -> Table:
    table = Table("Equal systems", "how often any of them is called better than the baseline, or the best no best", [
        "values", "systems", "n", "said", "Holm alone", "uncorrected", "uncorrected, one-sided", "not tied",
        "not tied, test alone",
    ])  # fmt: skip
    for (name, systems), n in effort.cells((name, systems) for name in WORLDS for systems in (4, 10)):
        differences = WORLDS[name](source, n, effort.runs, systems)
        different, one_sided = swapped(differences)
        said, alone = better(differences, different)
        untied, beaten_alone = beaten(differences, one_sided)
        _replay(differences, different, one_sided, said, untied)
        raw = (different <= LEVEL) & (differences.mean(axis=0) > 0)
        table.rows.append([
            name, systems, n, share(said.any(axis=1), most=FALSE_GO), share(alone.any(axis=1)), share(raw.any(axis=1)),
            share((one_sided <= LEVEL).any(axis=1)), share(untied, most=FALSE_GO), share(beaten_alone),
        ])  # fmt: skip
    return table


def _replay(differences: Values, different: Values, one_sided: Values, said: Flags, untied: Flags) -> None:
    """Some families go through `paired` itself. Ends the program where it says anything else."""
    for run in range(REPLAYED):
        values = np.insert(differences[:, run], 0, 0.0, axis=1)
        test = randomisation(values)
        found = paired(values, 0, test)
        ours = [[each.p for each in found], test.better[1:, 0]]
        if not np.allclose(ours, [different[run], one_sided[run]]):
            raise SystemExit("paired.differences gives other p-values than these swaps")
        better = (holm(np.array([each.doubt for each in found])) <= LEVEL) & [each.mean > 0 for each in found]
        if (better != said[run]).any() or (0 in unbeaten(cautious(test, values))) == untied[run]:
            raise SystemExit("paired.differences doubts otherwise than this program")


AHEAD, RIVALS = 0.05, 11
"""How much better the first of so many systems is."""


def of_ties(effort: Effort, source: Random) -> Table:
    """One system is the best: whether it is among those that are tied with the best, and how many are."""
    table = Table("Tied with the best", "`selection.tied_with_best`; one of 11 is 5 points ahead", [
        "values", "n", "the best is left out", "all are tied", "only the best is",
    ])  # fmt: skip
    for shape, n in effort.cells((hits(0.8), SPREAD)):
        drawn = rivals(source, n, effort.runs, RIVALS)
        values = np.concatenate([shape.moved(0.8 + AHEAD).at(drawn[..., :1]), shape.at(drawn[..., 1:])], axis=2)
        found = [tied_with_best(each) for each in values.transpose(1, 0, 2)]
        table.rows.append([
            shape.name, n, share([0 not in tied for tied in found], most=FALSE_GO),
            share([len(tied) == RIVALS for tied in found]), share([tied == (0,) for tied in found]),
        ])  # fmt: skip
    return table


VARIANTS = {
    "equal": lambda count: np.full(count, 0.8),
    "one peak": lambda count: 0.8 - 0.2 * np.abs(np.linspace(-0.7, 0.3, count)),
}
"""The true hit rates of variants, as an alpha might have them."""


def of_choice(effort: Effort, source: Random) -> Table:
    """The chosen variant's score against the true quality of what was chosen."""
    heads = ["true hit rates", "variants", "n", "apparent bias", "reported bias", "one standard error",
             "reported bias / one standard error", "apparent: false GO", "reported: false GO", "by `low`: false GO", "reported: covered"]  # fmt: skip
    table = Table("The best of many variants", "`selection.choose`; points for a bias and a standard error", heads)
    for (name, count), n in effort.cells((name, count) for name in VARIANTS for count in (11, 36)):
        rates = VARIANTS[name](count)
        runs = (rivals(source, n, effort.runs, count) < rates).astype(float).transpose(1, 0, 2)
        found = np.array([_chosen(values, rates, replay=number < REPLAYED) for number, values in enumerate(runs)])
        truth, apparent, honest = found.T
        apparent_bias, bias, error = average(apparent - truth), unbiased(honest, apparent, truth), scatter(honest)
        seeming, reported = (_proven(means, n) for means in (apparent, honest))
        table.rows.append([
            name, count, n, apparent_bias, bias, error, Figure(bias.value / error.value, bias.error / error.value, -1, 1),
            share(seeming.at_least > truth + HAIR), share(reported.at_least > truth + HAIR),
            share(reported.low > truth + HAIR, most=FALSE_GO),
            share((reported.low <= truth + HAIR) & (truth - HAIR <= reported.high), least=COVERS),
        ])  # fmt: skip
    return table


def _chosen(values: Values, rates: Values, *, replay: bool) -> tuple[float, float, float]:
    """The true rate of what `choose` chooses, its apparent score, and the one that is reported."""
    means, honest = values.mean(axis=0), float(cross_validated(values).mean())
    best = int(np.argmax(np.round(means, 9)))
    if replay:
        choice = choose(values)
        if (choice.chosen, choice.apparent, float(choice.honest.mean())) != (best, means[best], honest):
            raise SystemExit("selection.choose chooses otherwise than this program")
    return rates[best], means[best], honest


@dataclass(frozen=True)
class Ends:
    """The bounds of many runs, [runs] each."""

    at_least: Values
    low: Values
    high: Values


def _proven(means: Values, n: int) -> Ends:
    found = [bounds for mean in means if (bounds := exact(mean * n, n)) is not None]
    return Ends(*(np.array([getattr(bounds, end) for bounds in found]) for end in ("at_least", "low", "high")))
