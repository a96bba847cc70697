"""Messages: what goes over the wire is what was meant, and what comes back is put in order or refused."""

from __future__ import annotations

import base64
import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from harness.engine.messages import by_index, filled, numbers, parts, picture_url, slices
from harness.errors import BadOutput


@given(st.permutations(range(6)))
def test_rows_come_back_in_the_order_of_their_index(order):
    rows = [{"index": index, "score": index / 10} for index in order]
    assert by_index(rows, "score", 6, "server x") == [0.0, 0.1, 0.2, 0.3, 0.4, 0.5]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (None, "server x answered without a list of rows that have 'index' and 'score'"),
        ({"index": 0}, "server x answered without a list of rows that have 'index' and 'score'"),
        ([{"index": 0}], "server x answered without a list of rows that have 'index' and 'score'"),
        (["a", "b"], "server x answered without a list of rows that have 'index' and 'score'"),
        ([{"index": 0, "score": 1}], "server x answered 1 rows for 2 inputs"),
        ([{"index": 0, "score": 1}] * 3, "server x answered 3 rows for 2 inputs"),
        ([{"index": 0, "score": 1}] * 2, "server x answered indices other than 0 to 1, each once"),
        (
            [{"index": 1, "score": 1}, {"index": 2, "score": 1}],
            "server x answered indices other than 0 to 1, each once",
        ),
        (
            [{"index": "0", "score": 1}, {"index": [], "score": 1}],
            "server x answered indices other than 0 to 1, each once",
        ),
        (
            [{"index": False, "score": 1}, {"index": True, "score": 1}],
            "server x answered indices other than 0 to 1, each once",
        ),
    ],
)
def test_rows_that_are_not_one_per_input_are_refused(rows, message):
    with pytest.raises(BadOutput) as refused:
        by_index(rows, "score", 2, "server x")
    assert str(refused.value) == message


def test_numbers_are_an_array_and_null_is_no_number():
    np.testing.assert_array_equal(numbers([[1, 2.5], [3, 4]], "x"), [[1, 2.5], [3, 4]])
    np.testing.assert_array_equal(numbers([0.5, None], "x"), [0.5, np.nan])


@pytest.mark.parametrize(
    "values", [[[1.0], [1.0, 2.0]], [["0.1"], ["0.2"]], ["AACAPw==", "AACAPw=="], [[1, "a"], [2, "b"]], [{}, {}]]
)
def test_what_is_not_rows_of_numbers_is_refused(values):
    with pytest.raises(BadOutput, match="server x answered what is not 2 rows of as many numbers each"):
        numbers(values, "server x")


@given(st.integers(1, 9), st.integers(1, 9), st.randoms(use_true_random=False))
def test_a_picture_survives_its_url(width, height, random):
    image = Image.frombytes("RGB", (width, height), random.randbytes(3 * width * height))
    head, data = picture_url(image).split(",")
    back = Image.open(io.BytesIO(base64.b64decode(data, validate=True)))
    assert (head, back.format, back.mode) == ("data:image/png;base64", "PNG", "RGB")
    assert back.tobytes() == image.tobytes()


def test_the_picture_stands_before_the_text_and_alone_where_there_is_none():
    image = Image.new("RGB", (2, 2), "red")
    picture = {"type": "image_url", "image_url": {"url": picture_url(image)}}
    assert parts({"image": image, "text": "빨강"}) == [picture, {"type": "text", "text": "빨강"}]
    assert parts({"image": image, "text": ""}) == [picture]
    assert parts("") == [{"type": "text", "text": ""}]


@given(st.lists(st.integers()), st.integers(1, 5))
def test_slices_are_the_inputs_again(inputs, size):
    cut = slices(inputs, size)
    assert [each for some in cut for each in some] == inputs
    assert all(len(some) == size for some in cut[:-1])
    assert all(0 < len(some) <= size for some in cut)


def test_only_empty_texts_are_filled():
    assert filled(["가", "", "\n"]) == ["가", " ", "\n"]
