"""The categories of the plan, and where pictures are looked for."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.data.formats.content import category_of, content_of, image_of
from harness.data.formats.lines import Row
from harness.errors import BadData


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("이차함수 $y = x^2 - 4x + 3$의 그래프를 그리시오.", "latex"),
        ("다음을 구하시오. $$\\sum_{k=1}^{n} k$$", "latex"),
        (r"\frac{1}{2}의 값은?", "latex"),
        (r"값 \(x\)를 구하시오.", "latex"),
        (r"\[x = 1\]", "latex"),
        ("이차함수 y = x² - 4x + 3의 그래프를 그리시오.", "text"),
        ("A pen costs $5 and a book $6.", "text"),
        ("It is $5,$6 or $7.", "text"),
        ("100 \\ 3", "text"),
        ("", "text"),
    ],
)
def test_latex_is_told_from_words_and_prices(text: str, category: str) -> None:
    assert category_of(text, has_image=False) == category
    assert category_of(text, has_image=True) == "image"


def test_a_picture_is_found_with_and_without_its_folder(tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "a.png").touch()
    row = Row("f", {})
    assert image_of(row, tmp_path, "a.png") == image_of(row, tmp_path, "images/a.png") == tmp_path / "images" / "a.png"
    assert image_of(row, tmp_path, "") is None


def test_what_shows_nothing_is_refused() -> None:
    with pytest.raises(BadData, match=r"^f: has neither text nor picture$"):
        content_of(Row("f", {}), " \n", None)
