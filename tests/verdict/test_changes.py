"""What became of a system: golden p-values are SciPy's, everything else is reckoned by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import permutation_test

from harness.verdict.changes import Cell, Fall, Paired, Turn, changes, turned, turns
from harness.verdict.outcomes import Decision, Outcome, State, Verdict

CELL = Cell("alpha+dense", "labels", 2, "recall@5")


def paired(before, after, cell=CELL, clusters=None):
    ids = tuple(f"Q{n}" for n in range(len(before)))
    return Paired(cell, ids, np.array(before, float), np.array(after, float), clusters)


def change(before, after, **more):
    (found,) = changes([paired(before, after, **more)])
    return found


def test_the_difference_is_after_less_before():
    found = change([1.0, 0.5, 0.0, 0.5], [0.5, 0.5, 0.25, 0.0])
    assert (found.before, found.after, found.difference.mean) == (0.5, 0.3125, -0.1875)
    assert (found.difference.wins, found.difference.ties, found.difference.losses) == (1, 1, 2)
    assert found.difference.bounds.low < -0.1875 < found.difference.bounds.high


def test_only_queries_that_count_in_both_are_compared():
    nan = float("nan")
    found = change([1.0, nan, 0.5, 0.25], [0.5, 0.5, nan, 0.25])
    assert (found.difference.n, found.before, found.after) == (2, 0.625, 0.375)
    assert found.falls == (Fall("Q0", 1.0, 0.5),)
    assert changes([paired([nan, 1.0], [1.0, nan])]) == []
    assert changes([]) == []


def test_p_is_that_of_scipys_permutation_test():
    rng = np.random.default_rng(7)
    before = rng.integers(0, 5, 12) / 4
    after = np.clip(before - rng.integers(-1, 3, 12) / 4, 0, 1)
    exact = permutation_test(
        (after - before,), lambda gaps, axis: gaps.mean(axis), permutation_type="samples", n_resamples=np.inf, vectorized=True
    )  # fmt: skip
    assert change(before, after).difference.p == pytest.approx(exact.pvalue, abs=0.02)


def test_the_family_is_all_that_was_compared_together():
    """Holm by hand: the smaller doubt twice, the greater once but never less than the smaller one's."""
    bad, mild = paired([1.0] * 12, [0.0] * 12), paired([0.5] * 4, [0.25, 0.25, 0.25, 0.5])
    (alone,) = changes([bad])
    worst, other = changes([bad, mild])
    assert alone.adjusted == alone.difference.p < other.difference.p
    assert worst.adjusted == pytest.approx(2 * worst.difference.p)
    assert other.adjusted == pytest.approx(max(other.difference.doubt, 2 * worst.difference.p))


def test_worse_is_proven_and_not_merely_seen():
    assert change([1.0] * 20, [0.5] * 20).worse
    assert not change([0.5] * 20, [1.0] * 20).worse
    assert not change([1.0] * 3, [0.0] * 3).worse, "three queries prove nothing"
    assert change([1.0] * 8 + [0.5] * 20, [0.0] * 8 + [0.5] * 20).worse
    many = [paired([1.0] * 8 + [0.5] * 20, [0.0] * 8 + [0.5] * 20), *[paired([0.5] * 20, [0.5] * 20)] * 40]
    assert not changes(many)[0].worse, "one of forty-one comparisons may look so by chance"


def test_worse_needs_the_bound_too():
    """Small steps down say little of a range of [-1, 1]: the test alone would call them proven."""
    found = change([0.5] * 12, [0.45] * 12)
    assert found.difference.p < 0.01 and found.difference.bounds.at_most >= 0
    assert found.adjusted == found.difference.doubt > 0.05
    assert not found.worse


def test_queries_of_one_source_prove_no_more_than_one_query():
    one = np.array(["same"] * 20)
    assert change([1.0] * 20, [0.5] * 20, clusters=one).difference.p == 1.0
    assert not change([1.0] * 20, [0.5] * 20, clusters=one).worse


def test_falls_begin_with_the_greatest_and_ties_with_the_first_id():
    found = change([1.0, 0.5, 1.0, 0.3, 0.0], [0.9, 0.0, 0.5, 0.2, 1.0])
    assert [fall.query_id for fall in found.falls] == ["Q1", "Q2", "Q0", "Q3"]
    assert found.falls[2] == Fall("Q0", 1.0, 0.9)


def test_rounding_is_no_fall():
    found = change([0.3], [0.1 + 0.2 - 1e-12])
    assert found.falls == ()
    assert found.same


@given(st.lists(st.tuples(st.sampled_from([0, 0.25, 1.0]), st.sampled_from([0, 0.25, 1.0])), min_size=1, max_size=9))
def test_what_is_the_same_forth_is_the_same_back(values):
    before, after = zip(*values, strict=True)
    forth, back = change(before, after), change(after, before)
    assert forth.same == back.same == (before == after)
    assert forth.difference.wins == back.difference.losses == len(back.falls)
    assert forth.difference.mean == -back.difference.mean


def verdict(system, decision, *outcomes):
    return Verdict(system, "house", decision, outcomes)


GO, NO_GO, CONDITIONAL, INCOMPLETE = Decision.GO, Decision.NO_GO, Decision.CONDITIONAL, Decision.INCOMPLETE


@pytest.mark.parametrize(
    ("before", "after", "worse"),
    [
        (GO, CONDITIONAL, True),
        (CONDITIONAL, INCOMPLETE, True),
        (INCOMPLETE, NO_GO, True),
        (NO_GO, GO, False),
        (NO_GO, INCOMPLETE, False),
        (INCOMPLETE, CONDITIONAL, False),
        (GO, None, True),
        (NO_GO, None, True),
        (None, NO_GO, False),
    ],
)
def test_a_verdict_gets_worse_where_less_can_be_said_for_the_system(before, after, worse):
    sides = [[] if side is None else [verdict("a", side)] for side in (before, after)]
    assert turns(*sides) == [Turn("a", before, after)]
    assert turns(*sides)[0].worse == worse


def test_a_verdict_that_stands_is_no_turn():
    assert turns([verdict("a", GO), verdict("b", GO)], [verdict("b", NO_GO), verdict("a", GO)]) == [
        Turn("b", GO, NO_GO)
    ]


def test_criteria_turn_where_both_runs_asked_for_them():
    def of(criterion, state):
        return Outcome("a", criterion, state, "mrr", "labels", 0.5)

    before = verdict("a", GO, of("one", State.MET), of("two", State.MET), of("gone", State.MET))
    after = verdict("a", GO, of("new", State.UNMET), of("two", State.MET), of("one", State.UNPROVEN))
    assert turned([before], [after]) == [(of("one", State.MET), of("one", State.UNPROVEN))]
