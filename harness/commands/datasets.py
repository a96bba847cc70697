"""Describe item banks: what they hold, what is judged, what a perfect ranking could find; and open every picture."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Mapping
from pathlib import Path

from harness.data.catalogue import Description, TruthDescription, banks, describe, open_dataset
from harness.data.formats.content import pictures_of
from harness.data.images import open_image
from harness.data.model import Dataset
from harness.errors import BadData, HarnessError, UnknownName
from harness.report.drawing import printable, wrapped

HOME = Path("gt")
CUTOFFS = (5, 10)
INDENT = " " * 15


def add_arguments(parser: ArgumentParser) -> None:
    """Which item banks; without any, those at home."""
    parser.add_argument("paths", nargs="*", type=Path, metavar="PATH", help=f"an item bank (default: all in {HOME}/)")


def run(args: Namespace) -> int:
    """0, or 1 where a bank or a picture cannot be read: one line says why, and the others are described."""
    whole = [_describe(path) for path in args.paths or _at_home()]
    return int(not all(whole))


def _at_home() -> list[Path]:
    """Raises HarnessError where there is none."""
    found = banks(HOME)
    if not found:
        raise HarnessError(f"there is no item bank in {HOME.resolve()}; name one: python -m harness datasets PATH")
    return found


def _describe(path: Path) -> bool:
    """Whether all of the bank can be read."""
    try:
        dataset = _opened(path)
    except HarnessError as error:
        sys.stderr.write(f"{error}\n")
        return False
    broken = _broken(dataset)
    sys.stderr.writelines(f"{reason}\n" for reason in broken)
    sys.stdout.write("\n".join(_told(dataset, describe(dataset, CUTOFFS), len(broken))) + "\n\n")
    return not broken


def _opened(path: Path) -> Dataset:
    """Raises HarnessError; for a path that does not exist it names the banks beside it and at home."""
    if not path.exists():
        known = {str(bank) for folder in (path.parent, HOME) for bank in banks(folder)}
        meant = f": {UnknownName('item bank', str(path), known)}" if known else ""
        raise BadData(f"{path} does not exist{meant}")
    return open_dataset(path)


def _pictures(dataset: Dataset) -> list[Path]:
    return pictures_of((*dataset.corpus.items, *dataset.queries.queries))


def _broken(dataset: Dataset) -> list[str]:
    """Path and reason of every picture that cannot be opened."""
    reasons = []
    for picture in _pictures(dataset):
        try:
            open_image(picture)
        except BadData as error:
            reasons.append(str(error))
    return reasons


def _told(dataset: Dataset, described: Description, broken: int) -> Iterator[str]:
    yield f"{printable(described.name)}{'  (SYNTHETIC)' if dataset.synthetic else ''}"
    for name, fact in _facts(dataset, described, broken):
        yield wrapped(f"  {name:<{len(INDENT) - 2}}{printable(fact)}", indent=INDENT)


def _facts(dataset: Dataset, described: Description, broken: int) -> Iterator[tuple[str, str]]:
    length = described.characters
    spread = f"{length.least:,} to {length.most:,}, median {length.median:,.0f}, mean {length.mean:,.0f}"
    yield "items", f"{described.items:,}, {described.images:,} with a picture"
    yield "characters", spread
    yield "categories", _counted(described.categories)
    yield "subjects", _counted(described.subjects)
    yield "queries", f"{described.queries:,}"
    yield from (("ground truth", _judged(truth)) for truth in described.truths)
    yield "pictures", f"{len(_pictures(dataset)):,} opened, {broken:,} of them broken"
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
