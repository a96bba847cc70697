"""npz: embeddings that exist already, judged as they are: a family, each member with its own archive."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from harness import EmbedderSpec, hookimpl
from harness.data.formats import npz
from harness.errors import BadData


class Stored:
    """Looks vectors up by id. Raises BadData at build for an unusable archive, at encode for ids that are not in it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        stored = npz.read(path)
        self._vectors = stored.vectors
        self._row = {name: row for row, name in enumerate(stored.ids)}

    def encode_query(self, ids: Sequence[str], /) -> npt.NDArray[np.float32]:
        return self.encode_document(ids)

    def encode_document(self, ids: Sequence[str], /) -> npt.NDArray[np.float32]:
        missing = [name for name in ids if name not in self._row]
        if missing:
            raise BadData(
                f"{self.path}: holds no embedding of {missing[0]!r}; {len(missing)} of the {len(ids)} ids asked for "
                f"are missing among {len(self._row)}"
            )
        return self._vectors[[self._row[name] for name in ids]]


def build(path: str) -> Stored:
    return Stored(Path(path))


@hookimpl
def harness_register_embedders() -> list[EmbedderSpec]:
    about = "stored embeddings, looked up by id"
    modalities = ("text", "image")
    return [EmbedderSpec("npz", build, about=about, modalities=modalities, on_device=False, takes="ids")]
