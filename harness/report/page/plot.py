"""A plot: the room where two axes meet, its quiet grid, and the words around it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from xml.etree.ElementTree import Element

from harness.report.page.axes import Axis, Scale
from harness.report.page.picture import LINE, WIDTH, Block, lines
from harness.report.page.svg import element, number, shortened, text, width

HEIGHT = 240
INSET = 14
"""From the ends of the x axis to the grid's: a marker at an end stands inside."""

GAP = 14
MOST = 7


@dataclass(frozen=True, slots=True)
class Rule:
    """A value that everything is held against, and what it is called."""

    at: float
    label: str


@dataclass(frozen=True, slots=True)
class Plot:
    """Two axes with their scales; places are counted from the top left corner of the grid."""

    x: Axis
    y: Axis
    across: Scale
    up: Scale
    left: float
    width: float

    @classmethod
    def of(cls, x: Axis, xs: Iterable[float | None], y: Axis, ys: Iterable[float | None], right: float = 0) -> Plot:
        """A plot in which these values have a place, one of each at least; `right` is kept free beside it."""
        up = y.scale(ys, 6)
        left = max(map(width, y.labels(up))) + 8
        across = sparse(x, list(xs), WIDTH - left - right - 2 * INSET)
        end = max(right, width(x.labels(across)[-1]) / 2 - INSET)
        return cls(x, y, across, up, left, WIDTH - left - end)

    def place(self, x: float, y: float) -> tuple[float, float]:
        """Where a point stands."""
        return INSET + self.across(x) * (self.width - 2 * INSET), HEIGHT * (1 - self.up(y))

    def block(self, *drawn: Element, rule: Rule | None = None) -> Block:
        """The plot with what is drawn in it, the rule as a line across all of it."""
        head = lines(self.y.label, 0, 16, "label")
        top = head.height + 12 + (LINE if rule else 0)
        inner = (*self._grid(), *self._foot(), *([self._rule(rule)] if rule else []), *drawn)
        foot = lines(self.x.label, self.left + self.width / 2, top + HEIGHT + 25 + LINE, "label", "middle")
        moved = element("g", *inner, transform=f"translate({number(self.left)} {number(top)})")
        return Block(top + HEIGHT + 36 + foot.height, (*head.elements, moved, *foot.elements))

    def _grid(self) -> Iterator[Element]:
        for mark, label in zip(self.up.marks, self.y.labels(self.up), strict=True):
            y = HEIGHT * (1 - self.up(mark))
            yield element("line", x1=0, y1=y, x2=self.width, y2=y, class_="grid")
            yield text(label, -8, y + 5.5, "tick", "end")

    def _foot(self) -> Iterator[Element]:
        for mark, label in zip(self.across.marks, self.x.labels(self.across), strict=True):
            x, _ = self.place(mark, 0)
            yield element("line", x1=x, y1=HEIGHT, x2=x, y2=HEIGHT + 5, class_="axis")
            yield text(label, x, HEIGHT + 24, "tick", "middle")

    def _rule(self, rule: Rule) -> Element:
        """The label stands over the line, moved inwards where it would leave the picture."""
        x, _ = self.place(rule.at, 0)
        label = shortened(rule.label, WIDTH)
        half = width(label) / 2
        middle = min(max(x, half - self.left), WIDTH - self.left - half)
        line = element("line", x1=x, y1=-6, x2=x, y2=HEIGHT, class_="rule")
        return element("g", line, text(label, middle, -12, "note", "middle"))


def sparse(axis: Axis, values: list[float | None], room: float) -> Scale:
    """The scale with as many marks as have room for their labels side by side."""
    scales = [axis.scale(values, most) for most in range(MOST, 2, -1)]
    return next((scale for scale in scales if _are_apart(axis, scale, room)), scales[-1])


def _are_apart(axis: Axis, scale: Scale, room: float) -> bool:
    marks = [(scale(mark) * room, width(label)) for mark, label in zip(scale.marks, axis.labels(scale), strict=True)]
    return all(x + (own + other) / 2 + GAP <= y for (x, own), (y, other) in pairwise(marks))
