"""bm25-okapi: rank_bm25 itself over words between spaces, as the documents ran it; slow, and exactly theirs."""

from __future__ import annotations

import warnings

import numpy as np

from harness import RetrieverSpec, hookimpl
from harness.data.model import Corpus, FloatMatrix, Queries
from harness.data.run import Run
from harness.plugging.scoring import search_scores


class Okapi:
    """The library's BM25Okapi: its idf is 0 for a word in half of the documents, and floored where it is negative."""

    def __init__(self, k1: float, b: float) -> None:
        self.k1, self.b = k1, b

    def index(self, corpus: Corpus, /) -> None:
        from rank_bm25 import BM25Okapi

        self._ids = corpus.ids
        documents = [text.split() for text in corpus.texts]
        # The library divides by the mean length, and has none of nothing.
        self._library = BM25Okapi(documents, k1=self.k1, b=self.b) if any(documents) else None
        self._warn_of_idle_words(len(documents))

    def search(self, queries: Queries, top_k: int, /) -> Run:
        """A document that scores 0 is not retrieved."""
        return search_scores(self.score, queries, self._ids, top_k, zero_is_found=False)

    def score(self, queries: Queries, /) -> FloatMatrix:
        """[len(queries), N], the library's own sums; a repeated word of the query counts again."""
        if self._library is None:
            return np.zeros((len(queries), len(self._ids)), np.float32)
        return np.asarray([self._library.get_scores(text.split()) for text in queries.texts], np.float32)

    def _warn_of_idle_words(self, n_documents: int) -> None:
        if self._library is None:
            return
        count: dict[str, int] = {}
        for words in self._library.doc_freqs:
            for word in words:
                count[word] = count.get(word, 0) + 1
        idle = sum(2 * number >= n_documents for number in count.values())
        if 3 * idle > len(count):
            warnings.warn(
                f"bm25-okapi: {idle} of {len(count)} words stand in half of the {n_documents} documents or in more: "
                f"the idf of a word in half of the documents is 0, so they find nothing; bm25 has no such gap",
                stacklevel=2,
            )


def build(k1: float = 1.5, b: float = 0.75) -> Okapi:
    return Okapi(k1, b)


@hookimpl
def harness_register_retrievers() -> list[RetrieverSpec]:
    about = "rank_bm25's BM25Okapi over words between spaces, as in the documents"
    return [RetrieverSpec("bm25-okapi", build, lexical=True, revision="whitespace-1", about=about)]
