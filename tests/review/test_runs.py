"""Runs by name."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from runs import ONE, scores, stored, written

from harness.errors import BadData
from harness.review.runs import UNDATED, located, made, opened


@pytest.fixture
def run(tmp_path, monkeypatch):
    """In the folder where reports/ lies."""
    monkeypatch.chdir(tmp_path)
    return written(stored([scores(ONE, recall_5=[1.0])]), tmp_path / "reports")


def test_a_run_is_named_by_its_path_or_by_what_it_is_called_in_reports(run):
    assert located(str(run)) == located(run.name) == located("latest") == located("reports/latest") == run


def test_where_links_are_impossible_latest_is_a_file(run):
    (run.parent / "latest").unlink()
    (run.parent / "latest").write_text(f"{run.name}\n")
    assert located("latest") == located("reports/latest") == run


def test_a_name_that_nothing_bears_is_refused_with_those_there_are(run):
    (run.parent / "no-run").mkdir()
    told = (
        rf"^there is no run at latset: unknown run 'latset'\. Did you mean 'latest'\? There are: {run.name}, latest\.$"
    )
    with pytest.raises(BadData, match=told):
        located("latset")


def test_a_run_is_dated_by_its_name():
    assert made(Path("reports/20261121T050029Z-9e1e5632")) == datetime(2026, 11, 21, 5, 0, 29, tzinfo=UTC)
    assert made(Path("reports/example")) == UNDATED


def test_a_whole_run_is_opened(run):
    assert opened(run).results.queries == stored([scores(ONE, recall_5=[1.0])]).results.queries


@pytest.mark.parametrize(
    "content", ["{}", "[]", "null", '{"command": [], "gpus": [], "git": null, "python": "", "packages": {}}']
)
def test_an_environment_that_lacks_something_is_named(run, content):
    (run / "environment.json").write_text(content)
    with pytest.raises(BadData, match=r"environment\.json: has no '(command|machine)'$"):
        opened(run)


def test_what_is_no_run_is_told_so(run):
    with pytest.raises(BadData, match=r"reports is no run: it has no results\.jsonl$"):
        opened(located("reports"))
