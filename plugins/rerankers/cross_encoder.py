"""cross-encoder: any CrossEncoder of sentence-transformers, one table in harness.toml each."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from harness import RerankerSpec, hookimpl
from harness.config import Config, Models
from harness.engine import choices
from harness.engine.batching import Batcher
from harness.engine.extras import need
from harness.engine.weights import Weights
from harness.errors import BadConfig, NotMeasured, UnknownName, one_line

ACTIVATIONS = {"": None, "identity": "Identity", "sigmoid": "Sigmoid"}
"""Option -> class of torch.nn; with none named the model's own configuration decides."""

SCORING = ("ForSequenceClassification", "ForCausalLM")
"""Architectures that bring a trained head; transformers would put a random one on any other."""


class Pairs:
    """One score per pair of texts, by the model's own head; `remarks` says where a batch did not fit."""

    def __init__(self, model: Any, batcher: Batcher) -> None:
        self.remarks = batcher.remarks
        self._model, self._batcher = model, batcher

    def rerank(self, query: str, documents: Sequence[str], /) -> list[float]:
        def pairs(batch: list[str]) -> list[tuple[str, str]]:
            return [(query, document) for document in batch]

        rows = self._batcher.rows(documents, lambda _: 1, pairs, self._scores)
        return [float(score) for score in rows]

    def _scores(self, pairs: list[tuple[str, str]]) -> Any:
        return self._model.predict(pairs, batch_size=len(pairs), show_progress_bar=False)


def refuse_headless(folder: Path, model: str) -> None:
    """Raises BadConfig for a folder on which a head of random weights would be put without a word."""
    if (folder / "modules.json").is_file():
        kind = _json(folder / "config_sentence_transformers.json").get("model_type", "SentenceTransformer")
        if kind != "CrossEncoder":
            raise BadConfig(f"{model} is a {kind}, not a CrossEncoder; it belongs into an [[embedder]] table")
        return
    architecture = (_json(folder / "config.json").get("architectures") or ["no architecture"])[0]
    if not architecture.endswith(SCORING):
        raise BadConfig(f"{model} has no trained head for scores: its config.json names {architecture}")


def _json(path: Path) -> dict[str, Any]:
    try:
        return dict(json.loads(path.read_text(encoding="utf-8"))) if path.is_file() else {}
    except (OSError, ValueError, TypeError) as error:
        raise BadConfig(f"{path} cannot be read: {one_line(error)}") from None


def _loaded(folder: Path, place: Any, max_length: int | None, activation: str) -> Any:
    import torch
    from sentence_transformers import CrossEncoder

    from harness.models.loading import opening

    chosen = ACTIVATIONS[activation]
    with opening(folder):
        return CrossEncoder(
            str(folder),
            device=str(place.device),
            local_files_only=True,
            max_length=max_length,
            activation_fn=getattr(torch.nn, chosen)() if chosen else None,
            model_kwargs={"dtype": place.dtype, "attn_implementation": place.attention},
        )


def build(
    models: Models,
    *,
    model: str,
    revision: str = "",
    max_length: int | None = None,
    batch_size: int = 32,
    device: str = "auto",
    dtype: str = "float32",  # in bfloat16 a sigmoid has few values near 1, and many candidates would tie
    activation: str = "",
) -> Pairs:
    if activation not in ACTIVATIONS:
        raise BadConfig(str(UnknownName("activation", str(activation), [name for name in ACTIVATIONS if name])))
    choices.known("dtype", dtype, choices.DTYPES)
    choices.numbers(1, max_length=1 if max_length is None else max_length, batch_size=batch_size)
    weights = Weights(model, revision)
    weights.refuse_absent(models)
    need("models", "torch", "transformers", "accelerate", "sentence_transformers")
    from harness.models import loading

    place = loading.placement(models, device, dtype)
    folder = weights.if_needed(models)
    if folder is None:
        raise NotMeasured(f"the shape of {model} is not known: random weights need its folder on this machine")
    refuse_headless(folder, model)
    encoder = _loaded(folder, place, max_length, activation)
    if encoder.num_labels != 1:
        raise BadConfig(f"{model} gives {encoder.num_labels} numbers per pair; a reranker needs one")
    if models.dummy:
        loading.scramble(encoder, place)
    return Pairs(encoder, Batcher(batch_size, loading.OUT_OF_MEMORY, "pairs"))


@hookimpl
def harness_register_rerankers(config: Config) -> list[RerankerSpec]:
    about = "any CrossEncoder of sentence-transformers"
    return [RerankerSpec("cross-encoder", partial(build, config.models), about=about, dummy=config.models.dummy)]
