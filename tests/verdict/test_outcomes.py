"""What is said of a criterion and of a candidate: value, sample, state, threshold, and what would change it."""

import dataclasses
import json
from dataclasses import asdict
from math import inf

import pytest

from harness.statistics.intervals import Bounds
from harness.verdict.criteria import decide
from harness.verdict.outcomes import Decision, Outcome, State, Verdict
from harness.words import ENGLISH, Words

MET, UNPROVEN, UNMET = State.MET, State.UNPROVEN, State.UNMET
RULED_OUT, NOT_MEASURED, NOT_APPLICABLE = State.RULED_OUT, State.NOT_MEASURED, State.NOT_APPLICABLE


def recall(state, value, at_least=0.0, at_most=1.0, **more):
    bounds = Bounds(at_least, at_most, 0.001, 0.999)
    told = {"go": 0.8, "no_go": 0.7, "bounds": bounds} | more
    return Outcome("s", "r", state, "recall@5", "labels", value, 1200, **told)


def latency(state, value, at_least=0.0, at_most=inf, **more):
    return Outcome(
        "s",
        "l",
        state,
        "latency-p95",
        value=value,
        n=500,
        bounds=Bounds(at_least, at_most, 0, inf),
        go=200,
        no_go=1000,
        **more,
    )


def against(state, own, theirs, at_least, at_most, **more):
    return recall(
        state, own - theirs, at_least, at_most, go=-0.05, no_go=-0.15, baseline="base", own=own, theirs=theirs, **more
    )


@pytest.mark.parametrize(
    ("outcome", "sentence"),
    [
        (recall(MET, 0.9, 0.85), "recall@5 on labels is 0.900 (n = 1,200, at least 0.850): met, needs >= 0.800"),
        (
            recall(UNPROVEN, 0.85, 0.78, more=1234),
            "recall@5 on labels is 0.850 (n = 1,200, at least 0.780): unproven, needs >= 0.800; "
            "about 1,234 more queries with the same score would prove it",
        ),
        (recall(UNPROVEN, 0.85, 0.78), "recall@5 on labels is 0.850 (n = 1,200, at least 0.780): unproven, needs >= 0.800"),
        (recall(UNMET, 0.75, 0.7, 0.78), "recall@5 on labels is 0.750 (n = 1,200, at most 0.780): unmet, needs >= 0.800"),
        (
            recall(RULED_OUT, 0.6, 0.5, 0.69),
            "recall@5 on labels is 0.600 (n = 1,200, at most 0.690): ruled out, needs >= 0.800, and < 0.700 is no-go",
        ),
        (recall(UNPROVEN, 0.85, bounds=None), "recall@5 on labels is 0.850 (n = 1,200): unproven, needs >= 0.800"),
        (latency(MET, 150.0, 100.0, 180.0), "latency-p95 is 150.0 ms (n = 500, at most 180.0 ms): met, needs <= 200.0 ms"),
        (
            latency(UNPROVEN, 150.0, more=20),
            "latency-p95 is 150.0 ms (n = 500, too few to prove anything): unproven, needs <= 200.0 ms; "
            "about 20 more calls like these would prove it",
        ),
        (latency(UNMET, 250.0, 210.0), "latency-p95 is 250.0 ms (n = 500, at least 210.0 ms): unmet, needs <= 200.0 ms"),
        (
            latency(UNMET, 250.0, -inf),
            "latency-p95 is 250.0 ms (n = 500, too few to prove anything): unmet, needs <= 200.0 ms",
        ),
        (
            latency(RULED_OUT, 1500.0, 1200.0),
            "latency-p95 is 1,500 ms (n = 500, at least 1,200 ms): ruled out, needs <= 200.0 ms, and > 1,000 ms is no-go",
        ),
        (
            against(UNMET, 0.7, 0.8, -0.12, -0.08),
            "recall@5 on labels is 0.7000 minus base's 0.8000 = -0.1000 (n = 1,200, at most -0.080): unmet, needs >= -0.050",
        ),
        (
            against(RULED_OUT, 0.6, 0.8, -0.25, -0.16),
            "recall@5 on labels is 0.6000 minus base's 0.8000 = -0.2000 (n = 1,200, at most -0.160): "
            "ruled out, needs >= -0.050, and < -0.150 is no-go",
        ),
        (
            Outcome("s", "s", MET, "stability", value=1.0, n=1000, go=1.0, no_go=1.0),
            "stability is 1.000 (n = 1,000): met, needs >= 1.000",
        ),
        (Outcome("s", "s", NOT_MEASURED, "stability", reason="it broke"), "stability: it broke"),
    ],
)  # fmt: skip
def test_the_sentence_says_value_sample_state_and_threshold(outcome, sentence):
    assert outcome.sentence == sentence


