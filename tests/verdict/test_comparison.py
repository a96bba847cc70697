"""Who is better than the reference, which variant is chosen, who is on the front: with what is proven, and no more."""

import math
import time
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import HarnessError, UnknownName
from harness.statistics.paired import compare, randomisation
from harness.statistics.selection import unbeaten
from harness.verdict.comparison import chosen, compared, front

NAN = float("nan")

TENTHS = {
    "base": (3, 3, 7, 5, 3, 5, 5, 3, 6, 3, 4, 5, 5, 6, 6, 8, 4, 6),
    "near": (5, 4, 8, 8, 4, 5, 6, 4, 9, 3, 5, 7, 5, 6, 8, 9, 5, 8),
    "below": (0, 0, 2, 0, 0, 2, 0, 0, 2, 0, 2, 2, 1, 3, 2, 3, 1, 3),
    "same": (3, 2, 8, 2, 4, 6, 3, 3, 5, 4, 2, 4, 6, 8, 4, 8, 5, 6),
    "above": (8, 5, 10, 7, 8, 8, 8, 4, 10, 7, 8, 10, 9, 9, 9, 10, 9, 8),
}
SHARES = {name: np.array(tenths) / 10 for name, tenths in TENTHS.items()}


def hits(**changed):
    """61 queries of which the base hits 31; each other system wins and loses some of them."""
    base = np.repeat([0.0, 1.0], [30, 31])
    values = {"base": base}
    for name, (wins, losses) in changed.items():
        values[name] = base.copy()
        values[name][:wins] = 1
        values[name][30 : 30 + losses] = 0
    return values


def said(comparisons):
    return {row.system: (row.better, row.worse, row.tied) for row in comparisons.rows}


def test_the_p_values_are_those_of_scipy():
    """scipy 1.17.1: permutation_test(permutation_type="samples", n_resamples=inf); the bound's by integration (quad)."""
    rows = compared(SHARES, "base").rows
    assert [row.system for row in rows] == ["near", "below", "same", "above"]
    assert [row.difference.p for row in rows] == pytest.approx([0.00012207, 7.6294e-06, 0.61743, 7.6294e-06], abs=0.005)
    doubts = [row.difference.doubt for row in rows]
    assert doubts == pytest.approx([0.133121, 0.004351, 0.686192, 0.006071], abs=0.015)
    least = [4 * doubts[1], max(4 * doubts[1], 3 * doubts[3])]
    assert [row.adjusted for row in rows] == pytest.approx([2 * doubts[0], least[0], doubts[2], least[1]])


def test_the_p_values_of_hits_are_those_of_the_sign_test_after_holm():
    """scipy 1.17.1, binomtest(wins, wins + losses).pvalue; statsmodels 0.15.0, multipletests(p, method="holm")[1]."""
    rows = compared(hits(one=(13, 1), two=(9, 1), three=(1, 8), four=(2, 2)), "base").rows
    alone = [0.0018310546875, 0.021484375, 0.0390625, 1.0]
    assert [row.difference.p for row in rows] == pytest.approx(alone, abs=0.006)
    assert [row.adjusted for row in rows] == pytest.approx([0.00732421875, 0.064453125, 0.078125, 1.0], abs=0.015)


def test_better_and_worse_are_said_after_the_correction_only():
    found = compared(hits(one=(13, 1), two=(9, 1), three=(1, 8), four=(2, 2), five=(1, 13)), "base")
    assert [row.difference.p <= 0.05 for row in found.rows] == [True, True, True, False, True]
    assert said(found) == {
        "one": (True, False, True), "two": (False, False, True), "three": (False, False, False),
        "four": (False, False, False), "five": (False, True, False),
    }  # fmt: skip


def test_a_small_p_alone_is_no_proof():
    """14 wins, no loss, 18 queries: the signs are no chance, but one query unseen could undo what they add up to."""
    found = {row.system: row for row in compared(SHARES, "base").rows}
    assert found["near"].difference.p < 0.001 and found["near"].difference.bounds.at_least < 0
    assert found["near"].adjusted > 0.05 and not found["near"].better
    mirrored = compared({name: 1 - column for name, column in SHARES.items()}, "base").rows[0]
    assert mirrored.difference.p < 0.001 and mirrored.adjusted > 0.05 and not mirrored.worse


