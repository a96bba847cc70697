"""A run: trec_eval's order whatever was handed in, and every broken promise by name."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from harness.data.run import Run
from harness.errors import BadOutput

DOCS = ("d", "c", "b", "a")


def run(index: Any, scores: Any, **keys: Any) -> Run:
    index = np.asarray(index)
    return Run.of([f"q{row}" for row in range(len(index))], DOCS, index, np.asarray(scores), **keys)


@given(hnp.arrays(np.float32, (3, 4), elements=st.sampled_from([-1.0, 0.0, 0.5, 2.0])), st.data())
def test_rows_are_sorted_by_score_then_by_descending_id(scores: np.ndarray, data: st.DataObject) -> None:
    index = np.array([data.draw(st.permutations(range(4))) for _ in range(3)])
    made = run(index, scores)
    for row in range(3):
        pairs = [(DOCS[column], float(score)) for column, score in zip(index[row], scores[row], strict=True)]
        by_id = sorted(pairs, reverse=True)
        assert made.documents(row) == sorted(by_id, key=lambda pair: -pair[1])


def test_empty_places_come_last() -> None:
    made = run([[-1, 2, -1, 0]], [[9.0, 1.0, 8.0, 2.0]])
    assert made.index.tolist() == [[0, 2, -1, -1]]
    assert made.scores.tolist() == [[2.0, 1.0, -np.inf, -np.inf]]


def test_a_query_is_taken_out_of_its_own_ranking() -> None:
    made = run([[0, 1, 2], [0, 1, -1]], [[3, 2, 1], [3, 2, 0]]).without(np.array([1, -1], np.int32))
    assert [made.documents(row) for row in range(2)] == [[("d", 3.0), ("b", 1.0)], [("d", 3.0), ("c", 2.0)]]


def test_the_top_says_no_more_than_it_holds() -> None:
    whole = run([[0, 1, 2]], [[3, 2, 1]])
    assert (whole.depth, whole.top(2).depth, whole.top(9).depth) == (3, 2, 3)
    assert whole.top(2).documents(0) == [("d", 3.0), ("c", 2.0)]
    assert run([[0, 1, 2]], [[3, 2, 1]], depth=2).top(3).depth == 2


def test_dictionaries_at_the_edge() -> None:
    ranked = {"q0": {"a": 0.25, "d": 4.0}, "q1": {}, "q2": {"c": -1.0}}
    assert Run.from_dict(ranked, DOCS).to_dict() == ranked
    with pytest.raises(BadOutput, match="a run names document 'x', which is not in the corpus"):
        Run.from_dict({"q0": {"a": 1.0, "x": 2.0}}, DOCS)


@pytest.mark.parametrize(
    ("index", "scores", "message"),
    [
        ([[0, 1]], [[1.0]], "needs index and scores of one shape [1, k]; got [1, 2] and [1, 1]"),
        ([[4]], [[1.0]], "a run points at column 4 of a corpus of 4 documents"),
        ([[-2]], [[1.0]], "a run points at column -2 of a corpus of 4 documents"),
        ([[0]], [[np.nan]], "a run holds scores that are not finite (NaN or infinite)"),
        ([[0]], [[np.inf]], "a run holds scores that are not finite (NaN or infinite)"),
        ([[1, 0, 1]], [[1.0, 2.0, 3.0]], "a run returns one document twice for the same query"),
    ],
)
def test_a_broken_promise_is_named(index: Any, scores: Any, message: str) -> None:
    with pytest.raises(BadOutput) as raised:
        run(index, scores)
    assert str(raised.value).endswith(message)
