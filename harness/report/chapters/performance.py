"""Chapter 4, system performance: latency, throughput, memory, and whether a system keeps answering."""

from __future__ import annotations

from collections.abc import Iterator

from harness.report import tables
from harness.report.blocks import Block, Chapter, Command, Section, Text
from harness.report.chapters import figures
from harness.report.chapters.commands import again
from harness.report.results import Results
from harness.report.stored import Stored
from harness.statistics.intervals import failure_rate
from harness.words import Words

SUITES = {"test_latency.py": tables.LATENCY, "test_throughput.py": tables.VOLUME, "test_vram.py": tables.VRAM}
"""Which suite measures what stands in the first section."""


def chapter(kept: Stored, words: Words) -> Chapter:
    """Timed on this machine, in this run; nothing of it is ever read from a store."""
    sections = (
        Section(words("Latency, throughput and memory"), tuple(_timed(kept, words))),
        Section(words("Stability"), tuple(_steady(kept, words))),
    )
    return Chapter(words("System performance"), sections)


def _timed(kept: Stored, words: Words) -> Iterator[Block]:
    measured = {row.metric for row in kept.results.measurements}
    yield from figures.latency(kept.results, words)
    yield from tables.performance(kept.results, words, intervals=True)
    yield from (Command(again(kept, suite)) for suite, metrics in SUITES.items() if measured & metrics.keys())


def _steady(kept: Stored, words: Words) -> Iterator[Block]:
    drawn = list(tables.health(kept.results, words))
    if drawn:
        yield from drawn
        yield from _possible(kept.results, words)
        yield Command(again(kept, "test_stability.py"))


def _possible(results: Results, words: Words) -> Iterator[Text]:
    """What so many calls with so many failures do not rule out: once for all systems of which both are true."""
    rows = (row for row in results.measurements if row.metric == "stability" and row.value is not None)
    for failures, calls in sorted({(round((1 - (row.value or 0.0)) * row.n), row.n) for row in rows}):
        rate = failure_rate(failures, calls)
        if rate is not None:
            template = "{failures} failures in {calls} calls still allow a failure rate of {rate} % (95 %)."
            yield Text(words(template, failures=f"{failures:,}", calls=f"{calls:,}", rate=f"{100 * rate:.2f}"))
