"""Chapter 5: what pictures add, in the plan's words, and the queries that went wrong."""

import pytest

from harness.report.blocks import Bullets, Examples
from harness.report.cases import NO_CASES
from harness.report.chapters import analysis
from harness.statistics.intervals import Bounds
from harness.verdict.measurement import Measurement

ONE = "qwen3-vl-2b+hybrid-a0.5"


def gain(value, bounds=None, **where):
    return Measurement(ONE, "picture-gain", value, 27, "tiny", "labels", 2, bounds=bounds, **where)


@pytest.mark.parametrize(
    ("value", "grade"),
    [
        (0.2, "excellent"), (0.101, "excellent"), (0.8 - 0.7, "good"), (0.10, "good"), (0.07, "good"), (0.35 - 0.3, "good"),
        (0.05, "good"), (0.049, "weak"), (0.0, "weak"), (-0.3, "weak"),
    ],
)  # fmt: skip
def test_the_gain_from_pictures_has_the_grades_of_the_plan(section, rerun, value, grade):
    """Above 10 % excellent, 5 to 10 % good, below weak."""
    (bullets,) = section(analysis, "Gain from pictures", rerun(gain(value)))
    assert bullets == Bullets((f"{ONE} on labels: {value:.3f} points of recall@5, {grade}",))


def test_it_has_its_interval_and_speaks_of_all_queries(section, rerun):
    rows = gain(0.12, Bounds(0.01, 0.2, -0.01, 0.25)), gain(0.9, stratum="category=image")
    (bullets,) = section(analysis, "Gain from pictures", rerun(*rows))
    assert bullets.lines == (f"{ONE} on labels: 0.120 [-0.010, 0.250] points of recall@5, excellent",)


def test_without_pictures_there_is_no_gain(section, rerun):
    assert section(analysis, "Gain from pictures") == ()
    assert section(analysis, "Gain from pictures", rerun(gain(None))) == ()


def test_error_cases_are_shown_where_there_are_any(section, kept):
    assert section(analysis, "Error cases") == (Examples(kept.cases),)
    assert section(analysis, "Error cases", type(kept)(kept.results, kept.environment, NO_CASES)) == ()
