"""What people read of a run, as tables: the terminal and the reports are made from the same rows."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator

from harness.ranking.measures import Metric
from harness.ranking.units import shown
from harness.report.drawing import Table, printable
from harness.report.lines import UNKNOWN, accurate, bare, by_truth, importance, lines, role, table
from harness.report.results import Results
from harness.verdict.measurement import Measurement
from harness.verdict.outcomes import Outcome, State
from harness.words import ENGLISH, Words

LATENCY = {"latency-p50": "p50", "latency-p95": "p95", "latency-p99": "p99", "encode-p95": "encode",
           "search-p95": "search", "rerank-p95": "rerank", "query=text": "text", "query=picture": "picture",
           "latency-mean": "mean"}  # fmt: skip
SIMILARITY = {"margin": "margin", "cosine-relevant": "relevant pairs", "cosine-others": "all others",
              "picture-gain": "gain from pictures"}  # fmt: skip
VOLUME = {"throughput": "items/s", "throughput-query": "queries/s"}
VRAM = {"vram-device": "device", "vram-process": "process", "vram-reserved": "reserved", "vram-allocated": "allocated"}
HEALTH = {"stability": "succeeded", "non-finite": "non-finite", "drift": "drift",
          "memory-growth": "KiB/call", "canary": "canary", "reorders": "reordered"}  # fmt: skip


def accuracy(results: Results, words: Words = ENGLISH, *, intervals: bool = False) -> Iterator[Table]:
    """A table per ground truth and level: a row per system, chance included, a column per metric.

    A cell is blank where the run says nothing (deeper than it was reranked). The last row is what a perfect
    ranking would reach, where that is less than 1 for a recall.
    """
    for title, rows in by_truth((row for row in accurate(results) if row.stratum == "all"), words=words):
        metrics = sorted({row.metric for row in rows}, key=importance)
        if all(metric.startswith("judged@") for metric in metrics):  # nothing is relevant from this grade on
            continue
        drawn = lines(results, rows, metrics, lambda row: row.metric, intervals=intervals, words=words)
        header = (words("system"), words("role"), *metrics)
        heading = words("accuracy on {truth}", truth=title)
        yield Table(heading, header, (*drawn, *_perfect(rows, metrics, words)), labels=2)


def by_stratum(
    results: Results,
    metric: str,
    named: bool = False,
    truths: Container[str] | None = None,
    words: Words = ENGLISH,
    *,
    intervals: bool = False,
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
        for title, rows in by_truth(told, words=words):
            sizes = {row.stratum: row.n for row in rows}
            names = [f"{printable(stratum.partition('=')[2])} ({n:,})" for stratum, n in sizes.items()]
            drawn = lines(results, rows, list(sizes), lambda row: row.stratum, intervals=intervals, words=words)
            heading = words("{metric} by {facet} on {truth}", metric=metric, facet=words(facet), truth=title)
            yield Table(heading, (words("system"), words("role"), *names), drawn, labels=2)


def scenarios(
    results: Results, metric: str = "recall@5", truths: Container[str] | None = None, words: Words = ENGLISH
) -> Iterator[Table]:
    """One metric by scenario: a line per system and scenario, a column per category of queries.

    Nothing where no system but chance sees more than text: the one scenario left is the table of accuracy again.
    """
    chosen = [row for row in accurate(results, staged=True) if row.metric == metric]
    told = [row for row in chosen if truths is None or row.ground_truth in truths]
    if all(row.scenario == "S1" for row in told if role(results, row.system) != "chance"):
        return
    kept = [row for row in told if not row.stratum.startswith("subject=")]
    for title, rows in by_truth(kept, counted=False, words=words):
        columns = list(dict.fromkeys(row.stratum for row in rows))
        names = [printable(stratum.partition("=")[2] or words(stratum)) for stratum in columns]
        drawn = []
        for scenario in sorted({row.scenario for row in rows}):
            shown_in = [row for row in rows if row.scenario == scenario]
            found = lines(results, shown_in, columns, lambda row: row.stratum, words=words)
            n = max(row.n for row in shown_in)
            drawn += [(f"{scenario} ({n:,})", *line) for line in found]
        heading = words("{metric} by scenario on {truth}", metric=metric, truth=title)
        yield Table(heading, (words("scenario"), words("system"), words("role"), *names), tuple(drawn), labels=3)


def similarity(results: Results, words: Words = ENGLISH) -> Iterator[Table]:
    """How alike relevant pairs are and all others, and what pictures add; nothing where nobody embeds."""
    known = [row for row in results.measurements if row.metric in SIMILARITY and row.stratum == "all" and row.n]
    for title, rows in by_truth(known, counted=False, words=words):
        heading = words("similarity on {truth}", truth=title)
        yield from table(results, heading, rows, SIMILARITY, lambda row: row.metric, words=words)


def performance(results: Results, words: Words = ENGLISH, *, intervals: bool = False) -> Iterator[Table]:
    """Latency by percentile, stage and kind of query; then what passes through per second, and GPU memory."""
    rows = [row for row in results.measurements if row.stratum in LATENCY or row.metric in LATENCY]
    title = words(
        "latency of one query in ms ({calls} calls over {size} items; stages and kinds of query: p95)",
        calls=f"{max((row.n for row in rows), default=0):,}",
        size=f"{results.dataset.items:,}",
    )
    names, key = LATENCY, lambda row: row.metric if row.stratum == "all" else row.stratum
    yield from table(results, title, rows, names, key, words=words, intervals=intervals)
    yield from _volume(results, words)


def _volume(results: Results, words: Words) -> Iterator[Table]:
    """Of the meanings of VRAM only those that anybody has; that nobody has any is a column too."""
    measured = [row for row in results.measurements if row.metric in VOLUME or row.metric in VRAM]
    known = [metric for metric in VRAM if any(row.metric == metric and row.value is not None for row in measured)]
    sizes = dict.fromkeys(row.stratum for row in measured if row.stratum != "all")
    smaller = {f"throughput {size}": f"items/s {size}" for size in sizes}
    memory = {metric: f"VRAM {VRAM[metric]} MiB" for metric in known} or {"vram-device": "VRAM"}
    names = {**VOLUME, **smaller, **memory}
    rows = [row for row in measured if _volume_column(row) in names]
    title = words("throughput in batches, and GPU memory")
    yield from table(results, title, rows, names, _volume_column, UNKNOWN, words)


def _volume_column(row: Measurement) -> str:
    return row.metric if row.stratum == "all" else f"{row.metric} {row.stratum}"


def health(results: Results, words: Words = ENGLISH) -> Iterator[Table]:
    """Whether a system keeps answering, gives the same answers, and reads Korean and formulas at all."""
    timed = {row.system for row in results.measurements if row.metric == "stability"}
    rows = [row for row in results.measurements if row.metric in HEALTH and (row.system in timed or not timed)]
    calls = max((row.n for row in rows if row.metric == "stability"), default=0)
    title = words("share of canary phrases found, of queries reordered")
    if calls:
        steady = words("stability over {calls} consecutive calls", calls=f"{calls:,}")
        title = f"{steady}; {title}"
    yield from table(results, title, rows, HEALTH, lambda row: row.metric, words=words)


def criteria(results: Results, words: Words = ENGLISH) -> Iterator[Table]:
    """A row per criterion, a column per candidate: the value that was judged, and its state."""
    judged = results.verdicts
    if not judged:
        return
    cells = {(outcome.system, outcome.criterion): outcome for verdict in judged for outcome in verdict.outcomes}
    rows = tuple(
        (criterion.id, *(_state(cells[verdict.system, criterion.id], criterion.parsed, words) for verdict in judged))
        for criterion in results.policy.criterion
    )
    header = (words("criterion"), *(verdict.system for verdict in judged))
    yield Table(words("criteria of policy {name}", name=printable(results.policy.name)), header, rows)


def verdicts(results: Results, words: Words = ENGLISH) -> Iterator[Table]:
    """A row per candidate: the decision, and what stands in the way of GO; below, why something was not measured."""
    judged = results.verdicts
    rows = tuple((verdict.system, words(verdict.decision.value), verdict.why(words)) for verdict in judged)
    if rows:
        names = {"name": printable(results.policy.name), "dataset": printable(results.dataset.name)}
        template = "verdicts under policy {name} on {dataset}"
        if results.policy.point_estimates:
            template = "verdicts by point estimates alone under policy {name} on {dataset}"
        lacking = (o.told(words) for verdict in judged for o in verdict.outcomes if o.state is State.NOT_MEASURED)
        note = "\n".join(f"{words(UNKNOWN)}: {printable(sentence)}" for sentence in dict.fromkeys(lacking))
        header = (words("candidate"), words("verdict"), words("what stands in the way"))
        yield Table(words(template, **names), header, rows, labels=3, note=note)


def _state(outcome: Outcome, metric: Metric, words: Words) -> str:
    state = words(outcome.state.value)
    return state if outcome.value is None else f"{shown(outcome.value, metric.measure.unit)} {state}"


def _perfect(rows: Iterable[Measurement], metrics: list[str], words: Words) -> Iterator[tuple[str, ...]]:
    ceilings = {row.metric: row.ceiling for row in rows if row.ceiling is not None}
    if any(metric.startswith("recall@") and ceiling < 1 for metric, ceiling in ceilings.items()):
        cells = (bare(ceilings[metric], "") if metric in ceilings else "" for metric in metrics)
        yield (words("(perfect ranking)"), "", *cells)
