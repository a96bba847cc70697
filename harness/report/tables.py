"""What people read of a run, as tables: the terminal and the markdown report are made from the same rows."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from itertools import chain

from harness.ranking.measures import Metric
from harness.ranking.units import shown
from harness.report.drawing import Table, printable, wrapped
from harness.report.findings import findings
from harness.report.lines import UNKNOWN, accurate, bare, by_truth, importance, lines, role, table
from harness.report.results import Results
from harness.verdict.criteria import Outcome, State
from harness.verdict.measurement import Measurement

LATENCY = {"latency-p50": "p50", "latency-p95": "p95", "latency-p99": "p99", "encode-p95": "encode",
           "search-p95": "search", "rerank-p95": "rerank", "query=text": "text", "query=picture": "picture",
           "latency-mean": "mean"}  # fmt: skip
SIMILARITY = {"margin": "margin", "cosine-relevant": "relevant pairs", "cosine-others": "all others",
              "picture-gain": "gain from pictures"}  # fmt: skip
VOLUME = {"throughput": "items/s", "throughput-query": "queries/s"}
VRAM = {"vram-device": "device", "vram-process": "process", "vram-reserved": "reserved", "vram-allocated": "allocated"}
HEALTH = {"stability": "succeeded", "non-finite": "non-finite", "drift": "drift",
          "memory-growth": "KiB/call", "canary": "canary", "reorders": "reordered"}  # fmt: skip


def summary(results: Results) -> str:
    """The terminal's account: accuracy, speed, health, what was found, and the verdicts last, where eyes are."""
    dataset = results.dataset
    head = f"{printable(dataset.name)} is SYNTHETIC: no number here speaks of real items." if dataset.synthetic else ""
    strata = by_stratum(results, "recall@5", named=True), scenarios(results)
    parts = chain(accuracy(results), *strata, similarity(results), performance(results), health(results))
    drawn = [table.text() for table in parts]
    judged = [*(table.blocks() for table in criteria(results)), *(table.text() for table in verdicts(results))]
    last = judged or [unjudged(results)]
    return "\n\n".join(part for part in (head, *drawn, findings(results), *last) if part)


def accuracy(results: Results) -> Iterator[Table]:
    """A table per ground truth and level: a row per system, chance included, a column per metric.

    A cell is blank where the run says nothing (deeper than it was reranked). The last row is what a perfect
    ranking would reach, where that is less than 1 for a recall.
    """
    for title, rows in by_truth(row for row in accurate(results) if row.stratum == "all"):
        metrics = sorted({row.metric for row in rows}, key=importance)
        if all(metric.startswith("judged@") for metric in metrics):  # nothing is relevant from this grade on
            continue
        drawn = lines(results, rows, metrics, lambda row: row.metric)
        yield Table(f"accuracy on {title}", ("system", "role", *metrics), (*drawn, *_perfect(rows, metrics)), labels=2)


def by_stratum(
    results: Results, metric: str, named: bool = False, truths: Container[str] | None = None
) -> Iterator[Table]:
    """One metric by category and by subject, the number of queries in brackets.

    `named` keeps only systems with a role; `truths` only those ground truths.
    """
    for facet in ("category", "subject"):
        chosen = [row for row in accurate(results) if row.metric == metric and row.stratum.startswith(f"{facet}=")]
        kept = [row for row in chosen if not named or role(results, row.system) != "other"]
        told = [row for row in kept if truths is None or row.ground_truth in truths]
        if {role(results, row.system) for row in told} == {"chance"}:
            continue  # a floor under nothing
        for title, rows in by_truth(told):
            sizes = {row.stratum: row.n for row in rows}
            names = [f"{printable(stratum.partition('=')[2])} ({n:,})" for stratum, n in sizes.items()]
            drawn = lines(results, rows, list(sizes), lambda row: row.stratum)
            yield Table(f"{metric} by {facet} on {title}", ("system", "role", *names), drawn, labels=2)


