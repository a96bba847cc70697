"""Models of sentence-transformers: loaded, pooled as asked, and fed in batches of texts, pictures or both."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.base.modules import Normalize
from sentence_transformers.sentence_transformer.modules import Pooling
from sentence_transformers.util import batch_to_device
from torch import nn
from transformers.models import qwen3_vl

from harness.engine.batching import Batcher
from harness.engine.checkpoint import refuse_bare
from harness.errors import BadConfig, UnknownName
from harness.models.dummies import stand_in_tokenizer
from harness.models.loading import OUT_OF_MEMORY, Placement, opening, scramble
from harness.models.qwen3_vl import ImageTextProcessor
from harness.plugging.components import Content

Vectors: TypeAlias = npt.NDArray[np.float32]

POOLINGS = MappingProxyType({"cls": "cls", "mean": "mean", "last": "lasttoken"})
OWN_PROMPTS = MappingProxyType({"query": ("query",), "document": ("document", "passage", "corpus")})
"""Side -> the names under which a model may keep a prompt for it."""
FULL = ("siglip", "siglip2")
"""Architectures that read the last place of a text, wherever that is."""


class SentenceEmbedder:
    """[n, dimensions]: what the model's own `encode_query` and `encode_document` give, cut, then of length 1.

    That library normalises, then cuts, and leaves vectors of any length. `prompts` are by side; None is no prompt.
    """

    def __init__(
        self, model: Any, prompts: Mapping[str, str | None], cut: int | None, normalize: bool, batch_tokens: int
    ) -> None:
        self._batcher = Batcher(batch_tokens, OUT_OF_MEMORY)
        self.remarks = self._batcher.remarks
        self.model, self.prompts = model.eval(), prompts
        self.dimensions: int | None = cut or model.get_embedding_dimension()
        self._cut, self._normalize = cut, normalize
        self._sees, self._sees_both = model.supports("image"), model.supports(("image", "text"))

    def encode_query(self, inputs: Sequence[Content], /) -> Vectors:
        return self._encoded(inputs, "query")

    def encode_document(self, inputs: Sequence[Content], /) -> Vectors:
        return self._encoded(inputs, "document")

    def _encoded(self, inputs: Sequence[Content], side: str) -> Vectors:
        """Texts, pictures and both in batches of their own: few models take them mixed."""
        shown = [self._shown(content) for content in inputs]
        rows: dict[int, Vectors] = {}
        for kind in dict.fromkeys(map(tuple, shown)):
            there = [row for row, content in enumerate(shown) if tuple(content) == kind]
            rows.update(zip(there, self._batched([shown[row] for row in there], side), strict=True))
        if not rows:
            return np.zeros((0, self.dimensions or 0), np.float32)
        return np.stack([rows[row] for row in range(len(rows))])

    def _shown(self, content: Content) -> dict[str, Any]:
        """By name: a bare text such as "a.png" is taken for a picture. The picture first: a model keeps this order."""
        if isinstance(content, str):
            return {"text": content}
        picture = {"image": content["image"]}
        if not content.get("text", "").strip():
            return picture
        if self._sees_both:
            return {**picture, "text": content["text"]}
        self._remark("what has a picture and a text is shown by its picture: this model does not take both at once")
        return picture

    def _batched(self, shown: list[dict[str, Any]], side: str) -> list[Vectors]:
        prepare, compute = partial(self._prepared, side=side), partial(self._computed, side=side)
        return self._batcher.rows(shown, self._tokens, prepare, compute)

    def _tokens(self, shown: dict[str, Any]) -> int:
        """About: three bytes of a text are one; so are 32 x 32 pixels, but at least what CLIP makes of a picture."""
        image, text = shown.get("image"), shown.get("text", "")
        seen = max(image.width * image.height // 1024, 256) if image is not None else 0
        return min(seen + len(text.encode()) // 3 + 2, self.model.max_seq_length or 512)

    def _prepared(self, shown: list[dict[str, Any]], side: str) -> dict[str, Any]:
        inputs = shown if self._sees else [content["text"] for content in shown]
        features: dict[str, Any] = self.model.preprocess(inputs, prompt=self.prompts[side], task=side)
        return features

    def _computed(self, features: dict[str, Any], side: str) -> Vectors:
        with torch.inference_mode():
            there = batch_to_device(features, self.model.device)
            vectors = self.model(there, task=side)["sentence_embedding"].float()[:, : self._cut]
            unit = nn.functional.normalize(vectors, dim=1) if self._normalize else vectors
            found: Vectors = unit.cpu().numpy()
        return found

    def _remark(self, sentence: str) -> None:
        if sentence not in self.remarks:
            self.remarks.append(sentence)


def loaded(folder: Path, model: str, place: Placement, *, pooled: bool, random: bool = False) -> Any:
    """The model of a folder, its weights scrambled where they shall be random.

    Raises BadConfig where its tokens would be pooled in a way that neither it nor the user (`pooled`) has named.
    """
    numbers = {"dtype": place.dtype, "attn_implementation": place.attention}
    with opening(folder), _without_videos():
        network = SentenceTransformer(
            str(folder), device=str(place.device), local_files_only=True, model_kwargs=numbers
        )
    if not pooled and _poolings(network):
        refuse_bare(folder, model)
    if not (folder / "modules.json").is_file() and network[0].config.model_type in FULL:
        _fill_up(network[0])
    if random:
        scramble(network, place)
    return network


@contextmanager
def _without_videos() -> Iterator[None]:
    """Qwen3-VL's own processor cannot be made without torchvision, which it needs for videos alone."""
    own = qwen3_vl.Qwen3VLProcessor
    qwen3_vl.Qwen3VLProcessor = ImageTextProcessor
    try:
        yield
    finally:
        qwen3_vl.Qwen3VLProcessor = own


