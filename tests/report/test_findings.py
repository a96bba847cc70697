"""Findings and reasons: each is told once, in the place where it is looked for."""

from harness.report.findings import findings, missing, shared
from harness.report.results import Results
from harness.report.rows import Finding, to_row

TWO = "qwen3-vl-2b+hybrid-a0.5+lexical"


def test_a_finding_is_told_once_for_all_it_is_about(results):
    assert list(shared(results)) == [("cannot match 3 canary phrases, such as '분수|<b>'", f"bm25, {TWO}")]


def test_why_a_measurement_is_missing_is_told_beside_it_and_not_again(results):
    assert missing(results.measurements) == {"this machine has no GPU": ["vram-device"]}
    assert "no GPU" not in findings(results)


def test_what_is_about_no_system_is_told_without_one(results):
    results.add([to_row(Finding("", "the items carry no curriculum code"))])
    assert findings(results).splitlines()[-1] == "- the items carry no curriculum code"


def test_long_sentences_are_wrapped_under_their_dash(results):
    results.add([to_row(Finding("bm25", "word " * 60))])
    lines = findings(results).splitlines()
    assert max(map(len, lines)) <= 100
    assert lines[-1].startswith("  word")


def test_nothing_found_is_nothing_said(results):
    assert findings(Results(results.dataset, results.policy, results.systems)) == ""
