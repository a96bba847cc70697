"""What an item or a query shows: a text, a picture, and the category of the plan that follows from them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from harness.data.formats.lines import Row
from harness.data.images import safe_path
from harness.data.model import Item, Query
from harness.errors import BadData

_LATEX = re.compile(
    r"""\\[(\[]                                      # \( ... \)  \[ ... \]
    | \\[a-zA-Z]{2,}                                # \frac  \sqrt  \begin
    | \$\$ .+? \$\$
    | \$ (?!\s) [^$\n]*? (?<![\s\\]) \$ (?!\d)      # $x^2$, not "$5 and $6": pandoc's inline rule
    """,
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Content:
    """A text and the absolute path of a picture, at least one of them."""

    text: str
    image: Path | None

    @property
    def category(self) -> str:
        return category_of(self.text, self.image is not None)


def category_of(text: str, has_image: bool) -> str:
    """`image` where there is a picture, else `latex` where the text holds LaTeX, else `text`."""
    if has_image:
        return "image"
    return "latex" if _LATEX.search(text) else "text"


def content_of(row: Row, text: str, image: Path | None) -> Content:
    """Raises BadData when there is nothing to see."""
    if image is None and not text.strip():
        raise row.error("has neither text nor picture")
    return Content(text, image)


def image_of(row: Row, folder: Path, relative: str) -> Path | None:
    """The picture that a row names, None for an empty name; looked for in the folder and in its images/.

    The plan's two examples write it either way. Raises BadData when it does not exist or lies outside.
    """
    if not relative:
        return None
    for name in (relative, f"images/{relative}"):
        try:
            place = safe_path(folder, name)
        except BadData as error:
            raise row.error(str(error)) from None
        if place.is_file():
            return place
    raise row.error(f"picture {relative!r} does not exist")


def pictures_of(shown: Iterable[Item | Query]) -> list[Path]:
    """The files of all pictures, each once, in the order of their paths."""
    return sorted({one.image for one in shown if one.image})
