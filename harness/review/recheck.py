"""A run's folder computed again: every number from what it was computed from, and every page from its rows."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from harness.data.catalogue import describe, describe_truth
from harness.errors import NotMeasured
from harness.probes.readings import READINGS
from harness.ranking.measures import Metric
from harness.report import stored
from harness.report.results import Results
from harness.report.rows import QueryScores
from harness.report.stored import Stored
from harness.review.completeness import complete
from harness.review.remade import files
from harness.review.remembering import remembered
from harness.review.sameness import Differences
from harness.session.opening import Session
from harness.session.remembered import NOT_STORED, Remembered
from harness.verdict.measurement import Measurement
from harness.verdict.outcomes import Outcome, State, Verdict

EXACT, TIMED = 1e-9, 1e-6
"""How far two computations of one number may be apart; stored samples have six digits."""

STAGED = "values by scenario: their rankings are not stored"
UNRANKED = "accuracy: the rankings of these systems are not stored"
UNTIMED = "latency: the samples of these systems are not stored"
PICTURES = "latency by kind of query: which of them carried a picture is not stored"
COSINES = "similarities: vectors are not stored"
ONCE = "throughput, memory, stability, canaries: each was measured once"
OPEN = "outcomes: what they were judged by is not stored"


def recheck(path: Path, kept: Stored, session: Session) -> Differences:
    """A folder against the item bank of a session. Raises BadData where that is not the bank of the run."""
    place, results, found = stored.followed(path), kept.results, Differences()
    memo = remembered(place, results, session, found)
    _bank(found, results, memo)
    for row in results.measurements:
        _measurement(found, row, memo)
    for scores in results.queries:
        _queries(found, scores, memo)
    for outcome in results.outcomes:
        _outcome(found, outcome, memo)
    _verdicts(found, results, place / stored.VERDICTS)
    complete(found, kept, memo, session.registry)
    files(found, kept, place)
    return found


def _bank(found: Differences, results: Results, memo: Remembered) -> None:
    """What is in the bank, and what its ground truths hold."""
    cutoffs = next((truth.ceilings for truth in results.dataset.truths), ())
    again = asdict(describe(memo.dataset, cutoffs))
    found.compare("item banks", f"{stored.VERDICTS}: dataset", asdict(results.dataset), again, EXACT)
    for truth in results.truths:
        judged = describe_truth(memo.truth(truth.name), truth.ceilings)
        where = f"{stored.RESULTS}: truth {truth.name}"
        found.compare("ground truths", where, asdict(truth), asdict(judged), EXACT)


def _measurement(found: Differences, row: Measurement, memo: Remembered) -> None:
    """Means and percentiles; of everything else there is nothing but the number itself."""
    kind, reading = Metric.parse(row.metric).measure.kind, READINGS.get(row.metric)
    if row.scenario or row.metric == "picture-gain":
        found.left[STAGED] += 1
    elif kind == "accuracy":
        _mean(found, row, memo)
    elif reading is not None and reading.probe == "latency":
        _timed(found, row, memo)
    else:
        found.left[COSINES if kind == "similarity" else ONCE] += 1


def _mean(found: Differences, row: Measurement, memo: Remembered) -> None:
    try:
        scores = memo.scores(row.system, row.ground_truth, row.level)
    except NotMeasured:
        found.left[UNRANKED] += 1
        return
    if row.stratum not in scores.strata:
        found.sentences.append(f"{_where(row)}: there are no such queries")
        return
    again = scores.measurement(row.metric, row.stratum)
    found.compare("measurements", _where(row), _figures(row), _figures(again), EXACT)


def _timed(found: Differences, row: Measurement, memo: Remembered) -> None:
    again = memo.measurement(row.system, row.metric)
    if row.stratum != "all":
        found.left[PICTURES] += 1
    elif NOT_STORED in again.reason:
        found.left[UNTIMED] += 1
    else:
        found.compare("measurements", _where(row), _figures(row), _figures(again), TIMED)


def _where(row: Measurement) -> str:
    truth = f" on {row.ground_truth}" if row.ground_truth else ""
    return f"{stored.RESULTS}: {row.metric} of {row.system}{truth} ({row.stratum})"


def _figures(row: Measurement) -> dict[str, Any]:
    """What is a number, or says what it is of; why there is none may be told in other words."""
    told = asdict(row)
    return {name: told[name] for name in ("value", "n", "level", "dataset", "ceiling", "bounds", "struck")}


def _queries(found: Differences, scores: QueryScores, memo: Remembered) -> None:
    try:
        again = QueryScores.of(memo.scores(scores.system, scores.ground_truth, scores.level))
    except NotMeasured:
        return  # their ranking could not be read, which is told already
    where = f"{stored.QUERIES}: {scores.system} on {scores.ground_truth}"
    found.compare("tables of queries", where, _by_query(scores), _by_query(again), EXACT)


def _by_query(scores: QueryScores) -> dict[str, Any]:
    columns = {name: dict(zip(scores.query_ids, column, strict=False)) for name, column in scores.values.items()}
    return {"query_ids": scores.query_ids, "sources": scores.sources, **columns}


def _outcome(found: Differences, outcome: Outcome, memo: Remembered) -> None:
    again = memo.outcome(outcome.system, outcome.criterion)
    if again.state is State.NOT_MEASURED and NOT_STORED in again.reason and outcome.value is not None:
        found.left[OPEN] += 1
        return
    where = f"{stored.RESULTS}: {outcome.criterion} of {outcome.system}"
    slack = TIMED if Metric.parse(outcome.metric).measure.unit else EXACT
    found.compare("outcomes", where, _state(outcome), _state(again), slack)


def _state(outcome: Outcome) -> dict[str, Any]:
    return {name: value for name, value in asdict(outcome).items() if name != "reason"}


def _verdicts(found: Differences, results: Results, path: Path) -> None:
    """Decisions follow from the outcomes, and the file tells nothing else."""
    told = {verdict["system"]: verdict for verdict in json.loads(path.read_text(encoding="utf-8"))["verdicts"]}
    made = {verdict.system: _told(verdict) for verdict in results.verdicts}
    for system in dict.fromkeys((*told, *made)):
        found.compare("verdicts", f"{stored.VERDICTS}: {system}", told.get(system), made.get(system), EXACT)


def _told(verdict: Verdict) -> dict[str, Any]:
    criteria = [{**asdict(outcome), "sentence": outcome.sentence} for outcome in verdict.outcomes]
    return {"system": verdict.system, "decision": verdict.decision, "why": verdict.why(), "criteria": criteria}
