"""Which differences are more than chance, and what choosing the best variant is worth: sections of the analysis."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import starmap

import numpy as np

from harness.grid.families import Family
from harness.policy import Criterion
from harness.ranking.units import shown
from harness.report.blocks import Block, Text
from harness.report.chapters import figures
from harness.report.drawing import Table
from harness.report.lines import Graded
from harness.report.results import Results
from harness.report.rows import QueryScores
from harness.statistics.clusters import Labels, Values
from harness.statistics.intervals import Bounds
from harness.verdict.comparison import Chosen, Comparison, Comparisons, chosen, compared
from harness.words import Words

HEADER = ("system", "role", "difference", "p", "p of the bound", "p adjusted", "wins / ties / losses", "proven",
          "tied with the best")  # fmt: skip
CHOICE = ("family", "option", "best", "tried", "its score", "honest score", "may be the best")
PAIRED = (
    "Each system less one reference, query by query, with the 95 % interval. p is that of a randomisation test, and "
    "beside it stands that of the bound; the larger of both is adjusted by Holm over the systems of the table, and "
    "proven is where that is at most 0.05. Do not rank by overlapping intervals of single systems: these here are "
    "the comparison."
)
LUCK = (
    "The best of many looks better than it is. The honest score is that of queries that took no part in choosing; "
    "it, and not its own score, is what can be expected of the best."
)


def comparisons(results: Results, words: Words) -> Iterator[Block]:
    """A table for each accuracy that the policy asks for: every system but chance against one reference."""
    for criterion, found in held(results):
        on = Graded.of(criterion, results).told(results, words)
        title = words(
            "{metric} on {truth} against {reference}", metric=criterion.metric, truth=on, reference=found.reference
        )
        rows = tuple(_row(row, results, words) for row in found.rows)
        too = found.reference in found.tied
        note = words("{reference} may be the best itself", reference=found.reference) if too else ""
        yield Table(title, tuple(words(name) for name in HEADER), rows, labels=2, note=note)


def held(results: Results) -> Iterator[tuple[Criterion, Comparisons]]:
    """The comparisons themselves; none where there is nobody to compare with."""
    for criterion in asked(results):
        values, clusters = _values(results, criterion)
        known = {name: own for name, own in values.items() if results.systems[name].role != "chance"}
        if len(known) > 1:
            yield criterion, compared(known, _reference(results, known), clusters)


def variants(results: Results, words: Words) -> Iterator[Block]:
    """By the first accuracy that the policy asks for: what was chosen among how many, and the sweep as a chart."""
    for criterion in asked(results)[:1]:
        values, clusters = _values(results, criterion)
        complete = [family for family in results.families if set(family.members) <= values.keys()]
        found = [
            (family, chosen({name: values[name] for name in family.members}, clusters))
            for family in complete
            if len(next(iter(values.values()))) > 1
        ]
        for family, choice in found:
            yield from figures.sweep(results, family, choice, criterion, words)
        if found:
            on = Graded.of(criterion, results).told(results, words)
            metric = words("{metric} on {truth}", metric=criterion.metric, truth=on)
            header = tuple(words(name) for name in CHOICE)
            yield Table(metric, header, tuple(starmap(_choice, found)), labels=3)
            yield Text(words(LUCK))


def asked(results: Results) -> list[Criterion]:
    """The accuracies of the policy, each metric, ground truth and grade once."""
    found: dict[tuple[str, Graded], Criterion] = {}
    for criterion in results.policy.criterion:
        if criterion.parsed.measure.kind == "accuracy":
            found.setdefault((criterion.metric, Graded.of(criterion, results)), criterion)
    return list(found.values())


def _values(results: Results, criterion: Criterion) -> tuple[dict[str, Values], Labels | None]:
    """Per-query values by system, and the queries that stand or fall together; struck systems are left out."""
    on = Graded.of(criterion, results)
    struck = {row.system for row in results.measurements if row.struck and on.holds(row)}
    rows = [row for row in results.queries if on.holds(row) and row.system not in struck]
    known = [row for row in rows if criterion.metric in row.values and row.query_ids == rows[0].query_ids]
    columns = {row.system: np.array(row.values[criterion.metric], np.float64) for row in known}
    return {name: columns[name] for name in results.systems if name in columns}, _clusters(known)


def _clusters(rows: list[QueryScores]) -> Labels | None:
    return np.asarray(rows[0].sources) if rows and rows[0].sources else None


def _reference(results: Results, known: Mapping[str, Values]) -> str:
    """The baseline that the policy names, else the first there is, else the best."""
    named = [criterion.baseline for criterion in results.policy.criterion if criterion.baseline]
    baselines = [name for name, system in results.systems.items() if system.role == "baseline"]
    first = next((name for name in (*named, *baselines) if name in known), None)
    return first or max(known, key=lambda name: float(np.nanmean(known[name])))


def _row(row: Comparison, results: Results, words: Words) -> tuple[str, ...]:
    difference = row.difference
    said = words("better") if row.better else words("worse") if row.worse else ""
    return (
        row.system,
        words(results.systems[row.system].role),
        f"{shown(difference.mean, '')} {_interval(difference.bounds)}",
        f"{difference.p:.4f}",
        f"{difference.p_bound:.4f}",
        f"{row.adjusted:.4f}",
        f"{difference.wins} / {difference.ties} / {difference.losses}",
        said,
        words("yes") if row.tied else "",
    )


def _choice(family: Family, choice: Chosen) -> tuple[str, ...]:
    best = str(family.members[choice.variant])
    honest = f"{shown(choice.honest, '')} {_interval(choice.bounds)}"
    tied = ", ".join(str(setting) for name, setting in family.members.items() if name in choice.tied)
    return family.base, family.option, best, str(choice.tried), shown(choice.apparent, ""), honest, tied


def _interval(bounds: Bounds) -> str:
    return f"[{shown(bounds.low, '')}, {shown(bounds.high, '')}]"
