"""embed -> retrieve -> rerank: each shared stage once; what raises costs its own systems and nothing else."""

import gc
import weakref

import numpy as np
import pytest
from toys import ASKED, RELEVANT, TEXTS, Dot, Letters, Longest, Words, bank, registry

from harness.data.run import Run
from harness.engine.pipeline import Pipeline
from harness.errors import BadConfig, BadOutput, HarnessError, NotMeasured, PluginFailed
from harness.grid.systems import System
from harness.plugging.specs import EmbedderSpec, RerankerSpec, RetrieverSpec
from harness.verdict.evaluation import evaluate

WORDS, DOT = System("words"), System("dot", "letters")


def ranked(run, query="q0"):
    return [name for name, _ in run.documents(run.query_ids.index(query))]


def pipeline(top_k=100, dataset=None, **plugged):
    return Pipeline(registry(**plugged), dataset or bank(), top_k)


def test_a_system_ranks_the_corpus_for_every_query():
    run = pipeline().run(WORDS)
    assert run.query_ids == tuple(ASKED)
    assert ranked(run) == ["d1", "d0", "d7", "d2"]  # d1 and d0 share two words, d7 and d2 one: ties by descending id
    assert ranked(pipeline(top_k=2).run(WORDS)) == ["d1", "d0"]


def test_the_whole_grid_encodes_every_text_once_per_embedder():
    seen = []

    class Counted(Letters):
        def encode_query(self, inputs):
            seen.extend(inputs)
            return super().encode_query(inputs)

        def encode_document(self, inputs):
            seen.extend(inputs)
            return super().encode_document(inputs)

    mix = RetrieverSpec("mix", lambda parts: Words(), parts=("dot", "words"))
    names = ("one", "two", "three")
    engine = pipeline(embedders=[EmbedderSpec(name, Counted) for name in names], retrievers=[mix])
    for name in names:
        for retriever in ("dot", "mix"):
            for reranker in (None, "longest"):
                engine.run(System(retriever, name, reranker))
    assert len(seen) == len(names) * (len(TEXTS) + len(ASKED))
    assert sorted(seen) == sorted([*TEXTS.values(), *ASKED.values()] * len(names))
    assert dict(engine.vectors.calls) == {(n, side): len(t) for n in names for side, t in (("document", TEXTS), ("query", ASKED))}


def test_a_lexical_retriever_is_indexed_once_whatever_the_embedders():
    built = []

    class Counted(Words):
        def index(self, corpus, /):
            built.append(len(corpus))
            super().index(corpus)

    mix = RetrieverSpec("mix", lambda parts: parts["counted"], parts=("counted", "dot"))
    engine = pipeline(
        embedders=[EmbedderSpec("two", Letters)], retrievers=[RetrieverSpec("counted", Counted, lexical=True), mix]
    )
    engine.run(System("counted"))
    parts = [engine.retriever("counted", owner) for owner in (None, "letters", "two")]
    assert parts[0] is parts[1] is parts[2]
    assert built == [len(TEXTS)]


def test_one_embedder_is_held_at_a_time():
    engine = pipeline(embedders=[EmbedderSpec("two", Letters)])
    first = engine.embedder("letters")
    assert engine.embedder("letters") is first
    engine.embedder("two")
    assert engine.embedder("letters") is not first


def test_a_query_that_is_an_item_never_retrieves_itself():
    dataset = bank(sources={"q0": "d1", "q3": "d6"})
    for system in (WORDS, DOT, System("words", None, "longest")):
        run = pipeline(dataset=dataset).run(system)
        assert "d1" not in ranked(run, "q0")
        assert "d6" not in ranked(run, "q3")
        assert "d3" in ranked(run, "q1")
    assert ranked(pipeline(1, dataset).run(WORDS)) == ["d0"]  # the place is filled, not lost


def test_a_reranker_orders_its_depth_and_keeps_the_rest():
    engine = pipeline()
    first, second = engine.run(DOT), engine.run(System("dot", "letters", "longest"))
    for query in ASKED:
        before, after = ranked(first, query), ranked(second, query)
        best = sorted(before[:3], key=lambda name: (len(TEXTS[name]), name), reverse=True)
        assert after == best + before[3:]
    assert (first.depth, second.depth) == (100, 3)


def test_metrics_deeper_than_the_reranked_depth_are_absent():
    dataset = bank()
    run = pipeline(dataset=dataset).run(System("words", None, "longest"))
    scores = evaluate("s", run, dataset, dataset.truths["labels"], ["recall@3", "recall@5", "mrr"])
    assert sorted(scores.values) == ["mrr", "recall@3"]
    row = scores.measurement("recall@5")
    assert (row.value, row.reason) == (None, "the run says nothing beyond rank 3")


def test_a_reranker_that_saw_everything_may_be_asked_everything():
    engine = pipeline(rerankers=[RerankerSpec("all", Longest, depth=8)])
    assert engine.run(System("dot", "letters", "all")).depth == 100


