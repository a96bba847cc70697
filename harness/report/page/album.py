"""The album: every picture of the error cases once, so that a page may show it many times."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterable
from dataclasses import dataclass

from PIL import Image

from harness.errors import BadData
from harness.report.cases import Cases


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as a data: URI, and its sides in pixels: without them no place can be kept for it."""

    uri: str
    width: int
    height: int


def album(cases: Iterable[Cases]) -> dict[str, Picture]:
    """Name -> picture, of all cases together. Raises BadData for one that is no picture."""
    return {name: _picture(name, uri) for some in cases for name, uri in some.pictures.items()}


def _picture(name: str, uri: str) -> Picture:
    """Only the head of the file is read; its pixels are the browser's business."""
    try:
        with Image.open(io.BytesIO(base64.b64decode(uri.partition(",")[2], validate=True))) as image:
            return Picture(uri, *image.size)
    except (ValueError, OSError, Image.DecompressionBombError):
        raise BadData(f"the picture {name!r} of the error cases cannot be read") from None
