"""sentence-transformers and kure-v1: against that library and against transformers alone."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from PIL import Image
from tiny import tiny_kure, tiny_qwen, tiny_siglip  # noqa: F401

from harness.config import Models
from harness.errors import BadConfig, NotMeasured, UnknownName
from harness.plugging.registry import Registry, collect

for library in ("torch", "transformers", "sentence_transformers"):
    pytest.importorskip(library)

Build = Callable[..., Any]
KURE = "nlpai-lab/KURE-v1"
TEXTS = ["확률", "삼각형 ABC의 넓이를 구하시오.", r"$\frac{1}{2}+\frac{1}{3}$", "", "직사각형의 둘레를 구하여라. " * 40]


@pytest.fixture
def build(plugin: Callable[[str], ModuleType]) -> Build:
    def build(folder: Path | str, models: Models = Models(), **options: Any) -> Any:  # noqa: B008
        return plugin("embedders/sentence_transformers").build(models, model=str(folder), device="cpu", **options)

    return build


def original(folder: Path) -> Any:
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(str(folder), device="cpu", model_kwargs={"dtype": "float32"})


def tokens(folder: Path, texts: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """Last hidden states [n, length, 64] and the mask [n, length], by transformers alone."""
    import torch
    from transformers import AutoModel, AutoTokenizer

    read = AutoTokenizer.from_pretrained(folder)(texts, padding=True, truncation=True, return_tensors="pt")
    with torch.no_grad():
        network = AutoModel.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager").eval()
        hidden = network(**read).last_hidden_state
    return hidden.numpy(), read["attention_mask"].numpy()


def unit(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def copied(folder: Path, to: Path, **files: Any) -> Path:
    """A copy of a folder with some files written anew; None takes one away."""
    shutil.copytree(folder, to)
    for name, content in files.items():
        path = to / f"{name}.json"
        path.unlink(missing_ok=True)
        if content is not None:
            path.write_text(json.dumps(content), encoding="utf-8")
    return to


# KURE


def test_kure_is_what_sentence_transformers_gives(build: Build, tiny_kure: Path) -> None:  # noqa: F811
    expected = original(tiny_kure).encode(TEXTS)
    embedder = build(tiny_kure, query_prompt="", document_prompt="")
    found = embedder.encode_document(TEXTS)
    assert (found.dtype, found.shape, embedder.dimensions) == (np.float32, (5, 64), 64)
    np.testing.assert_allclose(found, expected, atol=1e-6)
    np.testing.assert_allclose(embedder.encode_query(TEXTS), expected, atol=1e-6)


def test_kure_is_the_first_token_at_length_1(build: Build, tiny_kure: Path) -> None:  # noqa: F811
    hidden, _ = tokens(tiny_kure, TEXTS)
    np.testing.assert_allclose(build(tiny_kure).encode_document(TEXTS), unit(hidden[:, 0]), atol=1e-6)


def test_the_pooling_is_read_from_the_folder(build: Build, tiny_kure: Path, tmp_path: Path) -> None:  # noqa: F811
    folder = copied(tiny_kure, tmp_path / "mean")
    pooling = {"word_embedding_dimension": 64, "pooling_mode_mean_tokens": True, "pooling_mode_cls_token": False}
    (folder / "1_Pooling/config.json").write_text(json.dumps(pooling))
    np.testing.assert_allclose(build(folder).encode_document(TEXTS), means(tiny_kure), atol=1e-6)


def means(folder: Path) -> np.ndarray:
    hidden, mask = tokens(folder, TEXTS)
    return unit((hidden * mask[..., None]).sum(axis=1) / mask.sum(axis=1, keepdims=True))


@pytest.mark.parametrize("batch_tokens", [1, 60, 100_000])
def test_a_text_has_one_vector_in_any_company(build: Build, tiny_kure: Path, batch_tokens: int) -> None:  # noqa: F811
    embedder = build(tiny_kure, batch_tokens=batch_tokens)
    alone = [embedder.encode_document([text])[0] for text in TEXTS]
    np.testing.assert_allclose(embedder.encode_document(TEXTS), alone, atol=1e-6)
    assert embedder.encode_document([]).shape == (0, 64)


def test_a_batch_too_large_for_the_memory_is_halved(build: Build, tiny_kure: Path) -> None:  # noqa: F811
    import torch

    def small_card(network: Any, inputs: Any) -> None:
        if len(inputs[0]["input_ids"]) > 2:
            raise torch.OutOfMemoryError("CUDA out of memory")

    embedder, expected = build(tiny_kure), build(tiny_kure).encode_document(TEXTS)
    embedder.model.register_forward_pre_hook(small_card)
    np.testing.assert_allclose(embedder.encode_document(TEXTS), expected, atol=1e-6)
    assert len(embedder.remarks) == 1
    assert "batches of 16,384 tokens did not fit into memory" in embedder.remarks[0]
    sizes: list[int] = []
    embedder.model.register_forward_pre_hook(lambda _, inputs: sizes.append(len(inputs[0]["input_ids"])), prepend=True)
    np.testing.assert_allclose(embedder.encode_query(TEXTS), expected, atol=1e-6)
    assert max(sizes) <= 2
    assert len(embedder.remarks) == 1


def test_kure_is_registered_as_published(registry: Registry) -> None:
    spec = registry.embedders["kure-v1"]
    assert (spec.dimensions, spec.modalities, spec.download) == (1024, ("text",), 2_271_019_008)
    assert spec.chosen["revision"] == spec.revision == "d14c8a9423946e268a0c9952fecf3a7aabd73bd9"
    cut = spec.variant("kure-256", {"dimensions": 256})
    assert cut.dimensions == 256


def test_weights_that_are_not_here_are_not_measured(registry: Registry, monkeypatch: Any, tmp_path: Path) -> None:
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(NotMeasured, match=r"weights of nlpai-lab/KURE-v1 .*; `--download` fetches 2.3 GB"):
        registry.embedders["kure-v1"].build()


# Any model


def test_a_table_is_enough(config_of: Callable[..., Any], tiny_kure: Path) -> None:  # noqa: F811
    table = f'[[embedder]]\nname = "mine"\nuses = "sentence-transformers"\nmodel = "{tiny_kure}"\ndimensions = 16'
    registry = collect(config_of(tables=table))
    spec = registry.embedders["mine"]
    assert spec.dimensions == 16
    assert spec.build().encode_query(["확률"]).shape == (1, 16)
    assert registry.embedders["sentence-transformers"].required == ("model",)


def test_dimensions_are_cut_and_scaled_again(build: Build, tiny_kure: Path) -> None:  # noqa: F811
    whole = build(tiny_kure).encode_document(TEXTS)
    embedder = build(tiny_kure, dimensions=16)
    np.testing.assert_allclose(embedder.encode_document(TEXTS), unit(whole[:, :16]), atol=1e-6)
    assert embedder.dimensions == 16
    as_it_is = build(tiny_kure, dimensions=16, normalize=False).encode_document(TEXTS)
    np.testing.assert_allclose(as_it_is, original(tiny_kure).encode(TEXTS, truncate_dim=16), atol=1e-6)
    assert np.linalg.norm(as_it_is, axis=1).max() < 0.9
    with pytest.raises(BadConfig, match="has 64 dimensions; they cannot be cut to 65"):
        build(tiny_kure, dimensions=65)


def test_a_folder_that_does_not_say_how_it_pools_is_refused(
    build: Build,
    tiny_kure: Path,  # noqa: F811
    tmp_path: Path,
) -> None:
    bare = copied(tiny_kure, tmp_path / "bare", modules=None)
    with pytest.raises(BadConfig, match=r'has no modules.json.*say pooling = "cls", "mean" or "last"'):
        build(bare)
    hidden, mask = tokens(tiny_kure, TEXTS)
    last = hidden[np.arange(5), mask.sum(axis=1) - 1]
    for pooling, expected in {"cls": unit(hidden[:, 0]), "mean": means(tiny_kure), "last": unit(last)}.items():
        np.testing.assert_allclose(
            build(bare, pooling=pooling).encode_document(TEXTS), expected, atol=1e-6, err_msg=pooling
        )


def test_another_pooling_takes_the_place_of_the_folders_own(build: Build, tiny_kure: Path) -> None:  # noqa: F811
    found = build(tiny_kure, pooling="mean").encode_document(TEXTS)
    np.testing.assert_allclose(found, means(tiny_kure), atol=1e-6)


PROMPTS = {"query": "질문: ", "passage": "글: ", "math": "수학: "}


def test_prompts_stand_before_texts(build: Build, tiny_kure: Path, tmp_path: Path) -> None:  # noqa: F811
    folder = copied(tiny_kure, tmp_path / "prompted", config_sentence_transformers={"prompts": PROMPTS})
    other = original(folder)
    plain = build(tiny_kure)

    def asked(**options: str) -> Any:
        return build(folder, **options).encode_query(TEXTS)

    np.testing.assert_allclose(asked(), other.encode_query(TEXTS), atol=1e-6)
    np.testing.assert_allclose(asked(), plain.encode_query([f"질문: {text}" for text in TEXTS]), atol=1e-6)
    np.testing.assert_allclose(build(folder).encode_document(TEXTS), other.encode_document(TEXTS), atol=1e-6)
    named = build(folder, document_prompt_name="math").encode_document(TEXTS)
    np.testing.assert_allclose(named, plain.encode_query([f"수학: {text}" for text in TEXTS]), atol=1e-6)
    np.testing.assert_allclose(asked(query_prompt="x: "), plain.encode_query([f"x: {t}" for t in TEXTS]), atol=1e-6)
    np.testing.assert_allclose(asked(query_prompt=""), plain.encode_query(TEXTS), atol=1e-6)
    with pytest.raises(UnknownName, match=r"unknown prompt of .*prompted 'maths'. Did you mean 'math'\?"):
        asked(query_prompt_name="maths")
    with pytest.raises(BadConfig, match="say query_prompt or query_prompt_name, not both"):
        asked(query_prompt_name="math", query_prompt="x")


def test_texts_are_cut_at_max_length(build: Build, tiny_kure: Path) -> None:  # noqa: F811
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(tiny_kure)
    short = tokenizer.decode(tokenizer(TEXTS[4])["input_ids"][:9], skip_special_tokens=True)
    found = build(tiny_kure, max_length=10).encode_document([TEXTS[4]])
    np.testing.assert_allclose(found, build(tiny_kure).encode_document([short]), atol=1e-6)


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ({"pooling": "max"}, r"unknown pooling 'max'. Did you mean 'mean'\? There are: \"\", cls, last, mean"),
        ({"pooling": "lasttoken"}, "unknown pooling 'lasttoken'"),
        ({"dimensions": 0}, "dimensions needs a whole number of 1 or more, not 0"),
        ({"max_length": "long"}, "max_length needs a whole number of 1 or more, not 'long'"),
        ({"dtype": "half"}, "unknown dtype 'half'"),
    ],
)
def test_a_bad_option_is_told_before_the_weights_are_looked_for(
    build: Build, option: dict[str, Any], message: str
) -> None:
    with pytest.raises(BadConfig, match=message):
        build("a/b", **option)


@pytest.mark.parametrize("file", ["config.json", "model.safetensors"])
def test_a_damaged_folder_is_one_line(build: Build, tiny_kure: Path, tmp_path: Path, file: str) -> None:  # noqa: F811
    folder = copied(tiny_kure, tmp_path / "damaged")
    (folder / file).write_bytes((folder / file).read_bytes()[:50])
    with pytest.raises(BadConfig) as error:
        build(folder)
    assert str(error.value).startswith(f"{folder}: the model cannot be loaded: ")
    assert "\n" not in str(error.value)


# Pictures


@pytest.fixture(scope="module")
def clip(tiny_siglip: Path, tmp_path_factory: Any) -> Path:  # noqa: F811
    """Two towers as sentence-transformers saves them."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.base.modules import Transformer

    filled = {"text": {"padding": "max_length", "max_length": 64, "truncation": True}}
    folder = tmp_path_factory.mktemp("towers") / "clip"
    SentenceTransformer(modules=[Transformer(str(tiny_siglip), processing_kwargs=filled)], device="cpu").save(
        str(folder)
    )
    return folder


