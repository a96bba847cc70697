"""Plots: labels that fit, and a place for every value."""

from itertools import pairwise
from xml.etree.ElementTree import tostring

import pytest

from harness.report.page.axes import Axis
from harness.report.page.picture import WIDTH, Block, picture
from harness.report.page.plot import HEIGHT, Plot, Rule, sparse
from harness.report.page.svg import width


def plotted(rule=None, xs=(0, 10), ys=(0, 1), **parts):
    plot = Plot.of(Axis("across"), xs, Axis("up"), ys, **parts)
    return plot, picture("", "", plot.block(rule=rule))


def test_the_larger_value_stands_further_right_and_higher_up():
    plot, _ = plotted()
    (x, y), (further, higher) = plot.place(2, 0.2), plot.place(8, 0.8)
    assert x < further and higher < y
    assert plot.place(0, 0)[1] == HEIGHT and plot.place(0, 1)[1] == 0


def test_marks_are_labelled_where_their_values_stand(read):
    plot, svg = plotted()
    chart = read(svg)
    left = {words: x for words, x, _, anchor in chart.texts("tick") if anchor == "middle"}
    assert left["8"] - left["2"] == pytest.approx(plot.place(8, 0)[0] - plot.place(2, 0)[0], abs=0.02)
    tops = {words: y for words, _, y, anchor in chart.texts("tick") if anchor == "end"}
    assert tops["0.0"] - tops["1.0"] == pytest.approx(HEIGHT, abs=0.02)
    grid = sorted(y + float(line.get("y1")) for line, _, y in chart.of("grid"))
    assert grid == pytest.approx(sorted(top - 5.5 for top in tops.values()), abs=0.02)


def test_labels_do_not_touch_each_other():
    axis = Axis("", "log")
    scale = sparse(axis, [1, 1_000_000], 400)
    ends = [
        (scale(mark) * 400 - width(label) / 2, scale(mark) * 400 + width(label) / 2)
        for mark, label in zip(scale.marks, axis.labels(scale), strict=True)
    ]
    assert len(ends) > 2
    assert all(end < start for (_, end), (start, _) in pairwise(ends))
    assert len(sparse(axis, [1, 1_000_000], 200).marks) < len(scale.marks)


def test_long_labels_of_y_move_the_plot_and_not_out_of_the_picture(read):
    narrow, _ = plotted()
    wide, svg = plotted(ys=(0, 4e9))
    assert wide.width < narrow.width and wide.left > narrow.left
    for words, x, _, anchor in read(svg).texts("tick"):
        start = x - width(words) * {"end": 1, "middle": 0.5}[anchor]
        assert start >= -0.01 and start + width(words) <= WIDTH + 1


def test_a_margin_is_kept_free():
    free, _ = plotted(right=60)
    assert free.left + free.width == WIDTH - 60


def test_a_rule_stands_at_its_value_under_its_label(read):
    _, svg = plotted(Rule(4, "at four"))
    chart = read(svg)
    ((line, x, _),) = chart.of("rule")
    assert chart.x(x + float(line.get("x1"))) == pytest.approx(4, abs=0.02)
    assert line.get("x1") == line.get("x2")
    assert [words for words, *_ in chart.texts("note")] == ["at four"]


@pytest.mark.parametrize("at", [0, 10])
def test_the_label_of_a_rule_stays_in_the_picture(read, at):
    label = "a label as long as half of the picture"
    _, svg = plotted(Rule(at, label))
    ((words, x, _, _),) = read(svg).texts("note")
    assert words == label
    assert x - width(label) / 2 >= -0.01 and x + width(label) / 2 <= WIDTH + 0.01


def test_a_block_is_high_enough_for_a_long_label_of_x():
    def height(label):
        drawn = Plot.of(Axis(label), [0, 1], Axis("y"), [0, 1]).block()
        assert isinstance(drawn, Block)
        lowest = max(float(text.get("y")) for text in drawn.elements if text.get("class") == "label")
        assert lowest < drawn.height, tostring(drawn.elements[0])
        return drawn.height

    assert height("word " * 60) > height("word") > height("")
