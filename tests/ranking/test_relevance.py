import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import BadData, BadOutput
from harness.ranking import relevance as room
from harness.ranking.relevance import NOTHING, UNJUDGED, Relevance

POSITIONS = {"d": 0, "c": 1, "b": 2, "a": 3}
QRELS = {"one": {"a": 3, "c": 0, "b": -1}, "two": {"elsewhere": 2, "d": 1}, "stranger": {"a": 1}}


def compiled() -> Relevance:
    return Relevance.compile(QRELS, ["one", "none", "two"], POSITIONS)


def test_grades_tell_unjudged_from_nothing_and_negative_from_unjudged() -> None:
    index = np.array([[3, 2, 1, 0, -1], [0, 1, 2, 3, -1], [0, -1, 3, -1, -1]], np.int32)
    assert compiled().grades(index).tolist() == [
        [3, 0, 0, UNJUDGED, NOTHING],
        [UNJUDGED, UNJUDGED, UNJUDGED, UNJUDGED, NOTHING],
        [1, NOTHING, UNJUDGED, NOTHING, NOTHING],
    ]


def test_a_judged_document_outside_the_corpus_still_counts() -> None:
    assert compiled().relevant_count(1).tolist() == [1, 0, 2]
    assert compiled().relevant_count(2).tolist() == [1, 0, 1]
    assert compiled().judged_count().tolist() == [3, 0, 2]


def test_the_ideal_is_descending_and_padded() -> None:
    assert compiled().ideal(2).tolist() == [[3, 0], [0, 0], [2, 1]]
    assert compiled().ideal(10**9).tolist() == [[3, 0, 0], [0, 0, 0], [2, 1, 0]]


def test_no_judgement_at_all() -> None:
    bare = Relevance.compile({}, ["q"], POSITIONS)
    assert bare.grades(np.array([[0, -1]], np.int32)).tolist() == [[UNJUDGED, NOTHING]]
    assert (bare.relevant_count(1).tolist(), bare.ideal(5).shape) == ([0], (1, 0))


def test_no_query_at_all() -> None:
    nobody = Relevance.compile(QRELS, [], POSITIONS)
    assert (len(nobody), nobody.grades(np.empty((0, 5), np.int32)).shape) == (0, (0, 5))


@pytest.mark.parametrize("column", [4, -2])
def test_a_column_outside_the_corpus_is_refused(column: int) -> None:
    with pytest.raises(BadOutput, match="outside the corpus of 4 documents"):
        compiled().grades(np.array([[0], [0], [column]], np.int32))


def test_a_run_of_another_number_of_queries_is_refused() -> None:
    with pytest.raises(BadOutput, match=r"a run of shape \[2, 1\] for 3 judged queries"):
        compiled().grades(np.zeros((2, 1), np.int32))


def test_a_grade_that_does_not_fit_is_refused() -> None:
    with pytest.raises(BadData, match="grade 32768; grades go up to 32767"):
        Relevance.compile({"q": {"a": 32768}}, ["q"], POSITIONS)


@given(
    judged=st.lists(st.dictionaries(st.integers(0, 19), st.integers(-2, 4)), min_size=1, max_size=9),
    cells=st.sampled_from([1, 21, 50, 10**6]),
    data=st.data(),
)
def test_grades_are_those_of_looking_each_one_up(
    judged: list[dict[int, int]], cells: int, data: st.DataObject
) -> None:
    """Whatever the block size: a scratch table not wiped would leak one block's grades into the next."""
    rows = st.lists(st.integers(-1, 14), min_size=6, max_size=6)
    index = np.array([data.draw(rows) for _ in judged], np.int32)
    positions = {f"d{n}": n for n in range(15)}
    qrels = {f"q{row}": {f"d{n}": grade for n, grade in one.items()} for row, one in enumerate(judged)}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(room, "_SCRATCH_CELLS", cells)
        grades = Relevance.compile(qrels, list(qrels), positions).grades(index)
    for row, one in enumerate(judged):
        for column, grade in zip(index[row], grades[row], strict=True):
            wanted = NOTHING if column < 0 else max(one[column], 0) if column in one else UNJUDGED
            assert grade == wanted
