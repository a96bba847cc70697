"""qwen3-vl-2b, qwen3-vl-8b: pictures and texts read together; pooled otherwise, quantised or cut by variant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from harness import EmbedderSpec, hookimpl
from harness.config import Config, Models
from harness.engine import choices
from harness.engine.batching import Batcher
from harness.engine.extras import need
from harness.engine.weights import Weights
from harness.errors import BadConfig, one_line
from harness.plugging.components import Content

Vectors: TypeAlias = npt.NDArray[np.float32]

INSTRUCTION = "Represent the user's input."

RELEASES = {
    "2b": Weights("Qwen/Qwen3-VL-Embedding-2B", "9f2f7e710d6d81056aa5c0a4f04764fec6bb7bda", 4_255_140_312),
    "8b": Weights("Qwen/Qwen3-VL-Embedding-8B", "2c4565515e0f265c6511776e7193b22c0968ddc7", 16_289_587_680),
}
SIZES = {release.model: release.download for release in RELEASES.values()}
WIDTHS = {RELEASES["2b"].model: 2048, RELEASES["8b"].model: 4096}

VARIANTS: dict[str, tuple[str, dict[str, Any]]] = {
    "": ("the last token's state, as published", {}),
    "-meanpool": ("the mean of all tokens' states", {"pooling": "mean"}),
    "-nf4": ("weights of four bits", {"quantization": "nf4"}),
    "-d1024": ("cut to 1,024 dimensions", {"dimensions": 1024}),
    "-d512": ("cut to 512 dimensions", {"dimensions": 512}),
    "-d256": ("cut to 256 dimensions", {"dimensions": 256}),
}
"""Ending of a name -> what is special about it, and the options that make it so."""


def last(hidden: Any, attended: Any) -> Any:
    """[n, width]: the state of the last attended token, on whichever side the rows are filled up."""
    places = attended.shape[1] - 1 - attended.flip(1).argmax(1)
    return hidden[range(len(hidden)), places].float()


def mean(hidden: Any, attended: Any) -> Any:
    """[n, width]: the mean state of the attended tokens."""
    weights = attended.unsqueeze(-1).float()
    return (hidden.float() * weights).sum(1) / weights.sum(1)


POOLINGS = {"last": last, "mean": mean}


@dataclass(frozen=True)
class Recipe:
    """How a content becomes a vector; `pixels` are the limits of pictures, lengths are in tokens."""

    pooling: str
    dimensions: int
    query_instruction: str
    document_instruction: str
    pixels: Any
    max_length: int


class Qwen3VL:
    """[n, dimensions] float32 of length 1. A vector is cut, then made of length 1 again, where the recipe says so.

    `processor` fills up on the right. `remarks` says where a batch did not fit.
    """

    def __init__(self, network: Any, processor: Any, recipe: Recipe, batcher: Batcher) -> None:
        self.remarks = batcher.remarks
        self._network, self._processor, self._recipe, self._batcher = network, processor, recipe, batcher

    def encode_query(self, inputs: Sequence[Content], /) -> Vectors:
        return self._encoded(inputs, self._recipe.query_instruction)

    def encode_document(self, inputs: Sequence[Content], /) -> Vectors:
        return self._encoded(inputs, self._recipe.document_instruction)

    def _encoded(self, contents: Sequence[Content], instruction: str) -> Vectors:
        # A system message and the marks of both messages stand around every content.
        around = self._recipe.pixels.tokens(instruction) + 16
        rows = self._batcher.rows(
            contents,
            lambda content: min(self._recipe.max_length, around + self._recipe.pixels.tokens(content)),
            partial(self._prepared, instruction=instruction),
            self._vectors,
        )
        return np.stack(rows) if rows else np.zeros((0, self._recipe.dimensions), np.float32)

    def _prepared(self, contents: list[Content], instruction: str) -> dict[str, Any]:
        """The network's inputs. Raises BadConfig where the tokens of a picture do not fit into max_length."""
        from harness.models.qwen3_vl import inputs

        system = {"role": "system", "content": [{"type": "text", "text": instruction}]}
        shown = [[system, {"role": "user", "content": self._recipe.pixels.parts(content)}] for content in contents]
        try:
            return dict(inputs(self._processor, shown, truncation=True, max_length=self._recipe.max_length))
        except ValueError as error:
            if not any(part["type"] == "image" for _, asked in shown for part in asked["content"]):
                raise
            limits = f"max_length {self._recipe.max_length} and max_pixels {self._recipe.pixels.most}"
            raise BadConfig(f"a picture's tokens do not fit ({limits}): lower max_pixels; {one_line(error)}") from None

    def _vectors(self, tensors: dict[str, Any]) -> Vectors:
        import torch

        with torch.inference_mode():
            device = self._network.device
            there = {name: tensor.to(device, non_blocking=True) for name, tensor in tensors.items()}
            hidden = self._network(**there, use_cache=False).last_hidden_state
            pooled = POOLINGS[self._recipe.pooling](hidden, there["attention_mask"])
            cut = pooled[:, : self._recipe.dimensions]
            vectors: Vectors = torch.nn.functional.normalize(cut, dim=-1).cpu().numpy()
        return vectors


