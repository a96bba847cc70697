"""Latencies: the empirical distribution, as somebody else's program gives it."""

import re

import numpy as np
import pytest
from scipy import stats

from harness.report.page.axes import Axis
from harness.report.page.latencies import FINEST, Steps, Timings, latencies
from harness.report.page.plot import Rule

MARKED = (Rule(0.5, "p50"), Rule(0.95, "p95"))
X, Y = Axis("ms", digits=1), Axis("share", percent=True)


def drawn(samples, x=X, **parts):
    return latencies([Timings("", list(samples))], x, Y, "t", "a", **parts)


def steps(chart, log=False):
    """(ms, share) after every step of the only curve."""
    ((path, x, y),) = chart.of("series-1", "line")
    pairs = re.findall(r"H([-\d.]+)V([-\d.]+)", path.get("d"))
    return [(chart.x(x + float(right), log), chart.y(y + float(up)) / 100) for right, up in pairs]


@pytest.mark.parametrize("n", [1, 2, 17, 200])
def test_every_step_of_a_short_series_is_there(read, n):
    samples = np.random.default_rng(n).uniform(40, 90, n)
    expected = stats.ecdf(samples).cdf
    found = np.array(steps(read(drawn(samples))))
    assert found == pytest.approx(np.column_stack([expected.quantiles, expected.probabilities]), abs=0.1)


def test_a_long_series_is_thinned_and_every_step_of_it_is_true(read):
    samples = np.random.default_rng(0).lognormal(4, 0.3, 5000)
    expected = stats.ecdf(samples).cdf
    found = np.array(steps(read(drawn(samples, x=Axis("ms", "log"))), log=True))
    assert 200 < len(found) <= FINEST + 1
    assert found[:, 1] == pytest.approx(expected.evaluate(found[:, 0] * 1.0005), abs=0.006)
    assert found[[0, -1], 0] == pytest.approx([samples.min(), samples.max()], rel=0.003)


def test_percentiles_are_those_of_the_nearest_rank(read):
    samples = np.random.default_rng(5).uniform(40, 90, 137)
    expected = np.percentile(samples, [50, 95], method="inverted_cdf")
    chart = read(drawn(samples, percentiles=MARKED))
    found = [(chart.x(x), chart.y(y)) for x, y in chart.markers("series-1")]
    assert [x for x, _ in found] == pytest.approx(expected, abs=0.1)
    assert [y for _, y in found] == pytest.approx([50, 95], abs=0.2)
    told = [element.text for element in chart.root.iter("title")]
    assert f", p95: {expected[1]:.1f}" in told


def test_guides_stand_at_their_shares_and_their_labels_apart(read):
    chart = read(drawn([1, 2, 3], percentiles=(Rule(0.99, "p99"), *MARKED)))
    heights = [chart.y(y + float(line.get("y1"))) for line, _, y in chart.of("guide")]
    assert heights == pytest.approx([99, 95, 50], abs=0.2)
    labels = {words: y for words, _, y, _ in chart.texts("note")}
    assert labels["p99"] + 16 <= labels["p95"] < labels["p50"]
    assert chart.y(labels["p50"] - 5.5) == pytest.approx(50, abs=0.2)


def test_a_call_without_an_answer_counts_and_is_not_drawn(read):
    chart = read(drawn([10, 20, 30, float("inf")], percentiles=MARKED))
    assert steps(chart)[-1] == pytest.approx((30, 0.75), abs=0.02)
    assert [chart.x(x) for x, _ in chart.markers("series-1")] == pytest.approx([20], abs=0.05)


def test_what_was_not_measured_does_not_count(read):
    assert steps(read(drawn([10, float("nan"), 20])))[0] == pytest.approx((10, 0.5), abs=0.02)


def test_the_threshold_stands_at_its_value_even_where_all_are_faster(read):
    chart = read(drawn([10, 20, 30], threshold=Rule(200, "200 ms")))
    ((line, x, _),) = chart.of("rule")
    assert chart.x(x + float(line.get("x1"))) == pytest.approx(200, abs=0.5)


def test_ranks_are_in_order_and_end_at_the_last():
    for n in (1, 2, 239, 240, 241, 1000):
        ranks = Steps("", tuple(range(n)), n).ranks()
        assert ranks[0] == 1 and ranks[-1] == n and ranks == sorted(set(ranks))
        assert len(ranks) == n or n > FINEST


@pytest.mark.parametrize("share", [0.07, 0.29, 0.57, 0.95])
def test_a_share_that_is_a_rank_is_that_rank(share):
    """100 x 0.07 is 7.000000000000001 to a computer, and the rank is still the seventh."""
    assert Steps("", tuple(range(1, 101)), 100).percentile(share) == round(share * 100)
