"""Qwen3-VL as published: what a conversation looks like, how large a picture may be, which shapes there are.

Nothing here needs torchvision. Sources: the models' cards and the code published beside them.
"""

from __future__ import annotations

import json
import math
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from string import ascii_letters
from types import MappingProxyType
from typing import Any, Final

from PIL import Image
from transformers import Qwen2VLImageProcessorPil, Qwen3VLConfig, Qwen3VLProcessor

from harness.errors import BadConfig, BadData, UnknownName, one_line
from harness.models.dummies import qwen_tokenizer
from harness.plugging.components import Content

try:
    from qwen_vl_utils import fetch_image
except (ImportError, RuntimeError):  # without torchvision, or with one that was built for another torch
    fetch_image = None

TILE: Final = 32
"""Pixels on each side of what becomes one token: patches of 16, merged two by two."""
_LONGEST: Final = 200  # times as long as wide


@dataclass(frozen=True)
class Pixels:
    """How many pixels a picture may have when the network sees it; the published limits are 4 to 1,800 tokens."""

    least: int = 4 * TILE * TILE
    most: int = 1800 * TILE * TILE

    def __post_init__(self) -> None:
        if not TILE * TILE <= self.most >= self.least:
            least = f"{TILE} x {TILE} = {TILE * TILE} at least, and min_pixels ({self.least})"
            raise BadConfig(f"max_pixels needs {least}, not {self.most}")

    def size(self, width: int, height: int) -> tuple[int, int]:
        """(width, height) in multiples of TILE within the limits, the shape kept as nearly as that allows.

        Raises BadData for a picture more than 200 times as long as wide: no such model has seen one.
        """
        if max(width, height) > _LONGEST * min(width, height):
            raise BadData(f"a picture of {width} x {height} pixels is more than {_LONGEST} times as long as wide")
        wide, high = (max(TILE, round(side / TILE) * TILE) for side in (width, height))
        if wide * high > self.most:
            shrink = math.sqrt(width * height / self.most)
            wide, high = (max(TILE, math.floor(side / shrink / TILE) * TILE) for side in (width, height))
        elif wide * high < self.least:
            grow = math.sqrt(self.least / (width * height))
            wide, high = (math.ceil(side * grow / TILE) * TILE for side in (width, height))
        return wide, high

    def fitted(self, image: Image.Image) -> Image.Image:
        """The picture at that size, by qwen_vl_utils where it imports; its resampling is Pillow's, bicubic."""
        size = self.size(*image.size)
        if fetch_image is not None:
            limits = {"min_pixels": self.least, "max_pixels": self.most}
            fetched: Image.Image = fetch_image({"image": image, **limits}, image_patch_size=TILE // 2)
            return fetched
        return image.convert("RGB").resize(size, Image.Resampling.BICUBIC)

    def tokens(self, content: Content) -> int:
        """About how many tokens a content becomes; visual ones exactly."""
        images, text = taken_apart(content)
        visual = sum(math.prod(self.size(*image.size)) // TILE**2 for image in images)
        # A syllable, a digit or a sign is about one token, and so are two Latin letters; a space joins what follows it.
        signs = "".join((text or "").split())
        return visual + len(signs) - sum(map(signs.count, ascii_letters)) // 2

    def parts(self, content: Content) -> list[dict[str, Any]]:
        """What a message holds of a content: pictures, fitted, then the text; "NULL" where nothing is given."""
        images, text = taken_apart(content)
        shown = [{"type": "image", "image": self.fitted(image)} for image in images]
        if text or (text == "" and not shown):
            return [*shown, {"type": "text", "text": text}]
        return shown or [{"type": "text", "text": "NULL"}]


def taken_apart(content: Content) -> tuple[list[Image.Image], str | None]:
    """Pictures, several where "image" is a list, and the text; None is no text, which is not an empty one."""
    if isinstance(content, str):
        return [], content
    image = content.get("image")
    images = image if isinstance(image, (list, tuple)) else [] if image is None else [image]
    return list(images), content.get("text")


def instruction(text: str) -> str:
    """The instruction as the models were trained: stripped, and ended by a full stop if by no punctuation."""
    if not isinstance(text, str):
        raise BadConfig(f"an instruction needs a text in quotes, not {text!r}")
    stripped = text.strip()
    ends = stripped and unicodedata.category(stripped[-1]).startswith("P")
    return stripped if ends or not stripped else f"{stripped}."


class ImageTextProcessor(Qwen3VLProcessor):  # type: ignore[misc]
    """The processor without its part for videos, which alone needs torchvision.

    What it loads is read from the signature of __init__, so leaving the argument out is enough.
    """

    def __init__(
        self, image_processor: Any = None, tokenizer: Any = None, chat_template: str | None = None, **rest: Any
    ) -> None:
        super().__init__(image_processor, tokenizer, video_processor=None, chat_template=chat_template, **rest)


def opened(
    folder: Path | None, model: str, side: str, *, ends_with: str = ""
) -> tuple[Qwen3VLConfig, ImageTextProcessor]:
    """Configuration and processor of a folder; without one `model`'s shape and a stand-in, for dummy weights."""
    if folder is not None:
        return checked_config(folder), processor(folder, side)
    found = stand_in_processor(side, ends_with=ends_with)
    return shape(model, found), found


def processor(folder: Path, padding_side: str) -> ImageTextProcessor:
    """The processor of a released folder. Raises BadConfig in one line for what it lacks."""
    if not any((folder / name).is_file() for name in ("tokenizer.json", "vocab.json")):
        # transformers would make a tokenizer that knows no word, and say nothing.
        raise BadConfig(f"{folder}: has neither tokenizer.json nor vocab.json")
    try:
        found: ImageTextProcessor = ImageTextProcessor.from_pretrained(folder, padding_side=padding_side)
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise BadConfig(f"{folder}: its tokenizer or image processor cannot be loaded: {one_line(error)}") from None
    if not found.chat_template:
        raise BadConfig(f"{folder}: has no chat template (chat_template.jinja, or in tokenizer_config.json)")
    return found


def stand_in_processor(padding_side: str, *, ends_with: str = "") -> ImageTextProcessor:
    """A processor that needs no files; `ends_with` is what its tokenizer puts after every text."""
    tokenizer = qwen_tokenizer(ends_with=ends_with)
    tokenizer.padding_side = padding_side
    half = [0.5, 0.5, 0.5]
    images = Qwen2VLImageProcessorPil(patch_size=TILE // 2, image_mean=half, image_std=half)
    return ImageTextProcessor(images, tokenizer, chat_template=tokenizer.chat_template)


def inputs(
    processor: ImageTextProcessor, conversations: Sequence[list[dict[str, Any]]], **options: Any
) -> Mapping[str, Any]:
    """Padded tensors of many conversations: input_ids, attention_mask [n, length], pixel_values [patches, values] ...

    The pictures stand in the conversations, fitted already.
    """
    texts = processor.apply_chat_template(list(conversations), add_generation_prompt=True, tokenize=False)
    parts = (part for message in chain(*conversations) for part in message["content"])
    images = [part["image"] for part in parts if part["type"] == "image"]
    tensors: Mapping[str, Any] = processor(
        text=texts, images=images or None, padding=True, do_resize=False, return_tensors="pt", **options
    )
    return tensors


def checked_config(folder: Path) -> Qwen3VLConfig:
    """The configuration of a folder. Raises BadConfig where it is that of another architecture."""
    try:
        found = json.loads((folder / "config.json").read_text(encoding="utf-8")).get("model_type")
    except (OSError, ValueError, AttributeError) as error:
        raise BadConfig(f"{folder}: config.json cannot be read: {one_line(error)}") from None
    if found != "qwen3_vl":
        raise BadConfig(f"{folder}: config.json says model_type {found!r}; this needs 'qwen3_vl'")
    return Qwen3VLConfig.from_pretrained(folder)


_TEXT: Final = {
    "num_key_value_heads": 8, "head_dim": 128, "vocab_size": 151936, "max_position_embeddings": 262144,
    "rms_norm_eps": 1e-6, "rope_theta": 5_000_000,
    "rope_scaling": {"rope_type": "default", "mrope_interleaved": True, "mrope_section": [24, 20, 20]},
}  # fmt: skip
_VISION: Final = {"num_heads": 16, "patch_size": 16, "spatial_merge_size": 2, "num_position_embeddings": 2304}


def _shape(text: tuple[int, ...], vision: tuple[int, ...], deepstack: list[int], *, tied: bool) -> dict[str, Any]:
    """A configuration: both networks by width, inner width and layers, the text's by its heads too."""
    names = ("hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads")
    reads = _TEXT | dict(zip(names, text, strict=True)) | {"tie_word_embeddings": tied}
    sees: dict[str, Any] = {**_VISION, "out_hidden_size": text[0], "deepstack_visual_indexes": deepstack}
    sees |= zip(("hidden_size", "intermediate_size", "depth"), vision, strict=True)
    return {"text_config": reads, "vision_config": sees, "tie_word_embeddings": tied}


_2B: Final = _shape((2048, 6144, 28, 16), (1024, 4096, 24), [5, 11, 17], tied=True)
_8B: Final = _shape((4096, 12288, 36, 32), (1152, 4304, 27), [8, 16, 24], tied=False)
SHAPES: Final[Mapping[str, Mapping[str, Any]]] = MappingProxyType(
    {"Qwen/Qwen3-VL-Embedding-2B": _2B, "Qwen/Qwen3-VL-Embedding-8B": _8B, "Qwen/Qwen3-VL-Reranker-2B": _2B}
)
"""Released model -> its configuration: enough to build it at full size with random weights."""


def shape(model: str, seen_through: ImageTextProcessor) -> Qwen3VLConfig:
    """The configuration of a released model, its ids those of the processor. Raises UnknownName for another model."""
    if model not in SHAPES:
        raise UnknownName("shape for dummy weights", model, SHAPES)
    ids = ("image_token_id", "video_token_id", "vision_start_token_id", "vision_end_token_id")
    return Qwen3VLConfig(**SHAPES[model], **{name: getattr(seen_through, name) for name in ids})
