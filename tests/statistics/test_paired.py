from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.statistics.bootstrap import proofs
from harness.statistics.paired import cautious, compare, differences, holm, randomisation

NAN = float("nan")

# Student's sleep data (Biometrika 1908; `sleep` in R): hours gained with each of two drugs by the same ten people.
FIRST = np.array([0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0])
SECOND = np.array([1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4])


def test_the_p_values_of_the_sleep_data_are_those_of_scipy() -> None:
    """scipy 1.17.1, permutation_test(permutation_type="samples") over all 1,024 swaps: 4 and 2 of them."""
    test = randomisation(np.column_stack([SECOND, FIRST]), resamples=100_000)
    assert test.different[0, 1] == pytest.approx(0.00390625, abs=0.0006)
    assert test.better[0, 1] == pytest.approx(0.001953125, abs=0.0005)
    assert test.better[1, 0] == pytest.approx(1.0, abs=1e-9)
    found, mirrored = compare(SECOND / 10, FIRST / 10), compare(FIRST / 10, SECOND / 10)
    assert found is not None and mirrored is not None
    assert found.p == mirrored.p == pytest.approx(0.00390625, abs=0.002)


def test_p_is_never_zero_and_one_on_the_diagonal() -> None:
    test = randomisation(np.column_stack([np.ones(61), np.zeros(61)]), resamples=999)
    assert test.better.tolist() == [[1, 0.001], [1, 1]]
    assert test.different.tolist() == [[1, 0.001], [0.001, 1]]


def test_sums_that_differ_by_rounding_are_equal() -> None:
    """0.1 + 0.2 is not 0.3 in binary: a swap that gives the observed difference again must be counted."""
    tenths = np.array([1, 2, 3, 1, 2, 3, -3, -3])
    swapped = [int(np.dot(signs, tenths)) for signs in product((-1, 1), repeat=len(tenths))]
    test = randomisation(np.column_stack([tenths / 10, np.zeros(8)]), resamples=20_000)
    assert test.better[0, 1] == pytest.approx(np.mean([s >= 6 for s in swapped]), abs=0.01)
    assert test.different[0, 1] == pytest.approx(np.mean([abs(s) >= 6 for s in swapped]), abs=0.01)


def test_every_pair_is_tested_with_the_same_swaps() -> None:
    values = np.random.default_rng(0).random((40, 4))
    together = randomisation(values)
    for row, column in ((0, 1), (2, 3), (3, 0)):
        alone = randomisation(values[:, [row, column]])
        assert together.better[row, column] == alone.better[0, 1]
        assert together.different[row, column] == alone.different[0, 1]


def test_only_queries_that_count_for_all_take_part() -> None:
    values = np.random.default_rng(0).random((20, 2))
    gaps = np.vstack([values, [[NAN, 1.0], [1.0, NAN]]])
    assert (randomisation(gaps).better == randomisation(values).better).all()


def test_a_cluster_is_swapped_whole() -> None:
    ours, theirs = np.ones((12, 1)), np.zeros((12, 1))
    test = randomisation(np.hstack([ours, theirs]), np.repeat([0, 1, 2], 4))
    assert test.better[0, 1] == pytest.approx(1 / 8, abs=0.01)


def test_a_difference_tells_its_size_and_its_queries() -> None:
    ours = np.array([1.0, 1.0, 0.5, 0.2, NAN, 1.0])
    theirs = np.array([0.0, 1.0, 0.25, 0.4, 1.0, NAN])
    found = compare(ours, theirs)
    assert found is not None
    assert (found.n, found.wins, found.ties, found.losses) == (4, 2, 1, 1)
    assert found.mean == pytest.approx((1 + 0 + 0.25 - 0.2) / 4)
    assert found.bounds.low <= found.bounds.at_least <= found.mean <= found.bounds.at_most <= found.bounds.high
    assert compare(np.array([NAN, 1.0]), np.array([1.0, NAN])) is None


def test_the_mirror_of_a_difference_is_its_mirror() -> None:
    rng = np.random.default_rng(3)
    ours, theirs = rng.random(61), rng.random(61)
    one, other = compare(ours, theirs), compare(theirs, ours)
    assert one is not None and other is not None
    assert one.mean == pytest.approx(-other.mean)
    assert one.bounds.at_least == pytest.approx(-other.bounds.at_most)
    assert one.bounds.low == pytest.approx(-other.bounds.high)
    assert (one.p, one.p_bound, one.doubt) == (other.p, other.p_bound, other.doubt)
    assert (one.wins, one.losses) == (other.losses, other.wins)


@pytest.mark.parametrize(("n", "proven"), [(27, False), (50, False), (70, True), (200, True)])
def test_few_equal_answers_do_not_prove_that_none_is_worse(n: int, proven: bool) -> None:
    """59 queries without a loss prove that fewer than one in 20 is lost: 0.95 ** 59 < 0.05."""
    found = compare(np.ones(n), np.ones(n))
    assert found is not None
    assert found.bounds.at_least == pytest.approx(0.05 ** (1 / n) - 1, abs=0.006)
    assert found.bounds.proves(-0.05) is proven
    assert (found.p, found.ties) == (1.0, n)


def test_differences_are_those_of_each_pair() -> None:
    """One matrix of resamples says of each pair what the pair alone says."""
    values = np.random.default_rng(8).random((30, 4)).round(1)
    labels = np.arange(30) // 2
    for reference in range(4):
        found = differences(values, reference, randomisation(values, labels), labels)
        others = [column for column in range(4) if column != reference]
        assert found == [compare(values[:, other], values[:, reference], labels) for other in others]
        proven = proofs(values[:, others] - values[:, [reference]], labels)
        assert [(each.bounds, each.p_bound) for each in found] == [(proof.bounds, proof.p) for proof in proven if proof]


