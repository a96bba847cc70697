import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from harness.errors import BadOutput
from harness.ranking import topk as room
from harness.ranking.topk import dense_top_k, top_k

# Few distinct values, so that ties stand at every boundary; -inf is "not retrieved".
tied = arrays(
    np.float32,
    st.tuples(st.integers(1, 5), st.integers(1, 60)),
    elements=st.sampled_from([-2.5, -0.0, 0, 1, 7, -np.inf]),
)
spread = arrays(
    np.float32, st.tuples(st.integers(1, 4), st.integers(1, 80)), elements=st.floats(-1e6, 1e6, width=32)
)


def by_sorting(scores: np.ndarray, k: int, exclude: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
    """The same by a stable sort of everything, row by row."""
    width = min(k, scores.shape[1])
    index = np.full((len(scores), width), -1, np.int32)
    best = np.full((len(scores), width), -np.inf, np.float32)
    for row, values in enumerate(scores):
        order = sorted(range(len(values)), key=lambda column: (-values[column], column))
        kept = [c for c in order if values[c] > -np.inf and (exclude is None or c != exclude[row])][:width]
        index[row, : len(kept)], best[row, : len(kept)] = kept, values[kept]
    return index, best


@given(st.one_of(tied, spread), st.integers(1, 70), st.data())
def test_it_is_a_stable_sort_of_everything(scores: np.ndarray, k: int, data: st.DataObject) -> None:
    columns = st.lists(st.integers(-1, scores.shape[1] - 1), min_size=len(scores), max_size=len(scores))
    exclude = data.draw(st.none() | columns.map(lambda own: np.array(own, np.int32)))
    before = scores.copy()
    for got, wanted in zip(top_k(scores, k, exclude), by_sorting(scores, k, exclude), strict=True):
        np.testing.assert_array_equal(got, wanted)
        assert got.dtype == wanted.dtype
    np.testing.assert_array_equal(scores, before)


@pytest.mark.parametrize("values", ["random", "coarse", "ascending", "descending", "zeros", "sparse"])
@pytest.mark.parametrize("k", [1, 10, 100])
def test_it_is_a_stable_sort_of_a_large_bank_too(values: str, k: int) -> None:
    """Wide enough for the screening by groups, in the orders that suit it least."""
    rng = np.random.default_rng(7)
    scores = rng.standard_normal((3, 5000)).astype(np.float32)
    scores = {
        "random": scores,
        "coarse": np.round(scores),
        "ascending": np.sort(scores),
        "descending": -np.sort(-scores),
        "zeros": np.zeros_like(scores),
        "sparse": np.where(scores > 2.5, scores, 0).astype(np.float32),
    }[values]
    exclude = np.array([0, -1, 4999], np.int32)
    for got, wanted in zip(top_k(scores, k, exclude), by_sorting(scores, k, exclude), strict=True):
        np.testing.assert_array_equal(got, wanted)


@given(spread, st.integers(1, 20), st.randoms())
def test_shuffling_the_queries_shuffles_the_answers(scores: np.ndarray, k: int, random: object) -> None:
    order = list(range(len(scores)))
    random.shuffle(order)  # type: ignore[attr-defined]
    index, best = top_k(scores, k)
    moved, moved_best = top_k(scores[order], k)
    np.testing.assert_array_equal(moved, index[order])
    np.testing.assert_array_equal(moved_best, best[order])


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_scores_that_are_not_finite_are_refused(value: float) -> None:
    scores = np.zeros((2, 5), np.float32)
    scores[1, 3] = value
    with pytest.raises(BadOutput, match="scores are not finite"):
        top_k(scores, 2)


def test_scores_that_are_no_matrix_are_refused() -> None:
    with pytest.raises(BadOutput, match=r"not of shape \[3\]"):
        top_k(np.zeros(3, np.float32), 2)


def test_no_queries_and_no_documents() -> None:
    assert top_k(np.empty((0, 5), np.float32), 3)[0].shape == (0, 3)
    assert top_k(np.empty((2, 0), np.float32), 3)[0].shape == (2, 0)
    assert dense_top_k(np.empty((0, 4), np.float32), np.ones((6, 4), np.float32), 3)[0].shape == (0, 3)
    assert dense_top_k(np.ones((2, 4), np.float32), np.empty((0, 4), np.float32), 3)[0].shape == (2, 0)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("blocks", [(2, 7), (3, 64), (128, 32_768)])
def test_blocks_do_not_show(dtype: type, blocks: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    """Small whole numbers make exact products and many ties, so the answers must be equal."""
    monkeypatch.setattr(room, "_QUERIES", blocks[0])
    monkeypatch.setattr(room, "_DOCUMENTS", blocks[1])
    rng = np.random.default_rng(11)
    queries, corpus = rng.integers(-2, 3, (9, 6)), rng.integers(-2, 3, (65, 6))
    exclude = rng.integers(-1, 65, 9).astype(np.int32)
    for k, own in [(1, None), (10, None), (10, exclude), (100, exclude)]:
        wanted = by_sorting((queries @ corpus.T).astype(np.float32), k, own)
        for got, expected in zip(
            dense_top_k(queries.astype(dtype), corpus.astype(dtype), k, own), wanted, strict=True
        ):
            np.testing.assert_array_equal(got, expected)
            assert got.dtype == expected.dtype


def test_vectors_of_another_length_are_refused() -> None:
    with pytest.raises(
        BadOutput, match=r"queries \[2, 4\] and corpus \[6, 5\] are not vectors of one length"
    ):
        dense_top_k(np.ones((2, 4)), np.ones((6, 5)), 3)


def test_a_vector_that_is_not_finite_is_refused() -> None:
    corpus = np.ones((6, 4), np.float32)
    corpus[2, 1] = np.nan
    with pytest.raises(BadOutput, match="scores are not finite"):
        dense_top_k(np.ones((2, 4), np.float32), corpus, 3)
