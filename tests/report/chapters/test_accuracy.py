"""Chapter 3: accuracy with its intervals, on the ground truths that count, and how to have it again."""

import dataclasses

import pytest

from harness.policy import Criterion
from harness.report.blocks import Command, Figure, Text
from harness.report.chapters import accuracy, analysis
from harness.report.drawing import Struck, Table
from harness.verdict.measurement import Measurement

ONE = "qwen3-vl-2b+hybrid-a0.5"


def tables(blocks):
    return [block for block in blocks if isinstance(block, Table)]


def row(value=0.5, metric="recall@5", truth="labels", **where):
    return Measurement(ONE, metric, value, 3, "tiny", truth, 2, **where)


def test_every_ground_truth_has_its_table_with_intervals_and_says_what_they_are(section):
    blocks = section(accuracy, "Accuracy by ground truth")
    labels, llm = tables(blocks)
    assert labels.title.startswith("accuracy on labels") and llm.title.startswith("accuracy on llm")
    assert labels.rows[0][2] == "0.900 [0.800, 0.960]"
    explained = [block.text for block in blocks if isinstance(block, Text)]
    assert explained == ["In brackets the 95 % interval: what other queries like these might have shown."]
    assert blocks[-1] == Command("pytest benchmarks/test_accuracy.py -k 'bm25 and not hybrid'")


def test_what_does_not_count_is_struck_in_the_table_and_absent_from_the_picture(section, kept):
    blocks = section(accuracy, "Accuracy by ground truth")
    _, llm = tables(blocks)
    assert [type(row[2]) for row in llm.rows if row[0] == "bm25"] == [Struck]
    (figure,) = (block for block in blocks if isinstance(block, Figure))
    assert ONE in figure.svg


def test_strata_are_shown_of_judged_ground_truths_only(section, rerun):
    known = rerun(row(stratum="category=text", truth="llm"), row(0.4, "mrr", stratum="category=text"))
    titles = [table.title for table in tables(section(accuracy, "By category and subject", known))]
    assert section(accuracy, "By category and subject", known)[-1].line.startswith(
        "pytest benchmarks/test_accuracy.py "
    )
    assert titles == [
        "recall@5 by category on labels (grade >= 2, 3 queries)", "mrr by category on labels (grade >= 2, 3 queries)",
    ]  # fmt: skip


def test_scenarios_are_shown_where_anyone_played_them_on_a_judged_truth(section, rerun):
    assert section(accuracy, "Scenarios") == ()
    assert section(accuracy, "Scenarios", rerun(row(scenario="S3", truth="llm"))) == ()
    table, command = section(accuracy, "Scenarios", rerun(row(scenario="S1"), row(0.25, scenario="S3")))
    assert [line[0] for line in table.rows] == ["S1 (3)", "S3 (3)"]
    assert command.line.startswith("pytest benchmarks/test_scenarios.py ")


def test_similarity_is_shown_of_whoever_embeds(section, rerun):
    assert section(accuracy, "Similarity") == ()
    table, command = section(accuracy, "Similarity", rerun(row(0.3, "margin")))
    assert table.title.startswith("similarity on labels")
    assert command.line.startswith("pytest benchmarks/test_accuracy.py ")


def pictured(kept, images=2):
    return dataclasses.replace(kept.results.dataset, images=images)


@pytest.mark.parametrize(("room", "title"), [(accuracy, "Scenarios"), (analysis, "Gain from pictures")])
def test_that_nobody_sees_the_pictures_there_are_is_said(section, rerun, kept, room, title):
    blind, seen = row(scenario="S1"), row(0.25, scenario="S3")
    by_chance = dataclasses.replace(seen, system="random-walk")
    said = (Text("not measured: no system here sees pictures"),)
    assert section(room, title, rerun(blind, by_chance, dataset=pictured(kept))) == said
    assert section(room, title, rerun(blind, dataset=pictured(kept, 0))) == (), "there are no pictures"
    assert section(room, title, rerun(dataset=pictured(kept))) == (), "nobody played"
    assert section(room, title, rerun(blind, seen, dataset=pictured(kept))) != said


def test_a_criterion_with_a_grade_of_its_own_is_drawn_from_that_grade_on(section, rerun, kept):
    """0.15 from grade 3 on, and 0.9 from the truth's own on."""
    strict = Criterion(id="strict", metric="recall@5", ground_truth="labels", relevance=3, go="50 %")
    policy = kept.results.policy.model_copy(update={"criterion": [*kept.results.policy.criterion, strict]})
    more = [dataclasses.replace(row(value, f"recall@{k}"), level=3) for k, value in ((5, 0.15), (10, 0.25))]
    blocks = section(accuracy, "Accuracy by ground truth", rerun(*more, policy=policy))
    own, graded = (block.svg for block in blocks if isinstance(block, Figure))
    assert "recall@k on labels (grade &gt;= 2)" in own and "recall@k on labels (grade &gt;= 3)" in graded
    assert ("0.900" in own, "0.150" in own) == (True, False)
    assert ("0.900" in graded, "0.150" in graded) == (False, True)


@pytest.mark.parametrize("title", ["Accuracy by ground truth", "By category and subject", "Scenarios", "Similarity"])
def test_where_nothing_was_measured_there_is_nothing_to_read(section, empty, title):
    assert section(accuracy, title, empty) == ()


def test_the_judged_ground_truths_are_those_of_the_policy_in_its_order(kept):
    assert accuracy.judged_truths(kept.results) == [("labels", 2)]
