import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.special import bdtr
from scipy.stats import beta

from harness.errors import HarnessError
from harness.statistics.intervals import Bounds, apart, exact, failure_rate, lower, of_values, upper

GOLDEN = [
    (0, 27, 0.0, 0.10501923, 0.0, 0.127702868),
    (1, 27, 0.001897948, 0.163974395, 0.000937257, 0.189705617),
    (24, 27, 0.737261157, 0.969021607, 0.708413076, 0.976472546),
    (27, 27, 0.89498077, 1.0, 0.872297132, 1.0),
    (52, 61, 0.756657181, 0.920814233, 0.738311912, 0.930247702),
    (18, 61, 0.200186655, 0.405539784, 0.185166192, 0.425695032),
    (0, 61, 0.0, 0.047923952, 0.0, 0.058681224),
    (170, 200, 0.802089308, 0.889918557, 0.792841296, 0.896450476),
    (0, 1000, 0.0, 0.00299125, 0.0, 0.003682084),
    (3, 1000, 0.000818175, 0.007735245, 0.0006191, 0.008742023),
]
"""Hits, n, and the bounds of scipy.stats.binomtest(hits, n, alternative).proportion_ci(0.95, method="exact"), scipy
1.17.1: greater, less, two-sided. statsmodels 0.15.0, proportion_confint(method="beta"), gives the same two-sided."""


@pytest.mark.parametrize(("hits", "n", "at_least", "at_most", "low", "high"), GOLDEN)
def test_counts_are_bounded_as_by_scipy_and_statsmodels(
    hits: int, n: int, at_least: float, at_most: float, low: float, high: float
) -> None:
    bounds = exact(hits, n)
    assert bounds is not None
    found = (bounds.at_least, bounds.at_most, bounds.low, bounds.high)
    assert found == pytest.approx((at_least, at_most, low, high), abs=1e-9)


def test_no_queries_give_no_interval() -> None:
    assert exact(0, 0) is None
    assert of_values(np.array([np.nan, np.nan])) is None
    assert failure_rate(0, 0) is None


def test_no_failure_in_a_thousand_calls_leaves_three_in_a_thousand() -> None:
    assert failure_rate(0, 1000) == pytest.approx(1 - 0.05 ** (1 / 1000), abs=1e-12)
    assert failure_rate(0, 1000) < 0.003 < failure_rate(1, 1000)
    assert failure_rate(10, 10) == 1


def test_values_are_bounded_by_their_sum_and_what_does_not_count_is_left_out() -> None:
    values = np.array([1.0, 0.25, np.nan, 0.5, 0.25])
    assert of_values(values) == exact(2.0, 4)


@pytest.mark.parametrize("value", [-0.1, 1.1])
def test_values_that_are_no_shares_have_no_exact_bounds(value: float) -> None:
    with pytest.raises(HarnessError, match=rf"^a value of {value} has no bounds here: they need \[0, 1\]$"):
        of_values(np.array([0.5, value]))


def test_sums_that_rounding_pushes_over_the_edge_are_the_edge() -> None:
    assert exact(27 + 1e-12, 27) == exact(27, 27)
    assert exact(-1e-12, 27) == exact(0, 27)


def test_bounds_prove_or_refute_or_neither() -> None:
    bounds = Bounds(at_least=0.7, at_most=0.9, low=0.6, high=0.95)
    assert (bounds.proves(0.7), bounds.proves(0.71)) == (True, False)
    assert (bounds.refutes(0.9), bounds.refutes(0.91)) == (False, True)


sizes = st.integers(1, 400)
shares = st.floats(0, 1)


@given(sizes, shares)
def test_intervals_are_nested_around_the_mean_within_zero_and_one(n: int, share: float) -> None:
    hits = round(share * n)
    b = exact(hits, n)
    assert b is not None
    assert 0 <= b.low <= b.at_least <= hits / n <= b.at_most <= b.high <= 1


