"""report.html: the manuscript as one page that needs nothing else. Everything that comes from data is escaped."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from harness.report.blocks import Block, Examples, Manuscript, Section
from harness.report.drawing import Struck
from harness.report.page.album import album
from harness.report.page.passages import passage
from harness.report.page.sheets import parts, sheets
from harness.words import TEMPLATES, words

STYLES = ("charts.css", "passages.css", "page.css", "blocks.css", "paper.css")
"""In this order: the page sets what it shares with the others after them, and paper has the last word."""

_BREAKS_AFTER = "+/_@"
_JOINTS = re.compile(r"(?<=[<>=]) (?=-?\d)|(?<=\bn) (?==)|(?<=\d) (?=%|ms\b|[KMG]i?B\b)")
_HARD_SPACE = "\N{NO-BREAK SPACE}"
_KEPT = f"\n{_HARD_SPACE}"


def page(manuscript: Manuscript) -> str:
    """The whole page, in the language of the manuscript; the same manuscript gives the same page.

    Raises BadData for a picture of an error case that is none, BadConfig where the words cannot be read.
    """
    examples = [block for block in _blocks(manuscript) if isinstance(block, Examples)]
    return _environment(manuscript).get_template("page.html.jinja").render(
        manuscript=manuscript,
        style=Markup("\n").join(Markup(_style(name)) for name in STYLES),  # noqa: S704, it is ours
        album=album(block.cases for block in examples),
    )  # fmt: skip


def groups(section: Section) -> list[tuple[str, list[Block]]]:
    """Blocks of one kind that follow each other stand together: boxes, figures side by side, lines to sign."""
    return [(kind, list(blocks)) for kind, blocks in groupby(section.blocks, lambda block: type(block).__name__)]


def breakable(name: str) -> Markup:
    """A name that may go on in the next line after the signs that join its parts."""
    marks = (Markup("{}<wbr>").format(mark) if mark in _BREAKS_AFTER else escape(mark) for mark in legible(name))
    return Markup().join(marks)


def joined(sentence: str) -> str:
    """A sentence whose lines break neither in "n = 100" nor in ">= 0.500" nor in "95 %"."""
    return _JOINTS.sub(_HARD_SPACE, sentence)


def legible(value: Any) -> Any:
    """What is about to be written, without characters that no page can hold; lines stay lines."""
    if isinstance(value, Markup):
        return value
    return "".join(mark if mark.isprintable() or mark in _KEPT else " " for mark in str(value))


def _environment(manuscript: Manuscript) -> Environment:
    made = Environment(
        loader=FileSystemLoader(TEMPLATES / "report"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=legible,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    for name in (groups, sheets, parts, breakable, joined, passage):
        made.filters[name.__name__] = name
    made.tests["struck"] = lambda cell: isinstance(cell, Struck)
    made.globals["say"] = words(manuscript.language)
    return made


def _style(name: str) -> str:
    return (TEMPLATES / "report" / name).read_text(encoding="utf-8")


def _blocks(manuscript: Manuscript) -> Iterator[Block]:
    for chapter in manuscript.chapters:
        for section in chapter.sections:
            yield from section.blocks
