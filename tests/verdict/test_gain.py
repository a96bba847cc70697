"""What pictures add: the difference of the same queries, query by query, in every stratum."""

from dataclasses import asdict, replace

import numpy as np
import pytest
from toys import bank

from harness.data.model import Queries
from harness.data.run import Run
from harness.statistics.paired import compare
from harness.verdict.evaluation import evaluate
from harness.verdict.gain import gain

N = 40
ASKED = {f"q{n:02}": "a" for n in range(N)}
RELEVANT = {name: {"d0": 1, "d1": 1} for name in ASKED}


def dataset(sources=None):
    plain = bank(asked=ASKED, relevant=RELEVANT)
    queries = [
        replace(query, category="image" if n < 10 else "text", source=sources[n] if sources else None)
        for n, query in enumerate(plain.queries.queries)
    ]
    return replace(plain, queries=Queries.against(plain.corpus, queries))


def scores(found, metrics=("recall@5",), depth=10, known=None):
    """`found`: how many of its two relevant items each query finds."""
    known = known or dataset()
    ranked = {name: dict.fromkeys(("d0", "d1")[:count], 1.0) for name, count in zip(ASKED, found, strict=True)}
    run = replace(Run.from_dict(ranked, known.corpus.ids), depth=depth)
    return evaluate("s", run, known, known.truths["labels"], metrics)


SEEN, READ = [2] * 20 + [1] * 20, [1] * 30 + [2] * 10


def test_the_gain_is_that_of_recall_at_5_by_stratum():
    rows = gain(scores(SEEN), scores(READ))
    values = {name: (row.value, row.n) for name, row in rows.items()}
    assert values == {
        "all": (pytest.approx((20 * 0.5 - 10 * 0.5) / 40), 40),
        "category=image": (0.5, 10),
        "category=text": (pytest.approx(0.0), 30),
    }
    row = rows["category=image"]
    assert (row.metric, row.system, row.ground_truth, row.level, row.stratum, row.ceiling, row.reason) == (
        "picture-gain", "s", "labels", 1, "category=image", None, "",
    )  # fmt: skip


def test_the_bounds_are_those_of_the_paired_difference():
    seen, read = scores(SEEN), scores(READ)
    rows = gain(seen, read)
    paired = compare(seen.values["recall@5"], read.values["recall@5"]).bounds
    assert asdict(rows["all"].bounds) == pytest.approx(asdict(paired))
    image = rows["category=image"].bounds
    assert image.low < image.at_least < 0.5 < image.at_most < image.high
    assert gain(read, seen)["all"].bounds.at_most == pytest.approx(-rows["all"].bounds.at_least, abs=0.02)


def test_what_pictures_take_away_may_be_proven_too():
    row = gain(scores([0] * N), scores([2] * N))["all"]
    assert row.value == -1.0
    assert row.bounds.low == pytest.approx(-1.0)
    assert row.bounds.at_most < -0.8


def test_queries_of_one_source_count_as_one():
    known = dataset(sources=[f"d{n // 10 + 2}" for n in range(N)])
    apart, together = (gain(scores(SEEN, known=bank), scores(READ, known=bank))["all"] for bank in (dataset(), known))
    assert apart.value == together.value
    assert together.bounds.at_least < apart.bounds.at_least - 0.1


@pytest.mark.parametrize(
    ("seen", "read", "reason"),
    [
        ({"metrics": ["mrr"]}, {"metrics": ["mrr"]}, "recall@5 is not among the grid's metrics"),
        ({"depth": 3}, {"depth": 3}, "the run says nothing beyond rank 3"),
        ({"depth": 3}, {}, "the run says nothing beyond rank 3"),
        ({}, {"depth": 3}, "the run says nothing beyond rank 3"),
    ],
)
def test_without_recall_at_5_there_is_no_gain_and_it_says_why(seen, read, reason):
    row = gain(scores(SEEN, **seen), scores(READ, **read))["all"]
    assert (row.metric, row.value, row.bounds, row.reason) == ("picture-gain", None, None, reason)


def test_a_struck_score_strikes_the_gain():
    seen = replace(scores(SEEN), struck="picked from itself")
    assert gain(seen, scores(READ))["all"].struck == "picked from itself"
    assert np.isclose(gain(seen, scores(READ))["all"].value, 0.125)