@given(sizes, shares, shares)
def test_a_greater_sum_is_never_bounded_lower(n: int, one: float, other: float) -> None:
    less, more = exact(min(one, other) * n, n), exact(max(one, other) * n, n)
    assert less is not None and more is not None
    assert less.at_least <= more.at_least + 1e-12
    assert less.at_most <= more.at_most + 1e-12


@given(sizes, shares)
def test_misses_are_bounded_as_the_mirror_of_hits(n: int, share: float) -> None:
    hits, misses = exact(share * n, n), exact(n - share * n, n)
    assert hits is not None and misses is not None
    assert hits.at_least == pytest.approx(1 - misses.at_most, abs=1e-9)


@given(st.integers(1, 200), st.floats(0.01, 0.99), st.sampled_from([0.05, 0.025]))
def test_no_hit_rate_is_bounded_wrongly_more_often_than_the_tail(n: int, truth: float, tail: float) -> None:
    """Exactly, not by simulation: the binomial probability of all counts whose bound is beyond the truth."""
    wrong = [hits for hits in range(n + 1) if lower(hits, n, tail) > truth]
    assert not wrong or 1 - bdtr(min(wrong) - 1, n, truth) <= tail + 1e-9
    wrong = [hits for hits in range(n + 1) if upper(hits, n, tail) < truth]
    assert not wrong or bdtr(max(wrong), n, truth) <= tail + 1e-9


@given(st.integers(1, 300), st.floats(0, 1))
def test_the_bounds_of_any_sum_are_quantiles_of_scipys_beta_distribution(n: int, share: float) -> None:
    total = share * n
    b = exact(total, n)
    assert b is not None
    assume(1e-6 < total < n - 1e-6)
    golden = [beta.ppf(tail, total, n - total + 1) for tail in (0.05, 0.025)]
    golden += [beta.ppf(1 - tail, total + 1, n - total) for tail in (0.05, 0.025)]
    assert [b.at_least, b.low, b.at_most, b.high] == pytest.approx(golden, abs=1e-9)


def test_a_difference_lies_between_the_farthest_ends_of_the_two_intervals() -> None:
    ours, theirs = Bounds(0.6, 0.7, 0.5, 0.8), Bounds(0.3, 0.4, 0.25, 0.45)
    found = apart(ours, theirs)
    assert (found.at_least, found.at_most) == pytest.approx((0.5 - 0.45, 0.8 - 0.25))
    assert (found.low, found.high) == (found.at_least, found.at_most)


ends = st.floats(-1e6, 1e6)


@st.composite
def intervals(draw: st.DrawFn) -> Bounds:
    low, at_least, at_most, high = sorted(draw(st.tuples(ends, ends, ends, ends)))
    return Bounds(at_least, at_most, low, high)


@given(intervals(), intervals())
def test_turned_around_a_difference_changes_its_sign(ours: Bounds, theirs: Bounds) -> None:
    there, back = apart(ours, theirs), apart(theirs, ours)
    assert (there.at_least, there.at_most) == (-back.at_most, -back.at_least)
    assert there.low <= ours.at_least - theirs.at_most <= there.high


def test_of_something_unbounded_the_difference_is_unbounded() -> None:
    found = apart(Bounds(1, np.inf, 1, np.inf), Bounds(1, 2, 1, 2))
    assert (found.at_least, found.at_most) == (-1, np.inf)


@pytest.mark.parametrize("n", [27, 61])
def test_the_difference_of_equal_systems_is_bounded_wrongly_in_at_most_one_of_twenty(n: int) -> None:
    """4,000 pairs of independent binomial counts with one rate: how often the bounds exclude 0."""
    rng = np.random.default_rng(2)
    counts = [[exact(int(hits), n) for hits in rng.binomial(n, 0.8, 4000)] for _ in range(2)]
    found = [apart(ours, theirs) for ours, theirs in zip(*counts, strict=True) if ours and theirs]
    assert np.mean([bounds.at_least > 0 for bounds in found]) <= 0.05
    assert np.mean([bounds.at_most < 0 for bounds in found]) <= 0.05
