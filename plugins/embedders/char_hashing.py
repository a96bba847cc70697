"""char-hashing: hashed character n-grams. The floor that needs no download: a model must beat it to be worth having."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from harness import EmbedderSpec, hookimpl

LONGEST = 4
_BLOCK = 256
# Odd constants of splitmix64 (Steele, Lea & Flood 2014): multiplying and shifting by them spreads every bit.
_STEP, _MIX1, _MIX2 = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)


class CharHashing:
    """Texts as signed counts (sublinear) of their 1- to 4-grams in `dimensions` buckets; [n, dimensions] of length 1.

    The signed hashing trick of Weinberger et al. 2009: collisions cancel on average. An empty text is a zero vector.
    """

    def __init__(self, dimensions: int) -> None:
        self.dimensions = dimensions

    def encode_query(self, inputs: Sequence[str], /) -> npt.NDArray[np.float32]:
        return self.encode_document(inputs)

    def encode_document(self, inputs: Sequence[str], /) -> npt.NDArray[np.float32]:
        blocks = [self._encode(inputs[first : first + _BLOCK]) for first in range(0, len(inputs), _BLOCK)]
        return np.concatenate(blocks) if blocks else np.zeros((0, self.dimensions), np.float32)

    def _encode(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        row, gram = _grams(texts)
        # 64 bits for gram and row together: one entry per gram of a text, with its count.
        _, first, count = np.unique(gram + row.astype(np.uint64) * _STEP, return_index=True, return_counts=True)
        row, gram = row[first], gram[first]
        cell = row * self.dimensions + (gram >> np.uint64(1)).astype(np.int64) % self.dimensions
        weight = np.where(gram & np.uint64(1), 1.0, -1.0) * (1.0 + np.log(count))
        vectors = np.bincount(cell, weight, minlength=len(texts) * self.dimensions).reshape(len(texts), -1)
        length = np.linalg.norm(vectors, axis=1, keepdims=True)
        return (vectors / np.where(length > 0, length, 1.0)).astype(np.float32)


def _grams(texts: Sequence[str]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.uint64]]:
    """The row and the hash of every n-gram of every text, runs of spaces folded, none reaching into the next text."""
    folded = [" ".join(text.lower().split()) for text in texts]
    lengths = [len(text) for text in folded]
    row = np.repeat(np.arange(len(texts)), lengths)
    left = np.repeat(np.cumsum(lengths), lengths) - np.arange(len(row))
    point = np.frombuffer("".join(folded).encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.uint64)
    state = np.zeros(len(row), np.uint64)
    rows, grams = [], []
    for n in range(LONGEST):
        reaches = np.flatnonzero(left > n)
        state[reaches] = _mixed(state[reaches] + point[reaches + n])
        rows.append(row[reaches])
        grams.append(state[reaches])
    return np.concatenate(rows), np.concatenate(grams)


def _mixed(state: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """The finaliser of splitmix64: a fixed function, so that another process finds the same buckets."""
    state = state + _STEP
    state = (state ^ (state >> np.uint64(30))) * _MIX1
    state = (state ^ (state >> np.uint64(27))) * _MIX2
    return state ^ (state >> np.uint64(31))


def build(dimensions: int = 2048) -> CharHashing:
    return CharHashing(dimensions)


@hookimpl
def harness_register_embedders() -> list[EmbedderSpec]:
    about = f"signed hashing of character 1- to {LONGEST}-grams, sublinear counts"
    return [EmbedderSpec("char-hashing", build, revision="1", about=about, on_device=False)]
