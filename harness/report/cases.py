"""Error cases: the queries that a system answered worst, what was expected there, and what came instead."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
from pydantic import StringConstraints

from harness.data.model import Dataset, GroundTruth, Item, Query
from harness.data.run import Run
from harness.errors import BadData
from harness.report.page.thumbnails import DATA_URI, thumbnail
from harness.verdict.evaluation import Scores

SHOWN = 5
"""How many cases of a system, expected items of a case, and retrieved items of a case."""

LONGEST_TEXT = 3_000
"""Characters of a text; two abstracts of a paper."""

ALL_PICTURES = 1_500_000
"""Characters of all pictures together: a page with the rest of the report stays below 3 MB."""

PictureName = Annotated[str, StringConstraints(pattern=r"^p[0-9a-f]{12}$")]
Picture = Annotated[str, StringConstraints(pattern=DATA_URI)]


@dataclass(frozen=True, slots=True)
class Shown:
    """A query or an item as a reader sees it; `picture` is a name among `Cases.pictures`, or empty.

    `picture_problem` says why there is none where there should be one.
    """

    id: str
    text: str
    category: str
    picture: str = ""
    picture_problem: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """An item in the answer to a query: its rank from 1, None beyond the run; its grade, None where nobody judged."""

    item: str
    rank: int | None
    grade: int | None
    relevant: bool


@dataclass(frozen=True, slots=True)
class Case:
    """One query that went wrong. `expected` holds relevant items, `unlisted` counts those beyond the first five."""

    system: str
    ground_truth: str
    level: int
    metric: str
    value: float
    query: str
    expected: tuple[Place, ...]
    unlisted: int
    retrieved: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Cases:
    """Cases beside everything that they name, each once; plain data, read back by pydantic's TypeAdapter."""

    cases: tuple[Case, ...]
    queries: Mapping[str, Shown]
    items: Mapping[str, Shown]
    pictures: Mapping[PictureName, Picture]

    @classmethod
    def of(cls, dataset: Dataset, cases: Iterable[Case], limit: int = ALL_PICTURES) -> Cases:
        """The cases with their queries and items out of `dataset`; pictures in that order, up to `limit` characters."""
        cases, album = tuple(cases), _Album(limit)
        asked = {query.id: query for query in dataset.queries.queries}
        queries: dict[str, Shown] = {}
        items: dict[str, Shown] = {}
        for case in cases:
            queries[case.query] = album.shown(asked[case.query])
            for place in (*case.expected, *case.retrieved):
                items[place.item] = album.shown(dataset.corpus.items[dataset.corpus.positions[place.item]])
        return cls(cases, queries, items, album.pictures)


NO_CASES = Cases((), {}, {}, {})


def worst(scores: Scores, metric: str, run: Run, truth: GroundTruth, most: int = SHOWN) -> list[Case]:
    """The `most` queries with the lowest value, lowest first, ties by query id.

    A query is none of them where it has nothing relevant, or its value is as high as any ranking can make it.
    Without values (the run is not as deep as the metric) there are no cases.
    """
    if metric not in scores.values:
        return []
    values, ceilings = scores.values[metric], scores.ceilings[metric]
    low = np.flatnonzero(values < ceilings - 1e-9).tolist()  # never true of NaN
    low.sort(key=lambda row: (values[row], scores.query_ids[row]))
    rows, claimed = {query_id: row for row, query_id in enumerate(run.query_ids)}, run.top(run.depth)
    return [_case(scores, metric, row, truth, _ranked(claimed, rows.get(scores.query_ids[row]))) for row in low[:most]]


def _ranked(run: Run, row: int | None) -> list[str]:
    """The ids that answer a query, best first; none where the run does not answer it."""
    return [] if row is None else [doc_id for doc_id, _ in run.documents(row)]


def _case(scores: Scores, metric: str, row: int, truth: GroundTruth, ranked: list[str]) -> Case:
    query_id = scores.query_ids[row]
    judged, ranks = truth.qrels[query_id], {item: rank for rank, item in enumerate(ranked, 1)}
    wanted = {item: grade for item, grade in judged.items() if grade >= scores.level}
    places = {item: Place(item, ranks.get(item), judged.get(item), item in wanted) for item in (*wanted, *ranked)}
    expected = sorted((places[item] for item in wanted), key=_missed_first)
    return Case(
        system=scores.system,
        ground_truth=scores.ground_truth,
        level=scores.level,
        metric=metric,
        value=float(scores.values[metric][row]),
        query=query_id,
        expected=tuple(expected[:SHOWN]),
        unlisted=len(expected[SHOWN:]),
        retrieved=tuple(places[item] for item in ranked[:SHOWN]),
    )


def _missed_first(place: Place) -> tuple[int, float, str]:
    """The best grade first; of equals the one that was found latest, or not at all: this is about mistakes."""
    return -(place.grade or 0), -(place.rank or np.inf), place.item


class _Album:
    """Thumbnails by name, each picture once, until together they take `limit` characters."""

    def __init__(self, limit: int) -> None:
        self.pictures: dict[PictureName, Picture] = {}
        self._left = limit
        self._known: dict[Path, tuple[str, str]] = {}

    def shown(self, thing: Item | Query) -> Shown:
        text = thing.text if len(thing.text) <= LONGEST_TEXT else thing.text[: LONGEST_TEXT - 1] + "…"
        return Shown(thing.id, text, thing.category, *self._picture(thing.image))

    def _picture(self, path: Path | None) -> tuple[str, str]:
        """(name, "") or ("", why there is none)."""
        if path is None:
            return "", ""
        if path not in self._known:
            self._known[path] = self._added(path)
        return self._known[path]

    def _added(self, path: Path) -> tuple[str, str]:
        try:
            uri = thumbnail(path)
        except BadData as error:
            return "", str(error).replace(str(path), path.name)  # where the bank lies is nobody's business
        name = f"p{hashlib.sha256(uri.encode()).hexdigest()[:12]}"
        if name not in self.pictures:
            if len(uri) > self._left:
                return "", f"{path.name}: left out, for the pictures of a report have to fit into one page"
            self.pictures[name] = uri
            self._left -= len(uri)
        return name, ""
