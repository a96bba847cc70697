"""Axes: round numbers in order, every value in its place."""

from itertools import pairwise
from math import log10

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.report.page.axes import LEAST, Axis

KINDS = ("linear", "log", "steps", "auto")
VALUES = st.lists(st.floats(-1e15, 1e15), min_size=1, max_size=12)


def marks(kind, values, most=6, **ends):
    return Axis("", kind, **ends).scale(values, most).marks


def is_round(value):
    return round(abs(value) / 10 ** np.floor(log10(abs(value)) + 1e-9), 6) in {1, 2, 5}


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ((0, 1), (0, 0.2, 0.4, 0.6, 0.8, 1)),
        ((0.43, 0.97), (0.4, 0.6, 0.8, 1.0)),
        ((0.1, 0.7), (0, 0.2, 0.4, 0.6, 0.8)),
        ((0.04, 0.14), (0.04, 0.06, 0.08, 0.1, 0.12, 0.14)),
        ((12, 83), (0, 20, 40, 60, 80, 100)),
        ((-0.02, 0.03), (-0.02, -0.01, 0, 0.01, 0.02, 0.03)),
        ((5, 5), (2, 4, 6, 8)),
        ((0, 0), (-0.6, -0.4, -0.2, 0, 0.2, 0.4, 0.6)),
    ],
)
def test_linear_marks_are_round_and_hold_the_data_between_them(values, expected):
    assert marks("linear", values, 7 if values == (0, 0) else 6) == expected


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ((3, 40), (2, 5, 10, 20, 50)),
        ((100, 100), (50, 100, 200)),
        ((3, 4000), (10, 100, 1000)),
        ((0.02, 0.4), (0.02, 0.05, 0.1, 0.2, 0.5)),
        ((1e-3, 1e12), (1e-3, 1, 1e3, 1e6, 1e9, 1e12)),
    ],
)
def test_logarithmic_marks_are_at_1_2_5_or_at_powers_of_ten(values, expected):
    assert marks("log", values) == expected


def test_a_logarithmic_axis_ends_at_the_next_round_numbers():
    scale = Axis("", "log").scale([3, 4000], 6)
    assert (scale.low, scale.high) == (2, 5000)


def test_logarithms_are_evenly_spaced():
    scale = Axis("", "log").scale([1, 1000], 6)
    assert [scale(value) for value in np.geomspace(1, 1000, 7)] == pytest.approx(np.linspace(0, 1, 7))


def test_zero_and_less_stand_at_the_end_of_a_logarithmic_axis():
    scale = Axis("", "log").scale([0, -3, 5, 50], 6)
    assert scale(0) == scale(-3) == scale(5) == 0
    assert Axis("", "log").scale([0], 6)(0) == 0
    assert Axis("", "log").scale([1e-300, 1], 6).low == LEAST


def test_steps_are_equal_however_far_apart_the_values_are():
    scale = Axis("", "steps").scale([1, 3, 5, 10, 20, 3], 6)
    assert scale.marks == (1, 3, 5, 10, 20)
    assert [scale(k) for k in (1, 3, 5, 10, 20)] == [0, 0.25, 0.5, 0.75, 1]
    assert scale(4) == pytest.approx(0.375)


def test_many_steps_are_marked_here_and_there_and_a_single_one_stands_in_the_middle():
    assert marks("steps", range(10), 4) == (0, 3, 6, 9)
    alone = Axis("", "steps").scale([5], 6)
    assert alone.marks == (5,) and alone(5) == 0.5


@pytest.mark.parametrize(
    ("values", "kind"), [((10, 150), "linear"), ((10, 250), "log"), ((0, 0), "linear"), ((0, 5, 250), "linear")]
)
def test_auto_is_logarithmic_where_values_spread_far_and_none_is_zero(values, kind):
    assert marks("auto", values) == marks(kind, values)


def test_the_ends_that_are_given_belong_to_the_range_and_the_data_too():
    assert marks("linear", [0.5], low=0, high=1)[::5] == (0, 1)
    assert marks("linear", [1.3], low=0, high=1)[-1] == 1.5


def test_what_is_no_number_has_no_part_in_the_range():
    assert marks("linear", [0.2, None, float("nan"), float("inf"), 0.8]) == marks("linear", [0.2, 0.8])


@given(VALUES, st.sampled_from(KINDS), st.integers(3, 8))
def test_marks_ascend_and_are_not_too_many(values, kind, most):
    scale = Axis("", kind).scale(values, most)
    assert 1 <= len(scale.marks) <= most
    assert all(a < b for a, b in pairwise(scale.marks))
    assert scale.low <= scale.marks[0] and scale.marks[-1] <= scale.high
    places = [scale(mark) for mark in scale.marks]
    assert all(a < b for a, b in pairwise(places))
    assert len(Axis("", kind).labels(scale)) == len(scale.marks)


@given(VALUES, st.sampled_from(KINDS))
def test_a_larger_value_never_stands_lower_and_none_stands_outside(values, kind):
    scale = Axis("", kind).scale(values, 6)
    places = [scale(value) for value in sorted(values)]
    assert all(0 <= place <= 1 for place in places)
    assert all(a <= b for a, b in pairwise(places))


@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=9))
def test_linear_marks_are_evenly_spaced_at_1_2_or_5_times_a_power_of_ten(values):
    found = marks("linear", values)
    steps = np.diff(found)
    assert steps == pytest.approx(np.full(len(steps), steps[0]), rel=1e-3)
    assert is_round(float(f"{steps[0]:.3g}"))
    unseen = 1e-6 + 1e-8 * (found[-1] - found[0])  # what is less of the axis than any eye can see
    assert found[0] <= min(values) + unseen and max(values) - unseen <= found[-1]


@given(st.lists(st.floats(1e-5, 1e14), min_size=1, max_size=9))
def test_a_logarithmic_range_is_no_wider_than_the_next_round_numbers(values):
    scale = Axis("", "log").scale(values, 6)
    assert scale.low <= min(values) * (1 + 1e-6) and max(values) <= scale.high * (1 + 1e-6)
    assert min(values) < 5.1 * scale.low and scale.high < 5.1 * max(values)
    assert all(map(is_round, scale.marks))


@pytest.mark.parametrize(
    ("axis", "values", "expected"),
    [
        (Axis(""), (0, 1), ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]),
        (Axis("", percent=True), (0, 1), ["0%", "20%", "40%", "60%", "80%", "100%"]),
        (Axis(""), (0, 4000), ["0", "1,000", "2,000", "3,000", "4,000"]),
        (Axis("", "log"), (0.3, 4), ["0.2", "0.5", "1", "2", "5"]),
        (Axis("", "log"), (500, 4000), ["500", "1,000", "2,000", "5,000"]),
        (Axis("", "auto"), (0.5, 1.5), ["0.4", "0.6", "0.8", "1.0", "1.2", "1.4", "1.6"]),
        (Axis("", "steps"), (1, 0.5, 20), ["0.5", "1", "20"]),
    ],
)
def test_labels_have_the_decimals_they_need(axis, values, expected):
    assert axis.labels(axis.scale(values, 7)) == expected


def test_a_value_is_told_with_its_digits():
    assert Axis("").told(0.81249) == "0.812"
    assert Axis("", percent=True).told(0.81249) == "81.2%"
    assert Axis("", digits=0).told(1234.5678) == "1,235"
    assert Axis("", percent=True, digits=1).told(0.5) == "50%"
