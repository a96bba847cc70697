"""The second stage: the first stage's best candidates, scored again and put in a new order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from harness.data.model import Dataset, Item, Query
from harness.data.run import Run
from harness.engine.contents import content, contents
from harness.errors import BadOutput, NotFinite, blame
from harness.plugging.components import Reranker, RerankerSpec


def rerank_run(reranker: Reranker, spec: RerankerSpec, run: Run, dataset: Dataset) -> Run:
    """The run with its first `spec.depth` places reordered.

    What lies below keeps its place, so that measures over the whole list stay comparable with the first stage; the
    run's `depth` becomes the reranked one, so that nothing deeper is claimed for the reranker (unless it saw all).
    """
    queries: Mapping[str, Query] = {query.id: query for query in dataset.queries.queries}
    index = run.index.copy()
    depth = run.depth if spec.depth >= index.shape[1] else spec.depth
    for row, query_id in enumerate(run.query_ids):
        columns = run.index[row, : spec.depth]
        columns = columns[columns >= 0]
        documents = [dataset.corpus.items[column] for column in columns]
        index[row, : len(columns)] = columns[new_order(reranker, spec, queries[query_id], documents)]
    return Run(run.query_ids, run.doc_ids, index, _descending(index), min(depth, run.depth))


@dataclass(frozen=True)
class Reordering:
    """Of how many queries a second stage changed the order: one that changes none is at fault, not a finding."""

    changed: int
    queries: int

    @property
    def share(self) -> float:
        return self.changed / self.queries if self.queries else 0.0


def reordering(first: Run, second: Run) -> Reordering:
    """Two runs over the same queries and corpus, compared place by place."""
    return Reordering(int((first.index != second.index).any(axis=1).sum()), len(first))


def new_order(reranker: Reranker, spec: RerankerSpec, query: Query, documents: list[Item]) -> npt.NDArray[np.intp]:
    """Positions of `documents`, best first; equal scores by descending id, as everywhere."""
    if not documents:
        return np.zeros(0, np.intp)
    scores = _scores(reranker, spec, query, documents)
    return np.asarray(sorted(range(len(documents)), key=lambda i: (scores[i], documents[i].id), reverse=True), np.intp)


def _scores(reranker: Reranker, spec: RerankerSpec, query: Query, documents: list[Item]) -> list[float]:
    name = f"reranker {spec.name!r}"
    asked, shown = content(query, spec.modalities), contents(documents, spec.modalities)
    with blame("rerank", f"{name} ({spec.origin})"):
        scores = [float(score) for score in reranker.rerank(asked, shown)]
    if len(scores) != len(documents):
        raise BadOutput(f"{name} returned {len(scores)} scores for {len(documents)} documents of query {query.id!r}")
    if not np.isfinite(scores).all():
        raise NotFinite(f"{name} returned a score that is not finite for query {query.id!r}")
    return scores


def _descending(index: npt.NDArray[np.int32]) -> npt.NDArray[np.float32]:
    """Scores that say no more than the order: a reranker's and a first stage's are of different scales."""
    ranks = np.arange(index.shape[1], 0, -1, dtype=np.float32)
    return np.where(index >= 0, ranks, -np.inf).astype(np.float32)
