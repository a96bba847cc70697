"""python -m harness compare, as it is typed."""

import csv

import pytest
from runs import BASE, ENVIRONMENT, ONE, TWO, description, outcome, scores, stored, written

from harness.__main__ import main
from harness.verdict.outcomes import State

GOOD, BAD = [1.0] * 20, [0.5] * 20


@pytest.fixture
def write(tmp_path, monkeypatch):
    """`write(things)` is the name of a run in reports/."""
    monkeypatch.chdir(tmp_path)
    return lambda *things, **how: written(stored(things, **how), tmp_path / "reports").name


@pytest.fixture
def compare(capsys):
    """`compare(*words)` gives the status and the lines of both streams."""

    def run(*words):
        status = main(["compare", *words])
        out, err = capsys.readouterr()
        return status, out.splitlines(), err.splitlines()

    return run


def test_it_says_what_changed_and_ends_well(write, compare):
    before = write(scores(ONE, recall_5=GOOD), outcome(ONE, State.MET))
    after = write(scores(ONE, recall_5=BAD), outcome(ONE, State.RULED_OUT))
    status, out, err = compare(before, "latest")
    assert (status, err) == (0, [])
    assert out[:2] == [f"A: {before}", f"B: {after}"]
    assert "recall@5 on labels (grade >= 2), over 20 queries" in out
    assert out[-1].split() == [ONE, "INCOMPLETE", "NO-GO"]


def test_a_gate_ends_with_1_where_anything_is_worse(write, compare):
    before = write(scores(ONE, recall_5=GOOD), outcome(ONE, State.MET))
    after = write(scores(ONE, recall_5=BAD), outcome(ONE, State.RULED_OUT))
    status, _, err = compare(before, after, "--fail-if-worse")
    assert status == 1
    assert err == [
        f"worse: recall@5 of {ONE} on labels is worse: 1.000 before, 0.500 now (p = 0.0003 after Holm)",
        f"worse: the verdict of {ONE} is worse: INCOMPLETE before, NO-GO now",
    ]
    status, _, err = compare(after, before, "--fail-if-worse")
    assert (status, err) == (0, [])


def test_a_gate_sees_what_is_judged_whatever_is_named(write, compare):
    before, after = write(scores(ONE, mrr=GOOD, recall_5=GOOD)), write(scores(ONE, mrr=GOOD, recall_5=BAD))
    assert compare(before, after, "--metric", "mrr", "--fail-if-worse")[0] == 1


def test_systems_and_metrics_can_be_named(write, compare):
    run = write(*(scores(name, recall_5=GOOD, mrr=GOOD) for name in (ONE, TWO, BASE)))
    other = write(*(scores(name, recall_5=BAD, mrr=BAD) for name in (ONE, TWO, BASE)))
    _, out, _ = compare(run, other, "--system", TWO, "--metric", "mrr")
    text = "\n".join(out)
    assert "mrr on labels" in text
    assert "recall@5 on" not in text
    assert ONE not in text
    _, out, _ = compare(run, other, "--metric", "mrr", "recall@5", "--system", ONE, "--system", TWO)
    assert sum("over 20 queries" in line for line in out) == 2


def test_all_queries_that_got_worse_go_into_a_file(write, compare, tmp_path):
    before, after = write(scores(ONE, recall_5=GOOD)), write(scores(ONE, recall_5=BAD))
    assert compare(before, after, "-o", "worse.csv")[0] == 0
    with (tmp_path / "worse.csv").open(encoding="utf-8") as lines:
        assert len(list(csv.DictReader(lines))) == 20


def test_other_machines_and_banks_are_refused_and_that_is_no_error(write, compare):
    machine = {**ENVIRONMENT["machine"], "cpu": "another"}
    before = write(scores(ONE, recall_5=GOOD))
    after = write(scores(ONE, recall_5=BAD), machine=machine, bank=description(digest="beef"))
    status, out, _ = compare(before, after)
    assert status == 0
    assert out[2:] == [
        "- accuracy is not compared: the item banks differ (tiny is c0ffeec0ffee, tiny is beef)",
        "- timings are not compared: the machines differ (cpu a processor and another)",
    ]
    assert compare(before, after, "--fail-if-worse")[0] == 1


def test_it_speaks_korean(write, compare):
    before = write(scores(ONE, recall_5=GOOD), outcome(ONE, State.MET))
    after = write(scores(ONE, recall_5=BAD), outcome(ONE, State.RULED_OUT))
    _, out, _ = compare(before, after, "--report-language", "ko")
    assert "도입 불가(NO-GO)" in out[-1]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["latset"], "there is no run at latset: unknown run 'latset'. Did you mean 'latest'?"),
        (["latest", "-o", "worse.xlsx"], "worse.xlsx: queries that got worse are written as .csv only"),
        (["latest", "-o", "nowhere/worse.csv"], "nowhere/worse.csv: cannot be written: No such file or directory"),
        (["latest", "--system", "alpha+dens"], "unknown system 'alpha+dens'. Did you mean 'alpha+dense'? There are:"),
        (["latest", "--metric", "mrr"], "unknown metric 'mrr'. There are: recall@5."),
    ],
)
def test_a_mistake_is_one_line(write, compare, words, sentence):
    write(scores(ONE, recall_5=GOOD))
    status, _, err = compare("latest", *words)
    assert status == 1
    assert len(err) == 1
    assert err[0].startswith(sentence)
