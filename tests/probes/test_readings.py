"""Every metric that is not an accuracy has a probe that answers for it."""

import numpy as np
import pytest

from harness.engine.reranking import Reordering
from harness.errors import NotMeasured
from harness.probes.canary import CASES, CanaryResult
from harness.probes.latency import Latency
from harness.probes.memory import Memory
from harness.probes.readings import READINGS
from harness.probes.stability import Stability
from harness.probes.throughput import Throughput
from harness.ranking.measures import MEASURES

LATENCY = Latency({"total": np.arange(1.0, 101.0), "search": np.arange(100.0) / 2}, np.zeros(100, bool), 8)
STABILITY = Stability(calls=200, failures=20, non_finite=4, drift=0.5, changed=3)


def test_the_table_is_the_vocabulary_without_accuracy():
    assert set(READINGS) == {name for name, measure in MEASURES.items() if measure.kind not in ("accuracy", "similarity")}


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
    assert READINGS[metric].read(result) == (pytest.approx(value), n)


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
