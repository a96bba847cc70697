import time
import warnings

import numpy as np
import pytest
from scipy.integrate import quad

from harness.errors import HarnessError
from harness.statistics import clusters
from harness.statistics.bootstrap import guarded, percentile_intervals, proofs, resampled_means
from harness.statistics.intervals import exact

NAN = float("nan")
RECALL = np.array(
    [1, 1, 0.8, 0.6, 1, 0.2, 0, 1, 0.4, 1, 0.8, 1, 1, 0.6, 1, 0, 0.8, 1, 1, 0.4, 0.6, 1, 1, 0.8, 1, 0.2, 1]
)


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
    with warnings.catch_warnings():
        warnings.simplefilter("error")
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
    [points] = guarded(100 * RECALL[:, None], most=100)
    assert points is not None
    assert (points.at_least, points.at_most) == pytest.approx((100 * shares.at_least, 100 * shares.at_most))
    with pytest.raises(HarnessError, match=r"^a value of -0.6 has no bounds here: they need \[0, 1\]$"):
        guarded(2 * RECALL[:, None] - 1)


def test_the_ends_are_the_quantiles_of_weighted_means() -> None:
    """numpy's own average and quantile, at the same weights."""
    weights = np.random.default_rng(clusters.SEED).standard_exponential((10_000, 28))
    worst, best = (np.average(np.tile(np.append(RECALL, end), (10_000, 1)), 1, weights) for end in (0.0, 1.0))
    [bounds] = guarded(RECALL[:, None])
    assert bounds is not None
    assert (bounds.low, bounds.at_least) == pytest.approx(np.quantile(worst, [0.025, 0.05]), abs=1e-11)
    assert (bounds.high, bounds.at_most) == pytest.approx(np.quantile(best, [0.975, 0.95]), abs=1e-11)


UNEVEN = np.repeat(np.arange(9), [6, 1, 1, 5, 1, 3, 1, 5, 4])


def test_the_unseen_cluster_is_as_large_as_the_largest_that_counts() -> None:
    """numpy's own average and quantile; six of a source, unless one of them does not count in that column."""
    weights = np.random.default_rng(clusters.SEED).standard_exponential((10_000, 10))
    values = np.column_stack([RECALL, np.where(np.arange(27) < 2, NAN, RECALL)])
    for bounds, column, largest in zip(guarded(values, UNEVEN), values.T, (6, 5), strict=True):
        counting = ~np.isnan(column)
        rows, own = UNEVEN[counting], column[counting]
        of_each = np.hstack([weights[:, rows], largest * weights[:, 9:]])
        worst, best = (np.average(np.tile(np.append(own, end), (10_000, 1)), 1, of_each) for end in (0.0, 1.0))
        assert bounds is not None
        assert (bounds.low, bounds.at_least) == pytest.approx(np.quantile(worst, [0.025, 0.05]), abs=1e-11)
        assert (bounds.high, bounds.at_most) == pytest.approx(np.quantile(best, [0.975, 0.95]), abs=1e-11)


def at_most_nothing(amounts: np.ndarray) -> float:
    """The chance that amounts times exponential weights add up to at most 0, integrated (Gil-Pelaez 1951)."""
    angle, size = lambda t: np.arctan(amounts * t).sum(), lambda t: np.sqrt(1 + (amounts * t) ** 2).prod()
    return 0.5 - quad(lambda t: np.sin(angle(t)) / (t * size(t)), 0, np.inf, limit=500)[0] / np.pi


@pytest.mark.parametrize("labels", [None, UNEVEN])
def test_the_p_of_a_bound_is_the_chance_of_the_other_side(labels: np.ndarray | None) -> None:
    gaps = np.column_stack([RECALL - 0.4, RECALL - 0.6, RECALL - 0.95])
    sums = gaps if labels is None else np.array([gaps[labels == label].sum(axis=0) for label in range(9)])
    guard = 1 if labels is None else 6
    below = [at_most_nothing(np.append(column, -guard)) for column in sums.T[:2]]
    above = at_most_nothing(np.append(-sums[:, 2], -guard))
    found = [proof.p for proof in proofs(gaps, labels) if proof]
    assert found == pytest.approx([*below, above], abs=0.015)
    assert found[0] < 0.05 < found[1] or labels is not None
    assert found == [proof.p for proof in proofs(-gaps, labels) if proof]


