"""Qwen3-VL-Embedding on a tiny checkpoint: as sentence-transformers embeds it, whatever the batches, and its variants."""

from __future__ import annotations

import functools
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from PIL import Image

from harness.config import Config, Models
from harness.data.model import Item
from harness.engine.building import build as build_spec
from harness.engine.embedding import embed
from harness.errors import BadConfig, HarnessError, NotMeasured
from harness.plugging.registry import collect

pytest.importorskip("torch")
pytest.importorskip("transformers")

import torch
import transformers

from harness.models import qwen3_vl

pytest_plugins = ("tiny",)

Plugin = Callable[[str], ModuleType]
REAL, DUMMY = Models(), Models(weights="dummy")
INSTRUCTION = "Represent the user's input."
TEXTS = [
    "삼각형 ABC의 넓이를 구하시오.",
    r"$x^2-5x+6=0$의 두 근을 구하시오.",
    "3",
    "함수 y=2x+1의 그래프의 기울기와 y절편을 구하고, 그래프가 지나는 점을 모두 쓰시오. " * 5,
]


def picture(width: int, height: int, seed: int) -> Image.Image:
    return Image.fromarray(np.random.default_rng(seed).integers(0, 255, (height, width, 3), np.uint8))


SHOWN: dict[str, Any] = {
    **{f"text {number}": text for number, text in enumerate(TEXTS)},
    "picture": {"image": picture(150, 90, 1), "text": ""},
    "picture and text": {"image": picture(90, 150, 2), "text": TEXTS[0]},
    "another text to it": {"image": picture(90, 150, 2), "text": TEXTS[1]},
    "tiny": {"image": picture(3, 5, 3), "text": "점"},
    "wide": {"image": picture(900, 20, 4), "text": "수직선"},
    "huge": {"image": picture(2000, 1500, 5), "text": "도형"},
    "two pictures": {"image": [picture(64, 96, 6), picture(200, 40, 7)], "text": "두 그림"},
}
ALL = [shown for name, shown in SHOWN.items() if name != "huge"]


@pytest.fixture
def shelf(plugin: Plugin) -> ModuleType:
    return plugin("embedders/qwen3_vl")


@pytest.fixture
def build(shelf: ModuleType, tiny_qwen: Path) -> Callable[..., Any]:
    def made(models: Models = REAL, **options: Any) -> Any:
        return shelf.build(models, **{"model": str(tiny_qwen), "device": "cpu", **options})

    return made


@functools.cache
def opened_by_the_peer(folder: Path) -> Any:
    library = pytest.importorskip("sentence_transformers")
    model = library.SentenceTransformer(str(folder), device="cpu")
    # Where torchvision is installed it would resample otherwise than Pillow, and the vectors differ by up to 4e-4.
    limits = {"shortest_edge": 4096, "longest_edge": 1843200}
    model[0].processor.image_processor = transformers.Qwen2VLImageProcessorPil.from_pretrained(folder, size=limits)
    return model


@pytest.fixture
def peer(tiny_qwen: Path, pil_processor: None) -> Any:
    """sentence-transformers over the same folder, with the published limits of pictures."""
    return opened_by_the_peer(tiny_qwen)


def encoded(peer: Any, shown: list[Any], **options: Any) -> np.ndarray:
    """One by one, because its batches of mixed contents are not what is compared here."""
    return np.concatenate([peer.encode([one], prompt=INSTRUCTION, **options) for one in shown])


def off(ours: np.ndarray, theirs: np.ndarray) -> float:
    return float(np.abs(ours - theirs).max())


# The same vectors as someone else's program


@pytest.mark.parametrize("name", SHOWN)
def test_a_content_is_embedded_as_sentence_transformers_does(name: str, build: Any, peer: Any) -> None:
    ours = build().encode_document([SHOWN[name]])
    assert (ours.shape, ours.dtype) == ((1, 64), np.float32)
    assert off(ours, encoded(peer, [SHOWN[name]])) < 1e-6


def test_many_at_once_are_embedded_as_sentence_transformers_does_singly(build: Any, peer: Any) -> None:
    theirs = encoded(peer, ALL)
    assert off(build().encode_document(ALL), theirs) < 1e-6
    assert off(build(batch_tokens=300).encode_query(ALL), theirs) < 1e-6
    assert np.linalg.norm(theirs[:, None] - theirs, axis=2)[~np.eye(len(ALL), dtype=bool)].min() > 0.05


