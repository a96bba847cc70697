"""What a simulation says: figures with their Monte-Carlo standard error, tables of them, and the limits they keep."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from math import inf, sqrt
from typing import Any

import numpy as np
import numpy.typing as npt
from tabulate import tabulate

FALSE_GO, COVERS = 5.0, 93.0
"""Percent: at most, and at least (2 points below the nominal 95 %)."""
ERRORS = 3
"""A limit is broken by more than so many standard errors, or not at all."""


@dataclass(frozen=True)
class Effort:
    """How many runs a figure is taken from: `runs` where each needs a resampling, `many` where none does."""

    runs: int
    many: int
    sizes: tuple[int, ...] = (27, 61, 200)

    def cells(self, parts: Iterable[Any]) -> Iterator[tuple[Any, int]]:
        """Every part with every n."""
        return ((part, n) for part in parts for n in self.sizes)


@dataclass(frozen=True)
class Figure:
    """A simulated number, its standard error, and the limits that it is claimed to keep."""

    value: float
    error: float
    least: float = -inf
    most: float = inf

    @property
    def claimed(self) -> bool:
        return self.least > -inf or self.most < inf

    @property
    def broken(self) -> bool:
        return self.beyond > ERRORS * self.error

    @property
    def beyond(self) -> float:
        """How far beyond its limit it is; negative where it keeps it."""
        return max(self.value - self.most, self.least - self.value)

    @property
    def bad(self) -> float:
        """What ranks the cells of one claim: a bias by how many errors it is away from 0, a rate by its limit."""
        return abs(self.value) / self.error if self.least == -self.most and self.error else self.beyond

    def __str__(self) -> str:
        return f"{self.value:.1f} ± {self.error:.1f}" if self.error >= 0.15 else f"{self.value:.2f} ± {self.error:.2f}"


def share(events: npt.ArrayLike, *, least: float = -inf, most: float = inf) -> Figure:
    """How often something happened, in percent."""
    happened = np.asarray(events, bool)
    # Two more of each outcome (Agresti & Coull 1998): what was never seen is not known to be impossible.
    rate = (happened.sum() + 2) / (happened.size + 4)
    return Figure(100 * float(happened.mean()), 100 * sqrt(rate * (1 - rate) / happened.size), least, most)


def average(values: npt.ArrayLike, *, within: float = inf) -> Figure:
    """The mean of values per run, in points, claimed to be no further from 0 than `within`."""
    points = 100 * np.asarray(values, np.float64)
    return Figure(float(points.mean()), float(points.std(ddof=1) / sqrt(points.size)), -within, within)


def unbiased(reported: npt.NDArray[np.float64], apparent: npt.NDArray[np.float64], truth: npt.ArrayLike) -> Figure:
    """The mean bias of the reported scores: at most a point, and at most a quarter of what is apparent without care."""
    return average(reported - truth, within=min(1.0, abs(average(apparent - truth).value) / 4))


def scatter(values: npt.NDArray[np.float64]) -> Figure:
    """The standard error of a score, in points: how much the runs differ."""
    points = 100 * float(values.std(ddof=1))
    return Figure(points, points / sqrt(2 * values.size))


@dataclass
class Table:
    """Rows of words and figures, and what gives them."""

    title: str
    by: str
    heads: Sequence[str]
    rows: list[Sequence[Any]] = field(default_factory=list)

    def __str__(self) -> str:
        rows = [[str(cell) for cell in row] for row in self.rows]
        return f"### {self.title}\n\n{self.by}\n\n{tabulate(rows, self.heads, 'github', disable_numparse=True)}\n"

    def claims(self) -> Iterator[tuple[str, str, Figure]]:
        """The column's head, the row's words, and the figure."""
        for row in self.rows:
            words = ", ".join(str(cell) for cell in row if cell != "" and not isinstance(cell, Figure))
            for head, cell in zip(self.heads, row, strict=True):
                if isinstance(cell, Figure) and cell.claimed:
                    yield head, words, cell


def worst(tables: Iterable[Table]) -> Table:
    """Of every claim the cell that comes nearest to its limit, or goes furthest beyond; a bias: the surest one."""
    summary = Table("Summary", "the worst cell of every claim", ["claim", "limit", "cells", "worst", "where"])
    for table in tables:
        columns: dict[str, list[tuple[str, Figure]]] = {}
        for head, words, figure in table.claims():
            columns.setdefault(head, []).append((words, figure))
        for head, cells in columns.items():
            words, figure = max(cells, key=lambda cell: cell[1].bad)
            summary.rows.append([f"{table.title}: {head}", _limit(figure), len(cells), figure, words])
    return summary


def _limit(figure: Figure) -> str:
    if figure.least == -figure.most:
        return f"within {figure.most:.1f}"
    return f"<= {figure.most:g}" if figure.most < inf else f">= {figure.least:g}"


def broken(tables: Iterable[Table]) -> list[str]:
    """A line for every figure that breaks its limit."""
    return [line for line, figure in _over(tables) if figure.broken]


def spared(tables: Iterable[Table]) -> list[str]:
    """A line for every figure that is over its limit by no more than its Monte-Carlo error explains."""
    return [line for line, figure in _over(tables) if not figure.broken]


def _over(tables: Iterable[Table]) -> Iterator[tuple[str, Figure]]:
    for table in tables:
        for head, words, figure in table.claims():
            if figure.beyond > 0:
                yield f"{table.title}: {head}: {words}: {figure} is not {_limit(figure)}", figure
