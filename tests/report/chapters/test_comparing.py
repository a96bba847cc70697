"""The comparisons of the analysis: which values they are made of, and what their columns say."""

import pytest
from runs import BASE, ONE, scores, stored

from harness.policy import Criterion
from harness.report.chapters import analysis, comparing
from harness.report.drawing import Table
from harness.words import ENGLISH

OWN = Criterion(id="own", metric="recall@5", ground_truth="labels", go="50 %")
STRICT = Criterion(id="strict", metric="recall@5", ground_truth="labels", relevance=3, go="50 %")
GOOD, BAD = [1.0] * 12, [0.0] * 12


def run(*criteria):
    """From grade 2 on the candidate finds everything and the baseline nothing, from grade 3 on it is the reverse."""
    things = [
        scores(ONE, recall_5=GOOD), scores(BASE, recall_5=BAD),
        scores(ONE, level=3, recall_5=BAD), scores(BASE, level=3, recall_5=GOOD),
    ]  # fmt: skip
    return stored(things, criteria=criteria)


def drawn(kept, title="Comparisons"):
    (found,) = (section for section in analysis.chapter(kept, ENGLISH).sections if section.title == title)
    return [block for block in found.blocks if isinstance(block, Table)]


@pytest.mark.parametrize(
    ("asked", "level", "mean"), [(OWN, 2, "1.000 "), (STRICT, 3, "-1.000 ")], ids=["own", "strict"]
)
def test_systems_are_compared_from_the_grade_on_that_is_asked(asked, level, mean):
    (table,) = drawn(run(asked))
    assert table.title == f"recall@5 on labels (grade >= {level}) against bm25"
    assert table.rows[0][2].startswith(mean)


def test_two_grades_are_two_comparisons_and_the_same_one_twice_is_one():
    same = STRICT.model_copy(update={"id": "same", "relevance": 2})
    assert [table.title for table in drawn(run(OWN, STRICT, same))] == [
        "recall@5 on labels (grade >= 2) against bm25", "recall@5 on labels (grade >= 3) against bm25",
    ]  # fmt: skip


def test_a_ground_truth_of_one_grade_needs_no_name_for_it():
    kept = stored([scores(ONE, recall_5=GOOD), scores(BASE, recall_5=BAD)], criteria=[OWN])
    assert [table.title for table in drawn(kept)] == ["recall@5 on labels against bm25"]


def test_what_is_adjusted_stands_beside_it():
    """One comparison: the larger p itself."""
    (table,) = drawn(run(OWN))
    told = dict(zip(table.header, table.rows[0], strict=True))
    ((_, found),) = comparing.held(run(OWN).results)
    difference = found.rows[0].difference
    assert (told["p"], told["p of the bound"]) == (f"{difference.p:.4f}", f"{difference.p_bound:.4f}")
    assert told["p adjusted"] == f"{max(difference.p, difference.p_bound):.4f}"


def test_the_command_gives_the_values_again():
    (section,) = (part for part in analysis.chapter(run(OWN), ENGLISH).sections if part.title == "Comparisons")
    assert section.blocks[-1].line == "pytest benchmarks/test_accuracy.py"
