"""The states of a criterion and the decision that follows, as tables: every row of them by hand."""

from itertools import product
from math import inf

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import beta

from harness.policy import Criterion
from harness.statistics.bootstrap import guarded
from harness.statistics.intervals import Bounds, exact, of_values
from harness.statistics.percentiles import percentile
from harness.verdict.criteria import Decision, Evidence, Outcome, State, decide, judge, not_applicable, not_asked
from harness.verdict.measurement import Measurement

MET, UNPROVEN, UNMET = State.MET, State.UNPROVEN, State.UNMET
RULED_OUT, NOT_MEASURED, NOT_APPLICABLE = State.RULED_OUT, State.NOT_MEASURED, State.NOT_APPLICABLE

RECALL = Criterion(id="r", metric="recall@5", ground_truth="labels", go="80 %", no_go="70 %")
OPEN = Criterion(id="o", metric="recall@5", ground_truth="labels", go="80 %")
HIT = Criterion(id="h", metric="hit@5", ground_truth="labels", go="80 %", no_go="80 %")
LATENCY = Criterion(id="l", metric="latency-p95", go="200 ms", no_go="1 s")
RELATIVE = Criterion(id="d", metric="recall@5", ground_truth="labels", baseline="base", go="-5 %", no_go="-15 %")
SLOWER = Criterion(id="f", metric="latency-p95", baseline="base", go="10 ms", no_go="50 ms")
STABLE = Criterion(id="s", metric="stability", go="100 %", no_go="100 %", at_least=1000)
VRAM = Criterion(id="v", metric="vram-device", go="8 GiB", no_go="10 GiB")


def row(metric, value, n=1000, system="s", **more):
    return Measurement(system, metric, value, n, **more)


def proven(at_least, at_most):
    """Bounds whose two-sided interval is far wider: only the one-sided ends may gate."""
    return Bounds(at_least, at_most, at_least - 0.9, at_most + 0.9)


MORE_IS_BETTER = [
    # value, at least, at most, state
    (0.90, 0.81, 0.95, MET),
    (0.90, 0.80, 0.95, MET),
    (0.80, 0.80, 0.80, MET),
    (0.90, 0.799, 0.95, UNPROVEN),
    (0.80, 0.75, 0.85, UNPROVEN),
    (0.90, 0.60, 0.99, UNPROVEN),
    (0.799, 0.75, 0.85, UNMET),
    (0.75, 0.72, 0.78, UNMET),
    (0.75, 0.60, 0.85, UNMET),
    (0.65, 0.60, 0.75, UNMET),
    (0.65, 0.60, 0.70, UNMET),
    (0.65, 0.60, 0.699, RULED_OUT),
    (0.00, 0.00, 0.05, RULED_OUT),
    (0.00, 0.00, 0.95, UNMET),
]


@pytest.mark.parametrize(("value", "at_least", "at_most", "state"), MORE_IS_BETTER)
def test_where_more_is_better_the_lower_bound_proves_and_the_upper_one_rules_out(value, at_least, at_most, state):
    outcome = judge(RECALL, row("recall@5", value, bounds=proven(at_least, at_most)))
    assert outcome.state is state
    assert (outcome.system, outcome.criterion, outcome.value) == ("s", "r", value)
    assert outcome.bounds == proven(at_least, at_most)


LESS_IS_BETTER = [
    (150.0, 100.0, 180.0, MET),
    (150.0, 100.0, 200.0, MET),
    (150.0, 100.0, 200.1, UNPROVEN),
    (200.0, 190.0, 210.0, UNPROVEN),
    (150.0, 100.0, inf, UNPROVEN),
    (150.0, -inf, inf, UNPROVEN),
    (200.1, 100.0, 300.0, UNMET),
    (1500.0, 900.0, 2000.0, UNMET),
    (1500.0, 1000.0, 2000.0, UNMET),
    (1500.0, -inf, 2000.0, UNMET),
    (1500.0, 1000.1, 2000.0, RULED_OUT),
    (1500.0, 1200.0, inf, RULED_OUT),
]


@pytest.mark.parametrize(("value", "at_least", "at_most", "state"), LESS_IS_BETTER)
def test_where_less_is_better_the_bounds_change_places(value, at_least, at_most, state):
    assert judge(LATENCY, row("latency-p95", value, bounds=Bounds(at_least, at_most, -inf, inf))).state is state


