"""From a run's folder to a memo that answers from it: rankings, samples, and what was measured once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from harness.data.formats.trec import read_run, write_run
from harness.data.model import Dataset
from harness.data.run import Run
from harness.errors import BadData, HarnessError
from harness.grid.systems import System
from harness.plugging.registry import Registry
from harness.ranking.measures import Metric
from harness.report.results import Results
from harness.report.stored import RUNS, VERDICTS
from harness.review.sameness import Differences
from harness.session.opening import Session
from harness.session.remembered import Remembered
from harness.statistics.clusters import Values


def remembered(folder: Path, results: Results, session: Session, found: Differences) -> Remembered:
    """The memo of a run that is over. Raises BadData where the session's item bank is not the run's."""
    _refuse_another(results, session.dataset)
    rows = {
        (row.system, row.metric, row.ground_truth): row
        for row in results.measurements
        if row.stratum == "all" and not row.scenario
    }
    stored = _rankings(folder / RUNS, results, session.dataset, found)
    reached = {name: _reach(results.systems[name], session.registry) for name in stored}
    runs = {name: replace(run, depth=min(run.depth, reached[name] or run.depth)) for name, run in stored.items()}
    return Remembered(
        session.config,
        results.policy,
        session.registry,
        session.dataset,
        results.systems,
        runs=runs,
        claimed={name: _claimed(results, name, run.depth) for name, run in runs.items()},
        samples=_samples(results),
        rows=rows,
    )


def _refuse_another(results: Results, dataset: Dataset) -> None:
    if dataset.digest != results.dataset.digest:
        ours, theirs = dataset.digest[:12], results.dataset.digest[:12]
        told = f"the run was judged on {results.dataset.name} with sha256 {theirs}..., and this is {ours}..."
        raise BadData(f"{dataset.path}: another item bank: {told}; name the right one: --dataset PATH")


def _reach(system: System, registry: Registry) -> int:
    """How many places a second stage answers for: what follows is the first one's. 0 without one."""
    if system.reranker is None:
        return 0
    spec = registry.rerankers[system.reranker]
    return spec.keep or spec.depth


def _claimed(results: Results, system: str, depth: int) -> list[str]:
    """Every metric of the run that reaches no deeper than this system's do, whatever its own rows still tell."""
    known = dict.fromkeys(metric for scores in results.queries for metric in scores.values)
    own = [metric for scores in results.queries if scores.system == system for metric in scores.values]
    deepest = max([Metric.parse(metric).cutoff or 0 for metric in own] or [depth])
    return [metric for metric in known if (Metric.parse(metric).cutoff or 0) <= deepest]


def _samples(results: Results) -> Mapping[str, dict[str, Values]]:
    samples: dict[str, dict[str, Values]] = {}
    for timed in results.samples:
        samples.setdefault(timed.system, {})[timed.stage] = np.asarray(timed.milliseconds, np.float64)
    return samples


def _rankings(folder: Path, results: Results, dataset: Dataset, found: Differences) -> Mapping[str, Run]:
    """System -> run, of every system whose queries were scored or whose file is there; what cannot be read differs."""
    runs = {}
    scored = [scores.system for scores in results.queries]
    for system in dict.fromkeys([*scored, *sorted(path.stem for path in folder.glob("*.trec"))]):
        if system not in results.systems:
            found.sentences.append(f"{RUNS}/{system}.trec: {VERDICTS} names no such system")
            continue
        path, name = folder / f"{system}.trec", f"{RUNS}/{system}.trec"
        if path.with_name(f"{system}.txt").is_file():
            found.left["rankings: a TREC file has no room for their ids"] += 1
            continue
        try:
            runs[system] = Run.from_dict(read_run(path), dataset.corpus.ids)
        except HarnessError as error:
            found.sentences.append(f"{name}: {str(error).removeprefix(f'{path}: ')}")
        else:
            found.compare_text("rankings", name, path.read_text("utf-8"), _written(runs[system], system))
    return runs


def _written(run: Run, system: str) -> str:
    """The file that this ranking makes: in another order, or under other ranks, stands no ranking of ours."""
    with TemporaryDirectory() as place:
        path = Path(place, "run.trec")
        write_run(run, path, system)
        return path.read_text(encoding="utf-8")
