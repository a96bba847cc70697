"""Every metric that is not an accuracy has a probe that answers for it."""

import math

import numpy as np
import pytest
from scipy.stats import binomtest, quantile_test

from harness.engine.reranking import Reordering
from harness.errors import NotMeasured
from harness.probes.canary import CASES, CanaryResult
from harness.probes.latency import STAGES, Latency
from harness.probes.memory import Memory
from harness.probes.readings import READINGS
from harness.probes.stability import Stability
from harness.probes.throughput import Throughput
from harness.ranking.measures import MEASURES

LATENCY = Latency({"total": np.arange(1.0, 101.0), "search": np.arange(100.0) / 2}, np.zeros(100, bool), 8)
STABILITY = Stability(calls=200, failures=20, non_finite=4, drift=0.5, changed=3)


def test_the_table_is_the_vocabulary_without_accuracy():
    assert set(READINGS) == {
        name for name, measure in MEASURES.items() if measure.kind not in ("accuracy", "similarity")
    }


@pytest.mark.parametrize(
    ("metric", "result", "value", "n"),
    [
        ("latency-mean", LATENCY, 50.5, 100),
        ("latency-p50", LATENCY, 50.0, 100),
        ("latency-p95", LATENCY, 95.0, 100),
        ("latency-p99", LATENCY, 99.0, 100),
        ("search-p95", LATENCY, 47.0, 100),
        ("throughput", Throughput(7.5, 9.0, 4, 30, 40), 7.5, 30),
        ("throughput-query", Throughput(7.5, 9.0, 4, 30, 40), 9.0, 40),
        ("vram-allocated", Memory(1.0, 2.0, 3.0, 4.0), 1.0, 1),
        ("vram-reserved", Memory(1.0, 2.0, 3.0, 4.0), 2.0, 1),
        ("vram-process", Memory(1.0, 2.0, 3.0, 4.0), 3.0, 1),
        ("vram-device", Memory(1.0, 2.0, 3.0, 0.0), 0.0, 1),
        ("stability", STABILITY, 0.9, 200),
        ("non-finite", STABILITY, 4.0, 200),
        ("drift", STABILITY, 0.5, 200),
        ("canary", CanaryResult(0.75, ("power",)), 0.75, len(CASES)),
        ("reorders", Reordering(3, 12), 0.25, 12),
    ],
)
def test_a_value_and_its_count_are_read_off(metric, result, value, n):
    figure = READINGS[metric].read(result)
    assert (figure.value, figure.n) == (pytest.approx(value), n)


def test_a_percentile_comes_with_what_its_samples_prove_and_nothing_else_does():
    """The ends are those of scipy's quantile_test."""
    golden = {
        end: quantile_test(LATENCY.samples["total"], p=0.95, alternative=side).confidence_interval(0.95)
        for end, side in (("at_least", "greater"), ("at_most", "less"))
    }
    bounds = READINGS["latency-p95"].read(LATENCY).bounds
    assert (bounds.at_least, bounds.at_most) == (golden["at_least"].low, golden["at_most"].high)
    assert READINGS["latency-p99"].read(LATENCY).bounds.at_most == math.inf
    plain = {name for name in MEASURES if not MEASURES[name].sampled} & set(READINGS)
    assert {name for name in plain if READINGS[name].probe == "latency"} == {"latency-mean"}
    assert READINGS["latency-mean"].read(LATENCY).bounds is None


def test_a_rate_of_success_comes_with_its_exact_bounds():
    """The ends are those of scipy's binomtest."""
    bounds, golden = READINGS["stability"].read(STABILITY).bounds, binomtest(180, 200)
    assert (bounds.low, bounds.high) == pytest.approx(tuple(golden.proportion_ci(0.95, "exact")))
    assert bounds.at_least == pytest.approx(binomtest(180, 200, alternative="greater").proportion_ci(0.95, "exact").low)


@pytest.mark.parametrize("metric", [name for name, measure in MEASURES.items() if measure.percentile])
def test_every_percentile_names_the_stage_whose_samples_it_is_read_off(metric):
    stage = READINGS[metric].stage
    samples = {name: np.arange(100.0) for name in STAGES} | {stage: np.full(100, 7.5)}
    assert READINGS[metric].read(Latency(samples, np.zeros(100, bool), 8)).value == 7.5
    assert {name: reading.stage for name, reading in READINGS.items() if reading.stage} == {
        "latency-p50": "total", "latency-p95": "total", "latency-p99": "total",
        "encode-p95": "encode", "search-p95": "search", "rerank-p95": "rerank",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("metric", "result", "sentence"),
    [
        ("encode-p95", LATENCY, "the system has no encode stage"),
        ("rerank-p95", LATENCY, "the system has no rerank stage"),
        ("vram-process", Memory(1.0, 2.0, None, 4.0),
         "VRAM in the meaning 'process' is not available here; known: allocated, reserved, device"),
    ],
)  # fmt: skip
def test_what_cannot_be_had_is_not_measured(metric, result, sentence):
    with pytest.raises(NotMeasured) as caught:
        READINGS[metric].read(result)
    assert str(caught.value) == sentence