@pytest.mark.parametrize(("value", "state"), [(1.0, UNPROVEN), (0.80, UNPROVEN), (0.799, UNMET), (0.0, UNMET)])
def test_without_bounds_nothing_is_proven_neither_good_nor_bad(value, state):
    assert judge(RECALL, row("recall@5", value)).state is state


@pytest.mark.parametrize(("value", "state"), [(0.9, MET), (0.0, UNMET)])
def test_without_a_no_go_nothing_is_ruled_out(value, state):
    assert judge(OPEN, row("recall@5", value, bounds=proven(value, value))).state is state


@pytest.mark.parametrize(
    ("criterion", "value", "state"),
    [
        (STABLE, 1.0, MET),
        (STABLE, 0.999, RULED_OUT),
        (VRAM, 0.0, MET),
        (VRAM, 8192.0, MET),
        (VRAM, 8193.0, UNMET),
        (VRAM, 10240.0, UNMET),
        (VRAM, 10241.0, RULED_OUT),
        (Criterion(id="t", metric="throughput", go="100 items/s", no_go="50 items/s"), 100.0, MET),
        (Criterion(id="t", metric="throughput", go="100 items/s", no_go="50 items/s"), 49.0, RULED_OUT),
        (Criterion(id="c", metric="canary", go="100 %"), 0.99, UNMET),
        (Criterion(id="n", metric="non-finite", go=0, no_go=0), 1.0, RULED_OUT),
    ],
)
@pytest.mark.parametrize("bounds", [None, Bounds(-inf, inf, -inf, inf)])
def test_counts_and_peaks_have_no_sampling_error(criterion, value, state, bounds):
    outcome = judge(criterion, row(criterion.metric, value, bounds=bounds))
    assert (outcome.state, outcome.bounds) == (state, None)


@pytest.mark.parametrize("points", [False, True])
@pytest.mark.parametrize("criterion", [RECALL, LATENCY, STABLE, RELATIVE])
def test_what_was_not_measured_is_not_measured_however_it_is_judged(criterion, points):
    missing = row(criterion.metric, None, reason="no such thing")
    other = row(criterion.metric, 0.5, system="base", bounds=proven(0.5, 0.5)) if criterion.baseline else None
    outcome = judge(criterion, missing, other, points=points)
    assert (outcome.state, outcome.value, outcome.sentence) == (
        NOT_MEASURED,
        None,
        f"{criterion.metric}: no such thing",
    )


@pytest.mark.parametrize(
    ("criterion", "value", "state"),
    [
        (RECALL, 1.0, MET),
        (RECALL, 0.80, MET),
        (RECALL, sum([0.8] * 7) / 7, MET),  # 0.7999999999999999
        (RECALL, 0.799, UNMET),
        (RECALL, 0.70, UNMET),
        (RECALL, 0.699, RULED_OUT),
        (OPEN, 0.0, UNMET),
        (LATENCY, 200.0, MET),
        (LATENCY, 200.1, UNMET),
        (LATENCY, 1000.0, UNMET),
        (LATENCY, 1000.1, RULED_OUT),
    ],
)
@pytest.mark.parametrize("bounds", [None, Bounds(-inf, inf, -inf, inf), Bounds(-1, 5000, -1, 5000)])
def test_point_estimates_are_judged_as_if_there_were_no_sampling_error(criterion, value, state, bounds):
    outcome = judge(criterion, row(criterion.metric, value, bounds=bounds), points=True)
    assert (outcome.state, outcome.bounds, outcome.more) == (state, None, None)


def test_a_bound_that_rounding_pushes_below_the_bar_is_the_bar():
    assert judge(RECALL, row("recall@5", 0.9, bounds=proven(0.7999999999999999, 1.0))).state is MET


# Relative to a baseline.

DIFFERENCES = [
    # difference, at least, at most, state
    (0.05, 0.01, 0.09, MET),
    (0.00, -0.05, 0.05, MET),
    (0.00, -0.051, 0.05, UNPROVEN),
    (-0.05, -0.10, 0.00, UNPROVEN),
    (-0.051, -0.10, 0.00, UNMET),
    (-0.20, -0.25, -0.15, UNMET),
    (-0.20, -0.25, -0.151, RULED_OUT),
]


