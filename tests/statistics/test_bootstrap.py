import time

import numpy as np
import pytest

from harness.errors import HarnessError
from harness.statistics import clusters
from harness.statistics.bootstrap import guarded, percentile_intervals, resampled_means
from harness.statistics.intervals import exact

NAN = float("nan")
RECALL = np.array([1, 1, .8, .6, 1, .2, 0, 1, .4, 1, .8, 1, 1, .6, 1, 0, .8, 1, 1, .4, .6, 1, 1, .8, 1, .2, 1])


def hits(n: int, of: int) -> np.ndarray:
    return (np.arange(of) < n).astype(float)[:, None]


def test_the_percentile_interval_is_that_of_scipy() -> None:
    """scipy 1.17.1: bootstrap((RECALL,), mean, n_resamples=1_000_000, method="percentile")."""
    interval = percentile_intervals(resampled_means(RECALL[:, None]))[0]
    assert interval is not None
    assert (interval.low, interval.high) == pytest.approx((0.6148148148, 0.8666666667), abs=0.008)


def test_resampled_means_scatter_as_means_do() -> None:
    means = resampled_means(RECALL[:, None])
    assert means.shape == (10_000, 1)
    assert means.mean() == pytest.approx(RECALL.mean(), abs=0.003)
    assert means.std() == pytest.approx(RECALL.std() / np.sqrt(27), rel=0.03)


def test_systems_share_their_resamples_and_seeds_repeat() -> None:
    values = np.column_stack([RECALL, RECALL, RECALL / 2])
    means = resampled_means(values)
    assert (means[:, 0] == means[:, 1]).all()
    assert means[:, 2] == pytest.approx(means[:, 0] / 2)
    assert resampled_means(values[:, :1]) == pytest.approx(means[:, :1])
    assert (resampled_means(values, seed=1) != means).any()
    assert guarded(values) == guarded(values)
    assert guarded(values) != guarded(values, seed=1)


def test_blocks_are_joined(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clusters, "CELLS", 1000)
    means = resampled_means(RECALL[:, None], resamples=1001)
    assert means.shape == (1001, 1)
    assert means.mean() == pytest.approx(RECALL.mean(), abs=0.01)
    assert len(np.unique(means)) > 50


def test_what_does_not_count_is_never_drawn() -> None:
    with_gaps = np.insert(RECALL, [3, 9, 20], NAN)[:, None]
    assert (resampled_means(with_gaps) == resampled_means(RECALL[:, None])).all()
    assert guarded(with_gaps) == guarded(RECALL[:, None])


def test_nothing_counts_nothing_is_bounded() -> None:
    values = np.column_stack([RECALL, np.full(27, NAN)])
    assert percentile_intervals(resampled_means(values))[1] is None
    assert [bounds is None for bounds in guarded(values)] == [False, True]
    assert guarded(np.empty((0, 1))) == [None]
    assert percentile_intervals(resampled_means(np.empty((0, 1)))) == [None]


def test_a_column_with_gaps_of_its_own_is_bounded_by_what_it_has() -> None:
    values = np.column_stack([np.ones(6), [0.5, NAN, NAN, NAN, NAN, NAN]])
    interval = percentile_intervals(resampled_means(values))[1]
    assert interval is not None and (interval.low, interval.high) == (0.5, 0.5)
    alone = guarded(values[:1, 1:])[0]
    beside = guarded(values)[1]
    assert alone is not None and beside is not None
    assert beside.at_least == pytest.approx(alone.at_least, abs=0.02)


@pytest.mark.parametrize(("n", "of"), [(0, 27), (1, 27), (24, 27), (27, 27), (52, 61), (170, 200)])
def test_the_guarded_bounds_of_hits_are_those_of_clopper_and_pearson(n: int, of: int) -> None:
    found, wanted = guarded(hits(n, of))[0], exact(n, of)
    assert found is not None and wanted is not None
    both = [(b.at_least, b.at_most, b.low, b.high) for b in (found, wanted)]
    assert both[0] == pytest.approx(both[1], abs=0.006)


def test_graded_values_are_bounded_closer_than_hits_of_the_same_mean() -> None:
    found, cautious = guarded(RECALL[:, None])[0], exact(RECALL.sum(), 27)
    assert found is not None and cautious is not None
    assert cautious.at_least + 0.02 < found.at_least < RECALL.mean() < found.at_most < cautious.at_most
    assert found.low < found.at_least and found.at_most < found.high


def test_the_guard_stands_at_the_ends_that_are_named() -> None:
    shares, differences = guarded(RECALL[:, None])[0], guarded(2 * RECALL[:, None] - 1, least=-1, most=1)[0]
    assert shares is not None and differences is not None
    assert differences.at_least == pytest.approx(2 * shares.at_least - 1)
    assert differences.high == pytest.approx(2 * shares.high - 1)
    with pytest.raises(HarnessError, match=r"^a value of -0.6 has no bounds here: they need \[0, 1\]$"):
        guarded(2 * RECALL[:, None] - 1)


def test_copies_of_a_query_prove_no_more_than_the_query() -> None:
    once, thrice = RECALL[:, None], np.repeat(RECALL, 3)[:, None]
    labels = np.repeat(np.arange(27), 3)
    for together, alone in zip(guarded(thrice, labels), guarded(once), strict=True):
        assert together is not None and alone is not None
        assert (together.low, together.high) == pytest.approx((alone.low, alone.high))
    assert resampled_means(thrice, labels) == pytest.approx(resampled_means(once))
    assert resampled_means(thrice).std() < 0.7 * resampled_means(thrice, labels).std()


RARE_ZEROS = ([0, 0.2, 0.6, 0.8, 1.0], [0.03, 0.02, 0.05, 0.7, 0.2])
MOSTLY_HITS = ([0, 1], [0.05, 0.95])
MANY_LEVELS = ([0, 0.2, 0.4, 0.6, 0.8, 1.0], [0.1, 0.05, 0.05, 0.1, 0.2, 0.5])


@pytest.mark.parametrize("n", [27, 61])
@pytest.mark.parametrize(("levels", "shares"), [RARE_ZEROS, MOSTLY_HITS, MANY_LEVELS])
def test_the_guarded_bounds_hold_where_the_percentile_interval_may_not(
    n: int, levels: list[float], shares: list[float]
) -> None:
    """1,000 samples: false claims <= 5 %, coverage >= 93 %, within three standard errors of the simulation."""
    truth = float(np.dot(levels, shares))
    samples = np.random.default_rng(2).choice(levels, (n, 1000), p=shares)
    bounds = [b for b in guarded(samples, resamples=1000) if b]
    assert np.mean([b.at_least > truth + 1e-9 for b in bounds]) <= 0.07
    assert np.mean([b.low <= truth <= b.high for b in bounds]) >= 0.93


def test_the_percentile_interval_is_too_narrow_for_few_queries() -> None:
    """Why it does not gate: 95 % are promised, and three quarters are kept."""
    samples = np.random.default_rng(2).choice([0.0, 1.0], (27, 1000), p=[0.05, 0.95])
    intervals = [i for i in percentile_intervals(resampled_means(samples, resamples=1000)) if i]
    assert np.mean([i.low <= 0.95 <= i.high for i in intervals]) < 0.85


def test_twenty_systems_on_a_thousand_queries_take_a_moment() -> None:
    values = np.random.default_rng(0).random((1000, 20))
    start = time.perf_counter()
    percentile_intervals(resampled_means(values))
    guarded(values)
    assert time.perf_counter() - start < 3
