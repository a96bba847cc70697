"""One row: a value with its unit, or the reason why there is none, and what its sample proves."""

import json
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import HarnessError
from harness.ranking.measures import MEASURES
from harness.statistics.intervals import Bounds
from harness.verdict.measurement import Measurement


@pytest.mark.parametrize(
    ("metric", "value", "unit", "shown"),
    [
        ("recall@5", 0.8125, "", "0.812"),
        ("latency-p95", 30.46, "ms", "30.5 ms"),
        ("vram-device", 4433.0, "MiB", "4,433 MiB"),
        ("vram-device", 0.0, "MiB", "0.0 MiB"),
        ("vram-device", None, "MiB", "not measured"),
    ],
)
def test_a_value_is_shown_with_its_unit_and_none_is_not_zero(metric, value, unit, shown):
    row = Measurement("s", metric, value, 1)
    assert (row.unit, row.shown) == (unit, shown)


def test_a_row_is_plain_data_with_its_unit():
    row = Measurement("s", "mrr", 0.5, 4, "d", "labels", 2, bounds=Bounds(0.1, 0.9, 0.0, 1.0), struck="why")
    assert row.row() == {
        "system": "s", "metric": "mrr", "value": 0.5, "n": 4, "dataset": "d", "ground_truth": "labels", "level": 2,
        "stratum": "all", "reason": "", "ceiling": None, "scenario": "", "unit": "", "struck": "why",
        "bounds": {"at_least": 0.1, "at_most": 0.9, "low": 0.0, "high": 1.0},
    }  # fmt: skip
    assert Measurement("s", "mrr", 0.5, 4).row()["bounds"] is None


ENDS = st.floats(allow_nan=False)


@given(st.builds(Bounds, ENDS, ENDS, ENDS, ENDS))
def test_bounds_that_were_written_as_text_are_bounds_again(bounds):
    """JSON has no number for infinity: `report.folder` writes the word."""
    row = Measurement("s", "latency-p95", 1.0, 4, bounds=bounds)
    plain = {name: value for name, value in row.row().items() if name != "unit"}
    words = json.loads(json.dumps({**plain, "bounds": {name: str(end) for name, end in plain["bounds"].items()}}))
    assert Measurement(**words) == row


def test_an_infinite_bound_is_infinite():
    bounds = Measurement(
        "s", "latency-p95", 1.0, 4, bounds={"at_least": "-inf", "at_most": "inf", "low": 0, "high": 1}
    ).bounds
    assert bounds == Bounds(-inf, inf, 0.0, 1.0)


def test_only_queries_and_calls_that_might_have_been_others_are_a_sample():
    """A peak and a count are what they are; everything that is a mean of queries or a percentile of calls is not."""
    sampled = {name for name, measure in MEASURES.items() if measure.sampled}
    assert sampled == {
        "recall", "hit", "precision", "mrr", "map", "ndcg", "judged", "picture-gain",
        "latency-p50", "latency-p95", "latency-p99", "encode-p95", "search-p95", "rerank-p95",
    }  # fmt: skip
    assert Measurement("s", "recall@5", 0.5, 1).sampled
    assert not Measurement("s", "stability", 1.0, 1000).sampled


def test_a_metric_outside_the_vocabulary_has_no_unit():
    with pytest.raises(HarnessError, match="unknown metric 'top@5'"):
        Measurement("s", "top@5", 0.5, 4).row()
