"""What is said to a server of models in JSON, and what must come back: texts, pictures, rows and their numbers."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
from PIL import Image

from harness.errors import BadOutput
from harness.plugging.components import Content

Asked = TypeVar("Asked")


def slices(inputs: Sequence[Asked], size: int) -> list[Sequence[Asked]]:
    """The inputs in order, `size` at a time."""
    return [inputs[start : start + size] for start in range(0, len(inputs), size)]


def filled(texts: Sequence[str]) -> list[str]:
    """The texts, a blank in place of an empty one: servers refuse those, and the whole request with them."""
    return [text or " " for text in texts]


def by_index(rows: Any, value: str, count: int, server: object) -> list[Any]:
    """`value` of every row, put in the order of their "index". Raises BadOutput unless that is 0 to count - 1."""
    if not isinstance(rows, list) or not all(isinstance(row, dict) and {"index", value} <= row.keys() for row in rows):
        raise BadOutput(f"{server} answered without a list of rows that have 'index' and {value!r}")
    if len(rows) != count:
        raise BadOutput(f"{server} answered {len(rows)} rows for {count} inputs")
    found = {row["index"]: row[value] for row in rows if type(row["index"]) is int}
    if found.keys() != set(range(count)):
        raise BadOutput(f"{server} answered indices other than 0 to {count - 1}, each once")
    return [found[index] for index in range(count)]


def numbers(values: Any, server: object) -> npt.NDArray[np.float64]:
    """Lists of JSON numbers as an array; null becomes NaN. Raises BadOutput for anything else."""
    try:
        array = np.asarray(values)
        if array.dtype.kind in "fiuO":
            return array.astype(np.float64)
    except (TypeError, ValueError):  # rows of different lengths, or texts among the numbers
        pass
    raise BadOutput(f"{server} answered what is not {len(values)} rows of as many numbers each")


def parts(shown: Content) -> list[dict[str, Any]]:
    """A content as the parts of a chat message: the picture first, and no text where there is only a picture."""
    if isinstance(shown, str):
        return [{"type": "text", "text": shown}]
    picture = {"type": "image_url", "image_url": {"url": picture_url(shown["image"])}}
    return [picture, {"type": "text", "text": shown["text"]}] if shown["text"] else [picture]


def picture_url(image: Image.Image) -> str:
    """The picture, without loss, as a data: URL."""
    file = io.BytesIO()
    image.save(file, "PNG", compress_level=1)  # the network is faster than zlib at its best
    return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode('ascii')}"
