"""A real run computed again: nothing differs, and whatever somebody changes in its folder does."""

import json
import shutil
from pathlib import Path

import pytest
from played import play

from harness.errors import BadData
from harness.report import stored
from harness.review import completeness, recheck
from harness.session.opening import resolve
from harness.session.wishes import Wishes
from harness.verdict.outcomes import Decision


@pytest.fixture(scope="module")
def played(tmp_path_factory):
    return play(tmp_path_factory.mktemp("played") / "project")


@pytest.fixture(scope="module")
def session(played):
    return resolve(Wishes(played.parents[1] / "harness.toml"))


@pytest.fixture
def run(played, tmp_path):
    """A copy of the run's folder, to be changed."""
    return Path(shutil.copytree(played, tmp_path / "run"))


def checked(folder, session):
    return recheck.recheck(folder, stored.read(folder), session)


def change(path, *pairs):
    """Replaces the first of each pair, which must be there."""
    text = path.read_text("utf-8")
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new, 1)
    path.write_text(text, "utf-8")


def rewrite(path, wanted, edit):
    """Edits the first JSON line for which `wanted` holds."""
    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    edit(next(line for line in lines if wanted(line)))
    path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), "utf-8")


def row(metric, system="letters+dot", stratum="all", scenario=""):
    asked = {"kind": "measurement", "metric": metric, "system": system, "stratum": stratum, "scenario": scenario}
    return lambda line: asked.items() <= line.items()


def test_a_run_as_it_was_left_is_the_same_in_every_number(played, session):
    found = checked(played, session)
    assert found.sentences == []
    kept = stored.read(played).results
    assert found.same["rankings"] == found.same["tables of queries"] == 4
    assert found.same["outcomes"] == len(kept.outcomes) == 12
    assert found.same["verdicts"] == 2
    assert found.same["ground truths"] == found.same["item banks"] == 1
    assert found.same["files"] == 3 + len(list(played.glob("report.*")))
    told = found.same["measurements"] + sum(found.left[why] for why in (recheck.STAGED, recheck.ONCE, recheck.COSINES))
    assert told == len(kept.measurements)
    assert found.same["measurements"] >= 4 * 14 and found.left[completeness.QUOTED] == len(kept.findings)


