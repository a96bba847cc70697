"""A picture: blocks from top to bottom under a heading, with a name and a description for those who do not see it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import accumulate
from xml.etree.ElementTree import Element, tostring

from harness.report.page.marks import Key
from harness.report.page.svg import element, folded, number, text

WIDTH = 480
"""Of every picture, in its own units: the page scales it, to 328 px on a phone."""

LINE = 22
HEADING = 18
COLUMNS = 3


@dataclass(frozen=True, slots=True)
class Block:
    """Elements drawn from the block's own top left corner, and the height they need."""

    height: float
    elements: tuple[Element, ...]


def picture(title: str, about: str, *blocks: Block) -> str:
    """The SVG element, `title` being its heading too. The same content has the same ids on every machine."""
    stacked = (_heading(title), *blocks)
    *tops, height = accumulate((block.height for block in stacked), initial=0.0)
    drawn = [
        element("g", *block.elements, transform=f"translate(0 {number(top)})")
        for top, block in zip(tops, stacked, strict=True)
        if block.elements
    ]
    return tostring(_described(title, about, drawn, height), encoding="unicode")


def legend(keys: Sequence[Key]) -> Block:
    """The keys in columns of equal width, as many as the longest name leaves room for."""
    named = [key for key in keys if key.name]
    if not named:
        return Block(0, ())
    columns = int(min(max(WIDTH // max(key.width() for key in named), 1), COLUMNS, len(named)))
    room = WIDTH / columns
    drawn = tuple(
        key.draw(place % columns * room, place // columns * LINE + 16, room - 8) for place, key in enumerate(named)
    )
    return Block(-(-len(named) // columns) * LINE + 10, drawn)


def lines(content: str, x: float, y: float, kind: str, anchor: str = "start") -> Block:
    """A text that begins or has its middle at x, folded to stay in the picture, from the baseline y on."""
    folds = folded(content, WIDTH - x if anchor == "start" else 2 * min(x, WIDTH - x))
    drawn = tuple(text(fold, x, y + place * LINE, kind, anchor) for place, fold in enumerate(folds))
    return Block(len(folds) * LINE, drawn)


def _heading(title: str) -> Block:
    folds = folded(title, WIDTH, HEADING * 1.06)  # bold is wider
    drawn = tuple(text(fold, 0, 18 + place * LINE, "heading") for place, fold in enumerate(folds))
    return Block(len(folds) * LINE + 10 if folds else 0, drawn)


def _described(title: str, about: str, drawn: Sequence[Element], height: float) -> Element:
    content = "".join([title, about, *(tostring(block, encoding="unicode") for block in drawn)])
    own = f"chart-{sha256(content.encode('utf-8', 'replace')).hexdigest()[:12]}"
    return element(
        "svg",
        element("title", content=title, id=f"{own}-title"),
        element("desc", content=about, id=f"{own}-about"),
        *drawn,
        class_="chart",
        role="img",
        viewBox=f"0 0 {number(WIDTH)} {number(height)}",
        aria_labelledby=f"{own}-title {own}-about",
    )
