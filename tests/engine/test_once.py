"""Values computed once; errors too."""

import pytest

from harness.engine.once import Once
from harness.errors import BadOutput


def test_a_value_is_computed_once_per_key():
    once, asked = Once(), []
    assert [once(key, lambda: asked.append(1) or len(asked)) for key in ("a", "a", "b", "a")] == [1, 1, 2, 1]


def test_an_error_of_the_family_is_remembered_and_the_same_each_time():
    once, asked = Once(), []

    def fails():
        asked.append(1)
        raise BadOutput("no")

    errors = []
    for _ in range(3):
        with pytest.raises(BadOutput) as caught:
            once("a", fails)
        errors.append(caught.value)
    assert len(asked) == 1
    assert errors[0] is errors[1] is errors[2]


def test_a_mistake_of_the_house_is_not_remembered():
    once, answers = Once(), iter([KeyError("bug"), None])

    def compute():
        error = next(answers)
        if error:
            raise error
        return "value"

    with pytest.raises(KeyError):
        once("a", compute)
    assert once("a", compute) == "value"


def test_what_is_dropped_is_computed_again():
    once = Once()
    once(("e", 1), lambda: "old")
    once(("r", 1), lambda: "kept")
    once.drop(lambda key: key[0] == "e")
    assert once(("e", 1), lambda: "new") == "new"
    assert once(("r", 1), lambda: "new") == "kept"
