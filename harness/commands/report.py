"""Remake the report of a stored run: nothing is measured, no dataset and no model is needed."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from harness.errors import HarnessError
from harness.report.book.workbook import book
from harness.report.folder import pages, restated
from harness.report.stored import VERDICTS, Stored
from harness.review.runs import located, made, opened
from harness.session.wishes import JUDGING
from harness.words import words

LANGUAGE = "--report-language"
WORKBOOK = "report.xlsx"


def add_arguments(parser: ArgumentParser) -> None:
    """Which run, where to, and what the report cannot know."""
    parser.add_argument("folder", metavar="RUN", help="folder of a run, or its name in reports/, such as latest")
    parser.add_argument("-o", dest="output", type=Path, metavar="FILE",
                        help=".html, .md or .xlsx (default: the pages in the run's own folder)")  # fmt: skip
    parser.add_argument(LANGUAGE, **JUDGING[LANGUAGE])
    parser.add_argument("--saving", metavar="TEXT", help="expected saving, as the owner states it in this report")


def run(args: Namespace) -> int:
    """0, each file that was written on a line. Raises BadData for what is no run, HarnessError for a file."""
    folder = located(args.folder)
    kept = _stated(opened(folder), {"language": args.report_language, "expected_saving": args.saving})
    made_of = _one(args.output, kept, folder) if args.output else _in_place(kept, folder)
    for path, content in made_of.items():
        _write(path, content)
    sys.stdout.writelines(f"{path}\n" for path in made_of)
    return 0


def _stated(kept: Stored, said: Mapping[str, Any]) -> Stored:
    """What was said on the command line wins over what was stored."""
    update = {name: value for name, value in said.items() if value is not None}
    report = kept.results.report.model_copy(update=update)
    return replace(kept, results=replace(kept.results, report=report))


def _in_place(kept: Stored, folder: Path) -> dict[Path, bytes]:
    """The pages, and what was stated for them: the run's folder goes on agreeing with itself."""
    verdicts = folder / VERDICTS
    stated = restated(verdicts, kept.results.report).encode()
    return {**_pages(kept, folder), **({} if stated == verdicts.read_bytes() else {verdicts: stated})}


def _pages(kept: Stored, folder: Path) -> dict[Path, bytes]:
    return {folder / name: text.encode() for name, text in pages(kept).items()}


def _one(output: Path, kept: Stored, folder: Path) -> dict[Path, bytes]:
    """The file whose suffix was asked for. Raises HarnessError naming those there are."""
    if output.suffix == Path(WORKBOOK).suffix:
        return {output: book(kept, words(kept.results.report.language), made(folder))}
    known = {path.suffix: content for path, content in _pages(kept, folder).items()}
    if output.suffix not in known:
        kinds = ", ".join(sorted([*known, Path(WORKBOOK).suffix]))
        raise HarnessError(f"{output}: no report ends in {output.suffix or output.name!r}; there are: {kinds}")
    return {output: known[output.suffix]}


def _write(path: Path, content: bytes) -> None:
    """Beside its place and then moved there: a report that cannot be written leaves the one that was."""
    draft = path.with_name(f".{path.name}.partial")
    try:
        draft.write_bytes(content)
        draft.replace(path)
    except OSError as error:
        with suppress(OSError):
            draft.unlink()
        raise HarnessError(f"{path}: cannot be written: {error.strerror or error}") from None
