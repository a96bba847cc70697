"""Asks the ground truth sources: each judges a dataset once, parents before children."""

from __future__ import annotations

from dataclasses import replace

from harness.data.model import Dataset, GroundTruth, misjudged
from harness.engine.building import build
from harness.engine.once import Once
from harness.errors import BadOutput, blame
from harness.plugging.components import GTSource
from harness.plugging.registry import Registry
from harness.plugging.specs import GTSourceSpec


class Judgements:
    """The ground truths of one dataset, by name."""

    def __init__(self, registry: Registry, dataset: Dataset) -> None:
        self.registry, self.dataset = registry, dataset
        self._once = Once()

    def truth(self, name: str) -> GroundTruth:
        """Raises UnknownName, PluginFailed, or NotMeasured where the dataset lacks what the source needs.

        Raises BadOutput for a judgement that cannot be about this dataset.
        """
        return self._once(name, lambda: self._judge(self.registry.gt_sources[name]))

    def _judge(self, spec: GTSourceSpec) -> GroundTruth:
        list(self.registry.gt_sources.with_parts(spec.name))  # a source that is a part of itself is not followed
        source: GTSource = build(spec, {part: self.truth(part) for part in spec.parts})
        who = f"ground truth {spec.name!r} ({spec.origin})"
        with blame("judge", who):
            truth = replace(source.judge(self.dataset), name=spec.name)
            if wrong := misjudged(truth, self.dataset.corpus, self.dataset.queries):
                raise BadOutput(f"{who} {wrong}")
        return truth
