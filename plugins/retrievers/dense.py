"""dense: exact search by cosine or inner product over all vectors."""

from __future__ import annotations

from typing import Literal

import numpy as np

from harness import RetrieverSpec, hookimpl
from harness.data.model import Corpus, FloatMatrix, Queries
from harness.data.run import Run
from harness.errors import BadConfig, BadOutput
from harness.ranking.lengths import normalised
from harness.ranking.topk import dense_top_k

METRICS = ("cosine", "dot")
_UNIT = 1e-5
"""How far from 1 a length may be for vectors to count as normalised already (float32 keeps about seven digits)."""


class Dense:
    """Every document is compared with every query; nothing is approximated."""

    def __init__(self, metric: Literal["cosine", "dot"]) -> None:
        if metric not in METRICS:
            raise BadConfig(f"dense: metric {metric!r} is none of {', '.join(METRICS)}")
        self.metric = metric

    def index(self, corpus: Corpus, /) -> None:
        self._ids = corpus.ids
        self._vectors = self._scaled(corpus.vectors, "the corpus")

    def search(self, queries: Queries, top_k: int, /) -> Run:
        vectors = self._scaled(queries.vectors, "the queries")
        index, scores = dense_top_k(vectors, self._vectors, top_k, queries.exclude)
        return Run.of(queries.ids, self._ids, index, scores)

    def score(self, queries: Queries, /) -> FloatMatrix:
        """[len(queries), N] cosines or inner products."""
        return self._scaled(queries.vectors, "the queries") @ self._vectors.T

    def _scaled(self, vectors: FloatMatrix | None, owner: str) -> FloatMatrix:
        if vectors is None:
            raise BadOutput(f"dense: {owner} came without vectors; it needs an embedder")
        vectors = np.asarray(vectors, np.float32)
        return unit(vectors) if self.metric == "cosine" else vectors


def unit(vectors: FloatMatrix) -> FloatMatrix:
    """Rows of length 1; what an embedder has normalised already is taken as it is."""
    length = np.linalg.norm(vectors, axis=1)
    return vectors if np.all((np.abs(length - 1.0) < _UNIT) | (length == 0.0)) else normalised(vectors)


def build(metric: Literal["cosine", "dot"] = "cosine") -> Dense:
    return Dense(metric)


@hookimpl
def harness_register_retrievers() -> list[RetrieverSpec]:
    return [RetrieverSpec("dense", build, revision="1", about="exact cosine over all vectors", uses_embedder=True)]
