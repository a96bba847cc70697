"""Bounds beside values: only those that lie around their value, in order, can be."""

from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.statistics.intervals import Bounds, exact
from harness.verdict.ends import misplaced
from harness.verdict.measurement import Measurement


def told(value, *ends, metric="hit@5"):
    row = Measurement("ours", metric, value, 100, ground_truth="labels", bounds=Bounds(*ends))
    return [found.sentence for found in misplaced([row])]


@pytest.mark.parametrize(
    ("ends", "sentences"),
    [
        ((0.72, 0.87, 0.71, 0.88), []),
        ((0.81, 0.87, 0.71, 0.88), ["hit@5: at_least 0.81 is above its value 0.8"]),
        ((0.72, 0.79, 0.71, 0.88), ["hit@5: its value 0.8 is above at_most 0.79"]),
        ((0.72, 0.87, 0.81, 0.88), ["hit@5: low 0.81 is above its value 0.8"]),
        ((0.72, 0.87, 0.71, 0.79), ["hit@5: its value 0.8 is above high 0.79"]),
        ((nan, 0.87, 0.71, 0.88), ["hit@5: at_least nan is above its value 0.8"]),
        ((-inf, inf, -inf, inf), []),
    ],
)
def test_every_end_has_its_side(ends, sentences):
    assert told(0.8, *ends) == sentences


def test_ends_that_cross_each_other_cross_the_value():
    assert len(told(0.8, 0.9, 0.7, 0.95, 0.6)) == 4


def test_a_rounded_value_is_right_within_half_its_last_digit():
    assert told(0.612, 0.6124, 0.7, 0.6, 0.7) == []
    assert told(0.612, 0.6126, 0.7, 0.6, 0.7) != []
    assert told(23.2, 23.24, 30.0, 20.0, 31.0, metric="latency-p95") == []
    assert told(23.2, 23.26, 30.0, 20.0, 31.0, metric="latency-p95") != []


def test_what_was_not_measured_or_not_bounded_says_nothing():
    rows = [Measurement("ours", "hit@5", None, 0, bounds=Bounds(1, 0, 1, 0)), Measurement("ours", "hit@5", 0.5, 10)]
    assert misplaced(rows) == []


@given(st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_what_is_proven_by_counting_can_be(hits):
    k, n = hits
    row = Measurement("ours", "hit@5", k / n, n, bounds=exact(float(k), n))
    assert misplaced([row]) == []
