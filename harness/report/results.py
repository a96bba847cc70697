"""All rows of a run together, and what follows from them: the verdicts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from harness.config import Report, Waiver
from harness.data.catalogue import Description, TruthDescription
from harness.grid.families import Family
from harness.grid.systems import System
from harness.policy import Policy
from harness.report.cases import Case
from harness.report.rows import Finding, QueryScores, Ranking, Row, Samples, from_row, key
from harness.verdict.criteria import decide, not_asked
from harness.verdict.measurement import Measurement
from harness.verdict.outcomes import Outcome, Verdict


@dataclass
class Results:
    """What the tests of one session recorded. Rows may come twice (an item that ran twice); the last one stands."""

    dataset: Description
    policy: Policy
    systems: Mapping[str, System]
    waivers: Sequence[Waiver] = ()
    report: Report = field(default_factory=Report)
    families: Sequence[Family] = ()
    _kept: dict[Any, Any] = field(default_factory=dict)

    def add(self, rows: Iterable[Row]) -> None:
        """Rows as `to_row` made them. Raises BadData."""
        for row in rows:
            thing = from_row(row)
            self._kept[row["kind"], key(thing)] = thing

    def __bool__(self) -> bool:
        return bool(self._kept)

    @property
    def measurements(self) -> list[Measurement]:
        return self._of(Measurement)

    @property
    def outcomes(self) -> list[Outcome]:
        return self._of(Outcome)

    @property
    def told(self) -> list[Any]:
        """What results.jsonl holds: all but what is many numbers each."""
        return [*self.measurements, *self.outcomes, *self.findings, *self._of(TruthDescription)]

    @property
    def queries(self) -> list[QueryScores]:
        return self._of(QueryScores)

    @property
    def samples(self) -> list[Samples]:
        return self._of(Samples)

    @property
    def rankings(self) -> list[Ranking]:
        return self._of(Ranking)

    @property
    def findings(self) -> list[Finding]:
        return self._of(Finding)

    @property
    def cases(self) -> list[Case]:
        return self._of(Case)

    @property
    def truths(self) -> list[TruthDescription]:
        """Every ground truth that anything was judged on, or that came with the dataset."""
        known = {truth.name: truth for truth in (*self.dataset.truths, *self._of(TruthDescription))}
        return list(known.values())

    @property
    def verdicts(self) -> list[Verdict]:
        """One per candidate of which any criterion was judged; what was not asked counts as not measured."""
        judged: dict[str, dict[str, Outcome]] = {}
        for outcome in self.outcomes:
            judged.setdefault(outcome.system, {})[outcome.criterion] = outcome
        known = [name for name in dict.fromkeys([*self.systems, *judged]) if name in judged]
        return [decide(system, self.policy.name, self._all(system, judged[system])) for system in known]

    def _all(self, system: str, found: dict[str, Outcome]) -> list[Outcome]:
        return [found.get(criterion.id) or not_asked(criterion, system) for criterion in self.policy.criterion]

    def _of(self, kind: type[Any]) -> list[Any]:
        return [thing for thing in self._kept.values() if isinstance(thing, kind)]
