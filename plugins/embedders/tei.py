"""tei: text-embeddings-inference over its own /embed: a family, each member with its own address."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from harness import EmbedderSpec, hookimpl
from harness.engine.messages import filled, numbers, slices
from harness.engine.server import Server, at_least, side_by_side
from harness.errors import BadOutput

BATCH = 32
"""Inputs per request: the server's own limit unless it was started with another."""


@dataclass(frozen=True)
class TextEmbeddingsInference:
    """Vectors of length 1; texts that are too long are cut by the server."""

    server: Server
    query_prompt_name: str
    document_prompt_name: str
    batch: int
    parallel: int

    @property
    def remarks(self) -> list[str]:
        return self.server.remarks

    def encode_query(self, texts: Sequence[str], /) -> npt.NDArray[np.float64]:
        return self._encode(texts, self.query_prompt_name)

    def encode_document(self, texts: Sequence[str], /) -> npt.NDArray[np.float64]:
        return self._encode(texts, self.document_prompt_name)

    def _encode(self, texts: Sequence[str], prompt_name: str) -> npt.NDArray[np.float64]:
        def ask(some: Sequence[str]) -> list[Any]:
            return self._vectors(some, prompt_name)

        blocks = side_by_side(ask, slices(filled(texts), self.batch), self.parallel)
        return numbers([vector for block in blocks for vector in block], self.server)

    def _vectors(self, texts: Sequence[str], prompt_name: str) -> list[Any]:
        body = {"inputs": texts, "normalize": True, "truncate": True}
        answer = self.server.post("/embed", {**body, "prompt_name": prompt_name} if prompt_name else body)
        if not isinstance(answer, list):
            raise BadOutput(f"{self.server} answered without a list of vectors")
        if len(answer) != len(texts):
            raise BadOutput(f"{self.server} answered {len(answer)} rows for {len(texts)} inputs")
        return answer


def build(
    url: str,
    key_env: str = "",
    query_prompt_name: str = "",
    document_prompt_name: str = "",
    batch: int = BATCH,
    parallel: int = 4,
    timeout: float = 60.0,
    retries: int = 4,
) -> TextEmbeddingsInference:
    """Prompts are named as in the model's config_sentence_transformers.json; no name, the model's default prompt."""
    at_least(1, batch=batch, parallel=parallel)
    server = Server(url, key_env, timeout, retries)
    return TextEmbeddingsInference(server, query_prompt_name, document_prompt_name, batch, parallel)


@hookimpl
def harness_register_embedders() -> list[EmbedderSpec]:
    about = "text-embeddings-inference; a GPU that it uses is its own, and its memory is not measured"
    return [EmbedderSpec("tei", build, about=about)]