def test_differences_are_taken_where_all_count() -> None:
    values = np.random.default_rng(8).random((30, 3))
    gaps = np.vstack([values, [[NAN, 1.0, 1.0], [1.0, NAN, 0.0]]])
    labels = np.arange(32) // 2
    assert differences(gaps, 0, randomisation(gaps, labels), labels) == [
        compare(values[:, other], values[:, 0], labels[:30]) for other in (1, 2)
    ]
    nothing = np.full((3, 2), NAN)
    assert differences(nothing, 0, randomisation(nothing)) == []


def test_the_doubt_is_the_larger_of_both() -> None:
    """Many small wins are no chance and yet prove little; of hits the bound is the one-sided sign test."""
    small, hits = compare(np.full(14, 0.1), np.zeros(14)), compare(np.ones(6), np.zeros(6))
    assert small is not None and hits is not None
    assert small.p < 0.001 and small.doubt == small.p_bound == pytest.approx(1.1**-14, abs=0.02)
    assert hits.p_bound == pytest.approx(2**-6, abs=0.005) and hits.doubt == hits.p == pytest.approx(2**-5, abs=0.005)


GRADED = np.random.default_rng(8).random((30, 5)) / 5 + np.array([0, 0.02, 0.06, 0.5, 0.8])
STEPPED = (np.arange(30)[:, None] < np.array([0, 6, 13, 21, 29])).astype(float)


@pytest.mark.parametrize("labels", [None, np.arange(30) // 3])
@pytest.mark.parametrize("values", [GRADED, STEPPED])
def test_a_cautious_test_is_no_surer_than_the_bound(values: np.ndarray, labels: np.ndarray | None) -> None:
    gaps = np.where((np.arange(30)[:, None] == 4) & (np.arange(5) == 2), NAN, values)
    test, common = randomisation(gaps, labels, seed=2), np.delete(values, 4, axis=0)
    found = cautious(test, gaps, labels, resamples=2000, seed=3)
    own, kept = test.better, None if labels is None else np.delete(labels, 4)
    for row, column in product(range(5), range(5)):
        [proof] = proofs(common[:, [row]] - common[:, [column]], kept, resamples=2000, seed=3)
        assert proof is not None
        told = max(own[row, column], proof.p) if own[row, column] <= 0.05 else own[row, column]
        assert found.better[row, column] == told
    assert (found.better <= 0.05).any()
    assert (found.different == test.different).all()


def test_what_the_signs_say_a_cautious_test_may_not() -> None:
    test = randomisation(GRADED)
    assert ((cautious(test, GRADED).better > 0.05) & (test.better <= 0.05)).any()


def test_nothing_is_doubted_where_nothing_counts() -> None:
    test = randomisation(np.full((3, 2), NAN))
    assert (cautious(test, np.full((3, 2), NAN)).better == 1).all()


def test_clusters_widen_the_difference() -> None:
    rng = np.random.default_rng(5)
    ours, theirs = np.repeat(rng.random(20), 3), np.repeat(rng.random(20), 3)
    single, clustered = compare(ours, theirs), compare(ours, theirs, np.repeat(np.arange(20), 3))
    assert single is not None and clustered is not None
    assert clustered.bounds.low < single.bounds.low < single.bounds.high < clustered.bounds.high


SHAPES = {
    "rare great losses": ([-1, 0], [0.05, 0.95]),
    "hits": ([-1, 0, 1], [0.15, 0.75, 0.10]),
    "small wins, great losses": ([-1, -0.8, 0.2, 0], [0.05, 0.05, 0.2, 0.7]),
}


@pytest.mark.parametrize("n", [27, 61])
@pytest.mark.parametrize("shape", SHAPES)
def test_a_system_at_the_margin_is_rarely_called_not_worse(shape: str, n: int) -> None:
    """400 samples of differences with a mean at or under -0.05: false claims <= 5 %, and two standard errors."""
    levels, shares = SHAPES[shape]
    assert np.dot(levels, shares) <= -0.05 + 1e-12
    samples = np.random.default_rng(7).choice(levels, (n, 400), p=shares)
    claims = [found.bounds.proves(-0.05) for d in samples.T if (found := compare(d, np.zeros(n), resamples=1000))]
    assert len(claims) == 400
    assert np.mean(claims) <= 0.07


def test_holm_adjusts_as_statsmodels() -> None:
    """statsmodels 0.15.0: multipletests(p, method="holm")[1]."""
    assert holm(np.array([0.01, 0.02, 0.03, 0.04, 0.05])) == pytest.approx([0.05, 0.08, 0.09, 0.09, 0.09])
    adjusted = holm(np.array([0.0001, 0.7, 0.012, 0.04, 0.04, 0.3]))
    assert adjusted == pytest.approx([6.0e-04, 0.7, 0.06, 0.16, 0.16, 0.6])


@given(st.lists(st.floats(0, 1), max_size=12))
def test_holm_never_lowers_nor_reorders(p: list[float]) -> None:
    raw = np.array(p)
    adjusted = holm(raw)
    assert (adjusted >= raw).all() and (adjusted <= 1).all()
    assert (np.diff(adjusted[np.argsort(raw, kind="stable")]) >= 0).all()


@settings(max_examples=20)
@given(st.integers(0, 1000))
def test_equal_systems_are_seldom_found_better(seed: int) -> None:
    """Ten equal systems against a baseline, after Holm: p <= 0.0005 would come once in 2,000 such families."""
    values = np.random.default_rng(seed).random((61, 11))
    assert holm(randomisation(values, resamples=4000).better[1:, 0]).min() > 0.0005