def _fill_up(first: Any) -> None:
    """Such a network was trained on texts that are filled up to its length; the library fills up to the longest."""
    length = first.config.text_config.max_position_embeddings
    first.processing_kwargs = {"text": {"padding": "max_length", "max_length": length, "truncation": True}}


def _poolings(network: Any) -> list[int]:
    return [at for at, module in enumerate(network) if isinstance(module, Pooling)]


class Reader(nn.Module):  # type: ignore[misc]  # the types of torch are not read
    """The first module of a model whose tokenizer is not here: it reads with a stand-in."""

    max_seq_length = 8192

    def __init__(self, network: Any) -> None:
        super().__init__()
        self.network = network
        special = ("<s>", "<pad>", "</s>", "<unk>")
        self.tokenizer = stand_in_tokenizer(special, pad="<pad>", begins_with="<s>", ends_with="</s>")

    def preprocess(self, texts: list[str], prompt: str | None = None, **_: Any) -> dict[str, Any]:
        """Ids and mask, filled up to the longest."""
        cut = {"padding": True, "truncation": True, "max_length": self.max_seq_length}
        read = self.tokenizer([(prompt or "") + text for text in texts], return_tensors="pt", **cut)
        return {name: read[name] for name in ("input_ids", "attention_mask")}

    def forward(self, features: dict[str, Any]) -> dict[str, Any]:
        """The features and a state per token."""
        return {**features, "token_embeddings": self.network(**features).last_hidden_state}


def around(network: nn.Module, width: int, place: Placement) -> Any:
    """A model of sentence-transformers around a bare network: the first token's state, of length 1."""
    modules = [Reader(network), Pooling(width, "cls"), Normalize()]
    return SentenceTransformer(modules=modules, device=str(place.device))


def pool(network: Any, model: str, mode: str) -> None:
    """Puts another pooling where the model's own, or the library's guess, stands."""
    if not (places := _poolings(network)):
        raise BadConfig(f"{model} does not pool tokens; leave `pooling` out")
    for at in places:
        own = network[at]
        network[at] = Pooling(own.embedding_dimension, mode, include_prompt=own.include_prompt)


def refuse_unfit(network: Any, model: str, modalities: Sequence[str], dimensions: int | None) -> None:
    """Raises BadConfig for what the model cannot be shown, and for more dimensions than it has."""
    if unseen := [name for name in modalities if not network.supports(name)]:
        raise BadConfig(f"{model} takes {', '.join(map(str, network.modalities))}, not {', '.join(unseen)}")
    width = network.get_embedding_dimension()
    if dimensions is not None and not 1 <= dimensions <= (width or dimensions):
        raise BadConfig(f"{model} has {width} dimensions; they cannot be cut to {dimensions}")


def prompt(network: Any, model: str, side: str, text: str | None, name: str) -> str | None:
    """The text given, or the one that the model keeps under the name given, or the one it keeps for this side."""
    if text is not None and name:
        raise BadConfig(f"{model}: say {side}_prompt or {side}_prompt_name, not both")
    if text is not None:
        return text
    if name and name not in network.prompts:
        raise UnknownName(f"prompt of {model}", name, network.prompts)
    own = next((known for known in OWN_PROMPTS[side] if known in network.prompts), network.default_prompt_name)
    kept: str | None = network.prompts.get(name or own)
    return kept