@pytest.mark.parametrize(("wins", "losses", "p"), [(5, 0, 0.03125), (13, 1, 0.000915527), (9, 3, 0.072998)])
def test_the_p_of_a_bound_is_that_of_the_sign_test_for_hits(wins: int, losses: int, p: float) -> None:
    """scipy 1.17.1: binomtest(wins, wins + losses, alternative="greater").pvalue."""
    gaps = np.repeat([1.0, -1.0, 0.0], [wins, losses, 30])[:, None]
    for proof in (*proofs(gaps), *proofs(-gaps)):
        assert proof is not None and proof.p == pytest.approx(p, abs=0.008)


def test_a_proof_has_the_bounds_of_the_guarded_and_a_p_that_agrees_with_them() -> None:
    """That 0 is left out at 95 % is what p <= 0.05 says, and no p is 0."""
    gaps = np.random.default_rng(6).normal(0.13, 0.3, (40, 60)).clip(-1, 1) * np.repeat([1, -1], 30)
    found = [proof for proof in proofs(gaps) if proof]
    assert [proof.bounds for proof in found] == guarded(gaps, least=-1.0)
    apart = [proof.bounds.at_least > 0 or proof.bounds.at_most < 0 for proof in found]
    assert [proof.p <= 0.05 for proof in found] == apart and 10 < sum(apart) < 50
    assert [proof.p for proof in proofs(np.ones((60, 1)), resamples=999) if proof] == [0.001]
    assert proofs(np.full((4, 1), NAN)) == proofs(np.empty((0, 1))) == [None]
    with pytest.raises(HarnessError, match=r"^a value of -1.5 has no bounds here: they need \[-1, 1\]$"):
        proofs(np.array([[-1.5]]))


def test_each_column_is_bounded_by_the_queries_that_it_counts_on() -> None:
    """Strata side by side: which other columns share a pattern of gaps changes nothing."""
    rng = np.random.default_rng(4)
    scores, outside = rng.random((40, 3)), rng.random((2, 40, 1)) < 0.3
    values = np.hstack([scores, *(np.where(mask, NAN, scores) for mask in outside)])
    together = guarded(values)
    assert guarded(values[:, ::-1]) == together[::-1]
    assert together == [guarded(np.column_stack([column, np.ones(40)]))[0] for column in values.T]


def test_what_is_always_right_may_be_perfect_and_what_is_always_wrong_nothing() -> None:
    """Exactly 1 and 0: a hair below would refute a bar of 100 %."""
    right, wrong = guarded(np.column_stack([np.ones(33), np.zeros(33)]))
    assert right is not None and wrong is not None
    assert (right.at_most, right.high, wrong.at_least, wrong.low) == (1.0, 1.0, 0.0, 0.0)
    assert not right.refutes(1.0)
    gained, lost = guarded(np.column_stack([np.ones(33), -np.ones(33)]), least=-1.0)
    assert gained is not None and lost is not None
    assert (gained.high, lost.low) == (1.0, -1.0)


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


def test_the_metrics_of_all_strata_take_a_moment() -> None:
    """18 metrics in 5 strata, as every system is judged on every ground truth."""
    values, strata = np.random.default_rng(0).random((100, 18)), np.arange(100)[:, None] % 4
    columns = np.hstack([values, *(np.where(strata == stratum, values, NAN) for stratum in range(4))])
    start = time.perf_counter()
    guarded(columns)
    assert time.perf_counter() - start < 0.5


def test_twenty_systems_on_a_thousand_queries_take_a_moment() -> None:
    values = np.random.default_rng(0).random((1000, 20))
    start = time.perf_counter()
    percentile_intervals(resampled_means(values))
    guarded(values)
    assert time.perf_counter() - start < 3
