"""The item bank of the plan: items.json, images/ and ground_truth*.json (see itemtruth).

items.json   {"items": [{id, subject, grade, unit, item_type, difficulty,
                         text, image_path, has_image, metadata}]}

What the harness has no word of its own for (grade, unit, metadata, any other key) is kept as an item's facts.
Beside "items" may stand "synthetic": true and "licence".
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from harness.data.formats.content import content_of, image_of, pictures_of
from harness.data.formats.itemtruth import TruthReader, document
from harness.data.formats.lines import Problems, Row, as_row, digest, json_document
from harness.data.formats.truths import LABELS, named
from harness.data.images import keep_image
from harness.data.model import Corpus, Dataset, Item, Queries, Query
from harness.errors import BadData

MARK = "items.json"
"""The file by which a folder is known to be of this format."""

_TRUTH = "ground_truth"
_OWN = frozenset({"id", "text", "subject", "image_path", "has_image"})


def truth_files(folder: Path) -> dict[str, Path]:
    """Truth name -> file: ground_truth.json is "labels", ground_truth_llm.json is "llm". None is opened."""
    return named((file, file.stem.removeprefix(_TRUTH)) for file in folder.glob(f"{_TRUTH}*.json"))


def read(folder: Path) -> Dataset:
    """The bank in `folder`, with its truths; without a truth file every item is a query, in the order of ids.

    Raises BadData naming everything that is wrong: with the items, or else with the truths.
    """
    problems, files = Problems(), truth_files(folder)
    top = as_row(str(folder / MARK), json_document(folder / MARK))
    items = _items(folder, top, problems)
    problems.settle()  # what a truth says of items can only be judged when these are right
    reader = TruthReader(folder, items)
    truths = {name: truth for name, path in files.items() if (truth := reader.read(name, path, problems))}
    problems.settle()
    corpus = Corpus(items.values())
    asked = reader.recognised(truths.values()) if files else [_as_query(items[item_id]) for item_id in sorted(items)]
    return Dataset(
        name=folder.resolve().name,
        path=folder,
        corpus=corpus,
        queries=Queries.against(corpus, asked),
        truths=truths,
        digest=digest([folder / MARK, *files.values(), *pictures_of((*corpus.items, *asked))]),
        synthetic=top.get("synthetic", bool, False),
        licence=top.get("licence", str, ""),
    )


def write(dataset: Dataset, folder: Path) -> None:
    """Lays `dataset` down so that `read` gives it back; pictures that lie elsewhere are copied.

    Queries that no truth judges are not written, for `read` would not give them. Raises BadData for a picture
    that does not exist.
    """
    folder.mkdir(parents=True, exist_ok=True)
    items = [_entry(item, folder) for item in reversed(dataset.corpus.items)]
    _dump(folder / MARK, {"synthetic": dataset.synthetic, "licence": dataset.licence, "items": items})
    for name, truth in dataset.truths.items():
        file = f"{_TRUTH}.json" if name == LABELS else f"{_TRUTH}_{name}.json"
        _dump(folder / file, document(truth, dataset, folder))


def _items(folder: Path, top: Row, problems: Problems) -> dict[str, Item]:
    items: dict[str, Item] = {}
    places: dict[str, int] = {}
    entries = top.need("items", list)
    if not entries:
        raise top.error("'items' is empty")
    for number, entry in enumerate(entries, 1):
        with problems:
            item = _item(folder, f"{top.place}: item {number}", entry)
            if item.id in items:
                raise BadData(f"{top.place}: item {number} ({item.id}): item {places[item.id]} has the same id")
            items[item.id], places[item.id] = item, number
    return items


def _item(folder: Path, place: str, entry: Any) -> Item:
    row = as_row(place, entry)
    item_id = row.id("id")
    row = Row(f"{place} ({item_id})", row.content)
    content = content_of(row, row.need("text", str), _image(row, folder))
    facts = {key: value for key, value in row.content.items() if key not in _OWN}
    return Item(item_id, content.text, content.image, content.category, row.get("subject", str, ""), facts)


def _image(row: Row, folder: Path) -> Path | None:
    """`has_image` may be left out, but may not contradict `image_path`."""
    relative = row.get("image_path", str, "")
    has_image = row.get("has_image", bool, bool(relative))
    if has_image and not relative:
        raise row.error("'has_image' is true, but there is no 'image_path'")
    if relative and not has_image:
        raise row.error(f"'has_image' is false, but 'image_path' names {relative!r}")
    return image_of(row, folder, relative)


def _as_query(item: Item) -> Query:
    return Query(item.id, item.text, item.image, item.category, item.subject, source=item.id)


def _entry(item: Item, folder: Path) -> dict[str, Any]:
    image = None if item.image is None else keep_image(item.image, folder)
    facts = {key: value for key, value in item.facts.items() if key not in _OWN}
    shown = {"text": item.text, "image_path": image, "has_image": image is not None}
    return {"id": item.id, "subject": item.subject, **facts, **shown}


def _dump(path: Path, content: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
