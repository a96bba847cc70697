"""Places for names: none over another, over a dot, a whisker or a line, none outside."""

from hypothesis import given
from hypothesis import strategies as st

from harness.report.page.places import Box, Spot, beside
from harness.report.page.svg import width

RIGHT, BOTTOM = 400, 240
STARTS = {"start": 0, "middle": 0.5, "end": 1}
NAMES = st.sampled_from(["a", "bm25", "qwen3-vl-2b+dense", "이름이 긴 시스템", "x" * 90])


@st.composite
def spots(draw):
    x, y = draw(st.floats(0, RIGHT)), draw(st.floats(0, BOTTOM))
    return Spot(draw(NAMES), x, y, max(0, y - draw(st.floats(0, 60))), min(BOTTOM, y + draw(st.floats(0, 60))))


def area(text):
    wide = width(text.text)
    left = float(text.get("x")) - wide * STARTS[text.get("text-anchor")]
    # letters reach a little less high and less deep than the place that is kept for them
    return left, float(text.get("y")) - 12, left + wide, float(text.get("y")) + 4


def touch(a, b):
    return a[0] < b[2] - 0.02 and b[0] < a[2] - 0.02 and a[1] < b[3] - 0.02 and b[1] < a[3] - 0.02


@given(st.lists(spots(), max_size=9), st.lists(st.tuples(st.floats(0, RIGHT), st.floats(0, BOTTOM)), max_size=2))
def test_names_cover_nothing(several, corners):
    lines = [(corners[0], (corners[1][0], corners[0][1]))] if len(corners) == 2 else []
    found = beside(dict(enumerate(several)), lines, RIGHT, BOTTOM)
    areas = [area(text) for text in found.values()]
    for own in areas:
        assert own[0] >= -0.02 and own[1] >= 0 and own[2] <= RIGHT + 0.02 and own[3] <= BOTTOM
        assert not any(touch(own, (spot.x - 6, spot.y - 6, spot.x + 6, spot.y + 6)) for spot in several)
        assert not any(touch(own, (spot.x - 1, spot.top, spot.x + 1, spot.bottom)) for spot in several)
        for (x, y), (end, _) in lines:
            assert not touch(own, (min(x, end), y - 0.5, max(x, end), y + 0.5))
    assert not any(touch(a, b) for n, a in enumerate(areas) for b in areas[:n])


def test_a_name_stands_right_of_its_dot_where_nothing_is():
    found = beside({3: Spot("bm25", 100, 100, 90, 110)}, [], RIGHT, BOTTOM)
    assert found[3].get("text-anchor") == "start" and 100 < float(found[3].get("x")) < 115


def test_a_name_at_the_right_edge_stands_left_of_its_dot():
    found = beside({0: Spot("bm25", RIGHT - 5, 100, 90, 110)}, [], RIGHT, BOTTOM)
    assert found[0].get("text-anchor") == "end"


def test_a_line_through_the_dot_moves_the_name_off_the_line():
    spot = {0: Spot("bm25", 100, 100, 100, 100)}
    free = beside(spot, [], RIGHT, BOTTOM)[0]
    moved = beside(spot, [((0, 100), (RIGHT, 100))], RIGHT, BOTTOM)[0]
    assert float(moved.get("y")) < float(free.get("y"))


def test_the_first_choose_first_and_who_finds_no_place_gets_none():
    crowd = {place: Spot("a name of some length", 200 + place, 120, 0, BOTTOM) for place in (4, 1, 0, 2, 3)}
    found = beside(crowd, [], RIGHT, BOTTOM)
    assert 4 in found and len(found) < len(crowd)


def test_boxes_that_only_touch_do_not_meet():
    assert not Box(0, 0, 10, 10).meets(Box(10, 0, 20, 10))
    assert Box(0, 0, 10, 10).meets(Box(9, 9, 20, 20))
    assert not Box(0, 0, 10, 10).meets(Box(0, 10, 10, 20))
