"""What a terminal shows at the end of a run: everything in 100 columns, the verdicts last."""

import dataclasses

from harness.report.results import Results
from harness.report.rows import Finding, to_row
from harness.report.terminal import summary, unjudged

ONE, TWO = "qwen3-vl-2b+hybrid-a0.5", "qwen3-vl-2b+hybrid-a0.5+lexical"


def test_the_summary_fits_100_columns_and_ends_with_the_verdicts(results):
    text = summary(results)
    assert max(map(len, text.splitlines())) <= 100
    assert text.startswith("tiny is SYNTHETIC")
    assert text.rindex("verdicts under policy house on tiny") > text.rindex("criteria of policy house")
    for name in (ONE, TWO, "bm25", "random-walk"):
        assert name in text


def test_its_parts_stand_in_the_order_in_which_a_reader_needs_them(results):
    text = summary(results)
    parts = ["accuracy on labels", "by category on labels", "latency of one query", "throughput in batches",
             "stability over 1,000", "findings", "criteria of policy", "verdicts under policy"]  # fmt: skip
    places = [text.index(part) for part in parts]
    assert places == sorted(places)


def test_a_real_bank_is_not_called_synthetic(results):
    honest = Results(dataclasses.replace(results.dataset, synthetic=False), results.policy, results.systems)
    honest.add(to_row(measurement) for measurement in results.measurements)
    assert "SYNTHETIC" not in summary(honest)


def test_without_an_outcome_it_says_why_there_is_no_verdict(results):
    empty = Results(results.dataset, results.policy, results.systems)
    first, _, *rest = summary(empty).splitlines()
    assert first == "tiny is SYNTHETIC: no number here speaks of real items."
    assert " ".join(rest) == (
        "no verdict: no criterion was judged in this run (test_go_nogo was left out, or none of the candidates was "
        f"asked for: {ONE}, {TWO})"
    )


def test_where_nobody_is_a_candidate_that_is_the_reason(results):
    systems = {name: system for name, system in results.systems.items() if system.role != "candidate"}
    told = unjudged(Results(results.dataset, results.policy, systems))
    assert "there is no candidate; `candidates` in [grid] names them" in " ".join(told.split())


def test_what_comes_from_data_cannot_command_a_terminal(results):
    results.add([to_row(Finding("bm25", "\x1b[31mred\x1b[0m"))])
    renamed = Results(dataclasses.replace(results.dataset, name="ti\x1b]0;ny"), results.policy, results.systems)
    assert "\x1b" not in summary(results) + summary(renamed)
