"""Curves: data stand where they should, bands around them."""

import numpy as np
import pytest

from harness.report.page.axes import Axis
from harness.report.page.curves import Curve, Point, Span, curves
from harness.report.page.plot import Rule

RECALL = ((1, 0.31, 0.2, 0.42), (5, 0.62, 0.5, 0.7), (20, 0.88, 0.8, 0.93))
X, Y = Axis("k"), Axis("recall", low=0, high=1)


def curve(name="bm25", rows=RECALL):
    return Curve(name, tuple(Point(*row) for row in rows))


def values(chart, *classes):
    return [(chart.x(x), chart.y(y)) for x, y in chart.markers(*classes)]


def test_points_stand_at_their_values(read):
    chart = read(curves([curve()], X, Y, "t", "a"))
    assert np.array(values(chart, "series-1")) == pytest.approx(np.array(RECALL)[:, :2], abs=0.02)


def test_the_line_goes_through_the_markers_from_left_to_right(read):
    chart = read(curves([curve("", RECALL[::-1])], X, Y, "t", "a"))
    corners = chart.points("series-1", "line")
    assert [chart.x(x) for x, _ in corners] == pytest.approx([1, 5, 20], abs=0.02)
    assert corners == pytest.approx(np.array(chart.markers("series-1")), abs=0.02)


def test_the_band_reaches_from_low_to_high(read):
    chart = read(curves([curve("")], X, Y, "t", "a"))
    corners = [(chart.x(x), chart.y(y)) for x, y in chart.points("series-1", "band")]
    there = [(x, high) for x, _, _, high in RECALL]
    back = [(x, low) for x, _, low, _ in reversed(RECALL)]
    assert np.array(corners) == pytest.approx(np.array(there + back), abs=0.02)


def test_a_point_without_an_interval_interrupts_the_band(read):
    rows = [*RECALL, (21, 0.9), (22, 0.9, 0.85, 0.95)]
    chart = read(curves([curve("", rows)], X, Y, "t", "a"))
    assert len(chart.points("band")) == 6
    ((whisker, x, y),) = chart.of("whisker")
    start, end = whisker.get("d").split("M")[1].removeprefix("M").split("V")
    assert chart.x(x + float(start.split()[0])) == pytest.approx(22, abs=0.05)
    ends = [chart.y(y + float(start.split()[1])), chart.y(y + float(end))]
    assert ends == pytest.approx([0.85, 0.95], abs=0.01)


def test_a_curve_without_points_keeps_its_colour(read):
    empty = Curve("empty", (Point(1, float("nan")),))
    chart = read(curves([curve("a"), empty, curve("b")], X, Y, "t", "a"))
    assert values(chart, "series-3") and not values(chart, "series-2")
    assert [words for words, *_ in chart.texts("name")] == ["a", "b"]


def test_equal_steps(read):
    chart = read(curves([curve("")], Axis("k", "steps"), Y, "t", "a"))
    left = [x for x, _ in chart.markers("series-1")]
    assert left[1] - left[0] == pytest.approx(left[2] - left[1], abs=0.02)


def test_the_rule_and_the_span_stand_at_their_values(read):
    rule, span = Rule(7, "chosen"), Span(5, 12, "tied")
    chart = read(curves([curve()], X, Y, "t", "a", rule, span))
    ((line, x, _),) = chart.of("rule")
    assert chart.x(x + float(line.get("x1"))) == pytest.approx(7, abs=0.02)
    sign, shade = chart.of("span")
    assert sign[2] < chart.top
    left = shade[1] + float(shade[0].get("x"))
    ends = left + 3, left + float(shade[0].get("width")) - 3
    assert [chart.x(end) for end in ends] == pytest.approx([5, 12], abs=0.02)
    assert [words for words, *_ in chart.texts("name")] == ["bm25", "tied"]
    assert [words for words, *_ in chart.texts("note")] == ["chosen"]


def test_a_rule_beyond_the_data_widens_the_axis(read):
    chart = read(curves([curve()], X, Y, "t", "a", Rule(80, "far")))
    ((line, x, _),) = chart.of("rule")
    assert chart.x(x + float(line.get("x1"))) == pytest.approx(80, abs=0.1)


def test_a_span_beyond_the_data_widens_the_axis(read):
    chart = read(curves([curve()], X, Y, "t", "a", span=Span(-30, 60, "")))
    ((shade, x, _),) = chart.of("span")
    left = x + float(shade.get("x"))
    ends = left + 3, left + float(shade.get("width")) - 3
    assert [chart.x(end) for end in ends] == pytest.approx([-30, 60], abs=0.2)


@pytest.mark.parametrize("lost", [(float("nan"), 0.5), (2, float("nan")), (float("inf"), 0.5)])
def test_a_point_that_is_no_number_is_left_out(read, lost):
    chart = read(curves([curve("", [*RECALL, lost])], X, Y, "t", "a"))
    assert len(values(chart)) == len(chart.points("line")) == 3


def test_a_marker_tells_its_name_and_numbers(read):
    told = [element.text for element in read(curves([curve()], X, Y, "t", "a")).root.iter("title")]
    assert "bm25 (5): 0.620 [0.500, 0.700]" in told
    assert "x (1): 0.500" in [
        element.text for element in read(curves([curve("x", [(1, 0.5)])], X, Y, "t", "a")).root.iter("title")
    ]