@pytest.mark.parametrize(("difference", "at_least", "at_most", "state"), DIFFERENCES)
def test_of_a_difference_the_paired_bounds_count_and_not_those_of_the_two_alone(difference, at_least, at_most, state):
    ours, theirs = (row("recall@5", 0.6 + d, system=name, bounds=proven(0.0, 1.0))
                    for name, d in (("s", difference), ("base", 0.0)))  # fmt: skip
    paired = Evidence(np.full(3, difference), proven(at_least, at_most))
    outcome = judge(RELATIVE, ours, theirs, paired)
    assert (outcome.state, outcome.bounds) == (state, proven(at_least, at_most))
    assert (outcome.value, outcome.own, outcome.theirs, outcome.baseline) == (
        pytest.approx(difference), 0.6 + difference, 0.6, "base",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("theirs", "state"),
    [
        (Bounds(0.51, 0.6, 0.50, 0.60), MET),  # 0.70 - 0.60 = 0.10
        (Bounds(0.6, 0.74, 0.65, 0.75), MET),  # 0.70 - 0.75 is -0.050000000000000044
        (Bounds(0.6, 0.75, 0.70, 0.76), UNPROVEN),
    ],
)
def test_without_pairs_the_two_intervals_bound_the_difference_from_both_sides(theirs, state):
    ours = row("recall@5", 0.80, bounds=Bounds(0.72, 0.88, 0.70, 0.90))
    assert judge(RELATIVE, ours, row("recall@5", 0.60, system="base", bounds=theirs)).state is state


def test_a_difference_of_which_one_part_is_unbounded_is_unproven():
    ours, theirs = row("recall@5", 0.9, bounds=proven(0.9, 0.9)), row("recall@5", 0.5, system="base")
    assert judge(RELATIVE, ours, theirs).state is UNPROVEN
    assert judge(RELATIVE, theirs, ours).state is UNMET


@pytest.mark.parametrize(
    ("ours", "theirs", "state"),
    [
        ((100.0, 90.0, 110.0), (100.0, 100.0, 105.0), MET),  # at most 110 - 100 = 10 ms slower
        ((100.0, 90.0, 110.1), (100.0, 100.0, 105.0), UNPROVEN),
        ((111.0, 90.0, 130.0), (100.0, 90.0, 110.0), UNMET),
        ((200.0, 180.1, 220.0), (100.0, 90.0, 130.0), RULED_OUT),  # at least 180.1 - 130 = 50.1 ms slower
        ((200.0, 180.0, 220.0), (100.0, 90.0, 130.0), UNMET),
        ((100.0, 90.0, inf), (100.0, 90.0, 110.0), UNPROVEN),
    ],
)
def test_a_difference_of_latencies_is_bounded_by_the_two_intervals(ours, theirs, state):
    rows = [
        row("latency-p95", value, system=name, bounds=Bounds(value, value, low, high))
        for name, (value, low, high) in (("s", ours), ("base", theirs))
    ]
    outcome = judge(SLOWER, *rows)
    assert outcome.state is state
    assert outcome.more is None, "how many more calls would do nobody can tell from the two percentiles"


@pytest.mark.parametrize(
    ("value", "baseline", "state"),
    [(0.75, 0.80, MET), (0.749, 0.80, UNMET), (0.65, 0.80, UNMET), (0.649, 0.80, RULED_OUT)],
)
def test_point_estimates_of_a_difference(value, baseline, state):
    rows = row("recall@5", value, bounds=proven(0, 1)), row("recall@5", baseline, system="base", bounds=proven(0, 1))
    outcome = judge(RELATIVE, *rows, Evidence(np.zeros(3), proven(-1, 1)), points=True)
    assert (outcome.state, outcome.bounds) == (state, None)


@pytest.mark.parametrize(
    ("value", "baseline", "told"), [(None, 0.8, "recall@5: gone"), (0.8, None, "recall@5: base: gone")]
)
def test_a_difference_needs_both(value, baseline, told):
    rows = row("recall@5", value, reason="gone"), row("recall@5", baseline, system="base", reason="gone")
    outcome = judge(RELATIVE, *rows)
    assert (outcome.state, outcome.sentence) == (NOT_MEASURED, told)


def test_a_system_is_not_its_own_baseline():
    outcome = judge(RELATIVE, row("recall@5", 0.8, system="base"), row("recall@5", 0.8, system="base"))
    assert (outcome.state, outcome.value) == (NOT_MEASURED, None)
    assert outcome.sentence == "recall@5: base cannot be compared with itself"


# What samples prove, from the samples themselves.


