"""From what the user asked to what a session can do: configuration, plugins, systems; the dataset when it is needed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from harness.config import Config, load_config
from harness.data.catalogue import open_dataset, recognise, truth_names
from harness.data.model import Dataset
from harness.errors import BadConfig, HarnessError, UnknownName
from harness.grid.scenarios import SCENARIOS, plays
from harness.grid.standins import stand_in
from harness.grid.systems import System, cross, parse
from harness.plugging.registry import Registry, collect
from harness.policy import Policy, load_policy
from harness.session.memo import Memo
from harness.session.wishes import Wishes

SUITES = ("test_accuracy", "test_scenarios", "test_latency", "test_throughput", "test_vram", "test_stability",
          "test_go_nogo")  # fmt: skip
"""The order in which the suites of one embedder run: what is judged last has been measured by then."""

NEIGHBOURS = "timing under xdist measures the neighbours too; run without -n"


@dataclass(frozen=True)
class Session:
    """Everything that is known before anything is built or read."""

    config: Config
    policy: Policy
    registry: Registry
    systems: dict[str, System]
    ground_truths: tuple[str, ...]
    wishes: Wishes

    @property
    def candidates(self) -> list[str]:
        return [name for name, system in self.systems.items() if system.role == "candidate"]

    @property
    def timed(self) -> list[str]:
        return [name for name, system in self.systems.items() if system.timed]

    def values(self, axis: str) -> Iterator[tuple[str, ...]]:
        """What a test of this axis is asked about: a system; a candidate and a criterion; a player and a scenario.

        A player has a role, and sees what the scenario shows.
        """
        if axis == "candidate":
            yield from ((name, criterion.id) for name in self.candidates for criterion in self.policy.criterion)
        elif axis == "player":
            for name, system in self.systems.items():
                playing = [s for s in SCENARIOS.values() if system.role != "other" and plays(s, system, self.registry)]
                yield from ((name, scenario.name) for scenario in playing)
        else:
            yield from ((name,) for name in (self.timed if axis == "timed_system" else self.systems))

    def turn(self, system: str, suite: str) -> tuple[str, str, int]:
        """The key by which tests are ordered: one system's models after another's, so that one at a time is enough."""
        models = self.systems[system].embedder or "", self.systems[system].reranker or ""
        return *models, SUITES.index(suite) if suite in SUITES else len(SUITES)

    @cached_property
    def dataset(self) -> Dataset:
        """Read when first asked for. Raises BadData."""
        return open_dataset(self.config.dataset)

    def memo(self, untimed: str = "") -> Memo:
        """A fresh memo. `untimed` says why nothing may be timed in this process, if nothing may."""
        return Memo(self.config, self.policy, self.registry, self.dataset, self.systems, untimed, self.wishes)


def resolve(wishes: Wishes) -> Session:
    """Raises a HarnessError, once, for any name or setting that does not fit."""
    config = load_config(wishes.toml, wishes.models, dataset=wishes.dataset, criteria=wishes.criteria)
    policy = load_policy(config.criteria)
    if wishes.point_estimates:
        policy = policy.model_copy(update={"point_estimates": True})
    if wishes.language:
        config = config.model_copy(update={"report": config.report.model_copy(update={"language": wishes.language})})
    recognise(config.dataset)
    baselines = [criterion.baseline for criterion in policy.criterion if criterion.baseline]
    registry = collect(_naming(config, baselines), wishes.plugins)
    stand_in(registry, config.grid, baselines)
    try:
        systems = {system.name: system for system in cross(config.grid, registry)}
        truths = registry.gt_sources.select(config.grid.ground_truths)
        labelled = truth_names(config.dataset)
        truths.sort(key=lambda name: name not in labelled)  # what people judged is read first
    except UnknownName as error:
        if not registry.broken:
            raise
        # Such as a pattern that only a broken plugin's names would have matched.
        raise BadConfig("\n".join(map(str, [error, *registry.broken]))) from None
    known = _with_baselines(baselines, registry, systems)
    return Session(config, policy, registry, known, tuple(truths), wishes)


def _naming(config: Config, baselines: list[str]) -> Config:
    """What plugins are told: a name that only a criterion spells out is asked for like one of the grid's."""
    grid = config.grid.model_copy(update={"baselines": [*config.grid.baselines, *baselines]})
    return config.model_copy(update={"grid": grid})


def _with_baselines(baselines: list[str], registry: Registry, systems: dict[str, System]) -> dict[str, System]:
    """The systems that a criterion compares with are measured too, whether or not the grid names them.

    One that cannot be resolved stays out: its criterion is then not measured, and says why.
    """
    known = dict(systems)
    for name in baselines:
        if name not in known:
            try:
                known[name] = replace(parse(name, registry, known), role="baseline")
            except HarnessError:
                continue
    return known
