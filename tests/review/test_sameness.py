"""Two computations of one thing side by side: every leaf, whichever side lacks it; every character."""

from math import inf

import pytest

from harness.review.sameness import Differences


def compared(stored, again, slack=1e-9):
    found = Differences()
    found.compare("things", "here", stored, again, slack)
    return found


@pytest.mark.parametrize(
    ("stored", "again"),
    [
        ({"a": 1.0}, {"a": 1.0 + 1e-12}),
        ({"a": 1e6}, {"a": 1e6 + 1e-4}),
        ({"a": inf}, {"a": inf}),
        ({"a": "inf"}, {"a": inf}),
        ({"a": {"b": [1, None]}}, {"a": {"b": (1, None)}}),
        ({5: 1}, {"5": 1}),
        ({}, {}),
    ],
)
def test_what_is_the_same_is_counted(stored, again):
    found = compared(stored, again)
    assert (found.sentences, found.same) == ([], {"things": 1})


@pytest.mark.parametrize(
    ("stored", "again", "sentence"),
    [
        ({"a": 1.0}, {"a": 1.1}, "here: a is 1.0, computed again 1.1"),
        ({"a": inf}, {"a": 5.0}, "here: a is inf, computed again 5.0"),
        ({"a": 1}, {"a": None}, "here: a is 1, computed again None"),
        ({"a": {"b": [1, 2]}}, {"a": {"b": [1, 3]}}, "here: a.b.1 is 2, computed again 3"),
        ({"a": 1}, {"a": 1, "b": 2}, "here: b is None, computed again 2"),
        ({"a": 1, "b": 2}, {"a": 1}, "here: b is 2, computed again None"),
        (None, {"a": "GO"}, "here: a is None, computed again GO"),
    ],
)
def test_what_differs_is_named_with_both_values(stored, again, sentence):
    found = compared(stored, again)
    assert sentence in found.sentences
    assert found.same["things"] == 0


def test_two_texts_part_at_a_line():
    found = Differences()
    found.compare_text("files", "a.csv", "one\ntwo 2\n", "one\ntwo 2\n")
    found.compare_text("files", "b.csv", f"one\ntwo 2\n{'x' * 99}", f"one\ntwo 3\n{'x' * 99}")
    found.compare_text("files", "c.csv", "one\n", "one\ntwo\n")
    assert found.same == {"files": 1}
    assert found.sentences == [
        f"b.csv:2: is 'one\\ntwo 2\\n{'x' * 28}', made again 'one\\ntwo 3\\n{'x' * 28}'",
        "c.csv:2: is 'one\\n', made again 'one\\ntwo\\n'",
    ]