def test_the_mean_is_that_of_sentence_transformers(build: Any, peer: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peer[1], "pooling_mode", "mean")
    means = build(pooling="mean").encode_document(ALL)
    assert off(means, encoded(peer, ALL)) < 1e-6
    assert off(means, build().encode_document(ALL)) > 0.1


def test_a_cut_vector_is_of_length_1_again(build: Any, peer: Any) -> None:
    cut = build(dimensions=16).encode_document(ALL)
    assert off(cut, encoded(peer, ALL, truncate_dim=16, normalize_embeddings=True)) < 1e-6
    assert np.linalg.norm(cut, axis=1) == pytest.approx(1)


def test_instructions_are_systems_messages_that_end_in_a_full_stop(build: Any, peer: Any) -> None:
    embedder = build(query_instruction=" Find items like this ", document_instruction="문항을 나타내시오!")
    asked, held = embedder.encode_query(TEXTS[:1]), embedder.encode_document(TEXTS[:1])
    assert off(asked, peer.encode(TEXTS[:1], prompt="Find items like this.")) < 1e-6
    assert off(held, peer.encode(TEXTS[:1], prompt="문항을 나타내시오!")) < 1e-6


# What the contents say


def test_an_empty_text_stays_empty_and_nothing_is_null(build: Any) -> None:
    embedder = build()
    empty, blank, nothing, null = embedder.encode_document(["", {"text": ""}, {}, "NULL"])
    np.testing.assert_allclose(empty, blank, atol=1e-6)
    np.testing.assert_allclose(nothing, null, atol=1e-6)
    assert off(empty, null) > 0.01


def test_no_content_at_all_is_no_row(build: Any) -> None:
    assert build(dimensions=16).encode_document([]).shape == (0, 16)


def test_a_long_text_is_cut(build: Any) -> None:
    long, longer = build(max_length=60).encode_document([TEXTS[3], TEXTS[3] * 2])
    np.testing.assert_allclose(long, longer, atol=1e-6)
    assert off(*build().encode_document([TEXTS[3], TEXTS[3] * 2])[:, None]) > 0.01


def test_pictures_that_do_not_fit_beside_max_length_are_refused(build: Any) -> None:
    with pytest.raises(BadConfig, match=r"do not fit \(max_length 50 and max_pixels 1843200\): lower max_pixels"):
        build(max_length=50).encode_document([TEXTS[0], {"image": picture(320, 320, 1), "text": ""}])
    assert build(max_length=50, max_pixels=8192).encode_document([{"image": picture(320, 320, 1), "text": ""}]).any()


def test_fewer_pixels_are_another_vector(build: Any) -> None:
    few, many = (build(max_pixels=pixels).encode_document([SHOWN["picture"]]) for pixels in (4_096, 1_843_200))
    assert off(few, many) > 0.01


# Padding, batches, memory


def test_the_side_of_the_filling_does_not_matter(build: Any) -> None:
    right, left = build(), build()
    left._processor.tokenizer.padding_side = "left"
    assert off(right.encode_document(ALL), left.encode_document(ALL)) < 1e-6
    means = [build(pooling="mean"), build(pooling="mean")]
    means[0]._processor.tokenizer.padding_side = "left"
    assert off(*(embedder.encode_document(TEXTS) for embedder in means)) < 1e-6


