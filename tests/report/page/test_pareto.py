"""The trade-off: the front is what nothing beats."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.report.page.axes import Axis
from harness.report.page.pareto import Dot, pareto

DOTS = (
    Dot("cheap", 10, 0.4, 0.3, 0.5),
    Dot("beaten", 120, 0.55, 0.5, 0.6),
    Dot("middle", 50, 0.6, 0.5, 0.7),
    Dot("best", 200, 0.9, 0.8, 0.95),
)
X, Y = Axis("ms", digits=0), Axis("recall", low=0, high=1)


def test_dots_stand_at_their_values(read):
    chart = read(pareto(DOTS, X, Y, "t", "a"))
    found = [(chart.x(x), chart.y(y)) for x, y in chart.markers()]
    assert np.array(found) == pytest.approx(np.array([(dot.x, dot.y) for dot in DOTS]), abs=0.2)


def test_on_a_logarithmic_axis_too(read):
    chart = read(pareto(DOTS, Axis("ms", "log"), Y, "t", "a"))
    assert [chart.x(x, log=True) for x, _ in chart.markers()] == pytest.approx([10, 120, 50, 200], rel=0.005)


def test_the_front_is_filled_and_the_others_are_hollow(read):
    chart = read(pareto(DOTS, X, Y, "t", "a"))
    assert [element.get("class") for element, *_ in chart.of("marker")] == [
        "marker",
        "marker hollow",
        "marker",
        "marker",
    ]


def test_the_front_climbs_in_steps_at_the_cost_of_the_better(read):
    chart = read(pareto(DOTS, X, Y, "t", "a"))
    corners = [(chart.x(x), chart.y(y)) for x, y in chart.points("front")]
    expected = [(10, 0.4), (50, 0.4), (50, 0.6), (200, 0.6), (200, 0.9)]
    assert np.array(corners[:5]) == pytest.approx(np.array(expected), abs=0.2)
    assert corners[5][0] > 200 and corners[5][1] == pytest.approx(0.9, abs=0.01)


def test_equal_dots_do_not_beat_each_other(read):
    chart = read(pareto([Dot("a", 1, 0.5), Dot("b", 1, 0.5)], X, Y, "t", "a"))
    assert not chart.of("hollow")


@given(st.lists(st.tuples(st.integers(1, 9), st.integers(1, 9)), min_size=1, max_size=8))
def test_a_dot_is_hollow_exactly_where_another_is_better_for_no_more(pairs):
    dots = [Dot(str(n), x, y) for n, (x, y) in enumerate(pairs)]
    svg = pareto(dots, X, Axis("y"), "", "")
    beaten = sum(any((u < x and v >= y) or (u <= x and v > y) for u, v in pairs) for x, y in pairs)
    named_in_legend = svg.count('class="marker hollow" transform="translate(0 0)"')
    assert svg.count('class="marker hollow"') - named_in_legend == beaten


def test_whiskers_reach_from_low_to_high(read):
    chart = read(pareto(DOTS, X, Y, "t", "a"))
    found = []
    for whisker, _, y in chart.of("whisker"):
        start, end = whisker.get("d").split("M")[1].split("V")
        found.append((chart.y(y + float(start.split()[1])), chart.y(y + float(end))))
    assert np.array(found) == pytest.approx(np.array([(dot.low, dot.high) for dot in DOTS]), abs=0.01)


def test_every_dot_is_named_beside_itself_or_else_in_the_legend(read):
    chart = read(pareto(DOTS, X, Y, "t", "a"))
    assert sorted(words for words, *_ in chart.texts("name")) == sorted(dot.name for dot in DOTS)
    crowd = [Dot(f"a-system-of-some-length-{n}", 10 + n / 100, 0.5 + n / 1000) for n in range(9)]
    chart = read(pareto(crowd, X, Y, "t", "a"))
    assert sorted(words for words, *_ in chart.texts("name")) == sorted(dot.name for dot in crowd)
    assert any(y < chart.top for _, _, y, _ in chart.texts("name"))


def test_a_name_does_not_cross_the_whisker_of_another_dot(read):
    """Right of the first dot there is room for its name, but for the second one's whisker."""

    def height_of_name(*interval):
        dots = [Dot("a-system-with-a-name", 10, 0.5), Dot("b", 30, 0.1, *interval), Dot("c", 100, 0.2)]
        chart = read(pareto(dots, X, Y, "t", "a"))
        return next(y - chart.top for words, _, y, _ in chart.texts("name") if words == dots[0].name)

    assert height_of_name() > 0 > height_of_name(0, 1)


def test_the_dot_tells_its_numbers(read):
    told = [element.text for element in read(pareto(DOTS, X, Y, "t", "a")).root.iter("title")]
    assert "middle: 50, 0.600" in told
