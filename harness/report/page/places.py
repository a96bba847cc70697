"""Places for names: beside their dots, where they cover no other name, no dot, whisker or line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, starmap
from typing import TypeAlias
from xml.etree.ElementTree import Element

from harness.report.page.svg import name, shortened, width

TALL = 18
ASIDE, ABOVE = 11, 6
REACH = 8
"""Of a marker, from its middle."""

SHARE = 0.55
"""Of the plot's width that a name may take."""

Point: TypeAlias = tuple[float, float]

_STARTS = {"start": 0.0, "middle": 0.5, "end": 1.0}


@dataclass(frozen=True, slots=True)
class Spot:
    """A dot at (x, y) with its name, its whisker reaching from `top` down to `bottom`."""

    name: str
    x: float
    y: float
    top: float
    bottom: float


@dataclass(frozen=True, slots=True)
class Box:
    """What is taken."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: Box) -> bool:
        """Whether the two share any of their area."""
        beside = self.right <= other.left or other.right <= self.left
        return not (beside or self.bottom <= other.top or other.bottom <= self.top)

    def lies_in(self, right: float, bottom: float) -> bool:
        """Whether all of it is within a plot of this size."""
        return min(self.left, self.top) >= 0 and self.right <= right and self.bottom <= bottom


@dataclass(frozen=True, slots=True)
class Place:
    """A baseline, and which part of the name stands at x."""

    x: float
    y: float
    anchor: str

    def box(self, wide: float) -> Box:
        """What a name of this width takes here."""
        left = self.x - wide * _STARTS[self.anchor]
        return Box(left, self.y + 5 - TALL, left + wide, self.y + 5)


def beside(
    spots: Mapping[int, Spot], lines: Iterable[tuple[Point, Point]], right: float, bottom: float
) -> dict[int, Element]:
    """The names that find a place in a plot of this size, off the level and upright lines in it too.

    The first spots choose first.
    """
    taken = [*chain.from_iterable(map(_taken, spots.values())), *starmap(_along, lines)]
    found: dict[int, Element] = {}
    for own, spot in spots.items():
        wide = width(shortened(spot.name, right * SHARE))
        free = (place for place in _around(spot) if _is_free(place.box(wide), taken, right, bottom))
        if place := next(free, None):
            taken.append(place.box(wide))
            found[own] = name(spot.name, place.x, place.y, right * SHARE, place.anchor)
    return found


def _taken(spot: Spot) -> Iterator[Box]:
    yield Box(spot.x - REACH, spot.y - REACH, spot.x + REACH, spot.y + REACH)
    yield Box(spot.x - ABOVE, spot.top, spot.x + ABOVE, spot.bottom)


def _along(start: Point, end: Point) -> Box:
    (left, right), (top, bottom) = (sorted(ends) for ends in zip(start, end, strict=True))
    return Box(left - 1, top - 1, right + 1, bottom + 1)


def _is_free(box: Box, taken: list[Box], right: float, bottom: float) -> bool:
    return box.lies_in(right, bottom) and not any(map(box.meets, taken))


def _around(spot: Spot) -> Iterator[Place]:
    """Best places first: on the line of the dot, then above and below that line, then beyond the whisker."""
    middle = spot.y + TALL / 2 - 4
    for y in (middle, middle - TALL * 0.7, middle + TALL * 0.7):
        yield Place(spot.x + ASIDE, y, "start")
        yield Place(spot.x - ASIDE, y, "end")
    for y in (spot.top - ABOVE, spot.bottom + ABOVE + TALL - 5):
        yield Place(spot.x, y, "middle")
        yield Place(spot.x + REACH, y, "end")
        yield Place(spot.x - REACH, y, "start")
