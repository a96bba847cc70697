"""What only a model refuses, though its picture can be opened: it costs the item, and the blame falls on the right one."""

from toys import Letters, bank, registry

from harness.engine.pipeline import Pipeline
from harness.engine.reranking import rerank_run
from harness.errors import BadData
from harness.grid.systems import System
from harness.plugging.specs import EmbedderSpec, RerankerSpec


class Picky(Letters):
    """Refuses whatever batch holds "c d"."""

    def encode_document(self, inputs):
        if "c d" in inputs:
            raise BadData("too wide")
        return super().encode_document(inputs)


def test_what_an_embedder_refuses_is_looked_for_by_halves_and_found_by_nobody():
    engine = Pipeline(registry(embedders=[EmbedderSpec("picky", Picky)]), bank(), 100)
    run = engine.run(System("dot", "picky"))
    assert engine.lost == {"picky": {"d3": "too wide"}}
    assert {name for found in run.to_dict().values() for name in found} == {f"d{n}" for n in range(8)} - {"d3"}


class Refuses:
    """Refuses the query "a b", and the document "c d"."""

    def rerank(self, query, documents, /):
        if query == "a b" or "c d" in documents:
            raise BadData(f"refused {query if query == 'a b' else 'c d'}")
        return [len(document) for document in documents]


def test_a_reranker_that_refuses_a_document_puts_it_last_and_one_that_refuses_the_query_blames_the_query():
    dataset, lost = bank(), {}
    first = Pipeline(registry(), dataset, 100).run(System("words"))
    second = rerank_run(Refuses(), RerankerSpec("r", Refuses, depth=3), first, dataset, lost)
    assert lost == {"q0": "refused a b", "d3": "refused c d"}
    assert second.to_dict()["q0"] == {}
    assert [name for name, _ in second.documents(1)][:3][-1] == "d3"
