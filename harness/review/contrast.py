"""What changed between two runs, as a reader sees it: tables of accuracy, queries, performance, criteria, verdicts."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from harness.ranking.measures import Metric
from harness.ranking.units import shown
from harness.report.drawing import Struck, Table, printable, wrapped
from harness.report.lines import cell as cell_of
from harness.report.results import Results
from harness.review.changes import Changes
from harness.review.likeness import accuracy_apart, remarks, timings_apart, truths_apart
from harness.verdict.changes import Change, turned
from harness.verdict.measurement import Measurement
from harness.verdict.outcomes import Outcome
from harness.words import ENGLISH, Words

WIDTH = 120
"""Both values, their difference, its interval and two p-values stand beside a long name."""

WORST = 10
"""Queries that are named; a file holds all of them."""

METHOD = (
    "B - A is paired by query and stands beside its 95 % interval; p is that of a randomisation test; p (Holm) adjusts "
    "the larger of it and the interval's own, over the {n} comparisons made here"
)

PERFORMANCE = ("latency-p95", "throughput", "vram-device", "vram-process", "vram-reserved", "vram-allocated")


def told(changes: Changes, words: Words = ENGLISH) -> str:
    """What differs beforehand, then the tables; the verdicts last, where eyes are."""
    notes = [wrapped(f"- {printable(note)}", WIDTH, indent="  ") for note in _notes(changes, words)]
    drawn = (
        table.text(WIDTH) for table in (*_accuracy(changes, words), *_worst(changes, words), *_timed(changes, words))
    )
    return "\n\n".join(part for part in ("\n".join(notes), *drawn, *_judged(changes, words)) if part)


def _notes(changes: Changes, words: Words) -> Iterator[str]:
    before, after = changes.before, changes.after
    refused = accuracy_apart(before.results, after.results, words), timings_apart(before, after, words)
    yield from (reason for reason in refused if reason)
    yield from truths_apart(before.results, after.results, words).values()
    yield from remarks(before, after, words)
    n = len(changes.found)
    if n and all(change.same for change in changes.found):
        yield words("every query is answered as well as before, in all {n} comparisons", n=n)
    elif n:
        yield words(METHOD, n=n)


def _accuracy(changes: Changes, words: Words) -> Iterator[Table]:
    """A table per ground truth and metric; a system whose queries are all answered as before is only named."""
    header = ("system", "B - A", "p (Holm)", "better/same/worse", "A", "B", "p")
    for (truth, level, metric), group in groupby(changes.found, _column):
        found = list(group)
        same = ", ".join(change.cell.system for change in found if change.same)
        rows = tuple(_line(change, changes) for change in found if not change.same)
        if rows:
            names = {"metric": metric, "truth": printable(truth), "level": level}
            title = words("{metric} on {truth} (grade >= {level}), over {n} queries", n=found[0].difference.n, **names)
            note = words("the same for every query: {systems}", systems=same) if same else ""
            yield Table(title, tuple(words(name) for name in header), rows, note=note)


def _column(change: Change) -> tuple[str, int, str]:
    return change.cell.ground_truth, change.cell.level, change.cell.metric


def _line(change: Change, changes: Changes) -> tuple[str, ...]:
    difference, ends = change.difference, change.difference.bounds
    span = f"{_signed(difference.mean)} [{_signed(ends.low)}, {_signed(ends.high)}]"
    counts = f"{difference.wins}/{difference.ties}/{difference.losses}"
    values = (f"{change.before:.3f}", f"{change.after:.3f}")
    if change.cell in changes.struck:
        span, values = Struck(span), (Struck(values[0]), Struck(values[1]))
    return change.cell.system, span, f"{change.adjusted:.4f}", counts, *values, f"{difference.p:.4f}"


def _signed(value: float) -> str:
    """Nothing is neither more nor less."""
    text = f"{value:+.3f}"
    return text if any(digit in text for digit in "123456789") else "0.000"


def _worst(changes: Changes, words: Words) -> Iterator[Table]:
    header = ("system", "metric", "queries", "the worst of them")
    rows = tuple(_fallen(change) for change in changes.found if change.falls)
    if rows:
        title = words("queries that are answered worse than before")
        yield Table(title, tuple(words(name) for name in header), rows, labels=len(header))


def _fallen(change: Change) -> tuple[str, ...]:
    cell = change.cell
    named = [f"{fall.query_id} {fall.before:.3f}→{fall.after:.3f}" for fall in change.falls[:WORST]]
    more = ["…"] if len(change.falls) > WORST else []
    where = f"{cell.metric} {cell.ground_truth}>={cell.level}"
    return cell.system, where, f"{len(change.falls):,}", ", ".join([*named, *more])


def _timed(changes: Changes, words: Words) -> Iterator[Table]:
    """Side by side, with what the samples prove; nothing where machine or corpus differ."""
    if timings_apart(changes.before, changes.after):
        return
    old, new = _timings(changes.before.results), _timings(changes.after.results)
    for metric in PERFORMANCE:
        both = [name for name in changes.systems if (name, metric) in old and (name, metric) in new]
        rows = tuple((name, *_sides(old[name, metric], new[name, metric], words)) for name in both)
        if any(old[name, metric].value is not None or new[name, metric].value is not None for name in both):
            unit = Metric.parse(metric).measure.unit
            title = words("{metric} in {unit}", metric=metric, unit=unit)
            yield Table(title, (words("system"), words("A"), words("B"), words("B / A")), rows)


def _timings(results: Results) -> dict[tuple[str, str], Measurement]:
    rows = (row for row in results.measurements if row.metric in PERFORMANCE and row.stratum == "all")
    return {(row.system, row.metric): row for row in rows}


def _sides(old: Measurement, new: Measurement, words: Words) -> tuple[str, str, str]:
    ratio = f"{new.value / old.value:.2f}" if old.value and new.value is not None else ""
    return cell_of(old, intervals=True, words=words), cell_of(new, intervals=True, words=words), ratio


def _judged(changes: Changes, words: Words) -> Iterator[str]:
    """Criteria whose state turned, then verdicts; that nothing turned is said too."""
    before, after = changes.before.results.verdicts, changes.after.results.verdicts
    if not before and not after:
        return
    rows = tuple(
        (old.system, old.criterion, _state(old, words), _state(new, words))
        for old, new in turned(before, after)
        if old.system in changes.systems
    )
    header = tuple(words(name) for name in ("candidate", "criterion", "A", "B"))
    if rows:
        yield Table(words("criteria whose state changed"), header, rows, labels=4).text(WIDTH)
    decisions = tuple(
        (turn.system, *(words("not judged" if side is None else side.value) for side in (turn.before, turn.after)))
        for turn in changes.turns
    )
    if decisions:
        yield Table(
            words("verdicts that changed"), (words("candidate"), words("A"), words("B")), decisions, labels=3
        ).text(WIDTH)
    else:
        yield words("no verdict changed")


def _state(outcome: Outcome, words: Words) -> str:
    state = words(outcome.state.value)
    unit = Metric.parse(outcome.metric).measure.unit
    return state if outcome.value is None else f"{shown(outcome.value, unit)} {state}"
