"""What a session was asked for, and the machinery that answers: the ground on which the memo stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from harness.config import Config
from harness.data.model import Dataset, GroundTruth
from harness.engine.judging import Judgements
from harness.engine.once import Once
from harness.engine.pipeline import Pipeline
from harness.errors import NotMeasured, UnknownName
from harness.grid.scenarios import SCENARIOS, Scenario, staged
from harness.grid.systems import System
from harness.plugging.registry import Registry
from harness.policy import Policy
from harness.session.wishes import Wishes


@dataclass(frozen=True)
class Asked:
    """Names resolved, nothing built; what is built and computed is kept."""

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

    def system(self, name: str) -> System:
        """Raises UnknownName."""
        if name not in self.systems:
            raise UnknownName("system", name, self.systems)
        return self.systems[name]

    def truth(self, name: str) -> GroundTruth:
        """Raises UnknownName, PluginFailed, BadOutput or NotMeasured."""
        return self._judgements.truth(name)

    @cached_property
    def _judgements(self) -> Judgements:
        return Judgements(self.registry, self.dataset)

    @cached_property
    def _once(self) -> Once:
        return Once()

    def _stage(self, scenario: Scenario) -> Pipeline:
        shown = staged(self.dataset, scenario)
        if not len(shown.queries):
            raise NotMeasured(f"nothing can be asked in {scenario.name}: no query has a picture")
        return Pipeline(self.registry, shown, self.config.grid.top_k, self.pipeline.vectors)
