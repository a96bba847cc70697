"""Elements of a picture: text stays text, numbers have two decimals, names fit into the room they have."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import accumulate
from math import isfinite
from typing import TypeGuard
from unicodedata import category, east_asian_width
from xml.etree.ElementTree import Element

from harness.report.drawing import printable

SIZE = 16
"""Of all text but the heading: 11 px on a phone, where a picture of 480 units is 328 px wide."""

LARGEST = 1e15
"""What is beyond has no place on an axis."""

_NARROW, _BROAD = frozenset("iljtfrI|!.,:;'`()[]{}/\\ -"), frozenset("mwMW@%&—…")


def drawable(value: float | None) -> TypeGuard[float]:
    """Whether there is a number that a picture can show: not None, not NaN, not endless."""
    return value is not None and isfinite(value) and abs(value) <= LARGEST


def number(value: float) -> str:
    """Two decimals at most: the last digits of a float differ between machines, a report must not."""
    return f"{round(value, 2) + 0.0:.2f}".rstrip("0").rstrip(".")


def points(places: Iterable[tuple[float, float]]) -> str:
    """Coordinates as polylines and polygons want them."""
    return " ".join(f"{number(x)},{number(y)}" for x, y in places)


def element(tag: str, *children: Element, content: str = "", **attributes: str | float) -> Element:
    """An element; `class_` gives the attribute class and `text_anchor` text-anchor. `content` is its text.

    Nothing in it can become markup: the serialiser escapes it, and XML has no way to hold control characters.
    """
    made = Element(tag, {name.rstrip("_").replace("_", "-"): _value(value) for name, value in attributes.items()})
    made.text = printable(content) or None
    made.extend(children)
    return made


def text(content: str, x: float, y: float, kind: str, anchor: str = "start") -> Element:
    """A line of text of class `kind` whose baseline begins, has its middle, or ends at (x, y)."""
    return element("text", content=content, x=x, y=y, class_=kind, text_anchor=anchor)


def name(content: str, x: float, y: float, room: float, anchor: str = "start") -> Element:
    """A name, shortened where it needs more than `room`; the whole of it is told on hovering."""
    drawn = text(shortened(content, room), x, y, "name", anchor)
    if drawn.text != printable(content):
        drawn.append(element("title", content=content))
    return drawn


def width(content: str, size: float = SIZE) -> float:
    """About how wide a text will be, rather too wide: the page chooses the font."""
    return size * sum(map(_share, content))


def shortened(content: str, room: float, size: float = SIZE) -> str:
    """The text with its middle left out where it needs more than `room`: systems differ at their ends."""
    content = printable(content)
    if width(content, size) <= room:
        return content
    half = (room - width("…", size)) / 2
    return f"{_fitting(content, half, size)}…{_fitting(content[::-1], half, size)[::-1]}"


def folded(content: str, room: float, size: float = SIZE) -> list[str]:
    """The text in lines no wider than `room`, broken at spaces."""
    lines: list[str] = []
    for word in printable(content).split():
        if lines and width(f"{lines[-1]} {word}", size) <= room:
            lines[-1] += f" {word}"
        else:
            lines.append(shortened(word, room, size))
    return lines


def _value(value: str | float) -> str:
    return printable(value) if isinstance(value, str) else number(value)


def _fitting(content: str, room: float, size: float) -> str:
    """As many of the first characters as fit."""
    return content[: sum(end <= room for end in accumulate(size * _share(mark) for mark in content))]


def _share(mark: str) -> float:
    """The width of a character, as a share of the font size."""
    if category(mark) in {"Mn", "Me"}:
        return 0.0
    if mark in _BROAD or east_asian_width(mark) in {"W", "F"}:
        return 1.0
    return 0.36 if mark in _NARROW else 0.7 if mark.isupper() else 0.58