TAMPERED = {
    "value": (
        lambda run: rewrite(run / "results.jsonl", row("mrr"), lambda line: line.update(value=line["value"] - 1e-6)),
        "results.jsonl: mrr of letters+dot on labels (all): value is 0.999999, computed again 1.0",
    ),
    "n": (
        lambda run: rewrite(run / "results.jsonl", row("recall@3"), lambda line: line.update(n=5)),
        "results.jsonl: recall@3 of letters+dot on labels (all): n is 5, computed again 4",
    ),
    "bound": (
        lambda run: rewrite(run / "results.jsonl", row("hit@1"), lambda line: line["bounds"].update(at_least=0.9)),
        "results.jsonl: hit@1 of letters+dot on labels (all): bounds.at_least is 0.9, computed again 0.47",
    ),
    "ceiling": (
        lambda run: rewrite(run / "results.jsonl", row("recall@1"), lambda line: line.update(ceiling=1.0)),
        "results.jsonl: recall@1 of letters+dot on labels (all): ceiling is 1.0, computed again 0.5",
    ),
    "struck": (
        lambda run: rewrite(run / "results.jsonl", row("recall@1"), lambda line: line.update(struck="why")),
        "recall@1 of letters+dot on labels (all): struck is why, computed again",
    ),
    "stratum": (
        lambda run: rewrite(run / "results.jsonl", row("recall@1"), lambda line: line.update(stratum="category=none")),
        "recall@1 of letters+dot on labels (category=none): there are no such queries",
    ),
    "latency": (
        lambda run: rewrite(run / "results.jsonl", row("latency-p95"), lambda line: line.update(value=9000.0)),
        "results.jsonl: latency-p95 of letters+dot (all): value is 9000.0, computed again",
    ),
    "latency bound": (
        lambda run: rewrite(run / "results.jsonl", row("latency-p50"), lambda line: line["bounds"].update(low=0.0)),
        "results.jsonl: latency-p50 of letters+dot (all): bounds.low is 0.0, computed again",
    ),
    "truth": (
        lambda run: rewrite(run / "results.jsonl", lambda line: line["kind"] == "truth", lambda line: line.update(pairs=9)),
        "results.jsonl: truth labels: pairs is 9, computed again 8",
    ),
    "outcome": (
        lambda run: rewrite(
            run / "results.jsonl", lambda line: line["kind"] == "outcome", lambda line: line.update(state="met")
        ),
        "results.jsonl: recall of letters+dot: state is met, computed again unproven",
    ),
    "outcome unmeasured": (
        lambda run: rewrite(
            run / "results.jsonl", lambda line: line.get("criterion") == "korean", lambda line: line.update(state="met")
        ),
        "results.jsonl: korean of letters+dot: state is met, computed again not measured",
    ),
    "query": (
        lambda run: rewrite(
            run / "queries.jsonl", lambda line: True, lambda line: line["values"]["recall@1"].__setitem__(0, 1.0)
        ),
        "on labels: recall@1.q0 is 1.0, computed again 0.5",
    ),
    "sample": (
        lambda run: rewrite(
            run / "samples.jsonl", lambda line: True, lambda line: line["milliseconds"].__setitem__(3, 7e6)
        ),
        "results.jsonl: latency-mean of ",
    ),
    "state": (
        lambda run: change(run / "verdicts.json", ('"state": "unproven"', '"state": "met"')),
        "verdicts.json: letters+dot: criteria.0.state is met, computed again unproven",
    ),
    "decision": (
        lambda run: change(run / "verdicts.json", ('"decision": "INCOMPLETE"', '"decision": "GO"')),
        "verdicts.json: letters+dot: decision is GO, computed again INCOMPLETE",
    ),
    "sentence": (
        lambda run: change(run / "verdicts.json", ("unproven, needs >= 0.5", "unproven, needs >= 0.4")),
        "verdicts.json: letters+dot: criteria.0.sentence is",
    ),
    "bank": (
        lambda run: change(run / "verdicts.json", ('"items": 8', '"items": 80')),
        "verdicts.json: dataset: items is 80, computed again 8",
    ),
    "accuracy.csv": (
        lambda run: change(run / "accuracy.csv", (",recall@1,0.5,", ",recall@1,0.6,")),
        "accuracy.csv:2: is ",
    ),
    "search_results.csv": (lambda run: change(run / "search_results.csv", ("q0", "q9")), "search_results.csv:2: is '"),
    "report.md": (lambda run: change(run / "report.md", ("0.500", "0.600")), "0.600"),
    "report.html": (lambda run: change(run / "report.html", ("0.500", "0.600")), "report.html:"),
    "cut": (
        lambda run: (run / "report.md").write_text((run / "report.md").read_text("utf-8")[:-9], "utf-8"),
        "report.md:",
    ),
    "gone": (lambda run: (run / "accuracy.csv").unlink(), "accuracy.csv is missing"),
    "ranking gone": (lambda run: (run / "runs" / "words.trec").unlink(), "runs/words.trec: cannot be read"),
    "lines swapped": (
        lambda run: _swap(run / "runs" / "letters+dot.trec", whole=True),
        "runs/letters+dot.trec:1: is 'q0 Q0",
    ),
    "documents swapped": (
        lambda run: _swap(run / "runs" / "letters+dot.trec", whole=False, rank=3),
        "queries.jsonl: letters+dot on labels: ",
    ),
    "stranger": (
        lambda run: change(run / "runs" / "letters+dot.trec", (" d0 ", " d99 ")),
        "runs/letters+dot.trec: a run names document 'd99', which is not in the corpus",
    ),
}  # fmt: skip


def _swap(path, whole, rank=1):
    """The first two lines change places, or the documents of rank 1 and `rank` + 1 do."""
    lines = path.read_text("utf-8").splitlines(keepends=True)
    one, other = lines[0].split(" "), lines[rank].split(" ")
    if whole:
        lines[:2] = lines[1], lines[0]
    else:
        one[2], other[2] = other[2], one[2]
        lines[0], lines[rank] = " ".join(one), " ".join(other)
    path.write_text("".join(lines), "utf-8")


