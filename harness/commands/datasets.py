"""Describe item banks: what they hold, what is judged, and how much of it a perfect ranking could find."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Mapping
from pathlib import Path

from harness.data.catalogue import FORMATS, Description, TruthDescription, describe, open_dataset
from harness.data.model import Dataset
from harness.errors import HarnessError
from harness.report.drawing import Table, printable, wrapped

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
    for name, fact in _facts(dataset, described).items():
        yield wrapped(f"  {name:<{len(INDENT) - 2}}{printable(fact)}", indent=INDENT)
    if described.truths:
        header = ("ground truth", "level", "queries", "pairs", "relevant", *(f"best recall@{k}" for k in CUTOFFS), "grades")
        rows = tuple(_truth(truth) for truth in described.truths)
        yield Table("", header, rows).text()


def _facts(dataset: Dataset, described: Description) -> dict[str, str]:
    length = described.characters
    spread = f"{length.least:,} to {length.most:,}, median {length.median:,.0f}, mean {length.mean:,.0f}"
    return {
        "items": f"{described.items:,}, {described.images:,} with a picture",
        "characters": spread,
        "categories": _counted(described.categories),
        "subjects": _counted(described.subjects),
        "queries": f"{described.queries:,}",
        "licence": dataset.licence or "not stated",
        "sha256": dataset.digest,
    }


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name or '(none)'} {count:,}" for name, count in counts.items())


def _truth(truth: TruthDescription) -> tuple[str, ...]:
    grades = ", ".join(f"{grade}: {count:,}" for grade, count in truth.grades.items())
    relevant = f"{truth.relevant.least}-{truth.relevant.most} (mean {truth.relevant.mean:.1f})"
    ceilings = (f"{ceiling:.3f}" for ceiling in truth.ceilings.values())
    return truth.name, str(truth.level), f"{truth.queries:,}", f"{truth.pairs:,}", relevant, *ceilings, grades
