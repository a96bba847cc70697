"""How often a gate says GO where it should not, and how often an interval covers the truth."""

from __future__ import annotations

import numpy as np
from bounding import HAIR, bootstrapped, bounded, compared, covering, proving, summed
from figures import COVERS, FALSE_GO, Effort, Table, share
from worlds import (
    BELL,
    CLOCKS,
    DIFFERENCES,
    FOURS,
    MEANS,
    PAIRS,
    SINGLE,
    SPREAD,
    TENS,
    TENTH,
    THREES,
    UNEVEN,
    Random,
    grouped,
    hits,
    rivals,
)

from harness.statistics.intervals import apart
from harness.statistics.percentiles import percentile

MARGIN = 0.05
LIKE = 0.8
"""The correlation of differences on queries of one source."""


def of_hits(effort: Effort, source: Random) -> Table:
    """Everything follows from the number of hits, so each number is bounded once."""
    heads = ["bar", "n", "false GO", "bootstrap", "point estimate", "covered", "bootstrap covers",
             "5 under: false GO", "5 under: point estimate"]  # fmt: skip
    table = Table("Hits", "`intervals.exact`", heads)
    for bar, n in effort.cells((0.7, 0.8, 0.85, 0.9, 0.95)):
        every = (np.arange(n)[:, None] < np.arange(n + 1)).astype(float)
        ours, theirs, rates = summed(every), bootstrapped(every), np.arange(n + 1) / n
        at, under = (source.binomial(n, truth, effort.many) for truth in (bar, bar - 0.05))
        table.rows.append([
            f"{bar:.2f}", n, share(proving(ours, bar + HAIR)[at], most=FALSE_GO),
            share(proving(theirs, bar + HAIR)[at]), share(rates[at] >= bar + HAIR),
            share(covering(ours, bar)[at], least=COVERS), share(covering(theirs, bar)[at]),
            share(proving(ours, bar)[under], most=FALSE_GO), share(rates[under] >= bar - HAIR),
        ])  # fmt: skip
    return table


def of_means(effort: Effort, source: Random) -> Table:
    heads = ["values", "n", "false GO", "recorded: false GO", "bootstrap", "point estimate", "covered",
             "recorded: covered", "bootstrap covers"]  # fmt: skip
    table = Table("Means", "`bootstrap.guarded`; where only the mean is recorded: `intervals.exact`", heads)
    for shape, n in effort.cells(MEANS):
        values, truth = shape.at(source.random((n, effort.runs))), shape.mean
        ours, recorded, theirs = bounded(values), summed(values), bootstrapped(values)
        table.rows.append([
            shape.name, n, share(proving(ours, truth + HAIR), most=FALSE_GO),
            share(proving(recorded, truth + HAIR), most=FALSE_GO), share(proving(theirs, truth + HAIR)),
            share(values.mean(axis=0) >= truth + HAIR), share(covering(ours, truth), least=COVERS),
            share(covering(recorded, truth), least=COVERS), share(covering(theirs, truth)),
        ])  # fmt: skip
    return table


GROUPS = (PAIRS, THREES, UNEVEN)
CLUSTERED = (
    *((grouping, shape, 0.95) for grouping in GROUPS for shape in (hits(0.8), SPREAD)),
    *((grouping, hits(0.8), 0.5) for grouping in GROUPS),
    (THREES, hits(0.8), 1.0),
    (FOURS, hits(0.8), 1.0),
)
"""Sizes of groups, values, and how alike the values of one group are."""


def of_clusters(effort: Effort, source: Random) -> Table:
    heads = ["of one source", "values", "correlation", "n", "false GO", "covered",
             "ignored: false GO", "ignored: covered"]  # fmt: skip
    table = Table("Clusters", "`bootstrap.guarded` with clusters; `intervals.exact` ignores them", heads)
    for (grouping, shape, together), n in effort.cells(CLUSTERED):
        shapes = dict.fromkeys(grouping.sizes, shape)
        values, labels, truth = grouped(source, grouping, shapes, together, n, effort.runs)
        ours, ignorant = bounded(values, labels), summed(values)
        table.rows.append([
            grouping.name, shape.name, f"{together:g}", n, share(proving(ours, truth + HAIR), most=FALSE_GO),
            share(covering(ours, truth), least=COVERS), share(proving(ignorant, truth + HAIR)),
            share(covering(ignorant, truth)),
        ])  # fmt: skip
    return table


RELATED = (
    ("fours are worse", FOURS, {1: hits(0.95), 4: hits(0.7)}),
    ("fours are better", FOURS, {1: hits(0.7), 4: hits(0.95)}),
    ("tens are rare and bad", TENS, {1: hits(0.95), 10: hits(0.2)}),
)


