"""Bars: values by group, one bar per system, always from zero, with a whisker for the interval."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from harness.report.page.axes import Axis, Scale
from harness.report.page.marks import key, level, marker, series
from harness.report.page.picture import LINE, WIDTH, Block, legend, lines, picture
from harness.report.page.plot import sparse
from harness.report.page.svg import drawable, element, shortened, text, width

LEFT = 22
"""The room of the markers, which say whose bar it is where there are no colours."""

ROW = 20
THICK = 12
HEAD = 28
ABSENT = "–"


@dataclass(frozen=True, slots=True)
class Bar:
    """A system's value in one group, and its interval where it has one; None or NaN where there is no value."""

    name: str
    value: float | None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """The bars of one group, from top to bottom."""

    name: str
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Lanes:
    """Where bars lie: a scale across, the column of the values to its right, and the series by name."""

    axis: Axis
    across: Scale
    right: float
    places: Mapping[str, int]

    def at(self, value: float) -> float:
        """Where a value stands, from the left edge of the picture."""
        return LEFT + self.across(value) * (self.right - LEFT)


def bars(groups: Sequence[Group], value: Axis, title: str, about: str) -> str:
    """Groups below one another, a bar per system with its value beside it; "" where there is no value.

    A system has the place of its first appearance, in the legend and among the colours.
    """
    every = [bar for group in groups for bar in group.bars]
    if not any(drawable(bar.value) for bar in every):
        return ""
    lanes = _lanes(every, value)
    keys = [key(place, name) for name, place in lanes.places.items()]
    return picture(title, about, legend(keys), _block(groups, lanes))


def _lanes(every: Sequence[Bar], value: Axis) -> Lanes:
    column = max(width(_told(bar, value)) for bar in every)
    right = WIDTH - column - 10
    ends = [0.0, *(end for bar in every for end in (bar.value, bar.low, bar.high))]
    names = dict.fromkeys(bar.name for bar in every)
    return Lanes(value, sparse(value, ends, right - LEFT), right, {name: place for place, name in enumerate(names)})


def _block(groups: Sequence[Group], lanes: Lanes) -> Block:
    drawn: list[Element] = []
    top = 0.0
    for group in groups:
        drawn.append(text(shortened(group.name, WIDTH), 0, top + 18, "group"))
        drawn += [_bar(bar, top + HEAD + row * ROW + ROW / 2, lanes) for row, bar in enumerate(group.bars)]
        top += HEAD + len(group.bars) * ROW + 8
    label = lines(lanes.axis.label, (LEFT + lanes.right) / 2, top + 25 + LINE, "label", "middle")
    return Block(top + 36 + label.height, (*_grid(lanes, top), *drawn, *label.elements))


def _grid(lanes: Lanes, height: float) -> Iterator[Element]:
    for mark, label in zip(lanes.across.marks, lanes.axis.labels(lanes.across), strict=True):
        x = lanes.at(mark)
        yield element("line", x1=x, y1=HEAD, x2=x, y2=height, class_="axis" if mark == 0 else "grid")
        yield text(label, x, height + 20, "tick", "middle")


def _bar(bar: Bar, y: float, lanes: Lanes) -> Element:
    place, told = lanes.places[bar.name], text(_told(bar, lanes.axis), WIDTH, y + 5.5, "value", "end")
    if not drawable(bar.value):
        return series(place, marker(place, 8, y, bar.name, hollow=True), told)
    left, right = sorted((lanes.at(0), lanes.at(bar.value)))
    area = element("rect", x=left, y=y - THICK / 2, width=right - left, height=THICK, class_="bar")
    return series(place, marker(place, 8, y, bar.name), area, *_whisker(bar, y, lanes), told)


def _whisker(bar: Bar, y: float, lanes: Lanes) -> Iterator[Element]:
    if drawable(bar.low) and drawable(bar.high):
        yield level(y, lanes.at(bar.low), lanes.at(bar.high))


def _told(bar: Bar, axis: Axis) -> str:
    return axis.told(bar.value) if drawable(bar.value) else ABSENT