def tight(embedder: Any, places: int, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """A memory in which only so many places of a batch fit; the sizes of the batches that were tried."""
    roomy, tried = embedder._network.forward, []

    def forward(input_ids: Any, **more: Any) -> Any:
        tried.append(len(input_ids))
        if input_ids.numel() > places:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return roomy(input_ids=input_ids, **more)

    monkeypatch.setattr(embedder._network, "forward", forward)
    return tried


def test_a_batch_that_does_not_fit_is_halved_and_the_vectors_stay(build: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    embedder = build()
    shown = [f"{text} {number}" for number, text in enumerate(TEXTS[:3] * 8)]
    plenty = embedder.encode_document(shown)
    tried = tight(embedder, 300, monkeypatch)
    remarks = embedder.remarks
    assert off(embedder.encode_document(shown), plenty) < 1e-6
    assert tried[:2] == [24, 12]
    assert len(remarks) == 1
    assert "did not fit into memory" in remarks[0]
    tried.clear()
    assert off(embedder.encode_document(shown), plenty) < 1e-6
    assert max(tried) <= 6, "what did not fit once is tried again"
    tight(embedder, 150, monkeypatch)
    embedder.encode_query(shown)
    assert len(remarks) == 1


def test_a_single_content_that_does_not_fit_is_an_error(build: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    embedder = build()
    tight(embedder, 10, monkeypatch)
    with pytest.raises(torch.OutOfMemoryError):
        embedder.encode_query(TEXTS)


@pytest.mark.skipif(qwen3_vl.fetch_image is None, reason="qwen_vl_utils does not import here; it needs torchvision")
def test_both_ways_to_resize_give_the_same_vectors(build: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    theirs = build().encode_document(ALL)
    monkeypatch.setattr(qwen3_vl, "fetch_image", None)
    assert off(build().encode_document(ALL), theirs) < 1e-6


# Numbers of fewer bits


def test_nf4_computes_with_quantised_weights_near_the_full_ones(build: Any) -> None:
    bitsandbytes = pytest.importorskip("bitsandbytes")
    embedder = build(quantization="nf4")
    assert any(isinstance(part, bitsandbytes.nn.Linear4bit) for part in embedder._network.modules())
    near = (embedder.encode_document(ALL) * build().encode_document(ALL)).sum(axis=1)
    # Random weights of a tiny network lose far more than trained ones of a large network would.
    assert 0.75 < near.min() < near.max() < 0.9999


def test_bfloat16_is_near_float32(build: Any) -> None:
    near = (build(dtype="bfloat16").encode_document(ALL) * build().encode_document(ALL)).sum(axis=1)
    assert 0.99 < near.min() < 0.99999999


def test_both_attentions_agree(build: Any) -> None:
    assert off(build(attention="eager").encode_document(ALL), build().encode_document(ALL)) < 1e-5


# Random weights


def test_dummy_weights_see_through_the_processor_that_is_there(build: Any) -> None:
    dummies = [build(DUMMY).encode_document(ALL) for _ in range(2)]
    np.testing.assert_array_equal(*dummies)
    assert np.linalg.norm(dummies[0], axis=1) == pytest.approx(1)
    assert off(dummies[0], build().encode_document(ALL)) > 0.1


@pytest.mark.parametrize("options", [{}, {"quantization": "nf4"}, {"dtype": "bfloat16", "dimensions": 16}])
def test_dummy_weights_need_nothing(
    options: dict[str, Any], shelf: ModuleType, tiny_qwen: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if options.get("quantization"):
        pytest.importorskip("bitsandbytes")
    config = json.loads((tiny_qwen / "config.json").read_text())
    # The vocabulary of the stand-in tokenizer is larger than the tiny one.
    small = {"text_config": {**config["text_config"], "vocab_size": 20_000}, "vision_config": config["vision_config"]}
    monkeypatch.setattr("harness.models.qwen3_vl.SHAPES", {"some/model": small})
    embedder = shelf.build(DUMMY, model="some/model", device="cpu", **options)
    vectors = embedder.encode_document(ALL)
    assert vectors.shape == (len(ALL), options.get("dimensions", 64))
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1)


def test_dummy_weights_of_an_unknown_shape_are_refused(shelf: ModuleType) -> None:
    with pytest.raises(HarnessError, match="unknown shape for dummy weights 'some/model'"):
        shelf.build(DUMMY, model="some/model", device="cpu")


# What is refused


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"pooling": "means"}, "unknown pooling 'means'. Did you mean 'mean'? There are: last, mean."),
        (
            {"dtype": "fp16"},
            "unknown dtype 'fp16'. Did you mean 'float16'? There are: auto, bfloat16, float16, float32.",
        ),
        ({"quantization": "nf8"}, "unknown quantization 'nf8'. Did you mean 'nf4'? There are: \"\", nf4."),
        ({"attention": "flash"}, "unknown attention 'flash'."),
        ({"device": "gpu"}, "unknown device 'gpu'. There are: auto, cpu, cuda, cuda:1 and so on."),
        ({"dimensions": 65}, "dimensions 65: vectors of "),
        ({"dimensions": -1}, "dimensions needs a whole number of 0 or more, not -1"),
        ({"max_length": "8192"}, "max_length needs a whole number of 1 or more, not '8192'"),
        ({"batch_tokens": 0}, "batch_tokens needs a whole number of 1 or more, not 0"),
        ({"min_pixels": True}, "min_pixels needs a whole number of 1 or more, not True"),
        ({"max_pixels": 2048}, "max_pixels needs 32 x 32 = 1024 at least, and min_pixels (4096), not 2048"),
        ({"query_instruction": 3}, "an instruction needs a text in quotes, not 3"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_a_bad_option_is_one_line(options: dict[str, Any], message: str, build: Any) -> None:
    with pytest.raises(BadConfig) as error:
        build(**options)
    assert str(error.value).startswith(message)
    assert "\n" not in str(error.value)


def test_another_architecture_is_refused(build: Any, tiny_kure: Path) -> None:
    with pytest.raises(BadConfig, match="model_type 'xlm-roberta'; this needs 'qwen3_vl'"):
        build(model=str(tiny_kure))


@pytest.mark.parametrize(
    ("file", "message"),
    [
        ("tokenizer.json", "has neither tokenizer.json nor vocab.json"),
        ("preprocessor_config.json", "its tokenizer or image processor cannot be loaded: "),
        ("chat_template.jinja", "has no chat template"),
    ],
)
def test_a_folder_without_its_processor_is_refused(
    file: str, message: str, build: Any, tiny_qwen: Path, tmp_path: Path
) -> None:
    copy = shutil.copytree(tiny_qwen, tmp_path / "copy")
    (copy / file).unlink()
    with pytest.raises(BadConfig) as error:
        build(model=str(copy))
    assert str(error.value).startswith(f"{copy}: {message}")
    assert "\n" not in str(error.value)


def test_absent_weights_are_not_measured(shelf: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    size = r"weights of Qwen/Qwen3-VL-Embedding-2B are not on this machine; `--download` fetches 4.3 GB"
    with pytest.raises(NotMeasured, match=size):
        shelf.build(Models(), model="Qwen/Qwen3-VL-Embedding-2B", revision=shelf.RELEASES["2b"].revision)


@pytest.mark.usefixtures("fetching")
@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"device": "cuda:9"}, "device 'cuda:9' is asked for"),
        ({"max_pixels": 2048}, "max_pixels needs 32 x 32"),
        ({"query_instruction": 3}, "an instruction needs a text"),
    ],
)
def test_a_mistake_is_told_before_anything_is_fetched(options: dict[str, Any], message: str, shelf: ModuleType) -> None:
    with pytest.raises(HarnessError, match=message):
        shelf.build(Models(download=True), model="some/model", **options)


