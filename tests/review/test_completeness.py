"""What is gone from a run's folder is told, and what was made up; of a real run nothing is."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from played import play

from harness.report import stored
from harness.report.closing import INTERRUPTED
from harness.report.rows import to_row
from harness.review import completeness, recheck
from harness.session.opening import resolve
from harness.session.wishes import Wishes

HARD = """
name = "hard"

[[criterion]]
id = "first"
metric = "recall@1"
ground_truth = "labels"
go = "10 %"

[[criterion]]
id = "hit"
metric = "hit@3"
ground_truth = "labels"
go = "10 %"
"""
"""Of two relevant items none can be the first alone, but of what a reranker puts elsewhere there are cases."""


@pytest.fixture(scope="module")
def played(tmp_path_factory):
    folder = tmp_path_factory.mktemp("complete")
    (folder / "hard.toml").write_text(HARD)
    return play(folder / "project", "--criteria", str(folder / "hard.toml"))


@pytest.fixture(scope="module")
def session(played):
    return resolve(Wishes(played.parents[1] / "harness.toml"))


@pytest.fixture
def run(played, tmp_path):
    return Path(shutil.copytree(played, tmp_path / "run"))


def told(folder, session):
    return recheck.recheck(folder, stored.read(folder), session).sentences


def without(path, *wanted):
    """The file without every line that holds all of the wanted."""
    lines = path.read_text("utf-8").splitlines(keepends=True)
    kept = [line for line in lines if not all(text in line for text in wanted)]
    assert len(kept) < len(lines)
    path.write_text("".join(kept), "utf-8")


def edit(path, change):
    content = json.loads(path.read_text("utf-8"))
    change(content)
    path.write_text(json.dumps(content), "utf-8")


def test_a_whole_run_misses_nothing_and_its_cases_are_computed_again(played, session):
    found = recheck.recheck(played, stored.read(played), session)
    assert found.sentences == []
    assert found.same["error cases"] == len(stored.read(played).cases.cases) > 0
    assert found.same["families"] == 1 and found.left[completeness.SEEN] == 1


def test_outcomes_that_are_gone_from_both_files_are_missed(run, session):
    without(run / "results.jsonl", '"outcome"', '"letters+dot+longest"')
    edit(run / "verdicts.json", lambda content: content["verdicts"].pop())
    sentences = told(run, session)
    for criterion in ("first", "hit"):
        wanted = f"results.jsonl: {criterion} of letters+dot+longest is missing, and the command left no test out"
        assert wanted in sentences


def test_a_command_that_picks_tests_may_leave_some_unjudged(run, session):
    without(run / "results.jsonl", '"outcome"')
    edit(run / "verdicts.json", lambda content: content["verdicts"].clear())
    edit(run / "environment.json", lambda content: content.update(command=["pytest", "benchmarks/", "-k", "dot"]))
    found = recheck.recheck(run, stored.read(run), session)
    assert found.left[completeness.LEFT_OUT] == 4
    assert not any(" is missing, and" in one for one in found.sentences)


def test_so_may_a_run_that_was_interrupted(run, session):
    without(run / "results.jsonl", '"outcome"')
    edit(run / "verdicts.json", lambda content: content["verdicts"].clear())
    with (run / "results.jsonl").open("a", encoding="utf-8") as rows:
        rows.write(json.dumps(to_row(INTERRUPTED)) + "\n")
    assert not any(" is missing, and" in one for one in told(run, session))


@pytest.mark.parametrize(
    ("name", "wanted", "sentence"),
    [
        ("results.jsonl", ('"measurement"', '"recall@3"', '"words"', '"all"'),
         "results.jsonl: 1 measurements of words missing: recall@3 labels all"),
        ("results.jsonl", ('"measurement"', '"letters+dot"', '"labels"'),
         "measurements of letters+dot missing: recall@1 labels all; recall@3 labels all; "),
        ("queries.jsonl", ('"letters+dot+longest"',),
         "queries.jsonl: 1 tables of queries of letters+dot+longest missing: labels"),
        ("results.jsonl", ('"kind": "truth"',), "results.jsonl: 1 ground truths of the run missing: labels"),
    ],
)  # fmt: skip
def test_rows_that_are_gone_are_missed(run, session, name, wanted, sentence):
    without(run / name, *wanted)
    sentences = told(run, session)
    assert any(sentence in one for one in sentences), sentences


def test_all_rows_of_a_ranking_are_missed(run, session):
    without(run / "queries.jsonl", '"words"')
    without(run / "results.jsonl", '"measurement"', '"words"', '"labels"')
    sentences = told(run, session)
    assert any("tables of queries of words missing" in one for one in sentences)
    assert any("measurements of words missing" in one for one in sentences)


def test_a_ranking_of_nobody_is_named(run, session):
    shutil.copy(run / "runs" / "words.trec", run / "runs" / "stranger.trec")
    assert "runs/stranger.trec: verdicts.json names no such system" in told(run, session)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda content: content["cases"][0].update(value=0.9), "value is 0.9, computed again 0.0"),
        (lambda content: content["cases"][0]["expected"][0].update(rank=7), "expected.0.rank is 7, computed again"),
        (lambda content: content["cases"][0]["retrieved"].pop(), "is None, computed again"),
        (lambda content: content["cases"].pop(), "is missing"),
        (lambda content: content["cases"][0].update(metric="hit@1"), "is none of the worst queries"),
        (lambda content: next(iter(content["queries"].values())).update(text="what"), "text is what, computed again "),
        (lambda content: content["items"].clear(), "cases.json: items."),
    ],
)
def test_cases_are_computed_again(run, session, change, sentence):
    edit(run / "cases.json", change)
    wrong = [one for one in told(run, session) if one.startswith("cases.json: ")]
    assert wrong and sentence in wrong[0]


def test_families_are_found_again(run, session):
    kept = stored.read(run)
    first = kept.results.systems["words"]
    made_up = {"base": "words", "option": "k", "members": {first.name: 1, "letters+dot": 2}}
    edit(run / "verdicts.json", lambda content: content["families"].append(made_up))
    assert any(one.startswith("verdicts.json: families: ") for one in told(run, session))


def test_a_finding_that_follows_from_the_rankings_is_missed(run, session):
    """Without a reranked floor beside it, chance is told by what is stored."""
    without(run / "results.jsonl", "than chance")
    kept = stored.read(run)
    systems = dict(kept.results.systems)
    systems["words+longest"] = replace(systems["words+longest"], role="other")
    systems["words"] = replace(systems["words"], role="chance")
    edited = replace(kept, results=replace(kept.results, systems=systems))
    sentences = recheck.recheck(run, edited, session).sentences
    assert any("findings of letters+dot missing: SUSPICIOUS" in one for one in sentences), sentences
