"""Marks: series look different without colours too."""

import re
from pathlib import Path

from harness.report.page.marks import SHAPES, band, key, level, marker, series, upright

SHEET = (Path(__file__).parents[3] / "harness/templates/report/charts.css").read_text("utf-8")


def test_every_series_has_a_shape_a_colour_and_a_dash_of_its_own():
    assert len(set(SHAPES)) == 8
    light, dark = (re.findall(r"--chart-[1-8]: (#\w+);", part) for part in SHEET.split("@media screen", 1))
    assert len(set(light)) == len(set(dark)) == 8
    for place in range(1, 9):
        assert f".series-{place} {{ --series: var(--chart-{place}); }}" in SHEET
    dashes = re.findall(r"\.series-[2-8] \.line \{ stroke-dasharray: ([\d ]+); \}", SHEET)
    assert len(set(dashes)) == 7


def test_after_the_last_series_the_first_comes_again():
    assert series(8).get("class") == series(0).get("class") == "series-1"
    assert marker(8).get("d") == marker(0).get("d") != marker(7).get("d")


def test_a_marker_stands_where_it_is_put_and_tells_what_it_is():
    drawn = marker(0, 10.006, 20, "a: 0.5", hollow=True)
    assert drawn.get("transform") == "translate(10.01 20)"
    assert drawn.get("class") == "marker hollow"
    assert drawn[0].text == "a: 0.5"


def test_whiskers_reach_from_end_to_end():
    assert upright(10, 50, 20).get("d").startswith("M10 50V20")
    assert level(10, 20, 50).get("d").startswith("M20 10H50")


def test_a_band_goes_along_its_upper_line_and_back_along_the_lower_one():
    assert band([(0, 1), (9, 2)], [(0, 5), (9, 6)]).get("points") == "0,1 9,2 9,6 0,5"


def test_the_key_of_a_line_shows_a_line():
    assert [child.get("class") for child in key(0, "a", lined=True).sign] == ["line", "marker"]
    assert [child.get("class") for child in key(0, "a").sign] == ["marker"]
