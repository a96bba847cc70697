"""rrf: reciprocal rank fusion of a dense and a lexical ranking: ranks alone, so no scale has to be chosen."""

from __future__ import annotations

from collections.abc import Mapping

from harness import RetrieverSpec, hookimpl
from harness.data.model import Corpus, FloatMatrix, Queries
from harness.data.run import Run
from harness.errors import BadConfig
from harness.plugging.components import Retriever
from harness.plugging.scoring import search_scores
from harness.ranking.fusion import reciprocal_rank_fusion


class ReciprocalRank:
    """Sum of 1 / (k + rank) over the parts' rankings of `depth` documents; what no part found is not returned."""

    def __init__(self, parts: Mapping[str, Retriever], k: int, depth: int) -> None:
        if len(parts) < 2:
            raise BadConfig(f"rrf: needs at least two parts to fuse; got {', '.join(parts) or 'none'}")
        self._parts = tuple(parts.values())
        self.k, self.depth = k, depth

    def index(self, corpus: Corpus, /) -> None:
        self._ids = corpus.ids

    def search(self, queries: Queries, top_k: int, /) -> Run:
        return search_scores(self._fused, queries, self._ids, top_k, zero_is_found=True)

    def _fused(self, queries: Queries) -> FloatMatrix:
        # The own item leaves before ranks are counted: it would push everything else down by one.
        runs = [part.search(queries, self.depth + 1).without(queries.exclude).top(self.depth) for part in self._parts]
        return reciprocal_rank_fusion([run.index for run in runs], len(self._ids), self.k)


def build(parts: Mapping[str, Retriever], *, k: int = 60, depth: int = 1000) -> ReciprocalRank:
    return ReciprocalRank(parts, k, depth)


@hookimpl
def harness_register_retrievers() -> list[RetrieverSpec]:
    about = "reciprocal rank fusion, k 60, 1,000 documents of each part"
    return [RetrieverSpec("rrf", build, revision="1", about=about, parts=("dense", "bm25"))]
