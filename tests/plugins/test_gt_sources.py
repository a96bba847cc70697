"""labelled, curriculum, tfidf and hybrid: what each calls relevant, and where it says this comes from."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics.pairwise import cosine_similarity

from harness.config import Config
from harness.data.catalogue import open_dataset
from harness.data.model import Corpus, Dataset, GroundTruth, Item, Pool, Provenance, Queries, Query
from harness.errors import BadConfig, NotMeasured, UnknownName
from harness.plugging.registry import collect

Plugin = Callable[[str], ModuleType]


def bank(folder: Path, *truths: str) -> Path:
    """An item bank on disk with some truth files."""
    folder.mkdir()
    items = [{"id": name, "text": f"{name} 넓이"} for name in "abc"]
    (folder / "items.json").write_text(json.dumps({"items": items}), encoding="utf-8")
    judged = [{"query_id": "q", "source_item_id": "a", "relevant_items": [{"id": "b", "relevance": 1}]}]
    for truth in truths:
        (folder / truth).write_text(json.dumps({"queries": judged}), encoding="utf-8")
    return folder


def truth(name: str, qrels: dict[str, dict[str, int]], level: int = 1, **provenance: object) -> GroundTruth:
    return GroundTruth(name, qrels, level, Provenance(method=name, **provenance))


def test_every_labelled_file_is_a_ground_truth(config_of: Callable[..., Config], tmp_path: Path) -> None:
    folder = bank(tmp_path / "bank", "ground_truth.json", "ground_truth_llm.json")
    sources = collect(config_of(dataset=folder)).gt_sources
    dataset = open_dataset(folder)
    for name in ("labels", "llm"):
        assert sources[name].build().judge(dataset) is dataset.truths[name]
    other = replace(dataset, truths={})
    with pytest.raises(UnknownName, match="unknown ground truth of bank 'llm'"):
        sources["llm"].build().judge(other)


@pytest.mark.parametrize("name", ["tfidf", "hybrid", "curriculum"])
def test_a_file_of_the_bank_goes_before_a_computed_one(
    config_of: Callable[..., Config], tmp_path: Path, name: str
) -> None:
    folder = bank(tmp_path / "bank", f"ground_truth_{name}.json")
    registry = collect(config_of(dataset=folder))
    assert registry.broken == []
    assert registry.gt_sources[name].origin.endswith("labelled.py")


def taught(item_id: str, unit: str, code: str) -> Item:
    return Item(item_id, "", facts={"unit": unit, "metadata": {"curriculum_code": code}})


def dataset_of(items: list[Item], queries: list[Query]) -> Dataset:
    corpus = Corpus(items)
    return Dataset("bank", Path("bank"), corpus, Queries.against(corpus, queries), {}, "0")


def test_curriculum_grades_code_above_unit(plugin: Plugin) -> None:
    items = [taught("a", "확률", "9수04"), taught("b", "확률", "9수04"), taught("c", "확률", "9수05"),
             taught("d", "함수", "9수04"), taught("e", "함수", ""), Item("f", "")]  # fmt: skip
    queries = [Query("q1", "", source="a"), Query("q2", "", source="e"), Query("q3", "", source="f"), Query("q4", "")]
    judged = plugin("gt_sources/curriculum").Curriculum().judge(dataset_of(items, queries))
    assert judged.qrels == {"q1": {"b": 2, "c": 1, "d": 2}, "q2": {"d": 1}, "q3": {}}
    assert judged.level == 2
    assert judged.provenance.method == "metadata"


@pytest.mark.parametrize(
    ("items", "queries", "reason"),
    [
        ([Item("a", "")], [Query("q", "", source="a")], "bank: its items carry no metadata.curriculum_code"),
        ([Item("a", "", facts={"metadata": {"curriculum_code": "9"}})], [Query("q", "", source="a")], "carry no unit"),
        ([taught("a", "u", "c")], [Query("q", "")], "bank: its queries are not items"),
    ],
)
def test_curriculum_says_what_is_missing(plugin: Plugin, items: list[Item], queries: list[Query], reason: str) -> None:
    with pytest.raises(NotMeasured, match=reason):
        plugin("gt_sources/curriculum").Curriculum().judge(dataset_of(items, queries))


def test_tfidf_is_the_order_of_scikit_learn(plugin: Plugin, dataset: Dataset) -> None:
    judged = plugin("gt_sources/tfidf").build(top=4).judge(dataset)
    vectors = TfidfVectorizer().fit_transform(dataset.corpus.texts)
    similar = cosine_similarity(vectors)
    for query in dataset.queries.queries:
        own = dataset.corpus.positions[str(query.source)]
        columns = [column for column in np.argsort(-similar[own], kind="stable") if column != own]
        expected = [dataset.corpus.ids[column] for column in columns if similar[own, column] > 0][:4]
        assert sorted(judged.qrels.get(query.id, {})) == sorted(expected)
    assert max(map(len, judged.qrels.values())) == 4
    assert judged.level == 1
    assert judged.provenance.pools == (Pool("tfidf", 4),)
    assert judged.provenance.method == "tf-idf"


def test_tfidf_breaks_ties_by_descending_id_in_any_block(plugin: Plugin, monkeypatch: pytest.MonkeyPatch) -> None:
    module = plugin("gt_sources/tfidf")
    items = [Item(name, "같은 낱말") for name in "abcdefgh"]
    tied = dataset_of(items, [Query(f"q{name}", "같은 낱말", source=name) for name in "ah"])
    expected = {"qa": dict.fromkeys("hgfed", 1), "qh": dict.fromkeys("gfedc", 1)}
    assert module.build().judge(tied).qrels == expected
    monkeypatch.setattr(module, "_CELLS", 1)
    assert module.build().judge(tied).qrels == expected


def test_tfidf_has_no_opinion_on_a_bank_without_words(plugin: Plugin) -> None:
    with pytest.raises(NotMeasured, match="bank: TF-IDF finds no words in its items"):
        plugin("gt_sources/tfidf").build().judge(dataset_of([Item("a", "")], [Query("q", "")]))


PARENTS = {
    "one": truth("one", {"q": {"a": 1, "b": 1}, "r": {"c": 1}}, pools=(Pool("x", 5),), judge="K", date="2024-01-01"),
    "two": truth(
        "two", {"q": {"a": 2, "b": 1, "d": 3}}, level=2, pools=(Pool("x", 5), Pool("y", 9)), date="2025-02-02"
    ),
    "three": truth("three", {"q": {"d": 1}, "s": {"e": 1, "f": 0}}, judge="L"),
}


@pytest.mark.parametrize(
    ("names", "how", "expected"),
    [
        (("one", "two"), "intersection", {"q": {"a": 1}}),
        (("one", "two"), "union", {"q": {"a": 1, "b": 1, "d": 1}, "r": {"c": 1}}),
        (("one", "two", "three"), "majority", {"q": {"a": 1, "d": 1}}),
        (("one", "two"), "majority", {"q": {"a": 1}}),
        (("one", "three"), "union", {"q": {"a": 1, "b": 1, "d": 1}, "r": {"c": 1}, "s": {"e": 1}}),
    ],
)
def test_hybrid_counts_votes(
    plugin: Plugin, dataset: Dataset, names: tuple[str, ...], how: str, expected: dict[str, dict[str, int]]
) -> None:
    parts = {name: PARENTS[name] for name in names}
    judged = plugin("gt_sources/hybrid").build(parts, how=how).judge(dataset)
    assert judged.qrels == expected
    assert judged.level == 1


def test_hybrid_inherits_every_pool(plugin: Plugin, dataset: Dataset) -> None:
    """The documents' Hybrid GT is a child of a truth picked from the judged system's own top 10."""
    parts = {name: PARENTS[name] for name in ("one", "two")}
    provenance = plugin("gt_sources/hybrid").build(parts).judge(dataset).provenance
    assert provenance.pools == (Pool("x", 5), Pool("y", 9))
    assert (provenance.method, provenance.judge, provenance.date) == ("intersection of one and two", "K", "2025-02-02")


def test_hybrid_refuses_what_it_cannot_do(plugin: Plugin, dataset: Dataset) -> None:
    build = plugin("gt_sources/hybrid").build
    with pytest.raises(BadConfig, match="hybrid: needs at least two ground truths as parts; got one"):
        build({"one": PARENTS["one"]})
    with pytest.raises(BadConfig, match="hybrid: how 'most' is none of intersection, union, majority"):
        build(PARENTS, how="most")
    with pytest.raises(NotMeasured, match="no pair is relevant in the intersection of one and three"):
        build({name: PARENTS[name] for name in ("one", "three")}).judge(dataset)


def test_hybrid_of_a_bank_without_labels_asks_for_its_parts(config_of: Callable[..., Config], tmp_path: Path) -> None:
    sources = collect(config_of(dataset=bank(tmp_path / "bank"))).gt_sources
    assert "hybrid" not in sources.select(["*"])
    with pytest.raises(BadConfig, match="ground truth 'hybrid' needs 'parts'"):
        sources.select(["hybrid"])


def test_a_table_names_the_parts_of_a_hybrid(config_of: Callable[..., Config], tmp_path: Path) -> None:
    table = '[[ground_truth]]\nname = "both"\nuses = "hybrid"\nhow = "union"\nparts = ["tfidf", "curriculum"]'
    spec = collect(config_of(tables=table, dataset=bank(tmp_path / "bank"))).gt_sources["both"]
    assert spec.parts == ("tfidf", "curriculum")
    assert spec.required == ()
