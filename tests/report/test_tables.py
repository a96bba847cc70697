"""The tables of a run whose every row was written by hand."""

from harness.report import tables
from harness.report.drawing import Struck
from harness.report.results import Results
from harness.report.rows import to_row
from harness.report.terminal import summary
from harness.verdict.measurement import Measurement
from harness.verdict.outcomes import Outcome, State
from harness.words import Words

ONE, TWO = "qwen3-vl-2b+hybrid-a0.5", "qwen3-vl-2b+hybrid-a0.5+lexical"


def cells(table):
    """{row name: {column: cell}}"""
    return {row[0]: dict(zip(table.header[1:], row[1:], strict=True)) for row in table.rows}


def test_accuracy_has_a_row_per_system_by_role_and_a_column_per_metric(results):
    table, _ = tables.accuracy(results)
    assert table.title == "accuracy on labels (grade >= 2, 3 queries)"
    assert table.header == ("system", "role", "recall@5", "mrr", "recall@50")
    assert [row[:2] for row in table.rows] == [
        (ONE, "candidate"),
        (TWO, "candidate"),
        ("bm25", "baseline"),
        ("random-walk", "chance"),
    ]
    assert cells(table)[ONE] == {"role": "candidate", "recall@5": "0.900", "mrr": "0.712", "recall@50": "1.000"}


def test_beyond_the_reranked_depth_the_cell_is_blank_not_lower(results):
    table, _ = tables.accuracy(results)
    assert cells(table)[TWO]["recall@50"] == ""


def test_what_a_perfect_ranking_reaches_stands_below_only_where_it_is_less_than_all(results):
    assert "(perfect ranking)" not in cells(next(tables.accuracy(results)))
    results.add([to_row(Measurement(ONE, "recall@1", 0.2, 3, "tiny", "labels", 2, ceiling=0.25))])
    assert cells(next(tables.accuracy(results)))["(perfect ranking)"]["recall@1"] == "0.250"


def test_strata_say_how_many_queries_they_hold(results):
    (table,) = tables.by_stratum(results, "recall@5")
    assert table.title == "recall@5 by category on labels (grade >= 2, 3 queries)"
    assert table.header == ("system", "role", "text (2)", "latex (1)")
    assert table.rows == ((ONE, "candidate", "1.000", "0.700"),)


def test_latency_has_its_stages_and_kinds_of_query_beside_it(results):
    latency, _ = tables.performance(results)
    assert cells(latency)[ONE] == {"role": "candidate", "p95": "30.5", "picture": "41.0", "mean": "23.2"}
    assert latency.title.startswith("latency of one query in ms (500 calls over 4 items")


def test_vram_without_a_gpu_is_not_measured_and_says_why(results):
    _, volume = tables.performance(results)
    assert cells(volume)[ONE] == {"role": "candidate", "items/s": "1,843", "VRAM": "not measured"}
    assert volume.note == "vram-device not measured: this machine has no GPU"


def test_vram_shows_the_meanings_that_anybody_has(results):
    results.add([to_row(Measurement("bm25", "vram-reserved", 4433.0, 1, "tiny"))])
    _, volume = tables.performance(results)
    assert cells(volume)["bm25"]["VRAM reserved MiB"] == "4,433"
    assert cells(volume)[ONE]["VRAM reserved MiB"] == "not measured"


def test_health_counts_the_calls(results):
    (table,) = tables.health(results)
    assert table.title.startswith("stability over 1,000 consecutive calls")
    assert cells(table)[ONE] == {"role": "candidate", "succeeded": "1.000", "drift": "inf"}


def test_the_criteria_matrix_shows_value_and_state_and_what_was_never_asked(results):
    (table,) = tables.criteria(results)
    assert table.header == ("criterion", ONE, TWO)
    assert table.rows == (
        ("recall-at-5", "0.900 met", "0.667 ruled out"),
        ("latency-p95", "30.5 ms met", "not measured"),
    )


def test_verdicts_say_what_stands_in_the_way(results):
    (table,) = tables.verdicts(results)
    assert table.rows == (
        (ONE, "GO", "every criterion is met"),
        (TWO, "NO-GO", "recall-at-5 ruled out; latency-p95 not measured"),
    )


def test_a_run_that_was_judged_by_point_estimates_says_so_above_its_verdicts(results):
    points = results.policy.model_copy(update={"point_estimates": True})
    other = Results(results.dataset, points, results.systems)
    other.add(map(to_row, results.outcomes))
    (plain,), (table,) = tables.verdicts(results), tables.verdicts(other)
    assert plain.title == "verdicts under policy house on tiny"
    assert table.title == "verdicts by point estimates alone under policy house on tiny"
    assert "by point estimates alone" in summary(other)
    assert "by point estimates alone" not in summary(results)


def test_below_the_verdicts_stands_once_why_something_was_not_measured(results):
    reason = "plugin x failed"
    results.add(
        to_row(Outcome(name, "latency-p95", State.NOT_MEASURED, "latency-p95", reason=reason)) for name in (ONE, TWO)
    )
    (table,) = tables.verdicts(results)
    assert table.note == "not measured: latency-p95: plugin x failed"


def test_intervals_stand_beside_accuracy_only_if_asked(results):
    plain, told = (cells(next(tables.accuracy(results, intervals=asked)))[ONE] for asked in (False, True))
    assert (plain["recall@5"], told["recall@5"]) == ("0.900", "0.900 [0.800, 0.960]")
    assert (plain["mrr"], told["mrr"]) == ("0.712", "0.712")


