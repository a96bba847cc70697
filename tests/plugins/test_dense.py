"""dense against numpy by hand and scikit-learn's NearestNeighbors."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType

import numpy as np
import pytest
from sklearn.neighbors import NearestNeighbors

from harness.data.model import Corpus, Item, Queries, Query
from harness.errors import BadConfig, BadOutput

Plugin = Callable[[str], ModuleType]


def ranked(plugin: Plugin, corpus: Corpus, queries: Queries, k: int, **options: str) -> np.ndarray:
    retriever = plugin("retrievers/dense").build(**options)
    retriever.index(corpus)
    return retriever.search(queries, k).index


def test_the_order_is_that_of_scikit_learn(plugin: Plugin) -> None:
    rng = np.random.default_rng(0)
    documents, asked = rng.normal(size=(400, 12)).astype(np.float32), rng.normal(size=(30, 12)).astype(np.float32)
    corpus = Corpus([Item(f"{number:03d}", "") for number in range(400)], documents)
    queries = Queries.against(corpus, [Query(f"q{number}", "") for number in range(30)]).with_vectors(asked)
    peer = NearestNeighbors(n_neighbors=20, metric="cosine").fit(documents)
    np.testing.assert_array_equal(ranked(plugin, corpus, queries, 20), peer.kneighbors(asked, return_distance=False))


def test_scores_are_cosines_and_a_zero_vector_resembles_nothing(
    plugin: Plugin, corpus: Corpus, queries: Queries
) -> None:
    retriever = plugin("retrievers/dense").build()
    retriever.index(corpus)
    scores = retriever.score(queries)
    a, b = queries.vectors, corpus.vectors
    lengths = np.linalg.norm(a, axis=1)[:, None] * np.linalg.norm(b, axis=1)[None]
    by_hand = np.divide(a @ b.T, lengths, out=np.zeros_like(lengths), where=lengths > 0)
    np.testing.assert_allclose(scores, by_hand, atol=1e-6)
    assert scores.dtype == np.float32
    assert not scores[:, 3].any()


def test_dot_takes_lengths_into_account(plugin: Plugin) -> None:
    vectors = np.array([[1, 0], [5, 5]], np.float32)
    corpus = Corpus([Item("b", ""), Item("a", "")], vectors)
    queries = Queries.against(corpus, [Query("q", "")]).with_vectors(np.array([[1, 0]], np.float32))
    assert ranked(plugin, corpus, queries, 2)[0].tolist() == [0, 1]
    assert ranked(plugin, corpus, queries, 2, metric="dot")[0].tolist() == [1, 0]


def test_unit_vectors_are_not_copied(plugin: Plugin) -> None:
    vectors = np.eye(3, dtype=np.float32)
    vectors[2] = 0
    assert plugin("retrievers/dense").unit(vectors) is vectors


def test_mistakes_are_one_line(plugin: Plugin) -> None:
    with pytest.raises(BadConfig, match="dense: metric 'l2' is none of cosine, dot"):
        plugin("retrievers/dense").build(metric="l2")
    with pytest.raises(BadOutput, match="dense: the corpus came without vectors; it needs an embedder"):
        plugin("retrievers/dense").build().index(Corpus([Item("a", "b")]))
