"""What values and counts alone prove, against other people's intervals and against the samples themselves."""

from dataclasses import replace
from math import inf

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from harness.data.model import Pool, Provenance
from harness.policy import Criterion
from harness.statistics.intervals import Bounds
from harness.statistics.percentiles import percentile
from harness.verdict.measurement import Measurement
from harness.verdict.outcomes import State
from harness.verdict.recorded import UNRECORDED, Recording, audited, bounded

LEVELS = {"labels": 1}


def row(metric, value, n=100, system="ours+dense", **where):
    accuracy = {"ground_truth": "labels", "level": 1} if "@" in metric or metric == "mrr" else {}
    return Measurement(system, metric, value, n, "bank", **accuracy | where)


def criterion(metric="recall@5", go="80 %", **more):
    truth = {"ground_truth": "labels"} if "@" in metric else {}
    return Criterion(id="asked", metric=metric, go=go, **truth | more)


def judged(rows, asked, system="ours+dense", **how):
    return Recording(bounded(rows), LEVELS).outcome(asked, system, **how)


def test_a_rounded_hit_rate_is_its_count_again_with_the_exact_interval():
    [found] = bounded([row("hit@5", 0.852, 61)])
    assert found.value == 52 / 61
    one, two = (binomtest(52, 61).proportion_ci(level, method="exact") for level in (0.90, 0.95))
    assert found.bounds.at_least == pytest.approx(one.low) and found.bounds.at_most == pytest.approx(one.high)
    assert found.bounds.low == pytest.approx(two.low) and found.bounds.high == pytest.approx(two.high)


def test_a_hit_rate_that_is_no_share_of_its_queries_keeps_its_value():
    """It is wrong, but not for us to mend: `verify` tells of it."""
    [found] = bounded([row("hit@5", 0.777, 27)])
    assert found.value == 0.777
    assert binomtest(20, 27).proportion_ci(0.90).low < found.bounds.at_least < binomtest(21, 27).proportion_ci(0.90).low


def test_a_mean_lies_between_the_counts_around_it():
    [found] = bounded([row("recall@5", 0.404)])
    below, above = (binomtest(hits, 100).proportion_ci(0.90) for hits in (40, 41))
    assert found.value == 0.404
    assert below.low < found.bounds.at_least < above.low and below.high < found.bounds.at_most < above.high


@pytest.mark.parametrize(
    "given_row",
    [
        row("recall@5", None, 0, reason="not asked"),
        row("recall@5", 0.5, bounds=Bounds(0.1, 0.2, 0.3, 0.4)),
        row("recall@5", 1.2),
        row("recall@5", 0.5, 0),
        row("picture-gain", 0.1, 35),
        row("latency-mean", 23.2),
        row("stability", 1.0, 1000),
        row("vram-allocated", 4129.4, 1),
        row("latency-p95", 30.5),
    ],
    ids=lambda given_row: given_row.metric,
)
def test_what_proves_nothing_more_stays_as_it_is(given_row):
    assert bounded([given_row]) == [given_row]


def test_the_p99_of_100_calls_bounds_their_p95():
    rows = [row("latency-p50", 22.8), row("latency-p95", 30.5), row("latency-p99", 39.1)]
    p50, p95, p99 = (found.bounds for found in bounded(rows))
    assert (p50.at_least, p50.at_most) == (-inf, 30.5)
    assert (p95.at_least, p95.at_most, p95.high) == (22.8, 39.1, inf)  # at 97.5 % it takes the greatest of 100
    assert (p99.at_least, p99.at_most) == (30.5, inf)


@pytest.mark.parametrize(
    "other",
    [
        {"n": 99}, {"system": "theirs"}, {"stratum": "query=text"}, {"dataset": "another"}, {"scenario": "S3"},
        {"metric": "encode-p95"}, {"metric": "latency-mean"}, {"value": None},
    ],
    ids=str,
)  # fmt: skip
def test_only_percentiles_of_the_same_calls_bound_each_other(other):
    """So nothing is proven of the p95, except where it is the p95 of another distribution that stands beside it."""
    found, _ = bounded([row("latency-p95", 30.5), replace(row("latency-p99", 39.1), **other)])
    assert found.bounds is None


def test_58_calls_prove_no_limit():
    rows = [row("latency-p95", 30.5, 58), row("latency-p99", 39.1, 58)]
    assert bounded(rows)[0].bounds is None
    assert bounded([row("latency-p50", 20.0, 58), *rows])[1].bounds.at_most == inf


