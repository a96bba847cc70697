"""Scenarios: who plays them, what they show, and that an item never finds itself in any of them."""

import dataclasses

import numpy as np
import pytest
from PIL import Image
from toys import Letters, bank, registry

from harness.data.model import Corpus, Queries
from harness.engine.pipeline import Pipeline
from harness.grid.scenarios import SCENARIOS, plays, staged
from harness.grid.systems import System
from harness.plugging.specs import EmbedderSpec, RerankerSpec, RetrieverSpec
from harness.verdict.evaluation import evaluate

BOTH = ("text", "image")


class Eyes(Letters):
    """Letters and the brightness of a picture."""

    def _counted(self, inputs):
        texts = [shown if isinstance(shown, str) else shown["text"] for shown in inputs]
        light = [0.0 if isinstance(shown, str) else np.asarray(shown["image"]).mean() / 255 for shown in inputs]
        return np.column_stack([super()._counted(texts), light]).astype(np.float32)


KNOWN = registry(
    embedders=[EmbedderSpec("eyes", Eyes, modalities=BOTH), EmbedderSpec("blind-to-words", Eyes, modalities=("image",))],
    retrievers=[
        RetrieverSpec("mixed", dict, parts=("dot", "words")),
        RetrieverSpec("wordy", dict, parts=("words",)),
    ],
    rerankers=[RerankerSpec("seeing", dict, modalities=BOTH)],
)


@pytest.mark.parametrize(
    ("system", "played"),
    [
        (System("words"), ["S1"]),
        (System("wordy"), ["S1"]),
        (System("dot", "letters"), ["S1"]),
        (System("mixed", "letters"), ["S1"]),
        (System("dot", "eyes"), ["S1", "S2", "S3", "S4"]),
        (System("mixed", "eyes"), ["S1", "S2", "S3", "S4"]),
        (System("dot", "blind-to-words"), ["S3"]),
        (System("words", None, "longest"), []),
        (System("dot", "letters", "seeing"), []),
        (System("dot", "eyes", "seeing"), ["S5"]),
        (System("dot", "eyes", "longest"), ["S5"]),
        (System("dot", "blind-to-words", "seeing"), []),
    ],
    ids=lambda value: getattr(value, "name", None),
)
def test_a_system_plays_what_it_can_see_and_is_reranked_where_the_scenario_is(system, played):
    assert [name for name, scenario in SCENARIOS.items() if plays(scenario, system, KNOWN)] == played


@pytest.fixture
def pictured(tmp_path):
    """The letters; the even ones of items and queries have a picture; q0 is the item d0 and q1 the item d3."""

    def drawn(row):
        number = int(row.id[1:])
        path = tmp_path / f"{row.id}.png"
        Image.new("L", (1, 1), 30 * number).save(path)
        return dataclasses.replace(row, image=path if number % 2 == 0 else None)

    plain = bank(sources={"q0": "d0", "q1": "d3"})
    corpus = Corpus(map(drawn, plain.corpus.items))
    return dataclasses.replace(plain, corpus=corpus, queries=Queries.against(corpus, list(map(drawn, plain.queries.queries))))


def shown(rows):
    """{id: what is shown of it}"""
    words = {(True, True): "both", (True, False): "text", (False, True): "image"}
    return {row.id: words[bool(row.text), row.image is not None] for row in rows}


ITEMS = {f"d{n}": n % 2 == 0 for n in range(8)}
QUERIES = {f"q{n}": n % 2 == 0 for n in range(4)}


@pytest.mark.parametrize(
    ("name", "query", "item"),
    [("S1", "text", "text"), ("S2", "text", "both"), ("S3", "image", "image"), ("S4", "both", "both"), ("S5", "both", "both")],
)
def test_a_scenario_shows_of_queries_and_items_what_it_says(pictured, name, query, item):
    stage = staged(pictured, SCENARIOS[name])
    assert shown(stage.corpus.items) == {row: item if pictured else "text" for row, pictured in ITEMS.items()}
    asked = [row for row, pictured in QUERIES.items() if pictured or query != "image"]
    assert shown(stage.queries.queries) == {row: query if QUERIES[row] else "text" for row in asked}


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_item_stays_in_the_bank_and_the_bank_stays_as_it_was(pictured, name):
    before = shown(pictured.corpus.items), shown(pictured.queries.queries)
    stage = staged(pictured, SCENARIOS[name])
    assert stage.corpus.ids == pictured.corpus.ids
    assert (stage.name, stage.digest, dict(stage.truths)) == (pictured.name, pictured.digest, {})
    assert (shown(pictured.corpus.items), shown(pictured.queries.queries)) == before


def test_facets_of_queries_stay(pictured):
    labelled = [dataclasses.replace(query, category="latex", subject="수학") for query in pictured.queries.queries]
    dataset = dataclasses.replace(pictured, queries=Queries.against(pictured.corpus, labelled))
    for scenario in SCENARIOS.values():
        assert {(query.category, query.subject) for query in staged(dataset, scenario).queries.queries} == {("latex", "수학")}


@pytest.mark.parametrize("name", SCENARIOS)
def test_an_item_never_finds_itself(pictured, name):
    stage = staged(pictured, SCENARIOS[name])
    own = [stage.corpus.ids[column] if column >= 0 else None for column in stage.queries.exclude]
    assert own == [query.source for query in stage.queries.queries]
    found = Pipeline(KNOWN, stage, 8).run(System("dot", "eyes")).to_dict()
    for query in stage.queries.queries:
        assert query.source not in found[query.id]
        assert len(found[query.id]) == (7 if query.source else 8)


def test_a_query_without_a_picture_is_not_asked_in_s3_and_does_not_count(pictured):
    truth = pictured.truths["labels"]
    stage = staged(pictured, SCENARIOS["S3"])
    run = Pipeline(KNOWN, stage, 8).run(System("dot", "eyes"))
    assert run.query_ids == ("q0", "q2")
    scores = evaluate("s", run, stage, truth, ["recall@3"])
    assert scores.measurement("recall@3").n == 2
    plain = evaluate("s", Pipeline(KNOWN, pictured, 8).run(System("dot", "eyes")), pictured, truth, ["recall@3"])
    assert plain.measurement("recall@3").n == 4


def test_what_is_shown_changes_what_is_found(pictured):
    """To Eyes a query's text says nothing of brightness, so S2 is S1; otherwise all differ."""
    stages = {name: staged(pictured, scenario) for name, scenario in SCENARIOS.items()}
    found = {name: Pipeline(KNOWN, stage, 8).run(System("dot", "eyes")).to_dict() for name, stage in stages.items()}
    assert found["S1"] == found["S2"]
    assert found["S1"] != found["S3"] != found["S4"] != found["S1"]


def test_what_s5_shows_is_what_s4_shows(pictured):
    four, five = (staged(pictured, SCENARIOS[name]) for name in ("S4", "S5"))
    assert (four.corpus.items, four.queries.queries) == (five.corpus.items, five.queries.queries)