def test_a_small_corpus_hides_no_metric():
    """Of 8 documents all were ranked: recall@20 is known, though no run can be 20 deep."""
    dataset = bank()
    scores = evaluate("s", pipeline(dataset=dataset).run(DOT), dataset, dataset.truths["labels"], ["recall@20"])
    assert scores.measurement("recall@20").value == 1.0


def test_a_run_that_returned_less_than_asked_is_only_as_deep():
    class Short(Words):
        def search(self, queries, k, /):
            return super().search(queries, 2)

    assert pipeline(retrievers=[RetrieverSpec("short", Short)]).run(System("short")).depth == 2


class Foreign(Words):
    """Answers about another corpus."""

    def search(self, queries, k, /):
        run = super().search(queries, k)
        return Run(run.query_ids, run.doc_ids[::-1], run.index, run.scores, run.depth)


class Shuffled(Words):
    """Answers the queries in another order."""

    def search(self, queries, k, /):
        run = super().search(queries, k)
        return Run(run.query_ids[::-1], run.doc_ids, run.index, run.scores, run.depth)


class Twice(Words):
    """Returns its first document for every place."""

    def search(self, queries, k, /):
        run = super().search(queries, k)
        return Run(run.query_ids, run.doc_ids, np.zeros_like(run.index), np.ones_like(run.scores), run.depth)


class NaNs(Words):
    """Scores that are none, built by hand."""

    def search(self, queries, k, /):
        run = super().search(queries, k)
        return Run(run.query_ids, run.doc_ids, run.index, run.scores * np.nan, run.depth)


class Raises:
    """Raises wherever it is told to."""

    def __init__(self, *moments):
        self.moments = moments

    def _do(self, moment, answer=None):
        if moment in self.moments:
            raise RuntimeError(f"at {moment}")
        return answer

    def encode_query(self, inputs):
        return self._do("encode_query", np.ones((len(inputs), 8)))

    def encode_document(self, inputs):
        return self._do("encode_document", np.ones((len(inputs), 8)))

    def index(self, corpus, /):
        self._do("index")

    def search(self, queries, k, /):
        return self._do("search", "no run")

    def rerank(self, query, documents, /):
        return self._do("rerank", [0.0] * (len(documents) - 1))


def raising(*moments):
    return lambda: Raises(*moments)


@pytest.mark.parametrize(
    ("plugged", "system", "kind", "sentence"),
    [
        ({"embedders": [EmbedderSpec("bad", raising("encode_document"), origin="x.py")]}, System("dot", "bad"), PluginFailed,
         "embedder 'bad' (x.py) failed at encode_document: RuntimeError: at encode_document"),
        ({"embedders": [EmbedderSpec("bad", raising("encode_query"), origin="x.py")]}, System("dot", "bad"), PluginFailed,
         "embedder 'bad' (x.py) failed at encode_query: RuntimeError: at encode_query"),
        ({"embedders": [EmbedderSpec("bad", lambda: 1 / 0, origin="x.py")]}, System("dot", "bad"), PluginFailed,
         "embedder 'bad' (x.py) failed at build: ZeroDivisionError: division by zero"),
        ({"retrievers": [RetrieverSpec("bad", raising("index"))]}, System("bad"), PluginFailed,
         "retriever 'bad' failed at index: RuntimeError: at index"),
        ({"retrievers": [RetrieverSpec("bad", raising("search"))]}, System("bad"), PluginFailed,
         "retriever 'bad' failed at search: RuntimeError: at search"),
        ({"retrievers": [RetrieverSpec("bad", raising())]}, System("bad"), PluginFailed,
         "retriever 'bad' failed at search: AttributeError: 'str' object has no attribute 'query_ids'"),
        ({"rerankers": [RerankerSpec("bad", raising("rerank"), origin="x.py")]}, System("words", None, "bad"), PluginFailed,
         "reranker 'bad' (x.py) failed at rerank: RuntimeError: at rerank"),
        ({"rerankers": [RerankerSpec("bad", raising())]}, System("words", None, "bad"), BadOutput,
         "reranker 'bad' returned 3 scores for 4 documents of query 'q0'"),
        ({"retrievers": [RetrieverSpec("bad", Foreign)]}, System("bad"), BadOutput,
         "retriever 'bad' returned a run over other queries or documents than it was given"),
        ({"retrievers": [RetrieverSpec("bad", Shuffled)]}, System("bad"), BadOutput,
         "retriever 'bad' returned a run over other queries or documents than it was given"),
        ({"retrievers": [RetrieverSpec("bad", Twice)]}, System("bad"), BadOutput,
         "a run returns one document twice for the same query"),
        ({"retrievers": [RetrieverSpec("bad", NaNs)]}, System("bad"), BadOutput,
         "a run holds scores that are not finite (NaN or infinite)"),
        ({"retrievers": [RetrieverSpec("bad", dict, parts=("bad",))]}, System("bad"), BadConfig,
         "retriever 'bad' is a part of itself: bad > bad"),
    ],
)  # fmt: skip
def test_what_fails_costs_only_its_own_systems(plugged, system, kind, sentence):
    engine = pipeline(**plugged)
    for _ in range(2):
        with pytest.raises(kind) as caught:
            engine.run(system)
        assert str(caught.value) == sentence
    assert ranked(engine.run(WORDS)) == ["d1", "d0", "d7", "d2"]
    assert len(engine.run(System("dot", "letters", "longest"))) == len(ASKED)


