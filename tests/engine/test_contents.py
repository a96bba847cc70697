"""What a model is shown of an item; and that one bad picture costs one item by name, and nobody else anything."""

import dataclasses

import numpy as np
import pytest
from PIL import Image
from toys import ASKED, RELEVANT, TEXTS, Letters, Longest, bank, registry

from harness.data.model import Corpus, Item, Queries, Query
from harness.data.run import Run
from harness.engine.contents import content, contents
from harness.engine.embedding import BATCH, embed
from harness.engine.live import Live
from harness.engine.pipeline import Pipeline
from harness.errors import BadData, HarnessError
from harness.grid.systems import System
from harness.plugging.specs import EmbedderSpec, RerankerSpec, RetrieverSpec
from harness.probes import latency, stability, throughput
from harness.ranking.fusion import min_max, weighted
from harness.ranking.topk import top_k
from harness.verdict.evaluation import evaluate

BOTH = ("text", "image")
COLOURS = ("red", "green", "blue", "white", "grey", "yellow", "black", "orange")
SYSTEM = System("dot", "seeing")


@pytest.fixture
def red(tmp_path):
    Image.new("RGB", (3, 2), "red").save(tmp_path / "red.png")
    return tmp_path / "red.png"


@pytest.mark.parametrize("row", [Item, Query])
def test_who_cannot_see_is_shown_the_text_and_the_picture_stays_closed(row, tmp_path):
    assert content(row("x", "words", tmp_path / "there is none.png"), ("text",)) == "words"


@pytest.mark.parametrize("row", [Item, Query])
def test_who_can_see_is_shown_the_picture_before_the_text(row, red):
    shown = content(row("x", "words", red), BOTH)
    assert list(shown) == ["image", "text"]
    assert (shown["image"].size, shown["image"].getpixel((0, 0)), shown["text"]) == ((3, 2), (255, 0, 0), "words")


def test_where_there_is_no_picture_everyone_is_shown_the_text():
    assert content(Item("x", "words"), BOTH) == content(Item("x", "words"), ("image",)) == "words"


def test_many_stand_in_order_and_in_the_place_of_a_bad_picture_stands_the_reason(red, tmp_path):
    missing = tmp_path / "none.png"
    first, second, third = contents([Item("a", "1", red), Item("b", "2", missing), Item("c", "3")], BOTH)
    assert (first["text"], third) == ("1", "3")
    assert isinstance(second, BadData)
    assert str(second) == f"{missing}: picture does not exist"


def test_one_alone_raises_the_reason(tmp_path):
    with pytest.raises(BadData, match=r"none\.png: picture does not exist$"):
        content(Item("b", "2", tmp_path / "none.png"), BOTH)


# One bad picture, from the file to the ranking.


class Seeing(Letters):
    """Letters and colours around 0, so that products may be negative: a zero vector would outrank many."""

    def _counted(self, inputs):
        return np.asarray([self._one(shown) for shown in inputs], np.float32)

    def _one(self, shown):
        text, image = (shown, None) if isinstance(shown, str) else (shown["text"], shown["image"])
        letters = [text.count(letter) - 0.4 for letter in "abcdefgh"]
        return [*letters, *(np.zeros(3) if image is None else np.asarray(image).mean((0, 1)) / 255 - 0.5)]


class Sunny(Seeing):
    """Strong colours beside a large constant: all products are positive, and a zero vector is the worst of all."""

    def _one(self, shown):
        vector = super()._one(shown)
        return [*vector[:8], *(3 * colour for colour in vector[8:]), 6.0]


class Mixed:
    """Half the share of words, half the product of vectors, each stretched over all documents as a hybrid does it."""

    def __init__(self, parts):
        self.words = parts["words"]

    def index(self, corpus, /):
        self.corpus = corpus

    def search(self, queries, k, /):
        dense = min_max(queries.vectors @ self.corpus.vectors.T, queries.exclude)
        lexical = min_max(self.words.score(queries), queries.exclude)
        index, scores = top_k(weighted(dense, lexical, 0.5), k)
        return Run.of(queries.ids, self.corpus.ids, index, scores)


def plugged():
    mixed = RetrieverSpec("mixed", Mixed, uses_embedder=True, parts=("words",))
    models = [EmbedderSpec("seeing", Seeing, modalities=BOTH), EmbedderSpec("sunny", Sunny, modalities=BOTH)]
    return registry(embedders=models, retrievers=[mixed])


