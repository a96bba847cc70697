"""siglip: both towers against transformers and sentence-transformers; what its tokenizer does to formulas."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from PIL import Image
from tiny import tiny_kure, tiny_siglip  # noqa: F401

from harness.config import Models
from harness.errors import BadConfig, NotMeasured, UnknownName
from harness.plugging.registry import Registry, collect

for library in ("torch", "transformers", "sentencepiece"):
    pytest.importorskip(library)

Build = Callable[..., Any]
TEXTS = ["확률", "삼각형 ABC의 넓이를 구하시오.", "2x+3=7", "", "직사각형의 둘레를 구하여라. " * 20]
BASE = "google/siglip-base-patch16-256-multilingual"
SO400M = "google/siglip-so400m-patch14-384"


@pytest.fixture
def siglip(plugin: Callable[[str], ModuleType], tiny_siglip: Path) -> Build:  # noqa: F811
    def build(**options: Any) -> Any:
        return plugin("embedders/siglip").build(Models(), model=str(tiny_siglip), device="cpu", **options)

    return build


@pytest.fixture(scope="module")
def towers(tiny_siglip: Path) -> tuple[Any, Any, Any]:  # noqa: F811
    """Model, tokenizer and image processor as transformers' own documentation loads them."""
    import torch
    from transformers import AutoImageProcessor, AutoTokenizer, SiglipModel

    model = SiglipModel.from_pretrained(tiny_siglip, dtype=torch.float32, attn_implementation="eager").eval()
    return (
        model,
        AutoTokenizer.from_pretrained(tiny_siglip),
        AutoImageProcessor.from_pretrained(tiny_siglip, backend="pil"),
    )


def read(towers: tuple[Any, Any, Any], texts: list[str], **padding: Any) -> np.ndarray:
    import torch

    model, tokenizer, _ = towers
    with torch.no_grad():
        ids = tokenizer(texts, truncation=True, max_length=64, return_tensors="pt", **padding)["input_ids"]
        return unit(model.get_text_features(input_ids=ids).pooler_output.numpy())


def seen(towers: tuple[Any, Any, Any], images: list[Any]) -> np.ndarray:
    import torch

    model, _, processor = towers
    with torch.no_grad():
        pixels = torch.cat([processor(images=image, return_tensors="pt")["pixel_values"] for image in images])
        return unit(model.get_image_features(pixel_values=pixels).pooler_output.numpy())


def unit(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)


def noise(width: int, height: int) -> Image.Image:
    pixels = np.random.default_rng(width).integers(0, 256, (height, width, 3), np.uint8)
    return Image.fromarray(pixels)


IMAGES = [noise(64, 64), noise(7, 3), noise(400, 20), Image.new("RGB", (500, 300), "white")]


def test_texts_are_read_as_by_transformers(siglip: Build, towers: tuple[Any, Any, Any]) -> None:
    found = siglip().encode_document(TEXTS)
    np.testing.assert_allclose(found, read(towers, TEXTS, padding="max_length"), atol=1e-6)
    assert found.dtype == np.float32


def test_padding_to_the_longest_would_be_wrong(siglip: Build, towers: tuple[Any, Any, Any]) -> None:
    """What most libraries do by themselves. The tower reads the last place, wherever that is."""
    trapped = read(towers, TEXTS[:3], padding=True)
    cosines = (siglip().encode_document(TEXTS[:3]) * trapped).sum(axis=1)
    assert cosines.max() < 0.99


def test_pictures_are_seen_as_by_transformers(siglip: Build, towers: tuple[Any, Any, Any]) -> None:
    shown = [{"image": image, "text": "무엇이든"} for image in IMAGES]
    np.testing.assert_allclose(siglip().encode_query(shown), seen(towers, IMAGES), atol=1e-6)


def test_sentence_transformers_gives_the_same(siglip: Build, tiny_siglip: Path) -> None:  # noqa: F811
    st = pytest.importorskip("sentence_transformers")
    other = st.SentenceTransformer(str(tiny_siglip), device="cpu", model_kwargs={"dtype": "float32"})
    fixed = {"text": {"padding": "max_length", "max_length": 64, "truncation": True}}
    texts = other.encode(TEXTS, processing_kwargs=fixed, normalize_embeddings=True)
    np.testing.assert_allclose(siglip().encode_document(TEXTS), texts, atol=1e-6)
    images = other.encode(IMAGES, normalize_embeddings=True)
    shown = [{"image": image, "text": ""} for image in IMAGES]
    np.testing.assert_allclose(siglip().encode_document(shown), images, atol=1e-6)


