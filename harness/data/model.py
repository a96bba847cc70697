"""The nouns of retrieval: Item, Query, Corpus, Queries, GroundTruth, Dataset. Every id is a string."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from harness.errors import BadData

Qrels: TypeAlias = Mapping[str, Mapping[str, int]]
"""query id -> document id -> grade; grade 0 or less is judged and not relevant."""

GRADES = range(-32768, 32768)
"""What a grade may be: it is kept in 16 bits."""

A_GRADE = f"a whole number from {GRADES[0]} to {GRADES[-1]}"

FloatMatrix: TypeAlias = npt.NDArray[np.float32]
IntVector: TypeAlias = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Item:
    """One document of the corpus. `image` is an absolute path, opened only when somebody looks at it."""

    id: str
    text: str
    image: Path | None = None
    category: str = ""
    subject: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict, hash=False, compare=False)


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked. `source` names the item that this query is: it never retrieves itself."""

    id: str
    text: str
    image: Path | None = None
    category: str = ""
    subject: str = ""
    source: str | None = None


class Corpus:
    """Documents in descending order of id, with their vectors where an embedder made some.

    In that order "the first of equals" is trec_eval's tie rule (ties by descending document id), so no
    sort of scores ever needs the ids. `vectors` is [N, dimensions] float32 or None.
    """

    def __init__(self, items: Iterable[Item], vectors: FloatMatrix | None = None) -> None:
        self.items = tuple(sorted(items, key=lambda item: item.id, reverse=True))
        self.vectors = vectors

    def __len__(self) -> int:
        return len(self.items)

    @cached_property
    def ids(self) -> tuple[str, ...]:
        return tuple(item.id for item in self.items)

    @cached_property
    def texts(self) -> list[str]:
        return [item.text for item in self.items]

    @cached_property
    def positions(self) -> Mapping[str, int]:
        """Document id -> column."""
        return MappingProxyType({doc_id: column for column, doc_id in enumerate(self.ids)})

    def with_vectors(self, vectors: FloatMatrix) -> Corpus:
        """The same documents beside the vectors of one embedder."""
        return Corpus(self.items, vectors)


class Queries:
    """A batch of queries, with vectors [Q, dimensions] float32 where an embedder made some.

    `exclude` [Q] int32 is the column of each query's own item, -1 where it is none of the corpus: retrievers
    that normalise scores leave it out; the engine drops it from every ranking in any case.
    """

    def __init__(self, queries: Iterable[Query], exclude: IntVector, vectors: FloatMatrix | None = None) -> None:
        self.queries = tuple(queries)
        self.exclude = exclude
        self.vectors = vectors

    @classmethod
    def against(cls, corpus: Corpus, queries: Sequence[Query]) -> Queries:
        """Queries that know which document of `corpus` is themselves."""
        columns = [corpus.positions.get(query.source, -1) if query.source else -1 for query in queries]
        return cls(queries, np.asarray(columns, dtype=np.int32))

    def __len__(self) -> int:
        return len(self.queries)

    @cached_property
    def ids(self) -> tuple[str, ...]:
        return tuple(query.id for query in self.queries)

    @cached_property
    def texts(self) -> list[str]:
        return [query.text for query in self.queries]

    def with_vectors(self, vectors: FloatMatrix) -> Queries:
        return Queries(self.queries, self.exclude, vectors)

    def rows(self, rows: slice) -> Queries:
        """Some of the queries, vectors and all."""
        vectors = None if self.vectors is None else self.vectors[rows]
        return Queries(self.queries[rows], self.exclude[rows], vectors)


@dataclass(frozen=True, slots=True)
class Pool:
    """One system whose ranking, cut at `depth`, went before the judge."""

    system: str
    depth: int


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where judgements come from; `shown` says what the judge saw beside the positives."""

    method: str
    judge: str = ""
    pools: tuple[Pool, ...] = ()
    date: str = ""
    shown: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class GroundTruth:
    """Judgements under a name. `level` is the grade from which a document counts as relevant."""

    name: str
    qrels: Qrels
    level: int
    provenance: Provenance

    @property
    def pairs(self) -> int:
        """How many (query, document) pairs are relevant."""
        return sum(grade >= self.level for judged in self.qrels.values() for grade in judged.values())


@dataclass(frozen=True)
class Dataset:
    """An item bank: corpus, queries, and the ground truths that came with it.

    `digest` is the sha256 of what was read, pictures too: so two runs can be told to be about the same thing.
    Raises BadData for a duplicate id or a judgement that cannot be (see `misjudged`).
    """

    name: str
    path: Path
    corpus: Corpus
    queries: Queries
    truths: Mapping[str, GroundTruth]
    digest: str
    synthetic: bool = False
    licence: str = ""

    def __post_init__(self) -> None:
        refuse_duplicates(self.path, "item", self.corpus.ids)
        refuse_duplicates(self.path, "query", self.queries.ids)
        for truth in self.truths.values():
            if wrong := misjudged(truth, self.corpus, self.queries):
                raise BadData(f"{self.path}: ground truth {truth.name!r} {wrong}")


def misjudged(truth: GroundTruth, corpus: Corpus, queries: Queries) -> str:
    """The first judgement that cannot be about these items and queries, as "of query 'q1' names ..."; "" for none."""
    sources = {query.id: query.source for query in queries.queries}
    for query_id, judged in truth.qrels.items():
        if query_id not in sources:
            return f"judges query {query_id!r}, which does not exist"
        for doc_id, grade in judged.items():
            if doc_id not in corpus.positions:
                return f"of query {query_id!r} names item {doc_id!r}, which does not exist among {len(corpus)} items"
            if not isinstance(grade, int) or grade not in GRADES:
                return f"of query {query_id!r} gives item {doc_id!r} the grade {grade!r}, which is not {A_GRADE}"
            if doc_id == sources[query_id] and grade > 0:
                return f"of query {query_id!r} names item {doc_id!r}, which is the query itself and never found by it"
    return ""


def refuse_duplicates(path: Path, kind: str, ids: Sequence[str]) -> None:
    """Raise BadData naming the first id that stands twice."""
    if len(set(ids)) == len(ids):
        return
    twice = next(name for name, count in Counter(ids).items() if count > 1)
    raise BadData(f"{path}: {kind} id {twice!r} stands {Counter(ids)[twice]} times")
