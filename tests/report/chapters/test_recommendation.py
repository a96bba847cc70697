"""Chapter 6: one sentence per candidate, what would change it, and lines to sign."""

import pytest

from harness.report.blocks import Bullets, Field, Text
from harness.report.chapters import recommendation, summary
from harness.verdict.outcomes import Outcome, State

ONE, TWO = "qwen3-vl-2b+hybrid-a0.5", "qwen3-vl-2b+hybrid-a0.5+lexical"


def test_every_candidate_has_its_sentence(section):
    assert section(recommendation, "What follows") == (
        Text(summary.SYNTHETIC, "warning"),  # nobody signs without having read it
        Bullets((
            f"{ONE}: Go. Every criterion is met.",
            f"{TWO}: No-Go. recall-at-5 ruled out; latency-p95 not measured.",
        )),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("state", "told"),
    [
        (State.UNPROVEN, f"{ONE}: a person decides. latency-p95 unproven (about 1,400 more samples)."),
        (State.UNMET, f"{ONE}: a person decides. latency-p95 unmet."),
        (State.NOT_MEASURED, f"{ONE}: no decision is possible yet. latency-p95 not measured."),
    ],
)
def test_the_sentence_follows_the_decision(section, rerun, state, told):
    more = 1400 if state is State.UNPROVEN else None
    outcome = Outcome(ONE, "latency-p95", state, "latency-p95", value=100.0, n=500, go=200, more=more, reason="no")
    (_, bullets) = section(recommendation, "What follows", rerun(outcome))
    assert bullets.lines[0] == told


def test_what_would_change_it_is_more_of_the_same_or_what_is_missing(section, rerun):
    outcomes = [
        Outcome(ONE, "latency-p95", State.UNPROVEN, "latency-p95", value=1.0, n=40, go=200, more=19),
        Outcome(ONE, "recall-at-5", State.UNPROVEN, "recall@5", "labels", 0.85, 61, go=0.8, more=109),
        Outcome(TWO, "latency-p95", State.NOT_MEASURED, "latency-p95", reason="run without -n"),
    ]
    assert section(recommendation, "What would change it", rerun(*outcomes)) == (
        Bullets(
            ("recall-at-5: about 109 more queries with the same score would prove it",
             "latency-p95: about 19 more calls like these would prove it"), ONE,
        ),
        Bullets(
            ("recall-at-5: 0.667 must rise to 0.800; more samples alone would not change it",
             "latency-p95: run without -n"), TWO,
        ),
    )  # fmt: skip


def test_what_is_unmet_says_how_far_it_is(section, rerun):
    slow = Outcome(TWO, "latency-p95", State.UNMET, "latency-p95", value=250.0, n=500, go=200)
    low = Outcome(TWO, "recall-at-5", State.UNMET, "recall@5", "labels", 0.415, 61, go=0.5)
    assert section(recommendation, "What would change it", rerun(slow, low)) == (
        Bullets(("recall-at-5: 0.415 must rise to 0.500", "latency-p95: 250.0 ms must fall to 200.0 ms"), TWO),
    )  # fmt: skip


def test_what_passes_needs_no_change(section, rerun):
    met = [
        Outcome(TWO, "latency-p95", State.MET, "latency-p95", value=1.0, n=500, go=200),
        Outcome(TWO, "recall-at-5", State.NOT_APPLICABLE, "recall@5", "labels"),
    ]
    assert section(recommendation, "What would change it", rerun(*met)) == ()


def test_the_lines_to_sign_are_blank(section, empty):
    assert section(recommendation, "Signed") == tuple(map(Field, ("Decision", "Name", "Date", "Signature")))
    assert section(recommendation, "What follows", empty) == ()
