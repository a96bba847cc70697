"""Qwen3-VL as published: sizes of pictures, conversations, the shapes of the released models."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from PIL import Image

from harness.errors import BadConfig, BadData, UnknownName

pytest.importorskip("torch")
pytest.importorskip("transformers")

import torch
import transformers

from harness.models import qwen3_vl
from harness.models.qwen3_vl import Pixels

SIDES = st.integers(1, 4000)
LIMITS = st.sampled_from([(4096, 1_843_200), (4096, 65_536), (65_536, 16_777_216)])


def picture(width: int, height: int) -> Image.Image:
    return Image.fromarray(np.random.default_rng(0).integers(0, 255, (height, width, 3), np.uint8))


# Pictures


@given(SIDES, SIDES, LIMITS)
def test_sizes_are_those_of_transformers(width: int, height: int, limits: tuple[int, int]) -> None:
    from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import smart_resize

    # Below half a tile the two published rules differ; see the next test.
    assume(min(width, height) > 16 and max(width, height) <= 200 * min(width, height))
    theirs = smart_resize(height, width, factor=32, min_pixels=limits[0], max_pixels=limits[1])
    assert Pixels(*limits).size(width, height) == theirs[::-1]


@given(SIDES, SIDES, LIMITS)
def test_sizes_are_those_of_qwen_vl_utils(width: int, height: int, limits: tuple[int, int]) -> None:
    if qwen3_vl.fetch_image is None:
        pytest.skip("qwen_vl_utils does not import here; it needs torchvision")
    from qwen_vl_utils import smart_resize

    assume(max(width, height) <= 200 * min(width, height))
    theirs = smart_resize(height, width, factor=32, min_pixels=limits[0], max_pixels=limits[1])
    assume(min(theirs) > 0)  # a thin picture over the limit is shrunk to nothing there, to one tile here
    assert Pixels(*limits).size(width, height) == theirs[::-1]


@pytest.mark.parametrize(
    ("size", "fitted"),
    [
        # What smart_resize of qwen_vl_utils 0.0.14 gives.
        ((3, 5), (64, 96)),
        ((1, 1), (64, 64)),
        ((600, 10), (608, 32)),
        ((10, 600), (32, 608)),
        ((2000, 1500), (1536, 1152)),
        ((200, 100), (192, 96)),
        ((64, 64), (64, 64)),
    ],
)
def test_a_size(size: tuple[int, int], fitted: tuple[int, int]) -> None:
    assert Pixels().size(*size) == fitted
    assert Pixels().fitted(picture(*size)).size == fitted


def test_a_picture_is_resampled_bicubically(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(qwen3_vl, "fetch_image", None)
    asked = picture(200, 100)
    expected = asked.resize((192, 96), Image.Resampling.BICUBIC)
    assert Pixels().fitted(asked).tobytes() == expected.tobytes()


def test_a_thread_is_no_picture() -> None:
    assert Pixels().size(200, 1) == (192, 32)
    with pytest.raises(BadData, match="a picture of 201 x 1 pixels is more than 200 times as long as wide"):
        Pixels().size(201, 1)


@pytest.mark.parametrize("limits", [(4096, 2048), (1, 1000)])
def test_limits_that_leave_nothing_are_refused(limits: tuple[int, int]) -> None:
    with pytest.raises(BadConfig, match=rf"max_pixels needs .* and min_pixels \({limits[0]}\), not {limits[1]}"):
        Pixels(*limits)


# Contents


def test_visual_tokens_are_counted_exactly() -> None:
    processor = qwen3_vl.stand_in_processor("right")
    for size in ((64, 64), (200, 100), (3, 5), (2000, 1500)):
        shown = {"image": picture(*size), "text": ""}
        tensors = qwen3_vl.inputs(processor, [[{"role": "user", "content": Pixels().parts(shown)}]])
        assert (tensors["input_ids"] == processor.image_token_id).sum() == Pixels().tokens(shown)
        assert len(tensors["pixel_values"]) == 4 * Pixels().tokens(shown)


def test_texts_are_counted_nearly() -> None:
    tokenizer = qwen3_vl.stand_in_processor("right").tokenizer
    for text in ("삼각형의 넓이를 구하시오.", "직사각형의 넓이가 24일 때 둘레를 구하여라.", ""):
        assert Pixels().tokens(text) == pytest.approx(len(tokenizer(text).input_ids), rel=0.2, abs=1)


IMAGE = picture(64, 64)


@pytest.mark.parametrize(
    ("content", "kinds"),
    [
        ("가", ["가"]),
        ("", [""]),
        ({"text": "가"}, ["가"]),
        ({"image": IMAGE, "text": "가"}, ["image", "가"]),
        ({"text": "가", "image": IMAGE}, ["image", "가"]),
        ({"image": IMAGE, "text": ""}, ["image"]),
        ({"image": IMAGE}, ["image"]),
        ({"image": [IMAGE, IMAGE], "text": "가"}, ["image", "image", "가"]),
        ({"image": None, "text": "가"}, ["가"]),
        ({"image": [], "text": ""}, [""]),
        ({}, ["NULL"]),
    ],
)
def test_a_picture_stands_before_the_text(content: Any, kinds: list[str]) -> None:
    assert [part.get("text", part["type"]) for part in Pixels().parts(content)] == kinds


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (" Find similar items ", "Find similar items."),
        ("Find similar items.", "Find similar items."),
        ("비슷한 문항을 찾으시오", "비슷한 문항을 찾으시오."),
        ("무엇인가?", "무엇인가?"),
        ("items (of maths)", "items (of maths)"),
        ("x = 1 $", "x = 1 $."),
        ("  ", ""),
    ],
)
def test_an_instruction_ends_in_punctuation(written: str, read: str) -> None:
    assert qwen3_vl.instruction(written) == read


def test_a_conversation_reads_as_published() -> None:
    processor = qwen3_vl.stand_in_processor("right", ends_with="<|endoftext|>")
    system = {"role": "system", "content": [{"type": "text", "text": "Represent the user's input."}]}
    user = {"role": "user", "content": Pixels().parts({"image": IMAGE, "text": "넓이"})}
    text = processor.apply_chat_template([system, user], add_generation_prompt=True, tokenize=False)
    assert text == (
        "<|im_start|>system\nRepresent the user's input.<|im_end|>\n"
        "<|im_start|>user\n<|vision_start|><|image_pad|><|vision_end|>넓이<|im_end|>\n<|im_start|>assistant\n"
    )
    ids = qwen3_vl.inputs(processor, [[system, user]])["input_ids"][0]
    assert processor.tokenizer.convert_ids_to_tokens(ids[-1:]) == ["<|endoftext|>"]


# Shapes


@pytest.mark.parametrize(
    ("model", "head", "count"),
    [
        ("Qwen/Qwen3-VL-Embedding-2B", False, 2_127_532_032),
        ("Qwen/Qwen3-VL-Embedding-8B", False, 8_144_793_840),
        ("Qwen/Qwen3-VL-Embedding-8B", True, 8_767_123_696),
        ("Qwen/Qwen3-VL-Reranker-2B", True, 2_127_532_032),  # its head is the table of its tokens
    ],
)
def test_a_shape_has_as_many_weights_as_were_published(model: str, head: bool, count: int) -> None:
    config = qwen3_vl.shape(model, qwen3_vl.stand_in_processor("right"))
    kind = transformers.AutoModelForImageTextToText if head else transformers.AutoModel
    with torch.device("meta"):
        network = kind.from_config(config)
    assert sum(parameter.numel() for parameter in network.parameters()) == count


def test_the_eye_of_the_smaller_model_has_as_many_weights_as_were_published() -> None:
    config = qwen3_vl.shape("Qwen/Qwen3-VL-Embedding-2B", qwen3_vl.stand_in_processor("right"))
    with torch.device("meta"):
        eye = transformers.AutoModel.from_config(config).visual
    assert sum(parameter.numel() for parameter in eye.parameters()) == 406_957_056


def test_a_shape_speaks_with_the_ids_of_its_processor() -> None:
    processor = qwen3_vl.stand_in_processor("right")
    config = qwen3_vl.shape("Qwen/Qwen3-VL-Embedding-2B", processor)
    tokens = ["<|image_pad|>", "<|video_pad|>", "<|vision_start|>", "<|vision_end|>"]
    ids = [config.image_token_id, config.video_token_id, config.vision_start_token_id, config.vision_end_token_id]
    assert processor.tokenizer.convert_ids_to_tokens(ids) == tokens
    assert len(processor.tokenizer) < config.text_config.vocab_size
    rope = config.text_config.rope_parameters
    assert (rope["rope_theta"], rope["mrope_section"]) == (5_000_000, [24, 20, 20])


def test_an_unknown_shape_is_refused() -> None:
    with pytest.raises(UnknownName, match="Did you mean 'Qwen/Qwen3-VL-Embedding-2B'"):
        qwen3_vl.shape("Qwen/Qwen3-VL-Embeding-2B", qwen3_vl.stand_in_processor("right"))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (json.dumps({"model_type": "xlm-roberta"}), "model_type 'xlm-roberta'; this needs 'qwen3_vl'"),
        (json.dumps({}), "model_type None; this needs 'qwen3_vl'"),
        ("[]", "config.json cannot be read: "),
        ("{", "config.json cannot be read: "),
        (None, "config.json cannot be read: "),
    ],
)
def test_another_configuration_is_refused(content: str | None, message: str, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / "config.json").write_text(content)
    with pytest.raises(BadConfig, match=message):
        qwen3_vl.checked_config(tmp_path)
