"""Chapter 1: the verdict of every candidate, by what it was judged, and who answers for the rest."""

import dataclasses
from datetime import date

from harness.config import Report, Waiver
from harness.report.blocks import Box, Bullets, Field, Text
from harness.report.chapters import summary
from harness.report.drawing import Table
from harness.report.rows import Finding
from harness.statistics.intervals import Bounds
from harness.verdict.outcomes import Outcome, State
from harness.words import Words

ONE, TWO = "qwen3-vl-2b+hybrid-a0.5", "qwen3-vl-2b+hybrid-a0.5+lexical"


def test_a_box_for_every_candidate_says_decision_reason_and_sentences(section):
    boxes = [block for block in section(summary, "Verdict") if isinstance(block, Box)]
    assert boxes == [
        Box(ONE, "GO", "GO", "every criterion is met", ()),
        Box(
            TWO, "NO-GO", "NO-GO", "recall-at-5 ruled out; latency-p95 not measured",
            ("recall@5 on labels is 0.667 (n = 3, at most 0.690): ruled out, needs >= 0.800, and < 0.700 is no-go",
             "latency-p95: not asked in this run"),
        ),
    ]  # fmt: skip


def test_before_them_stands_how_many_are_go_and_that_the_bank_is_synthetic(section, rerun, kept):
    warning, headline, box, *_ = section(summary, "Verdict")
    assert (warning.tone, warning.text[:9]) == ("warning", "SYNTHETIC")
    assert (headline.tone, headline.text) == ("lead", "1 of 2 candidates: GO.")
    assert isinstance(box, Box)
    real = rerun(dataset=dataclasses.replace(kept.results.dataset, synthetic=False))
    assert not any("SYNTHETIC" in block.text for block in section(summary, "Verdict", real) if isinstance(block, Text))


def test_nobody_judged_is_no_verdict(section, empty):
    texts = [block.text for block in section(summary, "Verdict", empty) if isinstance(block, Text)]
    assert "No verdict: no criterion was judged in this run." in texts
    assert section(summary, "Criteria", empty) == section(summary, "Findings", empty) == ()


def test_by_what_it_was_judged_is_said_and_point_estimates_are_a_warning(section, rerun, kept):
    told = [(block.text, block.tone) for block in section(summary, "Verdict") if isinstance(block, Text)]
    assert told[-1] == (summary.BOUNDS, "plain")
    assert (summary.POINTS, "warning") not in told
    points = rerun(policy=kept.results.policy.model_copy(update={"point_estimates": True}))
    told = [(block.text, block.tone) for block in section(summary, "Verdict", points) if isinstance(block, Text)]
    assert (summary.POINTS, "warning") in told
    assert summary.BOUNDS not in [text for text, _ in told]


def test_waivers_stand_with_their_owner_and_their_last_day(section, rerun):
    assert section(summary, "Waivers") == ()
    waiver = Waiver(
        id="W-1", criterion="recall-at-5", system=TWO, owner="kim", reason="pilot", expires=date(2030, 1, 31)
    )
    text, table = section(summary, "Waivers", rerun(waivers=[waiver]))
    assert text == Text("A waiver opens the gate and changes no verdict.")
    assert isinstance(table, Table)
    assert dict(zip(table.header, table.rows[0], strict=True)) == {
        "waiver": "W-1", "system": TWO, "criterion": "recall-at-5", "owner": "kim", "reason": "pilot", "until": "2030-01-31",
        "on the day of the run": "in force",
    }  # fmt: skip


def test_a_waiver_changes_no_verdict(section, rerun):
    waiver = Waiver(
        id="W-1", criterion="recall-at-5", system=TWO, owner="kim", reason="pilot", expires=date(2030, 1, 31)
    )
    assert section(summary, "Verdict", rerun(waivers=[waiver])) == section(summary, "Verdict")


def test_a_finding_is_told_once_with_all_it_is_about_or_with_nobody(section, rerun):
    (bullets,) = section(summary, "Findings", rerun(Finding("", "the bank is small")))
    assert bullets == Bullets((f"bm25, {TWO}: cannot match 3 canary phrases, such as '분수|<b>'", "the bank is small"))


def test_the_saving_is_what_the_owner_states_or_blank(section, rerun):
    assert section(summary, "What the owner states") == (Field("Expected saving", ""),)
    (field,) = section(summary, "What the owner states", rerun(report=Report(expected_saving="3 hours a week")))
    assert field.value == "3 hours a week"


def test_it_is_told_in_another_language(section):
    korean = Words("ko", {"Verdict": "판정", "GO": "도입", "every criterion is met": "모두 충족", "{go} of {n} candidates: GO.": "{n} 중 {go}"})  # fmt: skip
    _, headline, box, *_ = section(summary, "Verdict", words=korean)
    assert (headline.text, box.decision, box.word, box.why) == ("2 중 1", "GO", "도입", "모두 충족")


def test_what_was_proven_is_told_of_every_outcome_that_of_what_is_met_too(section, rerun):
    at_most = Bounds(float("-inf"), float("inf"), float("-inf"), float("inf"))
    few = Outcome(TWO, "latency-p95", State.UNPROVEN, "latency-p95", value=30.0, n=3, bounds=at_most, go=200)
    _, table = section(summary, "Criteria", rerun(few))
    assert table.header == ("candidate", "criterion", "state", "value", "n", "what is proven", "needs")
    assert [row[1:] for row in table.rows] == [
        ("recall-at-5", "met", "0.900", "3", ">= 0.810", ">= 0.800"),
        ("latency-p95", "met", "30.5 ms", "500", "<= 31.5 ms", "<= 200.0 ms"),
        ("recall-at-5", "ruled out", "0.667", "3", "<= 0.690", ">= 0.800"),
        ("latency-p95", "unproven", "30.0 ms", "3", "—", "<= 200.0 ms"),
    ]
