"""Measurements laid out in lines: a line per system, a cell per column, and why a cell is empty."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from harness.ranking.measures import MEASURES, Metric
from harness.ranking.units import shown
from harness.report.drawing import Table, printable
from harness.report.findings import missing
from harness.report.results import Results
from harness.verdict.measurement import Measurement

ROLES = ("candidate", "other", "baseline", "chance", "")
IMPORTANT = ("recall@5", "recall@10", "hit@5", "mrr", "ndcg@10", "recall@1", "hit@10", "map")
"""Accuracy metrics that a narrow terminal shows first; it drops the last ones."""

UNKNOWN = "not measured"

Key = Callable[[Measurement], str]
"""Which column a measurement stands in."""


def table(
    results: Results, title: str, rows: list[Measurement], names: Mapping[str, str], key: Key, absent: str = ""
) -> Iterator[Table]:
    """The table, if there is anything in it; columns in which nobody has anything are left out."""
    used = {column: name for column, name in names.items() if any(key(row) == column for row in rows)}
    drawn = lines(results, rows, list(used), key, absent)
    if drawn:
        note = "; ".join(f"{', '.join(metrics)} {UNKNOWN}: {reason}" for reason, metrics in missing(rows).items())
        yield Table(title, ("system", "role", *used.values()), drawn, labels=2, note=note)


def lines(
    results: Results, rows: Iterable[Measurement], columns: list[str], key: Key, absent: str = ""
) -> tuple[tuple[str, ...], ...]:
    """(system, role, a cell per column) of every system that has a row, by role and in the grid's order."""
    cells: dict[str, dict[str, str]] = {}
    for row in rows:
        cells.setdefault(row.system, {})[key(row)] = cell(row)
    names = sorted(results.systems, key=lambda name: ROLES.index(role(results, name)))
    known = [name for name in dict.fromkeys([*names, *cells]) if name in cells]
    return tuple(
        (name, role(results, name), *(cells[name].get(column, absent) for column in columns)) for name in known
    )


def cell(row: Measurement) -> str:
    """A value without its unit, or that there is none."""
    return UNKNOWN if row.value is None else bare(row.value, row.unit)


def bare(value: float, unit: str) -> str:
    """Without the unit: it stands above the column."""
    return shown(value, unit).removesuffix(f" {unit}")


def role(results: Results, name: str) -> str:
    """A system's role; empty for one that is not in the grid."""
    return results.systems[name].role if name in results.systems else ""


def accurate(results: Results, staged: bool = False) -> list[Measurement]:
    """What was judged on a ground truth: with everything shown, or as scenarios show it."""
    rows = (row for row in results.measurements if row.ground_truth and row.value is not None)
    judged = (row for row in rows if Metric.parse(row.metric).measure.kind == "accuracy")
    return [row for row in judged if bool(row.scenario) == staged]


def by_truth(rows: Iterable[Measurement], counted: bool = True) -> Iterator[tuple[str, list[Measurement]]]:
    """("labels (grade >= 2, 100 queries)", its rows) for each ground truth; `counted` where strata share no query."""
    found: dict[tuple[str, int | None], list[Measurement]] = {}
    for row in rows:
        found.setdefault((row.ground_truth, row.level), []).append(row)
    for (truth, level), chosen in found.items():
        sizes = {row.stratum: 0 for row in chosen}
        for row in chosen:  # some metrics leave queries out: judged@10 those that found nothing
            sizes[row.stratum] = max(sizes[row.stratum], row.n)
        n = sum(sizes.values())
        yield f"{printable(truth)} (grade >= {level}{f', {n:,} queries' if counted else ''})", chosen


def importance(metric: str) -> tuple[int, int, int]:
    """By which metrics are sorted: what a narrow terminal must show first."""
    parsed = Metric.parse(metric)
    place = IMPORTANT.index(metric) if metric in IMPORTANT else len(IMPORTANT)
    return place, list(MEASURES).index(parsed.measure.name), parsed.cutoff or 0
