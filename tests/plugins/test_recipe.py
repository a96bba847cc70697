"""What the models' cards say, done by hand on tiny checkpoints, one content at a time: the plugins give the same vectors."""

from __future__ import annotations

import json
import math
import shutil
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from PIL import Image

from harness.config import Models
from harness.data.images import open_image

pytest_plugins = ("tiny",)
torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

Plugin = Callable[[str], ModuleType]
INSTRUCTION = "Represent the user's input."
TEXTS = [
    "삼각형 ABC의 넓이를 구하시오.",
    r"$x^2-5x+6=0$의 두 근을 구하시오.",
    "3",
    "",
    "함수 y=2x+1의 그래프의 기울기와 y절편을 구하고, 그래프가 지나는 점을 모두 쓰시오. " * 5,
]


def picture(width: int, height: int, seed: int) -> Image.Image:
    return Image.fromarray(np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8))


SHOWN: dict[str, Any] = {
    **{f"text {number}": text for number, text in enumerate(TEXTS)},
    "picture": {"image": picture(150, 90, 1), "text": ""},
    "picture and text": {"image": picture(90, 150, 2), "text": TEXTS[0]},
    "two pictures": {"image": [picture(64, 96, 3), picture(200, 40, 4)], "text": TEXTS[1]},
    "tiny": {"image": picture(3, 5, 5), "text": "점"},
    "wide": {"image": picture(900, 20, 6), "text": "수직선"},
    "high": {"image": picture(7, 300, 7), "text": ""},
    "huge": {"image": picture(2000, 1500, 8), "text": "도형"},
}
FEW = [shown for name, shown in SHOWN.items() if name != "huge"]


def off(ours: Any, theirs: Any) -> float:
    return float(np.abs(np.asarray(ours) - np.asarray(theirs)).max())


def unit(vector: Any) -> np.ndarray:
    vector = np.asarray(vector, np.float64)
    return vector / np.sqrt((vector**2).sum(axis=-1, keepdims=True))


# Qwen3-VL-Embedding


class ByHand:
    """The published recipe without anything of the harness: prompt, resizing and pooling are written out."""

    def __init__(self, folder: Path) -> None:
        self.network = transformers.AutoModel.from_pretrained(folder, dtype=torch.float32).eval()
        self.tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
        self.eye = transformers.AutoImageProcessor.from_pretrained(folder, backend="pil")
        self.end, self.image = self.tokenizer.convert_tokens_to_ids(["<|endoftext|>", "<|image_pad|>"])

    def vector(self, shown: Any, instruction: str = INSTRUCTION, max_length: int = 8192) -> np.ndarray:
        ids, images = self.read(shown, instruction)
        ids = [*ids[: max_length - 1], self.end]
        return unit(self.states([ids], [[1] * len(ids)], images)[0, -1])

    def read(self, shown: Any, instruction: str) -> tuple[list[int], list[Image.Image]]:
        """The ids of a conversation but for the one that ends it, and its pictures as the network sees them."""
        shown = {"text": shown} if isinstance(shown, str) else shown
        images = shown.get("image", [])
        images = [self.resized(each) for each in (images if isinstance(images, list) else [images])]
        seen = "".join(self.places(each) for each in images)
        system = f"<|im_start|>system\n{instruction}<|im_end|>\n"
        user = f"<|im_start|>user\n{seen}{shown['text']}<|im_end|>\n"
        prompt = f"{system}{user}<|im_start|>assistant\n"
        return self.tokenizer(prompt, add_special_tokens=False).input_ids, images

    def places(self, image: Image.Image) -> str:
        return f"<|vision_start|>{'<|image_pad|>' * (image.width * image.height // 1024)}<|vision_end|>"

    def resized(self, image: Image.Image) -> Image.Image:
        """Sides in multiples of 32, with 4 to 1,800 squares of 32 x 32 pixels."""
        sides = [max(32, round(side / 32) * 32) for side in image.size]
        if sides[0] * sides[1] > 1800 * 1024:
            by = math.sqrt(image.width * image.height / (1800 * 1024))
            sides = [math.floor(side / by / 32) * 32 for side in image.size]
        elif sides[0] * sides[1] < 4 * 1024:
            by = math.sqrt(4 * 1024 / (image.width * image.height))
            sides = [math.ceil(side * by / 32) * 32 for side in image.size]
        return image.resize(tuple(sides), Image.Resampling.BICUBIC)

    def states(self, ids: list[list[int]], attended: list[list[int]], images: list[Image.Image]) -> Any:
        rows = torch.tensor(ids)
        seen = dict(self.eye(images, do_resize=False, return_tensors="pt")) if images else {}
        kinds = (rows == self.image).int()
        with torch.no_grad():
            return self.network(
                input_ids=rows, attention_mask=torch.tensor(attended), mm_token_type_ids=kinds, **seen
            ).last_hidden_state