@given(
    st.lists(st.floats(0, 1000, width=32), min_size=5, max_size=400),
    st.sampled_from(["linear", "inverted_cdf", "hazen"]),
)
def test_recorded_percentiles_never_prove_more_than_the_samples_do(samples, method):
    """`linear` is numpy's own way, `inverted_cdf` the nearest rank, and `hazen` lies between the two."""
    samples = np.asarray(samples, np.float64)
    known = {p: float(np.percentile(samples, p, method=method)) for p in (50, 95, 99)}
    rows = bounded([row(f"latency-p{p}", value, len(samples)) for p, value in known.items()])
    for found, p in zip(rows, known, strict=True):
        whole, told = percentile(samples, p).bounds, found.bounds or Bounds(-inf, inf, -inf, inf)
        slack = 1e-9 * 1000
        assert told.at_least <= whole.at_least + slack and told.low <= whole.low + slack
        assert told.at_most >= whole.at_most - slack and told.high >= whole.high - slack


POOLED = {"labels": Provenance("picked", pools=(Pool("ours+dense", 10),)), "fair": Provenance("by hand")}


def test_accuracy_on_a_truth_picked_from_the_system_itself_is_struck():
    rows = [row("recall@5", 0.9), row("recall@5", 0.9, ground_truth="fair"), row("margin", 0.3, ground_truth="labels"),
            row("recall@5", 0.9, system="theirs+dense"), row("recall@5", 0.9, system="ours+dense+longest"),
            row("recall@5", 0.9, system="ours+dense-2"), row("recall@5", 0.9, ground_truth="strange")]  # fmt: skip
    why = "by construction: its candidates were picked from the first 10 of ours+dense itself"
    assert [found.struck for found in audited(rows, POOLED)] == [why, "", "", "", why, "", ""]


def test_what_was_struck_already_stays_struck():
    assert audited([row("recall@5", 0.9, struck="why")], {})[0].struck == "why"


def test_what_is_struck_meets_no_criterion():
    outcome = Recording(audited(bounded([row("recall@5", 1.0)]), POOLED), LEVELS).outcome(criterion(), "ours+dense")
    assert (outcome.state, outcome.value) == (State.NOT_MEASURED, None)
    assert outcome.reason.startswith("by construction")


@pytest.mark.parametrize(
    ("value", "n", "state", "by_points"),
    [
        (0.404, 100, State.RULED_OUT, State.RULED_OUT),
        (0.777, 27, State.UNMET, State.UNMET),
        (0.69, 27, State.UNMET, State.RULED_OUT),
        (0.85, 61, State.UNPROVEN, State.MET),
        (0.9, 100, State.MET, State.MET),
    ],
)
def test_a_criterion_is_judged_by_the_completed_bounds_or_by_points(value, n, state, by_points):
    asked, rows = criterion(no_go="70 %"), [row("recall@5", value, n)]
    assert judged(rows, asked).state is state
    assert judged(rows, asked, points=True).state is by_points


def test_a_difference_is_bounded_by_its_two_parts():
    rows = [row("recall@5", 0.404), row("recall@5", 0.33, system="base")]
    outcome = judged(rows, criterion(baseline="base", go="-5 %", no_go="-15 %"))
    ours, theirs = (binomtest(hits, 100).proportion_ci(0.95) for hits in (40, 33))
    assert outcome.value == pytest.approx(0.074)
    assert outcome.bounds.at_least == pytest.approx(ours.low - theirs.high, abs=0.005)
    assert outcome.state is State.UNPROVEN


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([], UNRECORDED),
        ([row("recall@5", None, 0, reason="no GPU here")], "no GPU here"),
        ([row("recall@5", 0.9, stratum="category=latex")], UNRECORDED),
        ([row("recall@5", 0.9, scenario="S1")], UNRECORDED),
        ([row("recall@5", 0.9, level=2)], UNRECORDED),
        ([row("recall@5", 0.9, ground_truth="other")], UNRECORDED),
        ([row("recall@5", 0.772), row("recall@5", 0.809)], "recorded as 0.772 and 0.809: one cell has one value"),
    ],
)
def test_what_is_not_recorded_as_one_value_is_not_measured(rows, reason):
    outcome = judged(rows, criterion())
    assert (outcome.state, outcome.reason) == (State.NOT_MEASURED, reason)


def test_of_a_value_that_was_recorded_twice_the_smaller_sample_counts():
    assert judged([row("recall@5", 0.9, 100), row("recall@5", 0.9, 50)], criterion()).n == 50


def test_the_criterion_says_from_which_grade_an_item_counts():
    rows = [row("recall@5", 0.9), row("recall@5", 0.95, level=2)]
    assert judged(rows, criterion()).value == 0.9
    assert judged(rows, criterion(relevance=2)).value == 0.95
    unknown = Recording(bounded(rows), {}).outcome(criterion(), "ours+dense")
    assert unknown.reason == "recorded as 0.9 and 0.95: one cell has one value"