@pytest.fixture
def pictured(tmp_path):
    """`pictured(broken=(), without=(), sources={})`: the bank of letters, each item and query with a picture of its own."""

    def made(broken=(), without=(), sources=None):
        judged = {query: {d: g for d, g in relevant.items() if d not in without} for query, relevant in RELEVANT.items()}
        texts = {name: text for name, text in TEXTS.items() if name not in without}
        plain = bank(texts, {q: t for q, t in ASKED.items() if q not in without}, judged, sources)
        corpus = Corpus(_with_pictures(plain.corpus.items, broken))
        queries = Queries.against(corpus, _with_pictures(plain.queries.queries, broken))
        return dataclasses.replace(plain, corpus=corpus, queries=queries)

    def _with_pictures(rows, broken):
        return [dataclasses.replace(row, image=_picture(row.id, row.id in broken)) for row in rows]

    def _picture(name, broken):
        path = tmp_path / f"{name}{'-cut' if broken else ''}.png"
        Image.new("RGB", (16, 16), COLOURS[int(name[1:])]).save(path)
        if broken:
            whole = path.read_bytes()
            path.write_bytes(whole[: len(whole) // 2])
        return path

    return made


def pipeline(dataset, top_k=100):
    return Pipeline(plugged(), dataset, top_k)


def test_the_vector_of_a_bad_picture_is_zero_and_no_other_is(pictured):
    items = pictured(broken=["d3"]).corpus.items
    made = pipeline(pictured()).vectors.of("seeing", "document", items)
    assert [item.id for item, vector in zip(items, made.matrix, strict=True) if not vector.any()] == ["d3"] == list(made.lost)


@pytest.mark.parametrize("sources", [{}, {"q0": "d1", "q3": "d6", "q1": "d3"}], ids=["questions", "items"])
@pytest.mark.parametrize("depth", [1, 2, 7, 8, 100])
def test_an_item_with_a_bad_picture_is_found_by_nobody_and_the_others_rank_as_without_it(pictured, depth, sources):
    with_it = pipeline(pictured(broken=["d3"], sources=sources), depth).run(SYSTEM)
    without = pipeline(pictured(without=["d3"], sources=sources), depth).run(SYSTEM)
    assert with_it.to_dict() == without.to_dict()
    assert "d3" not in {name for found in with_it.to_dict().values() for name in found}


def test_two_bad_pictures_cost_two_items(pictured):
    run = pipeline(pictured(broken=["d0", "d7"]), 6).run(SYSTEM)
    assert run.to_dict() == pipeline(pictured(without=["d0", "d7"]), 6).run(SYSTEM).to_dict()
    assert all(len(found) == 6 for found in run.to_dict().values())


@pytest.mark.parametrize("embedder", ["seeing", "sunny"])
def test_a_hybrid_ranks_the_others_as_without_the_bad_picture(pictured, embedder):
    system = System("mixed", embedder)
    with_it = pipeline(pictured(broken=["d3"])).run(system).to_dict()
    without = pipeline(pictured(without=["d3"])).run(system).to_dict()
    assert {query: list(found) for query, found in with_it.items()} == {query: list(found) for query, found in without.items()}


def test_a_query_with_a_bad_picture_finds_nothing_and_the_others_what_they_found(pictured):
    broken, whole = pipeline(pictured(broken=["q1"])).run(SYSTEM), pipeline(pictured()).run(SYSTEM)
    assert broken.to_dict() == {**whole.to_dict(), "q1": {}}


def test_a_query_with_a_bad_picture_scores_0_and_counts(pictured):
    dataset = pictured(broken=["q1"])
    scores = evaluate("s", pipeline(dataset).run(SYSTEM), dataset, dataset.truths["labels"], ["recall@3", "mrr"])
    place = scores.query_ids.index("q1")
    assert (scores.values["recall@3"][place], scores.values["mrr"][place]) == (0.0, 0.0)
    assert scores.measurement("mrr").n == 4
    whole = pictured()
    before = evaluate("s", pipeline(whole).run(SYSTEM), whole, whole.truths["labels"], ["mrr"]).values["mrr"]
    assert before[place] > 0
    assert scores.measurement("mrr").value == pytest.approx((before.sum() - before[place]) / 4)


def test_what_was_lost_is_named_with_its_file(pictured, tmp_path):
    engine = pipeline(pictured(broken=["d3", "q1"]))
    engine.run(SYSTEM)
    assert {name: reason.split(": ")[0] for name, reason in engine.lost["seeing"].items()} == {
        "d3": str(tmp_path / "d3-cut.png"),
        "q1": str(tmp_path / "q1-cut.png"),
    }


def test_who_reads_only_text_loses_nothing(pictured):
    for system in (System("words"), System("dot", "letters")):
        engine = pipeline(pictured(broken=["d3", "q1"]))
        assert engine.run(system).to_dict() == pipeline(pictured()).run(system).to_dict()
        assert not any(engine.lost.values())


def test_a_bad_picture_in_a_batch_leaves_the_rest_of_it(tmp_path, red):
    """In each of three batches one is bad; every other vector is what the model makes of it alone."""
    bad = {7, BATCH, 2 * BATCH + 5}
    rows = [Item(f"i{n:04}", "abc"[: n % 3], tmp_path / "none.png" if n in bad else red) for n in range(2 * BATCH + 9)]
    lost = {}
    vectors = embed(Seeing(), EmbedderSpec("e", Seeing, modalities=BOTH), rows, "document", lost)
    assert set(lost) == {rows[n].id for n in bad}
    assert {n for n in range(len(rows)) if not vectors[n].any()} == bad
    alone = Seeing().encode_document(contents([rows[n] for n in range(len(rows)) if n not in bad], BOTH))
    assert np.array_equal(np.delete(vectors, sorted(bad), axis=0), alone)


def test_a_whole_batch_of_bad_pictures_leaves_the_other_batches(tmp_path, red):
    rows = [Item(f"i{n:04}", "a", red if n >= BATCH else tmp_path / "none.png") for n in range(BATCH + 3)]
    lost = {}
    vectors = embed(Seeing(), EmbedderSpec("e", Seeing, modalities=BOTH), rows, "document", lost)
    assert len(lost) == BATCH
    assert vectors.any(axis=1).tolist() == [False] * BATCH + [True] * 3


def test_where_nothing_at_all_could_be_shown_that_is_an_error(pictured, tmp_path):
    with pytest.raises(BadData) as caught:
        pipeline(pictured(broken=list(TEXTS))).run(SYSTEM)
    assert str(caught.value).startswith(f"nothing could be shown to embedder 'seeing': {tmp_path}/d")
    with pytest.raises(BadData, match="^nothing could be shown to embedder 'seeing': "):
        pipeline(pictured(broken=list(ASKED))).run(SYSTEM)


# The same system, live: its answers are those of the run, and its speed is still measured.


def test_live_an_item_with_a_bad_picture_is_found_by_nobody_either(pictured):
    dataset = pictured(broken=["d3"])
    engine = pipeline(dataset)
    run, live = engine.run(SYSTEM), Live(engine, SYSTEM, 5)
    for row, query in enumerate(dataset.queries.queries):
        assert live.answer(query).ids == tuple(name for name, _ in run.documents(row))[:5]


@pytest.mark.parametrize("broken", ["d3", "q1"])
def test_live_one_bad_picture_does_not_cost_the_measurement_of_a_system(pictured, broken):
    dataset = pictured(broken=[broken])
    engine = pipeline(dataset)
    live = Live(engine, SYSTEM, 5)
    asked = live.askable(dataset.queries.queries)
    assert [query.id for query in asked] == [name for name in ASKED if name != broken]
    assert len(latency.measure(live, asked, 8, 1)) == 8
    assert stability.measure(live, asked, 8).success_rate == 1.0
    assert throughput.measure(engine, live, 8, 0.001).items > 0


def test_live_who_reads_only_text_can_be_asked_everything(pictured):
    dataset = pictured(broken=["q1"])
    live = Live(pipeline(dataset), System("dot", "letters", "longest"), 5)
    assert live.askable(dataset.queries.queries) == list(dataset.queries.queries)


def test_live_a_reranker_that_sees_cannot_be_asked_what_cannot_be_shown(pictured):
    dataset = pictured(broken=["q1"])
    known = registry(rerankers=[RerankerSpec("eyes", Longest, depth=3, modalities=BOTH)])
    live = Live(Pipeline(known, dataset, 100), System("words", None, "eyes"), 5)
    assert [query.id for query in live.askable(dataset.queries.queries)] == ["q0", "q2", "q3"]


@pytest.mark.parametrize(
    "probe", [stability.measure, lambda live, _, batch: throughput.measure(live.pipeline, live, batch, 0.001)]
)
def test_live_where_no_query_can_be_shown_that_is_said(pictured, probe):
    dataset = pictured(broken=list(ASKED))
    live = Live(pipeline(dataset), SYSTEM, 5)
    with pytest.raises(HarnessError):
        probe(live, live.askable(dataset.queries.queries), 4)


def test_the_toy_sees(pictured):
    """The tests above say nothing if pictures change nothing, or if a zero vector outranks nobody."""
    whole = pipeline(pictured()).run(SYSTEM)
    blind = Pipeline(registry(embedders=[EmbedderSpec("seeing", Seeing)]), pictured(), 100).run(SYSTEM)
    assert whole.to_dict() != blind.to_dict()
    assert all(min(found.values()) < 0 for found in whole.to_dict().values())