@pytest.mark.parametrize("batch_tokens", [1, 130, 100_000])
def test_a_content_has_one_vector_in_any_company(siglip: Build, batch_tokens: int) -> None:
    mixed = [TEXTS[0], {"image": IMAGES[0], "text": TEXTS[1]}, TEXTS[4], {"image": IMAGES[2], "text": ""}, ""]
    embedder = siglip(batch_tokens=batch_tokens)
    alone = [embedder.encode_document([content])[0] for content in mixed]
    np.testing.assert_allclose(embedder.encode_document(mixed), alone, atol=1e-6)
    assert embedder.encode_document([]).shape == (0, 64)


def test_shows_says_what_stands_for_a_content(siglip: Build, towers: tuple[Any, Any, Any]) -> None:
    contents = [{"image": IMAGES[0], "text": TEXTS[1]}, {"image": IMAGES[0], "text": " "}, TEXTS[1]]
    image, text = seen(towers, IMAGES[:1])[0], read(towers, TEXTS[1:2], padding="max_length")[0]
    expected = {
        "image": [image, image, text],
        "text": [text, image, text],
        "mean": [unit(image + text), image, text],
        "image-only": [image, image, np.zeros(64)],
    }
    for shows, vectors in expected.items():
        np.testing.assert_allclose(siglip(shows=shows).encode_document(contents), vectors, atol=1e-6, err_msg=shows)
    with pytest.raises(UnknownName, match="unknown shows 'both'"):
        siglip(shows="both")


def test_the_tokenizer_deletes_punctuation_and_the_remarks_say_so(siglip: Build) -> None:
    embedder = siglip()
    same = embedder.encode_document(["2x+3=7", "2x37", r"\frac{1}{2}", "frac12"])
    np.testing.assert_array_equal(same[0], same[1])
    np.testing.assert_array_equal(same[2], same[3])
    assert "the tokenizer deletes punctuation: '2x+3=7' is read as '2x37'" in embedder.remarks


def test_the_remarks_count_each_text_that_is_cut_once(siglip: Build) -> None:
    embedder = siglip()
    remarks = embedder.remarks
    for _ in range(3):
        embedder.encode_document(TEXTS)
    assert remarks[1:] == ["64 tokens of a text are read: 1 of 5 texts were cut"]
    embedder.encode_query(["도형 " * 100])
    assert remarks[1:] == ["64 tokens of a text are read: 2 of 6 texts were cut"]


def test_a_batch_too_large_for_the_memory_is_halved(siglip: Build) -> None:
    import torch

    def small_card(network: Any, inputs: Any, named: Any) -> None:
        if len(next(iter(named.values()))) > 2:
            raise torch.OutOfMemoryError("CUDA out of memory")

    embedder = siglip(shows="image-only")
    shown = [{"image": image, "text": ""} for image in IMAGES]
    expected = embedder.encode_document(shown)
    embedder._eye.network.register_forward_pre_hook(small_card, with_kwargs=True)
    np.testing.assert_allclose(embedder.encode_document(shown), expected, atol=1e-6)
    said = ["batches of 32,768 tokens did not fit into memory; they were halved to 32"]
    assert embedder.remarks == said
    sizes: list[int] = []
    watch = embedder._eye.network.register_forward_pre_hook(
        lambda _, __, named: sizes.append(len(next(iter(named.values())))), with_kwargs=True, prepend=True
    )
    np.testing.assert_allclose(embedder.encode_query(shown), expected, atol=1e-6)
    watch.remove()
    assert (sizes, embedder.remarks) == ([2, 2], said)


def test_remarks_of_both_kinds_stay_beside_each_other(siglip: Build) -> None:
    import torch

    def small_card(network: Any, inputs: Any, named: Any) -> None:
        if len(next(iter(named.values()))) > 2:
            raise torch.OutOfMemoryError("CUDA out of memory")

    embedder = siglip()
    embedder._reader.network.register_forward_pre_hook(small_card, with_kwargs=True)
    for texts in (TEXTS, ["도형 " * 100]):
        embedder.encode_document(texts)
    assert embedder.remarks[1:] == [
        "64 tokens of a text are read: 2 of 6 texts were cut",
        "batches of 32,768 tokens did not fit into memory; they were halved to 128",
    ]


