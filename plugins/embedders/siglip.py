"""siglip-base, siglip-so400m: pictures and short texts in one space; a content is its picture, its text, or both."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from harness import EmbedderSpec, hookimpl
from harness.config import Config, Models
from harness.engine import choices
from harness.engine.batching import Batcher
from harness.engine.extras import need
from harness.engine.weights import Weights
from harness.errors import BadConfig, NotMeasured, UnknownName
from harness.plugging.components import Content
from harness.ranking.lengths import normalised

Vectors: TypeAlias = npt.NDArray[np.float32]
SHOWS = ("image", "text", "mean", "image-only")


@dataclass(frozen=True)
class Release:
    """What is known of published weights before they are here: commit, bytes, how to use them, and their shape."""

    size: str
    revision: str
    download: int
    shows: str
    about: str
    tower: tuple[int, int, int, int]
    """hidden size, inner size, layers, heads: the same for pictures and for texts"""
    vocabulary: int
    pixels: int
    patch: int

    def config(self) -> Any:
        from transformers import SiglipConfig

        names = ("hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads")
        tower = dict(zip(names, self.tower, strict=True))
        text = {"vocab_size": self.vocabulary, "bos_token_id": None, "eos_token_id": 1}
        vision = {"image_size": self.pixels, "patch_size": self.patch}
        return SiglipConfig(text_config={**tower, **text}, vision_config={**tower, **vision})


RELEASES = {
    "google/siglip-base-patch16-256-multilingual": Release(
        "base", "8952a4eafcde3cb7ab46b1dd629b33f8784ca9c6", 1_482_504_200, "image",
        "SigLIP base, multilingual: a picture where there is one, else 64 tokens of text",
        (768, 3072, 12, 12), vocabulary=250_000, pixels=256, patch=16,
    ),
    "google/siglip-so400m-patch14-384": Release(
        "so400m", "9fdffc58afc957d1a03a25b10dba0329ab15c2a3", 3_511_841_992, "image-only",
        "SigLIP so400m: pictures only, for its vocabulary is English; no picture is a zero vector",
        (1152, 4304, 27, 16), vocabulary=32_000, pixels=384, patch=14,
    ),
}  # fmt: skip


class Siglip:
    """[n, dimensions] of length 1; a zero vector only where there is no picture and no text is read.

    `shows` says what stands for a content that has both: its "image", its "text", or the "mean" of the two vectors; a
    content that has one of them is that one. With "image-only" there is no text tower. `remarks` tells of the texts.
    """

    def __init__(self, eye: Tower, reader: Tower | None, shows: str, remarks: Remarks) -> None:
        self._eye, self._reader, self._shows, self._remarks = eye, reader, shows, remarks
        self.remarks = remarks.sentences
        self.dimensions: int = eye.network.config.hidden_size

    def encode_query(self, inputs: Sequence[Content], /) -> Vectors:
        return self.encode_document(inputs)

    def encode_document(self, inputs: Sequence[Content], /) -> Vectors:
        shown = [self._shown(content) for content in inputs]
        vectors = np.zeros((len(inputs), self.dimensions), np.float32)
        for tower, parts in zip((self._eye, self._reader), zip(*shown, strict=True), strict=False):
            there = {row: part for row, part in enumerate(parts) if part is not None}
            if tower and there:
                vectors[list(there)] += tower.encode(list(there.values()))
        return normalised(vectors)

    def _shown(self, content: Content) -> tuple[Any, str | None]:
        """The picture and the text that stand for a content; None for what does not."""
        picture, text = (None, content) if isinstance(content, str) else (content.get("image"), content.get("text", ""))
        if self._reader is None:
            if picture is None:
                self._remarks.tell("unread", "no text is read: what has no picture is a zero vector")
            return picture, None
        if picture is None or (self._shows == "text" and text.strip()):
            return None, text
        return picture, text if self._shows == "mean" and text.strip() else None


@dataclass(frozen=True)
class Tower:
    """One of the two networks. All its inputs are equally long, `tokens` each; `prepare` makes what it `takes`."""

    network: Any
    takes: str
    tokens: int
    prepare: Callable[[list[Any]], Any]
    batcher: Batcher

    def encode(self, inputs: list[Any]) -> Vectors:
        """[n, dimensions] of length 1."""
        return np.stack(self.batcher.rows(inputs, lambda _: self.tokens, self.prepare, self._pooled))

    def _pooled(self, prepared: Any) -> Vectors:
        import torch

        with torch.inference_mode():
            # Ids without a mask: SigLIP was trained to attend to what fills a text up.
            pooled = self.network(**{self.takes: prepared.to(self.network.device)}).pooler_output
            return torch.nn.functional.normalize(pooled.float(), dim=-1).cpu().numpy()


class Texts:
    """Ids for the text tower, all of one length: it reads the last place, so what is short must be filled up."""

    def __init__(self, tokenizer: Any, tokens: int, remarks: Remarks) -> None:
        self.tokenizer, self.tokens, self.remarks = tokenizer, tokens, remarks
        self._cut: dict[str, bool] = {}
        if tokenizer("2x+3=7")["input_ids"] == tokenizer("2x37")["input_ids"]:
            remarks.tell("signs", "the tokenizer deletes punctuation: '2x+3=7' is read as '2x37'")

    def ids(self, texts: list[str]) -> Any:
        """[n, tokens] int64."""
        self._count(texts)
        full = {"padding": "max_length", "max_length": self.tokens, "truncation": True}
        return self.tokenizer(texts, return_tensors="pt", **full)["input_ids"]

    def _count(self, texts: list[str]) -> None:
        for text in texts:
            if text not in self._cut:
                self._cut[text] = len(self.tokenizer(text, verbose=False)["input_ids"]) > self.tokens
        cut = f"{sum(self._cut.values())} of {len(self._cut)} texts were cut"
        self.remarks.tell("cut", f"{self.tokens} tokens of a text are read: {cut}")


class Remarks:
    """One sentence per key, the newest: whoever holds `sentences` sees a count grow, not a list."""

    def __init__(self, sentences: list[str]) -> None:
        self.sentences = sentences
        self._told: dict[str, str] = {}

    def tell(self, key: str, sentence: str) -> None:
        if key in self._told:
            self.sentences[self.sentences.index(self._told[key])] = sentence
        else:
            self.sentences.append(sentence)
        self._told[key] = sentence


def build(
    models: Models,
    *,
    model: str,
    revision: str = "",
    shows: str = "image",
    dtype: str = "auto",
    device: str = "auto",
    attention: str = "sdpa",
    batch_tokens: int = 32_768,
) -> Siglip:
    if shows not in SHOWS:
        raise UnknownName("shows", str(shows), SHOWS)
    choices.standing(dtype, attention)
    choices.numbers(1, batch_tokens=batch_tokens)
    weights = Weights(model, revision, RELEASES[model].download if model in RELEASES else 0)
    weights.refuse_absent(models)
    need("models", "torch", "transformers", "accelerate", "sentencepiece")
    from harness.models import loading

    reads, place = shows != "image-only", loading.placement(models, device, dtype, attention)
    folder = weights.if_needed(models)
    opened = _opened(folder, place, reads, random=models.dummy) if folder else _released(model, place, reads)
    network, images, tokenizer = opened
    batcher = Batcher(batch_tokens, loading.OUT_OF_MEMORY)
    vision, remarks = network.vision_model if reads else network, Remarks(batcher.remarks)
    patches = (vision.config.image_size // vision.config.patch_size) ** 2
    eye = Tower(vision, "pixel_values", patches, partial(_pixels, images, place.dtype), batcher)
    if not reads:
        return Siglip(eye, None, shows, remarks)
    texts = Texts(tokenizer, network.config.text_config.max_position_embeddings, remarks)
    reader = Tower(network.text_model, "input_ids", texts.tokens, texts.ids, batcher)
    return Siglip(eye, reader, shows, remarks)


def _opened(folder: Path, place: Any, reads: bool, *, random: bool) -> tuple[Any, Any, Any]:
    """Network, image processor and tokenizer of a folder. Raises BadConfig for another architecture."""
    from transformers import AutoConfig, AutoModel, AutoTokenizer, SiglipImageProcessorPil, SiglipVisionModel

    from harness.models import loading

    class Eye(SiglipVisionModel):
        # Half of the file belongs to the tower that is left out: no news.
        _keys_to_ignore_on_load_unexpected = (r"text_model\.", r"logit_")

    with loading.opening(folder):
        config = AutoConfig.from_pretrained(folder, local_files_only=True)
        if config.model_type != "siglip":
            raise BadConfig(f"{folder}: config.json says model_type {config.model_type!r}; this needs 'siglip'")
        # Pillow's resampling: torchvision's gives other pixels, and is one library more.
        images = SiglipImageProcessorPil.from_pretrained(folder, local_files_only=True)
        tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True) if reads else None
    network = _random(config, place, reads) if random else loading.load(AutoModel if reads else Eye, folder, place)
    return network, images, tokenizer


def _released(model: str, place: Any, reads: bool) -> tuple[Any, Any, Any]:
    """The same at full size with random weights, and nothing read. Raises NotMeasured where the shape is not known."""
    from transformers import SiglipImageProcessorPil

    from harness.models import dummies

    if model not in RELEASES:
        raise NotMeasured(f"the shape of {model} is not known; there are dummy weights of {', '.join(RELEASES)}")
    network, side = _random(RELEASES[model].config(), place, reads), RELEASES[model].pixels
    tokenizer = dummies.stand_in_tokenizer(["</s>"], pad="</s>", ends_with="</s>")
    return network, SiglipImageProcessorPil(size={"height": side, "width": side}), tokenizer


def _random(config: Any, place: Any, reads: bool) -> Any:
    from transformers import AutoModel

    from harness.models import loading

    return loading.dummy(AutoModel, config if reads else config.vision_config, place)


def _pixels(images: Any, dtype: Any, pictures: list[Any]) -> Any:
    return images(images=pictures, return_tensors="pt")["pixel_values"].to(dtype)


@hookimpl
def harness_register_embedders(config: Config) -> list[EmbedderSpec]:
    return [
        EmbedderSpec(
            f"siglip-{release.size}",
            partial(build, config.models, model=model, revision=release.revision, shows=release.shows),
            revision=release.revision,
            licence="Apache-2.0",
            about=release.about,
            modalities=("image",) if release.shows == "image-only" else ("text", "image"),
            dimensions=release.tower[0],
            download=release.download,
            dummy=config.models.dummy,
        )
        for model, release in RELEASES.items()
    ]