@pytest.fixture(scope="module")
def by_hand(tiny_qwen: Path) -> ByHand:
    return ByHand(tiny_qwen)


@pytest.fixture(scope="module")
def singly(by_hand: ByHand) -> np.ndarray:
    """The vectors of FEW, one by one."""
    return np.stack([by_hand.vector(shown) for shown in FEW])


@pytest.fixture
def qwen(plugin: Plugin, tiny_qwen: Path) -> Callable[..., Any]:
    def build(**options: Any) -> Any:
        return plugin("embedders/qwen3_vl").build(Models(), model=str(tiny_qwen), device="cpu", **options)

    return build


@pytest.mark.parametrize("name", SHOWN)
def test_qwen_embeds_a_content_as_by_hand(name: str, qwen: Any, by_hand: ByHand) -> None:
    assert off(qwen().encode_document([SHOWN[name]]), [by_hand.vector(SHOWN[name])]) <= 1e-6


def test_what_is_compared_tells_contents_apart(singly: np.ndarray) -> None:
    apart = np.linalg.norm(singly[:, None] - singly, axis=2)
    assert apart[~np.eye(len(FEW), dtype=bool)].min() > 0.05


@pytest.mark.parametrize("batch_tokens", [1, 400, 100_000])
def test_qwen_embeds_many_as_one_by_one_by_hand(batch_tokens: int, qwen: Any, singly: np.ndarray) -> None:
    embedder = qwen(batch_tokens=batch_tokens)
    assert off(embedder.encode_query(FEW), singly) <= 1e-6
    assert off(embedder.encode_document(FEW[::-1]), singly[::-1]) <= 1e-6


def filled_up(by_hand: ByHand, left: bool) -> np.ndarray:
    """FEW as one batch whose rows are filled up by hand; the state of each last attended token."""
    read = [by_hand.read(shown, INSTRUCTION) for shown in FEW]
    rows = [[*ids, by_hand.end] for ids, _ in read]
    blank = [[0] * (max(map(len, rows)) - len(row)) for row in rows]
    ones = [[1] * len(row) for row in rows]
    ids = [space + row if left else row + space for space, row in zip(blank, rows, strict=True)]
    mask = [space + there if left else there + space for space, there in zip(blank, ones, strict=True)]
    states = by_hand.states(ids, mask, [image for _, images in read for image in images])
    return unit([states[at, -1 if left else len(row) - 1].numpy() for at, row in enumerate(rows)])


def test_the_side_that_is_filled_up_makes_no_difference(qwen: Any, by_hand: ByHand) -> None:
    by_side = [filled_up(by_hand, left=left) for left in (True, False)]
    for side in ("left", "right"):
        embedder = qwen()
        embedder._processor.tokenizer.padding_side = side
        ours = embedder.encode_document(FEW)
        assert max(off(ours, theirs) for theirs in by_side) <= 1e-6


@pytest.mark.parametrize("max_length", [20, 47, 100])
def test_qwen_cuts_the_end_of_a_text_but_keeps_its_last_token(max_length: int, qwen: Any, by_hand: ByHand) -> None:
    texts = [TEXTS[4], TEXTS[0], TEXTS[1] * 9]
    expected = [by_hand.vector(text, max_length=max_length) for text in texts]
    assert off(expected[0], by_hand.vector(TEXTS[4])) > 0.01
    assert off(qwen(max_length=max_length).encode_document(texts), expected) <= 1e-6


def test_qwen_follows_its_instructions(qwen: Any, by_hand: ByHand) -> None:
    embedder = qwen(query_instruction=" Find similar items ", document_instruction="문항을 나타내시오!")
    shown = [SHOWN[name] for name in ("text 0", "picture", "picture and text")]
    asked, held = embedder.encode_query(shown), embedder.encode_document(shown)
    assert off(asked, [by_hand.vector(each, "Find similar items.") for each in shown]) <= 1e-6
    assert off(held, [by_hand.vector(each, "문항을 나타내시오!") for each in shown]) <= 1e-6


