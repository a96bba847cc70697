"""Item banks by path: what format a folder is of, which truths it holds, and what is in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, median
from typing import NamedTuple

from harness.data.formats import beir, itembank
from harness.data.model import Dataset, GroundTruth, Provenance
from harness.errors import BadData, UnknownName

_LISTED = 8


class Format(NamedTuple):
    """One way to lay down an item bank."""

    read: Callable[[Path], Dataset]
    truth_files: Callable[[Path], dict[str, Path]]


FORMATS: Mapping[str, Format] = {
    itembank.MARK: Format(itembank.read, itembank.truth_files),
    beir.MARK: Format(beir.read, beir.truth_files),
}
"""The file that marks a folder -> its format."""


@dataclass(frozen=True, slots=True)
class Spread:
    """How some numbers lie; all 0 where there is none."""

    least: int
    median: float
    mean: float
    most: int


@dataclass(frozen=True, slots=True)
class TruthDescription:
    """`relevant` is the number of relevant items of a query that has any; `grades` counts pairs per grade.

    `ceilings` holds the best recall@k there can be for each cutoff k: the mean of min(1, k / relevant) over
    those queries.
    """

    name: str
    level: int
    queries: int
    pairs: int
    relevant: Spread
    ceilings: Mapping[int, float]
    grades: Mapping[int, int]
    provenance: Provenance


@dataclass(frozen=True, slots=True)
class Description:
    """What an item bank holds. `characters` are those of the items' texts; `images` counts items with one."""

    name: str
    items: int
    queries: int
    images: int
    characters: Spread
    categories: Mapping[str, int]
    subjects: Mapping[str, int]
    truths: tuple[TruthDescription, ...]
    synthetic: bool
    licence: str
    digest: str


def open_dataset(path: Path) -> Dataset:
    """The item bank in a folder. Raises BadData where there is none, or for whatever is wrong with it."""
    return recognise(path).read(path)


def recognise(path: Path) -> Format:
    """The format of a folder, by the file that marks it; nothing is read. Raises BadData where it is no item bank."""
    if not path.exists():
        beside = [bank.name for bank in banks(path.parent)]
        raise BadData(f"{path}: {UnknownName('item bank', path.name, beside)}" if beside else f"{path} does not exist")
    form = _format(path)
    if form is None:
        raise BadData(f"{path}: not an item bank: needs {' or '.join(FORMATS)}; {_holds(path)}")
    return form


def banks(folder: Path) -> list[Path]:
    """The item banks right in a folder, by name; none where there is no such folder."""
    return sorted(inner for inner in folder.iterdir() if _format(inner)) if folder.is_dir() else []


def truth_names(path: Path) -> list[str]:
    """The names of the truths in a folder, none of which is opened; empty where there is no item bank."""
    form = _format(path)
    return [] if form is None else list(form.truth_files(path))


def describe(dataset: Dataset, cutoffs: Collection[int] = (5, 10)) -> Description:
    """Counts and spreads; `cutoffs` are those of the recall ceilings."""
    items = dataset.corpus.items
    return Description(
        name=dataset.name,
        items=len(items),
        queries=len(dataset.queries),
        images=sum(item.image is not None for item in items),
        characters=_spread([len(item.text) for item in items]),
        categories=_counts(item.category for item in items),
        subjects=_counts(item.subject for item in items),
        truths=tuple(describe_truth(truth, cutoffs) for truth in dataset.truths.values()),
        synthetic=dataset.synthetic,
        licence=dataset.licence,
        digest=dataset.digest,
    )


def describe_truth(truth: GroundTruth, cutoffs: Iterable[int] = (5, 10)) -> TruthDescription:
    """Sizes, ceilings and provenance of one ground truth, wherever it came from."""
    counts = [sum(grade >= truth.level for grade in judged.values()) for judged in truth.qrels.values()]
    relevant = [count for count in counts if count]
    return TruthDescription(
        name=truth.name,
        level=truth.level,
        queries=len(truth.qrels),
        pairs=truth.pairs,
        relevant=_spread(relevant),
        ceilings={k: fmean(min(1.0, k / count) for count in relevant) if relevant else 0.0 for k in cutoffs},
        grades=dict(sorted(Counter(grade for judged in truth.qrels.values() for grade in judged.values()).items())),
        provenance=truth.provenance,
    )


def _format(path: Path) -> Format | None:
    return next((form for mark, form in FORMATS.items() if (path / mark).is_file()), None)


def _holds(path: Path) -> str:
    if not path.is_dir():
        return "it is a file"
    names = sorted(entry.name for entry in path.iterdir())
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    return f"it holds: {', '.join(names[:_LISTED]) or 'nothing'}{more}"


def _spread(numbers: list[int]) -> Spread:
    if not numbers:
        return Spread(0, 0.0, 0.0, 0)
    return Spread(min(numbers), float(median(numbers)), fmean(numbers), max(numbers))


def _counts(names: Iterable[str]) -> dict[str, int]:
    """Name -> how often, the most frequent first."""
    return dict(Counter(names).most_common())
