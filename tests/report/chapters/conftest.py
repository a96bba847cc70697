"""What a chapter says, by the title of its section."""

import pytest

from harness.report.results import Results
from harness.report.rows import to_row
from harness.words import ENGLISH


@pytest.fixture
def section(kept):
    """`section(room, title)`: the blocks under a heading of the chapter that `room` writes about the run by hand."""

    def blocks(room, title, run=kept, words=ENGLISH):
        (found,) = (section for section in room.chapter(run, words).sections if section.title == words(title))
        return found.blocks

    return blocks


@pytest.fixture
def rerun(kept):
    """`rerun(*rows, policy=...)`: the run with more rows, or judged by, made of or waived otherwise."""

    def other(*rows, environment=None, **facts):
        known = {name: getattr(kept.results, name) for name in ("dataset", "policy", "systems", "waivers", "report")}
        results = Results(**known | facts)
        results.add(map(to_row, (*kept.results.told, *kept.results.samples, *rows)))
        return type(kept)(results, environment or kept.environment, kept.cases)

    return other


@pytest.fixture
def empty(kept):
    """A run in which nothing was measured."""
    results = kept.results
    return type(kept)(Results(results.dataset, results.policy, results.systems), kept.environment, kept.cases)
