"""What a run found out, row by row, as plain data: rows cross process borders, and every report is made of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import Enum
from typing import Any

import numpy as np
from pydantic import TypeAdapter, ValidationError

from harness.data.catalogue import TruthDescription
from harness.data.model import Dataset
from harness.data.run import Run
from harness.errors import BadData, HarnessError, UnknownName
from harness.report.cases import Case
from harness.verdict.evaluation import Scores
from harness.verdict.measurement import Measurement
from harness.verdict.outcomes import Outcome

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class QueryScores:
    """Every metric of every query under one ground truth, [Q] each; None where a query has nothing relevant.

    `sources` says which queries are made of one item, and so stand or fall together; empty where none are.
    """

    system: str
    ground_truth: str
    level: int
    query_ids: list[str]
    values: dict[str, list[float | None]]
    sources: list[str]

    @classmethod
    def of(cls, scores: Scores) -> QueryScores:
        values = {
            metric: [None if value != value else value for value in column.tolist()]
            for metric, column in scores.values.items()
        }
        sources = [] if scores.clusters is None else [str(label) for label in scores.clusters]
        return cls(scores.system, scores.ground_truth, scores.level, list(scores.query_ids), values, sources)


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


_KINDS: Mapping[str, type[Any]] = {
    "measurement": Measurement,
    "outcome": Outcome,
    "queries": QueryScores,
    "samples": Samples,
    "ranking": Ranking,
    "finding": Finding,
    "truth": TruthDescription,
    "case": Case,
}
OUTCOME = ("system", "criterion")
OTHERS = ("system", "metric", "ground_truth", "level", "stratum", "scenario", "stage", "sentence", "name", "query")
"""By which fields a row is the same as one before it."""

_READ: Mapping[str, TypeAdapter[Any]] = {kind: TypeAdapter(cls) for kind, cls in _KINDS.items()}


def to_row(thing: Any) -> Row:
    """A dataclass of this room as plain data that says what it is."""
    kind = next(name for name, cls in _KINDS.items() if isinstance(thing, cls))
    return {"kind": kind, **asdict(thing, dict_factory=_plain)}


def from_row(row: Row) -> Any:
    """What `to_row` was given. Raises BadData, in one line, for a row that it never made."""
    fields = {name: value for name, value in row.items() if name != "kind"}
    kind = str(row.get("kind"))
    if kind not in _READ:
        raise BadData(str(UnknownName("kind of row", kind, _READ)))
    try:
        return _READ[kind].validate_python(fields)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise BadData(f"{kind}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from None


def _plain(fields: list[tuple[str, Any]]) -> Row:
    """What crosses to another process may be of no class of ours."""
    return {name: value.value if isinstance(value, Enum) else value for name, value in fields}


def key(thing: Any) -> tuple[Any, ...]:
    """What a row has in common with one that stood before it and is replaced by it."""
    return tuple(getattr(thing, name, None) for name in (OUTCOME if isinstance(thing, Outcome) else OTHERS))


def failure_row(system: str, error: HarnessError) -> Row:
    """What went wrong with a system, as a finding."""
    return to_row(Finding(system, str(error)))
