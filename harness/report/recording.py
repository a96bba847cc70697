"""What a suite records of one system: the memo's answers as rows, and the findings that follow from them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from harness.errors import HarnessError, NotMeasured
from harness.grid.scenarios import SCENARIOS, sees
from harness.grid.systems import lexical, on_device
from harness.probes.latency import STAGES
from harness.probes.readings import READINGS
from harness.ranking.units import shown
from harness.report.results import Finding, QueryScores, Ranking, Row, Samples, failure_row, to_row
from harness.session.ladder import Rung, limit, rungs
from harness.session.memo import Memo
from harness.verdict.chance import at_chance
from harness.verdict.evaluation import Scores
from harness.verdict.measurement import Measurement

SIMILARITY = ("margin", "cosine-relevant", "cosine-others")
GAINED = "recall@5"
LATENCY = ("latency-mean", "latency-p50", "latency-p95", "latency-p99")


def scores_rows(scores: Scores) -> Iterator[Row]:
    """Means in every stratum, then every query."""
    yield from _mean_rows(scores)
    for place, query_id in enumerate(scores.query_ids):
        values = {metric: float(column[place]) for metric, column in scores.values.items()}
        shown = {metric: None if value != value else value for metric, value in values.items()}
        yield to_row(QueryScores(scores.system, scores.ground_truth, query_id, shown))


def _mean_rows(scores: Scores, scenario: str = "") -> Iterator[Row]:
    rows = scores.measurements(list(scores.values))
    yield from (to_row(replace(row, scenario=scenario)) for row in rows)


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
    yield from _remark_rows(memo, system)


def probe_rows(memo: Memo, system: str, probe: str) -> Iterator[Row]:
    """Every metric that a probe answers for; where it could not be had, the row says why."""
    metrics = [metric for metric, reading in READINGS.items() if reading.probe == probe]
    yield from (to_row(memo.measurement(system, metric)) for metric in metrics)


def accuracy_rows(memo: Memo, system: str, truths: Iterable[str]) -> Iterator[Row]:
    """The ranking, its scores on every ground truth beside those of chance, and whether it reorders anything."""
    yield to_row(Ranking.of(system, memo.run(system)))
    told: dict[str, str] = {}
    for truth in truths:
        try:
            scores = memo.scores(system, truth)
            yield from scores_rows(scores)
            yield from _margin_rows(memo, system, truth)
            yield from _chance_rows(memo, scores, told)
        except NotMeasured as reason:
            yield failure_row("", reason)
    yield from _suspicion(system, told)
    yield from _reordering_rows(memo, system)
    yield from _remark_rows(memo, system)


def scenario_rows(memo: Memo, system: str, scenario: str, truths: Iterable[str]) -> Iterator[Row]:
    """The means of one scenario on every ground truth, beside those of chance. Raises where there is no ranking."""
    memo.staged(scenario).run(memo.system(system))
    told: dict[str, str] = {}
    for truth in truths:
        try:
            scores = memo.scores(system, truth, scenario=scenario)
            yield from _mean_rows(scores, scenario)
            if scenario == "S4":
                yield from _gain_rows(memo, scores)
            yield from _chance_rows(memo, scores, told, scenario)
        except NotMeasured as reason:
            yield failure_row("", reason)
    yield from _suspicion(system, told, f" in {scenario} ({SCENARIOS[scenario].about})")
    yield from _remark_rows(memo, system)


def _chance_rows(memo: Memo, scores: Scores, told: dict[str, str], scenario: str = "") -> Iterator[Row]:
    """The floor of the table, whichever systems were selected; a chance system that fails costs only itself.

    `told` gets a sentence by ground truth where the system cannot be told from it.
    """
    for name, system in memo.systems.items():
        if system.role == "chance" and (not scenario or sees(SCENARIOS[scenario], system, memo.registry)):
            try:
                floor = memo.scores(name, scores.ground_truth, scenario=scenario)
            except HarnessError as error:
                yield failure_row(name, error)
                continue
            yield from _mean_rows(floor, scenario)
            if memo.system(scores.system).role != "chance" and (same := at_chance(scores, floor)):
                told[scores.ground_truth] = same


def _margin_rows(memo: Memo, system: str, truth: str) -> Iterator[Row]:
    """How alike relevant pairs are, once per embedder: a reranker sees no vectors."""
    if memo.system(system).embedder and not memo.system(system).reranker:
        yield from (to_row(memo.measurement(system, metric, truth)) for metric in SIMILARITY)


def _gain_rows(memo: Memo, both: Scores) -> Iterator[Row]:
    """What pictures add: text and picture (S4) against text alone (S1), in the unit of recall."""
    text = memo.scores(both.system, both.ground_truth, scenario="S1")
    for stratum in both.strata:
        seen, read = both.measurement(GAINED, stratum), text.measurement(GAINED, stratum)
        if seen.value is not None and read.value is not None:
            yield to_row(replace(seen, metric="picture-gain", value=seen.value - read.value, ceiling=None))


def _suspicion(system: str, told: dict[str, str], where: str = "") -> Iterator[Row]:
    """One finding for all ground truths: what finds nothing looks like a broken pipeline, not like a weak model."""
    if told:
        first = next(iter(told.values()))
        yield to_row(Finding(system, f"SUSPICIOUS: no better than chance{where} on {', '.join(told)}: {first}"))


def _remark_rows(memo: Memo, system: str) -> Iterator[Row]:
    yield from (to_row(Finding(system, remark)) for remark in memo.remarks(system))


def throughput_rows(memo: Memo, system: str) -> Iterator[Row]:
    """What passes in the largest batches, and beside it in the others."""
    yield from probe_rows(memo, system, "throughput")
    for batch in memo.config.probes.batches[:-1]:
        measured = memo.throughput(system, batch)
        for metric in ("throughput", "throughput-query"):
            value, n = READINGS[metric].read(measured)
            yield to_row(Measurement(system, metric, value, n, memo.dataset.name, stratum=f"batch={batch}"))
    yield from _remark_rows(memo, system)


def memory_rows(memo: Memo, system: str) -> Iterator[Row]:
    """All meanings of VRAM; then, of a system with a lighter variant, each rung down to one that fits."""
    yield from probe_rows(memo, system, "memory")
    most = limit(memo)
    if most is None or not on_device(memo.registry, memo.system(system)):
        return
    for place, rung in enumerate(rungs(memo, system, most), start=1):
        if place == 1 and rung.mib is None and not rung.failed:
            return  # nothing can be measured here, and the rows above say why
        yield to_row(Finding(system, f"VRAM rung {place}, {_told(rung, most)}"))


def _told(rung: Rung, most: float) -> str:
    """ "qwen3-vl-2b-nf4+dense: 3,201 MiB fits 8,192 MiB"."""
    if rung.mib is None:
        return f"{rung.system}: {'' if rung.failed else 'not measured: '}{rung.reason}"
    verb = "fits" if rung.fits(most) else "does not fit"
    return f"{rung.system}: {shown(rung.mib, 'MiB')} {verb} {shown(most, 'MiB')}"


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
    yield from _remark_rows(memo, system)
