"""sentence-transformers: any model of that library, one table in harness.toml each; kure-v1 is one of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from harness import EmbedderSpec, hookimpl
from harness.config import Config, Models
from harness.engine.batching import in_batches
from harness.engine.extras import need
from harness.engine.weights import Weights, refuse_bare
from harness.errors import BadConfig, NotMeasured, UnknownName
from harness.plugging.components import Content

Vectors: TypeAlias = npt.NDArray[np.float32]
POOLINGS = {"cls": "cls", "mean": "mean", "last": "lasttoken"}
OWN_PROMPTS = {"query": ("query",), "document": ("document", "passage", "corpus")}
"""Side -> the names under which a model may keep a prompt for it."""


@dataclass(frozen=True)
class Release:
    """What is known of published weights before they are here: commit, bytes, and the shape of their XLM-RoBERTa."""

    revision: str
    download: int
    shape: Mapping[str, float]


KURE = "nlpai-lab/KURE-v1"
XLM_R_LARGE = {
    "vocab_size": 250_002, "hidden_size": 1024, "intermediate_size": 4096, "num_hidden_layers": 24,
    "num_attention_heads": 16, "max_position_embeddings": 8194, "type_vocab_size": 1, "layer_norm_eps": 1e-5,
}  # fmt: skip
RELEASES = {KURE: Release("d14c8a9423946e268a0c9952fecf3a7aabd73bd9", 2_271_019_008, XLM_R_LARGE)}


class SentenceEmbedder:
    """[n, dimensions]: what the model's own `encode_query` and `encode_document` give, cut, then of length 1.

    That library normalises, then cuts, and leaves vectors of any length. `prompts` are by side; None is no prompt.
    """

    def __init__(
        self, model: Any, prompts: Mapping[str, str | None], cut: int | None, normalize: bool, batch_tokens: int
    ) -> None:
        self.remarks: list[str] = []
        self.model, self.prompts = model.eval(), prompts
        self.dimensions: int | None = cut or model.get_embedding_dimension()
        self._cut, self._normalize, self._budget = cut, normalize, batch_tokens
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
        return np.stack([rows[row] for row in range(len(rows))]) if rows else np.zeros((0, self.dimensions or 0))

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
        from harness.models.loading import OUT_OF_MEMORY

        return in_batches(
            shown,
            self._tokens,
            partial(self._prepared, side=side),
            partial(self._computed, side=side),
            budget=self._budget,
            out_of_memory=OUT_OF_MEMORY,
            remark=self._remark,
        )

    def _tokens(self, shown: dict[str, Any]) -> int:
        """About: three bytes of a text are one; so are 32 x 32 pixels, but at least what CLIP makes of a picture."""
        image, text = shown.get("image"), shown.get("text", "")
        seen = max(image.width * image.height // 1024, 256) if image is not None else 0
        return min(seen + len(text.encode()) // 3 + 2, self.model.max_seq_length or 512)

    def _prepared(self, shown: list[dict[str, Any]], side: str) -> dict[str, Any]:
        inputs = shown if self._sees else [content["text"] for content in shown]
        return self.model.preprocess(inputs, prompt=self.prompts[side], task=side)

    def _computed(self, features: dict[str, Any], side: str) -> Vectors:
        import torch
        from sentence_transformers.util import batch_to_device

        with torch.inference_mode():
            there = batch_to_device(features, self.model.device)
            vectors = self.model(there, task=side)["sentence_embedding"].float()[:, : self._cut]
            return (torch.nn.functional.normalize(vectors, dim=1) if self._normalize else vectors).cpu().numpy()

    def _remark(self, sentence: str) -> None:
        if sentence not in self.remarks:
            self.remarks.append(sentence)


def build(
    models: Models,
    *,
    model: str,
    revision: str = "",
    query_prompt: str | None = None,
    query_prompt_name: str = "",
    document_prompt: str | None = None,
    document_prompt_name: str = "",
    dimensions: int | None = None,
    normalize: bool = True,
    pooling: str = "",
    max_length: int | None = None,
    modalities: Sequence[str] = ("text",),
    dtype: str = "auto",
    device: str = "auto",
    attention: str = "sdpa",
    batch_tokens: int = 16_384,
) -> SentenceEmbedder:
    if pooling and pooling not in POOLINGS:
        raise UnknownName("pooling", str(pooling), POOLINGS)
    fetched = RELEASES[model].download if model in RELEASES else 0
    folder = None if models.dummy else Weights(model, revision, fetched).folder(models)
    need("models", "torch", "transformers", "accelerate", "sentence_transformers")
    from harness.models import loading

    place = loading.placement(models, device, dtype, attention)
    network = _loaded(folder, model, place, pooled=bool(pooling)) if folder else _random(model, place)
    if pooling:
        _pool(network, model, POOLINGS[pooling])
    _refuse_unfit(network, model, modalities, dimensions)
    network.max_seq_length = max_length or network.max_seq_length
    prompts = {
        "query": _prompt(network, model, "query", query_prompt, query_prompt_name),
        "document": _prompt(network, model, "document", document_prompt, document_prompt_name),
    }
    return SentenceEmbedder(network, prompts, dimensions, normalize, batch_tokens)


def _loaded(folder: Path, model: str, place: Any, *, pooled: bool) -> Any:
    """The model of a folder; one that does not say how it pools only where the user does."""
    from sentence_transformers import SentenceTransformer

    if not pooled:
        refuse_bare(folder, model)
    numbers = {"dtype": place.dtype, "attn_implementation": place.attention}
    return SentenceTransformer(str(folder), device=str(place.device), local_files_only=True, model_kwargs=numbers)


def _random(model: str, place: Any) -> Any:
    """A published model at full size with random weights, nothing read. Raises NotMeasured where no shape is known."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.base.modules import Normalize
    from sentence_transformers.sentence_transformer.modules import Pooling
    from transformers import AutoModel, XLMRobertaConfig

    from harness.models import dummies, loading

    class Reader(torch.nn.Module):
        max_seq_length = 8192

        def __init__(self, network: Any) -> None:
            super().__init__()
            self.network = network
            special = ("<s>", "<pad>", "</s>", "<unk>")
            self.tokenizer = dummies.stand_in_tokenizer(special, pad="<pad>", begins_with="<s>", ends_with="</s>")

        def preprocess(self, texts: list[str], prompt: str | None = None, **_: Any) -> dict[str, Any]:
            cut = {"padding": True, "truncation": True, "max_length": self.max_seq_length}
            read = self.tokenizer([(prompt or "") + text for text in texts], return_tensors="pt", **cut)
            return {name: read[name] for name in ("input_ids", "attention_mask")}

        def forward(self, features: dict[str, Any]) -> dict[str, Any]:
            return {**features, "token_embeddings": self.network(**features).last_hidden_state}

    if model not in RELEASES:
        raise NotMeasured(f"the shape of {model} is not known; there are dummy weights of {', '.join(RELEASES)}")
    network = loading.dummy(AutoModel, XLMRobertaConfig(**RELEASES[model].shape), place)
    modules = [Reader(network), Pooling(network.config.hidden_size, "cls"), Normalize()]
    return SentenceTransformer(modules=modules, device=str(place.device))