@pytest.mark.parametrize(("step", "verdicts"), [(0.3, (True, False, True)), (-0.3, (False, True, False))])
def test_the_bound_too_is_told_how_many_were_compared(step, verdicts):
    """Fourteen steps of 0.3: the bound leaves 0 out at 1.3 ** -14 = 0.025, which is enough for one, not for three."""
    base, moved = np.full(30, 0.5), np.where(np.arange(30) < 14, 0.5 + step, 0.5)
    assert said(compared({"base": base, "one": moved}, "base")) == {"one": verdicts}
    found = compared({"base": base, **dict.fromkeys(("one", "two", "three"), moved)}, "base")
    for row in found.rows:
        assert row.difference.p < 0.001 and row.difference.doubt == pytest.approx(0.025, abs=0.006)
        assert row.adjusted == pytest.approx(3 * row.difference.doubt)
        assert not row.better and not row.worse
    assert found.tied == {"base", "one", "two", "three"}


def test_each_row_tells_what_the_pair_alone_would():
    """At the same seed: the resamples are one matrix, whatever stands beside a pair."""
    labels = np.arange(18) // 2
    for reference, clusters in product(SHARES, (None, labels)):
        found = compared(SHARES, reference, clusters)
        assert [row.system for row in found.rows] == [name for name in SHARES if name != reference]
        for row in found.rows:
            assert row.difference == compare(SHARES[row.system], SHARES[reference], clusters)
            assert row.reference == found.reference == reference


@pytest.mark.parametrize("reference", SHARES)
def test_the_tied_are_the_same_whoever_is_the_reference(reference):
    found = compared(hits(one=(13, 1), two=(9, 1), three=(2, 2)), "base")
    assert found.tied == {"one", "two"}
    found = compared(SHARES, reference)
    assert found.tied == {"near", "above"}
    assert [row.system for row in found.rows if row.tied] == [name for name in ("near", "above") if name != reference]


def test_whom_only_the_signs_beat_is_tied():
    """ "above" wins over "near" nearly everywhere, and by too little for 18 queries to prove it."""
    table = np.column_stack(list(SHARES.values()))
    assert [list(SHARES)[column] for column in unbeaten(randomisation(table))] == ["above"]
    proven = compared(SHARES, "near").rows
    assert [(row.system, row.better) for row in proven if row.tied] == [("above", False)]


def test_all_rows_speak_of_the_queries_that_count_for_all():
    values = {name: np.append(column, [0.5, 0.5, NAN]) for name, column in SHARES.items()}
    values["same"][18] = NAN
    values["base"][19] = NAN
    found, alone = compared(values, "base"), compared(SHARES, "base")
    assert found == alone
    assert found.n == 18 and {row.difference.n for row in found.rows} == {18}


def test_queries_of_one_source_count_once():
    thrice = {name: np.repeat(column, 3) for name, column in SHARES.items()}
    labels = np.repeat(np.arange(18), 3)
    assert said(compared(thrice, "base", labels)) == said(compared(SHARES, "base"))
    assert said(compared(thrice, "base")) != said(compared(SHARES, "base"))
    gone = {name: np.where(labels == 4, NAN, column) for name, column in thrice.items()}
    assert (
        compared(gone, "base", labels).rows
        == compared({n: v[labels != 4] for n, v in thrice.items()}, "base", labels[labels != 4]).rows
    )


def test_where_nothing_counts_nothing_is_said():
    found = compared({"a": np.full(3, NAN), "b": np.ones(3)}, "a")
    assert (found.rows, found.n, found.tied) == ((), 0, {"a", "b"})


def test_a_system_alone_is_the_best_there_is():
    found = compared({"a": np.ones(3)}, "a")
    assert (found.rows, found.n, found.tied) == ((), 3, {"a"})


def test_equal_systems_are_equal():
    [row] = compared({"a": SHARES["base"], "b": SHARES["base"].copy()}, "a").rows
    assert (row.adjusted, row.better, row.worse, row.tied, row.difference.ties) == (1.0, False, False, True, 18)


@pytest.mark.parametrize(
    ("values", "reference", "sentence"),
    [
        ({"bm25": np.ones(3)}, "bm52", "unknown system 'bm52'. Did you mean 'bm25'? There are: bm25."),
        ({"a": np.ones(3), "b": np.ones(4)}, "a", "systems can be compared only on the same queries: a has 3, b has 4"),
        ({"a": np.ones(3), "b": np.full(3, 77.7)}, "a", "a value of 77.7 has no bounds here: they need [0, 1]"),
    ],
)
def test_what_cannot_be_compared_is_refused(values, reference, sentence):
    with pytest.raises((HarnessError, UnknownName)) as caught:
        compared(values, reference)
    assert str(caught.value) == sentence


def test_twenty_systems_on_a_thousand_queries_take_a_moment():
    source = np.random.default_rng(0)
    values = {f"system-{number}": source.random(1000) for number in range(21)}
    start = time.perf_counter()
    found = compared(values, "system-0")
    assert time.perf_counter() - start < 3
    assert len(found.rows) == 20


