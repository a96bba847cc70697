"""Embeddings that exist already: a numpy archive with one array of ids and one of vectors."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from numpy.lib.npyio import NpzFile

from harness.data.model import FloatMatrix, refuse_duplicates
from harness.errors import BadData, one_line

AnyArray: TypeAlias = npt.NDArray[Any]

IDS = ("ids", "item_ids", "doc_ids")
VECTORS = ("embeddings", "vectors", "emb")
"""The names under which arrays are looked for, in this order; `write` uses the first."""


@dataclass(frozen=True)
class Embeddings:
    """`vectors` [N, dimensions] float32, row by row those of `ids`."""

    ids: tuple[str, ...]
    vectors: FloatMatrix


def read(path: Path) -> Embeddings:
    """The embeddings in an archive; under other names than IDS and VECTORS where only one array can be meant.

    Raises BadData for a file that is no archive, for ids or vectors that are missing or pickled objects, for
    counts that differ, for an id that stands twice, and for a vector that is not finite.
    """
    with _opened(path) as archive:
        ids = _as_ids(path, _pick(path, archive, "ids", IDS, 1, "US"))
        vectors = _as_vectors(path, _pick(path, archive, "vectors", VECTORS, 2, "f"))
    _check(path, ids, vectors)
    return Embeddings(ids, vectors)


def write(embeddings: Embeddings, path: Path) -> None:
    """An archive that `read` gives back."""
    with path.open("wb") as file:
        np.savez(file, ids=np.array(embeddings.ids, dtype=str), embeddings=embeddings.vectors)


@contextmanager
def _opened(path: Path) -> Iterator[NpzFile]:
    """Pickled objects are not loaded: reading them would run code."""
    if not path.is_file():
        raise BadData(f"{path}: does not exist")
    if not zipfile.is_zipfile(path):
        raise BadData(f"{path}: not an archive of arrays, as np.savez writes it")
    try:
        with np.load(path, allow_pickle=False) as archive:
            yield archive
    except (OSError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise BadData(f"{path}: broken archive: {one_line(error)}") from None


def _pick(path: Path, archive: NpzFile, what: str, names: Sequence[str], ndim: int, kinds: str) -> AnyArray:
    """The array of the first known name, else the only one of the right shape and kind."""
    known = [name for name in names if name in archive.files]
    keys = known[:1] or [key for key in archive.files if _fits(archive, key, ndim, kinds)]
    if len(keys) != 1:
        there = ", ".join(archive.files) or "nothing"
        raise BadData(f"{path}: cannot tell which array holds the {what}; name it {names[0]!r}; there are: {there}")
    try:
        array = np.asarray(archive[keys[0]])
    except ValueError as error:
        hint = "save ids as np.array(ids, dtype=str), vectors as float32"
        raise BadData(f"{path}: {keys[0]!r} cannot be read: {one_line(error)}; {hint}") from None
    if array.ndim != ndim:
        raise BadData(f"{path}: {keys[0]!r} must have {ndim} dimension{'s'[: ndim - 1]}, has shape {list(array.shape)}")
    return array


def _fits(archive: NpzFile, key: str, ndim: int, kinds: str) -> bool:
    try:
        array = np.asarray(archive[key])
    except ValueError:  # objects: whatever they are, they are not what is looked for
        return False
    return bool(array.ndim == ndim and array.dtype.kind in kinds)


def _as_ids(path: Path, array: AnyArray) -> tuple[str, ...]:
    if array.dtype.kind not in "USiu":
        raise BadData(f"{path}: ids must be strings or whole numbers, are {array.dtype}")
    try:
        return tuple(one.decode("utf-8") if isinstance(one, bytes) else str(one) for one in array.tolist())
    except UnicodeDecodeError:
        raise BadData(f"{path}: ids are bytes that are not UTF-8") from None


def _as_vectors(path: Path, array: AnyArray) -> FloatMatrix:
    if array.dtype.kind not in "fiu":
        raise BadData(f"{path}: vectors must be numbers, are {array.dtype}")
    with np.errstate(over="ignore"):  # what does not fit into float32 becomes infinite, and is named as such
        return array.astype(np.float32, copy=False)


def _check(path: Path, ids: tuple[str, ...], vectors: FloatMatrix) -> None:
    if len(ids) != len(vectors) or vectors.size == 0:
        raise BadData(f"{path}: {len(ids)} ids and vectors of shape {list(vectors.shape)} do not go together")
    refuse_duplicates(path, "embedding", ids)
    # The least and the greatest value show every NaN and infinity, and need no array as large as the vectors.
    bad = ~np.isfinite(vectors.min(axis=1)) | ~np.isfinite(vectors.max(axis=1))
    if bad.any():
        first = ids[int(bad.argmax())]
        raise BadData(f"{path}: {int(bad.sum())} of {len(ids)} vectors are not finite, the first that of {first!r}")
