"""The report in Korean: a whole one asks for no word that is not there (`test_words` looks at the code itself)."""

from pathlib import Path

import pytest

from harness.report import manuscript
from harness.report.stored import read
from harness.verdict.outcomes import Decision, State
from harness.words import Words, words

EXAMPLE = Path(__file__).parents[2] / "reports" / "example"
KOREAN = words("ko").table


@pytest.mark.parametrize("name", [*State, *Decision])
def test_states_and_decisions_have_korean_names(name):
    assert KOREAN[name.value] != name.value


class Asked(dict):
    """A table that remembers what it was asked for in vain."""

    def __init__(self, table):
        super().__init__(table)
        self.missing = set()

    def get(self, key, default=None):
        if key not in self:
            self.missing.add(key)
        return super().get(key, default)


def from_data(kept):
    """Sentences that components said of themselves, or that a file holds: they stay as they were said."""
    results = kept.results
    reasons = [thing.reason for thing in (*results.measurements, *results.outcomes)]
    columns = {f"items/s {row.stratum}" for row in results.measurements}
    return {*reasons, *(finding.sentence for finding in results.findings), *columns, ""}


def test_a_whole_report_asks_for_nothing_else(kept, monkeypatch):
    runs = [kept, *([read(EXAMPLE)] if (EXAMPLE / "queries.jsonl").is_file() else [])]
    for run in runs:
        table = Asked(KOREAN)
        monkeypatch.setattr(manuscript, "words", lambda _, table=table: Words("ko", table))
        manuscript.written(run)
        assert table.missing - from_data(run) == set()
