"""Tables on paper: every column on one sheet, none wider than the paper, names of rows on all of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.report.drawing import Struck, Table
from harness.report.page.sheets import GAP, PAPER, SIZE, parts, sheets
from harness.report.page.svg import width

cells = st.lists(st.text("0123456789.+- abc@", max_size=40), min_size=1, max_size=30)


@given(cells, st.integers(1, 3))
def test_every_column_is_on_one_sheet_in_order_beside_the_names(row, labels):
    table = Table("t", tuple(f"c{n}" for n in range(len(row))), (tuple(row),), min(labels, len(row)))
    drawn = sheets(table)
    assert tuple(name for sheet in drawn for name in sheet.header[1:]) == table.header[1:]
    assert all(sheet.header[0] == "c0" and sheet.rows[0][0] == row[0] for sheet in drawn)


@given(st.lists(st.integers(1, 30), min_size=2, max_size=40))
def test_no_sheet_is_wider_than_paper_but_for_a_single_column_that_is(lengths):
    row = ("name", *("0" * length for length in lengths))
    for sheet in sheets(Table("t", tuple("h" * len(row)), (row,))):
        taken = sum(GAP + width(cell, SIZE) for cell in sheet.rows[0])
        assert taken <= PAPER or len(sheet.header) == 2


def test_what_fits_is_left_whole_and_no_sheet_is_begun_too_early():
    assert len(sheets(Table("t", ("a", "b"), (("x", "0.5"),)))) == 1
    one, two = sheets(Table("t", ("a", *"b" * 20), (("x", *["0" * 8] * 20),)))
    assert len(one.header) > len(two.header) > 1


def test_fifteen_metrics_with_their_intervals_take_two_sheets():
    names = ("system", "role", *(f"recall@{k}" for k in range(15)))
    row = ("char-hashing+hybrid-a0.5+lexical", "candidate", *["0.611 [0.555, 0.664]"] * 15)
    assert [len(sheet.header) for sheet in sheets(Table("t", names, (row,), labels=2))] == [9, 9]


def test_words_are_folded_not_split():
    table = Table("t", tuple("abcdefgh"), (("x " * 90,) * 8,), labels=8)
    assert sheets(table) == [table]
    assert len(sheets(Table("t", ("a", "b", "c", "d"), ((*["x " * 90] * 3, "0.5"),), labels=3))) == 1


def test_a_table_without_rows_is_a_sheet():
    assert len(sheets(Table("t", ("a", "b"), ()))) == 1


@pytest.mark.parametrize(
    ("cell", "value", "interval"),
    [
        ("0.611 [0.555, 0.664]", "0.611", "[0.555, 0.664]"),
        (Struck("-3 [-4, -2]"), "-3", "[-4, -2]"),
        ("0.611 met", "0.611 met", ""),
        ("not measured [x]", "not measured [x]", ""),
        ("0.6 [1] [2]", "0.6 [1] [2]", ""),
        ("", "", ""),
    ],
)
def test_a_cell_has_a_value_and_maybe_an_interval(cell, value, interval):
    assert parts(cell) == (value, interval)