def test_qwen_cuts_a_vector_as_by_hand(qwen: Any, singly: np.ndarray) -> None:
    assert off(qwen(dimensions=24).encode_document(FEW), unit(singly[:, :24])) <= 1e-6


def test_the_mean_is_over_all_tokens(qwen: Any, by_hand: ByHand) -> None:
    expected = []
    for shown in FEW:
        ids, images = by_hand.read(shown, INSTRUCTION)
        ids = [*ids, by_hand.end]
        expected.append(unit(by_hand.states([ids], [[1] * len(ids)], images)[0].double().mean(dim=0)))
    assert off(qwen(pooling="mean").encode_document(FEW), expected) <= 1e-6


def layered() -> np.ndarray:
    """[48, 80, 4]: colours under every degree of transparency, and a clear corner."""
    pixels = np.random.default_rng(9).integers(0, 256, (48, 80, 4), np.uint8)
    pixels[:20, :30, 3] = 0
    pixels[30:, :, 3] = 255
    return pixels


def on_white(pixels: np.ndarray) -> Image.Image:
    """Colour x alpha + white x (1 - alpha), rounded."""
    colour, alpha = pixels[..., :-1].astype(float), pixels[..., -1:] / 255
    mixed = np.rint(colour * alpha + 255 * (1 - alpha)).astype(np.uint8)
    return Image.fromarray(np.broadcast_to(mixed, (*mixed.shape[:2], 3)).copy())


def palette() -> tuple[Image.Image, np.ndarray]:
    """A picture of four colours, one of which is clear, and its pixels in RGBA."""
    places = np.random.default_rng(10).integers(0, 4, (48, 80), np.uint8)
    colours = np.array([[250, 0, 0], [0, 20, 200], [0, 0, 0], [90, 90, 90]], np.uint8)
    image = Image.fromarray(places)
    image.putpalette(colours.ravel().tolist())
    alpha = np.where(places == 2, 0, 255).astype(np.uint8)
    return image, np.dstack([colours[places], alpha])


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_what_is_transparent_is_white_paper(mode: str, qwen: Any, by_hand: ByHand, tmp_path: Path) -> None:
    pixels, more = (layered() if mode == "RGBA" else layered()[..., 2:]), {}
    image = Image.fromarray(pixels)
    if mode == "P":
        image, pixels = palette()
        more = {"transparency": 2}
    image.save(tmp_path / "seen.png", **more)
    with Image.open(tmp_path / "seen.png") as kept:
        assert kept.mode == mode
    ours = qwen().encode_document([{"image": open_image(tmp_path / "seen.png"), "text": "도형"}])
    expected = by_hand.vector({"image": on_white(pixels), "text": "도형"})
    assert off(ours, [expected]) <= 1e-6
    bare = by_hand.vector({"image": Image.fromarray(pixels).convert("RGB"), "text": "도형"})
    assert off(bare, expected) > 0.01


# KURE-v1


def kure_by_hand(folder: Path, pooled: Callable[[Any], Any], max_length: int = 8192) -> Callable[[str], np.ndarray]:
    network = transformers.AutoModel.from_pretrained(folder, dtype=torch.float32).eval()
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)

    def vector(text: str) -> np.ndarray:
        ids = tokenizer(text, add_special_tokens=False, verbose=False).input_ids[: max_length - 2]
        row = torch.tensor([[tokenizer.bos_token_id, *ids, tokenizer.eos_token_id]])
        with torch.no_grad():
            return unit(pooled(network(input_ids=row).last_hidden_state[0].double()))

    return vector


def first(states: Any) -> Any:
    return states[0]


def average(states: Any) -> Any:
    return states.mean(dim=0)


@pytest.fixture
def kure(plugin: Plugin, tiny_kure: Path) -> Callable[..., Any]:
    pytest.importorskip("sentence_transformers")

    def build(folder: Path = tiny_kure, **options: Any) -> Any:
        return plugin("embedders/sentence_transformers").build(Models(), model=str(folder), device="cpu", **options)

    return build


