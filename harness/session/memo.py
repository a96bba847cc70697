"""The memo of a session: everything that has been measured; what is asked for and not there is measured then."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from harness.data.run import Run
from harness.engine.pipeline import Pipeline
from harness.engine.reranking import Reordering, reordering
from harness.errors import HarnessError, NotMeasured
from harness.grid.systems import System, embeds, lexical, on_device
from harness.plugging.registry import Registry
from harness.policy import Criterion
from harness.probes.readings import READINGS
from harness.ranking.measures import Metric
from harness.session.timings import Timings
from harness.statistics.bootstrap import guarded
from harness.verdict.audit import declared
from harness.verdict.criteria import Evidence, judge, not_applicable
from harness.verdict.evaluation import Scores, evaluate
from harness.verdict.gain import gain
from harness.verdict.measurement import Measurement
from harness.verdict.outcomes import Outcome
from harness.verdict.similarity import Similarity, similarity


@dataclass(frozen=True)
class Memo(Timings):
    """Measurements are pulled: any single test can run alone, and order starves nobody.

    Every method raises a HarnessError (the same one each time) where its value cannot be had.
    """

    def run(self, system: str) -> Run:
        return self.pipeline.run(self.system(system))

    def scores(self, system: str, truth: str, level: int | None = None, scenario: str = "") -> Scores:
        """All metrics of the grid and of the policy; `level` None is the ground truth's own."""
        pipeline = self.staged(scenario) if scenario else self.pipeline
        return self._once(
            ("scores", system, truth, level, scenario), lambda: self._evaluate(pipeline, system, truth, level)
        )

    def similarity(self, system: str, truth: str, level: int | None = None) -> Similarity:
        """How alike relevant pairs are to the system's embedder, and all others: once for all that share it."""
        embedder = self.system(system).embedder
        if embedder is None:
            raise NotMeasured(f"{system} embeds nothing")
        return self._once(("similarity", embedder, truth, level), lambda: self._similarity(system, truth, level))

    def gains(self, system: str, truth: str, level: int | None = None) -> dict[str, Measurement]:
        """What pictures add, by stratum: recall@5 of text and picture (S4) above that of text alone (S1)."""
        seen = self.scores(system, truth, level, scenario="S4")
        return gain(seen, self.scores(system, truth, level, scenario="S1"))

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
            kind = Metric.parse(metric).measure.kind
            if kind == "accuracy":
                return self.scores(system, truth, level).measurement(metric)
            if kind == "similarity":
                return self._alike(system, metric, truth, level)
            figure = READINGS[metric].read(getattr(self, READINGS[metric].probe)(system))
            return Measurement(system, metric, figure.value, figure.n, self.dataset.name, bounds=figure.bounds)
        except HarnessError as error:
            return Measurement(system, metric, None, 0, self.dataset.name, truth, level, reason=str(error))

    def outcome(self, system: str, criterion: str) -> Outcome:
        """One criterion, by its id, for one candidate; its baseline is measured if nobody did yet."""
        asked = self.policy[criterion]
        if not self._applies(asked, system):
            return not_applicable(asked, system)
        baseline = self._judged(asked, asked.baseline) if asked.baseline else None
        evidence = self._evidence(asked, system)
        return judge(asked, self._judged(asked, system), baseline, evidence, points=self.policy.point_estimates)

    def _evidence(self, criterion: Criterion, system: str) -> Evidence | None:
        """The sample behind a judged number; None where there is none, or the measurement says why it is missing."""
        try:
            if criterion.parsed.measure.kind == "accuracy":
                return self._scored(criterion, system)
            if criterion.parsed.measure.percentile and not criterion.baseline:
                return Evidence(self.latency(system).samples[READINGS[criterion.metric].stage])
        except (HarnessError, KeyError):
            return None
        return None

    def _scored(self, criterion: Criterion, system: str) -> Evidence:
        """Values per query; with a baseline, differences per query, and what they prove."""
        truth, level = criterion.ground_truth or "", criterion.relevance
        own = self.scores(system, truth, level)
        if not criterion.baseline:
            return Evidence(own.values[criterion.metric])
        theirs = self.scores(criterion.baseline, truth, level)
        difference = own.values[criterion.metric] - theirs.values[criterion.metric]
        return Evidence(difference, guarded(difference[:, None], own.clusters, least=-1.0)[0])

    def _judged(self, criterion: Criterion, system: str) -> Measurement:
        return self.measurement(system, criterion.metric, criterion.ground_truth or "", criterion.relevance)

    def _applies(self, criterion: Criterion, name: str) -> bool:
        return criterion.when == "always" or _WHEN[criterion.when](self.registry, self.system(name))

    def _evaluate(self, pipeline: Pipeline, system: str, truth: str, level: int | None) -> Scores:
        criteria = [c.metric for c in self.policy.criterion if c.parsed.measure.kind == "accuracy"]
        metrics = list(dict.fromkeys([*self.config.grid.metrics, *criteria]))
        run = pipeline.run(self.system(system))
        judged, names = self.truth(truth), {system, self.system(system).first_stage.name}
        struck = declared(judged.provenance, names)
        return evaluate(system, run, pipeline.dataset, judged, metrics, level, struck)

    def _similarity(self, system: str, truth: str, level: int | None) -> Similarity:
        named, judged = self.system(system), self.truth(truth)
        self.pipeline.refuse_dummies(named)
        corpus = self.pipeline.corpus(named.embedder)
        return similarity(self.pipeline.queries(named), corpus, judged.qrels, judged.level if level is None else level)

    def _alike(self, system: str, metric: str, truth: str, level: int | None) -> Measurement:
        if metric == "picture-gain":
            return self.gains(system, truth, level)["all"]
        found, own = self.similarity(system, truth, level), self.truth(truth).level if level is None else level
        value = {"margin": found.margin, "cosine-relevant": found.relevant, "cosine-others": found.others}[metric]
        return Measurement(system, metric, value, found.pairs, self.dataset.name, truth, own)


_WHEN: Mapping[str, Callable[[Registry, System], bool]] = {
    "on-device": on_device,
    "lexical": lambda registry, system: lexical(registry, system.retriever),
    "embeds": lambda registry, system: embeds(registry, system.retriever),
}
