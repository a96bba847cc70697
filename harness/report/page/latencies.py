"""Latencies: what share of the calls was answered within what time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import isnan
from xml.etree.ElementTree import Element

from harness.report.page.axes import Axis
from harness.report.page.marks import key, marker, series
from harness.report.page.picture import legend, picture
from harness.report.page.plot import HEIGHT, Plot, Rule
from harness.report.page.svg import drawable, element, number, shortened, text, width
from harness.statistics.percentiles import nearest_rank

FINEST = 240
"""Steps of a curve: one per unit of its height, however many calls there were."""

MARGIN = 80
"""Beside the plot, for the names of percentiles."""


@dataclass(frozen=True, slots=True)
class Timings:
    """What each call took; endless where no answer came, NaN where nothing was measured."""

    name: str
    samples: Sequence[float]


@dataclass(frozen=True, slots=True)
class Steps:
    """Samples in order, and how many calls there were: those without an answer are not among the samples."""

    name: str
    ordered: tuple[float, ...]
    calls: int

    @classmethod
    def of(cls, timings: Timings) -> Steps:
        """The timings in order."""
        measured = [float(sample) for sample in timings.samples if not isnan(sample)]
        return cls(timings.name, tuple(sorted(filter(drawable, measured))), len(measured))

    def percentile(self, share: float) -> float | None:
        """The nearest-rank percentile; None where that call was never answered."""
        rank = nearest_rank(self.calls, round(share * 100, 9))
        return self.ordered[rank - 1] if rank <= len(self.ordered) else None

    def ranks(self) -> list[int]:
        """The ranks, from 1, at which the curve steps up."""
        n = len(self.ordered)
        return sorted({-(-n * step // FINEST) for step in range(1, FINEST + 1)} | {1})


def latencies(
    several: Sequence[Timings],
    x: Axis,
    y: Axis,
    title: str,
    about: str,
    threshold: Rule | None = None,
    percentiles: Sequence[Rule] = (),
) -> str:
    """The empirical distribution of each system, y being shares; "" where there is no sample.

    The threshold is a line at one x; each percentile, `at` being its share, a line with a marker on every curve.
    """
    shown = {place: steps for place, timings in enumerate(several) if (steps := Steps.of(timings)).ordered}
    if not shown:
        return ""
    ends = [end for steps in shown.values() for end in (steps.ordered[0], steps.ordered[-1])]
    right = max((width(shortened(percentile.label, MARGIN)) + 8 for percentile in percentiles), default=0)
    plot = Plot.of(x, [*ends, *([threshold.at] if threshold else [])], y, (0.0, 1.0), right)
    drawn = [series(place, *_curve(place, steps, plot, percentiles)) for place, steps in shown.items()]
    keys = [key(place, steps.name, lined=True) for place, steps in shown.items()]
    block = plot.block(*_guides(percentiles, plot), *drawn, rule=threshold)
    return picture(title, about, legend(keys), block)


def _curve(place: int, steps: Steps, plot: Plot, percentiles: Sequence[Rule]) -> Iterator[Element]:
    yield element("path", d=_climb(steps, plot), class_="line")
    for percentile in percentiles:
        value = steps.percentile(percentile.at)
        if value is not None:
            about = f"{steps.name}, {percentile.label}: {plot.x.told(value)}"
            yield marker(place, *plot.place(value, percentile.at), about)


def _climb(steps: Steps, plot: Plot) -> str:
    """Right to a sample, then up to the share of calls that were answered by then."""
    start, floor = plot.place(steps.ordered[0], 0)
    places = (plot.place(steps.ordered[rank - 1], rank / steps.calls) for rank in steps.ranks())
    return f"M{number(start)} {number(floor)}" + "".join(f"H{number(x)}V{number(y)}" for x, y in places)


def _guides(percentiles: Sequence[Rule], plot: Plot) -> Iterator[Element]:
    """Their labels stand in the margin, the lower of two that would touch further down."""
    lowest = -float("inf")
    for percentile in sorted(percentiles, key=lambda percentile: -percentile.at):
        y = HEIGHT * (1 - plot.up(percentile.at))
        lowest = max(y + 5.5, lowest + 16)
        yield element("line", x1=0, y1=y, x2=plot.width, y2=y, class_="guide")
        yield text(shortened(percentile.label, MARGIN), plot.width + 8, lowest, "note")
