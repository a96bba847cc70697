"""cross-encoder: any CrossEncoder of sentence-transformers, one table in harness.toml each."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from harness import RerankerSpec, hookimpl
from harness.config import Config, Models
from harness.engine.batching import in_batches
from harness.engine.extras import need
from harness.engine.weights import Weights
from harness.errors import BadConfig, UnknownName, one_line

ACTIVATIONS = {"": None, "identity": "Identity", "sigmoid": "Sigmoid"}
"""Option -> class of torch.nn; with none named the model's own configuration decides."""

SCORING = ("ForSequenceClassification", "ForCausalLM")
"""Architectures that bring a trained head; transformers would put a random one on any other."""


class Pairs:
    """One score per pair of texts, by the model's own head; `remarks` says where a batch did not fit."""

    def __init__(self, model: Any, batch_size: int) -> None:
        self.remarks: list[str] = []
        self._model, self._batch_size = model, batch_size

    def rerank(self, query: str, documents: Sequence[str], /) -> list[float]:
        from harness.models.loading import OUT_OF_MEMORY

        rows = in_batches(
            documents,
            lambda _: 1,
            lambda batch: [(query, document) for document in batch],
            self._scores,
            budget=self._batch_size,
            out_of_memory=OUT_OF_MEMORY,
            remark=self._halve,
        )
        return [float(score) for score in rows]

    def _halve(self, _: str) -> None:
        """What does not fit for one query would not fit for the next one either."""
        halved = max(1, self._batch_size // 2)
        self.remarks.append(f"{self._batch_size} pairs at once did not fit into memory; now {halved} are tried")
        self._batch_size = halved

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

    chosen = ACTIVATIONS[activation]
    try:
        return CrossEncoder(
            str(folder),
            device=str(place.device),
            local_files_only=True,
            max_length=max_length,
            activation_fn=getattr(torch.nn, chosen)() if chosen else None,
            model_kwargs={"dtype": place.dtype, "attn_implementation": place.attention},
        )
    except (OSError, ValueError, KeyError) as error:
        raise BadConfig(f"{folder}: the cross-encoder cannot be loaded: {one_line(error)}") from None


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
    for name, number in {"max_length": max_length or 1, "batch_size": batch_size}.items():
        if type(number) is not int or number < 1:
            raise BadConfig(f"{name} needs a whole number above 0, not {number!r}")
    folder = Weights(model, revision).folder(models)
    refuse_headless(folder, model)
    need("models", "torch", "sentence_transformers")
    from harness.models.loading import placement

    encoder = _loaded(folder, placement(models, device, dtype), max_length, activation)
    if encoder.num_labels != 1:
        raise BadConfig(f"{model} gives {encoder.num_labels} numbers per pair; a reranker needs one")
    return Pairs(encoder, batch_size)


@hookimpl
def harness_register_rerankers(config: Config) -> list[RerankerSpec]:
    about = "any CrossEncoder of sentence-transformers"
    return [RerankerSpec("cross-encoder", partial(build, config.models), about=about, dummy=config.models.dummy)]
