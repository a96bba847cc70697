import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.statistics.percentiles import (
    allowed_over,
    nearest_rank,
    percentile,
    rank_above,
    rank_below,
    samples_needed,
)


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


def test_the_bounds_are_samples() -> None:
    found = percentile(np.arange(500, 0, -1.0), 95)
    assert found is not None
    assert (found.value, found.at_least, found.at_most) == (475, 467, 484)


def test_few_samples_bound_nothing() -> None:
    found = percentile(np.arange(58.0), 95)
    assert found is not None
    assert found.at_most is None and found.at_least is not None
    one = percentile(np.array([7.0]), 50)
    assert one is not None
    assert (one.value, one.at_least, one.at_most) == (7.0, None, None)
    assert percentile(np.array([]), 95) is None


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
