"""Every sentence that a report can say is there in Korean, with the same facts in it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from string import Formatter
from typing import get_args

import pytest

from harness import words as room
from harness.config import Report
from harness.errors import BadConfig
from harness.policy import Applies
from harness.report import lines, tables
from harness.report.book import timesheets, worksheets
from harness.report.chapters import analysis
from harness.verdict.outcomes import Decision, State
from harness.words import ENGLISH, TEMPLATES, Language, Words, words

HOUSE = Path(room.__file__).parent
SPEAKERS = {"words", "say"}
SPEAKING = re.compile(r"import .*\b(Words|words)\b")
FROM_DATA = {
    *(state.value for state in State),
    *(decision.value for decision in Decision),
    *filter(None, lines.ROLES),
    *get_args(Applies),
    *(grade for *_, grade in analysis.GRADES),
    *(name for names in (tables.LATENCY, tables.SIMILARITY, tables.VOLUME, tables.HEALTH) for name in names.values()),
    *(name for sheet in (timesheets, worksheets) for header in vars(sheet).values() if isinstance(header, tuple)
      for name in header if isinstance(name, str)),
    "all", "category", "subject", "not asked in this run",
}  # fmt: skip
"""What is said by looking it up: the words of a table, of which none stands where it is said."""

SAME = {"p50", "p95", "p99", "GPU", "p", ""}
"""What is the same in both languages, and need not be told."""


class Room:
    """One file of the house, and the texts that a name in it may stand for."""

    def __init__(self, path: Path) -> None:
        self.tree = ast.parse(path.read_text("utf-8"))
        self.module = import_module(".".join(path.relative_to(HOUSE.parent).with_suffix("").parts))

    def said(self) -> Iterator[str]:
        """Every text that a call of `words` or `say` may be given first."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Call) and node.args and _name(node.func) in SPEAKERS:
                yield from self.texts(node.args[0], frozenset())

    def texts(self, node: ast.expr, seen: frozenset[str]) -> Iterator[str]:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        elif isinstance(node, ast.IfExp):
            yield from (*self.texts(node.body, seen), *self.texts(node.orelse, seen))
        elif isinstance(node, ast.Tuple | ast.List | ast.Set):
            yield from (text for inner in node.elts for text in self.texts(inner, seen))
        elif isinstance(node, ast.Subscript):
            yield from self.texts(node.value, seen)
        elif isinstance(node, ast.Name) and node.id not in seen:
            yield from _told(getattr(self.module, node.id, None))
            yield from (text for given in self.given(node.id) for text in self.texts(given, seen | {node.id}))
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            yield from _told(getattr(getattr(self.module, node.value.id, None), node.attr, None))

    def given(self, name: str) -> Iterator[ast.expr]:
        """What is put into a name anywhere in the file, one by one where it is looped over."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Assign) and any(_name(target) == name for target in node.targets):
                yield node.value
            elif isinstance(node, ast.For | ast.comprehension) and _name(node.target) == name:
                yield node.iter
            elif isinstance(node, ast.For | ast.comprehension) and isinstance(node.target, ast.Tuple):
                yield from self.keys(node.iter) if _name(node.target.elts[0]) == name else ()

    def keys(self, node: ast.expr) -> Iterator[ast.expr]:
        """The keys of the table of which `facts.items()` goes through the lines."""
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "items":
            tables = (value for value in self.given(_name(node.func.value)) if isinstance(value, ast.Dict))
            yield from (key for value in tables for key in value.keys if key)


def _name(node: ast.expr) -> str:
    """Of `say` and of `self.say`: say."""
    if isinstance(node, ast.Name):
        return node.id
    return node.attr if isinstance(node, ast.Attribute) else ""


def _told(value: object) -> Iterator[str]:
    """The texts of a constant."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from (text for inner in value.values() for text in _told(inner))
    elif isinstance(value, tuple | list | set):
        yield from (text for inner in value for text in _told(inner))


def in_templates() -> Iterator[str]:
    """What the templates of the page say."""
    for path in TEMPLATES.rglob("*.jinja"):
        yield from re.findall(r"""\bsay\("((?:[^"\\]|\\.)*)\"""", path.read_text("utf-8"))