def test_only_pictures_is_said_and_loads_one_tower(siglip: Build, capfd: pytest.CaptureFixture[str]) -> None:
    embedder = siglip(shows="image-only")
    assert "UNEXPECTED" not in "".join(capfd.readouterr())
    assert embedder.remarks == []
    embedder.encode_document(TEXTS)
    assert embedder.remarks == ["no text is read: what has no picture is a zero vector"]


def test_another_architecture_is_refused(plugin: Callable[[str], ModuleType], tiny_kure: Path) -> None:  # noqa: F811
    with pytest.raises(BadConfig, match=r"config.json says model_type 'xlm-roberta'; this needs 'siglip'"):
        plugin("embedders/siglip").build(Models(), model=str(tiny_kure))


def test_weights_that_are_not_here_are_not_measured(registry: Registry, monkeypatch: Any, tmp_path: Path) -> None:
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(NotMeasured, match=r"weights of google/siglip-so400m.* `--download` fetches 3.5 GB"):
        registry.embedders["siglip-so400m"].build()


@pytest.mark.parametrize(("model", "count"), [(BASE, 370_626_050), (SO400M, 877_960_498)])
def test_dummies_have_as_many_weights_as_published(plugin: Callable[[str], ModuleType], model: str, count: int) -> None:
    import torch
    from transformers import AutoModel

    with torch.device("meta"):
        network = AutoModel.from_config(plugin("embedders/siglip").RELEASES[model].config())
    assert sum(weight.numel() for weight in network.parameters()) == count


@pytest.mark.parametrize("shows", ["image", "image-only"])
def test_a_dummy_reads_and_sees_through_the_folder_that_is_there(
    plugin: Callable[[str], ModuleType],
    siglip: Build,
    tiny_siglip: Path,  # noqa: F811
    shows: str,
) -> None:
    dummy = plugin("embedders/siglip").build(Models(weights="dummy"), model=str(tiny_siglip), device="cpu", shows=shows)
    contents = [TEXTS[1], {"image": IMAGES[0], "text": ""}, {"image": IMAGES[2], "text": ""}]
    found, real = dummy.encode_document(contents), siglip(shows=shows).encode_document(contents)
    assert found.shape == real.shape == (3, 64)
    assert np.abs(found - real)[1:].max() > 1e-2
    if shows == "image":
        assert "the tokenizer deletes punctuation: '2x+3=7' is read as '2x37'" in dummy.remarks
        assert np.abs(found[0] - real[0]).max() > 1e-2


def test_a_damaged_folder_is_one_line(plugin: Callable[[str], ModuleType], tiny_siglip: Path, tmp_path: Path) -> None:  # noqa: F811
    folder = Path(shutil.copytree(tiny_siglip, tmp_path / "copy"))
    (folder / "preprocessor_config.json").unlink()
    with pytest.raises(BadConfig) as error:
        plugin("embedders/siglip").build(Models(), model=str(folder), device="cpu")
    assert str(error.value).startswith(f"{folder}: the model cannot be loaded: ")
    assert "\n" not in str(error.value)


def test_dummies_read_and_see(
    plugin: Callable[[str], ModuleType], config_of: Callable[..., Any], monkeypatch: Any
) -> None:
    """The real way at a small size: full size is for machines with a GPU."""
    module = plugin("embedders/siglip")
    small = module.Release("base", "", 0, "image", "", (64, 128, 2, 4), vocabulary=40_000, pixels=64, patch=16)
    monkeypatch.setitem(module.RELEASES, BASE, small)
    spec = collect(config_of(tables='[models]\nweights = "dummy"')).embedders["siglip-base"]
    assert spec.dummy
    contents = [TEXTS[1], {"image": IMAGES[0], "text": ""}, TEXTS[0], {"image": IMAGES[1], "text": "확률"}]
    for shows in module.SHOWS:
        embedder = module.build(Models(weights="dummy"), model=BASE, shows=shows, device="cpu")
        vectors = embedder.encode_document(contents)
        assert np.isfinite(vectors).all()
        np.testing.assert_allclose(np.linalg.norm(vectors[[1, 3]], axis=1), 1, atol=1e-5)
    with pytest.raises(
        NotMeasured, match="the shape of a/b is not known; there are dummy weights of google/siglip-base"
    ):
        module.build(Models(weights="dummy"), model="a/b")
