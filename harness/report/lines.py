"""Measurements laid out in lines: a line per system, a cell per column, and why a cell is empty."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from math import isfinite
from typing import NamedTuple

from harness.policy import Criterion
from harness.ranking.measures import MEASURES, Metric
from harness.ranking.units import shown
from harness.report.drawing import Struck, Table, printable
from harness.report.findings import missing
from harness.report.results import Results
from harness.report.rows import QueryScores
from harness.verdict.measurement import Measurement
from harness.words import ENGLISH, Words

ROLES = ("candidate", "other", "baseline", "chance", "")
IMPORTANT = ("recall@5", "recall@10", "hit@5", "mrr", "ndcg@10", "recall@1", "hit@10", "map")
"""Accuracy metrics that a narrow terminal shows first; it drops the last ones."""

UNKNOWN = "not measured"
NOTHING = "—"
UNSEEN = "not measured: no system here sees pictures"

Key = Callable[[Measurement], str]
"""Which column a measurement stands in."""


class Graded(NamedTuple):
    """A ground truth, and the grade from which an item counts as relevant."""

    truth: str
    level: int | None

    @classmethod
    def of(cls, criterion: Criterion, results: Results) -> Graded:
        """What a criterion speaks of: from its own grade on, or from that of the ground truth."""
        own = {truth.name: truth.level for truth in results.truths}
        truth = criterion.ground_truth or ""
        return cls(truth, criterion.relevance or own.get(truth))

    def holds(self, row: Measurement | QueryScores) -> bool:
        """Whether a row speaks of just this."""
        return (row.ground_truth, row.level) == self

    def told(self, results: Results, words: Words) -> str:
        """Its name, with the grade where the run judged the ground truth by more than one."""
        levels = {row.level for row in accurate(results) if row.ground_truth == self.truth}
        name = printable(self.truth)
        return words("{truth} (grade >= {level})", truth=name, level=self.level) if len(levels) > 1 else name


def table(
    results: Results,
    title: str,
    rows: list[Measurement],
    names: Mapping[str, str],
    key: Key,
    absent: str = "",
    words: Words = ENGLISH,
    *,
    intervals: bool = False,
) -> Iterator[Table]:
    """The table, if there is anything in it; columns in which nobody has anything are left out."""
    used = {column: name for column, name in names.items() if any(key(row) == column for row in rows)}
    drawn = lines(results, rows, list(used), key, absent, intervals, words)
    if drawn:
        why = missing(rows).items()
        note = "; ".join(f"{', '.join(metrics)} {words(UNKNOWN)}: {words(reason)}" for reason, metrics in why)
        header = (words("system"), words("role"), *(words(name) for name in used.values()))
        yield Table(title, header, drawn, labels=2, note=note)


def lines(
    results: Results,
    rows: Iterable[Measurement],
    columns: list[str],
    key: Key,
    absent: str = "",
    intervals: bool = False,
    words: Words = ENGLISH,
) -> tuple[tuple[str, ...], ...]:
    """(system, role, a cell per column) of every system that has a row, by role and in the grid's order."""
    cells: dict[str, dict[str, str]] = {}
    for row in rows:
        cells.setdefault(row.system, {})[key(row)] = cell(row, intervals, words)
    names = sorted(results.systems, key=lambda name: ROLES.index(role(results, name)))
    known = [name for name in dict.fromkeys([*names, *cells]) if name in cells]
    return tuple(
        (name, words(role(results, name)), *(cells[name].get(column, words(absent)) for column in columns))
        for name in known
    )


def cell(row: Measurement, intervals: bool = False, words: Words = ENGLISH) -> str:
    """A value without its unit, with its 95 % interval if asked; or that there is none. What says nothing is struck."""
    if row.value is None:
        return words(UNKNOWN)
    value, ends = bare(row.value, row.unit), row.bounds
    text = f"{value} [{_end(ends.low, row.unit)}, {_end(ends.high, row.unit)}]" if intervals and ends else value
    return Struck(text) if row.struck else text


def bare(value: float, unit: str) -> str:
    """Without the unit: it stands above the column."""
    return shown(value, unit).removesuffix(f" {unit}")


def _end(value: float, unit: str) -> str:
    """A dash on the side on which too few samples prove nothing."""
    return bare(value, unit) if isfinite(value) else NOTHING


def role(results: Results, name: str) -> str:
    """A system's role; empty for one that is not in the grid."""
    return results.systems[name].role if name in results.systems else ""


def accurate(results: Results, staged: bool = False) -> list[Measurement]:
    """What was judged on a ground truth: with everything shown, or as scenarios show it."""
    rows = (row for row in results.measurements if row.ground_truth and row.value is not None)
    judged = (row for row in rows if Metric.parse(row.metric).measure.kind == "accuracy")
    return [row for row in judged if bool(row.scenario) == staged]


def sightless(results: Results) -> bool:
    """Whether there are pictures, and the scenarios were played by nobody but chance who sees them."""
    rows = accurate(results, staged=True)
    played = {row.scenario for row in rows if role(results, row.system) != "chance"}
    return bool(results.dataset.images) and played == {"S1"}


def by_truth(
    rows: Iterable[Measurement], counted: bool = True, words: Words = ENGLISH
) -> Iterator[tuple[str, list[Measurement]]]:
    """("labels (grade >= 2, 100 queries)", its rows) for each ground truth; `counted` where strata share no query."""
    found: dict[tuple[str, int | None], list[Measurement]] = {}
    for row in rows:
        found.setdefault((row.ground_truth, row.level), []).append(row)
    for (truth, level), chosen in found.items():
        sizes = {row.stratum: 0 for row in chosen}
        for row in chosen:  # some metrics leave queries out: judged@10 those that found nothing
            sizes[row.stratum] = max(sizes[row.stratum], row.n)
        n = sum(sizes.values())
        template = "{truth} (grade >= {level}, {n} queries)" if counted else "{truth} (grade >= {level})"
        yield words(template, truth=printable(truth), level=level, n=f"{n:,}"), chosen


def importance(metric: str) -> tuple[int, int, int]:
    """By which metrics are sorted: what a narrow terminal must show first."""
    parsed = Metric.parse(metric)
    place = IMPORTANT.index(metric) if metric in IMPORTANT else len(IMPORTANT)
    return place, list(MEASURES).index(parsed.measure.name), parsed.cutoff or 0
