"""The memo of a session: everything that has been measured; what is asked for and not there is measured then."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

from harness.config import Config, Criterion, Policy
from harness.data.model import Dataset, GroundTruth
from harness.data.run import Run
from harness.engine.building import build
from harness.engine.judging import Judgements
from harness.engine.live import Live
from harness.engine.once import Once
from harness.engine.pipeline import Pipeline
from harness.engine.reranking import Reordering, reordering
from harness.errors import HarnessError, NotMeasured, UnknownName, blame
from harness.grid.systems import System, embeds, lexical, on_device
from harness.plugging.registry import Registry
from harness.probes import canary, latency, memory, stability, throughput
from harness.probes.canary import CanaryResult
from harness.probes.latency import Drive, Latency, plain_loop
from harness.probes.memory import Memory
from harness.probes.readings import READINGS, Reading
from harness.probes.stability import Stability
from harness.probes.throughput import Throughput
from harness.ranking.measures import Metric
from harness.verdict.criteria import Outcome, judge, not_applicable
from harness.verdict.evaluation import Scores, evaluate
from harness.verdict.measurement import Measurement


@dataclass(frozen=True)
class Memo:
    """Measurements are pulled: any single test can run alone, and order starves nobody.

    Every method raises a HarnessError (the same one each time) where its value cannot be had.
    """

    config: Config
    policy: Policy
    registry: Registry
    dataset: Dataset
    systems: Mapping[str, System]
    untimed: str = ""
    """Why nothing may be timed in this process; empty where it may."""

    @cached_property
    def pipeline(self) -> Pipeline:
        return Pipeline(self.registry, self.dataset, self.config.grid.top_k)

    @cached_property
    def _judgements(self) -> Judgements:
        return Judgements(self.registry, self.dataset)

    @cached_property
    def _once(self) -> Once:
        return Once()

    def system(self, name: str) -> System:
        if name not in self.systems:
            raise UnknownName("system", name, self.systems)
        return self.systems[name]

    def truth(self, name: str) -> GroundTruth:
        return self._judgements.truth(name)

    def run(self, system: str) -> Run:
        return self.pipeline.run(self.system(system))

    def scores(self, system: str, truth: str, level: int | None = None) -> Scores:
        """All metrics of the grid and of the policy; `level` None is the ground truth's own."""
        return self._once(("scores", system, truth, level), lambda: self._evaluate(system, truth, level))

    def latency(self, system: str, drive: Drive = plain_loop) -> Latency:
        """`drive` may be a benchmark fixture's loop; it is used only if nothing was measured yet."""
        self._refuse_timing()
        probes, queries = self.config.probes, self.dataset.queries.queries
        return self._once(
            ("latency", system),
            lambda: latency.measure(self._live(system), queries, probes.latency_calls, probes.warmup_calls, drive),
        )

    def throughput(self, system: str) -> Throughput:
        self._refuse_timing()
        probes = self.config.probes
        return self._once(
            ("throughput", system),
            lambda: throughput.measure(self.pipeline, self._live(system), probes.batch, probes.throughput_seconds),
        )

    def stability(self, system: str) -> Stability:
        calls, queries = self.config.probes.stability_calls, self.dataset.queries.queries
        return self._once(("stability", system), lambda: stability.measure(self._live(system), queries, calls))

    def memory(self, system: str) -> Memory:
        self._refuse_timing()
        release = self.pipeline.release
        return self._once(("memory", system), lambda: memory.measure(release, lambda: self._work(system)))

    def canary(self, system: str) -> CanaryResult:
        """The share of canary phrases that a system's lexical retriever finds; of a hybrid, its worst part's."""
        return self._sung(self.system(system).retriever)

    def reordering(self, system: str) -> Reordering:
        """Of how many queries the second stage changed the first one's order."""
        if self.system(system).reranker is None:
            raise NotMeasured(f"{system} has no reranker")
        return reordering(self.run(self.system(system).first_stage.name), self.run(system))

    def measurement(self, system: str, metric: str, truth: str = "", level: int | None = None) -> Measurement:
        """One value of one system; where it cannot be had, `reason` says why and `value` is None."""
        try:
            if Metric.parse(metric).measure.kind == "accuracy":
                return self.scores(system, truth, level).measurement(metric)
            value, n = self._read(system, READINGS[metric])
            return Measurement(system, metric, value, n, self.dataset.name)
        except HarnessError as error:
            return Measurement(system, metric, None, 0, self.dataset.name, truth, level, reason=str(error))

    def outcome(self, system: str, criterion: str) -> Outcome:
        """One criterion, by its id, for one candidate; its baseline is measured if nobody did yet."""
        asked = self.policy[criterion]
        if not self._applies(asked, system):
            return not_applicable(asked, system)
        baseline = self._asked(asked, asked.baseline) if asked.baseline else None
        return judge(asked, self._asked(asked, system), baseline)

    def _refuse_timing(self) -> None:
        if self.untimed:
            raise NotMeasured(self.untimed)

    def _asked(self, criterion: Criterion, system: str) -> Measurement:
        return self.measurement(system, criterion.metric, criterion.ground_truth or "", criterion.relevance)

    def _applies(self, criterion: Criterion, name: str) -> bool:
        return criterion.when == "always" or _WHEN[criterion.when](self.registry, self.system(name))

    def _evaluate(self, system: str, truth: str, level: int | None) -> Scores:
        criteria = [c.metric for c in self.policy.criterion if c.parsed.measure.kind == "accuracy"]
        metrics = list(dict.fromkeys([*self.config.grid.metrics, *criteria]))
        return evaluate(system, self.run(system), self.dataset, self.truth(truth), metrics, level)

    def _live(self, system: str) -> Live:
        return Live(self.pipeline, self.system(system), self.config.probes.top_k)

    def _work(self, system: str) -> None:
        """Loads every stage and answers a batch of single queries."""
        live = self._live(system)
        for query in latency.cycled(self.dataset.queries.queries, self.config.probes.batch):
            live.answer(query)

    def _read(self, system: str, reading: Reading) -> tuple[float, int]:
        return reading.read(getattr(self, reading.probe)(system))

    def _sung(self, retriever: str) -> CanaryResult:
        return self._once(("canary", retriever), lambda: self._sing(retriever))

    def _sing(self, retriever: str) -> CanaryResult:
        spec = self.registry.retrievers[retriever]
        if spec.lexical:
            singer = build(spec)
            with blame("canary", f"retriever {spec.name!r} ({spec.origin})"):
                return canary.run(singer)
        results = [self._sung(part) for part in spec.parts if lexical(self.registry, part)]
        if not results:
            raise NotMeasured(f"retriever {retriever!r} matches no words, so the canary has nothing to sing")
        return min(results, key=lambda result: result.share)


_WHEN: Mapping[str, Callable[[Registry, System], bool]] = {
    "on-device": on_device,
    "lexical": lambda registry, system: lexical(registry, system.retriever),
    "embeds": lambda registry, system: embeds(registry, system.retriever),
}