def test_pictures_are_shown_to_a_model_that_takes_them(build: Build, clip: Path) -> None:
    image = Image.fromarray(np.random.default_rng(1).integers(0, 256, (40, 90, 3), np.uint8))
    contents = ["확률", {"image": image, "text": "넓이"}, "https://example.org/a.png", {"image": image, "text": ""}]
    embedder = build(clip, modalities=["text", "image"])
    texts = unit(original(clip).encode([{"text": contents[0]}, {"text": contents[2]}]))
    picture = unit(original(clip).encode([image]))[0]
    found = embedder.encode_document(contents)
    np.testing.assert_allclose(found, [texts[0], picture, texts[1], picture], atol=1e-6)
    assert embedder.remarks == [
        "what has a picture and a text is shown by its picture: this model does not take both at once"
    ]


def test_pictures_are_refused_for_a_model_that_does_not(build: Build, tiny_kure: Path, clip: Path) -> None:  # noqa: F811
    with pytest.raises(BadConfig, match=r"takes text, not image$"):
        build(tiny_kure, modalities=["text", "image"])
    with pytest.raises(BadConfig, match="does not pool tokens; leave `pooling` out"):
        build(clip, pooling="mean")


def test_a_bare_folder_of_two_towers_needs_no_pooling(
    build: Build,
    tiny_siglip: Path,  # noqa: F811
    plugin: Callable[[str], ModuleType],
) -> None:
    """Short texts alone: the tower reads the last place, so a batch that is filled up to its longest is wrong."""
    image = Image.fromarray(np.random.default_rng(1).integers(0, 256, (40, 90, 3), np.uint8))
    contents = [*TEXTS[:3], {"image": image, "text": ""}]
    other = plugin("embedders/siglip").build(Models(), model=str(tiny_siglip), device="cpu")
    found = build(tiny_siglip, modalities=["text", "image"]).encode_document(contents)
    np.testing.assert_allclose(found, other.encode_document(contents), atol=1e-6)


