"""The report as the plan lays it out, in seven chapters, before it becomes markdown or HTML."""

from __future__ import annotations

from harness.report.blocks import Manuscript
from harness.report.chapters import (
    accuracy,
    analysis,
    appendix,
    environment,
    performance,
    recommendation,
    summary,
)
from harness.report.stored import Stored
from harness.words import words

CHAPTERS = (summary, environment, accuracy, performance, analysis, recommendation, appendix)


def written(kept: Stored) -> Manuscript:
    """The chapters in the language that the run was asked for. Raises BadConfig where its words cannot be read."""
    say = words(kept.results.report.language)
    names = {"dataset": kept.results.dataset.name, "policy": kept.results.policy.name}
    title = say("Go, or No-Go? {dataset} under policy {policy}", **names)
    chapters = tuple(room.chapter(kept, say) for room in CHAPTERS)
    return Manuscript(title, kept.results.report.language, chapters)
