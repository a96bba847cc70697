import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.preprocessing import minmax_scale

from harness.errors import BadOutput, HarnessError
from harness.ranking.fusion import min_max, reciprocal_rank_fusion, weighted
from harness.ranking.topk import top_k

shapes = st.tuples(st.integers(1, 4), st.integers(1, 20))
finite = arrays(np.float32, shapes, elements=st.floats(-1e6, 1e6, width=32))
partly = arrays(np.float32, shapes, elements=st.sampled_from([-3, 0, 0.5, 9, -np.inf]))


@given(st.one_of(finite, partly), st.data())
def test_min_max_lies_between_0_and_1(scores: np.ndarray, data: st.DataObject) -> None:
    columns = st.lists(st.integers(-1, scores.shape[1] - 1), min_size=len(scores), max_size=len(scores))
    stretched = min_max(scores, np.array(data.draw(columns), np.int32))
    assert stretched.dtype == np.float32
    assert ((stretched >= 0) & (stretched <= 1)).all()


def test_min_max_is_that_of_scikit_learn() -> None:
    scores = np.random.default_rng(3).normal(5, 30, (4, 50)).astype(np.float32)
    np.testing.assert_allclose(min_max(scores), minmax_scale(scores, axis=1), atol=1e-6)


def test_the_excluded_column_and_what_was_not_retrieved_set_no_scale() -> None:
    scores = np.array([[100, 1, 3, 5, -np.inf]], np.float32)
    assert min_max(scores, np.array([0], np.int32)).tolist() == [[0, 0, 0.5, 1, 0]]


def test_a_constant_row_and_an_empty_one_become_zero() -> None:
    scores = np.array([[4, 4, 4], [-np.inf, -np.inf, -np.inf], [-np.inf, 2, -np.inf]], np.float32)
    assert not min_max(scores).any()


def test_min_max_leaves_its_argument_alone() -> None:
    scores = np.array([[1, 2, 3]], np.float32)
    min_max(scores, np.array([2], np.int32))
    assert scores.tolist() == [[1, 2, 3]]


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_min_max_refuses_scores_that_are_not_finite(value: float) -> None:
    with pytest.raises(BadOutput, match="scores are not finite"):
        min_max(np.array([[0, value]], np.float32))


def test_weighted_runs_from_one_part_to_the_other() -> None:
    dense, lexical = np.array([[0.0, 1.0]], np.float32), np.array([[1.0, 0.5]], np.float32)
    assert weighted(dense, lexical, 1.0).tolist() == dense.tolist()
    assert weighted(dense, lexical, 0.0).tolist() == lexical.tolist()
    assert weighted(dense, lexical, 0.7).tolist() == [[pytest.approx(0.3), pytest.approx(0.85)]]
    assert weighted(dense, lexical, 0.7).dtype == np.float32


@pytest.mark.parametrize("alpha", [-0.1, 1.5, float("nan")])
def test_a_weight_outside_0_to_1_is_refused(alpha: float) -> None:
    with pytest.raises(HarnessError, match="lies between 0 and 1"):
        weighted(np.zeros((1, 2), np.float32), np.zeros((1, 2), np.float32), alpha)


def test_scores_of_two_shapes_are_refused() -> None:
    with pytest.raises(BadOutput, match=r"\[1, 2\] and \[1, 1\]"):
        weighted(np.zeros((1, 2), np.float32), np.zeros((1, 1), np.float32), 0.5)


def test_reciprocal_rank_fusion_by_hand() -> None:
    first, second = np.array([[2, 0, -1]], np.int32), np.array([[0, 1]], np.int32)
    fused = reciprocal_rank_fusion([first, second], n_docs=4)
    np.testing.assert_allclose(fused, [[1 / 62 + 1 / 61, 1 / 62, 1 / 61, -np.inf]], rtol=1e-6)
    assert top_k(fused, 4)[0].tolist() == [[0, 2, 1, -1]]


def test_mirrored_ranks_tie_and_k_is_a_parameter() -> None:
    three = [np.array([order], np.int32) for order in ([0, 1, 2], [1, 2, 0], [2, 0, 1])]
    assert len(set(reciprocal_rank_fusion(three, 3)[0].tolist())) == 1
    assert reciprocal_rank_fusion(three[:1], 3, k=1)[0].tolist() == pytest.approx([1 / 2, 1 / 3, 1 / 4])


def test_one_ranking_keeps_its_order() -> None:
    ranking = np.random.default_rng(5).permuted(np.tile(np.arange(30, dtype=np.int32), (4, 1)), axis=1)
    np.testing.assert_array_equal(top_k(reciprocal_rank_fusion([ranking], 30), 30)[0], ranking)


def test_nothing_to_fuse_is_refused() -> None:
    with pytest.raises(HarnessError, match="at least one ranking"):
        reciprocal_rank_fusion([], 5)
