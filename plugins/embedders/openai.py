"""openai: any server with an OpenAI-style /embeddings: a family, each member with its own model and address."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from harness import EmbedderSpec, hookimpl
from harness.engine.messages import by_index, filled, numbers, slices
from harness.engine.server import Server, at_least, side_by_side
from harness.errors import BadConfig


@dataclass(frozen=True)
class OpenAI:
    """Sends `batch` texts per request, each behind its side's prefix; a prefix is sent as it is, spaces included."""

    server: Server
    fields: dict[str, Any]
    query_prefix: str
    document_prefix: str
    batch: int
    parallel: int

    @property
    def remarks(self) -> list[str]:
        return self.server.remarks

    def encode_query(self, texts: Sequence[str], /) -> npt.NDArray[np.float64]:
        return self._encode([self.query_prefix + text for text in texts])

    def encode_document(self, texts: Sequence[str], /) -> npt.NDArray[np.float64]:
        return self._encode([self.document_prefix + text for text in texts])

    def _encode(self, texts: list[str]) -> npt.NDArray[np.float64]:
        blocks = side_by_side(self._vectors, slices(filled(texts), self.batch), self.parallel)
        return numbers([vector for block in blocks for vector in block], self.server)

    def _vectors(self, texts: Sequence[str]) -> list[Any]:
        answer = self.server.post("/embeddings", {**self.fields, "input": texts})
        rows = answer.get("data") if isinstance(answer, dict) else None
        return by_index(rows, "embedding", len(texts), self.server)


def build(
    model: str,
    url: str = "",
    key_env: str = "OPENAI_API_KEY",
    dimensions: int | None = None,
    query_prefix: str = "",
    document_prefix: str = "",
    batch: int = 64,
    parallel: int = 4,
    timeout: float = 60.0,
    retries: int = 4,
) -> OpenAI:
    """`url` ends where /embeddings follows, as OPENAI_BASE_URL does; `dimensions` are cut by the server."""
    at_least(1, batch=batch, parallel=parallel)
    address = url or os.environ.get("OPENAI_BASE_URL", "")
    if not address:
        raise BadConfig(
            f"no server for {model!r}: set `url` to one such as 'http://localhost:8000/v1', or OPENAI_BASE_URL"
        )
    fields: dict[str, Any] = {"model": model, "encoding_format": "float"}
    if dimensions is not None:
        fields["dimensions"] = dimensions
    server = Server(address, key_env, timeout, retries)
    return OpenAI(server, fields, query_prefix, document_prefix, batch, parallel)


@hookimpl
def harness_register_embedders() -> list[EmbedderSpec]:
    about = "any OpenAI-style server of text embeddings; a GPU that it uses is its own, and its memory is not measured"
    return [EmbedderSpec("openai", build, about=about)]
