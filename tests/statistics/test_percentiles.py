import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import binom, quantile_test

from harness.statistics.intervals import Bounds
from harness.statistics.percentiles import (
    MOST,
    STEP,
    allowed_over,
    nearest_rank,
    percentile,
    rank_above,
    rank_below,
    samples_needed,
    samples_to_keep,
)

SAMPLES = arrays(np.float64, st.integers(1, 400), elements=st.floats(0, 1e6))


@pytest.mark.parametrize(("p", "needed"), [(90, 29), (95, 59), (99, 299)])
def test_a_limit_takes_so_many_samples_with_none_over(p: float, needed: int) -> None:
    assert samples_needed(p) == needed
    assert allowed_over(needed, p) == 0
    assert allowed_over(needed - 1, p) is None


@pytest.mark.parametrize(("n", "allowed"), [(500, [38, 16, 1]), (1000, [84, 38, 4])])
def test_more_samples_allow_some_over(n: int, allowed: list[int]) -> None:
    assert [allowed_over(n, p) for p in (90, 95, 99)] == allowed


@pytest.mark.parametrize(
    ("p", "below", "above"),
    [(50, 232, 269), (90, 439, 462), (95, 467, 484)],
)
def test_the_ranks_are_those_of_scipy(p: float, below: int, above: int) -> None:
    """scipy 1.17.1: quantile_test(arange(1, 501), p=p, alternative).confidence_interval(0.95): greater, less."""
    assert (rank_below(500, p), rank_above(500, p)) == (below, above)


def test_the_value_is_the_nearest_rank() -> None:
    found = percentile(np.array([30.0, 10.0, 20.0, 40.0]), 50)
    assert found is not None
    assert (found.value, found.n) == (20.0, 4)
    assert [nearest_rank(20, p) for p in (0.1, 50, 95, 95.1, 99)] == [1, 10, 19, 20, 20]


@given(SAMPLES, st.sampled_from([1, 5, 25, 50, 75, 90, 95, 99]))
def test_percentiles_are_numpys_inverted_cdf(samples: np.ndarray, p: float) -> None:
    found = percentile(samples, p)
    assert found is not None
    assert found.value == np.percentile(samples, p, method="inverted_cdf")


def test_a_percentile_has_no_rounding_of_its_own() -> None:
    """0.28 * 25 is 7.000000000000001 in floating point; the seventh of twenty-five is meant."""
    found = percentile(np.arange(1.0, 26.0), 28)
    assert found is not None
    assert found.value == 7.0


@pytest.mark.parametrize(("n", "p"), [(n, p) for n in (2, 5, 6, 29, 58, 59, 71, 72, 500) for p in (50, 90, 95, 99)])
def test_the_bounds_are_samples_and_infinite_where_too_few_reach_far_enough(n: int, p: float) -> None:
    """The golden ends are scipy's, which says nan where no sample will do."""
    samples = np.arange(n, 0, -1.0)

    def golden(alternative: str) -> tuple[float, float]:
        ends = quantile_test(samples, p=p / 100, alternative=alternative).confidence_interval(0.95)
        return (-math.inf if math.isnan(ends.low) else ends.low), (math.inf if math.isnan(ends.high) else ends.high)

    found = percentile(samples, p)
    assert found is not None
    assert found.n == n
    low, high = golden("two-sided")
    assert found.bounds == Bounds(golden("greater")[0], golden("less")[1], low, high)


def test_no_sample_no_percentile() -> None:
    assert percentile(np.array([]), 95) is None


@given(SAMPLES, st.sampled_from([50, 90, 95, 99]))
def test_the_bounds_are_nested_around_the_value(samples: np.ndarray, p: float) -> None:
    found = percentile(samples, p)
    assert found is not None
    b = found.bounds
    assert b.low <= b.at_least <= found.value <= b.at_most <= b.high


@given(st.integers(1, 400), st.sampled_from([50, 90, 95, 99]))
def test_the_ranks_lie_around_the_nearest_rank(n: int, p: float) -> None:
    below, above = rank_below(n, p), rank_above(n, p)
    assert (below or 1) <= nearest_rank(n, p) <= (above or n)


@pytest.mark.parametrize("p", [50, 90, 95])
@pytest.mark.parametrize("n", [60, 200])
def test_the_bounds_hold_for_skewed_latencies(n: int, p: float) -> None:
    """2,000 lognormal series: at most 5 % of the bounds miss, but for four standard errors of the simulation."""
    rng = np.random.default_rng(1)
    series = np.sort(rng.lognormal(3, 0.8, (2000, n)), axis=1)
    truth = np.quantile(rng.lognormal(3, 0.8, 2_000_000), p / 100)
    below, above = rank_below(n, p), rank_above(n, p)
    assert below is not None and above is not None
    assert np.mean(series[:, above - 1] < truth) <= 0.07
    assert np.mean(series[:, below - 1] > truth) <= 0.07


@pytest.mark.parametrize(("p", "needed"), [(90, 29), (95, 59), (99, 299)])
def test_with_none_over_the_fewest_samples_keep_a_limit(p: float, needed: int) -> None:
    assert samples_to_keep(0.0, p) == needed


def proves(n: int, over: float, p: float) -> bool:
    """By scipy's binomial: so few of n over the limit that a true percentile above it would be a surprise of 5 %."""
    return bool(binom.cdf(math.ceil(over * n), n, 1 - p / 100) <= 0.05)


@pytest.mark.parametrize(
    ("over", "p"), [(0.01, 95), (0.02, 95), (0.032, 95), (0.04, 95), (0.05, 90), (0.002, 99), (0.3, 50)]
)
def test_the_samples_that_are_promised_would_prove_it_and_far_fewer_would_not(over: float, p: float) -> None:
    """ "Far" because numbers in steps of 5 % are tried, and because one more than a share of n may be over."""
    n = samples_to_keep(over, p)
    assert n is not None
    assert proves(n, over, p)
    assert not proves(math.floor(n / STEP**3), over, p) or n == samples_needed(p)


@pytest.mark.parametrize(("over", "p"), [(0.05, 95), (0.06, 95), (1.0, 95), (0.1, 90), (0.0499, 95)])
def test_no_number_of_samples_proves_what_is_not_or_hardly_so(over: float, p: float) -> None:
    assert samples_to_keep(over, p) is None
    assert not proves(MOST, over, p)
