"""What holds for every chart: nothing breaks one, nothing in data becomes markup, all of it is the stylesheet's to colour."""

import re
from pathlib import Path
from xml.etree.ElementTree import fromstring

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.report.page.axes import Axis
from harness.report.page.bars import Bar, Group, bars
from harness.report.page.curves import Curve, Point, Span, curves
from harness.report.page.latencies import Timings, latencies
from harness.report.page.pareto import Dot, pareto
from harness.report.page.plot import Rule
from harness.report.page.svg import width

SHEET = (Path(__file__).parents[3] / "harness/templates/report/charts.css").read_text("utf-8")
NAN, INF = float("nan"), float("inf")
HOSTILE = (
    "<script>alert(1)</script>",
    "</title></svg><img src=x onerror=alert(1)>",
    """"quoted" & 'so'""",
    "W" * 80,
    "가나다라마바사 " * 12,
    "\x00\u202e\ud800\ufffe&#60;b>",
)


def of_curves(name, rows, kind="linear"):
    points = tuple(Point(*row) for row in rows)
    return curves([Curve(name, points)], Axis(name, kind), Axis(name), name, name, Rule(3, name), Span(2, 5, name))


def of_bars(name, rows, kind="linear"):
    every = tuple(Bar(f"{name}{n}", *row[1:]) for n, row in enumerate(rows))
    return bars([Group(name, every), Group("other", every[:1])], Axis(name, kind), name, name)


def of_latencies(name, rows, kind="linear"):
    samples = [row[0] for row in rows]
    parts = (
        Axis(name, kind),
        Axis(name, percent=True),
        name,
        name,
        Rule(3, name),
        (Rule(0.5, "p50"), Rule(0.95, name)),
    )
    return latencies([Timings(name, samples), Timings("other", samples[:1])], *parts)


def of_pareto(name, rows, kind="linear"):
    return pareto([Dot(f"{name}{n}", *row) for n, row in enumerate(rows)], Axis(name, kind), Axis(name), name, name)


CHARTS = (of_curves, of_bars, of_latencies, of_pareto)
ROWS = ((1, 0.5, 0.4, 0.6), (7, 0.61, 0.5, 0.8), (300, 1 / 3, 0.1, 2 / 3), (2, 0.2))
every_chart = pytest.mark.parametrize("chart", CHARTS)


@every_chart
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_only_text(chart, name):
    plain, hostile = fromstring(chart("name", ROWS)), fromstring(chart(name, ROWS))
    known = {"svg", "title", "desc", "g", "text", "line", "path", "polyline", "polygon", "rect"}
    assert {element.tag for element in plain.iter()} | {element.tag for element in hostile.iter()} <= known
    attributes = {attribute for element in hostile.iter() for attribute in element.attrib}
    assert attributes == {attribute for element in plain.iter() for attribute in element.attrib}
    printable = "".join(mark if mark.isprintable() else " " for mark in name)
    assert [child.text for child in hostile[:2]] == [printable] * 2


@every_chart
@pytest.mark.parametrize("name", HOSTILE)
def test_no_text_leaves_the_picture(chart, name):
    root = fromstring(chart(name, ROWS))
    _, _, wide, high = map(float, root.get("viewBox").split())
    starts = {"start": 0, "middle": 0.5, "end": 1}

    def check(element, dx, dy):
        if "transform" in element.attrib:
            x, y = element.get("transform")[len("translate(") : -1].split()
            dx, dy = dx + float(x), dy + float(y)
        if element.tag == "text":
            taken = width(element.text or "") * (1.2 if element.get("class") == "heading" else 1)
            left = dx + float(element.get("x")) - taken * starts[element.get("text-anchor")]
            assert left > -1 and left + taken < wide + 1, element.text
            assert 0 < dy + float(element.get("y")) < high
        for child in element:
            check(child, dx, dy)

    check(root, 0, 0)


@every_chart
def test_the_same_data_give_the_same_bytes(chart):
    assert chart("name", ROWS) == chart("name", list(ROWS))


