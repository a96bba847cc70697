"""python -m harness gate, as a user types it: the tables, the gate, the status."""

import json
from pathlib import Path

import pytest

from harness.__main__ import main
from harness.report.rows import to_row
from harness.verdict.measurement import Measurement

POLICY = """\
name = "house"
[[criterion]]
id = "recall"
metric = "recall@5"
ground_truth = "labels"
go = "80 %"
no_go = "50 %"
"""
WAIVER = """\
[[waiver]]
id = "w"
criterion = "recall"
system = "ours"
owner = "Kim"
reason = "the new labels come in May"
expires = 2026-05-31
"""
TRUTHS = '[[truth]]\nname = "labels"\nmethod = "picked"\npools = [{ system = "ours", depth = 10 }]\n'


@pytest.fixture
def gate(tmp_path, monkeypatch, capsys):
    """`gate(value, *words)` in a folder with a.jsonl of that recall: (status, standard output, standard error)."""
    monkeypatch.chdir(tmp_path)
    for name, text in {"policy.toml": POLICY, "waivers.toml": WAIVER, "truths.toml": TRUTHS}.items():
        (tmp_path / name).write_text(text)

    def run(value, *words, policy=True):
        row = Measurement("ours", "recall@5", value, 100, "bank", "labels", 1)
        (tmp_path / "a.jsonl").write_text(json.dumps(to_row(row)) + "\n")
        status = main(["gate", *(["--criteria", "policy.toml"] if policy else []), *words, "a.jsonl"])
        return status, *capsys.readouterr()

    return run


@pytest.mark.parametrize(
    ("value", "words", "state", "decision", "shut"),
    [
        (0.95, [], "met", "GO", ""),
        (0.82, [], "unproven", "CONDITIONAL", "gate: not GO: ours (CONDITIONAL)"),
        (0.82, ["--gate=unproven"], "unproven", "CONDITIONAL", ""),
        (0.82, ["--point-estimates"], "met", "GO", ""),
        (0.75, ["--gate=unproven"], "unmet", "CONDITIONAL", "gate: not GO or merely unproven: ours (CONDITIONAL)"),
        (0.30, ["--point-estimates"], "ruled out", "NO-GO", "gate: not GO: ours (NO-GO)"),
    ],
)
def test_the_status_is_1_where_a_candidate_is_not_go(gate, value, words, state, decision, shut):
    status, out, err = gate(value, *words)
    lines = out.splitlines()
    assert (status, err, lines[-1]) == (int(bool(shut)), "", shut or "gate: open")
    assert lines[0] == "criteria of policy house"
    assert f"{value:.3f} {state}" in out
    assert any(line.split()[:2] == ["ours", decision] for line in lines)
    assert ("by point estimates alone" in out) is ("--point-estimates" in words)


@pytest.mark.parametrize(("day", "status"), [("2026-05-31", 0), ("2026-06-01", 1)])
def test_a_waiver_opens_it_until_its_day(gate, day, status):
    found, out, _ = gate(0.3, "--waivers", "waivers.toml", "--today", day)
    assert found == status
    assert "NO-GO" in out
    told = "waived: recall of ours, for which Kim answers until 2026-05-31: the new labels come in May"
    assert (told in out.splitlines()) is (status == 0)
    assert ("gate: waiver 'w' of Kim expired on 2026-05-31" in out) is (status == 1)


def test_without_a_day_it_is_today(gate):
    assert "expired" in gate(0.3, "--waivers", "waivers.toml", "--today", "2100-01-01")[1]
    assert "expired" in gate(0.3, "--waivers", _dated("2000-01-01"))[1]
    assert "answers until 2999-01-01" in gate(0.3, "--waivers", _dated("2999-01-01"))[1]


def _dated(day):
    Path("dated.toml").write_text(WAIVER.replace("2026-05-31", day))
    return "dated.toml"


def test_a_waiver_that_is_not_needed_closes_it(gate):
    status, out, _ = gate(0.95, "--waivers", "waivers.toml", "--today", "2026-01-01")
    assert status == 1
    assert "gate: waiver 'w' of Kim is not used: recall of ours is met" in out
    assert "waived:" not in out


def test_a_truth_that_was_picked_from_the_system_says_nothing_of_it(gate):
    status, out, _ = gate(0.95, "--truths", "truths.toml")
    assert status == 1
    assert "gate: not GO: ours (INCOMPLETE)" in out
    assert "picked from the first 10 of ours itself" in " ".join(out.split())


def test_policy_and_waivers_may_come_from_harness_toml(gate, tmp_path):
    (tmp_path / "harness.toml").write_text(
        f'dataset = "bank"\ncriteria = "policy.toml"\n[grid]\nretrievers = ["bm25"]\n{WAIVER}'
    )
    status, out, _ = gate(0.3, "--today", "2026-01-01", policy=False)
    assert (status, out.splitlines()[-1]) == (0, "gate: open")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--criteria", "polcy.toml"], "polcy.toml: unknown criteria file 'polcy.toml'. Did you mean 'policy.toml'?"),
        (["--candidate", "thiers"], "unknown recorded system 'thiers'. There are: ours."),
        (["--waivers", "none.toml"], "none.toml: cannot be read"),
        (["--truths", "policy.toml"], "policy.toml: "),
        (["none.jsonl"], "none.jsonl: cannot be read"),
    ],
)
def test_a_mistake_is_one_line_and_status_1(gate, words, sentence):
    status, out, err = gate(0.9, *words)
    assert (status, out) == (1, "")
    assert err.startswith(sentence)


def test_without_any_criteria_it_says_how_to_name_them(gate):
    assert gate(0.9, policy=False) == (1, "", "by which criteria? Name a policy: --criteria FILE\n")


@pytest.mark.parametrize("words", [["--gate=open"], ["--today", "tomorrow"], ["--strange"]])
def test_asked_wrongly_is_status_2(gate, words):
    with pytest.raises(SystemExit) as caught:
        gate(0.9, *words)
    assert caught.value.code == 2
