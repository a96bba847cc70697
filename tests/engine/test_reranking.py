"""The second stage: a new order of the best candidates, how deep it reaches, and what one bad picture costs it."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from toys import ASKED, TEXTS, bank

from harness.data.model import Corpus, Item, Queries, Query
from harness.data.run import Run
from harness.engine.reranking import Reordering, new_order, reordering, rerank_run
from harness.errors import BadData, BadOutput, NotFinite, PluginFailed
from harness.plugging.specs import RerankerSpec

BOTH = ("text", "image")
WORDS = {"q0": ["d1", "d0", "d7", "d2"], "q1": ["d3", "d2", "d1"], "q2": ["d5"], "q3": []}
"""A first stage's ranking, written by hand: one query has fewer candidates than others, one has none."""


class Scores:
    """Gives what a function of (query, document) says, and keeps what it was shown."""

    def __init__(self, score):
        self.score, self.seen = score, []

    def rerank(self, query, documents, /):
        self.seen.append((text(query), [text(document) for document in documents]))
        return [self.score(text(query), text(document)) for document in documents]


def text(shown):
    return shown if isinstance(shown, str) else shown["text"]


def longest(query, document):
    return float(len(document))


def spec(depth=3, keep=0, modalities=("text",)):
    return RerankerSpec("r", Scores, origin="r.py", depth=depth, keep=keep, modalities=modalities)


def first_stage(dataset, ranked=WORDS):
    scored = {q: {d: float(-place) for place, d in enumerate(found)} for q, found in ranked.items()}
    return Run.from_dict(scored, dataset.corpus.ids)


def ranked(run):
    return {query: [name for name, _ in run.documents(row)] for row, query in enumerate(run.query_ids)}


def reranked(score=longest, dataset=None, lost=None, **facts):
    dataset = dataset or bank()
    return rerank_run(Scores(score), spec(**facts), first_stage(dataset), dataset, lost)


def test_the_best_candidates_are_put_in_a_new_order_and_the_rest_keeps_its_place():
    assert ranked(reranked()) == {"q0": ["d0", "d7", "d1", "d2"], "q1": ["d2", "d3", "d1"], "q2": ["d5"], "q3": []}


def test_equal_scores_stand_in_descending_order_of_id():
    assert ranked(reranked(lambda query, document: 0.0))["q0"] == ["d7", "d1", "d0", "d2"]


@pytest.mark.parametrize(
    ("depth", "keep", "width", "claimed"), [(3, 0, 4, 3), (3, 2, 2, 2), (3, 3, 3, 3), (8, 0, 4, 4), (8, 1, 1, 1), (8, 20, 4, 4)]
)
def test_depth_is_how_many_are_scored_and_keep_how_many_are_handed_on(depth, keep, width, claimed):
    run = reranked(depth=depth, keep=keep)
    assert (run.index.shape[1], run.depth) == (width, claimed)
    assert ranked(run)["q0"] == ranked(reranked(depth=depth))["q0"][:width]


def test_only_the_candidates_within_the_depth_are_shown_and_a_query_without_any_is_not_asked():
    model, dataset = Scores(longest), bank()
    rerank_run(model, spec(depth=2), first_stage(dataset), dataset)
    shown = {ASKED[query]: [TEXTS[name] for name in found[:2]] for query, found in WORDS.items() if found}
    assert dict(model.seen) == shown
    assert len(model.seen) == 3


@given(st.lists(st.floats(-5, 5), min_size=8, max_size=8), st.integers(1, 10), st.integers(0, 10))
def test_whatever_the_scores_nobody_is_lost_or_doubled(numbers, depth, keep):
    dataset = bank()
    worth = dict(zip(TEXTS.values(), numbers, strict=True))
    everyone = first_stage(dataset, {"q0": list(TEXTS)} | {q: [] for q in ("q1", "q2", "q3")})
    found = ranked(rerank_run(Scores(lambda _, document: worth[document]), spec(depth, keep), everyone, dataset))["q0"]
    best = sorted(list(TEXTS)[:depth], key=lambda name: (worth[TEXTS[name]], name), reverse=True)
    assert found == (best + list(TEXTS)[depth:])[: keep or None]


@pytest.mark.parametrize(
    ("answer", "kind", "sentence"),
    [
        ([1.0, 2.0], BadOutput, "reranker 'r' returned 2 scores for 3 documents of query 'q0'"),
        ([1.0, float("nan"), 2.0], NotFinite, "reranker 'r' returned a score that is not finite for query 'q0'"),
        ([1.0, float("-inf"), 2.0], NotFinite, "reranker 'r' returned a score that is not finite for query 'q0'"),
        (["a", "b", "c"], PluginFailed,
         "reranker 'r' (r.py) failed at rerank: ValueError: could not convert string to float: 'a'"),
        (None, PluginFailed, "reranker 'r' (r.py) failed at rerank: TypeError: 'NoneType' object is not iterable"),
    ],
)  # fmt: skip
def test_scores_that_are_none_are_refused_with_the_query_or_the_file(answer, kind, sentence):
    class Fixed:
        def rerank(self, query, documents, /):
            return answer

    dataset = bank()
    with pytest.raises(kind) as caught:
        rerank_run(Fixed(), spec(), first_stage(dataset), dataset)
    assert str(caught.value) == sentence