@pytest.mark.parametrize(
    ("n", "bar", "needed", "refuting"),
    [
        (27, "70 %", 24, 14), (27, "80 %", 26, 17), (27, "85 %", 27, 19), (27, "90 %", None, 21),
        (61, "70 %", 49, 36), (61, "80 %", 55, 43), (61, "85 %", 57, 46), (61, "90 %", 59, 50),
        (200, "70 %", 152, 128), (200, "80 %", 170, 150), (200, "85 %", 179, 161), (200, "90 %", 188, 172),
    ],
)  # fmt: skip
def test_so_many_hits_are_met_and_so_few_are_ruled_out(n, bar, needed, refuting):
    """The table of binomial bounds: of 27 queries no number of hits proves 90 %."""
    criterion = HIT.model_copy(update={"go": bar, "no_go": bar})
    rows = [row("hit@5", hits / n, n, bounds=exact(hits, n)) for hits in range(n + 1)]
    states = [judge(criterion, found).state for found in rows]
    assert states.count(MET) == (0 if needed is None else n + 1 - needed)
    assert states.count(RULED_OUT) == refuting + 1
    assert states == sorted(states, key=[RULED_OUT, UNMET, UNPROVEN, MET].index)


@given(st.integers(1, 300), st.floats(0, 1), st.sampled_from([0.5, 0.8, 0.95]))
def test_hits_are_met_exactly_where_scipys_beta_quantile_clears_the_bar(n, share, bar):
    hits = round(share * n)
    values = np.repeat([1.0, 0.0], [hits, n - hits])
    criterion = HIT.model_copy(update={"go": f"{100 * bar:g} %"})
    state = judge(criterion, row("hit@5", hits / n, n, bounds=of_values(values))).state
    assert (state is MET) == (hits > 0 and beta.ppf(0.05, hits, n - hits + 1) >= bar)


def test_52_of_61_hits_against_80_percent_are_unproven_and_109_more_queries_would_do():
    values = np.repeat([1.0, 0.0], [52, 9])
    found = row("hit@5", 52 / 61, 61, ground_truth="labels", bounds=of_values(values))
    outcome = judge(HIT, found, evidence=Evidence(values))
    assert (outcome.state, outcome.more) == (UNPROVEN, 109)
    assert outcome.sentence == (
        "hit@5 on labels is 0.852 (n = 61, at least 0.757): unproven, needs >= 0.800; "
        "about 109 more queries with the same score would prove it"
    )
    assert beta.ppf(0.05, 52 / 61 * 170, 170 - 52 / 61 * 170 + 1) >= 0.80


def test_more_queries_like_these_prove_a_mean_as_soon_as_its_own_bound_says_so():
    """As many times the same values as were promised clear the bar, a tenth fewer do not."""
    values = np.tile([1.0, 1.0, 0.5, 1.0, 0.0, 1.0, 1.0, 1.0, 1.0, 1.0], 3)
    (bounds,) = guarded(values[:, None])
    found = row("recall@5", float(values.mean()), 30, bounds=bounds)
    outcome = judge(RECALL, found, evidence=Evidence(values))
    assert outcome.state is UNPROVEN
    enough = 30 + outcome.more

    def state(n):
        more = np.resize(values, n)
        return judge(RECALL, row("recall@5", float(values.mean()), n, bounds=guarded(more[:, None])[0])).state

    assert (state(round(1.1 * enough)), state(round(0.9 * enough))) == (MET, UNPROVEN)


def test_more_pairs_prove_a_difference():
    """Two systems that never differ: 59 queries prove that one is not 5 points worse, 30 do not."""
    same = np.zeros(30)
    rows = [row("recall@5", 0.6, 30, system=name) for name in ("s", "base")]
    outcome = judge(RELATIVE, *rows, Evidence(same, guarded(same[:, None], least=-1.0)[0]))
    assert outcome.state is UNPROVEN
    assert 30 + outcome.more == pytest.approx(59, abs=2)


@pytest.mark.parametrize(
    ("n", "over", "least", "most"),
    [
        (40, 0, 59, 59),
        (60, 1, 153, 162),  # Wilks' numbers for 95 / 95: 59, 93, 124, 153 samples allow 0, 1, 2, 3 over
        (40, -1, 59, 59),  # exactly at the limit is not over it
        (60, 3, None, None),  # one in twenty is what a 95th percentile leaves: no number of calls proves it
    ],
)
def test_so_many_more_calls_prove_a_percentile(n, over, least, most):
    samples = np.repeat([100.0, 300.0], [n - over, over]) if over >= 0 else np.full(n, 200.0)
    found = percentile(samples, 95)
    outcome = judge(LATENCY, row("latency-p95", found.value, n, bounds=found.bounds), evidence=Evidence(samples))
    assert (outcome.state, outcome.value) == (UNPROVEN, samples[0])
    assert outcome.more is None if least is None else least <= n + outcome.more <= most


