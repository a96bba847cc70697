"""The album: each picture once with its sides, and what is no picture refused by its name."""

import io
from base64 import b64encode

import pytest
from PIL import Image

from harness.errors import BadData
from harness.report.cases import Cases
from harness.report.page.album import Picture, album


def uri(width, height, kind):
    file = io.BytesIO()
    Image.new("RGB", (width, height), "red").save(file, kind)
    return f"data:image/{kind};base64,{b64encode(file.getvalue()).decode()}"


def holding(**pictures):
    return Cases((), {}, {}, pictures)


@pytest.mark.parametrize("kind", ["png", "jpeg", "webp"])
def test_a_picture_has_its_sides(kind):
    whole = uri(7, 3, kind)
    assert album([holding(p1=whole)]) == {"p1": Picture(whole, 7, 3)}


def test_the_pictures_of_all_cases_are_in_it_each_once():
    one, two = uri(1, 2, "png"), uri(3, 4, "png")
    assert list(album([holding(p1=one), holding(p2=two, p1=one)])) == ["p1", "p2"]
    assert album([]) == {}


@pytest.mark.parametrize("content", ["AAAA", "", "no base64 at all", "%%%"])
def test_what_is_no_picture_is_named(content):
    with pytest.raises(BadData, match="^the picture 'p1' of the error cases cannot be read$"):
        album([holding(p1=f"data:image/png;base64,{content}")])
