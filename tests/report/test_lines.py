"""A line per system, a cell per column: in the order of roles and of the grid, and empty cells say why."""

import dataclasses
import math

import pytest

from harness.report import lines
from harness.report.drawing import Struck
from harness.report.lines import accurate, bare, by_truth, cell, importance, role, table
from harness.report.results import Results
from harness.report.rows import to_row
from harness.statistics.intervals import Bounds
from harness.verdict.measurement import Measurement
from harness.words import Words

ONE, TWO = "qwen3-vl-2b+hybrid-a0.5", "qwen3-vl-2b+hybrid-a0.5+lexical"
NAMES = {"latency-p50": "p50", "latency-p95": "p95", "drift": "drift"}


def by_metric(row):
    return row.metric


def measured(system, metric, value, reason="", **more):
    return Measurement(system, metric, value, 3, "tiny", reason=reason, **more)


def test_systems_stand_by_role_and_then_as_the_grid_has_them(results):
    rows = [measured(name, "latency-p95", 1.0) for name in ("random-walk", "kure+rrf", "bm25", TWO, ONE)]
    assert [line[:2] for line in lines.lines(results, rows, ["latency-p95"], by_metric)] == [
        (ONE, "candidate"), (TWO, "candidate"), ("kure+rrf", "other"), ("bm25", "baseline"), ("random-walk", "chance"),
    ]  # fmt: skip


def test_a_system_beside_the_grid_stands_last_and_has_no_role(results):
    rows = [measured("somebody", "latency-p95", 1.0), measured(ONE, "latency-p95", 1.0)]
    assert [line[:2] for line in lines.lines(results, rows, ["latency-p95"], by_metric)] == [
        (ONE, "candidate"),
        ("somebody", ""),
    ]
    assert role(results, "somebody") == ""


def test_a_system_of_which_nothing_is_known_has_no_line(results):
    assert lines.lines(results, [], ["latency-p95"], by_metric) == ()


def test_what_was_not_asked_is_blank_and_what_could_not_be_had_is_not_measured(results):
    rows = [
        measured(ONE, "latency-p95", 30.54),
        measured(TWO, "latency-p95", None, "xdist"),
        measured(TWO, "drift", 0.0),
    ]
    columns = ["latency-p95", "drift"]
    assert [line[2:] for line in lines.lines(results, rows, columns, by_metric)] == [
        ("30.5", ""),
        ("not measured", "0"),
    ]
    told = lines.lines(results, rows, columns, by_metric, "never asked")
    assert [line[3] for line in told] == ["never asked", "0"]


@pytest.mark.parametrize(
    ("value", "metric", "shown"),
    [
        (0.0, "recall@5", "0.000"),
        (30.54, "latency-p95", "30.5"),
        (4433.0, "vram-device", "4,433"),
        (None, "mrr", "not measured"),
    ],
)
def test_a_cell_has_no_unit_and_0_is_a_value(value, metric, shown):
    assert cell(measured(ONE, metric, value, "why")) == shown


PROVEN = Bounds(0.5, 0.8, 0.4, 0.9)


@pytest.mark.parametrize(
    ("row", "plain", "intervals"),
    [
        (measured(ONE, "recall@5", 0.625, bounds=PROVEN), "0.625", "0.625 [0.400, 0.900]"),
        (measured(ONE, "recall@5", 0.625), "0.625", "0.625"),
        (measured(ONE, "latency-p95", 30.5, bounds=Bounds(1, 2, 28.0, math.inf)), "30.5", "30.5 [28.0, —]"),
        (measured(ONE, "recall@5", None, "why", bounds=PROVEN), "not measured", "not measured"),
    ],
)
def test_a_cell_has_its_two_sided_interval_only_if_asked(row, plain, intervals):
    assert (cell(row), cell(row, intervals=True)) == (plain, intervals)


def test_a_value_that_says_nothing_is_struck_with_its_interval():
    row = measured(ONE, "recall@5", 1.0, struck="picked from itself", bounds=PROVEN)
    for told, text in ((cell(row), "1.000"), (cell(row, intervals=True), "1.000 [0.400, 0.900]")):
        assert (type(told), told) == (Struck, text)
    assert type(cell(measured(ONE, "recall@5", 1.0))) is str


KOREAN = Words("ko", {"not measured": "미측정", "candidate": "후보", "system": "시스템", "role": "역할", "p95": "상위 95 %",
                      "no GPU": "GPU 없음", "{truth} (grade >= {level}, {n} queries)": "{truth}: 등급 {level} 이상, {n}개"})  # fmt: skip


