"""Everything a run found out, as plain rows: they cross process borders, and every report is made of them alone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from enum import Enum
from typing import Any

import numpy as np

from harness.data.model import Dataset
from harness.data.run import Run
from harness.errors import HarnessError
from harness.grid.systems import System
from harness.policy import Policy
from harness.verdict.criteria import Outcome, State, Verdict, decide, not_asked
from harness.verdict.measurement import Measurement

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class QueryScores:
    """Every metric of one query under one ground truth; None where the query has nothing relevant."""

    system: str
    ground_truth: str
    query_id: str
    values: dict[str, float | None]


@dataclass(frozen=True, slots=True)
class Samples:
    """Every latency sample of one stage, in milliseconds and in order."""

    system: str
    stage: str
    milliseconds: list[float]


@dataclass(frozen=True, slots=True)
class Ranking:
    """A Run as bytes: small enough to travel, and whole again beside its dataset."""

    system: str
    width: int
    depth: int
    index: bytes
    scores: bytes

    @classmethod
    def of(cls, system: str, run: Run) -> Ranking:
        return cls(system, run.index.shape[1], run.depth, run.index.tobytes(), run.scores.tobytes())

    def run(self, dataset: Dataset) -> Run:
        """The Run again, over the same dataset."""
        shape = (len(dataset.queries), self.width)
        index = np.frombuffer(self.index, np.int32).reshape(shape)
        scores = np.frombuffer(self.scores, np.float32).reshape(shape)
        return Run(dataset.queries.ids, dataset.corpus.ids, index, scores, self.depth)


@dataclass(frozen=True, slots=True)
class Finding:
    """A sentence about a system that a reader must not miss: broken, suspicious, or by its nature not measurable."""

    system: str
    sentence: str


_KINDS: dict[str, Any] = {
    "measurement": Measurement,
    "outcome": Outcome,
    "query": QueryScores,
    "samples": Samples,
    "ranking": Ranking,
    "finding": Finding,
}


def to_row(thing: Any) -> Row:
    """A dataclass of this room as plain data that says what it is."""
    kind = next(name for name, cls in _KINDS.items() if isinstance(thing, cls))
    return {"kind": kind, **asdict(thing, dict_factory=_plain)}


def _plain(fields: list[tuple[str, Any]]) -> Row:
    """What crosses to another process may be of no class of ours."""
    return {name: value.value if isinstance(value, Enum) else value for name, value in fields}


@dataclass
class Results:
    """What the tests of one session recorded. Rows may come twice (an item that ran twice); the last one stands."""

    dataset: Dataset
    policy: Policy
    systems: dict[str, System]
    _kept: dict[Any, Any] = field(default_factory=dict)

    def add(self, rows: Iterable[Row]) -> None:
        """Rows as `to_row` made them."""
        for row in rows:
            kind, fields = row["kind"], {name: value for name, value in row.items() if name != "kind"}
            thing = _KINDS[kind](**fields)
            self._kept[kind, _key(thing)] = thing

    def __bool__(self) -> bool:
        return bool(self._kept)

    @property
    def measurements(self) -> list[Measurement]:
        return self._of(Measurement)

    @property
    def outcomes(self) -> list[Outcome]:
        # A state that crossed a process border is a bare string again.
        return [replace(outcome, state=State(outcome.state)) for outcome in self._of(Outcome)]

    @property
    def queries(self) -> list[QueryScores]:
        return self._of(QueryScores)

    @property
    def samples(self) -> list[Samples]:
        return self._of(Samples)

    @property
    def runs(self) -> dict[str, Run]:
        """The rankings by system."""
        return {ranking.system: ranking.run(self.dataset) for ranking in self._of(Ranking)}

    @property
    def findings(self) -> list[Finding]:
        return self._of(Finding)

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


def _key(thing: Any) -> tuple[Any, ...]:
    where = ("system", "metric", "ground_truth", "level", "stratum", "scenario")
    known = (*where, "query_id", "stage", "sentence") if not isinstance(thing, Outcome) else ("system", "criterion")
    return tuple(getattr(thing, name, None) for name in known)


def failure_row(system: str, error: HarnessError) -> Row:
    """What went wrong with a system, as a finding."""
    return to_row(Finding(system, str(error)))
