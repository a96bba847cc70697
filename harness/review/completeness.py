"""What a run's folder should hold: everything that the suites would record of the stored rankings once more."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict
from itertools import groupby
from typing import Any

from harness.data.catalogue import TruthDescription
from harness.errors import NotMeasured, UnknownName
from harness.grid.families import families
from harness.grid.systems import System
from harness.plugging.registry import Registry
from harness.report import stored
from harness.report.cases import Case, Cases
from harness.report.closing import INTERRUPTED
from harness.report.recording import accuracy_rows
from harness.report.results import Results
from harness.report.rows import Finding, Row, key
from harness.report.stored import Stored
from harness.review.sameness import Differences
from harness.session.remembered import NOT_STORED, Remembered

QUOTED = "findings: sentences that quote the run"
DRAWN = "pictures of error cases: another library draws them otherwise"
UNSEEN = "error cases: the rankings of these systems are not stored"
UNPLUGGED = "families: a plugin of the run is not here"
LEFT_OUT = "outcomes: the command of the run left tests out, or it was interrupted"
SEEN = "environment: machine and versions were seen once"

PICKS = re.compile(r"-[a-z]*[kmx]|--(lf|ff|nf|sw|last-|failed-|stepwise|deselect|ignore|maxfail|exitfirst)|.*(\.py|::)")
"""Words by which pytest leaves tests out."""

EXACT = 1e-9


def complete(found: Differences, kept: Stored, memo: Remembered, registry: Registry) -> None:
    """Rows that are gone, error cases and families that are others, candidates that nobody judged."""
    results, again = kept.results, _again(kept.results, memo)
    for kind, name, rows in _KINDS:
        _gone(found, f"{name}: {{}} {kind} of {{}} missing", rows(results), rows(again))
    made = {key(finding) for finding in again.findings}
    quoted = [finding for finding in results.findings if key(finding) not in made]
    found.left[QUOTED] += len(quoted)
    found.same["findings"] += len(results.findings) - len(quoted)
    _cases(found, kept.cases, again, memo)
    _families(found, results, registry)
    _unjudged(found, results, kept.environment.get("command", ()))
    found.left[SEEN] += 1


def _again(results: Results, memo: Remembered) -> Results:
    """The rows of the accuracy suite, of every system whose ranking is stored, on every truth that was judged on."""
    again = Results(results.dataset, results.policy, results.systems)
    for system in memo.runs:
        # Whether a reranker reorders takes another ranking, one that is like it, and is told last.
        with suppress(NotMeasured, ValueError):
            rows = accuracy_rows(memo, system, _truths(results))
            again.add(row for row in rows if not _by_depth(row, results.systems))
    return again


def _by_depth(row: Row, systems: Mapping[str, System]) -> bool:
    """How chance is told depends on how deep a list was, and of a reranked one that is not stored."""
    reranked = systems[row["system"]].reranker if row.get("system") in systems else None
    floors = any(system.reranker for system in systems.values() if system.role == "chance")
    return row["kind"] == "finding" and "than chance" in row["sentence"] and bool(reranked or floors)


def _truths(results: Results) -> list[str]:
    named = [truth.name for truth in _judged_on(results)]
    judged = [row.ground_truth for row in results.measurements]
    judged += [scores.ground_truth for scores in results.queries]
    judged += [outcome.ground_truth for outcome in results.outcomes if outcome.value is not None]
    return [name for name in dict.fromkeys([*named, *judged]) if name]


def _judged_on(results: Results) -> list[TruthDescription]:
    return [thing for thing in results.told if isinstance(thing, TruthDescription)]


_KINDS: tuple[tuple[str, str, Callable[[Results], Iterable[Any]]], ...] = (
    ("measurements", stored.RESULTS, lambda results: results.measurements),
    ("findings", stored.RESULTS, lambda results: results.findings),
    ("ground truths", stored.RESULTS, _judged_on),
    ("tables of queries", stored.QUERIES, lambda results: results.queries),
)


def _gone(found: Differences, sentence: str, there: Iterable[Any], again: Iterable[Any]) -> None:
    """One sentence for all that is gone of one system, or of no system."""
    known = {key(thing) for thing in there}
    gone = [thing for thing in again if key(thing) not in known and not _open(thing)]
    for system, things in groupby(sorted(gone, key=_whose), key=_whose):
        named = [_named(thing) for thing in things]
        told = sentence.format(len(named), system or "the run")
        found.sentences.append(f"{told}: {'; '.join(named[:3])}{'; ...' if len(named) > 3 else ''}")


def _open(thing: Any) -> bool:
    """What the stored files do not tell; a failure of no system is one of this machine."""
    told = getattr(thing, "reason", "") + getattr(thing, "sentence", "")
    return NOT_STORED in told or (isinstance(thing, Finding) and not thing.system)


def _whose(thing: Any) -> str:
    return str(getattr(thing, "system", ""))


def _named(thing: Any) -> str:
    """ "recall@5 labels category=latex"."""
    parts = (getattr(thing, name, "") for name in ("metric", "ground_truth", "stratum", "name", "sentence"))
    return " ".join(part for part in parts if part)


def _cases(found: Differences, cases: Cases, again: Results, memo: Remembered) -> None:
    ranked = [case for case in cases.cases if case.system in memo.runs]
    then, now = _by_name(ranked), _by_name(again.cases)
    for name in dict.fromkeys((*then, *now)):
        if name in then and name in now:
            where = f"{stored.CASES}: {name}"
            found.compare("error cases", where, asdict(then[name]), asdict(now[name]), EXACT)
        else:
            why = "is missing" if name in now else "is none of the worst queries"
            found.sentences.append(f"{stored.CASES}: {name} {why}")
    _shown(found, cases, Cases.of(memo.dataset, now.values(), limit=0))
    found.left[UNSEEN] += len(cases.cases) - len(ranked)
    found.left[DRAWN] += len(cases.pictures)


def _by_name(cases: Iterable[Case]) -> dict[str, Case]:
    return {f"{case.query} by {case.metric} of {case.system} on {case.ground_truth}": case for case in cases}


def _shown(found: Differences, cases: Cases, again: Cases) -> None:
    """The texts of queries and items, as they are in the bank."""
    for kind in ("queries", "items"):
        then, now = getattr(cases, kind), getattr(again, kind)
        for name, thing in now.items():
            if name in then:
                told, made = ({"text": one.text, "category": one.category} for one in (then[name], thing))
                found.compare("texts of error cases", f"{stored.CASES}: {kind}.{name}", told, made, EXACT)
            else:
                found.sentences.append(f"{stored.CASES}: {kind}.{name} is missing")


def _families(found: Differences, results: Results, registry: Registry) -> None:
    try:
        again = families(results.systems.values(), registry)
    except UnknownName:
        found.left[UNPLUGGED] += len(results.families)
        return
    where = f"{stored.VERDICTS}: families"
    found.compare("families", where, [*map(asdict, results.families)], [*map(asdict, again)], EXACT)


def _unjudged(found: Differences, results: Results, command: Iterable[str]) -> None:
    """Every candidate is asked for every criterion, unless the command says otherwise, or somebody did."""
    gone = list(_missing_outcomes(results))
    if INTERRUPTED in results.findings or any(PICKS.match(word) for word in command):
        found.left[LEFT_OUT] += len(gone)
        return
    told = "missing, and the command left no test out"
    found.sentences += [f"{stored.RESULTS}: {criterion} of {system} is {told}" for system, criterion in gone]


def _missing_outcomes(results: Results) -> Iterator[tuple[str, str]]:
    judged = {(outcome.system, outcome.criterion) for outcome in results.outcomes}
    for name, system in results.systems.items():
        asked = ((name, criterion.id) for criterion in results.policy.criterion if system.role == "candidate")
        yield from (cell for cell in asked if cell not in judged)
