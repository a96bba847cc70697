"""Axes: where a value stands along one, and at which round numbers a reader finds it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, count
from math import ceil, floor, log10
from types import MappingProxyType
from typing import Literal

import numpy as np

from harness.report.page.svg import drawable

Kind = Literal["linear", "log", "steps", "auto"]
"""Where values stand: evenly, by their logarithm, each a step from the next, or as their spread asks for."""

SPREAD = 20
"""The largest so many times the smallest: from here on, `auto` is logarithmic."""

LEAST = 1e-6
"""Zero has no logarithm: it stands at the low end of an axis that must be logarithmic, which is never below this."""

_NEARLY = 1e-9
_DECIMALS = 10


@dataclass(frozen=True, slots=True)
class Scale:
    """A value's place between 0 and 1; what is beyond the ends stands at them. Marks ascend."""

    marks: tuple[float, ...]
    low: float
    high: float
    rise: Callable[[float], float]

    def __call__(self, value: float) -> float:
        """The place of a value."""
        low, high = self.rise(self.low), self.rise(self.high)
        return (self.rise(min(max(value, self.low), self.high)) - low) / (high - low)


@dataclass(frozen=True, slots=True)
class Axis:
    """What an axis says and how: its range covers the data, and `low` and `high` where they are given.

    `percent` shows shares as percentages; `digits` are the decimals of a share or a number that is told exactly.
    """

    label: str
    kind: Kind = "linear"
    low: float | None = None
    high: float | None = None
    percent: bool = False
    digits: int = 3

    def scale(self, values: Iterable[float | None], most: int) -> Scale:
        """The scale over the values that can be drawn, one at least, with at most so many marks (three or more)."""
        shown = [float(value) for value in (*values, self.low, self.high) if drawable(value)]
        kind = _fitting(shown) if self.kind == "auto" else self.kind
        return _SCALES[kind](shown, most)

    def labels(self, scale: Scale) -> list[str]:
        """The marks as text; where they are evenly spaced, all with the same decimals."""
        values = [mark * 100 if self.percent else mark for mark in scale.marks]
        needed = [_decimals(value) for value in values]
        even = max(needed) if scale.rise is float else 0
        sign = "%" if self.percent else ""
        return [f"{value:,.{even or own}f}{sign}" for value, own in zip(values, needed, strict=True)]

    def told(self, value: float) -> str:
        """A value as precisely as the report tells it."""
        if self.percent:
            return f"{value * 100:,.{max(self.digits - 2, 0)}f}%"
        return f"{value:,.{self.digits}f}"


def _fitting(values: Sequence[float]) -> Kind:
    """Zero has an honest place on a linear axis only."""
    return "log" if 0 < SPREAD * min(values) < max(values) else "linear"


def _linear(values: Sequence[float], most: int) -> Scale:
    """From one round number to another."""
    low, high = _apart(min(values), max(values))
    step, rungs = next(rungs for rungs in _ladders(low, high, (high - low) / most) if len(rungs[1]) <= most)
    marks = tuple(round(rung * step, _DECIMALS) for rung in rungs)
    return Scale(marks, marks[0], marks[-1], float)


def _apart(low: float, high: float) -> tuple[float, float]:
    """Equal values, or values that differ by rounding, stand in the middle of some room."""
    if high - low > _NEARLY * max(1.0, abs(low), abs(high)):
        return low, high
    around = abs(high) / 2 if abs(high) > _NEARLY else 0.5
    return low - around, high + around


def _ladders(low: float, high: float, least: float) -> Iterator[tuple[float, range]]:
    """Steps of 1, 2 and 5 times the powers of ten, from about `least` on, with those that it takes to span a range."""
    for power in count(floor(log10(least))):
        for step in (digit * 10.0**power for digit in (1, 2, 5)):
            yield step, range(floor(low / step + _NEARLY), ceil(high / step - _NEARLY) + 1)


def _logarithmic(values: Sequence[float], most: int) -> Scale:
    """From 1, 2 or 5 times a power of ten to another; marks at all of them or at some of the powers."""
    positive = [max(value, LEAST) for value in values if value > 0] or [1.0]
    low, high = _rung_below(min(positive)), -_rung_below(1 / max(positive))
    if low == high:
        low, high = low - 1, high + 1
    rungs = range(low, high + 1)
    every = next(every for every in chain((1,), count(3, 3)) if sum(rung % every == 0 for rung in rungs) <= most)
    marks = tuple(_at(rung) for rung in rungs if rung % every == 0)
    return Scale(marks, _at(low), _at(high), log10)


def _rung_below(value: float) -> int:
    """The last of ... 0.5, 1 (rung 0), 2, 5, 10 (rung 3) ... that is no larger; of 1/v, minus the first above v."""
    rung = 3 * floor(log10(value)) - 1
    while _at(rung + 1) <= value * (1 + _NEARLY):
        rung += 1
    return rung


def _at(rung: int) -> float:
    return float(f"{(1, 2, 5)[rung % 3]}e{rung // 3}")


def _stepped(values: Sequence[float], most: int) -> Scale:
    """Every value is one step from the next, however far apart they are."""
    knots = sorted(set(values))
    marks = tuple(knots[:: ceil(len(knots) / most)])
    if len(knots) == 1:
        knots = [knots[0] - 1, *knots, knots[0] + 1]
    return Scale(marks, knots[0], knots[-1], lambda value: float(np.interp(value, knots, range(len(knots)))))


def _decimals(value: float) -> int:
    return len(f"{value:.{_DECIMALS}f}".rstrip("0").split(".")[1])


_SCALES = MappingProxyType({"linear": _linear, "log": _logarithmic, "steps": _stepped})
