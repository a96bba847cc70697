"""Lay a small project into a folder: configuration, criteria, a plugin and an item bank, ready for `pytest`."""

from __future__ import annotations

import filecmp
import shutil
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from pathlib import Path

from harness.errors import HarnessError
from harness.plugging import shelf

TEMPLATES = Path(__file__).resolve().parent.parent / "templates" / "project"
SUFFIX = ".txt"
"""What ends so is laid down without it: our own tests and linters shall not take a template for a room."""


def add_arguments(parser: ArgumentParser) -> None:
    """Where to."""
    parser.add_argument("folder", nargs="?", type=Path, default=Path(), metavar="FOLDER", help="default: this one")


def run(args: Namespace) -> int:
    """Writes every template, or nothing at all. Raises HarnessError where another file is in the way."""
    wanted = {template: place for template, place in _laid(args.folder) if not _same(template, place)}
    taken = [place for place in wanted.values() if place.exists()]
    if taken:
        names = ", ".join(str(place) for place in taken)
        raise HarnessError(f"nothing was written: {names} exists already; move it away or name another folder")
    try:
        for template, place in wanted.items():
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(template, place)
    except OSError as error:
        raise HarnessError(f"{args.folder}: cannot be written: {error.strerror or error}") from None
    sys.stdout.write("\n".join([*map(str, wanted.values()), "", f"now, in {args.folder.resolve()}: pytest"]) + "\n")
    return 0


def _same(template: Path, place: Path) -> bool:
    return place.is_file() and filecmp.cmp(template, place, shallow=False)


def _laid(folder: Path) -> Iterator[tuple[Path, Path]]:
    """(template, where it goes) for every template, and for the suites: a few lines each, the same in every project."""
    for template in sorted(path for path in TEMPLATES.rglob("*") if path.is_file() and path.suffix != ".pyc"):
        yield template, folder / str(template.relative_to(TEMPLATES)).removesuffix(SUFFIX)
    for suite in sorted(shelf.suites().glob("test_*.py")):
        yield suite, folder / "benchmarks" / suite.name