@pytest.mark.parametrize("bare", [False, True])
def test_qwen3_vl_needs_no_torchvision(
    build: Build,
    tiny_qwen: Path,  # noqa: F811
    plugin: Callable[[str], ModuleType],
    tmp_path: Path,
    bare: bool,
) -> None:
    from transformers.models import qwen3_vl

    own, folder = qwen3_vl.Qwen3VLProcessor, tiny_qwen
    if bare:
        folder = copied(tiny_qwen, tmp_path / "bare", modules=None)
        with pytest.raises(BadConfig, match="has no modules.json"):
            build(folder)
        build(folder, pooling="last", modalities=["text", "image"])
    else:
        image = Image.fromarray(np.random.default_rng(1).integers(0, 256, (288, 320, 3), np.uint8))
        contents = ["확률", {"image": image, "text": "넓이"}, {"image": image, "text": ""}]
        prompt = "Represent the user's input."
        other = plugin("embedders/qwen3_vl").build(Models(), model=str(tiny_qwen), device="cpu")
        found = build(tiny_qwen, document_prompt=prompt, modalities=["text", "image"]).encode_document(contents)
        np.testing.assert_allclose(found, other.encode_document(contents), atol=1e-3)
    assert qwen3_vl.Qwen3VLProcessor is own


# Dummies


