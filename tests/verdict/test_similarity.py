"""The margin between relevant pairs and all others, held against scikit-learn's cosines."""

import numpy as np
import pytest
from sklearn.metrics.pairwise import cosine_similarity

from harness.data.model import Corpus, Item, Queries, Query
from harness.errors import NotMeasured
from harness.verdict import similarity as room
from harness.verdict.similarity import similarity


def made(seed=0, n_queries=7, n_documents=20, own=True):
    rng = np.random.default_rng(seed)
    corpus = Corpus([Item(f"d{n:02}", "") for n in range(n_documents)], rng.normal(size=(n_documents, 5)).astype(np.float32))
    queries = [Query(f"q{n}", "", source=f"d{n:02}" if own else None) for n in range(n_queries)]
    asked = Queries.against(corpus, queries).with_vectors(rng.normal(size=(n_queries, 5)).astype(np.float32))
    names = [f"d{n:02}" for n in range(n_documents)]
    qrels = {
        query.id: {name: int(rng.integers(0, 4)) for name in rng.permutation(names)[:6] if name != query.source}
        for query in queries
    }
    return asked, corpus, qrels


def by_hand(asked, corpus, qrels, level):
    cosines = cosine_similarity(asked.vectors, corpus.vectors)
    kinds = {True: [], False: []}
    for row, query in enumerate(asked.queries):
        judged = qrels.get(query.id, {})
        if not any(grade >= level for grade in judged.values()):
            continue
        for column, name in enumerate(corpus.ids):
            if name != query.source:
                kinds[judged.get(name, 0) >= level].append(cosines[row, column])
    return kinds


@pytest.mark.parametrize("level", [1, 2, 3])
@pytest.mark.parametrize("block", [1, 3, 256])
@pytest.mark.parametrize("own", [True, False])
def test_means_over_relevant_pairs_and_over_all_others(monkeypatch, level, block, own):
    monkeypatch.setattr(room, "BLOCK", block)
    asked, corpus, qrels = made(own=own)
    found, kinds = similarity(asked, corpus, qrels, level), by_hand(asked, corpus, qrels, level)
    assert found.relevant == pytest.approx(np.mean(kinds[True]), abs=1e-6)
    assert found.others == pytest.approx(np.mean(kinds[False]), abs=1e-6)
    assert found.margin == pytest.approx(np.mean(kinds[True]) - np.mean(kinds[False]), abs=1e-6)
    assert found.pairs == len(kinds[True])


def test_lengths_do_not_count_and_a_zero_vector_resembles_nothing():
    asked, corpus, qrels = made()
    before = similarity(asked, corpus, qrels, 1)
    louder = similarity(asked.with_vectors(asked.vectors * 7), Corpus(corpus.items, corpus.vectors * 3), qrels, 1)
    assert (louder.relevant, louder.others) == pytest.approx((before.relevant, before.others), abs=1e-6)
    silent = similarity(asked.with_vectors(asked.vectors * 0), corpus, qrels, 1)
    assert (silent.relevant, silent.others) == (0.0, 0.0)


def test_a_document_that_could_not_be_shown_is_no_pair():
    asked, corpus, qrels = made(own=False)
    without = Corpus(corpus.items[1:], corpus.vectors[1:])
    again = Queries.against(without, asked.queries).with_vectors(asked.vectors)
    gone = {query: {name: grade for name, grade in judged.items() if name != corpus.ids[0]} for query, judged in qrels.items()}
    assert similarity(again, without, qrels, 1) == similarity(again, without, gone, 1)


def test_without_vectors_or_pairs_nothing_is_measured():
    asked, corpus, qrels = made()
    with pytest.raises(NotMeasured, match="^there are no vectors$"):
        similarity(asked, Corpus(corpus.items), qrels, 1)
    with pytest.raises(NotMeasured, match="^there is no pair of grade >= 9, or no other one$"):
        similarity(asked, corpus, qrels, 9)
