"""Pictures: blocks below one another, and a name and a description for those who do not see them."""

from xml.etree.ElementTree import fromstring

from harness.report.page.marks import key
from harness.report.page.picture import WIDTH, Block, legend, lines, picture
from harness.report.page.svg import element


def block(height):
    return Block(height, (element("rect"),))


def test_blocks_stand_below_one_another_and_the_picture_is_as_high_as_all():
    root = fromstring(picture("", "about", block(30), Block(0, ()), block(50)))
    assert [child.get("transform") for child in root if child.tag == "g"] == ["translate(0 0)", "translate(0 30)"]
    assert root.get("viewBox") == "0 0 480 80"


def test_a_picture_scales_with_the_page():
    root = fromstring(picture("t", "a", block(30)))
    assert "width" not in root.attrib and "height" not in root.attrib


def test_it_has_a_name_and_a_description():
    root = fromstring(picture("a < b", 'said "so"', block(30)))
    assert root.get("role") == "img"
    told = {child.get("id"): child.text for child in root if child.tag in {"title", "desc"}}
    assert [told[own] for own in root.get("aria-labelledby").split()] == ["a < b", 'said "so"']


def test_the_name_is_the_heading_too_in_as_many_lines_as_it_needs():
    root = fromstring(picture("word " * 40, "", block(30)))
    headings = [found for found in root.iter("text") if found.get("class") == "heading"]
    assert " ".join(found.text for found in headings).split() == ["word"] * 40
    heights = [float(found.get("y")) for found in headings]
    assert len(heights) > 3 and heights == sorted(set(heights))
    blocks = [child for child in root if child.tag == "g"]
    assert blocks[1].get("transform") == f"translate(0 {int(heights[-1]) + 14})"


def test_ids_are_the_same_everywhere_and_others_for_other_pictures():
    first, again, other = picture("t", "a", block(30)), picture("t", "a", block(30)), picture("t", "b", block(30))
    assert first == again
    assert fromstring(first).get("aria-labelledby") != fromstring(other).get("aria-labelledby")


def test_short_names_stand_beside_one_another_and_long_ones_below():
    short = legend([key(n, f"s{n}") for n in range(4)])
    long = legend([key(n, "qwen3-vl-2b+dense+qwen3-vl-reranker-2b") for n in range(4)])
    assert short.height < long.height
    assert [drawn.get("x") for block in short.elements for drawn in block.iter("text")] == ["40", "200", "360", "40"]
    assert {drawn.get("x") for block in long.elements for drawn in block.iter("text")} == {"40"}


def test_a_legend_of_nothing_takes_no_room():
    assert legend([]) == legend([key(0, "")]) == Block(0, ())


def test_lines_stand_below_one_another():
    drawn = lines("one two three " * 20, 10, 16, "label")
    heights = [float(found.get("y")) for found in drawn.elements]
    assert heights[:2] == [16, 38] and drawn.height == 22 * len(heights)
    assert WIDTH == 480
