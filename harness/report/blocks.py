"""What a report is made of, before anybody decides how it looks: chapters of blocks; tables are `drawing.Table`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from harness.report.cases import Cases
from harness.report.drawing import Table
from harness.words import Language

Tone = Literal["plain", "lead", "warning"]


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph; a lead says the answer in one line, a warning is what nobody may miss."""

    text: str
    tone: Tone = "plain"


@dataclass(frozen=True, slots=True)
class Bullets:
    """Sentences that belong together, under a line that says how."""

    lines: tuple[str, ...]
    title: str = ""


@dataclass(frozen=True, slots=True)
class Command:
    """The command line that gives the numbers above again."""

    line: str


@dataclass(frozen=True, slots=True)
class Figure:
    """A chart as SVG, with the sentence that says what it shows; what cannot draw shows its name and the sentence."""

    svg: str
    caption: str


@dataclass(frozen=True, slots=True)
class Examples:
    """Queries that went wrong, beside the items they are about."""

    cases: Cases


@dataclass(frozen=True, slots=True)
class Field:
    """What its owner fills in; blank until then."""

    label: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class Box:
    """The answer for one candidate, to be seen before anything else."""

    system: str
    decision: str
    word: str
    """the decision in the reader's language"""
    why: str
    sentences: tuple[str, ...]


Block: TypeAlias = Text | Bullets | Command | Figure | Examples | Field | Box | Table


@dataclass(frozen=True, slots=True)
class Section:
    """Blocks under a heading; without any block it is left out."""

    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Chapter:
    """A numbered part of the report."""

    title: str
    sections: tuple[Section, ...]


@dataclass(frozen=True, slots=True)
class Manuscript:
    """The whole report in one language."""

    title: str
    language: Language
    chapters: tuple[Chapter, ...]
