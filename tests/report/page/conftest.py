"""A chart as a reader takes it in: places on the paper, and values told from the marks of its axes."""

import xml.etree.ElementTree as ET

import numpy as np
import pytest


class Chart:
    """Every element with the place of its origin in the whole picture and the classes it stands in."""

    def __init__(self, svg):
        self.root = ET.fromstring(svg)
        self.everything = list(self._walk(self.root, 0.0, 0.0, ()))

    def _walk(self, element, x, y, classes):
        dx, dy = self._moved(element)
        classes = (*classes, *element.get("class", "").split())
        yield element, x + dx, y + dy, classes
        for child in element:
            yield from self._walk(child, x + dx, y + dy, classes)

    @staticmethod
    def _moved(element):
        if "transform" not in element.attrib:
            return 0.0, 0.0
        dx, dy = element.get("transform").removeprefix("translate(").removesuffix(")").split()
        return float(dx), float(dy)

    def of(self, *wanted):
        """(element, x, y) of what stands in all of these classes, the innermost first by its own."""
        return [
            (element, x, y)
            for element, x, y, classes in self.everything
            if set(wanted) <= set(classes) and wanted[-1] in element.get("class", "").split()
        ]

    def texts(self, kind):
        """(words, x, y, anchor) of the lines of text of a class."""
        return [
            (element.text, x + float(element.get("x")), y + float(element.get("y")), element.get("text-anchor"))
            for element, x, y in self.of(kind)
        ]

    def points(self, *wanted):
        """The corners [n, 2] of the only line or area of these classes."""
        ((element, x, y),) = self.of(*wanted)
        corners = [[float(end) for end in pair.split(",")] for pair in element.get("points").split()]
        return np.add(corners, (x, y))

    def markers(self, *wanted):
        """Where markers stand, legend apart: a legend's begin left of the plot's first mark, at a whole column."""
        return [(x, y) for _, x, y in self.of(*wanted, "marker") if y > self.top]

    @property
    def top(self):
        """The top of the axes: what is above is heading and legend."""
        return min(y for _, _, y, anchor in self.texts("tick") if anchor == "end") - 20

    def x(self, place, log=False):
        """The value at a place from the left, read between the labelled marks."""
        return self._read([(x, words) for words, x, _, anchor in self.texts("tick") if anchor == "middle"], place, log)

    def y(self, place, log=False):
        """The value at a place from the top."""
        marks = [(y - 5.5, words) for words, _, y, anchor in self.texts("tick") if anchor == "end"]
        return self._read(marks, place, log)

    @staticmethod
    def _read(marks, place, log):
        (first, *_, last) = sorted(marks)
        low, high = (float(words.replace(",", "").removesuffix("%")) for _, words in (first, last))
        if log:
            low, high = np.log10([low, high])
        value = low + (place - first[0]) / (last[0] - first[0]) * (high - low)
        return 10**value if log else value


@pytest.fixture
def read():
    return Chart
