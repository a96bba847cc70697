import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import bdtr

from harness.statistics.bootstrap import guarded
from harness.statistics.intervals import lower
from harness.statistics.paired import compare
from harness.statistics.power import (
    chance_of_proof,
    hits_needed,
    hits_refuting,
    queries_for_power,
    queries_needed,
    queries_to_prove,
)

BARS = (0.70, 0.80, 0.85, 0.90)


@pytest.mark.parametrize(
    ("n", "needed", "refuting"),
    [
        (27, [24, 26, 27, None], [14, 17, 19, 21]),
        (61, [49, 55, 57, 59], [36, 43, 46, 50]),
        (200, [152, 170, 179, 188], [128, 150, 161, 172]),
    ],
)
def test_hits_needed_and_hits_refuting(n: int, needed: list[int | None], refuting: list[int]) -> None:
    assert [hits_needed(n, bar) for bar in BARS] == needed
    assert [hits_refuting(n, bar) for bar in BARS] == refuting


def test_too_few_queries_prove_nothing() -> None:
    assert hits_needed(0, 0.5) is None
    assert hits_needed(4, 0.5) is None
    assert hits_refuting(4, 0.5) is None
    assert (hits_needed(5, 0.5), hits_refuting(5, 0.5)) == (5, 0)


@given(st.integers(1, 150), st.floats(0.06, 0.94))
def test_the_hits_needed_are_a_one_sided_binomial_test(n: int, bar: float) -> None:
    needed = hits_needed(n, bar)
    rejecting = [hits for hits in range(1, n + 1) if 1 - bdtr(hits - 1, n, bar) <= 0.05]
    assert needed == (rejecting[0] if rejecting else None)


def test_a_system_under_the_bar_passes_a_point_gate_but_not_the_bound() -> None:
    """True 0.75 on 27 queries: 22 hits are 0.81 and come 30 % of the time; the bound lets under 1 % through."""
    assert 1 - bdtr(21, 27, 0.75) == pytest.approx(0.30, abs=0.01)
    assert chance_of_proof(27, 0.75, 0.80) < 0.01
    assert chance_of_proof(27, 0.99, 0.90) == 0


def test_queries_needed_at_the_same_score() -> None:
    assert queries_needed(52 / 61, 0.80) == 170
    assert lower(52 / 61 * 170, 170, 0.05) >= 0.80 > lower(52 / 61 * 169, 169, 0.05)
    assert queries_needed(1.0, 0.80) == 14
    assert queries_needed(0.80, 0.80) is None
    assert queries_needed(0.5, 0.80) is None


@settings(max_examples=30)
@given(st.floats(0.1, 0.9), st.floats(0.05, 0.1))
def test_fewer_queries_would_not_do_and_more_do(bar: float, above: float) -> None:
    score = bar + above
    n = queries_needed(score, bar)
    assert n is not None
    assert all(lower(score * fewer, fewer, 0.05) < bar for fewer in range(1, n))
    assert all(lower(score * more, more, 0.05) >= bar for more in range(n, n + 50))


@pytest.mark.parametrize(("truth", "bar"), [(0.9, 0.8), (0.852, 0.8), (0.95, 0.9), (0.6, 0.5)])
def test_the_queries_for_power_are_the_first_that_have_it(truth: float, bar: float) -> None:
    n = queries_for_power(truth, bar)
    assert n is not None
    assert chance_of_proof(n, truth, bar) >= 0.8
    assert all(chance_of_proof(fewer, truth, bar) < 0.8 for fewer in range(1, n))


def test_a_proof_takes_more_queries_than_the_same_score_again() -> None:
    same, sure = queries_needed(0.85, 0.80), queries_for_power(0.85, 0.80)
    assert same is not None and sure is not None
    assert same < sure
    assert chance_of_proof(same, 0.85, 0.80) == pytest.approx(0.5, abs=0.1)


def test_what_no_number_of_queries_proves() -> None:
    assert queries_for_power(0.8, 0.8) is None
    assert queries_for_power(0.8001, 0.8) is None
    assert queries_needed(0.8001, 0.8) is None


def test_equal_answers_take_59_queries_to_prove_a_margin_of_one_in_20() -> None:
    assert queries_to_prove(np.zeros(27), -0.05, least=-1.0) == pytest.approx(59, abs=3)


def test_the_queries_for_a_margin_do_prove_it() -> None:
    differences = np.repeat([0.0, 1.0, -1.0], [24, 2, 2])
    n = queries_to_prove(differences, -0.05, least=-1.0)
    assert n is not None
    bounds = []
    for times in (n // 28 - 1, n // 28 + 2):
        found = compare(np.tile(differences, times), np.zeros(28 * times))
        assert found is not None
        bounds.append(found.bounds.at_least)
    assert bounds[0] < -0.05 < bounds[1]


def test_a_margin_that_is_missed_or_unknown_takes_no_number() -> None:
    assert queries_to_prove(np.full(27, -0.1), -0.05, least=-1.0) is None
    assert queries_to_prove(np.array([np.nan]), -0.05, least=-1.0) is None
    assert queries_to_prove(np.tile([-1.0, 0.9], 50), -0.0500001, least=-1.0) is None


@pytest.mark.parametrize(("score", "bar"), [(1.0, 0.95), (52 / 61, 0.80), (0.9, 0.8)])
def test_hits_take_as_many_queries_to_prove_as_clopper_and_pearson_say(score: float, bar: float) -> None:
    values = (np.arange(610) < round(610 * score)).astype(float)
    needed = queries_needed(score, bar)
    assert needed is not None
    assert queries_to_prove(values, bar) == pytest.approx(needed, rel=0.06, abs=3)


def test_the_queries_to_prove_a_mean_do_prove_it() -> None:
    values = np.repeat([0.2, 0.6, 0.8, 1.0], [2, 4, 6, 10])
    n = queries_to_prove(values, 0.75)
    assert n is not None
    bounds = []
    for times in (n // 22 - 1, n // 22 + 2):
        [found] = guarded(np.tile(values, times)[:, None])
        assert found is not None
        bounds.append(found.at_least)
    assert bounds[0] < 0.75 < bounds[1]
    assert n < (queries_needed(values.mean(), 0.75) or 0)


def test_what_an_unseen_query_may_be_worth_counts() -> None:
    values = np.repeat([0.0, 0.5, 1.0], [2, 4, 20])
    nothing, worse = queries_to_prove(values, 0.7), queries_to_prove(values, 0.7, least=-1.0)
    assert nothing is not None and worse is not None
    assert nothing < worse


def test_a_mean_under_the_bar_proves_it_with_no_number() -> None:
    assert queries_to_prove(np.full(27, 0.7), 0.8) is None
    assert queries_to_prove(np.array([np.nan]), 0.0) is None
    assert queries_to_prove(np.array([0.9, np.nan] * 9), 0.8) == queries_to_prove(np.full(9, 0.9), 0.8)
