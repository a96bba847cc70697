"""A table, drawn as plain text for a terminal or as pipes for markdown: always of text, numbers are shown already."""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass, replace

import tabulate

tabulate.MIN_PADDING = 0  # a header needs no more room than its word: two more columns fit into a terminal

WIDTH = 100
"""Columns of the terminal that a table may take."""

_GAP = 2
_MARKS = re.compile(r"([\\`*_~\[\]<|$]|^[>#])")


class Struck(str):
    """A number that is shown and does not count."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Table:
    """The first `labels` columns are words, the others numbers, the most important first; the first names the row."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    labels: int = 1
    note: str = ""

    def text(self, width: int = WIDTH) -> str:
        """Title, table and note. Columns that do not fit into `width` are left out; names are never cut."""
        table = _fitted(self.printable(), width)
        parts = self.title, _draw(table, "simple", width), *(wrapped(line, width) for line in self.note.splitlines())
        return "\n".join(part for part in parts if part)

    def blocks(self, width: int = WIDTH) -> str:
        """Like `text`, but what does not fit beside the first column follows below: nothing is left out."""
        table, drawn = self.printable(), [self.title]
        while len(table.header) > 1:
            block = _fitted(table, width)
            drawn.append(_draw(block, "simple", width))
            table = table.columns(0, *range(len(block.header), len(table.header)))
        return "\n".join(drawn)

    def markdown(self) -> str:
        """The whole table in pipes, everything in it escaped."""
        table = self.printable()
        escaped = replace(
            table,
            header=tuple(map(escape, table.header)),
            rows=tuple(tuple(map(escape, row)) for row in table.rows),
        )
        notes = "\n".join(f"- {escape(line)}" for line in self.note.splitlines())
        return "\n\n".join(part for part in (_draw(escaped, "pipe", None), notes) if part)

    def columns(self, *places: int) -> Table:
        """The table of some of its columns."""
        header = tuple(self.header[place] for place in places)
        return replace(self, header=header, rows=tuple(tuple(row[place] for place in places) for row in self.rows))

    def printable(self) -> Table:
        """Names come from data: line breaks and terminal commands in them become spaces."""
        return replace(self, rows=tuple(tuple(map(printable, row)) for row in self.rows))


def wrapped(text: str, width: int = WIDTH, indent: str = "") -> str:
    """Lines of at most `width`, broken at spaces only; `indent` stands before all but the first."""
    return textwrap.fill(text, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


def printable(text: str) -> str:
    """One line without control characters."""
    return type(text)("".join(mark if mark.isprintable() else " " for mark in text))


def escape(text: str) -> str:
    """Text of data that means nothing to markdown or HTML."""
    escaped = _MARKS.sub(r"\\\1", printable(text)).replace("&", "&amp;")
    return f"~~{escaped}~~" if isinstance(text, Struck) else escaped


def _fitted(table: Table, width: int) -> Table:
    """As many leading columns as fit, one number at least; a table of words alone is wrapped instead."""
    count = len(table.header)
    while count > table.labels + 1 and _width(table.columns(*range(count))) > width:
        count -= 1
    return table.columns(*range(count))


def _width(table: Table) -> int:
    return len(_draw(table, "simple", None).splitlines()[0])


def _told(cell: str) -> str:
    """A terminal can strike nothing through; a number that does not count stands in brackets."""
    return f"({cell})" if isinstance(cell, Struck) else cell


def _draw(table: Table, style: str, width: int | None) -> str:
    columns = len(table.header)
    sides = [*["left"] * table.labels, *["right"] * (columns - table.labels)]
    told = replace(table, rows=tuple(tuple(map(_told, row)) for row in table.rows))
    return tabulate.tabulate(
        _last_wrapped(told, width) if width and columns == table.labels else told.rows,
        table.header,
        tablefmt=style,
        disable_numparse=True,
        colalign=sides if table.rows else None,
    )


def _last_wrapped(table: Table, width: int) -> list[tuple[str, ...]]:
    """Text is wrapped in the last column, which gets what the others leave."""
    columns = list(zip(table.header, *table.rows, strict=True))
    taken = sum(max(map(len, column)) + _GAP for column in columns[:-1])
    return [(*row[:-1], wrapped(row[-1], max(width - taken, 20))) for row in table.rows]
