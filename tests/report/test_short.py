"""The short form, and where GitHub looks for it."""

import os
import re
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from runs import CRITERIA, ONE, TWO, description, outcome, stored

from harness.config import Waiver
from harness.grid.systems import System
from harness.report.rows import Finding
from harness.report.short import VARIABLE, publish, short
from harness.verdict.outcomes import State
from harness.words import ENGLISH, Words, words

ROOT = Path(__file__).resolve().parents[2]
ONLY_RECALL = CRITERIA[:1]


def of(*things, where="reports/latest/report.md", say=ENGLISH, **how):
    return short(stored(things, criteria=ONLY_RECALL, **how).results, where, say)


def test_it_says_who_is_go_why_others_are_not_what_was_found_and_where_the_report_is():
    told = of(outcome(ONE, State.MET), outcome(TWO, State.UNPROVEN, more=61), Finding("bm25", "cannot read formulas"))
    assert told.splitlines() == [
        "## Go, or No-Go? tiny under policy house",
        "",
        "**1 of 2 candidates: GO.**",
        "",
        "| candidate   | verdict     | what stands in the way                       |",
        "|:------------|:------------|:---------------------------------------------|",
        "| alpha+dense | GO          | every criterion is met                       |",
        "| beta+dense  | CONDITIONAL | recall-at-5 unproven (about 61 more samples) |",
        "",
        "- bm25: cannot read formulas",
        "",
        "report: reports/latest/report.md",
    ]


def test_a_run_without_verdicts_and_without_a_report_says_so():
    assert of(where="").splitlines() == [
        "## Go, or No-Go? tiny under policy house",
        "",
        "**No verdict: no criterion was judged in this run.**",
    ]


def test_synthetic_items_are_named_before_any_verdict():
    lines = of(outcome(ONE, State.MET), bank=description(synthetic=True)).splitlines()
    assert lines[2].startswith("> **SYNTHETIC. ")


def test_it_stays_short_whatever_was_run():
    names = [f"model-{n}+dense" for n in range(50)]
    systems = {name: System("dense", name.removesuffix("+dense"), role="candidate") for name in names}
    judged = (outcome(name, State.MET) for name in names)
    told = of(*judged, *(Finding("bm25", f"{n} {'very ' * 200}long") for n in range(50)), systems=systems)
    assert told.count("\n") <= 32
    assert "and 38 more, in the report" in told
    assert "and 44 more, in the report" in told
    assert max(map(len, told.splitlines())) < 400


def test_what_comes_from_data_means_nothing_to_markdown():
    told = of(outcome(ONE, State.MET), Finding("<img src=x>", "a | b `c` [d](http://e)"), bank=description(name="*x*"))
    assert r"## Go, or No-Go? \*x\* under" in told
    assert r"- \<img src=x>: a \| b \`c\` \[d\](http://e)" in told


def test_it_speaks_the_language_of_the_report():
    told = of(outcome(ONE, State.MET), say=words("ko"))
    assert re.search("[가-힣]", told.splitlines()[0])
    table = {"report: {where}": "보고서: {where}"}
    assert of(where="R", say=Words("ko", table)).endswith("보고서: R\n")


@pytest.fixture
def summary(tmp_path, monkeypatch):
    """The file that GitHub names."""
    monkeypatch.setenv(VARIABLE, str(tmp_path / "summary.md"))
    return tmp_path / "summary.md"


def test_it_is_appended_to_the_file_that_the_environment_names(summary):
    assert VARIABLE == "GITHUB_STEP_SUMMARY"
    summary.write_text("an earlier step\n")
    assert publish("## 한글") == ""
    assert summary.read_text(encoding="utf-8") == "an earlier step\n## 한글\n"


def test_a_file_that_cannot_be_written_is_one_line(summary):
    summary.mkdir()
    assert publish("text") == f"GITHUB_STEP_SUMMARY: {summary} cannot be written: Is a directory"


@pytest.mark.parametrize("value", [None, ""])
def test_where_nobody_asks_nothing_is_written(monkeypatch, tmp_path, value):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv(VARIABLE, raising=False) if value is None else monkeypatch.setenv(VARIABLE, value)
    assert publish("text") == ""
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("place", ["summary.md", "nowhere/summary.md"])
def test_a_real_session_shows_its_short_form_and_minds_no_file_that_it_cannot_write(project, place):
    folder = project.write().parent
    shutil.copytree(ROOT / "benchmarks", folder / "benchmarks")
    (folder / "conftest.py").write_text('pytest_plugins = ("harness.pytest_plugin",)\n')
    (folder / "pytest.ini").write_text("[pytest]\n")
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")]), VARIABLE: str(folder / place)}
    command = [
        sys.executable,
        "-m",
        "pytest",
        "benchmarks/test_go_nogo.py",
        "-p",
        "no:cacheprovider",
        "-k",
        "words/recall",
    ]
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    complaint = f"{VARIABLE}: {folder / place} cannot be written: No such file or directory"
    assert (complaint in done.stdout) == (place != "summary.md")
    if place == "summary.md":
        told = (folder / place).read_text(encoding="utf-8")
        assert told.startswith("## Go, or No-Go? bank under policy letters\n")
        assert re.search(r"report: reports/[0-9]{8}T[0-9]{6}Z-[0-9a-f]{8}/report\.md\n", told)


def test_it_says_that_only_the_points_were_judged():
    results = stored([outcome(ONE, State.MET)], criteria=ONLY_RECALL).results
    results.policy = results.policy.model_copy(update={"point_estimates": True})
    assert "> Judged by point estimates, as --point-estimates asks" in short(results, "", ENGLISH)
    assert "point estimates" not in of(outcome(ONE, State.MET))


def test_it_says_who_answers_for_what_does_not_pass_and_until_when():
    def waiver(system, year):
        return Waiver(
            id="W-1", criterion="recall-at-5", system=system, owner="kim", reason="pilot", expires=date(year, 1, 31)
        )

    things = outcome(ONE, State.MET), outcome(TWO, State.UNMET)
    held = "- waived: recall-at-5 of beta+dense, by kim until 2999-01-31"
    assert held in of(*things, waivers=[waiver(TWO, 2999)]).splitlines()
    assert "waived" not in of(*things, waivers=[waiver(TWO, 2001)]), "it has expired"
    assert "waived" not in of(*things, waivers=[waiver(ONE, 2999)]), "nothing needs it"