def said() -> set[str]:
    rooms = (Room(path) for path in HOUSE.rglob("*.py") if SPEAKING.search(path.read_text("utf-8")))
    return {text for found in rooms for text in found.said()} | set(in_templates()) | FROM_DATA


@pytest.fixture(scope="module")
def korean():
    return words("ko").table


def test_every_sentence_that_can_be_said_is_there_in_korean(korean):
    assert sorted(said() - set(korean) - SAME) == []


def test_no_sentence_is_kept_that_stands_nowhere_in_the_house(korean):
    """Whole, or where data name it: what is looked up is never put together out of parts."""
    written = set(in_templates()) | FROM_DATA
    for path in HOUSE.rglob("*.py"):
        nodes = ast.walk(ast.parse(path.read_text("utf-8")))
        written |= {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    assert sorted(set(korean) - written) == []


def fields(template):
    return sorted(name for _, name, _, _ in Formatter().parse(template) if name is not None)


def test_every_translation_holds_the_same_facts(korean):
    assert {key for key, told in korean.items() if fields(key) != fields(told)} == set()


def test_every_translation_of_a_word_is_korean(korean):
    """Signs, units and names need none."""
    foreign = {key for key, told in korean.items() if not re.search("[가-힣]", told)}
    worded = {key for key in foreign if re.search("[a-z]{3}", re.sub(r"\{\w+\}", "", key))}
    signs = {"{metric} minus {baseline}'s", "{own} minus {baseline}'s {theirs}", "{name} {before} and {after}"}
    assert worded <= signs


def test_the_sentences_that_are_looked_for_are_found():
    """The search itself: literals, constants of this and other rooms, headers that are looped over, both ways of an if."""
    assert {
        "Verdict", "Go, or No-Go? {dataset} under policy {policy}", "about {more} more calls like these would prove it",
        "relevant from grade", "verdicts by point estimates alone under policy {name} on {dataset}", "Signature",
        "{system}: No-Go. {why}.", "Skip to the report", "no criterion applies", "not a repository", "processor",
    } <= said()  # fmt: skip


# The room itself.


def test_english_is_the_key_and_its_facts_are_filled_in():
    assert ENGLISH("needs {bound}", bound=">= 0.8") == "needs >= 0.8"
    assert words("en") is ENGLISH


def test_another_language_has_the_same_facts_in_its_own_order():
    say = Words("ko", {"{own} minus {baseline}": "{baseline} 대비 {own}"})
    assert say("{own} minus {baseline}", own="0.9", baseline="bm25") == "bm25 대비 0.9"


def test_what_nobody_translated_stays_english():
    assert Words("ko", {})("needs {bound}", bound=1) == "needs 1"


@pytest.mark.parametrize("text", ["{", "}", "{0}", "{x!r}", "{x.__class__}", "a {b} c"])
def test_what_is_said_without_facts_may_have_braces_of_its_own(text):
    assert ENGLISH(text) == text
    assert Words("ko", {text: f"번역 {text}"})(text) == f"번역 {text}"


@pytest.mark.parametrize("value", ["{", "{bound}", "{0}"])
def test_a_fact_may_have_them_too(value):
    assert ENGLISH("needs {bound}", bound=value) == f"needs {value}"


def test_every_language_that_can_be_asked_for_has_its_words():
    assert set(get_args(Language)) == {"en", *(path.stem for path in (TEMPLATES / "words").glob("??.toml"))}
    for language in get_args(Language):
        assert words(language).language == language
        assert Report(language=language).language == language


def test_words_that_cannot_be_read_are_one_line(tmp_path, monkeypatch):
    monkeypatch.setattr(room, "TEMPLATES", tmp_path)
    with pytest.raises(BadConfig, match=r"ko\.toml: cannot be read: No such file or directory$"):
        words("ko")
    (tmp_path / "words").mkdir()
    (tmp_path / "words" / "ko.toml").write_text("a = ")
    with pytest.raises(BadConfig, match=r"ko\.toml: not TOML: "):
        words("ko")
