"""The memo of a run that is over: it answers from what was stored, and measures nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from harness.data.run import Run
from harness.errors import NotMeasured
from harness.probes.latency import Drive, Latency, plain_loop
from harness.probes.readings import READINGS
from harness.ranking.measures import Metric
from harness.session.memo import Memo
from harness.statistics.clusters import Values
from harness.verdict.audit import declared
from harness.verdict.evaluation import Scores, evaluate
from harness.verdict.measurement import Measurement

NOT_STORED = "what it was computed from is not stored"


@dataclass(frozen=True)
class Remembered(Memo):
    """Scores, percentiles and outcomes are computed anew from stored rankings and samples; the rest is read."""

    runs: Mapping[str, Run] = field(default_factory=dict)
    claimed: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """By system the metrics that its run could say anything about: a stored ranking does not tell its depth."""
    samples: Mapping[str, dict[str, Values]] = field(default_factory=dict)
    """By system and stage, [n] milliseconds."""
    rows: Mapping[tuple[str, str, str], Measurement] = field(default_factory=dict)
    """By system, metric and ground truth what was measured once: throughput, memory, similarity, ..."""

    def run(self, system: str) -> Run:
        """Raises NotMeasured where it was not stored."""
        if system not in self.runs:
            raise NotMeasured(NOT_STORED)
        return self.runs[system]

    def scores(self, system: str, truth: str, level: int | None = None, scenario: str = "") -> Scores:
        """Everything that the run claimed; of scenarios no ranking is stored. Raises NotMeasured."""
        if scenario:
            raise NotMeasured(NOT_STORED)
        return self._once(("scores", system, truth, level), lambda: self._scores(system, truth, level))

    def latency(self, system: str, drive: Drive = plain_loop) -> Latency:  # noqa: ARG002 (nothing is driven)
        """The stored samples; which of the queries carried a picture is not among them. Raises NotMeasured."""
        if system not in self.samples:
            raise NotMeasured(NOT_STORED)
        stages = self.samples[system]
        calls = max(map(len, stages.values()))
        return Latency(stages, np.zeros(calls, bool), len(self.dataset.corpus))

    def measurement(self, system: str, metric: str, truth: str = "", level: int | None = None) -> Measurement:
        """Computed anew where that can be done, else the row as it was stored."""
        timed = metric in READINGS and READINGS[metric].probe == "latency"
        if timed or Metric.parse(metric).measure.kind == "accuracy":
            return super().measurement(system, metric, truth, level)
        blank = Measurement(system, metric, None, 0, self.dataset.name, truth, level, reason=NOT_STORED)
        return self.rows.get((system, metric, truth), blank)

    def _scores(self, system: str, truth: str, level: int | None) -> Scores:
        run, judged, named = self.run(system), self.truth(truth), self.system(system)
        struck = declared(judged.provenance, {system, named.first_stage.name})
        metrics = list(self.claimed.get(system, ()))
        cutoffs = [Metric.parse(metric).cutoff or 0 for metric in metrics]
        keep = 0 if named.reranker is None else self.registry.rerankers[named.reranker].keep
        # Its own depth, or none less than what it claimed: ceilings are those of a list that long.
        depth = max(run.index.shape[1], *cutoffs, keep or self.config.grid.top_k)
        return evaluate(system, replace(run, depth=depth), self.dataset, judged, metrics, level, struck)