@every_chart
def test_numbers_have_two_decimals_at_most(chart):
    root = fromstring(chart("name", ROWS))
    numbers = [
        found
        for element in root.iter()
        for attribute, value in element.attrib.items()
        if attribute not in {"id", "aria-labelledby", "class"}
        for found in re.findall(r"\d+\.(\d+)", value)
    ]
    assert numbers and max(map(len, numbers)) <= 2


@every_chart
def test_colours_are_the_stylesheets(chart):
    root = fromstring(chart("name", ROWS))
    for element in root.iter():
        assert not {"style", "fill", "stroke", "font-size", "color"} & set(element.attrib)
        for kind in element.get("class", "").split():
            # what carries names and values has the colour and the size of all text
            assert kind == "value" or re.search(rf"\.{kind}\b", SHEET), kind


@every_chart
def test_every_reference_has_its_id_and_ids_differ_between_charts(chart):
    ids = []
    for name in ("one", "two"):
        root = fromstring(chart(name, ROWS))
        own = [element.get("id") for element in root.iter() if element.get("id")]
        assert root.get("aria-labelledby").split() == own
        ids += own
    assert len(set(ids)) == 4


@every_chart
@pytest.mark.parametrize("rows", [(), ((NAN, NAN, NAN, NAN),), ((INF, NAN),), ((NAN, INF), (NAN, -INF))])
def test_of_nothing_there_is_no_chart(chart, rows):
    assert chart("name", rows) == ""


def test_of_nothing_at_all_there_is_no_chart():
    x = Axis("", "log", low=0, high=1)
    assert curves([], x, x, "t", "a") == bars([], x, "t", "a") == ""
    assert latencies([], x, x, "t", "a") == pareto([], x, x, "t", "a") == ""
    assert bars([Group("g", (Bar("a", None),))], x, "t", "a") == ""


NUMBERS = st.one_of(
    st.floats(), st.floats(0, 1), st.floats(0, 1e4), st.sampled_from([0.0, -0.0, 1.0, 1e-300, 1e15, -1e15, NAN, INF])
)
ENDS = st.none() | NUMBERS


@every_chart
@given(
    rows=st.lists(st.tuples(NUMBERS, NUMBERS, ENDS, ENDS), max_size=10),
    kind=st.sampled_from(["linear", "log", "steps", "auto"]),
)
@settings(max_examples=60, deadline=None)
def test_no_data_break_a_chart(chart, rows, kind):
    svg = chart("name", rows, kind)
    if svg:
        assert not re.search(r"\b(nan|inf)\b", " ".join(map(str, (e.attrib for e in fromstring(svg).iter()))))
        _, _, wide, high = map(float, fromstring(svg).get("viewBox").split())
        assert wide == 480 and 200 < high < 2000


@every_chart
def test_one_point_is_a_chart(chart):
    assert "<svg" in chart("name", [(0, 0.0, 0.0, 0.0)], "log")


@every_chart
def test_more_series_than_colours_are_not_refused(chart):
    rows = [(n, n / 20) for n in range(1, 20)]
    assert chart("name", rows).count("<svg") == 1


def test_the_stylesheet_is_for_dark_screens_and_paper_too():
    light, dark = SHEET.split("@media screen and (prefers-color-scheme: dark)")
    names = set(re.findall(r"(--chart-[\w]+):", light))
    assert names == set(re.findall(r"(--chart-[\w]+):", dark.split("forced-colors")[0]))
    assert len(names) == 13


def contrast(one, other):
    """The contrast of two colours by WCAG 2.2, from 1 to 21."""

    def luminance(colour):
        digits = colour[1:] if len(colour) == 7 else "".join(mark * 2 for mark in colour[1:])
        shares = [int(digits[n : n + 2], 16) / 255 for n in (0, 2, 4)]
        linear = [share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares]
        return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", [0, 1])
def test_colours_stand_out_from_the_paper(scheme):
    block = re.findall(r":root \{(.*?)\}", SHEET, re.DOTALL)[scheme]
    colours = dict(re.findall(r"--chart-(\w+): (#\w+);", block))
    assert all(contrast(colours[str(place)], colours["paper"]) >= 3 for place in range(1, 9))
    assert min(contrast(colours[kind], colours["paper"]) for kind in ("ink", "soft")) >= 4.5
