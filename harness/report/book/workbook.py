"""report.xlsx: every table of a run in a workbook, numbers as numbers. Nothing in it is reckoned when it is opened."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from io import BytesIO
from itertools import islice
from math import isfinite
from typing import Any
from unicodedata import east_asian_width

import xlsxwriter

from harness.report.book.amounts import Amount, Cell, Row, Sheet
from harness.report.book.worksheets import sheets
from harness.report.drawing import printable
from harness.report.stored import Stored
from harness.words import Words

MOST_ROWS, MOST_UNITS, LONGEST_NAME = 1_048_576, 32_767, 31
"""What Excel allows: rows of a sheet, UTF-16 code units of a cell, characters of a sheet's name."""

WIDEST, NARROWEST = 60, 8
"""Characters of a column; longer texts go on in the next line of their cell."""

FORMATS = {"": "0.000", "ms": "#,##0.000", "MiB": "#,##0.0", "items/s": "#,##0.0", "queries/s": "#,##0.0",
           "KiB/call": "0.000", "count": "#,##0", "score": "General"}  # fmt: skip
"""How amounts of a unit are shown; the cell holds all digits."""

# A text that looks like a formula or an address stays a text: it may come from anybody's item bank.
OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


def book(kept: Stored, words: Words, created: datetime) -> bytes:
    """The workbook as a file; the same run gives the same bytes."""
    stream = BytesIO()
    with xlsxwriter.Workbook(stream, OPTIONS) as workbook:
        names = {"dataset": kept.results.dataset.name, "policy": kept.results.policy.name}
        title = words("Go, or No-Go? {dataset} under policy {policy}", **names)
        workbook.set_properties({"title": fitting(title), "created": created.replace(tzinfo=None)})
        writer = _Writer(workbook, words)
        for sheet in sheets(kept, words):
            writer.add(sheet)
    return stream.getvalue()


def fitting(text: str) -> str:
    """One line that a cell can hold: without control characters, cut where Excel would refuse to go on.

    XlsxWriter takes a text between <r> and </r> for markup of its own; a space behind it makes it a text again.
    """
    told = printable(text)
    told = f"{told} " if told.startswith("<r>") and told.endswith("</r>") else told
    units = told.encode("utf-16-le")
    return told if len(units) <= 2 * MOST_UNITS else units[: 2 * (MOST_UNITS - 1)].decode("utf-16-le", "ignore") + "…"


def limited(rows: Iterator[Row], most: int, words: Words) -> Iterator[Row]:
    """At most `most` of the rows; the last one says how many are missing."""
    kept = list(islice(rows, most))
    beyond = sum(1 for _ in rows)
    yield from kept[:-1] if beyond else kept
    if beyond:
        yield (words("{n} more rows did not fit", n=f"{beyond + 1:,}"),)


class _Writer:
    """Puts sheets into a workbook, and knows how each kind of cell looks."""

    def __init__(self, workbook: Any, words: Words) -> None:
        self.workbook, self.words = workbook, words
        self.head = workbook.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        self.text = workbook.add_format({"text_wrap": True, "valign": "top"})
        self.date = workbook.add_format({"num_format": "yyyy-mm-dd", "valign": "top"})
        self.forms = {
            unit: workbook.add_format({"num_format": form, "valign": "top"}) for unit, form in FORMATS.items()
        }

    def add(self, sheet: Sheet) -> None:
        """The header stays in sight and filters; columns are as wide as what they hold."""
        page = self.workbook.add_worksheet(fitting(sheet.name)[:LONGEST_NAME])
        widths = [_width(name) + 3 for name in sheet.header]  # the arrow of the filter needs room
        for column, name in enumerate(sheet.header):
            page.write_string(0, column, fitting(name), self.head)
        last = 0
        for last, row in enumerate(limited(iter(sheet.rows), MOST_ROWS - 1, self.words), start=1):
            for column, cell in enumerate(row):
                widths[column] = max(widths[column], self.write(page, last, column, cell))
        for column, width in enumerate(widths):
            page.set_column(column, column, min(max(width, NARROWEST), WIDEST))
        page.freeze_panes(1, 0)
        page.autofilter(0, 0, last, len(sheet.header) - 1)

    def write(self, page: Any, row: int, column: int, cell: Cell) -> int:
        """Writes one cell; gives the characters that it takes. What is not there leaves the cell empty."""
        unit, value = (cell.unit, cell.value) if isinstance(cell, Amount) else ("count", cell)
        if value is None or value == "":
            return 0
        if isinstance(value, date):
            page.write_datetime(row, column, datetime(value.year, value.month, value.day), self.date)  # noqa: DTZ001
            return len("2026-01-01")
        if isinstance(value, str) or not isfinite(value):
            told = fitting(value) if isinstance(value, str) else _endless(value)
            page.write_string(row, column, told, self.text)
            return _width(told)
        page.write_number(row, column, value, self.forms[unit])
        return len(f"{value:,.3f}")


def _endless(value: float) -> str:
    """A spreadsheet knows no infinite number."""
    return "NaN" if value != value else "∞" if value > 0 else "-∞"


def _width(text: str) -> int:
    """In columns of a letter: a Korean one takes two."""
    return sum(2 if east_asian_width(mark) in "WF" else 1 for mark in text)