@pytest.fixture
def fetching(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cache without anything, and a hub that nobody may ask."""
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr("huggingface_hub.HfApi.model_info", lambda *_, **__: pytest.fail("the hub was asked"))


@pytest.mark.usefixtures("fetching")
def test_a_missing_library_is_told_before_a_download_and_after_absent_weights(
    shelf: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("harness.engine.extras.find_spec", lambda _: None)
    with pytest.raises(NotMeasured, match="torch and transformers and accelerate are not installed"):
        shelf.build(Models(download=True), model="some/model")
    with pytest.raises(NotMeasured, match="weights of some/model are not on this machine"):
        shelf.build(Models(), model="some/model")


# On the shelf


def test_the_shelf_offers_both_sizes_in_all_variants(config_of: Callable[..., Config]) -> None:
    specs = {spec.name: spec for spec in collect(config_of()).embedders if spec.name.startswith("qwen3-vl")}
    endings = ["", "-meanpool", "-nf4", "-d1024", "-d512", "-d256"]
    assert set(specs) == {f"qwen3-vl-{size}{ending}" for size in ("2b", "8b") for ending in endings}
    assert [specs[f"qwen3-vl-2b{ending}"].dimensions for ending in endings] == [2048, 2048, 2048, 1024, 512, 256]
    assert specs["qwen3-vl-8b"].dimensions == 4096
    assert specs["qwen3-vl-2b"].lighter == "qwen3-vl-2b-nf4"
    assert specs["qwen3-vl-2b-nf4"].chosen["quantization"] == "nf4"
    assert not specs["qwen3-vl-2b-nf4"].lighter
    assert not specs["qwen3-vl-2b"].dummy
    assert specs["qwen3-vl-2b"].modalities == ("text", "image")


def test_a_table_of_harness_toml_makes_a_variant(
    config_of: Callable[..., Config], tiny_qwen: Path, tmp_path: Path
) -> None:
    mine = f'name = "mine"\nuses = "qwen3-vl-2b"\nmodel = "{tiny_qwen}"\ndimensions = 32'
    spec = collect(config_of(tables=f'[[embedder]]\n{mine}\npooling = "mean"\ndevice = "cpu"')).embedders["mine"]
    assert (spec.dimensions, spec.revision) == (32, "")
    picture(40, 30, 1).save(tmp_path / "seen.png")
    items = [Item("b", TEXTS[0]), Item("a", TEXTS[1], tmp_path / "seen.png")]
    assert embed(build_spec(spec), spec, items, "document").shape == (2, 32)
