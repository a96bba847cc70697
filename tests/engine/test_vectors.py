"""Each content is embedded once, whatever the systems, scenarios and pipelines that ask for it."""

import dataclasses
from collections import Counter

import numpy as np
import pytest
from PIL import Image
from toys import Letters, bank, registry

from harness.data.model import Corpus, Item, Queries, Query
from harness.engine.holding import Holding
from harness.engine.pipeline import Pipeline
from harness.engine.vectors import Vectors
from harness.errors import PluginFailed
from harness.grid.scenarios import SCENARIOS, plays, staged
from harness.grid.systems import System
from harness.plugging.specs import EmbedderSpec, RerankerSpec

SEEING = ("text", "image")


class Counts(Letters):
    """Letters, and the brightness of a picture; keeps what it was shown."""

    def __init__(self, seen):
        self.seen = seen

    def encode_query(self, inputs):
        self.seen["query"].extend(map(kind, inputs))
        return self._both(inputs)

    def encode_document(self, inputs):
        self.seen["document"].extend(map(kind, inputs))
        return self._both(inputs)

    def _both(self, inputs):
        texts = [content if isinstance(content, str) else content["text"] for content in inputs]
        light = [0.0 if isinstance(content, str) else np.asarray(content["image"]).mean() for content in inputs]
        return np.column_stack([self._counted(texts), light])


def kind(content):
    """(text, whether a picture was shown)"""
    return (content, False) if isinstance(content, str) else (content["text"], True)


@pytest.fixture
def pictured(tmp_path):
    """The letters; d0 to d4 and q0 to q2 have a picture."""
    plain = bank()
    path = tmp_path / "grey.png"
    Image.new("RGB", (2, 2), "grey").save(path)

    def with_pictures(rows):
        return [dataclasses.replace(row, image=path if int(row.id[1:]) < limit[row.id[0]] else None) for row in rows]

    limit = {"d": 5, "q": 3}
    corpus = Corpus(with_pictures(plain.corpus.items))
    return dataclasses.replace(plain, corpus=corpus, queries=Queries.against(corpus, with_pictures(plain.queries.queries)))


def plugged(modalities, seen):
    spec = EmbedderSpec("counts", lambda: Counts(seen), modalities=modalities)
    second = RerankerSpec("seeing", Seeing, depth=3, modalities=SEEING)
    return registry(embedders=[spec], rerankers=[second])


class Seeing:
    def rerank(self, query, documents, /):
        return list(range(len(documents)))


def everything(dataset, modalities):
    """The plain run and every scenario of two systems over one embedder: what it was shown, and the rows it was asked for."""
    seen = {"query": [], "document": []}
    known = plugged(modalities, seen)
    base = Pipeline(known, dataset, 10)
    for system in (System("dot", "counts"), System("dot", "counts", "seeing")):
        base.run(system)
        for scenario in SCENARIOS.values():
            if plays(scenario, system, known):
                Pipeline(known, staged(dataset, scenario), 10, base.vectors).run(system)
    return seen, base.vectors.calls


def test_an_embedder_with_pictures_makes_three_sets_per_side_and_no_more(pictured):
    """Text only, picture only, both: S1 to S5 and the plain run are made of these."""
    seen, calls = everything(pictured, SEEING)
    assert calls == {("counts", "document"): 3 * 8, ("counts", "query"): 4 + 4 + 3}
    texts = [item.text for item in pictured.corpus.items]
    with_picture = [item.text for item in pictured.corpus.items if item.image]
    shown = Counter(seen["document"])
    assert shown == Counter([(text, False) for text in texts]) + Counter(  # only texts
        [(text, text in with_picture) for text in texts]  # both
    ) + Counter([("", True) if text in with_picture else (text, False) for text in texts])  # only pictures, where there are any


def test_an_embedder_of_texts_embeds_them_once_for_the_plain_run_and_s1(pictured):
    seen, calls = everything(pictured, ("text",))
    assert calls == {("counts", "document"): 8, ("counts", "query"): 4}
    assert Counter(seen["document"]) == Counter((item.text, False) for item in pictured.corpus.items)
    assert Counter(seen["query"]) == Counter((query.text, False) for query in pictured.queries.queries)


def vectors(**specs):
    known = registry(**specs)
    return Vectors(known, Holding(known))


def test_what_is_asked_again_is_the_same_matrix():
    held, rows = vectors(), bank().corpus.items
    assert held.of("letters", "document", rows) is held.of("letters", "document", rows)
    assert held.of("letters", "document", rows).lost == {}
    assert held.calls == {("letters", "document"): 8}


def test_the_two_sides_of_a_model_are_two():
    held, rows = vectors(), [Item("x", "a b")]
    held.of("letters", "document", rows)
    held.of("letters", "query", rows)
    assert held.calls == {("letters", "document"): 1, ("letters", "query"): 1}


@pytest.mark.parametrize("other", [[Item("x", "c")], [Item("y", "a")], [Item("x", "a"), Item("y", "a")], []])
def test_other_rows_are_embedded_for_themselves(other):
    held = vectors()
    first = held.of("letters", "document", [Item("x", "a")])
    second = held.of("letters", "document", other)
    assert second.matrix.shape[0] == len(other)
    assert second is not first


def test_models_do_not_share_vectors():
    held = vectors(embedders=[EmbedderSpec("two", lambda: Counts({"query": [], "document": []}))])
    rows = [Item("x", "a")]
    assert held.of("letters", "document", rows).matrix.shape == (1, 8)
    assert held.of("two", "document", rows).matrix.shape == (1, 9)


def test_vectors_outlive_their_model():
    built = []
    held = vectors(embedders=[EmbedderSpec("two", lambda: built.append(1) or Letters())])
    rows = bank().corpus.items
    held.of("two", "document", rows)
    held.of("letters", "document", rows)
    held.of("two", "document", rows)
    assert built == [1]


def test_a_failure_is_remembered_and_costs_nobody_else():
    tries = []

    class Fails(Letters):
        def encode_document(self, inputs):
            tries.append(len(inputs))
            raise RuntimeError("no")

    held, rows = vectors(embedders=[EmbedderSpec("fails", Fails)]), bank().corpus.items
    for _ in range(2):
        with pytest.raises(PluginFailed, match="RuntimeError: no$"):
            held.of("fails", "document", rows)
    assert tries == [8]
    assert held.of("letters", "document", rows).matrix.shape == (8, 8)
    assert held.lost == {"letters": {}}


def test_what_was_lost_is_told_by_model(tmp_path):
    (tmp_path / "cut.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    seen = {"query": [], "document": []}
    held = vectors(embedders=[EmbedderSpec("counts", lambda: Counts(seen), modalities=SEEING)])
    held.of("counts", "document", [Item("x", "a", tmp_path / "cut.png"), Item("y", "b")])
    held.of("counts", "query", [Query("q", "a", tmp_path / "none.png"), Query("r", "b")])
    held.of("letters", "document", [Item("x", "a", tmp_path / "cut.png")])
    assert held.lost["letters"] == {}
    assert sorted(held.lost["counts"]) == ["q", "x"]
    assert held.lost["counts"]["q"] == f"{tmp_path / 'none.png'}: picture does not exist"
    assert held.lost["counts"]["x"].startswith(f"{tmp_path / 'cut.png'}: ")
