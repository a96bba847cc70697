"""Thumbnails: a picture as a data: URI, small enough to stand in a page many times and made of its pixels alone."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from PIL import Image, features

from harness.data.images import open_image

SIDE = 320
"""Pixels of the longer side: what a phone of 360 shows."""

DATA_URI = r"^data:image/(png|jpeg|webp);base64,[A-Za-z0-9+/]+={0,2}$"
"""What `thumbnail` gives, as a pattern: these three kinds cannot hold a script, as SVG can."""

_KINDS: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {"png": {"optimize": True}, "webp": {"quality": 80}, "jpeg": {"quality": 80, "optimize": True}}
)


def thumbnail(path: Path, side: int = SIDE) -> str:
    """The picture with at most `side` pixels on its longer side, in the kind that takes the fewest bytes.

    The same picture gives the same bytes in one environment. Nothing but pixels is taken over: no place, no
    camera, no colour profile, no comment. Raises BadData as `open_image` does.
    """
    image = open_image(path)
    image.thumbnail((side, side), Image.Resampling.LANCZOS)
    image.info.clear()
    kind, content = min(_encoded(image).items(), key=lambda encoded: len(encoded[1]))
    return f"data:image/{kind};base64,{base64.b64encode(content).decode('ascii')}"


def _encoded(image: Image.Image) -> dict[str, bytes]:
    kinds = [kind for kind in _KINDS if kind != "webp" or features.check("webp")]
    return {kind: _bytes(image, kind) for kind in kinds}


def _bytes(image: Image.Image, kind: str) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **_KINDS[kind])
    return file.getvalue()
