"""What a model is shown of an item: a text, or a picture and a text, as its modalities allow."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.data.images import open_image
from harness.data.model import Item, Query
from harness.errors import BadData
from harness.plugging.components import Content


def content(row: Item | Query, modalities: Sequence[str]) -> Content:
    """A picture is opened only for a model that can see it; the image stands before the text. Raises BadData."""
    if row.image is None or "image" not in modalities:
        return row.text
    return {"image": open_image(row.image), "text": row.text}


def contents(rows: Iterable[Item | Query], modalities: Sequence[str]) -> list[Content | BadData]:
    """The contents of many rows, in order; in the place of one whose picture cannot be opened stands the reason."""
    return [_or_reason(row, modalities) for row in rows]


def _or_reason(row: Item | Query, modalities: Sequence[str]) -> Content | BadData:
    try:
        return content(row, modalities)
    except BadData as error:
        return error


def can_be_shown(row: Item | Query, modalities: Sequence[str]) -> bool:
    """Whether its picture, if anybody looks at it, can be opened; nothing is kept."""
    return not isinstance(_or_reason(row, modalities), BadData)
