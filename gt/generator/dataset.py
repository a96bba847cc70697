"""A dataset folder: items.json, images/ and ground_truth.json, written item by item, or checked."""
import json
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from PIL import Image

from bank import judged
from distractors import distractors
from items import Item, record
from truth import ground_truth


def pieces(items: Iterator[Item]) -> Iterator[str]:
    """items.json, an item at a time: a bank of any length needs the memory of one item."""
    head = '{\n  "items": [\n    '
    for item in items:
        yield head + _json(record(item)).replace("\n", "\n    ")
        head = ",\n    "
    yield '\n  ],\n  "licence": "MIT",\n  "synthetic": true\n}\n'


def write(folder: Path, count: int, seed: int) -> None:
    """Writes the dataset of `count` items into the folder, which is made where it is missing."""
    items = judged(seed)
    (folder / "images").mkdir(parents=True, exist_ok=True)
    with (folder / "items.json").open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(pieces(_all(items, count, seed)))
    (folder / "ground_truth.json").write_text(_truth(items), encoding="utf-8", newline="\n")
    for item in items:
        if item.image_path:
            item.picture.save(folder / item.image_path, optimize=True)


def differences(folder: Path, count: int, seed: int) -> list[str]:
    """One line for everything in which the folder is not the dataset of `count` items; none where it is."""
    items = judged(seed)
    found = [*_json_difference(folder / "items.json", pieces(_all(items, count, seed))),
             *_json_difference(folder / "ground_truth.json", iter([_truth(items)]))]
    expected = {item.image_path: item for item in items if item.image_path}
    present = {f"images/{path.name}" for path in (folder / "images").glob("*")}
    found += [f"{folder / extra}: no item has this picture" for extra in sorted(present - set(expected))]
    return found + [line for path, item in expected.items()
                    for line in _pixel_difference(folder / path, item)]


def _all(items: list[Item], count: int, seed: int) -> Iterator[Item]:
    return chain(items, distractors(len(items) + 1, count, seed))


def _json(value: dict) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True)


def _truth(items: list[Item]) -> str:
    return _json(ground_truth(items)) + "\n"


def _json_difference(path: Path, expected: Iterator[str]) -> list[str]:
    if not path.is_file():
        return [f"{path}: missing"]
    with path.open("rb") as file:
        for piece in expected:
            data = piece.encode()
            if file.read(len(data)) != data:
                return [f"{path}: differs from the generator's at or before byte {file.tell()}"]
        return [f"{path}: goes on after the generator's end"] if file.read(1) else []


def _pixel_difference(path: Path, item: Item) -> list[str]:
    if not path.is_file():
        return [f"{path}: missing"]
    try:
        with Image.open(path) as image:
            same = _pixels(image.convert("RGB")) == _pixels(item.picture)
    except OSError as error:
        return [f"{path}: cannot be read as a picture ({error})"]
    return [] if same else [f"{path}: its pixels differ from the generator's"]


def _pixels(image: Image.Image) -> tuple[tuple[int, int], bytes]:
    return image.size, image.tobytes()
