"""Recorded results judged again: files and folders in, the outcomes under one policy out; nothing is run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import Path
from typing import TypeVar

import numpy as np

from harness.config import Waiver
from harness.data.catalogue import Description, Spread, TruthDescription
from harness.data.formats.lines import Problems, json_lines
from harness.data.model import Provenance
from harness.errors import BadConfig, BadData, UnknownName
from harness.grid.systems import System
from harness.policy import Criterion, Policy
from harness.probes.readings import READINGS
from harness.report import stored
from harness.report.results import Results
from harness.report.rows import QueryScores, Samples, from_row, to_row
from harness.statistics.bootstrap import guarded
from harness.statistics.clusters import Values
from harness.verdict.criteria import Evidence, not_applicable
from harness.verdict.measurement import Measurement
from harness.verdict.outcomes import Outcome, State
from harness.verdict.recorded import UNRECORDED, Recording, audited, bounded

NO_BANK = Description("", 0, 0, 0, Spread(0, 0.0, 0.0, 0), {}, {}, (), False, "", "")
"""Of a recorded file nobody knows more than the name of its item bank."""

Kind = TypeVar("Kind")


def recorded(path: Path) -> list[object]:
    """Every row of a results file, none of which replaces another. Raises BadData naming every wrong line."""
    problems, found = Problems(), []
    for row in json_lines(path, problems):
        with problems:
            try:
                found.append(from_row(dict(row.content)))
            except BadData as error:
                raise row.error(str(error)) from None
    problems.settle()
    return found


def is_run(path: Path) -> bool:
    """Whether a path is meant as a run's folder, and not as a file of rows."""
    return stored.followed(path).is_dir()


@dataclass(frozen=True)
class Replay:
    """Rows from anywhere, and the results of those runs of which everything was stored."""

    things: Sequence[object]
    runs: Sequence[Results] = ()
    declared: Mapping[str, Provenance] = field(default_factory=dict)
    """What somebody states of ground truths; it goes before what the rows say."""

    @classmethod
    def of(cls, paths: Iterable[Path], declared: Mapping[str, Provenance]) -> Replay:
        """Files of rows and folders of runs. Raises BadData."""
        things: list[object] = []
        runs: list[Results] = []
        for path in paths:
            if is_run(path):
                runs.append(stored.read(path).results)
                things += [*runs[-1].told, *runs[-1].queries, *runs[-1].samples, *runs[-1].dataset.truths]
            else:
                things += recorded(path)
        return cls(things, runs, declared)

    def policy(self) -> Policy | None:
        """The one by which all of the runs were judged; None where no run says. Raises BadConfig for several."""
        known = {run.policy.name: run.policy for run in self.runs}
        if len(known) > 1:
            raise BadConfig(f"these runs were judged by different policies: {', '.join(known)}; name one: --criteria")
        return next(iter(known.values()), None)

    def judged(self, policy: Policy, waivers: Sequence[Waiver], candidates: Sequence[str] = ()) -> Results:
        """The results under a policy. Raises UnknownName for a pattern that no recorded system answers to."""
        banks = dict.fromkeys(row.dataset for row in self._of(Measurement))
        bank = replace(NO_BANK, name=" and ".join(filter(None, banks)) or "recorded results")
        results = Results(bank, policy, self._systems(policy, candidates), waivers)
        judged = [name for name, system in results.systems.items() if system.role == "candidate"]
        outcomes = (self._outcome(policy, criterion, name) for name in judged for criterion in policy.criterion)
        results.add(to_row(outcome) for outcome in outcomes)
        return results

    def _systems(self, policy: Policy, patterns: Sequence[str]) -> dict[str, System]:
        """Every recorded system: by its role in the run, else a candidate unless the policy compares with it.

        `patterns` name the candidates instead. A recorded name is not taken apart.
        """
        known_of = [row.system for row in self._of(Measurement)] + [row.system for row in self._of(Outcome)]
        names = dict.fromkeys(known_of)
        roles = {name: system.role for run in self.runs for name, system in run.systems.items()}
        baselines = {criterion.baseline for criterion in policy.criterion}
        known = {}
        for name in names:
            role = roles.get(name, "baseline" if name in baselines else "candidate")
            if patterns:
                chosen = any(fnmatchcase(name, pattern) for pattern in patterns)
                role = "candidate" if chosen else "other" if role == "candidate" else role
            known[name] = System(name, role=role)
        for pattern in patterns:
            if not any(fnmatchcase(name, pattern) for name in names):
                raise UnknownName("recorded system", pattern, names)
        return known

    @cached_property
    def _recording(self) -> Recording:
        truths = {truth.name: truth for truth in self._of(TruthDescription)}
        stated = {name: truth.provenance for name, truth in truths.items()} | dict(self.declared)
        rows = audited(bounded(self._of(Measurement)), stated)
        return Recording(rows, {name: truth.level for name, truth in truths.items()})

    def _outcome(self, policy: Policy, criterion: Criterion, system: str) -> Outcome:
        if not self._applies(criterion, system):
            return not_applicable(criterion, system)
        evidence, points = self._evidence(criterion, system), policy.point_estimates
        outcome = self._recording.outcome(criterion, system, evidence, points=points)
        return self._kept(policy, criterion, system, outcome) if UNRECORDED in outcome.reason else outcome

    def _kept(self, policy: Policy, criterion: Criterion, system: str, blank: Outcome) -> Outcome:
        """A run may have kept an outcome and not its row; it holds for the same criterion, judged the same way."""
        for run in self.runs:
            same = criterion in run.policy.criterion and run.policy.point_estimates == policy.point_estimates
            found = (one for one in run.outcomes if same and (one.system, one.criterion) == (system, criterion.id))
            blank = next(found, blank)
        return blank

    def _applies(self, criterion: Criterion, system: str) -> bool:
        """As the run found it out, which had the system at hand; who does not know asks."""
        told = [
            outcome.state is not State.NOT_APPLICABLE
            for run in self.runs
            for outcome in run.outcomes
            if outcome.system == system and run.policy[outcome.criterion].when == criterion.when
        ]
        return criterion.when == "always" or all(told)

    def _evidence(self, criterion: Criterion, system: str) -> Evidence | None:
        """What a run kept of every query and call; None where only a number was recorded."""
        if criterion.parsed.measure.percentile is not None and not criterion.baseline:
            stage = READINGS[criterion.metric].stage
            samples = (s for s in self._of(Samples) if (s.system, s.stage) == (system, stage))
            kept = next(samples, None)
            return None if kept is None else Evidence(np.asarray(kept.milliseconds))
        own = self._values(criterion, system)
        if own is None or not criterion.baseline:
            return None if own is None else Evidence(own[0])
        theirs = self._values(criterion, criterion.baseline)
        if theirs is None or own[1].query_ids != theirs[1].query_ids:
            return None
        difference, sources = own[0] - theirs[0], own[1].sources
        clusters = np.asarray(sources) if sources else None
        return Evidence(difference, guarded(difference[:, None], clusters, least=-1.0)[0])

    def _values(self, criterion: Criterion, system: str) -> tuple[Values, QueryScores] | None:
        """A metric of every query [Q], NaN where it does not count, and what it stands in."""
        level, truth = self._recording.level(criterion), criterion.ground_truth
        for scores in self._of(QueryScores):
            if (scores.system, scores.ground_truth) == (system, truth) and level in (None, scores.level):
                values = scores.values.get(criterion.metric)
                if values is not None:
                    return np.asarray(values, np.float64), scores
        return None

    def _of(self, kind: type[Kind]) -> list[Kind]:
        return [thing for thing in self.things if isinstance(thing, kind)]
