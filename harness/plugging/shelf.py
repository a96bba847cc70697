"""Where plugins lie: the shelf that comes with the harness, folders of the user's, and installed packages."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterable, Iterator
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType

from harness.errors import BadConfig, PluginFailed

KINDS = ("gt_sources", "embedders", "retrievers", "rerankers")
GROUP = "harness"
"""The entry point group through which an installed package offers plugins."""


def built_in() -> Path:
    """`plugins/` beside the package in a checkout; `harness/shelf` in an installed wheel."""
    return _carried("shelf", "plugins")


def suites() -> Path:
    """`benchmarks/` beside the package in a checkout; `harness/suites` in an installed wheel."""
    return _carried("suites", "benchmarks")


def _carried(installed: str, checkout: str) -> Path:
    package = Path(__file__).resolve().parent.parent
    return package / installed if (package / installed).is_dir() else package.parent / checkout


def files(folders: Iterable[Path]) -> Iterator[Path]:
    """Every plugin file of the folders, each once: `embedders/*.py` and so on, and any `*.py` at the top."""
    seen: set[Path] = set()
    for folder in folders:
        if not folder.is_dir():
            raise BadConfig(f"plugins folder {folder} does not exist")
        for place in (folder, *(folder / kind for kind in KINDS)):
            for file in sorted(place.glob("*.py")):
                if not file.name.startswith("_") and file.resolve() not in seen:
                    seen.add(file.resolve())
                    yield file


def load(file: Path, origin: str = "") -> ModuleType:
    """The module in a plugin file, by path. Raises PluginFailed for whatever it raises at import.

    `origin` is what its errors call it; without one, the path itself.
    """
    origin = origin or str(file)
    name = f"harness_shelf.{file.parent.name}.{file.stem}_{abs(hash(file.resolve())):x}"
    spec = importlib.util.spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise PluginFailed(f"plugin {origin} cannot be loaded")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        del sys.modules[name]
        raise PluginFailed.during("import", f"plugin {origin}", error) from error
    return module


def installed() -> Iterator[tuple[str, ModuleType | object | PluginFailed]]:
    """(origin, plugin) for every entry point of the group; a PluginFailed where loading raised."""
    for point in sorted(entry_points(group=GROUP), key=lambda point: point.name):
        package = point.dist.name if point.dist else "?"
        origin = f"package {package} ({point.value})"
        try:
            yield origin, point.load()
        except (Exception, SystemExit) as error:
            yield origin, PluginFailed.during("import", f"plugin {origin}", error)
