"""Chapter 3, accuracy: what each system finds, with 95 % intervals, and which differences are more than chance."""

from __future__ import annotations

from collections.abc import Iterator

from harness.report import tables
from harness.report.blocks import Block, Chapter, Command, Section, Text
from harness.report.chapters import figures
from harness.report.chapters.commands import again
from harness.report.lines import UNSEEN, Graded, sightless
from harness.report.results import Results
from harness.report.stored import Stored
from harness.words import Words

BROKEN_DOWN = ("recall@5", "recall@10", "mrr")
"""Metrics that are shown by category and by subject, on the ground truths that the policy judges."""


def chapter(kept: Stored, words: Words) -> Chapter:
    """Curves and tables by ground truth, then by category, by scenario, and how alike things are."""
    judged = judged_truths(kept.results)
    truths = [graded.truth for graded in judged]
    sections = (
        Section(words("Accuracy by ground truth"), tuple(_by_truth(kept, words))),
        Section(words("By category and subject"), tuple(_by_stratum(kept, judged, words))),
        Section(words("Scenarios"), tuple(_scenarios(kept, truths, words))),
        Section(words("Similarity"), tuple(_similarity(kept, words))),
    )
    return Chapter(words("Accuracy"), sections)


def judged_truths(results: Results) -> list[Graded]:
    """The ground truths that the policy judges by, from which grade on, in its order."""
    return list(dict.fromkeys(Graded.of(c, results) for c in results.policy.criterion if c.ground_truth))


def _by_truth(kept: Stored, words: Words) -> Iterator[Block]:
    drawn = list(tables.accuracy(kept.results, words, intervals=True))
    for graded in judged_truths(kept.results):
        yield from figures.recall(kept.results, graded, words)
    if drawn:
        yield Text(words("In brackets the 95 % interval: what other queries like these might have shown."))
        yield from drawn
        yield Command(again(kept, "test_accuracy.py"))


def _by_stratum(kept: Stored, judged: list[Graded], words: Words) -> Iterator[Block]:
    for graded in judged:
        yield from figures.categories(kept.results, graded, BROKEN_DOWN[0], words)
    truths = [graded.truth for graded in judged]
    drawn = [
        table
        for metric in BROKEN_DOWN
        for table in tables.by_stratum(kept.results, metric, named=True, truths=truths, words=words, intervals=True)
    ]
    if drawn:
        yield from drawn
        yield Command(again(kept, "test_accuracy.py"))


def _scenarios(kept: Stored, truths: list[str], words: Words) -> Iterator[Block]:
    drawn = list(tables.scenarios(kept.results, truths=truths, words=words))
    if drawn:
        yield from drawn
        yield Command(again(kept, "test_scenarios.py"))
    elif sightless(kept.results):
        yield Text(words(UNSEEN))


def _similarity(kept: Stored, words: Words) -> Iterator[Block]:
    drawn = list(tables.similarity(kept.results, words))
    if drawn:
        yield from drawn
        yield Command(again(kept, "test_accuracy.py"))
