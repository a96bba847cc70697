"""Small runs as they are stored, written by hand: what tests of the report, of comparing and of remaking share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from harness.config import Report, Waiver
from harness.data.catalogue import Description, Spread, TruthDescription
from harness.data.model import Provenance
from harness.grid.systems import System
from harness.policy import Criterion, Policy
from harness.report import folder
from harness.report.cases import NO_CASES
from harness.report.results import Results
from harness.report.rows import QueryScores, to_row
from harness.report.stored import Stored
from harness.verdict.measurement import Measurement
from harness.verdict.outcomes import Outcome, State

ONE, TWO, BASE, TRIED = "alpha+dense", "beta+dense", "bm25", "rrf"
SYSTEMS = {
    ONE: System("dense", "alpha", role="candidate"),
    TWO: System("dense", "beta", role="candidate"),
    BASE: System("bm25", role="baseline"),
    TRIED: System("rrf", role="other"),
}
CRITERIA = (
    Criterion(id="recall-at-5", metric="recall@5", ground_truth="labels", go="80 %", no_go="50 %"),
    Criterion(id="latency-p95", metric="latency-p95", go="200 ms"),
)
TRUTH = TruthDescription(
    "labels", 2, 4, 8, Spread(1, 2.0, 2.0, 3), {5: 1.0, 10: 1.0}, {1: 3, 2: 8}, Provenance("by hand", date="2026-01-01")
)
ENVIRONMENT: Mapping[str, Any] = {
    "command": ["pytest", "benchmarks"],
    "components": [
        {"kind": "retriever", "name": "bm25", "revision": "mecab-1", "options": {"k1": "1.2"}, "licence": ""}
    ],
    "dataset": {"name": "tiny", "digest": "c0ffee" * 4},
    "machine": {"platform": "Linux", "cpu": "a processor", "cores": 2, "memory_gib": 8.5},
    "gpus": [],
    "git": {"commit": "0123abc", "dirty": False},
    "python": "3.12.1",
    "packages": {"numpy": "2.1.0"},
}


def description(**changed: Any) -> Description:
    """The bank: four queries over a hundred items."""
    spread = Spread(1, 2.0, 2.0, 3)
    told = Description("tiny", 100, 4, 0, spread, {"text": 100}, {}, (TRUTH,), False, "CC0", "c0ffee" * 4)
    return replace(told, **changed)


def scores(
    system: str, *, truth: str = "labels", level: int = 2, sources: Sequence[str] = (), **values: list
) -> QueryScores:
    """Per-query values by metric, `recall_5` being recall@5; queries are Q0, Q1, ..."""
    named = {name.replace("_", "@"): column for name, column in values.items()}
    ids = [f"Q{n}" for n in range(len(next(iter(values.values()))))]
    return QueryScores(system, truth, level, ids, named, list(sources))


def outcome(
    system: str, state: State, value: float | None = 0.9, criterion: str = "recall-at-5", **more: Any
) -> Outcome:
    """Of one criterion of the policy."""
    metric, truth = {"recall-at-5": ("recall@5", "labels"), "latency-p95": ("latency-p95", "")}[criterion]
    return Outcome(system, criterion, state, metric, truth, value, 4, go=0.8, **more)


def timed(system: str, metric: str, value: float | None, **more: Any) -> Measurement:
    """A figure that the ground truth has no part in."""
    return Measurement(system, metric, value, 500, "tiny", **more)


def stored(
    things: Iterable[Any],
    *,
    bank: Description | None = None,
    criteria: Sequence[Criterion] = CRITERIA,
    systems: Mapping[str, System] = SYSTEMS,
    waivers: Sequence[Waiver] = (),
    report: Report | None = None,
    **environment: Any,
) -> Stored:
    """A run of these things. Whatever has scores has a mean too."""
    things = list(things)
    means = [
        Measurement(known.system, metric, 0.5, 4, "tiny", known.ground_truth, known.level)
        for known in things
        if isinstance(known, QueryScores)
        for metric in known.values
    ]
    policy = Policy(name="house", criterion=list(criteria))
    results = Results(bank or description(), policy, systems, list(waivers), report or Report())
    results.add(to_row(thing) for thing in [*means, *things])
    return Stored(results, {**ENVIRONMENT, **environment}, NO_CASES)


def written(kept: Stored, reports: Path) -> Path:
    """The run's folder under `reports`."""
    return folder.write(kept.results, {}, reports, kept.environment, kept.cases)
