"""What people read of a run, as tables: the terminal and the markdown report are made from the same rows."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from itertools import chain

from harness.ranking.measures import MEASURES, Metric
from harness.ranking.units import shown
from harness.report.drawing import Table, printable, wrapped
from harness.report.findings import findings, missing
from harness.report.results import Results
from harness.verdict.criteria import Outcome, State
from harness.verdict.measurement import Measurement

ROLES = ("candidate", "other", "baseline", "chance", "")
IMPORTANT = ("recall@5", "recall@10", "hit@5", "mrr", "ndcg@10", "recall@1", "hit@10", "map")
"""Accuracy metrics that a narrow terminal shows first; it drops the last ones."""

LATENCY = {"latency-p50": "p50", "latency-p95": "p95", "latency-p99": "p99", "encode-p95": "encode",
           "search-p95": "search", "rerank-p95": "rerank", "query=text": "text", "query=picture": "picture",
           "latency-mean": "mean"}  # fmt: skip
VOLUME = {"throughput": "items/s", "throughput-query": "queries/s"}
VRAM = {"vram-device": "device", "vram-process": "process", "vram-reserved": "reserved", "vram-allocated": "allocated"}
HEALTH = {"stability": "succeeded", "non-finite": "non-finite", "drift": "drift", "canary": "canary",
          "reorders": "reordered"}  # fmt: skip
UNKNOWN = "not measured"

Key = Callable[[Measurement], str]
"""Which column a measurement stands in."""


def summary(results: Results) -> str:
    """The terminal's account: accuracy, speed, health, what was found, and the verdicts last, where eyes are."""
    dataset = results.dataset
    head = f"{printable(dataset.name)} is SYNTHETIC: no number here speaks of real items." if dataset.synthetic else ""
    parts = accuracy(results), by_stratum(results, "recall@5", named=True), performance(results), health(results)
    drawn = [table.text() for table in chain.from_iterable(parts)]
    judged = [*(table.blocks() for table in criteria(results)), *(table.text() for table in verdicts(results))]
    last = judged or [unjudged(results)]
    return "\n\n".join(part for part in (head, *drawn, findings(results), *last) if part)


def accuracy(results: Results) -> Iterator[Table]:
    """A table per ground truth and level: a row per system, chance included, a column per metric.

    A cell is blank where the run says nothing (deeper than it was reranked). The last row is what a perfect
    ranking would reach, where that is less than 1 for a recall.
    """
    for title, rows in _by_truth(row for row in _accurate(results) if row.stratum == "all"):
        metrics = sorted({row.metric for row in rows}, key=_importance)
        if all(metric.startswith("judged@") for metric in metrics):  # nothing is relevant from this grade on
            continue
        lines = _lines(results, rows, metrics, lambda row: row.metric)
        yield Table(f"accuracy on {title}", ("system", "role", *metrics), (*lines, *_perfect(rows, metrics)), labels=2)


def by_stratum(
    results: Results, metric: str, named: bool = False, truths: Container[str] | None = None
) -> Iterator[Table]:
    """One metric by category and by subject, the number of queries in brackets.

    `named` keeps only systems with a role; `truths` only those ground truths.
    """
    for facet in ("category", "subject"):
        chosen = [row for row in _accurate(results) if row.metric == metric and row.stratum.startswith(f"{facet}=")]
        kept = [row for row in chosen if not named or _role(results, row.system) != "other"]
        told = [row for row in kept if truths is None or row.ground_truth in truths]
        if {_role(results, row.system) for row in told} == {"chance"}:
            continue  # a floor under nothing
        for title, rows in _by_truth(told):
            sizes = {row.stratum: row.n for row in rows}
            names = [f"{printable(stratum.partition('=')[2])} ({n:,})" for stratum, n in sizes.items()]
            lines = _lines(results, rows, list(sizes), lambda row: row.stratum)
            yield Table(f"{metric} by {facet} on {title}", ("system", "role", *names), lines, labels=2)


def performance(results: Results) -> Iterator[Table]:
    """Latency by percentile, stage and kind of query; then what passes through per second, and GPU memory."""
    rows = [row for row in results.measurements if row.stratum in LATENCY or row.metric in LATENCY]
    calls = max((row.n for row in rows), default=0)
    size = len(results.dataset.corpus)
    title = f"latency of one query in ms ({calls:,} calls over {size:,} items; stages and kinds of query: p95)"
    yield from _table(results, title, rows, LATENCY, lambda row: row.metric if row.stratum == "all" else row.stratum)
    yield from _volume(results)


def _volume(results: Results) -> Iterator[Table]:
    """Of the meanings of VRAM only those that anybody has; that nobody has any is a column too."""
    measured = [row for row in results.measurements if row.metric in VOLUME or row.metric in VRAM]
    known = [metric for metric in VRAM if any(row.metric == metric and row.value is not None for row in measured)]
    names = {**VOLUME, **({metric: f"VRAM {VRAM[metric]} MiB" for metric in known} or {"vram-device": "VRAM"})}
    rows = [row for row in measured if row.metric in names]
    yield from _table(results, "throughput in batches, and GPU memory", rows, names, lambda row: row.metric, UNKNOWN)


