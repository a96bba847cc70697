"""Asks embedders for vectors; what enters here leaves as finite float32 of one width."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np

from harness.data.model import FloatMatrix, Item, Query
from harness.engine.contents import contents
from harness.errors import BadOutput, NotFinite, blame
from harness.plugging.components import Embedder, EmbedderSpec

Side = Literal["query", "document"]
BATCH = 256
"""Rows handed to an embedder at once: pictures of more rows than this are never open together."""


def embed(embedder: Embedder, spec: EmbedderSpec, rows: Sequence[Item | Query], side: Side) -> FloatMatrix:
    """[len(rows), dimensions] float32. Raises PluginFailed if it raises, BadOutput if what it returns is unusable."""
    blocks = [_embed_block(embedder, spec, rows[start : start + BATCH], side) for start in range(0, len(rows), BATCH)]
    widths = sorted({block.shape[1] for block in blocks})
    if len(widths) > 1:
        raise BadOutput(f"embedder {spec.name!r} returned vectors of {' and '.join(map(str, widths))} dimensions")
    return np.concatenate(blocks) if blocks else np.zeros((0, spec.dimensions or 0), np.float32)


def _embed_block(embedder: Embedder, spec: EmbedderSpec, rows: Sequence[Item | Query], side: Side) -> FloatMatrix:
    shown = _ids(rows) if spec.takes == "ids" else contents(rows, spec.modalities)
    with blame(f"encode_{side}", f"embedder {spec.name!r} ({spec.origin})"):
        encode = embedder.encode_query if side == "query" else embedder.encode_document
        vectors = np.asarray(encode(shown))
    return checked(vectors, spec, rows)


def _ids(rows: Sequence[Item | Query]) -> list[Any]:
    """A query that is an item goes by the item's id: stored embeddings rarely know the query's."""
    return [row.source or row.id if isinstance(row, Query) else row.id for row in rows]


def checked(vectors: np.ndarray[Any, Any], spec: EmbedderSpec, rows: Sequence[Item | Query]) -> FloatMatrix:
    """The vectors as contiguous float32 (float64 would slow every search down by an order of magnitude)."""
    name, needed = f"embedder {spec.name!r}", f"[{len(rows)}, dimensions]"
    if vectors.dtype.kind not in "fiu":
        raise BadOutput(f"{name} returned an array of {vectors.dtype}, not of numbers")
    if vectors.ndim != 2 or len(vectors) != len(rows):
        raise BadOutput(f"{name} returned shape {list(vectors.shape)} for {len(rows)} inputs; needs {needed}")
    if spec.dimensions and vectors.shape[1] != spec.dimensions:
        raise BadOutput(f"{name} returned {vectors.shape[1]} dimensions; its spec promises {spec.dimensions}")
    with np.errstate(over="ignore"):  # too large for float32 is infinity, and said below
        single = np.ascontiguousarray(vectors, dtype=np.float32)
    finite = np.isfinite(single).all(axis=1)
    if not finite.all():
        bad, count = rows[int(np.argmin(finite))], int((~finite).sum())
        raise NotFinite(f"{name} returned NaN or infinity for {bad.id!r} ({count} of {len(rows)} inputs)")
    return single
