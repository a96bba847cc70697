"""report.md: every block has its place on the page, nothing from data becomes markup."""

import dataclasses
import re
from itertools import pairwise

import pytest

from harness.report import markdown
from harness.report.blocks import Box, Bullets, Chapter, Command, Examples, Field, Figure, Manuscript, Section, Text
from harness.report.cases import Case, Cases, Place, Shown
from harness.report.drawing import Struck, Table
from harness.report.manuscript import written
from harness.report.rows import Finding, to_row
from harness.report.stored import Stored

EVIL = "<img src=x onerror=y> | [link](javascript:z)\n# heading `code` *bold* ~~gone~~ $x$ &amp;"


def page(*blocks, title="Section"):
    """The lines of a page of one section, without its headings."""
    text = markdown.report(Manuscript("Title", "en", (Chapter("Chapter", (Section(title, blocks),)),)))
    return text.removeprefix(f"# Title\n\n## 1. Chapter\n\n### {title}\n").splitlines()


@pytest.mark.parametrize(
    ("block", "lines"),
    [
        (Text("plain words"), ["", "plain words"]),
        (Text("a lead", "lead"), ["", "a lead"]),
        (Text("look out", "warning"), ["", "> **look out**"]),
        (Bullets(("a", "b")), ["", "- a", "- b"]),
        (Bullets(("a",), "why"), ["", "why:", "", "- a"]),
        (Command("pytest -k 'a_b'"), ["", "```sh", "pytest -k 'a_b'", "```"]),
        (Field("Name"), ["", "Name: ...................."]),
        (Field("Name", "Kim"), ["", "Name: Kim"]),
        (Figure("<svg/>", "a <picture>"), ["", "a \\<picture> (chart in report.html)"]),
        (Figure("<svg xmlns='http://www.w3.org/2000/svg'><title>a &lt; b</title></svg>", "a picture"),
         ["", "a \\< b: a picture (chart in report.html)"]),
        (Table("title", ("s", "n"), (("a", "1"),)), ["", "**title**", "", "| s | n |", "|:--|--:|", "| a | 1 |"]),
        (Table("", ("s", "n"), (("a", Struck("1")),)), ["", "| s |     n |", "|:--|------:|", "| a | ~~1~~ |"]),
    ],
    ids=lambda block: type(block).__name__,
)  # fmt: skip
def test_every_block_has_its_form(block, lines):
    assert page(block) == lines


def test_boxes_that_follow_each_other_are_one_table_and_say_why_below():
    boxes = Box("a", "GO", "Go!", "all is met", ()), Box("b", "NO-GO", "No!", "r ruled out", ("too slow", "too big"))
    lines = page(*boxes, Text("after"))
    assert [line for line in lines if line.startswith("|")] == [
        "| candidate | verdict | what stands in the way |",
        "|:----------|:--------|:-----------------------|",
        "| a         | Go!     | all is met             |",
        "| b         | No!     | r ruled out            |",
    ]
    assert lines[-7:] == ["", "b: No!:", "", "- too slow", "- too big", "", "after"]


CASES = Cases(
    (Case("bm25", "labels", 2, "recall@5", 0.0, "Q1", (Place("D1", None, 3, True), Place("D2", 7, 2, True)), 0,
          (Place("D9", 1, None, False), Place("D8", 2, None, False))),),
    {"Q1": Shown("Q1", "what is <x>", "")}, {}, {},
)  # fmt: skip


def test_an_error_case_is_told_in_words():
    assert page(Examples(CASES)) == [
        "", "**bm25**, Q1: what is \\<x>", "", "- expected: D1 (not found), D2 (rank 7)", "- found instead: D9, D8",
    ]  # fmt: skip


def test_a_section_without_blocks_is_left_out():
    sections = Section("empty", ()), Section("full", (Text("words"),))
    told = markdown.report(Manuscript("T", "en", (Chapter("A", sections), Chapter("B", ()))))
    assert told == "# T\n\n## 1. A\n\n### full\n\nwords\n\n## 2. B\n"


def test_a_block_of_another_kind_is_refused_by_name():
    with pytest.raises(NotImplementedError, match="^str$"):
        page("words")


@pytest.mark.parametrize(
    "block",
    [
        Text(EVIL), Text(EVIL, "warning"), Bullets((EVIL,), EVIL), Field(EVIL, EVIL), Table(EVIL, (EVIL,), ((EVIL,),)),
        Table("", ("n",), ((Struck(EVIL),),)), Box(EVIL, "GO", EVIL, EVIL, (EVIL,)),
        Examples(dataclasses.replace(CASES, queries={"Q1": Shown("Q1", EVIL, "")})),
        Examples(dataclasses.replace(CASES, cases=(dataclasses.replace(CASES.cases[0], system=EVIL, retrieved=(Place(EVIL, 1, 0, False),)),))),
    ],
    ids=lambda block: type(block).__name__,
)  # fmt: skip
def test_data_is_text_not_markup(block):
    text = "\n".join(page(block, title="Section"))
    bare = re.sub(r"\\.", "", text)
    assert not re.search(r"[<\[`$]", bare)
    assert "\n#" not in text
    assert "&amp;amp;" in text


def test_titles_are_data_too():
    told = markdown.report(Manuscript(EVIL, "en", (Chapter(EVIL, (Section(EVIL, (Text("x"),)),)),)))
    assert [line[:4] for line in told.splitlines() if line] == ["# \\<", "## 1", "### ", "x"]
    assert not re.search(r"[<\[`$]", re.sub(r"\\.", "", told))


def test_a_command_cannot_leave_its_fence():
    lines = page(Command("pytest -k 'a\n```\n# heading'"))
    assert [line for line in lines if line.startswith(("```", "#"))] == ["```sh", "```"]


@pytest.fixture
def whole(kept):
    return markdown.report(written(kept))


def test_every_pipe_table_of_a_whole_report_is_rectangular(whole):
    for above, line in pairwise(whole.splitlines()):
        if line.startswith("|") and above.startswith("|"):
            assert line.replace("\\|", "").count("|") == above.replace("\\|", "").count("|")


def test_the_chapters_are_numbered_and_the_verdict_comes_first(whole):
    assert [line for line in whole.splitlines() if line.startswith("## ")] == [
        "## 1. Summary", "## 2. Environment", "## 3. Accuracy", "## 4. System performance", "## 5. Analysis",
        "## 6. Recommendation", "## 7. Appendix",
    ]  # fmt: skip
    assert next(line for line in whole.splitlines() if line.startswith("### ")) == "### Verdict"
    assert "SYNTHETIC" in "\n".join(whole.splitlines()[:8])


def test_what_came_from_outside_is_escaped_wherever_it_ends_up(kept):
    kept.results.add([to_row(Finding("bm25", EVIL))])
    named = dataclasses.replace(kept.results.dataset, name="<b>bank", licence="[x](y)")
    other = Stored(dataclasses.replace(kept.results, dataset=named), kept.environment, kept.cases)
    told = markdown.report(written(other))
    outside = re.sub(r"```sh\n.*?\n```", "", told, flags=re.DOTALL)
    assert not re.search(r"<img|<b>|(?<!\\)\[", re.sub(r"\\.", "", outside))
    assert "A \\<fast> one" in told
