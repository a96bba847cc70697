"""What cannot be: each rule at its edge, the documents' own numbers, and real rankings, which never contradict."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.data.catalogue import open_dataset
from harness.data.run import Run
from harness.errors import HarnessError
from harness.ranking.measures import Metric
from harness.ranking.metrics import every, mean
from harness.ranking.relevance import Relevance
from harness.verdict.arithmetic import impossible, notes
from harness.verdict.evaluation import evaluate
from harness.verdict.measurement import Measurement

ROOT = Path(__file__).parents[2]
CUTOFFS = (1, 2, 3, 5, 10, 20)
METRICS = [
    *(f"{measure}@{k}" for measure in ("recall", "hit", "precision", "mrr", "map", "ndcg", "judged") for k in CUTOFFS),
    "mrr", "map", "ndcg",
]  # fmt: skip


def row(metric, value, n=100, **where):
    return Measurement("s", metric, value, n, "bank", **{"ground_truth": "labels", "level": 1} | where)


def told(*rows, tolerance=0.0005):
    return [found.sentence for found in impossible(rows, tolerance)]


def recorded(path):
    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    return [
        Measurement(**{name: value for name, value in line.items() if name != "kind"})
        for line in lines
        if line["kind"] == "measurement"
    ]


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        (
            [row("recall@10", 0.896), row("hit@10", 0.89)],
            "recall@10 0.896 is above hit@10 0.890: a query with a relevant item found is a hit",
        ),
        (
            [row("precision@5", 0.5), row("hit@5", 0.4)],
            "precision@5 0.500 is above hit@5 0.400: a query with a relevant item found is a hit",
        ),
        (
            [row("hit@5", 0.9), row("precision@5", 0.1)],
            "hit@5 0.900 is above 5 times precision@5 0.100: a hit fills at least one of the places",
        ),
        (
            [row("map@5", 0.5), row("recall@5", 0.4)],
            "map@5 0.500 is above recall@5 0.400: a relevant item that is found adds at most its share",
        ),
        (
            [row("ndcg@10", 0.5), row("hit@10", 0.4)],
            "ndcg@10 0.500 is above hit@10 0.400: without a hit there is no gain",
        ),
        ([row("hit@5", 0.8), row("hit@10", 0.7)], "hit@5 0.800 is above hit@10 0.700: a longer list finds no less"),
        ([row("mrr@10", 0.8), row("mrr", 0.7)], "mrr@10 0.800 is above mrr 0.700: a longer list finds no less"),
        (
            [row("precision@5", 0.5), row("precision@10", 0.2)],
            "precision@5 0.500 is above 2 times precision@10 0.200: a longer list finds no less",
        ),
        ([row("hit@5", 0.777, 27)], "hit@5 0.777 of 27 lies between 20 and 21 of them"),
        ([row("stability", 0.9985, 1000)], "stability 0.999 of 1,000 lies between 998 and 999 of them"),
        ([row("recall@5", 1.2)], "recall@5 1.200 is outside 0 to 1"),
        ([row("ndcg@10", -0.1)], "ndcg@10 -0.100 is outside 0 to 1"),
        ([row("latency-p95", -3.0)], "latency-p95 -3.0 ms is outside 0 to inf"),
        ([row("recall@5", 0.6, ceiling=0.5)], "recall@5 0.600 is outside 0 to 0.5"),
        (
            [row("latency-p50", 31.0), row("latency-p95", 30.5)],
            "latency-p50 31.0 ms is above latency-p95 30.5 ms: percentiles grow",
        ),
        (
            [row("encode-p95", 31.0), row("latency-p95", 30.5)],
            "encode-p95 31.0 ms is above latency-p95 30.5 ms: a part of the whole",
        ),
        (
            [row("vram-allocated", 900.0), row("vram-reserved", 800.0)],
            "vram-allocated 900.0 MiB is above vram-reserved 800.0 MiB: what is allocated was reserved first",
        ),
        ([row("recall@5", 0.772), row("recall@5", 0.809)], "recall@5 is 0.772 and 0.809: one cell has one value"),
        ([row("mrr", 0.515), row("hit@1", 0.0)], "mrr 0.515 is above 0.500, the most that can be with hit@1 0.000"),
    ],
)
def test_each_rule_in_its_own_sentence(rows, sentence):
    assert told(*rows) == [sentence]


@pytest.mark.parametrize(
    "rows",
    [
        [row("recall@10", 0.8855, 200), row("hit@10", 0.885, 200)],
        [row("recall@10", 0.896, 61), row("hit@10", 0.88)],
        [row("recall@10", 0.896), row("hit@10", 0.88, level=2)],
        [row("recall@10", 0.896), row("hit@5", 0.88)],
        [row("ndcg@10", 0.5, level=2), row("hit@10", 0.4, level=2)],
        [row("ndcg@5", 0.6), row("ndcg@10", 0.5), row("precision@5", 0.4), row("precision@10", 0.3)],
        [row("hit@5", 0.778, 27), row("hit@10", 1.0, 27)],
        [row("recall@5", 0.777, 27)],
        [row("latency-p50", 30.5), row("latency-p95", 30.5)],
        [row("map", 0.480), row("map", 0.481)],
        [row("mrr", 0.496), row("mrr", 0.496, reason="again")],
        [row("recall@5", 0.772), row("recall@5", 0.809, stratum="category=image"), row("recall@5", 0.9, scenario="S3")],
        [row("recall@5", None, 0, reason="not asked"), row("recall@5", float("nan"))],
    ],
)
def test_what_can_be_is_not_told(rows):
    assert told(*rows) == []


def test_a_contradiction_names_its_rows():
    rows = [row("mrr", 0.85), row("recall@10", 0.896), row("hit@10", 0.88)]
    [found] = impossible(rows)
    assert (found.system, found.ground_truth, found.rows) == ("s", "labels", (rows[1], rows[2]))


@pytest.mark.parametrize(
    ("mrr", "sentences"),
    [
        (0.6335, ["mrr 0.6335 is above 0.6333, the most that can be with hit@1 0.400 and hit@5 0.800"]),
        (0.6333, []),
        (0.4801, []),
        (0.4799, ["mrr 0.4799 is below 0.4800, the least that can be with hit@1 0.400 and hit@5 0.800"]),
    ],
)
def test_the_ranks_of_first_hits_bound_mrr_from_both_sides(mrr, sentences):
    """Two of five at rank 1, two in ranks 2 to 5: (2 + 2/2 + 1/6) / 5 at most, (2 + 2/5) / 5 at least."""
    assert told(row("mrr", mrr, 5), row("hit@1", 0.4, 5), row("hit@5", 0.8, 5), tolerance=0.0) == sentences


def test_within_a_cutoff_nothing_stands_behind_the_last_hit():
    """mrr@5 with two of five at rank 1 and two up to rank 5 is at most 3 / 5; mrr may find the last one at rank 6."""
    hits = [row("hit@1", 0.4, 5), row("hit@5", 0.8, 5)]
    assert told(*hits, row("mrr@5", 0.62, 5), row("mrr", 0.62, 5)) == [
        "mrr@5 0.620 is above 0.601, the most that can be with hit@1 0.400 and hit@5 0.800"
    ]


def test_of_two_hit_rates_none_judges_the_mrr():
    rows = [row("mrr", 0.9), row("hit@1", 0.1), row("hit@1", 0.2)]
    assert told(*rows) == ["hit@1 is 0.1 and 0.2: one cell has one value"]


def test_digits_say_how_far_a_value_can_be_trusted():
    """0.8961 has four digits: the default does not blur it. Nor is 23.2 ms more exact than it says."""
    assert told(row("recall@5", 0.8961), row("recall@5", 0.8963))
    assert not told(row("recall@5", 0.896), row("recall@5", 0.8963))
    assert not told(row("recall@5", 0.89), row("recall@5", 0.8904))
    assert told(row("recall@5", 0.89), row("recall@5", 0.8904), tolerance=0.0)
    assert not told(row("recall@5", 0.89), row("recall@5", 0.893), tolerance=0.005)
    assert not told(row("latency-p95", 23.2), row("latency-p95", 23.24))
    assert told(row("latency-p95", 23.2), row("latency-p95", 23.26))


def test_a_metric_that_nobody_knows_is_refused():
    with pytest.raises(HarnessError, match="unknown metric 'top@5'"):
        impossible([row("top@5", 0.8)])


def test_speeds_are_noted_and_nothing_more():
    rows = [row("latency-mean", 23.2), row("throughput", 43.2), replace(row("throughput", 3.8), dataset="all")]
    assert [note.sentence for note in notes(rows)] == [
        "throughput 43.2 items/s is one over latency-mean 23.2 ms: a batch of one",
        "throughput is 43.2 items/s on bank and 3.8 items/s on all: not one speed",
    ]
    assert told(*rows) == []
    assert notes([row("latency-mean", 23.2), row("throughput", 60.0), row("throughput", 9.0, stratum="batch=1")]) == []
    assert notes([row("throughput", 60.0), replace(row("throughput", 25.0), dataset="all")]) == []
    assert notes([row("latency-mean", 0.0), row("throughput", 60.0)]) == []


def test_neither_order_nor_repetition_of_rows_matters():
    rows = [row("hit@10", 0.9), row("hit@1", 0.3), row("hit@5", 0.8), row("mrr", 0.9)]
    [sentence] = told(*rows, *rows)
    assert sentence == told(*reversed(rows))[0]
    assert sentence.endswith("the most that can be with hit@1 0.300 and hit@5 0.800 and hit@10 0.900")


def test_the_documents_numbers_contradict_each_other_here_and_nowhere_else():
    rows = [found for path in sorted((ROOT / "gt" / "replay").glob("*.jsonl")) for found in recorded(path)]
    assert {(found.ground_truth, found.sentence) for found in impossible(rows)} == {
        ("hybrid", "recall@10 0.896 is above hit@10 0.885: a query with a relevant item found is a hit"),
        ("hybrid", "recall@5 is 0.772 and 0.809: one cell has one value"),
        ("hybrid", "mrr is 0.542 and 0.544 and 0.569: one cell has one value"),
        ("hybrid", "mrr is 0.496 and 0.498: one cell has one value"),
        ("llm", "mrr 0.515 is above 0.500, the most that can be with hit@1 0.000"),
    }
    assert [note.sentence for note in notes(rows)] == [
        "throughput 43.2 items/s is one over latency-mean 23.2 ms: a batch of one",
        "throughput is 43.2 items/s on poc-100 and 3.8 items/s on poc-176443: not one speed",
    ]


def test_the_committed_run_contradicts_nothing():
    rows = recorded(ROOT / "reports" / "example" / "results.jsonl")
    assert len(rows) > 1000
    assert (told(*rows), told(*rows, tolerance=0.0), notes(rows)) == ([], [], [])


@pytest.fixture(scope="module")
def bank():
    return open_dataset(ROOT / "gt" / "math100")


@pytest.mark.parametrize("seed", range(3))
def test_a_ranking_of_the_bank_contradicts_nothing_in_any_stratum(bank, seed):
    """The grades under more and more noise: from a good run down to nearly chance."""
    generator = np.random.default_rng(seed)
    qrels, documents = bank.truths["labels"].qrels, bank.corpus.ids
    grades = np.array([[qrels.get(query, {}).get(doc, 0) for doc in documents] for query in bank.queries.ids])
    noisy = grades + generator.normal(0, 1 + 5 * seed, grades.shape)
    index = np.argsort(-noisy, axis=1)[:, :30].astype(np.int32)
    scores = np.take_along_axis(noisy, index, axis=1).astype(np.float32)
    run = Run(bank.queries.ids, documents, index, scores, 30)
    for level in (1, 2, 3):
        scored = evaluate("s", run, bank, bank.truths["labels"], METRICS, level)
        rows = list(scored.measurements(METRICS))
        assert len(rows) > 3 * len(METRICS)
        assert (told(*rows), told(*rows, tolerance=0.0)) == ([], [])


N_DOCS = 12
POSITIONS = {f"d{column:02}": column for column in range(N_DOCS)}
rankings = st.permutations(range(N_DOCS)).flatmap(
    lambda order: st.integers(0, N_DOCS).map(lambda depth: order[:depth] + [-1] * (N_DOCS - depth))
)
judgements = st.dictionaries(st.sampled_from([*POSITIONS, "outside"]), st.integers(-1, 3), max_size=N_DOCS)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(rankings, judgements), min_size=1, max_size=12), st.integers(1, 3), st.integers(3, 4))
def test_rankings_never_contradict_each_other_nor_when_printed(queries, level, digits):
    qrels = {f"q{place}": judged for place, (_, judged) in enumerate(queries)}
    relevance = Relevance.compile(qrels, list(qrels), POSITIONS)
    grades = relevance.grades(np.array([ranking for ranking, _ in queries], np.int32))
    values = every(map(Metric.parse, METRICS), grades, relevance, level)
    averages = {str(metric): mean(column) for metric, column in values.items()}
    rows = [row(metric, average.value, average.n, level=level) for metric, average in averages.items()]
    assert told(*rows, tolerance=0.0) == []
    assert told(*(replace(r, value=None if r.value is None else round(r.value, digits)) for r in rows)) == []