@pytest.mark.parametrize(
    ("outcome", "part"),
    [
        (recall(UNMET, 0.7996, 0.7, 0.9), "is 0.7996 "),
        (recall(UNPROVEN, 0.9, 0.79996), "at least 0.79996)"),
        (recall(RULED_OUT, 0.6, 0.5, 0.6999), "at most 0.6999)"),
        (recall(RULED_OUT, 0.69999, 0.5, 0.69999), "< 0.70000 is no-go"),
        (latency(UNPROVEN, 150.0, 1.0, 200.04), "at most 200.04 ms)"),
    ],
)
def test_a_number_beside_its_threshold_has_the_decimals_that_tell_them_apart(outcome, part):
    assert part in outcome.sentence


def test_what_would_change_it_is_told_alone_too():
    assert (
        recall(UNPROVEN, 0.85, 0.78, more=9).remedy(Words())
        == "about 9 more queries with the same score would prove it"
    )
    assert latency(UNPROVEN, 1.0, more=9).remedy(Words()) == "about 9 more calls like these would prove it"
    assert recall(UNMET, 0.75).remedy(Words()) == ""


KOREAN = Words("ko", {
    "{metric} is {number} ({sample})": "{metric}: {number} ({sample})",
    "{metric} on {ground_truth}": "{ground_truth} 기준 {metric}",
    "at least {bound}": "최소 {bound}", "at most {bound}": "최대 {bound}", "needs {bound}": "기준 {bound}",
    "{needs}, and {bound} is no-go": "{needs}, 불가 {bound}",
    "about {more} more queries with the same score would prove it": "질의 약 {more}개 필요",
    "about {more} more calls like these would prove it": "호출 약 {more}회 필요",
    "n = {n}, too few to prove anything": "n = {n}, 부족",
    "{own} minus {baseline}'s {theirs}": "{baseline} {theirs} 대비 {own}",
    "unproven": "미입증", "ruled out": "탈락", "met": "충족", "unmet": "미충족", "not measured": "미측정",
    "it broke {here}": "고장 {here}", "every criterion is met": "모두 충족", "no criterion applies": "해당 없음",
    " (about {more} more samples)": " (약 {more}개 더)",
})  # fmt: skip


@pytest.mark.parametrize(
    ("outcome", "sentence"),
    [
        (
            recall(UNPROVEN, 0.85, 0.78, more=140),
            "labels 기준 recall@5: 0.850 (n = 1,200, 최소 0.780): 미입증, 기준 >= 0.800; 질의 약 140개 필요",
        ),
        (
            recall(RULED_OUT, 0.6, 0.5, 0.69),
            "labels 기준 recall@5: 0.600 (n = 1,200, 최대 0.690): 탈락, 기준 >= 0.800, 불가 < 0.700",
        ),
        (
            against(MET, 0.8, 0.7, 0.02, 0.2),
            "labels 기준 recall@5: base 0.7000 대비 0.8000 = 0.1000 (n = 1,200, 최소 0.020): 충족, 기준 >= -0.050",
        ),
        (
            latency(UNPROVEN, 1.0, more=7),
            "latency-p95: 1.0 ms (n = 500, 부족): 미입증, 기준 <= 200.0 ms; 호출 약 7회 필요",
        ),
        # What comes from data has braces of its own, and nothing is filled into them.
        (Outcome("s", "x", NOT_MEASURED, "mrr", reason="it broke {here}"), "mrr: 고장 {here}"),
        (Outcome("s", "x", NOT_MEASURED, "mrr", reason="{0} {x!r}"), "mrr: {0} {x!r}"),
    ],
)
def test_every_part_of_it_is_told_in_another_language(outcome, sentence):
    assert outcome.told(KOREAN) == sentence