def test_where_nobody_can_tell_how_much_more_nothing_is_promised():
    assert judge(RECALL, row("recall@5", 0.8, 10, bounds=exact(8, 10))).more is None, (
        "a score at the bar never clears it"
    )
    assert judge(LATENCY, row("latency-p95", 1.0, 40, bounds=Bounds(0, inf, 0, inf))).more is None
    gain = Criterion(id="g", metric="picture-gain", ground_truth="labels", go="5 %")
    assert judge(gain, row("picture-gain", 0.1, 40, bounds=proven(-0.1, 0.3))).more is None


@pytest.mark.parametrize(("at_least", "state", "more"), [(0.85, MET, False), (0.75, UNPROVEN, True)])
def test_only_what_is_unproven_says_how_much_more_would_do(at_least, state, more):
    """Five queries of 0.9 prove nothing by themselves: what is known otherwise needs no more of them."""
    found = row("recall@5", 0.9, 5, bounds=proven(at_least, 0.95))
    outcome = judge(RECALL, found, evidence=Evidence(np.full(5, 0.9)))
    assert (outcome.state, outcome.more is not None) == (state, more)


# What may not be claimed at all.


@pytest.mark.parametrize(("n", "state"), [(999, NOT_MEASURED), (1000, MET)])
def test_too_few_samples_claim_nothing(n, state):
    outcome = judge(STABLE, row("stability", 1.0, n))
    assert outcome.state is state
    if state is NOT_MEASURED:
        assert outcome.sentence == "stability: 999 samples; the criterion asks for at least 1,000"


def test_too_few_samples_of_the_baseline_claim_nothing_either():
    criterion = RELATIVE.model_copy(update={"at_least": 50})
    assert judge(criterion, row("recall@5", 0.9, 50), row("recall@5", 0.1, 49)).state is NOT_MEASURED


@pytest.mark.parametrize("points", [False, True])
def test_a_struck_value_meets_nothing_however_high_it_is(points):
    why = "by construction: its candidates were picked from the first 20 of s itself"
    struck = row("recall@5", 1.0, bounds=proven(1.0, 1.0), struck=why)
    outcome = judge(RECALL, struck, points=points)
    assert (outcome.state, outcome.value, outcome.sentence) == (NOT_MEASURED, None, f"recall@5: {why}")
    low = row("recall@5", 0.0, system="base", bounds=proven(0.0, 0.0))
    assert judge(RELATIVE, struck, low, points=points).state is NOT_MEASURED
    assert judge(
        RELATIVE, row("recall@5", 1.0), row("recall@5", 0.0, system="base", struck=why), points=points
    ).sentence == (f"recall@5: base: {why}")


@pytest.mark.parametrize(
    ("ceiling", "value", "state"),
    [
        (0.79, 0.79, NOT_MEASURED),
        (0.80, 0.80, MET),
        (sum([0.8] * 7) / 7, 0.75, UNMET),  # a ceiling of 0.7999999999999999 is one of 0.8
        (None, 0.75, UNMET),
    ],
)
def test_a_ceiling_under_the_threshold_makes_it_not_measurable(ceiling, value, state):
    outcome = judge(RECALL, row("recall@5", value, ceiling=ceiling, bounds=proven(value, value)))
    assert outcome.state is state
    if state is NOT_MEASURED:
        assert outcome.sentence == "recall@5: not measurable on this ground truth: a perfect ranking reaches 0.790"


def test_a_ceiling_says_nothing_about_a_difference():
    rows = row("recall@5", 0.3, ceiling=0.3), row("recall@5", 0.3, system="base", ceiling=0.3)
    assert judge(RELATIVE, *rows, Evidence(np.zeros(9), proven(0, 0))).state is MET
    better = RELATIVE.model_copy(update={"go": "40 %"})
    assert judge(better, *rows, Evidence(np.zeros(9), proven(0, 0))).state is UNMET