def health(results: Results) -> Iterator[Table]:
    """Whether a system keeps answering, gives the same answers, and reads Korean and formulas at all."""
    timed = {row.system for row in results.measurements if row.metric == "stability"}
    rows = [row for row in results.measurements if row.metric in HEALTH and (row.system in timed or not timed)]
    calls = max((row.n for row in rows if row.metric == "stability"), default=0)
    steady = f"stability over {calls:,} consecutive calls; " if calls else ""
    title = f"{steady}share of canary phrases found, of queries reordered"
    yield from _table(results, title, rows, HEALTH, lambda row: row.metric)


def criteria(results: Results) -> Iterator[Table]:
    """A row per criterion, a column per candidate: the value that was judged, and its state."""
    judged = results.verdicts
    if not judged:
        return
    cells = {(outcome.system, outcome.criterion): outcome for verdict in judged for outcome in verdict.outcomes}
    rows = tuple(
        (criterion.id, *(_state(cells[verdict.system, criterion.id], criterion.parsed) for verdict in judged))
        for criterion in results.policy.criterion
    )
    header = ("criterion", *(verdict.system for verdict in judged))
    yield Table(f"criteria of policy {printable(results.policy.name)}", header, rows)


def verdicts(results: Results) -> Iterator[Table]:
    """A row per candidate: the decision, and what stands in the way of GO; below, why something was not measured."""
    judged = results.verdicts
    rows = tuple((verdict.system, str(verdict.decision), verdict.why()) for verdict in judged)
    if rows:
        title = f"verdicts under policy {printable(results.policy.name)} on {printable(results.dataset.name)}"
        lacking = (o.sentence for verdict in judged for o in verdict.outcomes if o.state is State.NOT_MEASURED)
        note = "\n".join(f"not measured: {printable(sentence)}" for sentence in dict.fromkeys(lacking))
        yield Table(title, ("candidate", "verdict", "what stands in the way"), rows, labels=3, note=note)


def unjudged(results: Results) -> str:
    """Why there is no verdict."""
    candidates = [name for name, system in results.systems.items() if system.role == "candidate"]
    named = f"Candidates are: {', '.join(candidates)}" if candidates else "There is no candidate"
    return wrapped(f"no verdict: no criterion was judged in this run. {named}; `candidates` in [grid] names them.")


def _table(
    results: Results, title: str, rows: list[Measurement], names: Mapping[str, str], key: Key, absent: str = ""
) -> Iterator[Table]:
    """The table, if there is anything in it; columns in which nobody has anything are left out."""
    used = {column: name for column, name in names.items() if any(key(row) == column for row in rows)}
    lines = _lines(results, rows, list(used), key, absent)
    if lines:
        note = "; ".join(f"{', '.join(metrics)} {UNKNOWN}: {reason}" for reason, metrics in missing(rows).items())
        yield Table(title, ("system", "role", *used.values()), lines, labels=2, note=note)


def _lines(
    results: Results, rows: Iterable[Measurement], columns: list[str], key: Key, absent: str = ""
) -> tuple[tuple[str, ...], ...]:
    """(system, role, a cell per column) of every system that has a row, by role and in the grid's order."""
    cells: dict[str, dict[str, str]] = {}
    for row in rows:
        cells.setdefault(row.system, {})[key(row)] = _cell(row)
    names = sorted(results.systems, key=lambda name: ROLES.index(_role(results, name)))
    known = [name for name in (*names, *(cells.keys() - results.systems.keys())) if name in cells]
    return tuple(
        (name, _role(results, name), *(cells[name].get(column, absent) for column in columns)) for name in known
    )


def _cell(row: Measurement) -> str:
    return UNKNOWN if row.value is None else _bare(row.value, row.unit)


def _state(outcome: Outcome, metric: Metric) -> str:
    return outcome.state if outcome.value is None else f"{shown(outcome.value, metric.measure.unit)} {outcome.state}"


def _bare(value: float, unit: str) -> str:
    """Without the unit: it stands above the column."""
    return shown(value, unit).removesuffix(f" {unit}")


def _role(results: Results, name: str) -> str:
    return results.systems[name].role if name in results.systems else ""


def _accurate(results: Results) -> list[Measurement]:
    return [row for row in results.measurements if row.ground_truth and row.value is not None]


def _by_truth(rows: Iterable[Measurement]) -> Iterator[tuple[str, list[Measurement]]]:
    """("labels (grade >= 2, 100 queries)", its rows) for each ground truth."""
    found: dict[tuple[str, int | None], list[Measurement]] = {}
    for row in rows:
        found.setdefault((row.ground_truth, row.level), []).append(row)
    for (truth, level), chosen in found.items():
        n = sum({row.stratum: row.n for row in chosen}.values())
        yield f"{printable(truth)} (grade >= {level}, {n:,} queries)", chosen


def _importance(metric: str) -> tuple[int, int, int]:
    parsed = Metric.parse(metric)
    place = IMPORTANT.index(metric) if metric in IMPORTANT else len(IMPORTANT)
    return place, list(MEASURES).index(parsed.measure.name), parsed.cutoff or 0


def _perfect(rows: Iterable[Measurement], metrics: list[str]) -> Iterator[tuple[str, ...]]:
    ceilings = {row.metric: row.ceiling for row in rows if row.ceiling is not None}
    if any(metric.startswith("recall@") and ceiling < 1 for metric, ceiling in ceilings.items()):
        cells = (_bare(ceilings[metric], "") if metric in ceilings else "" for metric in metrics)
        yield ("(perfect ranking)", "", *cells)
