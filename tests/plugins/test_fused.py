"""hybrid and rrf against plain loops over all documents."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest

from harness.config import Config
from harness.data.model import Corpus, Item, Queries, Query
from harness.errors import BadConfig
from harness.plugging import scoring
from harness.plugging.registry import collect

Plugin = Callable[[str], ModuleType]


@pytest.fixture
def parts(plugin: Plugin, corpus: Corpus) -> dict[str, Any]:
    parts = {"dense": plugin("retrievers/dense").build(), "bm25": plugin("retrievers/bm25").build()}
    for part in parts.values():
        part.index(corpus)
    return parts


def slow_hybrid(parts: dict[str, Any], corpus: Corpus, queries: Queries, alpha: float) -> list[dict[str, float]]:
    """{document id: fused score} of each query, one document at a time; the own item is no document."""
    found = []
    for row in range(len(queries)):
        columns = [column for column in range(len(corpus)) if column != queries.exclude[row]]
        fused = dict.fromkeys((corpus.ids[column] for column in columns), 0.0)
        for part, weight in ((parts["dense"], alpha), (parts["bm25"], 1 - alpha)):
            scores = part.score(queries)[row].astype(float)
            low, high = min(scores[columns]), max(scores[columns])
            for column in columns:
                share = (scores[column] - low) / (high - low) if high > low else 0.0
                fused[corpus.ids[column]] += weight * share
        found.append(fused)
    return found


@pytest.mark.parametrize("alpha", [0.0, 0.3, 0.5, 0.7, 1.0])
def test_hybrid_is_the_slow_loop(
    plugin: Plugin, parts: dict[str, Any], corpus: Corpus, queries: Queries, alpha: float
) -> None:
    hybrid = plugin("retrievers/hybrid").build(parts, alpha=alpha)
    hybrid.index(corpus)
    run = hybrid.search(queries, len(corpus)).to_dict()
    expected = slow_hybrid(parts, corpus, queries, alpha)
    assert [run[query_id] for query_id in queries.ids] == [pytest.approx(found, abs=1e-6) for found in expected]


@pytest.mark.parametrize(("alpha", "part"), [(1.0, "dense"), (0.0, "bm25")])
def test_at_its_ends_hybrid_is_one_part(
    plugin: Plugin, parts: dict[str, Any], corpus: Corpus, queries: Queries, alpha: float, part: str
) -> None:
    hybrid = plugin("retrievers/hybrid").build(parts, alpha=alpha)
    hybrid.index(corpus)
    alone = parts[part].search(queries, 5)
    fused = hybrid.search(queries, 5)
    there = alone.index >= 0
    np.testing.assert_array_equal(fused.index[there], alone.index[there])


def test_hybrid_in_blocks_of_one_query_is_the_same(
    plugin: Plugin, parts: dict[str, Any], corpus: Corpus, queries: Queries, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = plugin("retrievers/hybrid")
    hybrid = module.build(parts)
    hybrid.index(corpus)
    whole = hybrid.search(queries, 4)
    monkeypatch.setattr(scoring, "CELLS", 1)
    blocks = hybrid.search(queries, 4)
    np.testing.assert_array_equal(whole.index, blocks.index)
    np.testing.assert_allclose(whole.scores, blocks.scores, atol=1e-6)
    assert hybrid.search(queries.rows(slice(0, 0)), 4).index.shape == (0, 4)


@pytest.mark.parametrize("alpha", [-0.1, 1.01, float("nan")])
def test_hybrid_refuses_another_alpha(plugin: Plugin, parts: dict[str, Any], alpha: float) -> None:
    with pytest.raises(BadConfig, match=r"hybrid: alpha .* is not between 0 \(all lexical\) and 1 \(all dense\)"):
        plugin("retrievers/hybrid").build(parts, alpha=alpha)


def test_hybrid_names_a_part_that_cannot_score(plugin: Plugin, parts: dict[str, Any]) -> None:
    ranks_only = SimpleNamespace(index=None, search=None)
    with pytest.raises(BadConfig, match=r"hybrid: part 'hnsw' ranks, but cannot score every document: it has no score"):
        plugin("retrievers/hybrid").build({"hnsw": ranks_only, "bm25": parts["bm25"]})
    with pytest.raises(BadConfig, match="hybrid: needs two parts, dense first, then lexical; got bm25"):
        plugin("retrievers/hybrid").build({"bm25": parts["bm25"]})


def test_alphas_are_registered_by_name(config_of: Callable[..., Config]) -> None:
    grid = 'retrievers = ["bm25", "hybrid-a0.35"]\ncandidates = ["char-hashing+hybrid-a0.9+lexical"]'
    names = {spec.name for spec in collect(config_of(grid)).retrievers}
    documented = {"hybrid-a0.0", "hybrid-a0.3", "hybrid-a0.5", "hybrid-a0.7", "hybrid-a1.0"}
    assert {name for name in names if name.startswith("hybrid")} == {*documented, "hybrid-a0.35", "hybrid-a0.9"}


def test_a_registered_alpha_is_the_one_that_fuses(config_of: Callable[..., Config], parts: dict[str, Any]) -> None:
    registry = collect(config_of('retrievers = ["hybrid-a0.35"]'))
    assert registry.retrievers["hybrid-a0.35"].build(parts).alpha == 0.35
    with pytest.raises(BadConfig, match=r"alpha 1\.5 is not between"):
        collect(config_of('retrievers = ["hybrid-a1.5"]')).retrievers["hybrid-a1.5"].build(parts)


def test_a_table_may_name_other_parts(config_of: Callable[..., Config]) -> None:
    table = '[[retriever]]\nname = "mine"\nuses = "hybrid-a0.5"\nalpha = 0.2\nparts = ["dense", "bm25-okapi"]'
    spec = collect(config_of(tables=table)).retrievers["mine"]
    assert spec.parts == ("dense", "bm25-okapi")
    assert spec.build.keywords["alpha"] == 0.2


def test_rrf_is_the_sum_of_reciprocal_ranks(
    plugin: Plugin, parts: dict[str, Any], corpus: Corpus, queries: Queries
) -> None:
    fused = plugin("retrievers/rrf").build(parts, k=10, depth=4)
    fused.index(corpus)
    run = fused.search(queries, len(corpus)).to_dict()
    for row, query_id in enumerate(queries.ids):
        expected: dict[str, float] = {}
        for part in parts.values():
            ranking = part.search(queries, len(corpus)).documents(row)
            others = [doc_id for doc_id, _ in ranking if doc_id != queries.queries[row].source]
            for rank, doc_id in enumerate(others[:4], 1):
                expected[doc_id] = expected.get(doc_id, 0.0) + 1 / (10 + rank)
        assert run[query_id] == pytest.approx(expected)


def test_rrf_returns_only_what_a_part_found(plugin: Plugin) -> None:
    corpus = Corpus([Item("a", "삼각형"), Item("b", "확률"), Item("c", "함수")])
    queries = Queries.against(corpus, [Query("q", "확률")])
    bm25 = plugin("retrievers/bm25")
    parts = {"bm25": bm25.build(), "bm25-whitespace": bm25.build_whitespace()}
    for part in parts.values():
        part.index(corpus)
    fused = plugin("retrievers/rrf").build(parts)
    fused.index(corpus)
    assert fused.search(queries, 3).to_dict() == {"q": {"b": pytest.approx(2 / 61)}}
    with pytest.raises(BadConfig, match="rrf: needs at least two parts to fuse; got bm25"):
        plugin("retrievers/rrf").build({"bm25": parts["bm25"]})
