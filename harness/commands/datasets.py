"""Describe item banks: what they hold, what is judged, and how much of it a perfect ranking could find."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Mapping
from pathlib import Path

from harness.data.catalogue import FORMATS, Description, TruthDescription, describe, open_dataset
from harness.data.model import Dataset
from harness.errors import HarnessError
from harness.report.drawing import printable, wrapped

HOME = Path("gt")
CUTOFFS = (5, 10)
INDENT = " " * 15


def add_arguments(parser: ArgumentParser) -> None:
    """Which item banks; without any, those at home."""
    parser.add_argument("paths", nargs="*", type=Path, metavar="PATH", help=f"an item bank (default: all in {HOME}/)")


def run(args: Namespace) -> int:
    """0, or 1 where a bank cannot be read: one line says why, and the others are described."""
    failed = 0
    for path in args.paths or _at_home():
        try:
            dataset = open_dataset(path)
        except HarnessError as error:
            sys.stderr.write(f"{error}\n")
            failed = 1
        else:
            sys.stdout.write("\n".join(_told(dataset, describe(dataset, CUTOFFS))) + "\n\n")
    return failed


def _at_home() -> list[Path]:
    """Raises HarnessError where there is none."""
    folders = sorted(HOME.iterdir()) if HOME.is_dir() else []
    banks = [folder for folder in folders if any((folder / mark).is_file() for mark in FORMATS)]
    if not banks:
        raise HarnessError(f"there is no item bank in {HOME.resolve()}; name one: python -m harness datasets PATH")
    return banks


def _told(dataset: Dataset, described: Description) -> Iterator[str]:
    yield f"{printable(described.name)}{'  (SYNTHETIC)' if dataset.synthetic else ''}"
    for name, fact in _facts(dataset, described):
        yield wrapped(f"  {name:<{len(INDENT) - 2}}{printable(fact)}", indent=INDENT)


def _facts(dataset: Dataset, described: Description) -> Iterator[tuple[str, str]]:
    length = described.characters
    spread = f"{length.least:,} to {length.most:,}, median {length.median:,.0f}, mean {length.mean:,.0f}"
    yield "items", f"{described.items:,}, {described.images:,} with a picture"
    yield "characters", spread
    yield "categories", _counted(described.categories)
    yield "subjects", _counted(described.subjects)
    yield "queries", f"{described.queries:,}"
    yield from (("ground truth", _judged(truth)) for truth in described.truths)
    yield "licence", dataset.licence or "not stated"
    yield "sha256", dataset.digest


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name or '(none)'} {count:,}" for name, count in counts.items())


def _judged(truth: TruthDescription) -> str:
    """What is relevant, how often, and the best recall there can be where a query has more than k relevant items."""
    pairs = f"{truth.queries:,} queries, {truth.pairs:,} relevant pairs (grade >= {truth.level})"
    relevant = f"{truth.relevant.least} to {truth.relevant.most} per query, mean {truth.relevant.mean:.1f}"
    ceilings = ", ".join(f"recall@{k} {ceiling:.3f}" for k, ceiling in truth.ceilings.items())
    grades = ", ".join(f"{grade} {count:,} times" for grade, count in truth.grades.items())
    return f"{truth.name}: {pairs}, {relevant}; at best {ceilings}; grades: {grades}"
