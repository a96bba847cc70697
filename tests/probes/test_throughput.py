"""Batches per second: documents that enter, queries that leave, through every stage."""

import pytest
from toys import Letters, Longest, Words, bank, registry

from harness.engine.live import Live
from harness.engine.pipeline import Pipeline
from harness.grid.systems import System
from harness.plugging.specs import EmbedderSpec, RerankerSpec, RetrieverSpec
from harness.probes.throughput import measure


def measured(system, seconds=0.02, batch=3, **plugged):
    pipeline = Pipeline(registry(**plugged), bank(), 100)
    return measure(pipeline, Live(pipeline, system, 5), batch, seconds)


@pytest.mark.parametrize("system", [System("words"), System("dot", "letters", "longest")], ids=lambda system: system.name)
def test_rates_follow_from_counts_and_time(system):
    result = measured(system)
    assert result.batch == 3
    assert result.items_counted > 0
    assert result.queries_counted % 3 == 0
    assert 0 < result.items <= result.items_counted / 0.02
    assert 0 < result.queries <= result.queries_counted / 0.02


def test_documents_are_embedded_anew_in_batches():
    batches = []

    class Seen(Letters):
        def encode_document(self, inputs):
            batches.append(len(inputs))
            return super().encode_document(inputs)

    result = measured(System("dot", "seen"), seconds=0.001, embedders=[EmbedderSpec("seen", Seen)])
    assert batches[0] == 8  # the corpus itself
    assert batches[1:4] == [3, 3, 2][: len(batches) - 1]
    assert sum(batches[2:]) == result.items_counted  # the first batch warms up


def test_a_lexical_system_indexes_the_documents_anew():
    indexed = []

    class Seen(Words):
        def index(self, corpus, /):
            indexed.append(len(corpus))
            super().index(corpus)

    result = measured(System("seen"), seconds=0.001, retrievers=[RetrieverSpec("seen", Seen)])
    assert set(indexed) == {8}
    assert result.items_counted == 8 * (len(indexed) - 2)  # less the live one's and the one that warms up


def test_a_second_stage_belongs_to_the_answer():
    reranked = []

    class Seen(Longest):
        def rerank(self, query, documents, /):
            reranked.append(query)
            return super().rerank(query, documents)

    result = measured(System("words", None, "seen"), seconds=0.001, rerankers=[RerankerSpec("seen", Seen, depth=2)])
    assert len(reranked) == result.queries_counted + 3  # every query of every batch, and those that warm up
