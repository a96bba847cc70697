"""report.md: the verdict first, everything said, nothing from data becomes markup."""

import dataclasses
from itertools import pairwise

import pytest

from harness.report import markdown
from harness.report.results import Finding, Results, to_row
from harness.verdict.measurement import Measurement

ONE, TWO = "qwen3-vl-2b+hybrid-a0.5", "qwen3-vl-2b+hybrid-a0.5+lexical"
ENVIRONMENT = {
    "python": "3.12.1",
    "machine": {"platform": "Linux", "cpu": "A <fast> one", "cores": 8, "memory_gib": 31.2},
    "gpus": [{"name": "H200", "memory_mib": 143771, "driver": "570.1"}],
    "git": {"commit": "abc123", "dirty": True},
    "packages": {"numpy": "2.0"},
}


@pytest.fixture
def page(results):
    return markdown.report(results, ENVIRONMENT, ["pytest", "benchmarks/", "-k", "bm25 and not hybrid"])


def test_the_sections_stand_in_the_order_of_decisions(page):
    headings = [line.removeprefix("## ") for line in page.splitlines() if line.startswith("## ")]
    assert headings == [
        "Verdict",
        "Findings",
        "What was not measured, and why",
        "What Go means here",
        "Accuracy",
        "By category and subject",
        "Performance",
        "Stability",
        "Systems",
        "Dataset",
        "Environment",
        "Reproduce",
    ]


def test_synthetic_is_said_in_the_first_lines_and_only_where_it_is_true(page, results):
    assert "**SYNTHETIC.**" in "\n".join(page.splitlines()[:3])
    real = Results(dataclasses.replace(results.dataset, synthetic=False), results.policy, results.systems)
    assert "SYNTHETIC" not in markdown.report(real, ENVIRONMENT, [])


def test_the_verdict_counts_names_and_explains(page):
    assert "**1 of 2 candidates: GO.**" in page
    assert "0.667 ruled out" in page
    assert f"{TWO} is NO-GO:" in page
    assert f"{ONE} is" not in page


def test_the_policy_says_thresholds_with_their_direction(page):
    policy = page[page.index("## What Go means here") : page.index("## Systems")].replace("\\", "")
    recall, latency = (line for line in policy.splitlines() if line.startswith(("| recall-at-5", "| latency-p95")))
    assert [cell.strip() for cell in recall.split("|")][2:6] == ["recall@5", "labels", ">= 80 %", "< 70 %"]
    assert [cell.strip() for cell in latency.split("|")][2:6] == ["latency-p95", "", "<= 200 ms", ""]


def test_a_run_without_criteria_says_that_there_is_no_verdict(results):
    empty = Results(results.dataset, results.policy, results.systems)
    assert "No verdict: no criterion was judged" in markdown.report(empty, ENVIRONMENT, [])


def test_data_is_text_not_markup(results):
    results.add([to_row(Finding(ONE, "<img src=x onerror=y> | [link](javascript:z)\n# heading"))])
    page = markdown.report(results, ENVIRONMENT, [])
    assert "\\<img" in page and "\\[link\\]" in page and "\n# heading" not in page
    assert "A \\<fast> one" in page


def test_the_command_can_be_typed_again_and_keeps_secrets(page, results):
    assert "pytest benchmarks/ -k 'bm25 and not hybrid'" in page
    told = markdown.report(results, ENVIRONMENT, ["pytest", "--api-key", "hunter2"])
    assert "hunter2" not in told and "--api-key" in told


def test_every_pipe_table_is_rectangular(page):
    lines = page.splitlines()
    for above, line in pairwise(lines):
        if line.startswith("|") and above.startswith("|"):
            assert line.replace("\\|", "").count("|") == above.replace("\\|", "").count("|")


def with_scenarios(results):
    values = {"S1": 0.5, "S3": 0.25}
    rows = (Measurement(ONE, "recall@5", value, 3, "tiny", "labels", 2, scenario=name) for name, value in values.items())
    results.add(map(to_row, rows))
    return markdown.report(results, ENVIRONMENT, [])


def test_scenarios_have_a_section_where_anyone_played_them(results, page):
    assert "## Scenarios" not in page
    told = with_scenarios(results)
    section = told[told.index("## Scenarios") : told.index("## Performance")]
    assert "S1 (3)" in section and "S3 (3)" in section and ONE in section.replace("\\", "")


def test_scenarios_of_ground_truths_that_nobody_judges_are_left_to_the_csv(results):
    results.add([to_row(Measurement(ONE, "recall@5", 0.5, 3, "tiny", "tf-idf", 2, scenario="S3"))])
    assert "## Scenarios" not in markdown.report(results, ENVIRONMENT, [])


COMPONENTS = [
    {"kind": "embedder", "name": "qwen3-vl-2b", "revision": "abc", "licence": "Apache-2.0", "dummy": True,
     "options": {"pooling": "last", "device": "", "max_pixels": "1,003,520|x"}},
    {"kind": "retriever", "name": "dense", "revision": "1", "licence": "", "options": {}},
]  # fmt: skip


def test_components_say_which_they_were_and_that_random_weights_were_random(results):
    told = markdown.report(results, {**ENVIRONMENT, "components": COMPONENTS}, [])
    section = told[told.index("## Systems") : told.index("## Dataset")]
    (qwen,) = (line for line in section.splitlines() if line.startswith("| qwen3-vl-2b ") and "embedder" in line.split("|")[2])
    told_of = [cell.strip() for cell in qwen.replace("\\|", "¦").split("|")][2:6]
    assert told_of == ["embedder", "abc (random weights)", "pooling=last, max\\_pixels=1,003,520¦x", "Apache-2.0"]
    (dense,) = (line for line in section.splitlines() if line.startswith("| dense "))
    assert "random weights" not in dense


def test_the_page_with_everything_is_still_rectangular(results):
    told = with_scenarios(results) + markdown.report(results, {**ENVIRONMENT, "components": COMPONENTS}, [])
    test_every_pipe_table_is_rectangular(told)