def test_a_dummy_reads_through_the_folder_that_is_there(build: Build, tiny_kure: Path) -> None:  # noqa: F811
    dummy, real = build(tiny_kure, Models(weights="dummy")), build(tiny_kure)
    for (name, random), (same, trained) in zip(
        dummy.model.named_parameters(), real.model.named_parameters(), strict=True
    ):
        assert (name, random.shape) == (same, trained.shape)
        assert random.ndim == 1 or not random.equal(trained)
    assert dummy.model.tokenizer.get_vocab() == real.model.tokenizer.get_vocab()
    found = dummy.encode_document(TEXTS)
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, atol=1e-5)
    assert np.abs(found - real.encode_document(TEXTS)).max() > 1e-2


def test_the_dummy_has_as_many_weights_as_published(plugin: Callable[[str], ModuleType]) -> None:
    import torch
    from transformers import AutoModel, XLMRobertaConfig

    with torch.device("meta"):
        network = AutoModel.from_config(XLMRobertaConfig(**plugin("embedders/sentence_transformers").XLM_R_LARGE))
    assert sum(weight.numel() for weight in network.parameters()) == 567_754_752


def test_a_dummy_reads(plugin: Callable[[str], ModuleType], build: Build, monkeypatch: Any) -> None:
    """The real way at a small size: full size is for machines with a GPU."""
    module = plugin("embedders/sentence_transformers")
    small = {**module.XLM_R_LARGE, "vocab_size": 40_000, "hidden_size": 64, "num_hidden_layers": 2}
    monkeypatch.setitem(module.RELEASES, KURE, module.Release("", 0, small))
    embedder = build(KURE, Models(weights="dummy"))
    found = embedder.encode_document(TEXTS)
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(found[1:2], embedder.encode_query(TEXTS[1:2]), atol=1e-6)
    assert np.abs(found[0] - found[1]).max() > 1e-3
    with pytest.raises(
        NotMeasured, match="the shape of a/b is not known; there are dummy weights of nlpai-lab/KURE-v1"
    ):
        build("a/b", Models(weights="dummy"))


def test_dummies_are_marked(config_of: Callable[..., Any]) -> None:
    registry = collect(config_of(tables='[models]\nweights = "dummy"'))
    assert [registry.embedders[name].dummy for name in ("kure-v1", "sentence-transformers")] == [True, True]
