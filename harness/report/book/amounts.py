"""Numbers with their units, laid out in rows under a header: what a spreadsheet is made of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Amount:
    """A number in a unit of `ranking.units`; None where nothing was measured, which is not 0."""

    value: float | None
    unit: str = ""


Cell = str | int | Amount | date | None
Row = tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A name, what stands above the columns, and the rows."""

    name: str
    header: tuple[str, ...]
    rows: Iterable[Row]
