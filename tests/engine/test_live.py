"""A live system answers single queries as the whole run does, and says how long every stage took."""

import pytest
from toys import ASKED, Letters, bank, registry

from harness.engine.live import Live
from harness.engine.pipeline import Pipeline
from harness.errors import NotMeasured
from harness.grid.systems import System
from harness.plugging.specs import EmbedderSpec, RetrieverSpec

SYSTEMS = [
    System("words"),
    System("words", None, "longest"),
    System("dot", "letters"),
    System("dot", "letters", "longest"),
]


def named(system):
    return system.name


@pytest.mark.parametrize("sources", [{}, {"q0": "d1", "q3": "d6"}], ids=["questions", "items"])
@pytest.mark.parametrize("top_k", [1, 5, 50])
@pytest.mark.parametrize("system", SYSTEMS, ids=named)
def test_an_answer_is_the_row_of_the_run(system, top_k, sources):
    dataset = bank(sources=sources)
    pipeline = Pipeline(registry(), dataset, 100)
    live, run = Live(pipeline, system, top_k), pipeline.run(system)
    for row, query in enumerate(dataset.queries.queries):
        expected = run.documents(row)[:top_k]
        answer = live.answer(query)
        assert answer.ids == tuple(name for name, _ in expected)
        if system.reranker is None:
            assert answer.scores == pytest.approx([score for _, score in expected])


@pytest.mark.parametrize("system", SYSTEMS, ids=named)
def test_a_batch_ranks_as_single_queries_do(system):
    dataset = bank(sources={"q0": "d1"})
    live = Live(Pipeline(registry(), dataset, 100), system, 5)
    asked = [*dataset.queries.queries, *dataset.queries.queries[:2]]
    run = live.batch(asked)
    assert [tuple(name for name, _ in run.documents(row))[:5] for row in range(len(asked))] == [
        live.answer(query).ids for query in asked
    ]


@pytest.mark.parametrize(
    ("system", "stages"),
    [
        (SYSTEMS[0], {"search", "total"}),
        (SYSTEMS[1], {"search", "rerank", "total"}),
        (SYSTEMS[2], {"encode", "search", "total"}),
        (SYSTEMS[3], {"encode", "search", "rerank", "total"}),
    ],
    ids=["words", "words+longest", "letters+dot", "letters+dot+longest"],
)
def test_every_stage_that_a_system_has_is_timed_and_they_add_up(system, stages):
    dataset = bank()
    answer = Live(Pipeline(registry(), dataset, 100), system, 5).answer(dataset.queries.queries[0])
    spent = answer.milliseconds
    assert set(spent) == stages
    assert all(value > 0 for value in spent.values())
    assert spent["total"] == pytest.approx(sum(value for stage, value in spent.items() if stage != "total"))


def test_every_stage_is_loaded_before_the_first_question():
    built = []
    pipeline = Pipeline(registry(embedders=[EmbedderSpec("slow", lambda: built.append(1) or Letters())]), bank(), 100)
    pipeline.run(System("dot", "slow"))
    pipeline.embedder("letters")  # lets the slow one go
    Live(pipeline, System("dot", "slow"), 5)
    assert len(built) == 2


def test_a_query_is_embedded_anew_each_time():
    seen = []

    class Seen(Letters):
        def encode_query(self, inputs):
            seen.append(inputs)
            return super().encode_query(inputs)

    dataset = bank()
    live = Live(Pipeline(registry(embedders=[EmbedderSpec("seen", Seen)]), dataset, 100), System("dot", "seen"), 5)
    for _ in range(3):
        live.answer(dataset.queries.queries[0])
    assert seen == [[ASKED["q0"]]] * 3


def test_stored_embeddings_are_not_timed():
    stored = EmbedderSpec("stored", dict, takes="ids")
    with pytest.raises(NotMeasured) as caught:
        Live(Pipeline(registry(embedders=[stored]), bank(), 100), System("dot", "stored"), 5)
    assert str(caught.value) == "embedder 'stored' reads stored embeddings: nothing was computed that could be timed"


@pytest.mark.parametrize("asked", ["found", "fused", "nested"])
def test_a_stored_run_is_not_timed_nor_is_what_fuses_one(asked):
    found = RetrieverSpec("found", dict, stored=True)
    fused = RetrieverSpec("fused", dict, parts=("words", "found"))
    nested = RetrieverSpec("nested", dict, parts=("words", "fused"))
    with pytest.raises(NotMeasured) as caught:
        Live(Pipeline(registry(retrievers=[found, fused, nested]), bank(), 100), System(asked), 5)
    assert str(caught.value) == "retriever 'found' reads a stored run: nothing was computed that could be timed"
