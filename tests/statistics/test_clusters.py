import numpy as np
import pytest

from harness.errors import HarnessError
from harness.statistics.clusters import CELLS, by_cluster, cluster_rows

NAN = float("nan")


def test_values_are_summed_by_label_and_what_does_not_count_is_not() -> None:
    values = np.array([[1.0, NAN], [0.5, 0.25], [NAN, 1.0], [0.0, 0.0]])
    sums = by_cluster(values, np.array(["b", "a", "b", "a"]))
    assert sums.totals.tolist() == [[0.5, 0.25], [1.0, 1.0]]
    assert sums.counts.tolist() == [[2, 2], [1, 1]]


def test_every_query_is_a_cluster_where_nothing_is_said() -> None:
    sums = by_cluster(np.array([[1.0], [NAN], [0.5]]))
    assert sums.totals.tolist() == [[1.0], [0.5]]
    assert sums.counts.tolist() == [[1], [1]]


def test_a_cluster_in_which_nothing_counts_is_left_out() -> None:
    assert len(by_cluster(np.array([[NAN], [NAN], [1.0]]), np.array([7, 7, 8]))) == 1
    assert len(by_cluster(np.array([[NAN]]))) == 0
    assert len(by_cluster(np.empty((0, 2)), np.array([]))) == 0


def test_rows_number_the_labels() -> None:
    assert cluster_rows(3, None).tolist() == [0, 1, 2]
    assert cluster_rows(4, np.array(["y", "x", "y", "z"])).tolist() == [1, 0, 1, 2]


def test_another_number_of_labels_is_an_error() -> None:
    with pytest.raises(HarnessError, match="^2 cluster labels for 3 queries$"):
        by_cluster(np.zeros((3, 1)), np.array([0, 1]))


@pytest.mark.parametrize("queries", [1, 27, 1000, 2 * CELLS])
def test_blocks_hold_all_resamples_and_stay_small(queries: int) -> None:
    sums = by_cluster(np.zeros((queries, 1)))
    blocks = list(sums.blocks(100))
    assert sum(blocks) == 100
    assert max(blocks) * queries <= max(CELLS, queries)
