"""The states of a criterion and the decision that follows, as a table."""

from itertools import product

import pytest

from harness.policy import Criterion
from harness.verdict.criteria import Decision, Outcome, State, decide, judge, not_applicable, not_asked
from harness.verdict.measurement import Measurement

RECALL = Criterion(id="r", metric="recall@5", ground_truth="labels", go="80 %", no_go="70 %")
LATENCY = Criterion(id="l", metric="latency-p95", go="200 ms", no_go="1 s", at_least=100)
RELATIVE = Criterion(id="d", metric="recall@5", ground_truth="labels", baseline="base", go="-5 %", no_go="-15 %")
STABLE = Criterion(id="s", metric="stability", go="100 %", no_go="100 %", at_least=1000)


def row(metric, value, n=1000, system="s", **more):
    return Measurement(system, metric, value, n, **more)


@pytest.mark.parametrize(
    ("criterion", "value", "state"),
    [
        (RECALL, 1.0, State.MET),
        (RECALL, 0.80, State.MET),
        (RECALL, 0.799, State.UNMET),
        (RECALL, 0.70, State.UNMET),
        (RECALL, 0.699, State.RULED_OUT),
        (RECALL, 0.0, State.RULED_OUT),
        (RECALL, sum([0.8] * 7) / 7, State.MET),  # 0.7999999999999999
        (LATENCY, 0.0, State.MET),
        (LATENCY, 200.0, State.MET),
        (LATENCY, 200.1, State.UNMET),
        (LATENCY, 1000.0, State.UNMET),
        (LATENCY, 1000.1, State.RULED_OUT),
        (STABLE, 1.0, State.MET),
        (STABLE, 0.999, State.RULED_OUT),
        (Criterion(id="x", metric="recall@10", ground_truth="g", go="90 %"), 0.0, State.UNMET),
        (RECALL, None, State.NOT_MEASURED),
    ],
)
def test_a_value_stands_on_one_side_of_each_threshold(criterion, value, state):
    outcome = judge(criterion, row(criterion.metric, value, reason="" if value is not None else "no reason"))
    assert outcome.state is state
    assert (outcome.system, outcome.criterion) == ("s", criterion.id)


@pytest.mark.parametrize(
    ("value", "baseline", "state"),
    [
        (0.80, 0.50, State.MET),
        (0.50, 0.50, State.MET),
        (0.75, 0.80, State.MET),  # 0.75 - 0.80 is -0.050000000000000044
        (0.749, 0.80, State.UNMET),
        (0.65, 0.80, State.UNMET),
        (0.649, 0.80, State.RULED_OUT),
        (None, 0.80, State.NOT_MEASURED),
        (0.80, None, State.NOT_MEASURED),
    ],
)
def test_relative_to_a_baseline_the_difference_is_judged(value, baseline, state):
    candidate, other = row("recall@5", value, reason="gone"), row("recall@5", baseline, system="base", reason="gone")
    assert judge(RELATIVE, candidate, other).state is state


def test_a_system_is_not_its_own_baseline():
    outcome = judge(RELATIVE, row("recall@5", 0.8, system="base"), row("recall@5", 0.8, system="base"))
    assert (outcome.state, outcome.value) == (State.NOT_MEASURED, None)
    assert outcome.sentence == "recall@5: base cannot be compared with itself"


def test_sentences_say_value_count_state_and_bound():
    sentences = [
        judge(RECALL, row("recall@5", 0.612, 100, ground_truth="labels")).sentence,
        judge(RECALL, row("recall@5", 0.75, 100, ground_truth="labels")).sentence,
        judge(LATENCY, row("latency-p95", 12.3456, 500)).sentence,
        judge(RELATIVE, row("recall@5", 0.7, 100, ground_truth="labels"), row("recall@5", 0.8, system="base")).sentence,
        judge(STABLE, row("stability", None, 0, reason="plugin x failed at build: OSError: no")).sentence,
        judge(STABLE, row("stability", 1.0, 20)).sentence,
        judge(RELATIVE, row("recall@5", 0.7), row("recall@5", None, system="base", reason="unknown system")).sentence,
    ]
    assert sentences == [
        "recall@5 on labels is 0.612 (n = 100): ruled out, needs >= 0.800, and < 0.700 is no-go",
        "recall@5 on labels is 0.750 (n = 100): unmet, needs >= 0.800",
        "latency-p95 is 12.3 ms (n = 500): met, needs <= 200.0 ms",
        "recall@5 on labels is 0.7000 minus base's 0.8000 = -0.1000 (n = 100): unmet, needs >= -0.050",
        "stability: plugin x failed at build: OSError: no",
        "stability: 20 samples; the criterion asks for at least 1,000",
        "recall@5: base: unknown system",
    ]


