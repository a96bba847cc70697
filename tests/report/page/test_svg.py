"""Elements: what is data stays text, numbers are short, names fit."""

from xml.etree.ElementTree import fromstring, tostring

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.report.page.svg import drawable, element, folded, name, number, points, shortened, text, width


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0.0, "0"), (-0.0, "0"), (-0.001, "0"), (1.005001, "1.01"), (10.0, "10"), (100.10, "100.1"), (-2.5, "-2.5")],
)
def test_numbers_have_two_decimals_at_most(value, shown):
    assert number(value) == shown


def test_points_are_pairs():
    assert points([(0, 1.005001), (-3.14159, 2)]) == "0,1.01 -3.14,2"


@pytest.mark.parametrize("value", [None, float("nan"), float("inf"), -float("inf"), 1e300])
def test_what_is_no_number_or_beyond_all_axes_is_not_drawable(value):
    assert not drawable(value)


def test_zero_is_drawable():
    assert drawable(0) and drawable(-0.5)


@given(st.text())
def test_any_text_is_only_text(content):
    made = element("text", element("title", content=content), content=content, class_=content)
    read = fromstring(tostring(made, encoding="unicode"))
    assert [child.tag for child in read.iter()] == ["text", "title"]
    printable = "".join(mark if mark.isprintable() else " " for mark in content)
    assert (read.text or "", read[0].text or "", read.get("class")) == (printable, printable, printable)


def test_attribute_names_are_those_of_svg():
    made = element("text", class_="tick", text_anchor="end", x=0.123)
    assert made.attrib == {"class": "tick", "text-anchor": "end", "x": "0.12"}


def test_a_name_that_fits_is_whole_and_one_that_does_not_tells_itself_on_hovering():
    assert len(name("bm25", 0, 0, 100)) == 0
    cut = name("a-name-that-is-far-too-long", 0, 0, 100)
    assert cut.text.startswith("a-n") and cut.text.endswith("ong") and "…" in cut.text
    assert cut[0].tag == "title" and cut[0].text == "a-name-that-is-far-too-long"


def test_korean_is_wider_than_latin_and_what_stands_above_letters_takes_nothing():
    assert width("가나") > width("ab")
    assert width("e\u0301") == width("e")
    assert width("가", 32) == 2 * width("가", 16) == 32


@given(st.text(max_size=120), st.floats(40, 500))
def test_a_shortened_text_fits_and_keeps_both_ends(content, room):
    short = shortened(content, room)
    assert width(short) <= room
    head, mark, tail = short.partition("…")
    if mark and "…" not in content:
        plain = "".join(letter if letter.isprintable() else " " for letter in content)
        assert plain.startswith(head) and plain.endswith(tail)


def test_a_text_that_fits_exactly_is_not_shortened():
    assert shortened("abc", width("abc")) == "abc"
    assert shortened("abcdefgh", width("abcdefgh") - 1) != "abcdefgh"


@given(st.text(alphabet="ab 가나\n", max_size=200))
def test_folding_loses_no_word_and_no_line_is_too_wide(content):
    lines = folded(content, 120)
    assert all(width(line) <= 120 for line in lines)
    if all(width(word) <= 120 for word in content.split()):
        assert " ".join(lines).split() == content.split()


def test_lines_are_filled():
    assert folded("one two three", width("one two")) == ["one two", "three"]


def test_a_text_has_a_place_a_class_and_an_anchor():
    assert text("0.5", 1, 2, "tick", "end").attrib == {"x": "1", "y": "2", "class": "tick", "text-anchor": "end"}