@pytest.mark.parametrize("what", TAMPERED)
def test_what_was_changed_is_named_with_both_values(run, session, what):
    tamper, sentence = TAMPERED[what]
    tamper(run)
    told = checked(run, session).sentences
    assert any(sentence in one for one in told), told


def test_a_number_in_the_rows_is_missed_by_no_page_made_of_them(run, session):
    """The pages still tell the old one."""
    rewrite(run / "results.jsonl", row("mrr", "words"), lambda line: line.update(value=0.123456))
    told = "\n".join(checked(run, session).sentences)
    assert "mrr of words on labels (all): value is 0.123456, computed again 1.0" in told
    assert "accuracy.csv:" in told and "report.md:" in told


def test_samples_are_compared_to_the_digits_that_are_stored(run, session):
    timed = row("latency-mean")
    rewrite(run / "results.jsonl", timed, lambda line: line.update(value=line["value"] + 4e-7))
    assert not any("latency-mean" in one for one in checked(run, session).sentences)
    rewrite(run / "results.jsonl", timed, lambda line: line.update(value=line["value"] + 4e-6))
    assert any("latency-mean" in one for one in checked(run, session).sentences)


def test_another_bank_is_one_line(run, tmp_path, played):
    project = Path(shutil.copytree(played.parents[1], tmp_path / "other", ignore=shutil.ignore_patterns("reports")))
    change(project / "bank" / "corpus.jsonl", ("a b c", "a b c d"))
    other = resolve(Wishes(project / "harness.toml"))
    with pytest.raises(BadData) as caught:
        checked(run, other)
    theirs = stored.read(run).results.dataset.digest[:12]
    assert f"bank: another item bank: the run was judged on bank with sha256 {theirs}..." in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_ranking_that_trec_could_not_hold_is_counted(run, session):
    (run / "runs" / "words.trec").rename(run / "runs" / "words.txt")
    found = checked(run, session)
    assert found.sentences == []
    assert found.left["rankings: a TREC file has no room for their ids"] == 1
    assert found.left[recheck.UNRANKED] > 0 and found.left[recheck.OPEN] == 2  # what is compared with words


def test_lost_samples_leave_the_latency_open(run, session):
    """Only the pages differ: they drew the samples."""
    (run / "samples.jsonl").write_text("")
    found, rows = checked(run, session), stored.read(run).results.measurements
    timed = [one for one in rows if one.metric.endswith(("-mean", "-p50", "-p95", "-p99"))]
    assert found.left[recheck.UNTIMED] == len(timed) > 3 * 4 and found.left[recheck.OPEN] == 2
    assert {one.partition(":")[0] for one in found.sentences} <= {"report.html", "report.md"}


def test_of_a_part_of_a_run_the_rest_is_counted(tmp_path, session):
    part = play(tmp_path / "part", "-k", "go_nogo or (accuracy and dot and not longest)")
    found = checked(part, resolve(Wishes(part.parents[1] / "harness.toml")))
    assert found.sentences == []
    assert found.same["rankings"] == 1
    assert found.left[recheck.UNRANKED] > 0  # chance stands in every table
    assert found.left[recheck.OPEN] == 9 and found.same["outcomes"] == 3


def test_a_go_is_computed_again_like_any_other_decision(tmp_path):
    policy = tmp_path / "easy.toml"
    policy.write_text(
        'name = "easy"\n[[criterion]]\nid = "any"\nmetric = "hit@3"\nground_truth = "labels"\ngo = "1 %"\n'
    )
    run = play(tmp_path / "go", "-k", "go_nogo or accuracy", "--criteria", str(policy))
    assert {verdict.decision for verdict in stored.read(run).results.verdicts} == {Decision.GO}
    found = checked(run, resolve(Wishes(run.parents[1] / "harness.toml")))
    assert found.sentences == []
    assert found.same["verdicts"] == found.same["outcomes"] == 2
