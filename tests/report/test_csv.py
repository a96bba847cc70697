"""The three CSV files, read back by the standard library's parser."""

import csv
from io import StringIO

import pytest

from harness.policy import Criterion
from harness.report import csv as written
from harness.report.results import Results
from harness.report.rows import to_row
from harness.verdict.measurement import Measurement

ONE = "qwen3-vl-2b+hybrid-a0.5"


def read(text):
    return list(csv.DictReader(StringIO(text)))


def test_accuracy_is_long_and_keeps_reasons(results):
    missing = Measurement(ONE, "recall@100", None, 0, "tiny", "labels", 2, reason='says nothing beyond "20", it\nsays')
    results.add([to_row(missing)])
    rows = read(written.accuracy(results))
    assert list(rows[0]) == [
        "system", "role", "dataset", "ground_truth", "level", "scenario", "stratum", "metric", "value", "n", "reason",
        "ceiling", "at_least", "at_most", "low", "high", "struck",
    ]  # fmt: skip
    assert len(rows) == 11
    assert rows[1] == {"system": "bm25", "role": "baseline", "dataset": "tiny", "ground_truth": "labels", "level": "2",
                       "scenario": "", "stratum": "all", "metric": "recall@5", "value": "0.6", "n": "3", "reason": "",
                       "ceiling": "1", "at_least": "", "at_most": "", "low": "", "high": "", "struck": ""}  # fmt: skip
    assert rows[-1]["value"] == ""
    assert rows[-1]["reason"] == missing.reason


def test_accuracy_has_the_ends_of_what_is_proven_and_why_a_value_is_struck(results):
    rows = {(row["system"], row["metric"], row["stratum"]): row for row in read(written.accuracy(results))}
    ends = ("value", "at_least", "at_most", "low", "high", "struck")
    assert [rows[ONE, "recall@5", "all"][end] for end in ends] == ["0.9", "0.81", "0.95", "0.8", "0.96", ""]
    assert [rows["bm25", "hit@5", "all"][end] for end in ends] == [
        "1", "", "", "", "", "by construction: its candidates were picked from the first 20 of bm25 itself",
    ]  # fmt: skip


def test_search_results_begin_with_the_columns_of_the_plan(results):
    text = written.search(results)
    assert text.splitlines()[0].startswith("query_id,model,top_1,top_3,top_5,top_10,mrr,ndcg_10,")
    first, second = read(text)
    plan = ("query_id", "model", "top_1", "top_3", "top_5", "top_10", "mrr", "ndcg_10")
    assert [first[name] for name in plan] == ["Q0", ONE, "0", "1", "1", "1", "0.333333", "0.5"]
    assert (first["ground_truth"], first["recall_5"], first["recall_20"]) == ("labels", "0.75", "")
    assert (second["query_id"], second["top_1"], second["mrr"]) == ("Q1", "", "")


def test_performance_results_begin_with_the_columns_of_the_plan(results):
    text = written.performance(results)
    assert text.splitlines()[0].startswith("model,latency_mean,latency_p95,throughput,vram_gb,")
    (row,) = read(text)
    assert [row[name] for name in ("model", "latency_mean", "latency_p95", "throughput")] == [
        ONE,
        "23.2",
        "30.54",
        "1843.2",
    ]
    assert row["vram_gb"] == "", "not measured is empty, never 0"


def test_vram_is_the_one_that_the_policy_judges_in_decimal_gigabytes(results):
    judged = Criterion(id="vram", metric="vram-reserved", go="8 GiB")
    policy = results.policy.model_copy(update={"criterion": [judged]})
    other = Results(results.dataset, policy, results.systems)
    other.add([to_row(Measurement(ONE, "vram-reserved", 4000.0, 1)), to_row(Measurement(ONE, "vram-device", 1.0, 1))])
    (row,) = read(written.performance(other))
    assert (row["vram_gb"], row["vram_meaning"]) == ("4.194304", "vram-reserved")
    assert (row["vram_reserved"], row["vram_device"]) == ("4000", "1")


@pytest.mark.parametrize(("value", "cell"), [(None, ""), (0.0, "0"), (1.0, "1"), (1 / 3, "0.333333"), (1200.0, "1200")])
def test_numbers_are_plain(results, value, cell):
    other = Results(results.dataset, results.policy, results.systems)
    other.add([to_row(Measurement(ONE, "latency-mean", value, 1))])
    assert read(written.performance(other))[0]["latency_mean"] == cell
