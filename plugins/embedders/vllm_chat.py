"""vllm-chat: vLLM's embeddings of conversations, texts and pictures: a family, each member with its own server."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from harness import EmbedderSpec, hookimpl
from harness.engine.messages import by_index, numbers, parts
from harness.engine.server import Server, at_least, side_by_side
from harness.plugging.components import Content
from harness.ranking.lengths import normalised

INSTRUCTION = "Represent the user's input."
"""What the Qwen3-VL-Embedding models were published with."""


POOLED_LAST = {"encoding_format": "float", "continue_final_message": True, "add_special_tokens": True}
"""The vector is the last token's. The server's own defaults for the last two would end the prompt in another one."""


@dataclass(frozen=True)
class Conversations:
    """One conversation per request; vectors are cut to `cut` dimensions, and are then of length 1; 0 leaves them."""

    server: Server
    fields: dict[str, Any]
    query_instruction: str
    document_instruction: str
    cut: int
    parallel: int

    @property
    def remarks(self) -> list[str]:
        return self.server.remarks

    def encode_query(self, inputs: Sequence[Content], /) -> npt.NDArray[np.float64]:
        return self._encode(inputs, self.query_instruction)

    def encode_document(self, inputs: Sequence[Content], /) -> npt.NDArray[np.float64]:
        return self._encode(inputs, self.document_instruction)

    def _encode(self, inputs: Sequence[Content], instruction: str) -> npt.NDArray[np.float64]:
        def ask(shown: Content) -> Any:
            return self._vector(conversation(shown, instruction))

        vectors = numbers(side_by_side(ask, inputs, self.parallel), self.server)
        return normalised(vectors[:, : self.cut]) if self.cut and vectors.ndim == 2 else vectors

    def _vector(self, messages: list[dict[str, Any]]) -> Any:
        answer = self.server.post("/embeddings", {**self.fields, "messages": messages})
        rows = answer.get("data") if isinstance(answer, dict) else None
        return by_index(rows, "embedding", 1, self.server)[0]


def conversation(shown: Content, instruction: str) -> list[dict[str, Any]]:
    """The messages that a content becomes; the picture stands before the text."""
    said = (("system", parts(instruction)), ("user", parts(shown)), ("assistant", parts("")))
    return [{"role": role, "content": content} for role, content in said]


def punctuated(instruction: str) -> str:
    """The instruction ending in punctuation, as the models were trained; the published one for none at all."""
    stripped = instruction.strip() or INSTRUCTION
    return stripped if unicodedata.category(stripped[-1]).startswith("P") else stripped + "."


def build(
    model: str,
    url: str,
    key_env: str = "VLLM_API_KEY",
    query_instruction: str = INSTRUCTION,
    document_instruction: str = INSTRUCTION,
    dimensions: int | None = None,
    server_dimensions: bool = False,
    parallel: int = 4,
    timeout: float = 120.0,
    retries: int = 4,
) -> Conversations:
    """`dimensions` are cut here, unless the server was started as a Matryoshka model and is left to do it."""
    at_least(1, parallel=parallel)
    if dimensions is not None:
        at_least(1, dimensions=dimensions)
    fields: dict[str, Any] = {"model": model, **POOLED_LAST}
    if dimensions is not None and server_dimensions:
        fields["dimensions"] = dimensions
    cut = 0 if server_dimensions else dimensions or 0
    server = Server(f"{url.rstrip('/').removesuffix('/v1')}/v1", key_env, timeout, retries)
    instructions = punctuated(query_instruction), punctuated(document_instruction)
    return Conversations(server, fields, *instructions, cut, parallel)


@hookimpl
def harness_register_embedders() -> list[EmbedderSpec]:
    about = "vLLM's embeddings of texts with pictures; the server's GPU is its own, and its memory is not measured"
    return [EmbedderSpec("vllm-chat", build, about=about, modalities=("text", "image"))]