def _pool(network: Any, model: str, mode: str) -> None:
    """Puts another pooling where the model's own, or the library's guess, stands."""
    from sentence_transformers.sentence_transformer.modules import Pooling

    places = [at for at, module in enumerate(network) if isinstance(module, Pooling)]
    if not places:
        raise BadConfig(f"{model} does not pool tokens; leave `pooling` out")
    for at in places:
        own = network[at]
        network[at] = Pooling(own.embedding_dimension, mode, include_prompt=own.include_prompt)


def _refuse_unfit(network: Any, model: str, modalities: Sequence[str], dimensions: int | None) -> None:
    if unseen := [name for name in modalities if not network.supports(name)]:
        raise BadConfig(f"{model} takes {', '.join(map(str, network.modalities))}, not {', '.join(unseen)}")
    width = network.get_embedding_dimension()
    if dimensions is not None and not 1 <= dimensions <= (width or dimensions):
        raise BadConfig(f"{model} has {width} dimensions; they cannot be cut to {dimensions}")


def _prompt(network: Any, model: str, side: str, text: str | None, name: str) -> str | None:
    """The text given, or the one that the model keeps under the name given, or the one it keeps for this side."""
    if text is not None and name:
        raise BadConfig(f"{model}: say {side}_prompt or {side}_prompt_name, not both")
    if text is not None:
        return text
    if name and name not in network.prompts:
        raise UnknownName(f"prompt of {model}", name, network.prompts)
    own = next((known for known in OWN_PROMPTS[side] if known in network.prompts), network.default_prompt_name)
    return network.prompts.get(name or own)


@hookimpl
def harness_register_embedders(config: Config) -> list[EmbedderSpec]:
    family = partial(build, config.models)
    kure = RELEASES[KURE]
    return [
        EmbedderSpec(
            "sentence-transformers",
            family,
            about="any model that sentence-transformers can load, with its prompts",
            dummy=config.models.dummy,
        ),
        EmbedderSpec(
            "kure-v1",
            partial(family, model=KURE, revision=kure.revision, query_prompt="", document_prompt=""),
            revision=kure.revision,
            licence="MIT",
            about="KURE-v1: Korean texts of up to 8,192 tokens, without prompts",
            dimensions=1024,
            download=kure.download,
            dummy=config.models.dummy,
        ),
    ]
