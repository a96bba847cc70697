"""A small run, written down by hand: two candidates, a baseline and chance over four items and three queries."""

from pathlib import Path

import numpy as np
import pytest

from harness.data.catalogue import describe, describe_truth
from harness.data.model import Corpus, Dataset, GroundTruth, Item, Pool, Provenance, Queries, Query
from harness.data.run import Run
from harness.grid.systems import System
from harness.policy import Criterion, Policy
from harness.report.cases import Case, Cases, Place
from harness.report.results import Results
from harness.report.rows import Finding, QueryScores, Ranking, Samples, to_row
from harness.report.stored import Stored
from harness.statistics.intervals import Bounds
from harness.verdict.criteria import Outcome, State
from harness.verdict.measurement import Measurement

ENVIRONMENT = {
    "command": ["pytest", "benchmarks/", "-k", "bm25 and not hybrid"],
    "python": "3.12.1",
    "machine": {"platform": "Linux", "cpu": "A <fast> one", "cores": 8, "memory_gib": 31.2},
    "gpus": [{"name": "H200", "memory_mib": 143771, "driver": "570.1"}],
    "git": {"commit": "abc123", "dirty": True},
    "packages": {"numpy": "2.0"},
    "components": [],
}


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


POOLED = "by construction: its candidates were picked from the first 20 of bm25 itself"
UNBOUNDED = Bounds(float("-inf"), float("inf"), float("-inf"), float("inf"))


def accuracy(system, metric, value, stratum="all", ceiling=1.0, n=3, bounds=None, struck="", truth="labels"):
    return Measurement(
        system, metric, value, n, "tiny", truth, 2, stratum, ceiling=ceiling, bounds=bounds, struck=struck
    )  # fmt: skip


def timing(system, metric, value, n=500, reason="", stratum="all", bounds=None):
    return Measurement(system, metric, value, n, "tiny", reason=reason, stratum=stratum, bounds=bounds)


def judged(system, criterion, state, metric, value, n, bounds, go, no_go=None, **more):
    truth = "labels" if metric == "recall@5" else ""
    return Outcome(system, criterion, state, metric, truth, value, n, bounds, go, no_go, own=value, **more)


def things():
    yield accuracy("random-walk", "recall@5", 0.1)
    yield accuracy("bm25", "recall@5", 0.6)
    yield accuracy(ONE, "recall@5", 0.9, bounds=Bounds(0.81, 0.95, 0.8, 0.96))
    yield accuracy(ONE, "recall@50", 1.0)
    yield accuracy(ONE, "mrr", 0.7123)
    yield accuracy(TWO, "recall@5", 2 / 3, bounds=Bounds(0.6, 0.69, 0.59, 0.7))
    yield accuracy(TWO, "mrr", 0.75)
    yield accuracy("bm25", "hit@5", 1.0, truth="llm", struck=POOLED)
    yield accuracy(ONE, "recall@5", 1.0, "category=text", n=2)
    yield accuracy(ONE, "recall@5", 0.7, "category=latex", n=1)
    yield timing(ONE, "latency-p95", 30.54, bounds=Bounds(29.0, 31.5, 28.0, 32.0))
    yield timing(ONE, "latency-p95", 41.0, stratum="query=picture", n=20, bounds=UNBOUNDED)
    yield timing(ONE, "latency-mean", 23.2)
    yield timing(ONE, "throughput", 1843.2)
    yield timing(ONE, "vram-device", None, 0, "this machine has no GPU")
    yield timing(ONE, "stability", 1.0, 1000)
    yield timing(ONE, "drift", float("inf"), 1000)
    yield judged(ONE, "recall-at-5", State.MET, "recall@5", 0.9, 3, Bounds(0.81, 0.95, 0.8, 0.96), 0.8, 0.7)
    yield judged(ONE, "latency-p95", State.MET, "latency-p95", 30.54, 500, Bounds(29.0, 31.5, 28.0, 32.0), 200)
    yield judged(TWO, "recall-at-5", State.RULED_OUT, "recall@5", 2 / 3, 3, Bounds(0.6, 0.69, 0.59, 0.7), 0.8, 0.7)
    yield QueryScores(
        ONE, "labels", 2, ["Q0", "Q1"],
        {"hit@1": [0.0, None], "hit@3": [1.0, None], "hit@5": [1.0, None], "hit@10": [1.0, None],
         "mrr": [1 / 3, None], "ndcg@10": [0.5, None], "recall@1": [0.0, None], "recall@5": [0.75, None]},
        ["D1", "D1"],
    )  # fmt: skip
    yield Samples(ONE, "total", [20.0, 0.1 + 0.2])
    yield Finding("bm25", "cannot match 3 canary phrases, such as '분수|<b>'")
    yield Finding(TWO, "cannot match 3 canary phrases, such as '분수|<b>'")
    yield Finding(ONE, "this machine has no GPU")
    run = Run.of(("Q0", "Q1", "Q2"), ("D3", "D2", "D1", "D0"), np.array([[0, 1]] * 3), np.array([[2.0, 1.0]] * 3))
    yield Ranking.of(ONE, run)
    llm = GroundTruth("llm", {"Q0": {"D1": 1}}, 1, Provenance("llm", "a model", (Pool("bm25", 20),)))
    yield describe_truth(llm)
    yield Case(
        ONE, "labels", 2, "recall@5", 0.5, "Q1", (Place("D1", None, 3, True),), 0, (Place("D0", 1, None, False),)
    )


@pytest.fixture
def results(dataset, policy, systems):
    whole = Results(describe(dataset), policy, systems)
    whole.add(to_row(thing) for thing in things())
    return whole


@pytest.fixture
def cases(dataset, results):
    return Cases.of(dataset, results.cases)


@pytest.fixture
def kept(results, cases):
    """The same run as if it had been read from its folder."""
    return Stored(results, ENVIRONMENT, cases)