def test_what_failed_is_not_tried_again():
    tried = []

    def build():
        tried.append(1)
        raise OSError("no weights")

    engine = pipeline(embedders=[EmbedderSpec("bad", build)], retrievers=[RetrieverSpec("dot-2", Dot, uses_embedder=True)])
    for retriever in ("dot", "dot-2", "dot"):
        with pytest.raises(HarnessError):
            engine.run(System(retriever, "bad"))
    assert len(tried) <= 2  # once for the queries, once for the documents


def test_what_is_released_is_built_again_and_rankings_stay():
    built = []
    engine = pipeline(embedders=[EmbedderSpec("two", lambda: built.append(1) or Letters())])
    run = engine.run(System("dot", "two"))
    engine.release()
    assert engine.run(System("dot", "two")) is run
    engine.embedder("two")
    assert len(built) == 2


def test_the_judgements_are_found():
    """The toys are no toys if they cannot find anything: half of the relevant documents at least."""
    dataset = bank()
    for system in (WORDS, DOT):
        scores = evaluate("s", pipeline(dataset=dataset).run(system), dataset, dataset.truths["labels"], ["recall@3"])
        assert scores.measurement("recall@3").value >= 0.5
        assert scores.measurement("recall@3").n == len(RELEVANT)


def test_pipelines_that_share_vectors_hold_one_embedder_between_them():
    built = []
    known = registry(embedders=[EmbedderSpec(name, lambda: built.append(1) or Letters()) for name in ("one", "two")])
    first = Pipeline(known, bank(), 10)
    second = Pipeline(known, bank(), 3, first.vectors)
    first.run(System("dot", "one"))
    assert second.run(System("dot", "one")).to_dict() == Pipeline(known, bank(), 3).run(System("dot", "one")).to_dict()
    assert len(built) == 2  # one for the two that share, one for the third
    assert second.embedder("one") is first.embedder("one")
    second.embedder("two")
    assert first.embedder("two") is second.embedder("two")
    assert len(built) == 3


def test_what_is_released_is_gone_but_rankings_and_vectors_stay():
    alive = weakref.WeakSet()

    def kept(kind):
        def build():
            model = kind()
            alive.add(model)
            return model

        return build

    engine = pipeline(
        embedders=[EmbedderSpec("e", kept(Letters))],
        retrievers=[RetrieverSpec("r", kept(Dot), uses_embedder=True)],
        rerankers=[RerankerSpec("s", kept(Longest), depth=3)],
    )
    run = engine.run(System("r", "e", "s"))
    assert len(alive) == 3
    engine.release()
    gc.collect()
    assert len(alive) == 0
    assert engine.run(System("r", "e", "s")) is run
    assert engine.corpus("e").vectors.shape == (8, 8)
    assert engine.vectors.calls == {("e", "document"): 8, ("e", "query"): 4}
    assert len(alive) == 0


DUMMIES = {
    "embedders": [
        EmbedderSpec("dummy", Letters, dummy=True),
        EmbedderSpec("pair", lambda parts: parts["letters"], parts=("letters", "dummy")),
    ],
    "rerankers": [RerankerSpec("guess", Longest, depth=3, dummy=True)],
}


@pytest.mark.parametrize(
    ("system", "who"),
    [
        (System("dot", "dummy"), "embedder 'dummy'"),
        (System("dot", "dummy", "longest"), "embedder 'dummy'"),
        (System("dot", "pair"), "embedder 'dummy'"),
        (System("dot", "letters", "guess"), "reranker 'guess'"),
        (System("words", None, "guess"), "reranker 'guess'"),
    ],
    ids=lambda value: getattr(value, "name", None),
)
def test_what_random_weights_find_is_not_measured(system, who):
    with pytest.raises(NotMeasured) as caught:
        pipeline(**DUMMIES).run(system)
    assert str(caught.value) == f"{who} has random weights (--weights dummy): what it costs is real, what it finds is not"


def test_random_weights_elsewhere_cost_nobody_anything():
    assert pipeline(**DUMMIES).run(System("dot", "letters", "longest")).to_dict() == pipeline().run(
        System("dot", "letters", "longest")
    ).to_dict()


def test_a_reranker_hands_on_as_many_as_it_keeps_and_is_asked_of_no_more():
    keeps = RerankerSpec("keeps", Longest, depth=4, keep=2)
    engine, dataset = pipeline(rerankers=[keeps, RerankerSpec("all", Longest, depth=4)]), bank()
    cut, whole = (engine.run(System("words", None, name)) for name in ("keeps", "all"))
    assert {query: ranked(cut, query) for query in ASKED} == {query: ranked(whole, query)[:2] for query in ASKED}
    scores = evaluate("s", cut, dataset, dataset.truths["labels"], ["recall@2", "recall@3", "mrr"])
    assert sorted(scores.values) == ["mrr", "recall@2"]