def variants(seed, queries=27, count=11):
    """Equal variants that mostly hit the same queries, three of four."""
    source = np.random.default_rng(seed)
    common, own = source.random((queries, 1)), source.random((queries, count))
    values = (np.where(source.random((queries, count)) < 0.7, common, own) < 0.75).astype(float)
    return {f"a{number / 10}": column for number, column in enumerate(values.T)}


def test_the_chosen_variant_is_told_with_what_choosing_it_is_worth():
    found = chosen({"a0.3": SHARES["same"], "a0.5": SHARES["above"], "a0.7": SHARES["near"]})
    assert (found.variant, found.tried, found.tied) == ("a0.5", 3, {"a0.5", "a0.7"})
    assert (found.apparent, found.honest) == pytest.approx((SHARES["above"].mean(),) * 2)
    assert found.bounds.low < found.honest < found.bounds.high


def test_the_best_of_equals_is_reported_as_it_is():
    """100 samples of 11 equal variants, each truly at 0.75, on 27 queries."""
    found = [chosen(variants(seed)) for seed in range(100)]
    assert np.mean([choice.apparent for choice in found]) > 0.80
    honest = [choice.honest for choice in found]
    assert np.mean(honest) == pytest.approx(0.75, abs=3 * np.std(honest) / 10)
    assert all(choice.variant in choice.tied and choice.tried == 11 for choice in found)


@pytest.mark.parametrize("labels", [None, np.arange(27) // 2])
def test_the_ends_that_gate_are_the_two_sided_ones(labels):
    bounds = chosen(variants(1), labels).bounds
    assert (bounds.at_least, bounds.at_most) == (bounds.low, bounds.high)


def test_queries_of_one_source_prove_less_of_the_chosen():
    labels = np.repeat(np.arange(9), 3)
    together = {name: np.repeat(column[:9], 3) for name, column in variants(1).items()}
    alone, clustered = chosen(together).bounds, chosen(together, labels).bounds
    assert clustered.high - clustered.low > 1.5 * (alone.high - alone.low)


def test_a_source_never_votes_on_its_own_queries():
    """Two sources, each won by another variant: each is scored with the one that lost there."""
    values = {"a": np.repeat([1.0, 0.0], 4), "b": np.repeat([0.0, 1.0], 4)}
    assert chosen(values, np.repeat(["one", "two"], 4)).honest == 0.0


def test_variants_of_other_queries_cannot_be_compared():
    with pytest.raises(HarnessError, match=r"^systems can be compared only on the same queries: a has 3, b has 4$"):
        chosen({"a": np.ones(3), "b": np.ones(4)})
    with pytest.raises(HarnessError, match=r"^variants can be compared only on the same queries$"):
        chosen({"a": np.ones(3), "b": np.array([1, 1, NAN])})
    with pytest.raises(HarnessError, match=r"^choosing among 2 variants needs at least 2 independent queries$"):
        chosen({"a": np.full(3, NAN), "b": np.full(3, NAN)})


@pytest.mark.parametrize(
    ("points", "on"),
    [
        (
            {"good and slow": (0.9, 80.0), "poor and fast": (0.5, 5.0), "beaten": (0.5, 80.0)},
            "good and slow, poor and fast",
        ),
        ({"best": (0.9, 5.0), "slower": (0.9, 6.0), "poorer": (0.8, 5.0)}, "best"),
        ({"one": (0.9, 5.0), "twin": (0.9, 5.0)}, "one, twin"),
        (
            {
                "timed": (0.1, 90.0),
                "untimed": (0.9, None),
                "unjudged": (None, 1.0),
                "unknown": (NAN, 1.0),
                "odd": (1.0, NAN),
            },
            "timed",
        ),
        ({}, ""),
    ],
)
def test_the_front_is_what_none_beats(points, on):
    assert front(points) == set(filter(None, on.split(", ")))


@given(st.dictionaries(st.text(max_size=2), st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=12))
def test_whoever_is_off_the_front_is_beaten_by_one_on_it(points):
    found = front(points)

    def beats(one, other):
        return one != other and one[0] >= other[0] and one[1] <= other[1]

    assert found
    assert not any(beats(points[one], points[other]) for one, other in product(points, found))
    assert all(any(beats(points[one], points[other]) for one in found) for other in points.keys() - found)


def test_the_front_of_one_measure_is_its_best():
    points = {"a": (0.5, 1.0), "b": (0.5, 2.0), "c": (0.5, math.inf)}
    assert front(points) == {"a"}
