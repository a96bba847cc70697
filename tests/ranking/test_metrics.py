import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import ndcg_score

from harness.errors import HarnessError, UnknownName
from harness.ranking.measures import Metric
from harness.ranking.metrics import Average, every, mean, per_query
from harness.ranking.relevance import Relevance

N_DOCS = 12
POSITIONS = {f"d{column:02}": column for column in range(N_DOCS)}
CUTOFFS = (1, 2, 3, 5, 10, 20)


def judge(*judged: dict[int, int]) -> Relevance:
    """One query per dictionary of column -> grade."""
    qrels = {f"q{row}": {f"d{n:02}": grade for n, grade in one.items()} for row, one in enumerate(judged)}
    return Relevance.compile(qrels, list(qrels), POSITIONS)


def value(name: str, ranking: list[int], judged: dict[int, int], level: int = 1) -> float:
    relevance = judge(judged)
    grades = relevance.grades(np.array([ranking], np.int32).reshape(1, -1))
    return float(per_query(Metric.parse(name), grades, relevance, level)[0])


rankings = st.permutations(range(N_DOCS)).flatmap(
    lambda order: st.integers(0, N_DOCS).map(lambda depth: order[:depth] + [-1] * (N_DOCS - depth))
)
judgements = st.dictionaries(st.integers(0, N_DOCS + 5), st.integers(0, 3), max_size=N_DOCS).map(
    lambda judged: {**judged, 3: 2}
)


def test_recall_hit_and_precision_are_three_things() -> None:
    ranking, judged = [0, 1, 2, 3, 4], {1: 1, 3: 1, 9: 1, 10: 1}
    assert value("recall@5", ranking, judged) == 2 / 4
    assert value("hit@5", ranking, judged) == 1
    assert value("precision@5", ranking, judged) == 2 / 5


def test_precision_divides_by_k_where_fewer_were_returned() -> None:
    assert value("precision@10", [1, -1], {1: 1}) == 1 / 10


def test_the_level_decides_what_is_relevant_but_not_the_gain() -> None:
    ranking, judged = [0, 1], {0: 1, 1: 2}
    assert value("mrr", ranking, judged, level=1) == 1
    assert value("mrr", ranking, judged, level=2) == 1 / 2
    assert value("ndcg", ranking, judged, level=2) == value("ndcg", ranking, judged, level=1) < 1


@pytest.mark.parametrize(
    "name", ["recall@5", "hit@5", "precision@5", "mrr", "map", "map@5", "ndcg", "ndcg@5"]
)
def test_no_relevant_item_does_not_count_and_no_result_counts_zero(name: str) -> None:
    relevance = judge({}, {1: 0}, {1: 1}, {1: 2})
    grades = relevance.grades(np.array([[1], [1], [1], [-1]], np.int32))
    values = per_query(Metric.parse(name), grades, relevance, level=2)
    assert np.isnan(values).tolist() == [True, True, True, False]
    assert values[3] == 0
    assert mean(values) == Average(0.0, 1)


def test_a_run_of_no_depth_counts_zero() -> None:
    relevance = judge({1: 1})
    grades = relevance.grades(np.empty((1, 0), np.int32))
    names = ["recall@5", "hit@1", "precision@3", "mrr", "map", "ndcg@10"]
    assert all(per_query(Metric.parse(name), grades, relevance, 1).tolist() == [0.0] for name in names)


def test_judged_is_a_share_of_what_was_returned() -> None:
    assert value("judged@3", [0, 1, 2, 3], {0: 0, 2: 1}) == 2 / 3
    assert value("judged@10", [0, 1, -1, -1], {0: 0, 9: 1}) == 1 / 2
    assert np.isnan(value("judged@5", [-1, -1], {0: 1}))
    assert np.isnan(value("judged@5", [0, 1], {}))


def test_the_mean_of_nothing_is_nothing() -> None:
    assert mean(np.array([np.nan, np.nan])) == Average(None, 0)
    assert mean(np.array([])) == Average(None, 0)
    assert mean(np.array([1.0, np.nan, 0.0])) == Average(0.5, 2)


