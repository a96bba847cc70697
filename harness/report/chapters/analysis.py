"""Chapter 5, the analysis: what differs beyond chance, what was chosen among how many, and what went wrong."""

from __future__ import annotations

from collections.abc import Iterator
from operator import ge, gt, lt

from harness.ranking.units import shown
from harness.report.blocks import Block, Bullets, Chapter, Command, Examples, Section, Text
from harness.report.chapters import comparing, figures
from harness.report.chapters.commands import again
from harness.report.lines import UNSEEN, Graded, role, sightless
from harness.report.stored import Stored
from harness.verdict.measurement import Measurement
from harness.words import Words

GRADES = ((gt, 0.10, "excellent"), (ge, 0.05, "good"), (lt, 0.05, "weak"))
"""The plan's words for the gain from pictures in points of recall@5: above 10 %, from 5 % on, below."""


def chapter(kept: Stored, words: Words) -> Chapter:
    """Comparisons, variants, trade-offs, the gain from pictures, error cases."""
    cases = (Examples(kept.cases),) if kept.cases.cases else ()
    sections = (
        Section(words("Comparisons"), tuple(_comparisons(kept, words))),
        Section(words("Chosen among variants"), tuple(_variants(kept, words))),
        Section(words("Accuracy against latency"), tuple(_trade_off(kept, words))),
        Section(words("Gain from pictures"), tuple(_gains(kept, words))),
        Section(words("Error cases"), cases),
    )
    return Chapter(words("Analysis"), sections)


def _comparisons(kept: Stored, words: Words) -> Iterator[Block]:
    drawn = list(comparing.comparisons(kept.results, words))
    if drawn:
        yield Text(words(comparing.PAIRED))
        yield from drawn
        yield Command(again(kept, "test_accuracy.py"))


def _variants(kept: Stored, words: Words) -> Iterator[Block]:
    drawn = list(comparing.variants(kept.results, words))
    if drawn:
        yield from drawn
        yield Command(again(kept, "test_accuracy.py"))


def _trade_off(kept: Stored, words: Words) -> Iterator[Block]:
    """By the first accuracy that the policy asks for."""
    for criterion in comparing.asked(kept.results)[:1]:
        on = Graded.of(criterion, kept.results)
        yield from figures.trade_off(kept.results, on, criterion.metric, words)


def _gains(kept: Stored, words: Words) -> Iterator[Block]:
    gains = (row for row in kept.results.measurements if row.metric == "picture-gain" and row.stratum == "all")
    rows = [row for row in gains if role(kept.results, row.system) != "chance"]
    told = tuple(_gain(row, row.value, words) for row in rows if row.value is not None)
    if told:
        yield Bullets(told)
    elif sightless(kept.results):
        yield Text(words(UNSEEN))


def _gain(row: Measurement, value: float, words: Words) -> str:
    grade = next(word for lies, bar, word in GRADES if lies(round(value, 12), bar))
    ends = f" [{shown(row.bounds.low, '')}, {shown(row.bounds.high, '')}]" if row.bounds else ""
    return words(
        "{system} on {truth}: {value} points of recall@5, {grade}",
        system=row.system,
        truth=row.ground_truth,
        value=f"{shown(value, '')}{ends}",
        grade=words(grade),
    )
