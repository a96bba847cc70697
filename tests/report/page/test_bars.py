"""Bars: as long as their values, from zero, in the colour of their system."""

import pytest

from harness.report.page.axes import Axis
from harness.report.page.bars import Bar, Group, bars
from harness.report.page.svg import width

GROUPS = (
    Group("text (n = 27)", (Bar("a", 0.62, 0.5, 0.7), Bar("b", 0.31))),
    Group("figures (n = 34)", (Bar("b", 0.8, 0.7, 0.9), Bar("c", None, 0.1, 0.2))),
)
AXIS = Axis("recall@5", low=0, high=1)


def lengths(chart, *classes):
    """(start, end, top) of bars, in values."""
    found = []
    for area, x, y in chart.of(*classes, "bar"):
        left = x + float(area.get("x"))
        found.append((chart.x(left), chart.x(left + float(area.get("width"))), y + float(area.get("y"))))
    return found


def test_a_bar_reaches_from_zero_to_its_value(read):
    chart = read(bars(GROUPS, AXIS, "t", "a"))
    assert [(start, end) for start, end, _ in lengths(chart)] == [
        pytest.approx((0, value), abs=0.002) for value in (0.62, 0.31, 0.8)
    ]


def test_the_axis_has_zero_even_where_no_value_is_near(read):
    chart = read(bars([Group("g", (Bar("a", 0.9), Bar("b", 0.95)))], Axis(""), "t", "a"))
    assert [end for _, end, _ in lengths(chart)] == pytest.approx([0.9, 0.95], abs=0.002)
    assert min(float(words) for words, *_ in chart.texts("tick")) == 0


def test_a_negative_value_goes_to_the_left_of_zero(read):
    chart = read(bars([Group("g", (Bar("a", -0.2), Bar("b", 0.3)))], Axis(""), "t", "a"))
    assert [(start, end) for start, end, _ in lengths(chart)] == [
        pytest.approx((-0.2, 0), abs=0.002),
        pytest.approx((0, 0.3), abs=0.002),
    ]
    ((zero, x, _),) = chart.of("axis")
    assert chart.x(x + float(zero.get("x1"))) == pytest.approx(0, abs=0.002)


def test_a_system_has_one_colour_in_all_groups(read):
    chart = read(bars(GROUPS, AXIS, "t", "a"))
    assert [end for _, end, _ in lengths(chart, "series-2")] == pytest.approx([0.31, 0.8], abs=0.002)
    assert [words for words, *_ in chart.texts("name")] == ["a", "b", "c"]


def test_bars_stand_under_the_name_of_their_group_in_order(read):
    chart = read(bars(GROUPS, AXIS, "t", "a"))
    (_, _, first, _), (_, _, second, _) = chart.texts("group")
    tops = [top for *_, top in lengths(chart)]
    assert first < tops[0] < tops[1] < second < tops[2]
    assert [words for words, *_ in chart.texts("group")] == ["text (n = 27)", "figures (n = 34)"]


def test_whiskers_reach_from_low_to_high(read):
    chart = read(bars(GROUPS, AXIS, "t", "a"))
    found = []
    for whisker, x, _ in chart.of("whisker"):
        start, end = whisker.get("d").split("M")[1].split("H")
        found.append((chart.x(x + float(start.split()[0])), chart.x(x + float(end))))
    assert found == [pytest.approx((0.5, 0.7), abs=0.002), pytest.approx((0.7, 0.9), abs=0.002)]


def test_values_stand_beside_their_bars_and_what_is_not_there_says_so(read):
    chart = read(bars(GROUPS, AXIS, "t", "a"))
    assert [words for words, *_ in chart.texts("value")] == ["0.620", "0.310", "0.800", "–"]
    right = max(x + float(line.get("x1")) for line, x, _ in chart.of("grid"))
    assert all(x - width(words) > right for words, x, *_ in chart.texts("value"))
    hollow = [element for element, *_ in chart.of("series-3", "hollow")]
    assert len(hollow) == 1
