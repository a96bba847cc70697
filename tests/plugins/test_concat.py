"""concat: parts side by side, each of length 1, zero where there was nothing to show it; against plain numpy."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from harness.config import Config
from harness.engine.building import build
from harness.errors import BadConfig, BadOutput, UnknownName
from harness.plugging import shelf
from harness.plugging.registry import Registry, collect

Plugin = Callable[[str], ModuleType]
TEXTS = ["삼각형의 넓이", "", "확률", "함수의 그래프"]


class Ink:
    """The mean of each colour of a picture, [n, 3]; remembers what it was shown, and on which side."""

    def __init__(self, **facts: Any) -> None:
        self.shown: list[Any] = []
        self.sides: list[str] = []
        vars(self).update(facts)

    def encode_query(self, inputs, /):
        self.sides.append("query")
        return self._means(inputs)

    def encode_document(self, inputs, /):
        self.sides.append("document")
        return self._means(inputs)

    def _means(self, inputs):
        self.shown += inputs
        return [np.asarray(shown["image"], float).mean(axis=(0, 1)) + 1 for shown in inputs]


class Length(Ink):
    """The length of a text, [n, 1]."""

    def _means(self, inputs):
        self.shown += inputs
        return [[len(text)] for text in inputs]


class Flat(Ink):
    """No rows."""

    def _means(self, inputs):
        return np.zeros(3)


def picture(colour: str) -> Image.Image:
    return Image.new("RGB", (3, 5), colour)


CONTENTS = [
    TEXTS[0],
    {"image": picture("red"), "text": TEXTS[2]},
    {"image": picture("navy"), "text": ""},
    "",
    {"image": picture("white"), "text": "  "},
]


def scaled(vectors: Any) -> np.ndarray:
    vectors = np.asarray(vectors, np.float64)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def on_shelf(name: str) -> ModuleType:
    return shelf.load(shelf.built_in() / f"embedders/{name}.py")


@pytest.fixture
def reader(plugin: Plugin) -> Any:
    return plugin("embedders/char_hashing").build(dimensions=64)


def test_each_part_is_of_length_1_and_zero_where_nothing_was_shown(plugin: Plugin, reader: Any) -> None:
    found = plugin("embedders/concat").build({"words": reader, "ink": Ink()}).encode_document(CONTENTS)
    expected = np.zeros((5, 67))
    expected[[0, 1], :64] = scaled(reader.encode_document([TEXTS[0], TEXTS[2]]))
    colours = [np.asarray(CONTENTS[row]["image"], float).mean(axis=(0, 1)) + 1 for row in (1, 2, 4)]
    expected[[1, 2, 4], 64:] = scaled(colours)
    assert (found.dtype, found.shape) == (np.float32, (5, 67))
    np.testing.assert_allclose(found, expected, atol=1e-6)
    assert not found[3].any()


@given(st.lists(st.sampled_from(range(5)), min_size=1, max_size=8))
def test_a_content_has_one_vector_in_any_company(rows: list[int]) -> None:
    concat = on_shelf("concat").build({"words": on_shelf("char_hashing").build(dimensions=8), "ink": Ink()})
    alone = {row: concat.encode_document([CONTENTS[row]])[0] for row in set(rows)}
    together = concat.encode_document([CONTENTS[row] for row in rows])
    np.testing.assert_allclose(together, [alone[row] for row in rows], atol=1e-7)


def test_the_picture_part_sees_no_text_and_the_text_part_no_picture(plugin: Plugin) -> None:
    text, image = Length(), Ink(dimensions=3)
    plugin("embedders/concat").build({"text": text, "image": image}).encode_query(CONTENTS)
    assert text.shown == [TEXTS[0], TEXTS[2]]
    assert [shown["text"] for shown in image.shown] == ["", "", ""]
    assert (text.sides, image.sides) == (["query"], ["query"])


@pytest.mark.parametrize(("ink", "asked"), [(Ink(dimensions=3), 0), (Ink(), 1), (Ink(dimensions=None), 1)])
def test_the_width_is_right_where_nobody_has_a_picture(plugin: Plugin, reader: Any, ink: Ink, asked: int) -> None:
    """It is asked for, or else learnt from one blank picture, once."""
    concat = plugin("embedders/concat").build({"words": reader, "ink": ink})
    for _ in range(2):
        found = concat.encode_document(TEXTS[2:])
        assert found.shape == (2, 67)
        assert not found[:, 64:].any()
    assert len(ink.shown) == asked
    assert concat.dimensions == 67
    assert concat.encode_query([]).shape == (0, 67)


def test_both_shows_the_content_as_it_is(plugin: Plugin, reader: Any) -> None:
    random = plugin("embedders/random").build(dimensions=5)
    concat = plugin("embedders/concat").build({"words": reader, "random": random}, shows=["text", "both"])
    np.testing.assert_allclose(concat.encode_document(CONTENTS)[:, 64:], random.encode_document(CONTENTS), atol=1e-6)


def test_parts_may_be_joined_themselves(plugin: Plugin, reader: Any) -> None:
    build_concat = plugin("embedders/concat").build
    inner = build_concat({"words": reader, "ink": Ink()})
    outer = build_concat({"inner": inner, "words": reader}, shows=["both", "text"])
    assert outer.encode_document(CONTENTS).shape == (5, 131)
    assert outer.dimensions == 131


def test_what_cannot_be_joined_is_told(plugin: Plugin, reader: Any) -> None:
    build_concat = plugin("embedders/concat").build
    with pytest.raises(BadConfig, match=r"concat: needs two or more parts and as many entries of `shows`; got words"):
        build_concat({"words": reader})
    with pytest.raises(BadConfig, match=r"got words, ink and shows = \['text'\]"):
        build_concat({"words": reader, "ink": Ink()}, shows=["text"])
    with pytest.raises(UnknownName, match=r"unknown entry of `shows` of concat 'txet'. Did you mean 'text'\?"):
        build_concat({"words": reader, "ink": Ink()}, shows=["txet", "image"])
    with pytest.raises(BadOutput, match=r"part 'flat' of concat returned shape \[3\] for 3 inputs"):
        build_concat({"words": reader, "flat": Flat()}).encode_document(CONTENTS)


def test_a_table_joins_any_two(config_of: Callable[..., Config]) -> None:
    table = '[[embedder]]\nname = "two"\nuses = "concat"\nparts = ["char-hashing", "random"]\nshows = ["text", "both"]'
    registry = collect(config_of(tables=table))
    spec = registry.embedders["two"]
    assert spec.parts == ("char-hashing", "random")
    joined = build(spec, {name: build(registry.embedders[name]) for name in spec.parts})
    assert joined.encode_document(["확률"]).shape == (1, 2048 + 256)
    assert registry.embedders["concat"].required == ("parts",)


def test_kure_and_siglip_are_joined(registry: Registry) -> None:
    spec = registry.embedders["kure-v1-siglip-base"]
    parts = [registry.embedders[name] for name in spec.parts]
    assert spec.dimensions == sum(part.dimensions for part in parts) == 1792
    assert spec.modalities == ("text", "image")
