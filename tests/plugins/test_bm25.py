"""The three BM25s against rank_bm25, bm25s and the formula written out."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Sequence
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest
import rank_bm25

from harness.data.model import Corpus, Item, Queries, Query

Plugin = Callable[[str], ModuleType]


@pytest.fixture
def bm25(plugin: Plugin) -> SimpleNamespace:
    words, okapi = plugin("retrievers/bm25"), plugin("retrievers/bm25_okapi")
    return SimpleNamespace(
        build=words.build, build_whitespace=words.build_whitespace, build_okapi=okapi.build, korean=words.korean
    )


def lucene(documents: Sequence[Sequence[str]], query: Sequence[str], k1: float, b: float) -> list[float]:
    """BM25 as Lucene computes it (Kamphuis et al. 2020, table 1), every query word once."""
    mean = sum(map(len, documents)) / len(documents)
    scores = []
    for document in documents:
        score = 0.0
        for word in set(query):
            df = sum(word in other for other in documents)
            idf = math.log(1 + (len(documents) - df + 0.5) / (df + 0.5))
            tf = document.count(word)
            score += idf * tf / (tf + k1 * (1 - b + b * len(document) / mean))
        scores.append(score)
    return scores


@pytest.mark.parametrize(("build", "tokens"), [("build", "korean"), ("build_whitespace", None)])
def test_scores_are_those_of_the_formula(
    bm25: SimpleNamespace, corpus: Corpus, queries: Queries, build: str, tokens: str | None
) -> None:
    read = getattr(bm25, tokens)() if tokens else str.split
    retriever = getattr(bm25, build)(k1=1.2, b=0.6)
    retriever.index(corpus)
    documents = [read(text) for text in corpus.texts]
    expected = [lucene(documents, read(text), 1.2, 0.6) for text in queries.texts]
    np.testing.assert_allclose(retriever.score(queries), expected, atol=1e-5)


def test_okapi_is_the_library(bm25: SimpleNamespace, corpus: Corpus, queries: Queries) -> None:
    retriever = bm25.build_okapi()
    retriever.index(corpus)
    library = rank_bm25.BM25Okapi([text.split() for text in corpus.texts])
    expected = [library.get_scores(text.split()) for text in queries.texts]
    np.testing.assert_allclose(retriever.score(queries), expected, atol=1e-5)


def test_okapi_keeps_the_floor_of_frequent_words_and_counts_repeated_ones(bm25: SimpleNamespace) -> None:
    """The word of every document has a negative idf, which the library lifts to a quarter of the mean idf."""
    texts = [f"의 낱말{number} 낱말{number % 7}" for number in range(40)]
    corpus = Corpus(Item(f"{number:02d}", text) for number, text in enumerate(texts))
    queries = Queries.against(corpus, [Query("q", "의 낱말3 낱말3")])
    retriever = bm25.build_okapi(k1=0.9, b=0.4)
    retriever.index(corpus)
    library = rank_bm25.BM25Okapi([text.split() for text in corpus.texts], k1=0.9, b=0.4)
    assert library.idf["의"] == pytest.approx(0.25 * library.average_idf)
    np.testing.assert_allclose(retriever.score(queries)[0], library.get_scores(queries.texts[0].split()), atol=1e-5)


def test_okapi_says_when_its_idf_is_idle(bm25: SimpleNamespace) -> None:
    corpus = Corpus([Item("a", "삼각형의 넓이"), Item("b", "원의 둘레")])
    with pytest.warns(
        UserWarning, match="bm25-okapi: 4 of 4 words stand in half of the 2 documents or in more"
    ) as told:
        bm25.build_okapi().index(corpus)
    assert len(told) == 1
    assert "idf of a word in half of the documents is 0" in str(told[0].message)


def test_okapi_is_silent_on_an_ordinary_bank(bm25: SimpleNamespace, corpus: Corpus) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        bm25.build_okapi().index(corpus)


@pytest.mark.parametrize("build", ["build", "build_whitespace", "build_okapi"])
def test_what_shares_no_token_is_not_retrieved(bm25: SimpleNamespace, corpus: Corpus, queries: Queries, build: str) -> None:
    retriever = getattr(bm25, build)()
    retriever.index(corpus)
    scores, run = retriever.score(queries), retriever.search(queries, len(corpus))
    own = queries.exclude[:, None] == np.arange(len(corpus))
    assert ((run.index >= 0).sum(axis=1) == ((scores != 0) & ~own).sum(axis=1)).all()
    assert not scores[-1].any(), "a word that no document holds"
    assert (run.index[-1] == -1).all()


@pytest.mark.parametrize("build", ["build", "build_whitespace", "build_okapi"])
def test_a_bank_without_words_finds_nothing(bm25: SimpleNamespace, build: str) -> None:
    corpus = Corpus([Item("a", ""), Item("b", " ")])
    retriever = getattr(bm25, build)()
    retriever.index(corpus)
    run = retriever.search(Queries.against(corpus, [Query("q", "삼각형")]), 5)
    assert run.index.tolist() == [[-1, -1]]


def test_nothing_is_printed(bm25: SimpleNamespace, corpus: Corpus, queries: Queries, capfd: pytest.CaptureFixture) -> None:
    for build in (bm25.build, bm25.build_whitespace, bm25.build_okapi):
        retriever = build()
        retriever.index(corpus)
        retriever.search(queries, 3)
    assert capfd.readouterr() == ("", "")