@pytest.mark.parametrize("batch_tokens", [1, 100_000])
def test_kure_is_the_first_token_of_the_text_alone(batch_tokens: int, kure: Any, tiny_kure: Path) -> None:
    by_hand = kure_by_hand(tiny_kure, first)
    expected = [by_hand(text) for text in TEXTS]
    embedder = kure(batch_tokens=batch_tokens, query_prompt="", document_prompt="")
    assert off(embedder.encode_document(TEXTS), expected) <= 1e-6
    assert off(embedder.encode_query(TEXTS), expected) <= 1e-6


def test_kure_cuts_the_end_of_a_text(kure: Any, tiny_kure: Path) -> None:
    cut, whole = kure_by_hand(tiny_kure, first, max_length=12), kure_by_hand(tiny_kure, first)
    assert off(cut(TEXTS[4]), whole(TEXTS[4])) > 0.01
    assert off(kure(max_length=12).encode_document(TEXTS), [cut(text) for text in TEXTS]) <= 1e-6


def test_how_kure_pools_is_read_from_its_folder(kure: Any, tiny_kure: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(tiny_kure, tmp_path / "copy")
    averages = {"word_embedding_dimension": 64, "pooling_mode_cls_token": False, "pooling_mode_mean_tokens": True}
    (copy / "1_Pooling/config.json").write_text(json.dumps(averages), encoding="utf-8")
    by_hand = kure_by_hand(tiny_kure, average)
    means = kure(copy).encode_document(TEXTS)
    assert off(means, [by_hand(text) for text in TEXTS]) <= 1e-6
    assert off(means, kure().encode_document(TEXTS)) > 0.05


# SigLIP


class Towers:
    """Both of SigLIP's networks: a text is always 64 ids long, a picture 64 x 64 pixels (in the tiny folder)."""

    def __init__(self, folder: Path) -> None:
        pytest.importorskip("sentencepiece")
        self.network = transformers.SiglipModel.from_pretrained(folder, dtype=torch.float32).eval()
        self.tokenizer = transformers.AutoTokenizer.from_pretrained(folder)

    def reads(self, text: str, places: int = 64) -> np.ndarray:
        """The end of a text, </s>, is also what fills it up."""
        pieces = self.tokenizer(text, add_special_tokens=False, verbose=False).input_ids[: places - 1]
        ids = pieces + [self.tokenizer.eos_token_id] * (places - len(pieces))
        with torch.no_grad():
            return unit(self.network.text_model(input_ids=torch.tensor([ids])).pooler_output[0])

    def sees(self, image: Image.Image) -> np.ndarray:
        small = np.asarray(image.resize((64, 64), Image.Resampling.BICUBIC), np.float32)
        pixels = torch.tensor((small / 255 - 0.5) / 0.5).permute(2, 0, 1)[None]
        with torch.no_grad():
            return unit(self.network.vision_model(pixel_values=pixels).pooler_output[0])


@pytest.fixture(scope="module")
def towers(tiny_siglip: Path) -> Towers:
    return Towers(tiny_siglip)


@pytest.fixture
def siglip(plugin: Plugin, tiny_siglip: Path) -> Callable[..., Any]:
    def build(**options: Any) -> Any:
        return plugin("embedders/siglip").build(Models(), model=str(tiny_siglip), device="cpu", **options)

    return build


@pytest.mark.parametrize("batch_tokens", [1, 100_000])
def test_siglip_reads_64_places_of_every_text(batch_tokens: int, siglip: Any, towers: Towers) -> None:
    expected = [towers.reads(text) for text in TEXTS]
    assert off(siglip(batch_tokens=batch_tokens).encode_document(TEXTS), expected) <= 1e-6
    longest = max(len(towers.tokenizer(text).input_ids) for text in TEXTS[:4])
    assert off(expected[:4], [towers.reads(text, longest) for text in TEXTS[:4]]) > 0.01


def test_siglip_sees_a_picture_as_by_hand(siglip: Any, towers: Towers, tmp_path: Path) -> None:
    Image.fromarray(layered()).save(tmp_path / "clear.png")
    images = [picture(150, 90, 1), picture(3, 5, 5), picture(900, 20, 6), open_image(tmp_path / "clear.png")]
    expected = [towers.sees(image) for image in [*images[:3], on_white(layered())]]
    assert off(siglip().encode_document([{"image": image, "text": "도형"} for image in images]), expected) <= 1e-6
