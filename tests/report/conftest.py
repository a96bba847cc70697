"""A small run, written down by hand: two candidates, a baseline and chance over four items and three queries."""

from pathlib import Path

import numpy as np
import pytest

from harness.data.model import Corpus, Dataset, GroundTruth, Item, Provenance, Queries, Query
from harness.data.run import Run
from harness.grid.systems import System
from harness.policy import Criterion, Policy
from harness.report.results import Finding, QueryScores, Ranking, Results, Samples, to_row
from harness.verdict.criteria import Outcome, State
from harness.verdict.measurement import Measurement

GO_SENTENCE = "recall@5 on labels is 0.900 (n = 3): met, needs >= 0.800"


@pytest.fixture
def dataset():
    items = [Item(f"D{n}", f"text {n}", category="text", subject="수학") for n in range(4)]
    corpus = Corpus(items)
    queries = Queries.against(corpus, [Query(f"Q{n}", f"query {n}", category="text") for n in range(3)])
    truth = GroundTruth("labels", {f"Q{n}": {f"D{n}": 3} for n in range(3)}, 2, Provenance("by hand"))
    return Dataset("tiny", Path("gt/tiny"), corpus, queries, {"labels": truth}, "c0ffee", synthetic=True, licence="CC0")


@pytest.fixture
def policy():
    criteria = [
        Criterion(id="recall-at-5", metric="recall@5", ground_truth="labels", go="80 %", no_go="70 %"),
        Criterion(id="latency-p95", metric="latency-p95", go="200 ms"),
    ]
    return Policy(name="house", about="Good enough to ship.", criterion=criteria)


@pytest.fixture
def systems():
    known = [
        System("rrf", "kure", role="other"),
        System("random-walk", role="chance"),
        System("bm25", role="baseline"),
        System("hybrid-a0.5", "qwen3-vl-2b", role="candidate"),
        System("hybrid-a0.5", "qwen3-vl-2b", "lexical", role="candidate"),
    ]
    return {system.name: system for system in known}


ONE, TWO = "qwen3-vl-2b+hybrid-a0.5", "qwen3-vl-2b+hybrid-a0.5+lexical"


def accuracy(system, metric, value, stratum="all", ceiling=1.0, n=3):
    return Measurement(system, metric, value, n, "tiny", "labels", 2, stratum, ceiling=ceiling)


def timing(system, metric, value, n=500, reason="", stratum="all"):
    return Measurement(system, metric, value, n, "tiny", reason=reason, stratum=stratum)


def things():
    yield accuracy("random-walk", "recall@5", 0.1)
    yield accuracy("bm25", "recall@5", 0.6)
    yield accuracy(ONE, "recall@5", 0.9)
    yield accuracy(ONE, "recall@50", 1.0)
    yield accuracy(ONE, "mrr", 0.7123)
    yield accuracy(TWO, "recall@5", 2 / 3)
    yield accuracy(TWO, "mrr", 0.75)
    yield accuracy(ONE, "recall@5", 1.0, "category=text", n=2)
    yield accuracy(ONE, "recall@5", 0.7, "category=latex", n=1)
    yield timing(ONE, "latency-p95", 30.54)
    yield timing(ONE, "latency-p95", 41.0, stratum="query=picture", n=20)
    yield timing(ONE, "latency-mean", 23.2)
    yield timing(ONE, "throughput", 1843.2)
    yield timing(ONE, "vram-device", None, 0, "this machine has no GPU")
    yield timing(ONE, "stability", 1.0, 1000)
    yield timing(ONE, "drift", float("inf"), 1000)
    yield Outcome(ONE, "recall-at-5", State.MET, GO_SENTENCE, 0.9)
    yield Outcome(ONE, "latency-p95", State.MET, "latency-p95 is 30.5 ms (n = 500): met, needs <= 200.0 ms", 30.54)
    yield Outcome(TWO, "recall-at-5", State.RULED_OUT, "recall@5 on labels is 0.667", 2 / 3)
    yield QueryScores(ONE, "labels", "Q0", {"hit@1": 0.0, "hit@3": 1.0, "hit@5": 1.0, "hit@10": 1.0, "mrr": 1 / 3,
                                            "ndcg@10": 0.5, "recall@1": 0.0, "recall@5": 0.75})  # fmt: skip
    yield QueryScores(ONE, "labels", "Q1", {"hit@1": None, "mrr": None})
    yield Samples(ONE, "total", [20.0, 0.1 + 0.2])
    yield Finding("bm25", "cannot match 3 canary phrases, such as '분수|<b>'")
    yield Finding(TWO, "cannot match 3 canary phrases, such as '분수|<b>'")
    yield Finding(ONE, "this machine has no GPU")
    run = Run.of(("Q0", "Q1", "Q2"), ("D3", "D2", "D1", "D0"), np.array([[0, 1]] * 3), np.array([[2.0, 1.0]] * 3))
    yield Ranking.of(ONE, run)


@pytest.fixture
def results(dataset, policy, systems):
    whole = Results(dataset, policy, systems)
    whole.add(to_row(thing) for thing in things())
    return whole
