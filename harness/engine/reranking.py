"""The second stage: the first stage's best candidates, scored again and put in a new order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from harness.data.model import Dataset, Item, Query
from harness.data.run import Run
from harness.engine.contents import content, contents
from harness.errors import BadData, BadOutput, NotFinite, blame
from harness.plugging.components import Content, Reranker
from harness.plugging.specs import RerankerSpec


def rerank_run(
    reranker: Reranker, spec: RerankerSpec, run: Run, dataset: Dataset, lost: dict[str, str] | None = None
) -> Run:
    """The run with its first `spec.depth` places reordered.

    What lies below keeps its place, so that measures over the whole list stay comparable with the first stage; the
    run's `depth` becomes the reranked one, so that nothing deeper is claimed for the reranker (unless it saw all).
    With `spec.keep` the run ends there. A query whose picture cannot be opened finds nothing, and stands in `lost`
    with the reason, as a document does that is therefore put last; without `lost` a query raises BadData.
    """
    queries: Mapping[str, Query] = {query.id: query for query in dataset.queries.queries}
    index = run.index.copy()
    depth = run.depth if spec.depth >= index.shape[1] else spec.depth
    for row, query_id in enumerate(run.query_ids):
        columns = run.index[row, : spec.depth]
        columns = columns[columns >= 0]
        documents = [dataset.corpus.items[column] for column in columns]
        try:
            index[row, : len(columns)] = columns[new_order(reranker, spec, queries[query_id], documents, lost)]
        except BadData as error:
            if lost is None:
                raise
            lost[query_id] = str(error)
            index[row] = -1
    reranked = Run(run.query_ids, run.doc_ids, index, _descending(index), min(depth, run.depth))
    return reranked.top(spec.keep) if spec.keep else reranked


@dataclass(frozen=True)
class Reordering:
    """Of how many queries a second stage changed the order: one that changes none is at fault, not a finding."""

    changed: int
    queries: int

    @property
    def share(self) -> float:
        return self.changed / self.queries if self.queries else 0.0


def reordering(first: Run, second: Run) -> Reordering:
    """Two runs over the same queries and corpus, compared place by place, as deep as the second one goes.

    A query that the second one lost is none that it reordered.
    """
    differs = (first.index[:, : second.index.shape[1]] != second.index).any(axis=1)
    answered = (second.index >= 0).any(axis=1)
    return Reordering(int((differs & answered).sum()), len(first))


def new_order(
    reranker: Reranker, spec: RerankerSpec, query: Query, documents: list[Item], lost: dict[str, str] | None = None
) -> npt.NDArray[np.intp]:
    """Positions of `documents`, best first; equal scores by descending id, as everywhere. Raises BadData."""
    if not documents:
        return np.zeros(0, np.intp)
    asked, shown = content(query, spec.modalities), contents(documents, spec.modalities)
    scores = _scores(reranker, spec, query, asked, shown)
    if lost is not None:
        lost |= {documents[place].id: str(score) for place, score in scores.items() if isinstance(score, BadData)}
    known = {place: -np.inf if isinstance(score, BadData) else score for place, score in scores.items()}
    return np.asarray(sorted(known, key=lambda i: (known[i], documents[i].id), reverse=True), np.intp)


def _scores(
    reranker: Reranker, spec: RerankerSpec, query: Query, asked: Content, shown: list[Content | BadData]
) -> dict[int, float | BadData]:
    """By place; where a document cannot be shown, or the reranker calls it bad data, the reason."""
    good = [place for place, document in enumerate(shown) if not isinstance(document, BadData)]
    known: dict[int, float | BadData] = {p: d for p, d in enumerate(shown) if isinstance(d, BadData)}
    try:
        return known | dict(zip(good, _asked(reranker, spec, query, asked, [shown[p] for p in good]), strict=True))
    except BadData as error:
        if len(shown) == 1:
            return {0: error}
    alone = [_scores(reranker, spec, query, asked, [document])[0] for document in shown]
    if all(isinstance(alone[place], BadData) for place in good):
        raise alone[good[0]]  # type: ignore[misc]  # no document can be to blame for all the others: it is the query
    return dict(enumerate(alone))


def _asked(reranker: Reranker, spec: RerankerSpec, query: Query, asked: Content, shown: list[Any]) -> list[float]:
    name = f"reranker {spec.name!r}"
    if not shown:
        return []
    with blame("rerank", f"{name} ({spec.origin})"):
        scores = [float(score) for score in reranker.rerank(asked, shown)]
    if len(scores) != len(shown):
        raise BadOutput(f"{name} returned {len(scores)} scores for {len(shown)} documents of query {query.id!r}")
    if not np.isfinite(scores).all():
        raise NotFinite(f"{name} returned a score that is not finite for query {query.id!r}")
    return scores


def _descending(index: npt.NDArray[np.int32]) -> npt.NDArray[np.float32]:
    """Scores that say no more than the order: a reranker's and a first stage's are of different scales."""
    ranks = np.arange(index.shape[1], 0, -1, dtype=np.float32)
    return np.where(index >= 0, ranks, -np.inf).astype(np.float32)