@pytest.mark.parametrize("bounds", [None, Bounds(-inf, inf, 0.0, 1.0)])
def test_what_was_written_as_plain_data_is_the_same_outcome_again(bounds):
    outcome = recall(UNPROVEN, 0.85, bounds=bounds, more=3)
    plain = asdict(outcome) | {"state": "unproven"}
    if bounds:
        plain["bounds"] = {name: str(end) for name, end in plain["bounds"].items()}
    again = Outcome(**json.loads(json.dumps(plain)))
    assert again == outcome
    assert again.state is UNPROVEN


def test_a_state_that_there_is_not_is_refused():
    with pytest.raises(ValueError, match="'good' is not a valid State"):
        Outcome("s", "x", "good", "mrr")


# Candidates.


def verdict(*states, more=()):
    outcomes = [Outcome("s", f"c{n}", state, "mrr") for n, state in enumerate(states)]
    for place, count in enumerate(more):
        outcomes[place] = dataclasses.replace(outcomes[place], more=count)
    return decide("s", "p", outcomes)


@pytest.mark.parametrize(
    ("states", "more", "why"),
    [
        ([MET, UNMET, NOT_MEASURED], (), "c1 unmet; c2 not measured"),
        ([UNMET, MET, UNMET, RULED_OUT], (), "c0, c2 unmet; c3 ruled out"),
        ([UNPROVEN, MET, UNPROVEN], (40, None, 140), "c0, c2 unproven (about 140 more samples)"),
        ([UNPROVEN, UNPROVEN], (None, 1400), "c0, c1 unproven (about 1,400 more samples)"),
        ([UNPROVEN, UNMET], (), "c0 unproven; c1 unmet"),
        ([MET, NOT_APPLICABLE], (), "every criterion is met"),
        ([NOT_APPLICABLE], (), "no criterion applies"),
        ([], (), "no criterion applies"),
    ],
)
def test_a_verdict_says_what_stands_between_the_system_and_go(states, more, why):
    assert verdict(*states, more=more).why() == why


def test_and_says_it_in_another_language():
    assert verdict(UNPROVEN, UNMET, more=(1400,)).why(KOREAN) == "c0 미입증 (약 1,400개 더); c1 미충족"
    assert verdict(MET).why(KOREAN) == "모두 충족"
    assert verdict(NOT_APPLICABLE).why(KOREAN) == "해당 없음"


def test_the_words_of_states_and_decisions_are_what_files_and_readers_see():
    assert [state.value for state in State] == [
        "met",
        "unproven",
        "unmet",
        "ruled out",
        "not measured",
        "not applicable",
    ]
    assert [decision.value for decision in Decision] == ["GO", "CONDITIONAL", "NO-GO", "INCOMPLETE"]


def test_what_was_not_measured_for_one_reason_is_told_once():
    missing = [Outcome("s", name, State.NOT_MEASURED, "mrr", reason=why) for name, why in
               {"recall": "no weights", "vram": "no GPU", "hit": "no weights"}.items()]  # fmt: skip
    verdict = Verdict("s", "p", Decision.INCOMPLETE, (Outcome("s", "met", State.MET, "mrr", value=1.0), *missing))
    assert verdict.unmeasured(ENGLISH) == ("recall, hit: no weights", "vram: no GPU")
