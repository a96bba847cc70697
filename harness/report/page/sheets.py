"""Sheets: a table that is wider than paper, as several that fit, each beginning with the names of the rows."""

from __future__ import annotations

import re
from collections.abc import Iterator

from harness.report.drawing import Table
from harness.report.page.svg import width

PAPER = 516.0
"""Points that a table has on A4 between the margins of paper.css."""

SIZE, SMALL, GAP = 8.0, 6.2, 7.0
"""Points there of a letter, of one in an interval, and of what keeps columns apart."""

LONGEST_NAME, LONGEST_WORDS = 112.0, 64.0
"""Points there after which the name of a row, and other words, are broken into lines."""

_INTERVAL = re.compile(r"(\S+) (\[[^\[\]]+\])")
_BREAKS = re.compile(r"[\s+/@_-]")


def parts(cell: str) -> tuple[str, str]:
    """("0.611", "[0.555, 0.664]"); the second is empty where a cell has no interval."""
    found = _INTERVAL.fullmatch(cell)
    return (found[1], found[2]) if found else (cell, "")


def sheets(table: Table) -> list[Table]:
    """The table in as many as paper needs; one of words alone is folded instead, and stays whole."""
    if len(table.header) == table.labels:
        return [table]
    return [table.columns(*places) for places in _places(table)]


def _places(table: Table) -> Iterator[tuple[int, ...]]:
    """The columns of each sheet: the first in all of them, every other in one, in order."""
    rooms = [_room(table, column) for column in range(len(table.header))]
    taken = [0]
    for column in range(1, len(rooms)):
        if len(taken) > 1 and sum(rooms[place] for place in (*taken, column)) > PAPER:
            yield tuple(taken)
            taken = [0]
        taken.append(column)
    yield tuple(taken)


def _room(table: Table, column: int) -> float:
    header = max((width(word, SIZE) for word in _BREAKS.split(table.header[column])), default=0.0)
    cells = max((_cell(row[column]) for row in table.rows), default=0.0)
    most = cells if column >= table.labels else LONGEST_WORDS if column else LONGEST_NAME
    return GAP + max(header, min(cells, most))


def _cell(cell: str) -> float:
    value, interval = parts(cell)
    return max(width(value, SIZE), width(interval, SMALL))
