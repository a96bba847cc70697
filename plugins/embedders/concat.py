"""concat: what several embedders see, side by side in one vector: one reads the text, another looks at the picture."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from PIL import Image

from harness import EmbedderSpec, hookimpl
from harness.config import Config
from harness.errors import BadConfig, BadOutput, UnknownName
from harness.plugging.components import Content, Embedder
from harness.ranking.lengths import normalised

Vectors: TypeAlias = npt.NDArray[np.float32]
Encode: TypeAlias = Callable[[list[Content]], npt.ArrayLike]


def _text(content: Content) -> Content | None:
    text = content if isinstance(content, str) else content.get("text", "")
    return text if text.strip() else None


def _image(content: Content) -> Content | None:
    picture = None if isinstance(content, str) else content.get("image")
    return None if picture is None else {"image": picture, "text": ""}


SHOWN: dict[str, tuple[Callable[[Content], Content | None], Content]] = {
    "text": (_text, "0"),
    "image": (_image, {"image": Image.new("RGB", (32, 32), "white"), "text": ""}),
    "both": (lambda content: content, "0"),
}
"""What a part may be shown of a content, None where that is not there; and something to learn a part's width from."""


class Concat:
    """[n, sum of the parts' dimensions]; each part's vector has length 1, or is zero where it was shown nothing.

    The cosine of two such vectors is the mean of the parts' cosines, if all parts were shown something of both.
    """

    def __init__(self, parts: Mapping[str, Embedder], shows: Sequence[str]) -> None:
        if len(parts) < 2 or len(parts) != len(shows):
            what = f"{', '.join(parts) or 'no parts'} and shows = {list(shows)}"
            raise BadConfig(f"concat: needs two or more parts and as many entries of `shows`; got {what}")
        for entry in shows:
            if entry not in SHOWN:
                raise UnknownName("entry of `shows` of concat", entry, SHOWN)
        self.parts, self.shows = dict(parts), tuple(shows)
        self._widths: dict[str, int] = {}

    def encode_query(self, inputs: Sequence[Content], /) -> Vectors:
        return self._joined(inputs, lambda part: part.encode_query)

    def encode_document(self, inputs: Sequence[Content], /) -> Vectors:
        return self._joined(inputs, lambda part: part.encode_document)

    @property
    def dimensions(self) -> int:
        return sum(self._width(name, shows) for name, shows in self._each())

    def _each(self) -> Iterator[tuple[str, str]]:
        return zip(self.parts, self.shows, strict=True)

    def _joined(self, inputs: Sequence[Content], side: Callable[[Embedder], Encode]) -> Vectors:
        blocks = [self._block(name, shows, inputs, side(self.parts[name])) for name, shows in self._each()]
        return np.concatenate(blocks, axis=1)

    def _block(self, name: str, shows: str, inputs: Sequence[Content], encode: Encode) -> Vectors:
        """[n, dimensions of the part]: what it makes of those contents that have something for it."""
        select, _ = SHOWN[shows]
        shown = {row: part for row, content in enumerate(inputs) if (part := select(content)) is not None}
        if not shown:
            return np.zeros((len(inputs), self._width(name, shows)), np.float32)
        vectors = _encoded(name, encode, list(shown.values()))
        self._widths[name] = vectors.shape[1]
        block = np.zeros((len(inputs), vectors.shape[1]), np.float32)
        block[list(shown)] = normalised(vectors)
        return block

    def _width(self, name: str, shows: str) -> int:
        """What the part says of itself, what was seen of it, or what it makes of something blank."""
        if name not in self._widths:
            told: Any = getattr(self.parts[name], "dimensions", None)
            _, blank = SHOWN[shows]
            self._widths[name] = told or _encoded(name, self.parts[name].encode_document, [blank]).shape[1]
        return self._widths[name]


def _encoded(name: str, encode: Encode, contents: list[Content]) -> Vectors:
    vectors = np.asarray(encode(contents), np.float32)
    if vectors.ndim != 2 or len(vectors) != len(contents):
        raise BadOutput(f"part {name!r} of concat returned shape {list(vectors.shape)} for {len(contents)} inputs")
    return vectors


def build(parts: Mapping[str, Embedder], *, shows: Sequence[str] = ("text", "image")) -> Concat:
    return Concat(parts, shows)


@hookimpl
def harness_register_embedders(config: Config) -> list[EmbedderSpec]:
    sees, dummy = ("text", "image"), config.models.dummy
    return [
        EmbedderSpec(
            "concat",
            build,
            revision="1",
            about="the vectors of `parts` side by side, each shown what `shows` says: text, image or both",
            modalities=sees,
            dummy=dummy,
        ),
        EmbedderSpec(
            "kure-v1-siglip-base",
            build,
            revision="1",
            licence="MIT, Apache-2.0",
            about="KURE-v1 reads the text, SigLIP looks at the picture; no picture is a zero vector",
            modalities=sees,
            dimensions=1792,
            parts=("kure-v1", "siglip-base"),
            dummy=dummy,
        ),
    ]
