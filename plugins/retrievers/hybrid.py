"""hybrid-a<alpha>: alpha x dense + (1 - alpha) x BM25, each stretched to 0..1 over all documents of a query."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import partial

from harness import RetrieverSpec, hookimpl
from harness.config import Config
from harness.data.model import Corpus, FloatMatrix, Queries
from harness.data.run import Run
from harness.errors import BadConfig
from harness.plugging.components import Retriever, Scorer
from harness.plugging.scoring import search_scores
from harness.ranking.fusion import min_max, weighted

DOCUMENTED = ("0.0", "0.3", "0.5", "0.7", "1.0")
_NAME = re.compile(r"hybrid-a(\d+(?:\.\d+)?)")


class Hybrid:
    """Fuses the scores of all documents, never two shortened lists: a document missing from one list is not worth 0."""

    def __init__(self, parts: Mapping[str, Retriever], alpha: float) -> None:
        if not 0.0 <= alpha <= 1.0:
            raise BadConfig(f"hybrid: alpha {alpha:g} is not between 0 (all lexical) and 1 (all dense)")
        if len(parts) != 2:
            raise BadConfig(f"hybrid: needs two parts, dense first, then lexical; got {', '.join(parts) or 'none'}")
        self.alpha = alpha
        self._dense, self._lexical = (_scorer(name, part) for name, part in parts.items())

    def index(self, corpus: Corpus, /) -> None:
        self._ids = corpus.ids

    def search(self, queries: Queries, top_k: int, /) -> Run:
        return search_scores(self.score, queries, self._ids, top_k, zero_is_found=True)

    def score(self, queries: Queries, /) -> FloatMatrix:
        """[len(queries), N] between 0 and 1; a query's own item takes no part in the stretching."""
        dense = min_max(self._dense.score(queries), queries.exclude)
        lexical = min_max(self._lexical.score(queries), queries.exclude)
        return weighted(dense, lexical, self.alpha)


def _scorer(name: str, part: Retriever) -> Scorer:
    if not isinstance(part, Scorer):
        raise BadConfig(f"hybrid: part {name!r} ranks, but cannot score every document: it has no score(queries)")
    return part


def build(parts: Mapping[str, Retriever], *, alpha: float = 0.5) -> Hybrid:
    return Hybrid(parts, alpha)


def asked(config: Config) -> Iterable[str]:
    """The alphas named beyond the documented ones: in a grid list, or inside the name of a system or baseline."""
    grid = config.grid
    for system in (*grid.retrievers, *grid.candidates, *grid.baselines, *grid.chance):
        for word in system.split("+"):
            if found := _NAME.fullmatch(word):
                yield found[1]


@hookimpl
def harness_register_retrievers(config: Config) -> list[RetrieverSpec]:
    return [
        RetrieverSpec(
            f"hybrid-a{alpha}",
            partial(build, alpha=float(alpha)),
            revision="1",
            about=f"{alpha} x dense + {1 - float(alpha):.4g} x BM25, min-max over all documents",
            parts=("dense", "bm25"),
        )
        for alpha in dict.fromkeys((*DOCUMENTED, *asked(config)))
    ]