def test_only_the_criterion_itself_makes_it_not_applicable():
    criterion = Criterion(id="v", metric="vram-device", go="8 GiB", when="on-device")
    outcome = not_applicable(criterion, "bm25")
    assert (outcome.state, outcome.sentence) == (
        NOT_APPLICABLE,
        "vram-device: asked only of systems that are on-device",
    )
    # A missing GPU is another thing.
    assert judge(criterion, row("vram-device", None, 0, reason="no GPU")).state is NOT_MEASURED
    asked = not_asked(criterion, "bm25")
    assert (asked.state, asked.sentence) == (NOT_MEASURED, "vram-device: not asked in this run")


# Decisions.


def expected(states):
    """VERDICTS, word by word: the first sentence that holds."""
    if RULED_OUT in states:
        return Decision.NO_GO
    if NOT_MEASURED in states:
        return Decision.INCOMPLETE
    if MET in states and states <= {MET, NOT_APPLICABLE}:
        return Decision.GO
    return Decision.CONDITIONAL if states & {UNMET, UNPROVEN} else Decision.INCOMPLETE


@pytest.mark.parametrize("states", [*product(State, repeat=3), ()], ids=lambda states: ",".join(states) or "none")
def test_the_worst_state_decides(states):
    outcomes = [Outcome("s", f"c{n}", state, "mrr") for n, state in enumerate(states)]
    verdict = decide("s", "plan", outcomes)
    assert verdict.decision is expected(set(states))
    assert (verdict.decision is Decision.GO) <= all(state.passes for state in states)
    assert (verdict.system, verdict.policy, verdict.outcomes) == ("s", "plan", tuple(outcomes))


@pytest.mark.parametrize(
    ("states", "decision"),
    [
        (["met", "met"], "GO"),
        (["met", "not applicable"], "GO"),
        (["met", "unproven"], "CONDITIONAL"),
        (["unproven", "unproven"], "CONDITIONAL"),
        (["unproven", "not applicable"], "CONDITIONAL"),
        (["met", "unmet"], "CONDITIONAL"),
        (["unproven", "unmet"], "CONDITIONAL"),
        (["unproven", "not measured"], "INCOMPLETE"),
        (["unmet", "not measured"], "INCOMPLETE"),
        (["met", "not measured"], "INCOMPLETE"),
        (["ruled out", "not measured"], "NO-GO"),
        (["ruled out", "unproven"], "NO-GO"),
        (["ruled out", "met"], "NO-GO"),
        (["not applicable", "not applicable"], "INCOMPLETE"),
        ([], "INCOMPLETE"),
    ],
)
def test_decisions_by_hand(states, decision):
    outcomes = [Outcome("s", str(n), State(state), "mrr") for n, state in enumerate(states)]
    assert decide("s", "p", outcomes).decision == decision


def test_only_met_and_not_applicable_pass():
    assert {state for state in State if state.passes} == {MET, NOT_APPLICABLE}


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"value": 85.2}, "85.2 cannot be: it lies in 0 to 1"),
        ({"value": float("nan")}, "nan cannot be: it lies in 0 to 1"),
        ({"value": -0.1}, "-0.1 cannot be: it lies in 0 to 1"),
        ({"value": 0.9, "n": -61}, "a value of -61 samples cannot be"),
        ({"value": 0.9, "bounds": proven(0.95, 1.0)}, "its bounds cannot be: 0.9 lies outside 0.95 to 1"),
        ({"value": 0.9, "bounds": proven(0.8, 0.85)}, "its bounds cannot be: 0.9 lies outside 0.8 to 0.85"),
    ],
)
@pytest.mark.parametrize("points", [False, True])
def test_what_cannot_be_is_not_judged(fields, reason, points):
    """Rows may be written by hand, and 85.2 is the most natural slip for 85.2 %."""
    given = {"value": 0.9, "n": 100, "bounds": proven(0.85, 0.95), **fields}
    outcome = judge(RECALL, row("recall@5", given["value"], given["n"], bounds=given["bounds"]), points=points)
    assert (outcome.state, outcome.reason) == (NOT_MEASURED, reason)


def test_a_comparison_without_anything_to_compare_with_is_not_judged():
    outcome = judge(RELATIVE, row("recall@5", 0.8, bounds=proven(0.7, 0.9)))
    assert (outcome.state, outcome.reason) == (NOT_MEASURED, "nothing is known of base")


@pytest.mark.parametrize(("rate", "state"), [(1.0, NOT_MEASURED), (0.99, RULED_OUT), (0.0, RULED_OUT)])
def test_too_few_calls_prove_no_stability_and_one_crash_disproves_it(rate, state):
    assert judge(STABLE, row("stability", rate, 500)).state is state