def scenarios(results: Results, metric: str = "recall@5", truths: Container[str] | None = None) -> Iterator[Table]:
    """One metric by scenario: a line per system and scenario, a column per category of queries.

    Nothing where no system but chance sees more than text: the one scenario left is the table of accuracy again.
    """
    chosen = [row for row in accurate(results, staged=True) if row.metric == metric]
    told = [row for row in chosen if truths is None or row.ground_truth in truths]
    if all(row.scenario == "S1" for row in told if role(results, row.system) != "chance"):
        return
    for title, rows in by_truth([row for row in told if not row.stratum.startswith("subject=")], counted=False):
        columns = list(dict.fromkeys(row.stratum for row in rows))
        names = [printable(stratum.partition("=")[2] or stratum) for stratum in columns]
        drawn = []
        for scenario in sorted({row.scenario for row in rows}):
            shown_in = [row for row in rows if row.scenario == scenario]
            found = lines(results, shown_in, columns, lambda row: row.stratum)
            n = max(row.n for row in shown_in)
            drawn += [(f"{scenario} ({n:,})", *line) for line in found]
        yield Table(f"{metric} by scenario on {title}", ("scenario", "system", "role", *names), tuple(drawn), labels=3)


def similarity(results: Results) -> Iterator[Table]:
    """How alike relevant pairs are and all others, and what pictures add; nothing where nobody embeds."""
    known = [row for row in results.measurements if row.metric in SIMILARITY and row.stratum == "all" and row.n]
    for title, rows in by_truth(known, counted=False):
        yield from table(results, f"similarity on {title}", rows, SIMILARITY, lambda row: row.metric)


def performance(results: Results) -> Iterator[Table]:
    """Latency by percentile, stage and kind of query; then what passes through per second, and GPU memory."""
    rows = [row for row in results.measurements if row.stratum in LATENCY or row.metric in LATENCY]
    calls = max((row.n for row in rows), default=0)
    size = len(results.dataset.corpus)
    title = f"latency of one query in ms ({calls:,} calls over {size:,} items; stages and kinds of query: p95)"
    yield from table(results, title, rows, LATENCY, lambda row: row.metric if row.stratum == "all" else row.stratum)
    yield from _volume(results)


def _volume(results: Results) -> Iterator[Table]:
    """Of the meanings of VRAM only those that anybody has; that nobody has any is a column too."""
    measured = [row for row in results.measurements if row.metric in VOLUME or row.metric in VRAM]
    known = [metric for metric in VRAM if any(row.metric == metric and row.value is not None for row in measured)]
    sizes = dict.fromkeys(row.stratum for row in measured if row.stratum != "all")
    smaller = {f"throughput {size}": f"items/s {size}" for size in sizes}
    memory = {metric: f"VRAM {VRAM[metric]} MiB" for metric in known} or {"vram-device": "VRAM"}
    names = {**VOLUME, **smaller, **memory}
    rows = [row for row in measured if _volume_column(row) in names]
    yield from table(results, "throughput in batches, and GPU memory", rows, names, _volume_column, UNKNOWN)


def _volume_column(row: Measurement) -> str:
    return row.metric if row.stratum == "all" else f"{row.metric} {row.stratum}"


def health(results: Results) -> Iterator[Table]:
    """Whether a system keeps answering, gives the same answers, and reads Korean and formulas at all."""
    timed = {row.system for row in results.measurements if row.metric == "stability"}
    rows = [row for row in results.measurements if row.metric in HEALTH and (row.system in timed or not timed)]
    calls = max((row.n for row in rows if row.metric == "stability"), default=0)
    steady = f"stability over {calls:,} consecutive calls; " if calls else ""
    title = f"{steady}share of canary phrases found, of queries reordered"
    yield from table(results, title, rows, HEALTH, lambda row: row.metric)


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
    left_out = f"test_go_nogo was left out, or none of the candidates was asked for: {', '.join(candidates)}"
    nobody = "there is no candidate; `candidates` in [grid] names them"
    return wrapped(f"no verdict: no criterion was judged in this run ({left_out if candidates else nobody})")


def _state(outcome: Outcome, metric: Metric) -> str:
    return outcome.state if outcome.value is None else f"{shown(outcome.value, metric.measure.unit)} {outcome.state}"


def _perfect(rows: Iterable[Measurement], metrics: list[str]) -> Iterator[tuple[str, ...]]:
    ceilings = {row.metric: row.ceiling for row in rows if row.ceiling is not None}
    if any(metric.startswith("recall@") and ceiling < 1 for metric, ceiling in ceilings.items()):
        cells = (bare(ceilings[metric], "") if metric in ceilings else "" for metric in metrics)
        yield ("(perfect ranking)", "", *cells)