def test_a_table_is_told_in_another_language(results):
    rows = [measured(ONE, "latency-p95", 1.0), measured(ONE, "drift", None, "no GPU")]
    (only,) = table(results, "title", rows, NAMES, by_metric, words=KOREAN)
    assert only.header == ("시스템", "역할", "상위 95 %", "drift")
    assert only.rows == ((ONE, "후보", "1.0", "미측정"),)
    assert only.note == "drift 미측정: GPU 없음"
    assert [title for title, _ in by_truth([accuracy(ONE, 0.5)], words=KOREAN)] == ["labels: 등급 2 이상, 3개"]


def test_only_the_unit_is_taken_away():
    assert (bare(8.0, "MiB"), bare(8.0, ""), bare(1500.0, "ms")) == ("8.0", "8.000", "1,500")


def test_columns_that_nobody_has_are_left_out_and_reasons_stand_below(results):
    rows = [
        measured(ONE, "latency-p95", 1.0),
        measured(TWO, "drift", None, "no GPU"),
        measured(ONE, "drift", None, "no GPU"),
    ]
    (only,) = table(results, "title", rows, NAMES, by_metric)
    assert (only.title, only.header) == ("title", ("system", "role", "p95", "drift"))
    assert only.note == "drift not measured: no GPU"


def test_each_reason_is_told_once_with_all_it_explains(results):
    reasons = {"latency-p95": "xdist", "latency-p50": "xdist", "drift": "broke"}
    rows = [measured(ONE, metric, None, reason) for metric, reason in reasons.items()]
    (only,) = table(results, "title", rows, NAMES, by_metric)
    assert only.note == "latency-p95, latency-p50 not measured: xdist; drift not measured: broke"


def test_nothing_known_is_no_table(results):
    assert list(table(results, "title", [], NAMES, by_metric)) == []


def test_what_is_accurate_was_judged_and_has_a_value(results):
    staged = accuracy(ONE, 0.5, scenario="S1")
    results.add(map(to_row, [staged, dataclasses.replace(staged, metric="recall@9", value=None, scenario=""),
                             dataclasses.replace(staged, metric="mrr", value=None)]))  # fmt: skip
    assert {row.scenario for row in accurate(results)} == {""}
    assert "recall@9" not in {row.metric for row in accurate(results)}
    assert "latency-p95" not in {row.metric for row in accurate(results)}
    assert accurate(results, staged=True) == [staged]


def accuracy(system, value, stratum="all", n=3, scenario="", level=2, truth="labels"):
    return Measurement(system, "recall@5", value, n, "tiny", truth, level, stratum, scenario=scenario)


def test_ground_truths_are_told_with_their_grade_and_how_many_queries_they_judge():
    whole = [
        accuracy(ONE, 0.5),
        accuracy(TWO, 0.5),
        accuracy(ONE, 0.5, level=3, n=2),
        accuracy(ONE, 0.5, truth="tf<b>", n=1200),
    ]
    assert {title: len(rows) for title, rows in by_truth(whole)} == {
        "labels (grade >= 2, 3 queries)": 2,
        "labels (grade >= 3, 2 queries)": 1,
        "tf<b> (grade >= 2, 1,200 queries)": 1,
    }
    parts = [accuracy(name, 0.5, f"category={c}", n) for name in (ONE, TWO) for c, n in (("text", 2), ("latex", 1))]
    assert [title for title, _ in by_truth(parts)] == ["labels (grade >= 2, 3 queries)"]


def test_what_a_narrow_terminal_must_show_comes_first():
    metrics = ["precision@5", "map", "recall@20", "recall@3", "mrr", "hit@5", "recall@5", "ndcg@10"]
    assert sorted(metrics, key=importance) == [
        "recall@5", "hit@5", "mrr", "ndcg@10", "map", "recall@3", "recall@20", "precision@5",
    ]  # fmt: skip


def test_lines_beside_the_grid_keep_the_order_in_which_they_were_measured(results):
    """Reports of one run must be equal however often they are written."""
    empty = Results(results.dataset, results.policy, {})
    names = [f"system-{n}" for n in (5, 3, 8, 1, 9, 2)]
    rows = [measured(name, "drift", 0.0) for name in names]
    assert [line[0] for line in lines.lines(empty, rows, ["drift"], by_metric)] == names
