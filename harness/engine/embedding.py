"""Asks embedders for vectors; what enters here leaves as finite float32 of one width."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Literal

import numpy as np

from harness.data.model import FloatMatrix, Item, Query
from harness.engine.contents import contents
from harness.errors import BadData, BadOutput, NotFinite, blame
from harness.plugging.components import Embedder
from harness.plugging.specs import EmbedderSpec

Side = Literal["query", "document"]
Rows = Sequence[Item | Query]
BATCH = 256
"""Rows handed to an embedder at once: pictures of more than twice as many are never open together."""


def embed(
    embedder: Embedder, spec: EmbedderSpec, rows: Rows, side: Side, lost: dict[str, str] | None = None
) -> FloatMatrix:
    """[len(rows), dimensions] float32. Raises PluginFailed if it raises, BadOutput if what it returns is unusable.

    A row whose picture cannot be opened is a zero vector and stands in `lost` with the reason; without `lost`, and
    where nothing at all can be shown, BadData is raised.
    """
    seen: list[int] = []
    blocks: list[FloatMatrix] = []
    for first, shown in _shown_ahead(rows, spec):
        good = {first + place: content for place, content in enumerate(shown) if not isinstance(content, BadData)}
        _note({rows[first + place].id: content for place, content in enumerate(shown)}, lost)
        for places, vectors in _encoded(embedder, spec, side, good, rows, lost):
            seen += places
            blocks.append(vectors)
    if rows and not seen:
        raise BadData(f"nothing could be shown to embedder {spec.name!r}: {next(iter((lost or {}).values()))}")
    whole = np.zeros((len(rows), _width(blocks, spec)), np.float32)
    if blocks:
        whole[seen] = np.concatenate(blocks)
    return whole


def _width(blocks: Sequence[FloatMatrix], spec: EmbedderSpec) -> int:
    widths = sorted({block.shape[1] for block in blocks})
    if len(widths) > 1:
        raise BadOutput(f"embedder {spec.name!r} returned vectors of {' and '.join(map(str, widths))} dimensions")
    return widths[0] if widths else spec.dimensions or 0


def _encoded(
    embedder: Embedder, spec: EmbedderSpec, side: Side, shown: dict[int, Any], rows: Rows, lost: dict[str, str] | None
) -> Iterator[tuple[list[int], FloatMatrix]]:
    """(rows, vectors) of what is `shown` by row. What the embedder itself calls bad data is looked for by halves."""
    places = list(shown)
    if not places:
        return
    try:
        with blame(f"encode_{side}", f"embedder {spec.name!r} ({spec.origin})"):
            encode = embedder.encode_query if side == "query" else embedder.encode_document
            vectors = np.asarray(encode(list(shown.values())))
        yield places, checked(vectors, spec, [rows[place] for place in places])
    except BadData as error:
        if lost is None or spec.takes == "ids":
            raise
        if len(places) == 1:
            lost[rows[places[0]].id] = str(error)
            return
        for half in (places[: len(places) // 2], places[len(places) // 2 :]):
            yield from _encoded(embedder, spec, side, {place: shown[place] for place in half}, rows, lost)


def _note(shown: dict[str, Any], lost: dict[str, str] | None) -> None:
    for name, content in shown.items():
        if isinstance(content, BadData):
            if lost is None:
                raise content
            lost[name] = str(content)


def _shown_ahead(rows: Rows, spec: EmbedderSpec) -> Iterator[tuple[int, list[Any]]]:
    """(first row, what the model is shown) by block; the next block's pictures are opened while this one computes."""
    starts = range(0, len(rows), BATCH)
    if len(starts) < 2 or "image" not in spec.modalities:
        yield from ((start, _shown(rows[start : start + BATCH], spec)) for start in starts)
        return
    with ThreadPoolExecutor(1) as opener:
        waiting = opener.submit(_shown, rows[:BATCH], spec)
        for start in starts:
            shown, after = waiting.result(), start + BATCH
            waiting = opener.submit(_shown, rows[after : after + BATCH], spec)
            yield start, shown


def _shown(rows: Rows, spec: EmbedderSpec) -> list[Any]:
    return _ids(rows) if spec.takes == "ids" else list(contents(rows, spec.modalities))


def _ids(rows: Rows) -> list[Any]:
    """A query that is an item goes by the item's id: stored embeddings rarely know the query's."""
    return [row.source or row.id if isinstance(row, Query) else row.id for row in rows]


def checked(vectors: np.ndarray[Any, Any], spec: EmbedderSpec, rows: Rows) -> FloatMatrix:
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
