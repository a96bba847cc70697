"""One row: a value with its unit, or the reason why there is none."""

import pytest

from harness.errors import HarnessError
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
    assert Measurement("s", "mrr", 0.5, 4, "d", "labels", 2, reason="").row() == {
        "system": "s", "metric": "mrr", "value": 0.5, "n": 4, "dataset": "d", "ground_truth": "labels", "level": 2,
        "stratum": "all", "reason": "", "ceiling": None, "scenario": "", "unit": "",
    }  # fmt: skip


def test_a_metric_outside_the_vocabulary_has_no_unit():
    with pytest.raises(HarnessError, match="unknown metric 'top@5'"):
        Measurement("s", "top@5", 0.5, 4).row()
