"""The tiny checkpoints load as released folders do, by someone else's program, and tell contents apart."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

pytest_plugins = ("tiny",)
sentence_transformers = pytest.importorskip("sentence_transformers")

TEXTS = ["삼각형의 넓이를 구하시오.", "정삼각형의 둘레", "주사위를 던질 때의 확률", "$x^2-5x+6=0$의 근", "y=2x+1"]
PIXELS = {"image": {"size": {"shortest_edge": 4096, "longest_edge": 1843200}}}


def picture(width: int, height: int, seed: int) -> Image.Image:
    return Image.fromarray(np.random.default_rng(seed).integers(0, 255, (height, width, 3), np.uint8))


PICTURES = [picture(64, 64, 1), picture(200, 100, 2), picture(40, 300, 3)]


def closest(vectors: np.ndarray) -> float:
    """The highest cosine of two different rows."""
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return float((unit @ unit.T)[~np.eye(len(unit), dtype=bool)].max())


@pytest.mark.usefixtures("pil_processor")
def test_qwen(tiny_qwen: Path) -> None:
    model = sentence_transformers.SentenceTransformer(str(tiny_qwen), device="cpu")
    shown = [*TEXTS, *({"image": image, "text": TEXTS[0]} for image in PICTURES)]
    vectors = model.encode(shown, prompt="Represent the user's input.", processing_kwargs=PIXELS)
    assert vectors.shape == (8, 64)
    assert closest(vectors) < 0.95
    assert model[1].pooling_mode == "lasttoken"
    ids = model.tokenizer(TEXTS[0]).input_ids
    assert ids[-1] == model.tokenizer.convert_tokens_to_ids("<|endoftext|>")


@pytest.mark.usefixtures("pil_processor")
def test_reranker(tiny_reranker: Path) -> None:
    model = sentence_transformers.CrossEncoder(str(tiny_reranker), device="cpu")
    seen = {"image": PICTURES[0], "text": TEXTS[1]}
    scores = model.predict([(TEXTS[0], shown) for shown in [*TEXTS, seen]], processing_kwargs=PIXELS)
    assert scores.std() > 0.05
    ends = model.tokenizer("<|im_end|>\n<|im_start|>assistant\n").input_ids
    assert len(ends) == 5
    assert [len(model.tokenizer(word).input_ids) for word in ("yes", "no")] == [1, 1]


def test_kure(tiny_kure: Path) -> None:
    model = sentence_transformers.SentenceTransformer(str(tiny_kure), device="cpu")
    vectors = model.encode(TEXTS)
    assert model[1].pooling_mode == "cls"
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1)
    assert closest(vectors) < 0.95


def test_cross_encoder(tiny_cross_encoder: Path) -> None:
    model = sentence_transformers.CrossEncoder(str(tiny_cross_encoder), device="cpu")
    assert model.num_labels == 1
    assert model.predict([(TEXTS[0], text) for text in TEXTS]).std() > 0.05


def test_siglip(tiny_siglip: Path) -> None:
    model = sentence_transformers.SentenceTransformer(str(tiny_siglip), device="cpu")
    full = {"text": {"padding": "max_length", "max_length": 64, "truncation": True}}
    assert closest(model.encode(TEXTS, processing_kwargs=full)) < 0.95
    assert closest(model.encode(PICTURES)) < 0.95


def test_siglip_deletes_punctuation(tiny_siglip: Path) -> None:
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(tiny_siglip)
    assert tokenizer("2x+3=7").input_ids == tokenizer("2X37").input_ids != tokenizer("2x 37").input_ids


@pytest.mark.parametrize("kind", ["qwen3_vl_embedding", "qwen3_vl_reranker", "kure", "siglip", "cross_encoder"])
def test_a_second_build_is_the_same(kind: str, tmp_path: Path) -> None:
    import tiny

    if kind == "siglip":
        pytest.importorskip("sentencepiece")
    make = getattr(tiny, kind)
    first, second = make(tmp_path / "first"), make(tmp_path / "second")
    names = {file.relative_to(first) for file in first.rglob("*") if file.is_file()}
    for name in names:
        assert (first / name).read_bytes() == (second / name).read_bytes(), name
