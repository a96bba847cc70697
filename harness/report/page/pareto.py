"""The trade-off: what a system gives against what it costs, and the front of those that nothing else beats."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise
from xml.etree.ElementTree import Element

from harness.report.page.axes import Axis
from harness.report.page.marks import key, line, marker, series, upright
from harness.report.page.picture import legend, picture
from harness.report.page.places import Spot, beside
from harness.report.page.plot import HEIGHT, Plot
from harness.report.page.svg import drawable


@dataclass(frozen=True, slots=True)
class Dot:
    """A system: its cost x, its worth y, and the interval of the worth where it has one."""

    name: str
    x: float
    y: float
    low: float | None = None
    high: float | None = None

    def beats(self, other: Dot) -> bool:
        """Whether it is nowhere worse and somewhere better."""
        return self.x <= other.x and self.y >= other.y and (self.x, self.y) != (other.x, other.y)


def pareto(dots: Sequence[Dot], x: Axis, y: Axis, title: str, about: str) -> str:
    """Dots with whiskers, filled on the front and hollow behind it, the front as a line of steps; "" without dots.

    Names stand beside their dots; those that find no room there stand in a legend.
    """
    shown = {place: dot for place, dot in enumerate(dots) if drawable(dot.x) and drawable(dot.y)}
    if not shown:
        return ""
    front = [place for place, dot in shown.items() if not any(other.beats(dot) for other in shown.values())]
    plot = _plot(shown.values(), x, y)
    spots = {place: _spot(shown[place], plot) for place in (*front, *(place for place in shown if place not in front))}
    steps = _steps([shown[place] for place in front], plot)
    names = beside(spots, pairwise(steps), plot.width, HEIGHT)
    keys = [key(place, dot.name, hollow=place not in front) for place, dot in shown.items() if place not in names]
    drawn = [series(place, *_dot(place, dot, plot, hollow=place not in front)) for place, dot in shown.items()]
    return picture(title, about, legend(keys), plot.block(line(steps, "front"), *drawn, *names.values()))


def _plot(shown: Collection[Dot], x: Axis, y: Axis) -> Plot:
    heights = [height for dot in shown for height in (dot.y, dot.low, dot.high)]
    return Plot.of(x, [dot.x for dot in shown], y, heights)


def _spot(dot: Dot, plot: Plot) -> Spot:
    ends = [plot.place(dot.x, end)[1] for end in (dot.y, dot.low, dot.high) if drawable(end)]
    return Spot(dot.name, *plot.place(dot.x, dot.y), min(ends), max(ends))


def _dot(place: int, dot: Dot, plot: Plot, *, hollow: bool) -> Iterator[Element]:
    x, y = plot.place(dot.x, dot.y)
    if drawable(dot.low) and drawable(dot.high):
        yield upright(x, plot.place(dot.x, dot.low)[1], plot.place(dot.x, dot.high)[1])
    yield marker(place, x, y, f"{dot.name}: {plot.x.told(dot.x)}, {plot.y.told(dot.y)}", hollow=hollow)


def _steps(front: Sequence[Dot], plot: Plot) -> list[tuple[float, float]]:
    """From the cheapest dot to the right: what can be had for a cost is what the last dot before it gives."""
    places = [plot.place(dot.x, dot.y) for dot in sorted(front, key=lambda dot: dot.x)]
    corners = [((x, y), (after, y)) for (x, y), (after, _) in pairwise([*places, (plot.width, 0.0)])]
    return list(chain.from_iterable(corners))
