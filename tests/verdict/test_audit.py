"""Who was picked from cannot be judged by what was picked."""

import pytest

from harness.data.model import Pool, Provenance
from harness.verdict.audit import declared

POOLED = Provenance("llm", judge="a model", pools=(Pool("bm25", 20), Pool("qwen3-vl-2b+dense", 1_000)))


@pytest.mark.parametrize(
    ("names", "why"),
    [
        ({"bm25"}, "by construction: its candidates were picked from the first 20 of bm25 itself"),
        ({"qwen3-vl-2b+dense"}, "by construction: its candidates were picked from the first 1,000 of qwen3-vl-2b+dense itself"),
        # A reranker orders what its first stage chose.
        ({"bm25+reranker", "bm25"}, "by construction: its candidates were picked from the first 20 of bm25 itself"),
        ({"bm25-whitespace"}, ""),
        ({"qwen3-vl-2b+hybrid-a0.5"}, ""),
        ({"BM25"}, ""),
        (set(), ""),
    ],
)  # fmt: skip
def test_only_a_declared_pool_strikes_and_it_is_named_with_its_depth(names, why):
    assert declared(POOLED, names) == why


def test_without_pools_nothing_is_declared():
    assert declared(Provenance("by hand"), {"bm25"}) == ""


def test_of_two_pools_the_first_is_told():
    assert "first 20 of bm25" in declared(POOLED, {"qwen3-vl-2b+dense", "bm25"})
