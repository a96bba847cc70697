"""A system that cannot be told from chance is flagged, a better one is not; the simulations have fixed seeds."""

import numpy as np
import pytest

from harness.verdict.chance import TOLD_BY, at_chance
from harness.verdict.evaluation import Scores

N = 100


def scores(values, query_ids=None, metric="mrr", system="s"):
    columns = values if isinstance(values, dict) else {metric: np.asarray(values, float)}
    n = len(next(iter(columns.values())))
    ids = tuple(f"q{n}" for n in range(n)) if query_ids is None else tuple(query_ids)
    return Scores(system, "bank", "labels", 1, ids, columns, {}, {"all": np.ones(n, bool)}, 100)


def reciprocal_ranks(random, size, best_of=1):
    """1 / rank of the relevant document among 200, of a system that ranks at random; of the best of so many if it is better."""
    return 1 / random.integers(1, 201, (best_of, size)).min(axis=0)


def flagged(own, simulations=400, seed=7):
    """The share of simulated runs in which a system is told to be at chance; `own` draws its scores."""
    random = np.random.default_rng(seed)
    told = [at_chance(scores(own(random)), scores(reciprocal_ranks(random, N))) for _ in range(simulations)]
    return sum(map(bool, told)) / simulations


def test_a_system_equal_to_chance_is_flagged_in_about_95_of_100_runs():
    assert flagged(lambda random: reciprocal_ranks(random, N)) == pytest.approx(0.95, abs=0.03)


def test_also_by_a_metric_that_is_0_or_1():
    random = np.random.default_rng(11)
    pairs = random.random((400, 2, N)) < 0.3
    told = [at_chance(scores(own, metric="hit@10"), scores(floor, metric="hit@10")) for own, floor in pairs]
    assert sum(map(bool, told)) / 400 == pytest.approx(0.95, abs=0.03)


def test_a_clearly_better_system_is_never_flagged():
    assert flagged(lambda random: reciprocal_ranks(random, N, best_of=10)) == 0.0


def test_a_worse_system_is_always_flagged():
    assert flagged(lambda random: np.full(N, 1 / 200)) == 1.0


def test_a_slightly_better_system_is_flagged_less_often_the_more_queries_there_are():
    def share(n):
        random = np.random.default_rng(3)
        pairs = [(reciprocal_ranks(random, n, 2), reciprocal_ranks(random, n)) for _ in range(200)]
        return sum(bool(at_chance(scores(own), scores(floor))) for own, floor in pairs) / 200

    assert share(1600) < share(400) < share(50) < 1.0


def test_the_sentence_says_metric_means_and_queries():
    own, floor = [0.5, 0.25] * 1000, [0.25, 0.5] * 1000
    assert at_chance(scores(own), scores(floor)) == "mrr 0.375 against chance's 0.375 over 2,000 queries"


@pytest.mark.parametrize(("own", "floor"), [([0.0] * 9, [0.0] * 9), ([0.2] * 9, [0.2] * 9), ([0.2] * 9, [0.3] * 9)])
def test_without_any_spread_the_same_or_less_is_chance(own, floor):
    assert at_chance(scores(own), scores(floor))


def test_without_any_spread_more_is_more():
    assert at_chance(scores([0.5] * 9), scores([0.25] * 9)) == ""


@pytest.mark.parametrize("other", [["q1", "q0"], ["q0", "q2"], ["q0"], ["q0", "q1", "q2"]])
def test_other_queries_are_not_compared(other):
    ids = ["q0", "q1"]
    floor = scores([0.5] * len(other), other)
    assert at_chance(scores([0.5, 0.5], ids), floor) == ""
    assert at_chance(scores([0.5, 0.5], ids), scores([0.5, 0.5], ids))


def test_one_query_tells_nothing():
    assert at_chance(scores([0.0]), scores([1.0])) == ""
    assert at_chance(scores([np.nan, 0.0]), scores([1.0, 1.0])) == ""
    assert at_chance(scores([]), scores([])) == ""


def test_queries_without_anything_relevant_do_not_count():
    own, floor = [0.5, np.nan, 0.5, 0.5], [0.5, 0.5, np.nan, 0.5]
    assert at_chance(scores(own), scores(floor)) == "mrr 0.500 against chance's 0.500 over 2 queries"


def test_what_sees_most_places_is_compared_first_and_only_what_both_have():
    same, more = np.full(9, 0.5), np.full(9, 0.9)
    everything = dict.fromkeys(reversed(TOLD_BY), same)
    for place, metric in enumerate(TOLD_BY):
        left = dict.fromkeys(TOLD_BY[place:], same)
        assert at_chance(scores(everything), scores(left)).startswith(f"{metric} 0.500 ")
    assert at_chance(scores({"ndcg@10": more, "mrr": same}), scores({"ndcg@10": same, "mrr": same})) == ""
    assert at_chance(scores({"recall@1": same}), scores({"recall@1": same})) == ""
    assert at_chance(scores({"mrr": same}), scores({"hit@5": same})) == ""