def of_related_sizes(effort: Effort, source: Random) -> Table:
    table = Table("Sizes that tell", "not claimed: how many queries share a source says how good they are", [
        "queries that agree", "n", "false GO", "covered",
    ])  # fmt: skip
    for (name, grouping, shapes), n in effort.cells(RELATED):
        values, labels, truth = grouped(source, grouping, shapes, 1.0, n, effort.runs)
        bounds = bounded(values, labels)
        table.rows.append([name, n, share(proving(bounds, truth + HAIR)), share(covering(bounds, truth))])
    return table


APIECE = [(shape, SINGLE) for shape in DIFFERENCES]
SHARED = [(shape, grouping) for shape in (TENTH, BELL) for grouping in (PAIRS, UNEVEN)]


def of_differences(effort: Effort, source: Random) -> Table:
    """Ours is 5 points and a hair worse; then it is as good."""
    heads = ["ours minus theirs", "of one source", "n", "false GO", "bootstrap", "point estimate", "covered",
             "equal: GO", "equal: covered"]  # fmt: skip
    table = Table("At most 5 points worse", "`paired.compare`", heads)
    for (shape, grouping), n in effort.cells(APIECE + SHARED):
        worse, equal = (
            grouped(source, grouping, dict.fromkeys(grouping.sizes, shape.moved(mean)), LIKE, n, effort.runs)
            for mean in (-MARGIN, 0.0)
        )
        bounds, others = compared(*worse[:2]), compared(*equal[:2])
        naive = share(proving(bootstrapped(worse[0]), HAIR - MARGIN)) if grouping is SINGLE else ""
        table.rows.append([
            shape.name, grouping.name, n, share(proving(bounds, HAIR - MARGIN), most=FALSE_GO), naive,
            share(np.nanmean(worse[0], axis=0) >= HAIR - MARGIN), share(covering(bounds, -MARGIN), least=COVERS),
            share(proving(others, -MARGIN)), share(covering(others, 0.0), least=COVERS),
        ])  # fmt: skip
    return table


def of_recorded(effort: Effort, source: Random) -> Table:
    """Of both systems only the mean and n are known."""
    table = Table("At most 5 points worse, recorded", "`intervals.apart`, of two recorded means", [
        "values", "queries", "n", "false GO", "covered", "equal: GO",
    ])  # fmt: skip
    for (shape, paired), n in effort.cells(
        (shape, paired) for shape in (hits(0.8), SPREAD) for paired in (True, False)
    ):
        drawn = rivals(source, n, effort.runs, 2) if paired else source.random((n, effort.runs, 2))
        theirs, same = (summed(shape.at(drawn[..., system])) for system in (0, 1))
        worse = summed(shape.moved(shape.mean - MARGIN).at(drawn[..., 1]))
        bounds, equal = ([apart(*pair) for pair in zip(ours, theirs, strict=True)] for ours in (worse, same))
        table.rows.append([
            shape.name, "the same" if paired else "others", n, share(proving(bounds, HAIR - MARGIN), most=FALSE_GO),
            share(covering(bounds, -MARGIN), least=COVERS), share(proving(equal, -MARGIN)),
        ])  # fmt: skip
    return table


def of_latency(effort: Effort, source: Random) -> Table:
    """The limit stands a hair under the true percentile."""
    table = Table("Latency", "`percentiles.percentile`", [
        "samples", "percentile", "n", "false GO", "point estimate", "covered",
    ])  # fmt: skip
    for (clock, p), n in effort.cells((clock, p) for clock in CLOCKS for p in (50, 95, 99)):
        truth, samples = clock.percentile(p), clock.draw(source, n, effort.runs)
        found = [each for run in samples.T if (each := percentile(run, p)) is not None]
        table.rows.append([
            clock.name, f"p{p}", n, share([each.bounds.at_most <= truth - HAIR for each in found], most=FALSE_GO),
            share([each.value <= truth - HAIR for each in found]),
            share(covering((each.bounds for each in found), truth), least=COVERS),
        ])  # fmt: skip
    return table


def of_drift(effort: Effort, source: Random) -> Table:
    table = Table("Latency that drifts", "not claimed: each sample is like the one before", [
        "correlation", "n", "p95: false GO", "p95: covered",
    ])  # fmt: skip
    for kept, n in effort.cells((0.5, 0.9)):
        truth, samples = CLOCKS[0].percentile(95), CLOCKS[0].draw(source, n, effort.runs, kept)
        bounds = [each.bounds for run in samples.T if (each := percentile(run, 95)) is not None]
        wrong = [each.at_most <= truth - HAIR for each in bounds]
        table.rows.append([f"{kept:g}", n, share(wrong), share(covering(bounds, truth))])
    return table
