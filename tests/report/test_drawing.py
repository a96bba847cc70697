"""Tables as text and as pipes: nothing is cut, nothing from data becomes markup."""

import re
from unicodedata import east_asian_width

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.report.drawing import Struck, Table, escape, printable, wrapped

WIDE = Table("title", ("system", *(f"metric@{n}" for n in range(20))), (("a-name", *["0.500"] * 20),))


def widths(text):
    return [len(line) for line in text.splitlines()]


def test_columns_that_do_not_fit_are_left_out_from_the_right():
    header = WIDE.text(60).splitlines()[1].split()
    assert header == ["system", "metric@0", "metric@1", "metric@2", "metric@3", "metric@4"]
    assert max(widths(WIDE.text(60))) <= 60


def test_a_name_is_never_cut():
    name = "qwen3-vl-2b+hybrid-a0.5+a-reranker-with-a-very-long-name"
    table = Table("", ("system", "role", "mrr", "map"), ((name, "candidate", "0.5", "0.6"),), labels=2)
    lines = table.text(40).splitlines()
    assert name in lines[2]
    assert lines[0].split() == ["system", "role", "mrr"]


def test_blocks_leave_nothing_out_and_repeat_the_name():
    text = WIDE.blocks(60)
    assert re.findall(r"metric@\d+", text) == [f"metric@{n}" for n in range(20)]
    assert text.count("a-name") == text.count("system") == 5
    assert max(widths(text)) <= 60


def test_a_table_of_words_wraps_its_last_column():
    table = Table("", ("candidate", "why"), (("bm25", "words " * 40),), labels=2)
    assert max(widths(table.text(80))) <= 80
    assert table.text(80).count("words") == 40


def test_numbers_keep_their_digits_and_stand_right():
    text = Table("", ("system", "mrr"), (("a", "0.500"), ("b", "12,345"))).text()
    assert [line[-6:] for line in text.splitlines()[2:]] == [" 0.500", "12,345"]


def test_korean_columns_stay_aligned_on_a_terminal():
    text = Table("", ("system", "수학 (3)", "mrr"), (("a", "0.1", "0.2"),)).text()
    shown = [sum(2 if east_asian_width(mark) == "W" else 1 for mark in line) for line in text.splitlines()]
    assert len(set(shown)) == 1


def test_a_cell_cannot_break_out_of_its_pipe_table():
    table = Table("", ("system", "mrr"), (("a|b\n<script>`x`", "1"),))
    lines = table.markdown().splitlines()
    assert len(lines) == 3
    assert "\\|" in lines[2] and "\\<script>" in lines[2] and "\\`x\\`" in lines[2]


def test_terminal_commands_in_names_are_defused():
    assert "\x1b" not in Table("", ("system", "mrr"), (("\x1b[31mred", "1"),)).text()


@given(st.text())
def test_escaped_text_is_one_line_and_loses_no_letter(text):
    told = escape(text)
    assert len(told.splitlines()) <= 1
    assert told.replace("\\", "").replace("&amp;", "&") == printable(text).replace("\\", "")


@pytest.mark.parametrize("mark", list("\\`*_~[]<|$"))
def test_every_mark_is_preceded_by_an_odd_number_of_backslashes(mark):
    assert escape(f"a{mark}b") == f"a\\{mark}b"


@given(st.lists(st.text("abc", min_size=1, max_size=30), min_size=1), st.integers(30, 100))
def test_wrapping_keeps_words_and_width(words, width):
    lines = wrapped(" ".join(words), width, "  ").splitlines()
    assert " ".join(lines).split() == words
    assert max(map(len, lines)) <= max(width, 32)


# Numbers that do not count.

STRUCK = Table("", ("system", "role", "hit@5", "mrr"), (("bm25", "baseline", Struck("1.000"), "0.5"), ("a", "other", "0.9", "0.25")),
               labels=2)  # fmt: skip


def test_what_does_not_count_is_struck_through_on_a_page_and_in_brackets_on_a_terminal():
    assert [cell.strip() for cell in STRUCK.markdown().splitlines()[2].split("|")][1:-1] == [
        "bm25",
        "baseline",
        "~~1.000~~",
        "0.5",
    ]
    first, second = STRUCK.text().splitlines()[2:]
    assert first.split() == ["bm25", "baseline", "(1.000)", "0.5"]
    assert second.split() == ["a", "other", "0.9", "0.25"]
    assert "(1.000)" in STRUCK.blocks(40)


def test_it_stays_struck_however_the_table_is_cut():
    table = STRUCK.printable().columns(0, 2)
    assert [type(cell) for row in table.rows for cell in row] == [str, Struck, str, str]
    assert type(printable(Struck("1\n2"))) is Struck
    words = Table("", ("system", "hit@5"), (("bm25", Struck("1.000")),), labels=2)
    assert words.text().splitlines()[2].split() == ["bm25", "(1.000)"]


def test_only_what_is_struck_looks_struck():
    assert escape("~~1.000~~") == "\\~\\~1.000\\~\\~"
    assert escape(Struck("a|b~")) == "~~a\\|b\\~~~"


def test_the_width_counts_the_brackets():
    table = Table("", ("s", "a", "b"), (("x", Struck("1" * 20), Struck("2" * 20)),))
    for width in range(30, 60):
        assert max(widths(table.text(width))) <= width
