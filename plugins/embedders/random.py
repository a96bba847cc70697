"""random: the chance level. A system that does not clear this one has learnt nothing, or its pipeline is broken."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from harness import EmbedderSpec, hookimpl
from harness.plugging.components import Content


class Random:
    """Directions drawn evenly, [n, dimensions] of length 1, the same for the same content, side and seed.

    Queries and documents draw apart: a text that stands twice in a bank must not find its copy, for that would be
    better than chance.
    """

    def __init__(self, seed: int, dimensions: int) -> None:
        self.seed, self.dimensions = seed, dimensions

    def encode_query(self, inputs: Sequence[Content], /) -> npt.NDArray[np.float32]:
        return self._drawn(inputs, "query")

    def encode_document(self, inputs: Sequence[Content], /) -> npt.NDArray[np.float32]:
        return self._drawn(inputs, "document")

    def _drawn(self, inputs: Sequence[Content], side: str) -> npt.NDArray[np.float32]:
        vectors = np.empty((len(inputs), self.dimensions), np.float32)
        for row, content in enumerate(inputs):
            key = int.from_bytes(_digest(content, f"{self.seed}/{side}/"), "little")
            vectors[row] = np.random.Generator(np.random.Philox(key=key)).standard_normal(self.dimensions, np.float32)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        return vectors


def _digest(content: Content, salt: str) -> bytes:
    """128 bits of everything the content shows: the text, and the pixels where there are any."""
    digest = hashlib.blake2b(salt.encode(), digest_size=16)
    if isinstance(content, str):
        content = {"text": content}
    digest.update(content.get("text", "").encode("utf-8", "surrogatepass"))
    if content.get("image") is not None:
        digest.update(b"\0" + content["image"].tobytes())
    return digest.digest()


def build(seed: int = 0, dimensions: int = 256) -> Random:
    return Random(seed, dimensions)


@hookimpl
def harness_register_embedders() -> list[EmbedderSpec]:
    about = "a direction drawn per content: the chance level"
    return [EmbedderSpec("random", build, revision="1", about=about, modalities=("text", "image"), on_device=False)]
