"""Two stored runs held against each other: what may be compared, what changed, and what is worse now."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from io import StringIO
from itertools import product

import numpy as np

from harness.errors import UnknownName
from harness.ranking.measures import Metric
from harness.ranking.units import shown
from harness.report.results import Results
from harness.report.rows import QueryScores
from harness.report.stored import Stored
from harness.review.likeness import accuracy_apart, measured, truths_apart
from harness.verdict.changes import Cell, Change, Paired, Turn, changes, turns
from harness.words import ENGLISH, Words

UNJUDGED = "recall@5"
"""What is compared where no policy judges any accuracy."""

COLUMNS = ("system", "ground_truth", "level", "metric", "query_id", "before", "after")


@dataclass(frozen=True)
class Changes:
    """From run A (`before`) to run B (`after`), of `systems` alone; `found` is one family of comparisons."""

    before: Stored
    after: Stored
    systems: tuple[str, ...]
    found: tuple[Change, ...]
    turns: tuple[Turn, ...]

    @property
    def struck(self) -> set[Cell]:
        """Those of which the ground truth can say nothing, in either run."""
        rows = (*self.before.results.measurements, *self.after.results.measurements)
        return {Cell(row.system, row.ground_truth, row.level or 0, row.metric) for row in rows if row.struck}

    def worse(self, words: Words = ENGLISH) -> Iterator[str]:
        """Why a gate stays shut, a sentence each; what cannot be compared keeps it shut too."""
        bank = accuracy_apart(self.before.results, self.after.results, words)
        apart = [bank] if bank else list(truths_apart(self.before.results, self.after.results, words).values())
        yield from apart or ([] if self.found else [words("no accuracy was compared")])
        yield from (_proven(change, words) for change in self.found if change.worse and self._counts(change.cell))
        yield from (_turned(turn, words) for turn in self.turns if turn.worse)

    def _counts(self, cell: Cell) -> bool:
        """Whether a criterion of either policy judges it, of a candidate."""
        systems = self.after.results.systems
        judged = _judged(self.before.results) | _judged(self.after.results)
        candidate = cell.system in systems and systems[cell.system].role == "candidate"
        return candidate and (cell.ground_truth, cell.level, cell.metric) in judged and cell not in self.struck

    def csv(self) -> str:
        """Every query that is answered worse than before, a row each."""
        text = StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(COLUMNS)
        for change in self.found:
            cell = change.cell
            named = (cell.system, cell.ground_truth, cell.level, cell.metric)
            writer.writerows(
                (*named, fall.query_id, f"{fall.before:.6g}", f"{fall.after:.6g}") for fall in change.falls
            )
        return text.getvalue()


def between(
    before: Stored, after: Stored, systems: Sequence[str] = (), metrics: Sequence[str] = (), *, gated: bool = False
) -> Changes:
    """What changed. Without `systems` of every candidate and baseline, without `metrics` in those that are judged.

    `gated` adds what is judged to the metrics: a gate must not be blind to it. Raises UnknownName.
    """
    known = {name: None for run in (before, after) for name in measured(run.results)}
    chosen = tuple(_known_systems(systems, known)) or tuple(name for name in known if _named(name, before, after))
    asked = _known_metrics(metrics, before, after)
    judged = {metric: None for run in (before, after) for _, _, metric in sorted(_judged(run.results))}
    compared = [*asked, *(judged if gated or not asked else ())] or [UNJUDGED]
    verdicts = turns(before.results.verdicts, after.results.verdicts)
    return Changes(
        before,
        after,
        chosen,
        tuple(changes(_pairs(before.results, after.results, chosen, dict.fromkeys(compared)))),
        tuple(turn for turn in verdicts if turn.system in chosen),
    )


def _known_systems(asked: Sequence[str], known: dict[str, None]) -> list[str]:
    for name in asked:
        if name not in known:
            raise UnknownName("system", name, known)
    return list(asked)


def _known_metrics(asked: Sequence[str], before: Stored, after: Stored) -> list[str]:
    known = {metric for run in (before, after) for scores in run.results.queries for metric in scores.values}
    for name in asked:
        if name not in known:
            raise UnknownName("metric", name, known)
    return list(asked)


def _named(system: str, *runs: Stored) -> bool:
    """Whether it has a role in any run; what stands in no role was tried, and nobody relies on it."""
    known = [run.results.systems[system].role for run in runs if system in run.results.systems]
    return any(role in ("candidate", "baseline") for role in known)


def _judged(results: Results) -> set[tuple[str, int, str]]:
    """(ground truth, level, metric) of every criterion that asks for accuracy."""
    levels = {truth.name: truth.level for truth in results.truths}
    asked = [criterion for criterion in results.policy.criterion if criterion.parsed.measure.kind == "accuracy"]
    return {(c.ground_truth or "", c.relevance or levels.get(c.ground_truth or "", 0), c.metric) for c in asked}


def _pairs(before: Results, after: Results, systems: Sequence[str], metrics: Iterable[str]) -> Iterator[Paired]:
    """By ground truth, level and metric, then by system: as they are shown."""
    if accuracy_apart(before, after):
        return
    apart = truths_apart(before, after)
    old, new = ({(s.system, s.ground_truth, s.level): s for s in run.queries} for run in (before, after))
    judgements = [key for key in dict.fromkeys(key[1:] for key in old) if key[0] not in apart]
    for (truth, level), metric, system in product(judgements, metrics, systems):
        key = (system, truth, level)
        if key in old and key in new and metric in old[key].values and metric in new[key].values:
            yield _paired(Cell(*key, metric), old[key], new[key])


def _paired(cell: Cell, old: QueryScores, new: QueryScores) -> Paired:
    """Over the queries that both runs asked, in the order of the first."""
    places = {query_id: place for place, query_id in enumerate(new.query_ids)}
    rows = [row for row, query_id in enumerate(old.query_ids) if query_id in places]
    ids = tuple(old.query_ids[row] for row in rows)
    before = np.array([old.values[cell.metric][row] for row in rows], np.float64)  # None becomes NaN
    after = np.array([new.values[cell.metric][places[query_id]] for query_id in ids], np.float64)
    sources = np.array([old.sources[row] for row in rows]) if old.sources else None
    return Paired(cell, ids, before, after, sources)


def _proven(change: Change, words: Words) -> str:
    cell, unit = change.cell, Metric.parse(change.cell.metric).measure.unit
    return words(
        "{metric} of {system} on {truth} is worse: {before} before, {after} now (p = {p} after Holm)",
        metric=cell.metric,
        system=cell.system,
        truth=cell.ground_truth,
        before=shown(change.before, unit),
        after=shown(change.after, unit),
        p=f"{change.adjusted:.4f}",
    )


def _turned(turn: Turn, words: Words) -> str:
    was, now = (words("not judged" if side is None else side.value) for side in (turn.before, turn.after))
    return words(
        "the verdict of {system} is worse: {before} before, {after} now", system=turn.system, before=was, after=now
    )
