"""Files made again from a run's rows: tables, and every report that lies beside them, each in its own language."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import get_args
from zipfile import BadZipFile, ZipFile

from jinja2 import UndefinedError

from harness.report import csv, folder
from harness.report.book.workbook import book
from harness.report.results import Results
from harness.report.stored import CASES, Stored
from harness.review.runs import made
from harness.review.sameness import Differences
from harness.words import Language, words

TABLES: Mapping[str, Callable[[Results], str]] = {
    "accuracy.csv": csv.accuracy,
    "search_results.csv": csv.search,
    "performance_results.csv": csv.performance,
}
DATED = "docProps/core.xml"
"""The part of a workbook that says when it was made, which follows from how the folder is called."""


def files(found: Differences, kept: Stored, place: Path) -> None:
    """Tables and pages that a run leaves, and whatever else is called a report."""
    for name, table in TABLES.items():
        _file(found, place / name, [table(kept.results)])
    try:
        _reports(found, list(_told(kept)), place)
    except (KeyError, UndefinedError) as error:
        found.sentences.append(f"{CASES}: no report can be made of it: {error}")


def _reports(found: Differences, told: list[Stored], place: Path) -> None:
    pages = [folder.pages(one) for one in told]
    for name in pages[0]:
        beside = place.glob(f"{Path(name).stem}*{Path(name).suffix}")
        for path in sorted({place / name, *beside}):
            _file(found, path, [page[name] for page in pages])
    for path in sorted(place.glob("report*.xlsx")):
        _workbook(found, path, [book(one, words(one.results.report.language), made(place)) for one in told])


def _told(kept: Stored) -> Iterator[Stored]:
    """In the language that was asked for, then in each of the others."""
    own = kept.results.report
    for language in sorted(get_args(Language), key=lambda name: name != own.language):
        report = own.model_copy(update={"language": language})
        yield replace(kept, results=replace(kept.results, report=report))


def _file(found: Differences, path: Path, texts: list[str]) -> None:
    """One of the texts; else what differs from the one that it goes along with longest."""
    if not path.is_file():
        found.sentences.append(f"{path.name} is missing")
        return
    there = path.read_bytes().decode("utf-8", errors="replace")
    nearest = there if there in texts else max(texts, key=lambda text: _alike(there, text))
    found.compare_text("files", path.name, there, nearest)


def _alike(one: str, other: str) -> int:
    """How many characters the two begin with alike."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((place for place, (here, there) in pairs if here != there), min(len(one), len(other)))


def _workbook(found: Differences, path: Path, books: list[bytes]) -> None:
    """Part by part: two libraries may pack the same sheets differently."""
    try:
        there = _parts(path.read_bytes())
    except BadZipFile:
        found.sentences.append(f"{path.name} is no workbook")
        return
    same = there in map(_parts, books)
    found.sentences += [] if same else [f"{path.name}: its sheets are not those that are made again"]
    found.same["files"] += same


def _parts(workbook: bytes) -> dict[str, bytes]:
    with ZipFile(BytesIO(workbook)) as packed:
        return {name: packed.read(name) for name in packed.namelist() if name != DATED}
