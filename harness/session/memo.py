"""The memo of a session: everything that has been measured; what is asked for and not there is measured then."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

from harness.config import Config
from harness.data.model import Dataset, GroundTruth
from harness.data.run import Run
from harness.engine.judging import Judgements
from harness.engine.live import Live
from harness.engine.once import Once
from harness.engine.pipeline import Pipeline
from harness.engine.reranking import Reordering, reordering
from harness.errors import HarnessError, NotMeasured, UnknownName
from harness.grid.scenarios import SCENARIOS, Scenario, staged
from harness.grid.systems import System, embeds, lexical, on_device
from harness.plugging.registry import Registry
from harness.policy import Criterion, Policy
from harness.probes import canary, isolated, latency, memory, stability, throughput
from harness.probes.canary import CanaryResult
from harness.probes.exercise import exercise
from harness.probes.latency import Drive, Latency, plain_loop
from harness.probes.memory import Memory
from harness.probes.readings import READINGS, Reading
from harness.probes.stability import Stability
from harness.probes.throughput import Throughput
from harness.ranking.measures import Metric
from harness.session.wishes import Wishes
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
    wishes: Wishes | None = None
    """What another process must be told to have the same session; None for a memo made by hand."""

    @cached_property
    def pipeline(self) -> Pipeline:
        return Pipeline(self.registry, self.dataset, self.config.grid.top_k)

    def staged(self, scenario: str) -> Pipeline:
        """The pipeline over what a scenario shows; the vectors are shared with all others."""
        return self._once(("staged", scenario), lambda: self._stage(SCENARIOS[scenario]))

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

    def scores(self, system: str, truth: str, level: int | None = None, scenario: str = "") -> Scores:
        """All metrics of the grid and of the policy; `level` None is the ground truth's own."""
        pipeline = self.staged(scenario) if scenario else self.pipeline
        return self._once(
            ("scores", system, truth, level, scenario), lambda: self._evaluate(pipeline, system, truth, level)
        )

    def latency(self, system: str, drive: Drive = plain_loop) -> Latency:
        """`drive` may be a benchmark fixture's loop; it is used only if nothing was measured yet."""
        self._refuse_timing()
        probes, queries = self.config.probes, self.dataset.queries.queries
        return self._once(
            ("latency", system),
            lambda: latency.measure(self._live(system), queries, probes.latency_calls, probes.warmup_calls, drive),
        )

    def throughput(self, system: str, batch: int | None = None) -> Throughput:
        """In batches of the largest size asked for in harness.toml, unless one is named."""
        self._refuse_timing()
        size, seconds = batch or self.config.probes.batches[-1], self.config.probes.throughput_seconds
        return self._once(
            ("throughput", system, size),
            lambda: throughput.measure(self.pipeline, self._live(system), size, seconds),
        )

    def stability(self, system: str) -> Stability:
        calls, queries = self.config.probes.stability_calls, self.dataset.queries.queries
        return self._once(("stability", system), lambda: stability.measure(self._live(system), queries, calls))

    def memory(self, system: str) -> Memory:
        return self.memory_of(self.system(system))

    def memory_of(self, system: System) -> Memory:
        """In a process of its own, where this machine has a GPU at all; also of a system beside the grid."""
        self._refuse_timing()
        return self._once(("memory", system.name), lambda: self._memory_elsewhere(system))

    def memory_here(self, system: System) -> Memory:
        """In this process, which should have done nothing else yet."""
        probes = self.config.probes
        return memory.measure(
            self.pipeline.release,
            lambda: exercise(self.registry, self.dataset, system, max(probes.batches), probes.top_k),
        )

    def _memory_elsewhere(self, system: System) -> Memory:
        if self.wishes is None:
            return self.memory_here(system)
        memory.require_gpu()
        self.pipeline.release()
        return isolated.ask([system.name, *self.wishes.words()])

    def canary(self, system: str) -> CanaryResult:
        """The share of canary phrases that a system's lexical retriever finds; of a hybrid, its worst part's."""
        retriever = self.system(system).retriever
        return self._once(("canary", retriever), lambda: canary.sing(self.registry, retriever))

    def reordering(self, system: str) -> Reordering:
        """Of how many queries the second stage changed the first one's order."""
        if self.system(system).reranker is None:
            raise NotMeasured(f"{system} has no reranker")
        return reordering(self.run(self.system(system).first_stage.name), self.run(system))

    def remarks(self, system: str) -> list[str]:
        """What a system's models said of their own work, and what could not be shown to them."""
        named, held, said = self.system(system), self.pipeline.holding, []
        for kind, model in (("embedder", named.embedder), ("reranker", named.reranker)):
            if model is not None:
                lost = self.pipeline.lost.get(model, {})
                said += [f"{row} was not shown to {model}: {reason}" for row, reason in lost.items()]
                said += held.remarks(kind, model)
        return said

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

    def _stage(self, scenario: Scenario) -> Pipeline:
        shown = staged(self.dataset, scenario)
        return Pipeline(self.registry, shown, self.config.grid.top_k, self.pipeline.vectors)

    def _evaluate(self, pipeline: Pipeline, system: str, truth: str, level: int | None) -> Scores:
        criteria = [c.metric for c in self.policy.criterion if c.parsed.measure.kind == "accuracy"]
        metrics = list(dict.fromkeys([*self.config.grid.metrics, *criteria]))
        run = pipeline.run(self.system(system))
        return evaluate(system, run, pipeline.dataset, self.truth(truth), metrics, level)

    def _live(self, system: str) -> Live:
        return Live(self.pipeline, self.system(system), self.config.probes.top_k)

    def _read(self, system: str, reading: Reading) -> tuple[float, int]:
        return reading.read(getattr(self, reading.probe)(system))


_WHEN: Mapping[str, Callable[[Registry, System], bool]] = {
    "on-device": on_device,
    "lexical": lambda registry, system: lexical(registry, system.retriever),
    "embeds": lambda registry, system: embeds(registry, system.retriever),
}