def test_on_a_truth_that_was_picked_from_a_system_its_own_values_are_struck(results):
    _, table = tables.accuracy(results)
    assert table.title == "accuracy on llm (grade >= 2, 3 queries)"
    (value,) = (row[2] for row in table.rows if row[0] == "bm25")
    assert (type(value), value) == (Struck, "1.000")
    assert "(1.000)" in summary(results)


KOREAN = Words("ko", {
    "system": "시스템", "role": "역할", "candidate": "후보", "accuracy on {truth}": "{truth} 정확도", "criterion": "기준",
    "met": "충족", "ruled out": "탈락", "not measured": "미측정", "verdict": "판정", "NO-GO": "불가", "GO": "가",
    "what stands in the way": "걸림돌", "every criterion is met": "모두 충족", "criteria of policy {name}": "{name} 기준",
    "verdicts under policy {name} on {dataset}": "{dataset}: {name} 판정",
    "{truth} (grade >= {level}, {n} queries)": "{truth}: 등급 {level} 이상, {n}개",
})  # fmt: skip


def test_tables_are_told_in_another_language(results):
    table, _ = tables.accuracy(results, KOREAN)
    assert (table.title, table.header[:2], table.rows[0][:2]) == (
        "labels: 등급 2 이상, 3개 정확도",
        ("시스템", "역할"),
        (ONE, "후보"),
    )
    (criteria,), (verdicts,) = tables.criteria(results, KOREAN), tables.verdicts(results, KOREAN)
    assert (criteria.title, criteria.rows[0]) == ("house 기준", ("recall-at-5", "0.900 충족", "0.667 탈락"))
    assert verdicts.title == "tiny: house 판정"
    assert verdicts.rows == ((ONE, "가", "모두 충족"), (TWO, "불가", "recall-at-5 탈락; latency-p95 미측정"))


def staged(system, scenario, value, stratum="all", n=3, metric="recall@5", truth="labels"):
    return to_row(Measurement(system, metric, value, n, "tiny", truth, 2, stratum, scenario=scenario))


def add_scenarios(results):
    results.add([
        staged(ONE, "S1", 0.5), staged(ONE, "S1", 0.75, "category=text", 2), staged(ONE, "S1", 0.0, "category=latex", 1),
        staged(ONE, "S1", 0.5, "subject=수학", 2), staged(ONE, "S1", 0.5, "subject=역사", 1),
        staged(ONE, "S3", 0.25, n=2), staged(ONE, "S3", 0.25, "category=text", 2), staged(ONE, "S1", 0.4, metric="mrr"),
        staged("random-walk", "S1", 0.1), staged(TWO, "S5", 0.9),
    ])  # fmt: skip


def test_scenarios_have_a_line_per_system_and_scenario_and_a_column_per_category(results):
    add_scenarios(results)
    (table,) = tables.scenarios(results)
    assert table.header == ("scenario", "system", "role", "all", "text", "latex")
    assert table.rows == (
        ("S1 (3)", ONE, "candidate", "0.500", "0.750", "0.000"),
        ("S1 (3)", "random-walk", "chance", "0.100", "", ""),
        ("S3 (2)", ONE, "candidate", "0.250", "0.250", ""),
        ("S5 (3)", TWO, "candidate", "0.900", "", ""),
    )


def test_scenarios_count_every_query_once(results):
    add_scenarios(results)
    (table,) = tables.scenarios(results)
    assert table.title == "recall@5 by scenario on labels (grade >= 2)"
    assert {row[0] for row in table.rows} == {"S1 (3)", "S3 (2)", "S5 (3)"}


def test_one_table_of_scenarios_per_ground_truth_and_only_those_that_are_judged(results):
    add_scenarios(results)
    results.add([staged(ONE, "S2", 0.5, truth="tf-idf")])
    assert [table.title.split(" on ")[1].split()[0] for table in tables.scenarios(results)] == ["labels", "tf-idf"]
    assert len(list(tables.scenarios(results, truths={"labels"}))) == 1


def test_scenarios_of_those_who_only_read_are_the_table_of_accuracy_again_and_left_out(results):
    results.add([staged(ONE, "S1", 0.5), staged("random-walk", "S3", 0.1)])
    assert list(tables.scenarios(results)) == []
    assert "by scenario" not in summary(results)


def test_what_scenarios_show_is_never_mixed_into_the_table_of_accuracy(results):
    before = summary(results)
    add_scenarios(results)
    assert [table.rows for table in tables.accuracy(results)] == [
        table.rows for table in tables.accuracy(fresh(results))
    ]
    assert [table.rows for table in tables.by_stratum(results, "recall@5")] == [
        table.rows for table in tables.by_stratum(fresh(results), "recall@5")
    ]
    after = summary(results)
    assert after != before
    assert "by scenario" in after
    assert max(map(len, after.splitlines())) <= 100


def fresh(results):
    """The same run without its scenarios."""
    plain = Results(results.dataset, results.policy, results.systems)
    plain.add(to_row(row) for row in results.measurements if not row.scenario)
    return plain


def test_that_a_reranker_changed_nothing_stands_in_the_table_of_health(results):
    results.add(
        [to_row(Measurement(TWO, "reorders", 0.0, 4, "tiny")), to_row(Measurement(TWO, "stability", 1.0, 1000, "tiny"))]
    )
    (table,) = tables.health(results)
    assert cells(table)[TWO]["reordered"] == "0.000"
    assert "reordered" in table.header
