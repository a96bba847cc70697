"""What a suite records of one system: the memo's answers as rows, and the findings that follow from them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from harness.data.catalogue import describe_truth
from harness.errors import HarnessError, NotMeasured
from harness.grid.scenarios import SCENARIOS, sees
from harness.grid.systems import lexical, on_device
from harness.probes.latency import STAGES
from harness.probes.readings import READINGS
from harness.ranking.units import shown
from harness.report.cases import worst
from harness.report.rows import Finding, QueryScores, Ranking, Row, Samples, failure_row, to_row
from harness.session.ladder import Rung, limit, rungs
from harness.session.memo import Memo
from harness.verdict.chance import at_chance
from harness.verdict.evaluation import Scores
from harness.verdict.measurement import Measurement

SIMILARITY = ("margin", "cosine-relevant", "cosine-others")
CASES = 3  # of each candidate; on paper each of them takes a page
LATENCY = ("latency-mean", "latency-p50", "latency-p95", "latency-p99")


def scores_rows(scores: Scores) -> Iterator[Row]:
    """Means in every stratum, then every query; and why the values say nothing, if they do not."""
    yield from _mean_rows(scores)
    yield to_row(QueryScores.of(scores))
    if scores.struck:
        yield to_row(Finding(scores.system, f"no metric on {scores.ground_truth} counts: {scores.struck}"))


def _mean_rows(scores: Scores, scenario: str = "") -> Iterator[Row]:
    yield from (to_row(replace(row, scenario=scenario)) for row in scores.measurements(list(scores.values)))


def latency_rows(memo: Memo, system: str) -> Iterator[Row]:
    """The distribution as a whole, by stage, and apart for queries with and without a picture."""
    measured = memo.latency(system)
    stages = [stage for stage in STAGES if stage in measured.samples]
    metrics = [*LATENCY, *(f"{stage}-p95" for stage in stages if stage != "total")]
    yield from (to_row(memo.measurement(system, metric)) for metric in metrics)
    for name, picture in (("query=text", False), ("query=picture", True)):
        part = measured.only(picture)
        if part is not None and len(part) < len(measured):
            row = replace(memo.measurement(system, "latency-p95"), stratum=name)
            p95 = part.percentile(95)
            yield to_row(replace(row, value=p95.value, n=p95.n, bounds=p95.bounds))
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
            yield to_row(describe_truth(memo.truth(truth)))
            scores = memo.scores(system, truth)
            yield from scores_rows(scores)
            yield from _margin_rows(memo, system, truth)
            yield from _chance_rows(memo, scores, told)
            yield from _case_rows(memo, scores)
            asked = {c.relevance or scores.level for c in memo.policy.criterion if c.ground_truth == truth}
            for level in sorted(asked - {scores.level}):  # a criterion may count from another grade on
                graded = memo.scores(system, truth, level)
                yield from scores_rows(graded)
                yield from _chance_rows(memo, graded, {})
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
                yield from (to_row(row) for row in memo.gains(system, truth).values() if row.value is not None)
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
                floor = memo.scores(name, scores.ground_truth, scores.level, scenario)
            except HarnessError as error:
                yield failure_row(name, error)
                continue
            yield from _mean_rows(floor, scenario)
            if memo.system(scores.system).role != "chance" and (same := at_chance(scores, floor)):
                told[scores.ground_truth] = same


def _case_rows(memo: Memo, scores: Scores) -> Iterator[Row]:
    """Where a candidate fails most, by the first metric that the policy asks of this ground truth."""
    asked = [c.metric for c in memo.policy.criterion if c.ground_truth == scores.ground_truth]
    metric = next((name for name in asked if name in scores.values), None)
    if metric and memo.system(scores.system).role == "candidate":
        found = worst(scores, metric, memo.run(scores.system), memo.truth(scores.ground_truth), CASES)
        yield from (to_row(case) for case in found)


def _margin_rows(memo: Memo, system: str, truth: str) -> Iterator[Row]:
    """How alike relevant pairs are, once per embedder: a reranker sees no vectors."""
    if memo.system(system).embedder and not memo.system(system).reranker:
        yield from (to_row(memo.measurement(system, metric, truth)) for metric in SIMILARITY)


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
            figure = READINGS[metric].read(measured)
            row = Measurement(system, metric, figure.value, figure.n, memo.dataset.name, stratum=f"batch={batch}")
            yield to_row(row)
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
        count = f"{len(sung.missed)} of {sung.phrases} canary phrases ({', '.join(sung.missed[:3])}, ...)"
        yield to_row(Finding(system, f"cannot read Korean and formulas: misses {count}"))


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