def build(
    models: Models,
    *,
    model: str,
    revision: str = "",
    pooling: str = "last",
    dimensions: int = 0,
    query_instruction: str = INSTRUCTION,
    document_instruction: str = INSTRUCTION,
    max_length: int = 8_192,
    min_pixels: int = 4_096,
    max_pixels: int = 1_843_200,
    dtype: str = "auto",
    quantization: str = "",
    attention: str = "sdpa",
    device: str = "auto",
    batch_tokens: int = 16_384,
) -> Qwen3VL:
    choices.known("pooling", pooling, tuple(POOLINGS))
    choices.standing(dtype, attention, quantization)
    choices.numbers(1, max_length=max_length, batch_tokens=batch_tokens, min_pixels=min_pixels, max_pixels=max_pixels)
    choices.numbers(0, dimensions=dimensions)
    _refuse_wide(dimensions, WIDTHS.get(model, dimensions), model)
    weights = Weights(model, revision, SIZES.get(model, 0))
    weights.refuse_absent(models)
    need("models", "torch", "transformers", "accelerate")
    from transformers import AutoModel

    from harness.models import loading, qwen3_vl

    limits = qwen3_vl.Pixels(min_pixels, max_pixels)
    place = loading.placement(models, device, dtype, attention, quantization)
    asked, held = qwen3_vl.instruction(query_instruction), qwen3_vl.instruction(document_instruction)
    folder = weights.if_needed(models)
    config, processor = qwen3_vl.opened(folder, model, "right", ends_with="<|endoftext|>")
    width = config.text_config.hidden_size
    _refuse_wide(dimensions, width, model)
    recipe = Recipe(pooling, dimensions or width, asked, held, limits, max_length)
    network = loading.dummy(AutoModel, config, place) if models.dummy else loading.load(AutoModel, folder, place)
    return Qwen3VL(network, processor, recipe, Batcher(batch_tokens, loading.OUT_OF_MEMORY))


def _refuse_wide(dimensions: int, width: int, model: str) -> None:
    if dimensions > width:
        raise BadConfig(f"dimensions {dimensions}: vectors of {model} have {width}")


@hookimpl
def harness_register_embedders(config: Config) -> list[EmbedderSpec]:
    return [
        EmbedderSpec(
            f"qwen3-vl-{size}{ending}",
            partial(build, config.models, model=release.model, revision=release.revision, **options),
            revision=release.revision,
            licence="Apache-2.0",
            about=f"{release.model.partition('/')[2]}, pictures and texts: {about}",
            modalities=("text", "image"),
            dimensions=options.get("dimensions", WIDTHS[release.model]),
            download=release.download,
            dummy=config.models.dummy,
            lighter="" if ending else f"qwen3-vl-{size}-nf4",
        )
        for size, release in RELEASES.items()
        for ending, (about, options) in VARIANTS.items()
    ]
