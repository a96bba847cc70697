"""A Run: for every query the documents that a system returned, best first, as arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from harness.errors import BadOutput, NotFinite


@dataclass(frozen=True)
class Run:
    """`index` [Q, k] int32 holds columns of the corpus (-1: nothing there), `scores` [Q, k] float32.

    Rows are in trec_eval's order: score descending, ties by descending document id (which is ascending
    column, see Corpus). `depth` is the deepest cutoff of which this run may be asked: a reranker that looked at
    20 candidates says nothing of its own about recall@50.
    """

    query_ids: tuple[str, ...]
    doc_ids: tuple[str, ...]
    index: npt.NDArray[np.int32]
    scores: npt.NDArray[np.float32]
    depth: int

    @classmethod
    def of(
        cls,
        query_ids: Sequence[str],
        doc_ids: Sequence[str],
        index: npt.NDArray[np.int32],
        scores: npt.NDArray[np.float32],
        depth: int | None = None,
    ) -> Run:
        """A checked run: sorted, without doubles. Raises BadOutput when a promise is broken."""
        index, scores = np.asarray(index, np.int32), np.asarray(scores, np.float32)
        _check(len(query_ids), len(doc_ids), index, scores)
        index, scores = _in_order(index, scores)
        width = index.shape[1]
        return cls(tuple(query_ids), tuple(doc_ids), index, scores, width if depth is None else depth)

    def __len__(self) -> int:
        return len(self.query_ids)

    def documents(self, row: int) -> list[tuple[str, float]]:
        """The (document id, score) pairs of one query, best first: a view for the edges."""
        found = self.index[row] >= 0
        return [
            (self.doc_ids[column], float(score))
            for column, score in zip(self.index[row][found], self.scores[row][found], strict=True)
        ]

    def to_dict(self) -> dict[str, dict[str, float]]:
        """{query id: {document id: score}}, the shape that other tools read."""
        return {query_id: dict(self.documents(row)) for row, query_id in enumerate(self.query_ids)}

    @classmethod
    def from_dict(cls, ranked: Mapping[str, Mapping[str, float]], doc_ids: Sequence[str]) -> Run:
        """From {query id: {document id: score}}; `doc_ids` is the corpus in its own (descending) order."""
        position = {doc_id: column for column, doc_id in enumerate(doc_ids)}
        width = max((len(found) for found in ranked.values()), default=0)
        index = np.full((len(ranked), width), -1, np.int32)
        scores = np.full((len(ranked), width), -np.inf, np.float32)
        for row, found in enumerate(ranked.values()):
            strangers = sorted(set(found) - position.keys())
            if strangers:
                raise BadOutput(f"a run names document {strangers[0]!r}, which is not in the corpus")
            index[row, : len(found)] = [position[doc_id] for doc_id in found]
            scores[row, : len(found)] = list(found.values())
        return cls.of(tuple(ranked), doc_ids, index, scores)

    def without(self, exclude: npt.NDArray[np.int32]) -> Run:
        """The run in which row q never holds column `exclude[q]`: items do not retrieve themselves."""
        return self.masked((self.index == exclude[:, None]) & (exclude[:, None] >= 0))

    def masked(self, gone: npt.NDArray[np.bool_]) -> Run:
        """The run without the places that `gone` [Q, k] marks; what stands below them moves up."""
        index, scores = _in_order(np.where(gone, np.int32(-1), self.index), self.scores)
        return Run(self.query_ids, self.doc_ids, index, scores, self.depth)

    def top(self, k: int) -> Run:
        """The run cut at rank k."""
        return Run(self.query_ids, self.doc_ids, self.index[:, :k], self.scores[:, :k], min(k, self.depth))


def _check(n_queries: int, n_docs: int, index: npt.NDArray[np.int32], scores: npt.NDArray[np.float32]) -> None:
    if index.shape != scores.shape or index.ndim != 2 or len(index) != n_queries:
        raise BadOutput(
            f"a run of {n_queries} queries needs index and scores of one shape [{n_queries}, k]; "
            f"got {list(index.shape)} and {list(scores.shape)}"
        )
    if index.size and (index.max() >= n_docs or index.min() < -1):
        raise BadOutput(f"a run points at column {int(index.max())} of a corpus of {n_docs} documents")
    if not np.isfinite(scores[index >= 0]).all():
        raise NotFinite("a run holds scores that are not finite (NaN or infinite)")
    if _has_doubles(index):
        raise BadOutput("a run returns one document twice for the same query")


def _has_doubles(index: npt.NDArray[np.int32]) -> bool:
    ranked = np.sort(index, axis=1)
    return bool(((ranked[:, 1:] == ranked[:, :-1]) & (ranked[:, 1:] >= 0)).any())


def _in_order(
    index: npt.NDArray[np.int32], scores: npt.NDArray[np.float32]
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.float32]]:
    """Empty places last; the rest by score descending, ties by ascending column."""
    missing = index < 0
    keys = np.where(missing, np.inf, -scores)
    order = np.lexsort((index, keys, missing), axis=1)
    index = np.take_along_axis(index, order, axis=1)
    scores = np.take_along_axis(np.where(missing, -np.inf, scores).astype(np.float32), order, axis=1)
    return index, scores