@pytest.mark.parametrize("level", [0, -1])
def test_a_level_below_one_is_refused(level: int) -> None:
    with pytest.raises(HarnessError, match=f"relevance level {level}"):
        value("mrr", [0], {0: 1}, level)


def test_a_metric_that_is_no_accuracy_is_refused() -> None:
    with pytest.raises(UnknownName, match="unknown accuracy measure 'stability'"):
        value("stability", [0], {0: 1})


def test_grades_of_other_queries_are_refused() -> None:
    with pytest.raises(HarnessError, match="2 rows of grades for 1 judged queries"):
        per_query(Metric.parse("mrr"), np.zeros((2, 3), np.int16), judge({0: 1}), 1)


@given(rankings, judgements)
def test_ndcg_is_that_of_scikit_learn(ranking: list[int], judged: dict[int, int]) -> None:
    """Of a complete ranking: documents that were not returned follow in an order that gives no gain."""
    judged = {column: grade for column, grade in judged.items() if column in ranking}
    scores = [-ranking.index(column) if column in ranking else -N_DOCS for column in range(N_DOCS)]
    gains = [judged.get(column, 0) for column in range(N_DOCS)]
    if any(gains):
        for k in CUTOFFS:
            assert value(f"ndcg@{k}", ranking, judged) == pytest.approx(ndcg_score([gains], [scores], k=k))


@given(rankings, judgements, st.integers(1, 2))
def test_bounds_and_order_of_the_metrics(ranking: list[int], judged: dict[int, int], level: int) -> None:
    got = {
        (name, k): value(f"{name}@{k}", ranking, judged, level)
        for name in ("recall", "hit", "precision", "mrr", "map", "ndcg")
        for k in CUTOFFS
    }
    assert all(0 <= one <= 1 + 1e-12 for one in got.values())
    for k in CUTOFFS:
        assert got["recall", k] <= got["hit", k]
        assert got["mrr", k] <= got["hit", k] <= k * got["mrr", k] + 1e-12
        assert got["map", k] <= got["recall", k] + 1e-12
    for name in ("recall", "hit", "mrr", "map"):
        assert [got[name, k] for k in CUTOFFS] == sorted(got[name, k] for k in CUTOFFS)
    for name in ("mrr", "map"):
        assert value(name, ranking, judged, level) == got[name, 20]


@given(judgements)
def test_the_ideal_order_has_an_ndcg_of_one(judged: dict[int, int]) -> None:
    judged = {column: grade for column, grade in judged.items() if column < N_DOCS}
    ranking = sorted(range(N_DOCS), key=lambda column: -judged.get(column, 0))
    assert all(value(f"ndcg@{k}", ranking, judged) == pytest.approx(1) for k in CUTOFFS)
    assert value("ndcg", ranking, judged) == pytest.approx(1)


@given(rankings, judgements, st.permutations(range(N_DOCS)))
def test_renaming_the_documents_changes_nothing(
    ranking: list[int], judged: dict[int, int], names: list[int]
) -> None:
    renamed = {names[column] if column < N_DOCS else column: grade for column, grade in judged.items()}
    moved = [names[column] if column >= 0 else -1 for column in ranking]
    for name in ("recall@5", "hit@3", "mrr", "map", "ndcg@10", "judged@5"):
        assert value(name, ranking, judged) == pytest.approx(value(name, moved, renamed), nan_ok=True)


@given(st.lists(st.tuples(rankings, judgements), min_size=2, max_size=6))
def test_a_query_does_not_depend_on_its_neighbours(pairs: list[tuple[list[int], dict[int, int]]]) -> None:
    relevance = judge(*(judged for _, judged in pairs))
    grades = relevance.grades(np.array([ranking for ranking, _ in pairs], np.int32))
    metrics = [
        Metric.parse(name) for name in ("recall@5", "hit@3", "precision@4", "mrr", "map", "ndcg", "judged@5")
    ]
    for metric, values in every(metrics, grades, relevance, 1).items():
        alone = [value(str(metric), ranking, judged) for ranking, judged in pairs]
        assert values == pytest.approx(np.array(alone), nan_ok=True)