@pytest.mark.parametrize(("n", "state"), [(99, State.NOT_MEASURED), (100, State.MET)])
def test_too_few_samples_claim_nothing(n, state):
    assert judge(LATENCY, row("latency-p95", 1.0, n)).state is state


def test_too_few_samples_of_the_baseline_claim_nothing_either():
    criterion = RELATIVE.model_copy(update={"at_least": 50})
    assert judge(criterion, row("recall@5", 0.9, 50), row("recall@5", 0.1, 49)).state is State.NOT_MEASURED


@pytest.mark.parametrize(
    ("ceiling", "value", "state"),
    [
        (0.79, 0.79, State.NOT_MEASURED),
        (0.80, 0.80, State.MET),
        (sum([0.8] * 7) / 7, 0.75, State.UNMET),  # a ceiling of 0.7999999999999999 is one of 0.8
        (None, 0.75, State.UNMET),
    ],
)
def test_a_ceiling_under_the_threshold_makes_it_not_measurable(ceiling, value, state):
    outcome = judge(RECALL, row("recall@5", value, ceiling=ceiling))
    assert outcome.state is state
    if state is State.NOT_MEASURED:
        assert outcome.sentence == "recall@5: not measurable on this ground truth: a perfect ranking reaches 0.790"


def test_a_ceiling_says_nothing_about_a_difference():
    rows = row("recall@5", 0.3, ceiling=0.3), row("recall@5", 0.3, system="base", ceiling=0.3)
    assert judge(RELATIVE, *rows).state is State.MET


def test_only_the_criterion_itself_makes_it_not_applicable():
    criterion = Criterion(id="v", metric="vram-device", go="8 GiB", when="on-device")
    outcome = not_applicable(criterion, "bm25")
    assert (outcome.state, outcome.sentence) == (
        State.NOT_APPLICABLE, "vram-device: asked only of systems that are on-device"
    )  # fmt: skip
    # A missing GPU is another thing.
    assert judge(criterion, row("vram-device", None, 0, reason="no GPU")).state is State.NOT_MEASURED
    assert not_asked(criterion, "bm25").state is State.NOT_MEASURED


def expected(states):
    """VERDICTS, word by word: the first sentence that holds."""
    if State.RULED_OUT in states:
        return Decision.NO_GO
    if State.NOT_MEASURED in states:
        return Decision.INCOMPLETE
    if State.MET in states and states <= {State.MET, State.NOT_APPLICABLE}:
        return Decision.GO
    return Decision.CONDITIONAL if State.UNMET in states else Decision.INCOMPLETE


@pytest.mark.parametrize("states", [*product(State, repeat=3), ()], ids=lambda states: ",".join(states) or "none")
def test_the_worst_state_decides(states):
    outcomes = [Outcome("s", f"c{n}", state, "") for n, state in enumerate(states)]
    verdict = decide("s", "plan", outcomes)
    assert verdict.decision is expected(set(states))
    assert (verdict.decision is Decision.GO) <= all(state.passes for state in states)


@pytest.mark.parametrize(
    ("states", "decision"),
    [
        (["met", "met"], "GO"),
        (["met", "not applicable"], "GO"),
        (["met", "unmet"], "CONDITIONAL"),
        (["unmet", "unmet"], "CONDITIONAL"),
        (["unmet", "not measured"], "INCOMPLETE"),
        (["met", "not measured"], "INCOMPLETE"),
        (["ruled out", "not measured"], "NO-GO"),
        (["ruled out", "met"], "NO-GO"),
        (["not applicable", "not applicable"], "INCOMPLETE"),
        ([], "INCOMPLETE"),
    ],
)
def test_decisions_by_hand(states, decision):
    assert decide("s", "p", [Outcome("s", str(n), State(state), "") for n, state in enumerate(states)]).decision == decision


def test_a_verdict_says_what_stands_between_the_system_and_go():
    outcomes = [Outcome("s", "a", State.MET, ""), Outcome("s", "b", State.UNMET, ""), Outcome("s", "c", State.NOT_MEASURED, "")]
    assert decide("s", "p", outcomes).why() == "b unmet; c not measured"
    assert decide("s", "p", outcomes[:1]).why() == "every criterion is met"
