"""What is drawn: systems with a role, in the grid's colours, and nothing that does not count."""

import dataclasses

import pytest

from harness.grid.systems import System
from harness.report.chapters import figures
from harness.report.lines import Graded
from harness.report.results import Results
from harness.report.rows import to_row
from harness.verdict.measurement import Measurement
from harness.words import ENGLISH

LABELS = Graded("labels", 2)
ONE, TWO = "qwen3-vl-2b+hybrid-a0.5", "qwen3-vl-2b+hybrid-a0.5+lexical"


def row(system, metric, value, truth="labels", **more):
    return Measurement(system, metric, value, 3, "tiny", truth, 2, **more)


def with_rows(results, *rows):
    other = Results(results.dataset, results.policy, results.systems)
    other.add(map(to_row, rows))
    return other


CURVE = [row(ONE, f"recall@{k}", k / 20) for k in (1, 5, 10)]


def drawn(figure):
    """The words of the only picture, or nothing."""
    return "".join(found.svg for found in figure)


def test_recall_is_drawn_over_k_for_systems_with_a_role(results):
    rows = [*CURVE, *(dataclasses.replace(found, system="kure+rrf") for found in CURVE)]
    svg = drawn(figures.recall(with_rows(results, *rows), LABELS, ENGLISH))
    assert ONE in svg
    assert "kure+rrf" not in svg
    assert drawn(figures.recall(with_rows(results, *rows), Graded("llm", 1), ENGLISH)) == ""


@pytest.mark.parametrize("figure", [figures.recall, lambda *given: figures.trade_off(*given[:2], "recall@5", given[2])])
def test_what_was_picked_from_itself_is_not_drawn(results, figure):
    own = [dataclasses.replace(found, system=TWO, struck="picked from itself") for found in CURVE]
    timed = [Measurement(name, "latency-p95", 10.0, 500, "tiny") for name in (ONE, TWO)]
    svg = drawn(figure(with_rows(results, *CURVE, *own, *timed), LABELS, ENGLISH))
    assert f">{ONE}<" in svg
    assert TWO not in svg


def test_the_threshold_of_latency_is_that_of_the_policy(results, policy):
    assert "threshold" in drawn(figures.latency(results, ENGLISH))
    loose = policy.model_copy(update={"criterion": policy.criterion[:1]})
    other = Results(results.dataset, loose, results.systems)
    other.add(map(to_row, [*results.measurements, *results.samples]))
    assert drawn(figures.latency(other, ENGLISH))
    assert "threshold" not in drawn(figures.latency(other, ENGLISH))


def test_categories_are_groups_of_bars(results):
    rows = [row(ONE, "recall@5", 0.5, stratum="category=도형"), row(ONE, "recall@5", 0.7, stratum="subject=수학")]
    svg = drawn(figures.categories(with_rows(results, *rows), LABELS, "recall@5", ENGLISH))
    assert "도형" in svg
    assert "수학" not in svg


def test_nothing_to_see_is_no_figure(results):
    nothing = with_rows(results)
    assert not list(figures.recall(nothing, LABELS, ENGLISH))
    assert not list(figures.categories(nothing, LABELS, "recall@5", ENGLISH))
    assert not list(figures.latency(nothing, ENGLISH))
    assert not list(figures.trade_off(nothing, LABELS, "recall@5", ENGLISH))


def many(results, n):
    names = [f"model-{place}+dense" for place in range(n)]
    systems = {name: System("dense", name.removesuffix("+dense"), role="candidate") for name in names}
    other = Results(results.dataset, results.policy, systems)
    rows = [row(name, "recall@5", 0.9 - place / 100) for place, name in enumerate(names)]
    timed = [Measurement(name, "latency-p95", 10.0 + (place == 0), 500, "tiny") for place, name in enumerate(names)]
    other.add(map(to_row, [*rows, *timed]))
    return other


def test_systems_that_are_not_drawn_are_counted_in_the_caption(results):
    (whole,) = figures.trade_off(many(results, 8), LABELS, "recall@5", ENGLISH)
    (cut,) = figures.trade_off(many(results, 9), LABELS, "recall@5", ENGLISH)
    assert "Drawn are" not in whole.caption
    assert cut.caption.endswith(" Drawn are the first 8 of 9 systems.")


def test_the_front_is_named(results):
    """The first is the best, the second the best of the fastest."""
    (figure,) = figures.trade_off(many(results, 3), LABELS, "recall@5", ENGLISH)
    assert figure.caption.endswith(" On the front: model-0+dense, model-1+dense.")
