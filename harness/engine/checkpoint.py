"""What a folder must hold to be a model: a configuration, all files of its weights, and what makes its inputs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

from harness.errors import BadConfig, one_line

SAFE = ("model.safetensors", "model.safetensors.index.json")
_WEIGHTS = (*SAFE, "pytorch_model.bin", "pytorch_model.bin.index.json")
"""In the order in which transformers looks for them."""

_MAKERS = {
    "tokenizer": (("vocab_size", "text_config"), ("tokenizer*", "vocab*", "*.model")),
    "image processor": (("vision_config",), ("*processor_config.json",)),
}
"""What makes a network's inputs: the keys of config.json that tell of its need, and the files in which it may lie."""

_POINTER = b"version https://git-lfs"


def lacks(folder: Path) -> str:
    """What keeps a folder from being a whole model, in a sentence; empty where nothing does."""
    if not any((folder / name).is_file() for name in ("config.json", "modules.json")):
        return "it has no config.json"
    network = _network(folder)
    present = [name for name in _WEIGHTS if (network / name).is_file()]
    if not present:
        return f"it has no weights ({' or '.join(_WEIGHTS[:3])})"
    index = network / present[0]
    files = sorted(set(_part(index, "weight_map").values())) if index.suffix == ".json" else [index.name]
    missing = [name for name in files if not (network / name).is_file()]
    if missing:
        return f"{len(missing)} of {len(files)} files of weights are missing ({missing[0]})"
    pointers = [name for name in files if _is_pointer(network / name)]
    return f"{pointers[0]} is only a pointer; `git lfs pull` fetches what it stands for" if pointers else ""


def unread(folder: Path) -> str:
    """What a model could not be given its inputs for, in a sentence; empty where nothing is known to be missing."""
    path = _network(folder) / "config.json"
    config = _part(path) if path.is_file() else {}
    asked = [(maker, files) for maker, (keys, files) in _MAKERS.items() if any(key in config for key in keys)]
    absent = [maker for maker, files in asked if not any(map(Path.exists, _within(folder, files)))]
    return f"it has no {absent[0]}" if absent else ""


def refuse_bare(folder: Path, model: str) -> None:
    """Raises BadConfig for a folder whose pooling sentence-transformers would have to guess."""
    if not (folder / "modules.json").is_file():
        raise BadConfig(
            f"{model} has no modules.json, so sentence-transformers would average its tokens without a word; "
            f'say pooling = "cls", "mean" or "last"'
        )


def _network(folder: Path) -> Path:
    """Where the weights lie: older models of sentence-transformers keep them in a folder of the first module."""
    modules = folder / "modules.json"
    return folder / str(_part(modules, 0, "path")) if modules.is_file() else folder


def _part(path: Path, *keys: str | int) -> Any:
    """What stands under these keys of a JSON file. Raises BadConfig where it does not."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        for key in keys:
            content = content[key]
    except (OSError, ValueError, LookupError, TypeError) as error:
        what = f"{type(error).__name__}: {one_line(error)}"
        raise BadConfig(f"{path} cannot be read as a part of a model: {what}") from None
    return content


def _is_pointer(file: Path) -> bool:
    """Whether git left a note of three lines where the weights should be."""
    with file.open("rb") as opened:
        return opened.read(len(_POINTER)) == _POINTER


def _within(folder: Path, patterns: tuple[str, ...]) -> Iterator[Path]:
    return chain.from_iterable(folder.rglob(pattern) for pattern in patterns)
