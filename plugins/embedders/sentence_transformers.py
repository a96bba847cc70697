"""sentence-transformers: any model of that library, one table in harness.toml each; kure-v1 is one of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from harness import EmbedderSpec, hookimpl
from harness.config import Config, Models
from harness.engine import choices
from harness.engine.extras import need
from harness.engine.weights import Weights
from harness.errors import NotMeasured
from harness.plugging.components import Embedder


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
POOLINGS = ("", "cls", "mean", "last")
RELEASES = {KURE: Release("d14c8a9423946e268a0c9952fecf3a7aabd73bd9", 2_271_019_008, XLM_R_LARGE)}


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
) -> Embedder:
    choices.known("pooling", pooling, POOLINGS)
    choices.standing(dtype, attention)
    whole = {"dimensions": dimensions, "max_length": max_length}
    choices.numbers(1, batch_tokens=batch_tokens, **{name: value for name, value in whole.items() if value is not None})
    weights = Weights(model, revision, RELEASES[model].download if model in RELEASES else 0)
    weights.refuse_absent(models)
    need("models", "torch", "transformers", "accelerate", "sentence_transformers")
    from harness.models import loading, sentences

    place = loading.placement(models, device, dtype, attention)
    folder = weights.if_needed(models)
    if folder is None:
        network = _released(model, place)
    else:
        network = sentences.loaded(folder, model, place, pooled=bool(pooling), random=models.dummy)
    if pooling:
        sentences.pool(network, model, sentences.POOLINGS[pooling])
    sentences.refuse_unfit(network, model, modalities, dimensions)
    network.max_seq_length = max_length or network.max_seq_length
    prompts = {
        "query": sentences.prompt(network, model, "query", query_prompt, query_prompt_name),
        "document": sentences.prompt(network, model, "document", document_prompt, document_prompt_name),
    }
    return sentences.SentenceEmbedder(network, prompts, dimensions, normalize, batch_tokens)


def _released(model: str, place: Any) -> Any:
    """A published model at full size with random weights, nothing read. Raises NotMeasured where no shape is known."""
    from transformers import AutoModel, XLMRobertaConfig

    from harness.models import loading, sentences

    if model not in RELEASES:
        raise NotMeasured(f"the shape of {model} is not known; there are dummy weights of {', '.join(RELEASES)}")
    config = XLMRobertaConfig(**RELEASES[model].shape)
    return sentences.around(loading.dummy(AutoModel, config, place), config.hidden_size, place)


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
