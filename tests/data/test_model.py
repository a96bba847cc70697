"""The nouns: order of the corpus, a query's own item, and what a dataset refuses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from harness.data.model import Corpus, Dataset, GroundTruth, Item, Provenance, Queries, Query
from harness.errors import BadData

CORPUS = Corpus([Item("b", "2"), Item("c", "3"), Item("a", "1")])
QUERIES = Queries.against(CORPUS, [Query("q1", "x", source="c"), Query("q2", "y"), Query("q3", "z", source="gone")])


def dataset(corpus: Corpus = CORPUS, queries: Queries = QUERIES, **qrels: dict[str, int]) -> Dataset:
    truths = {"labels": GroundTruth("labels", qrels, 2, Provenance("made up"))}
    return Dataset("bank", Path("bank"), corpus, queries, truths, digest="")


def test_the_corpus_lies_in_descending_order_of_ids() -> None:
    assert CORPUS.ids == ("c", "b", "a")
    assert CORPUS.texts == ["3", "2", "1"]
    assert CORPUS.positions == {"c": 0, "b": 1, "a": 2}


def test_queries_know_their_own_column() -> None:
    assert QUERIES.exclude.tolist() == [0, -1, -1]


def test_rows_keep_what_belongs_together() -> None:
    vectors = np.arange(6, dtype=np.float32).reshape(3, 2)
    part = QUERIES.with_vectors(vectors).rows(slice(1, 3))
    assert part.ids == ("q2", "q3")
    assert part.exclude.tolist() == [-1, -1]
    np.testing.assert_array_equal(part.vectors, vectors[1:3])
    assert QUERIES.rows(slice(0, 1)).vectors is None


def test_only_grades_from_the_level_on_are_relevant() -> None:
    assert dataset(q1={"a": 3, "b": 1}, q2={"a": 2}).truths["labels"].pairs == 2


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({"corpus": Corpus([Item("a", "1"), Item("a", "2")])}, "item id 'a' stands 2 times"),
        ({"queries": Queries.against(CORPUS, [Query("q", "")] * 3)}, "query id 'q' stands 3 times"),
        ({"q9": {"a": 1}}, "ground truth 'labels' judges query 'q9', which does not exist"),
        ({"q1": {"c": 1}},
         "ground truth 'labels' of query 'q1' names item 'c', which is the query itself and never found by it"),
        ({"q1": {"a": 1.0}},
         "ground truth 'labels' of query 'q1' gives item 'a' the grade 1.0, which is not a whole number "
         "from -32768 to 32767"),
        ({"q1": {"a": 32768}},
         "ground truth 'labels' of query 'q1' gives item 'a' the grade 32768, which is not a whole number "
         "from -32768 to 32767"),
        ({"q1": {"x": 1}}, "ground truth 'labels' of query 'q1' names item 'x', which does not exist among 3 items"),
    ],
)  # fmt: skip
def test_a_dataset_that_contradicts_itself_is_refused(parts: dict[str, Any], message: str) -> None:
    with pytest.raises(BadData) as raised:
        dataset(**parts)
    assert str(raised.value) == f"bank: {message}"


def test_grades_at_the_borders_and_the_query_itself_as_not_relevant_are_kept() -> None:
    qrels = {"q1": {"a": 32767, "b": -32768, "c": 0}}
    assert dataset(**qrels).truths["labels"].qrels == qrels
