"""What a suite records of one system: the memo's answers as rows, and the findings that follow from them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from harness.errors import HarnessError, NotMeasured
from harness.grid.systems import lexical
from harness.probes.latency import STAGES
from harness.probes.readings import READINGS
from harness.report.results import Finding, QueryScores, Ranking, Row, Samples, failure_row, to_row
from harness.session.memo import Memo
from harness.verdict.evaluation import Scores
from harness.verdict.measurement import Measurement

LATENCY = ("latency-mean", "latency-p50", "latency-p95", "latency-p99")


def scores_rows(scores: Scores) -> Iterator[Row]:
    """Means in every stratum, then every query."""
    yield from _mean_rows(scores)
    for place, query_id in enumerate(scores.query_ids):
        values = {metric: float(column[place]) for metric, column in scores.values.items()}
        shown = {metric: None if value != value else value for metric, value in values.items()}
        yield to_row(QueryScores(scores.system, scores.ground_truth, query_id, shown))


def _mean_rows(scores: Scores) -> Iterator[Row]:
    yield from (to_row(row) for row in scores.measurements(list(scores.values)))


def latency_rows(memo: Memo, system: str) -> Iterator[Row]:
    """The distribution as a whole, by stage, and apart for queries with and without a picture."""
    measured = memo.latency(system)
    stages = [stage for stage in STAGES if stage in measured.samples]
    metrics = [*LATENCY, *(f"{stage}-p95" for stage in stages if stage != "total")]
    yield from (to_row(memo.measurement(system, metric)) for metric in metrics)
    for name, picture in (("query=text", False), ("query=picture", True)):
        part = measured.only(picture)
        if part is not None and len(part) < len(measured):
            p95 = part.percentile(95)
            yield to_row(Measurement(system, "latency-p95", p95, len(part), memo.dataset.name, stratum=name))
    for stage in stages:
        yield to_row(Samples(system, stage, measured.samples[stage].tolist()))


def probe_rows(memo: Memo, system: str, probe: str) -> Iterator[Row]:
    """Every metric that a probe answers for; where it could not be had, the row says why."""
    metrics = [metric for metric, reading in READINGS.items() if reading.probe == probe]
    yield from (to_row(memo.measurement(system, metric)) for metric in metrics)


def accuracy_rows(memo: Memo, system: str, truths: Iterable[str]) -> Iterator[Row]:
    """The ranking, its scores on every ground truth beside those of chance, and whether it reorders anything."""
    yield to_row(Ranking.of(system, memo.run(system)))
    for truth in truths:
        try:
            yield from scores_rows(memo.scores(system, truth))
            yield from _chance_rows(memo, truth)
        except NotMeasured as reason:
            yield failure_row("", reason)
    yield from _reordering_rows(memo, system)


def _chance_rows(memo: Memo, truth: str) -> Iterator[Row]:
    """The floor of the table, whichever systems were selected; a chance system that fails costs only itself."""
    for name, system in memo.systems.items():
        if system.role == "chance":
            try:
                scores = memo.scores(name, truth)
            except HarnessError as error:
                yield failure_row(name, error)
            else:
                yield from _mean_rows(scores)


def canary_rows(memo: Memo, system: str) -> Iterator[Row]:
    """Whether a system's lexical part can read Korean and formulas at all; nothing for a system that has none."""
    if not lexical(memo.registry, memo.system(system).retriever):
        return
    yield from probe_rows(memo, system, "canary")
    try:
        sung = memo.canary(system)
    except HarnessError as error:
        yield failure_row(system, error)
        return
    if sung.missed:
        count = f"{len(sung.missed)} of {sung.phrases} canary phrases"
        told = f"cannot read Korean and formulas: misses {count} ({', '.join(sung.missed[:3])}, ...)"
        yield to_row(Finding(system, told))


def _reordering_rows(memo: Memo, system: str) -> Iterator[Row]:
    """A reranker that reorders nothing is a fault whatever the scores say."""
    if memo.system(system).reranker:
        yield from probe_rows(memo, system, "reordering")
        if memo.reordering(system).share == 0:
            yield to_row(Finding(system, "its reranker changed the order of no query: that is a fault"))


def stability_rows(memo: Memo, system: str) -> Iterator[Row]:
    """Success, finiteness and drift over many calls, and what went wrong in them."""
    steady = memo.stability(system)
    yield from probe_rows(memo, system, "stability")
    if steady.first_failure:
        yield to_row(Finding(system, f"failed while being called repeatedly: {steady.first_failure}"))
    if steady.changed:
        yield to_row(Finding(system, f"ranked otherwise than before in {steady.changed:,} of {steady.calls:,} calls"))
