"""Curves: how a value changes along another, with bands for what is not known better."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from xml.etree.ElementTree import Element

from harness.report.page.axes import Axis
from harness.report.page.marks import Key, band, key, line, marker, series, upright
from harness.report.page.picture import legend, picture
from harness.report.page.plot import HEIGHT, Plot, Rule
from harness.report.page.svg import drawable, element


@dataclass(frozen=True, slots=True)
class Point:
    """A value y at x, and the ends of its interval where it has one. A point that is NaN is not shown."""

    x: float
    y: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Curve:
    """The points of a series. A curve without any is not shown, and its colour is no other's."""

    name: str
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Span:
    """A range along the x axis, and what it is called."""

    low: float
    high: float
    label: str


def curves(
    several: Sequence[Curve],
    x: Axis,
    y: Axis,
    title: str,
    about: str,
    rule: Rule | None = None,
    span: Span | None = None,
) -> str:
    """Lines with a marker at every point and a band where intervals are known; "" where there is no point.

    The rule is a dashed line at one x, the span a shaded range of them.
    """
    shown = {place: curve for place, given in enumerate(several) if (curve := _drawable(given)).points}
    if not shown:
        return ""
    plot = _plot(shown.values(), x, y, (*_ends(rule), *_ends(span)))
    shade = [_shade(span, plot)] if span else []
    bands = [series(place, *_bands(curve, plot)) for place, curve in shown.items()]
    drawn = [series(place, *_line(place, curve, plot)) for place, curve in shown.items()]
    keys = [key(place, curve.name, lined=True) for place, curve in shown.items()]
    return picture(title, about, legend([*keys, *_keys(span)]), plot.block(*shade, *bands, *drawn, rule=rule))


def _drawable(curve: Curve) -> Curve:
    """From left to right."""
    points = (point for point in curve.points if drawable(point.x) and drawable(point.y))
    return Curve(curve.name, tuple(sorted(points, key=lambda point: point.x)))


def _plot(shown: Iterable[Curve], x: Axis, y: Axis, further: Iterable[float]) -> Plot:
    points = [point for curve in shown for point in curve.points]
    heights = (height for point in points for height in (point.y, point.low, point.high))
    return Plot.of(x, [*(point.x for point in points), *further], y, heights)


def _ends(marked: Rule | Span | None) -> tuple[float, ...]:
    match marked:
        case Rule():
            return (marked.at,)
        case Span():
            return marked.low, marked.high
        case None:
            return ()


def _line(place: int, curve: Curve, plot: Plot) -> Iterator[Element]:
    yield line(plot.place(point.x, point.y) for point in curve.points)
    for point in curve.points:
        yield marker(place, *plot.place(point.x, point.y), _told(curve.name, point, plot))


def _told(name: str, point: Point, plot: Plot) -> str:
    ends = [plot.y.told(end) for end in (point.low, point.high) if drawable(end)]
    interval = f" [{', '.join(ends)}]" if len(ends) == 2 else ""
    return f"{name} ({point.x:g}): {plot.y.told(point.y)}{interval}"


def _bands(curve: Curve, plot: Plot) -> Iterator[Element]:
    """An area per run of points with intervals; a whisker where the run is of one."""
    for known, run in groupby(curve.points, lambda point: drawable(point.low) and drawable(point.high)):
        if known:
            yield _band([(point.x, point.low or 0.0, point.high or 0.0) for point in run], plot)


def _band(run: list[tuple[float, float, float]], plot: Plot) -> Element:
    lower = [plot.place(x, low) for x, low, _ in run]
    upper = [plot.place(x, high) for x, _, high in run]
    return band(upper, lower) if len(run) > 1 else upright(upper[0][0], lower[0][1], upper[0][1])


def _shade(span: Span, plot: Plot) -> Element:
    (left, _), (right, _) = plot.place(span.low, 0), plot.place(span.high, 0)
    return element("rect", x=left - 3, y=0, width=right - left + 6, height=HEIGHT, class_="span")


def _keys(span: Span | None) -> list[Key]:
    return [Key(span.label, element("rect", x=-14, y=-7, width=28, height=14, class_="span"))] if span else []