# One bad picture.


@pytest.fixture
def broken(tmp_path):
    """`broken("d0", "q1")`: the letters, with pictures everywhere, of which those are cut short."""
    whole, cut = tmp_path / "whole.png", tmp_path / "cut.png"
    Image.new("RGB", (16, 16), "red").save(whole)
    cut.write_bytes(whole.read_bytes()[:50])

    def made(*names):
        plain = bank()
        items = [dataclasses.replace(item, image=cut if item.id in names else whole) for item in plain.corpus.items]
        asked = [dataclasses.replace(query, image=cut if query.id in names else whole) for query in plain.queries.queries]
        corpus = Corpus(items)
        return dataclasses.replace(plain, corpus=corpus, queries=Queries.against(corpus, asked))

    return made


def test_a_document_with_a_bad_picture_is_put_last_and_named(broken, tmp_path):
    lost = {}
    run = reranked(dataset=broken("d0"), lost=lost, modalities=BOTH)
    assert ranked(run) == {"q0": ["d7", "d1", "d0", "d2"], "q1": ["d2", "d3", "d1"], "q2": ["d5"], "q3": []}
    assert list(lost) == ["d0"]
    assert lost["d0"].startswith(f"{tmp_path / 'cut.png'}: ")


def test_a_document_with_a_bad_picture_is_not_shown_and_the_others_are_with_theirs(broken):
    model, dataset = Scores(longest), broken("d0")
    rerank_run(model, spec(modalities=BOTH), first_stage(dataset), dataset, {})
    assert model.seen[0] == (ASKED["q0"], [TEXTS["d1"], TEXTS["d7"]])


def test_where_no_candidate_can_be_shown_the_model_is_not_asked_and_they_stay_by_id(broken):
    def refuses(query, document):
        raise AssertionError("was asked")

    lost = {}
    run = reranked(refuses, broken(*TEXTS), lost, modalities=BOTH)
    assert ranked(run)["q0"] == ["d7", "d1", "d0", "d2"]
    assert set(lost) == {"d0", "d1", "d2", "d3", "d5", "d7"}


def test_a_query_with_a_bad_picture_finds_nothing_and_is_named_and_the_others_are_as_ever(broken, tmp_path):
    lost = {}
    run = reranked(dataset=broken("q1"), lost=lost, modalities=BOTH)
    assert ranked(run) == {**ranked(reranked()), "q1": []}
    assert list(lost) == ["q1"]
    assert lost["q1"].startswith(f"{tmp_path / 'cut.png'}: ")
    assert np.isneginf(run.scores[1]).all()


def test_where_nobody_keeps_the_lost_a_bad_query_is_an_error_and_a_bad_document_the_last(broken):
    with pytest.raises(BadData, match=r"cut\.png: "):
        reranked(dataset=broken("q1"), modalities=BOTH)
    assert ranked(reranked(dataset=broken("d0"), modalities=BOTH))["q0"] == ["d7", "d1", "d0", "d2"]


def test_who_reads_only_text_minds_no_picture(broken):
    lost = {}
    assert ranked(reranked(dataset=broken("d0", "q1"), lost=lost)) == ranked(reranked())
    assert lost == {}


def test_a_single_list_is_ordered_alike(broken):
    items = broken("d0").corpus
    documents, lost = [items.items[items.positions[name]] for name in ("d0", "d1", "d4")], {}
    order = new_order(Scores(longest), spec(modalities=BOTH), Query("q", "x"), documents, lost)
    assert [documents[place].id for place in order] == ["d4", "d1", "d0"]
    assert list(lost) == ["d0"]
    assert len(new_order(Scores(longest), spec(), Query("q", "x"), [])) == 0
    assert new_order(Scores(longest), spec(), Query("q", "x"), [Item("d", "y")]).tolist() == [0]


# Whether anything was reordered at all.


def test_the_queries_of_which_the_order_changed_are_counted():
    dataset = bank()
    first = first_stage(dataset)
    assert reordering(first, rerank_run(Scores(longest), spec(), first, dataset)) == Reordering(2, 4)
    assert Reordering(2, 4).share == 0.5
    assert Reordering(0, 0).share == 0.0


def faithful(query, document):
    """The order in which the first stage had them."""
    asked = next(name for name, words in ASKED.items() if words == query)
    return -WORDS[asked].index(next(name for name, words in TEXTS.items() if words == document))


@pytest.mark.parametrize("keep", [0, 1, 2])
def test_a_reranker_that_keeps_every_order_changed_none_however_much_it_hands_on(keep):
    dataset = bank()
    first = first_stage(dataset)
    second = rerank_run(Scores(faithful), spec(keep=keep), first, dataset)
    assert ranked(second) == {query: found[: keep or None] for query, found in WORDS.items()}
    assert reordering(first, second) == Reordering(0, 4)


def test_a_query_that_could_not_be_shown_is_none_that_was_reordered(broken):
    dataset = broken("q0")
    first = first_stage(dataset)
    second = rerank_run(Scores(faithful), spec(modalities=BOTH), first, dataset, {})
    assert ranked(second) == {**WORDS, "q0": []}
    assert reordering(first, second).changed == 0
