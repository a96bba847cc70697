"""Marks of a series: its shape, its line, its whisker. Colours and dashes are the stylesheet's, by class."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from harness.report.page.svg import element, name, number, points, width

SHAPES = (
    "M-5.5 0a5.5 5.5 0 1 0 11 0a5.5 5.5 0 1 0-11 0z",  # circle
    "M-5-5h10v10h-10z",  # square
    "M0-6.5l6.5 11.5h-13z",  # triangle
    "M0-7.5l6 7.5-6 7.5-6-7.5z",  # diamond
    "M0 6.5l6.5-11.5h-13z",  # triangle on its tip
    "M-2-6h4v4h4v4h-4v4h-4v-4h-4v-4h4z",  # plus
    "M0-6.5l6.2 4.5-2.4 7.3h-7.6l-2.4-7.3z",  # pentagon
    "M-6-3l3-3 3 3 3-3 3 3-3 3 3 3-3 3-3-3-3 3-3-3 3-3z",  # cross
)
"""One outline per series, about the origin: what tells series apart where there are no colours."""

CAP = 3.5
KEY = 40
"""The room of a sign in a legend."""


@dataclass(frozen=True, slots=True)
class Key:
    """A line of a legend; the sign is drawn about the middle of its room."""

    name: str
    sign: Element

    def width(self) -> float:
        """Sign, name, and what keeps it from the next."""
        return KEY + width(self.name) + 16

    def draw(self, x: float, y: float, room: float) -> Element:
        """The key from (x, y) on; y is the baseline of the name."""
        sign = element("g", self.sign, transform=f"translate({number(x + KEY / 2 - 4)} {number(y - 5.5)})")
        return element("g", sign, name(self.name, x + KEY, y, room - KEY))


def series(place: int, *children: Element) -> Element:
    """What belongs to the series at this place, from 0; after the last colour the first comes again."""
    return element("g", *children, class_=f"series-{place % len(SHAPES) + 1}")


def marker(place: int, x: float = 0, y: float = 0, about: str = "", *, hollow: bool = False) -> Element:
    """The shape of the series at this place; `about` is told on hovering."""
    told = [element("title", content=about)] if about else []
    return element(
        "path",
        *told,
        d=SHAPES[place % len(SHAPES)],
        class_="marker hollow" if hollow else "marker",
        transform=f"translate({number(x)} {number(y)})",
    )


def line(places: Iterable[tuple[float, float]], kind: str = "line") -> Element:
    """A line from place to place."""
    return element("polyline", points=points(places), class_=kind)


def band(upper: Sequence[tuple[float, float]], lower: Sequence[tuple[float, float]]) -> Element:
    """The area between two lines of the same length."""
    return element("polygon", points=points([*upper, *reversed(lower)]), class_="band")


def upright(x: float, low: float, high: float) -> Element:
    """A whisker from one height to another."""
    return element(
        "path", d=f"M{number(x)} {number(low)}V{number(high)}{_cap(x, low)}{_cap(x, high)}", class_="whisker"
    )


def _cap(x: float, y: float) -> str:
    return f"M{number(x - CAP)} {number(y)}h{number(2 * CAP)}"


def level(y: float, left: float, right: float) -> Element:
    """A whisker from left to right."""
    caps = "".join(f"M{number(x)} {number(y - CAP)}v{number(2 * CAP)}" for x in (left, right))
    return element("path", d=f"M{number(left)} {number(y)}H{number(right)}{caps}", class_="whisker")


def key(place: int, title: str, *, lined: bool = False, hollow: bool = False) -> Key:
    """The key of the series at this place; `lined` where it is drawn as a line."""
    strokes = [line([(-15, 0), (15, 0)])] if lined else []
    return Key(title, series(place, *strokes, marker(place, hollow=hollow)))
