"""What can be asked on a command line, of pytest and of `python -m harness` alike: one table of options."""

from __future__ import annotations

import os
from argparse import ArgumentTypeError
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, get_args

from harness.words import Language

Gate = Literal["go", "unproven"]
"""What a candidate must be to pass: GO, or at least such that only proof is missing."""


def named(text: str) -> Gate:
    """What may follow `--gate` on a command line; a path that was meant for pytest is told so."""
    known = {name: name for name in get_args(Gate)}
    if text not in known:
        raise ArgumentTypeError(f"{text!r} is no gate: write --gate last, --gate=go or --gate=unproven")
    gate: Gate = known[text]
    return gate


OPTIONS: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "--harness-toml": {"type": Path, "metavar": "FILE", "help": "instead of harness.toml in the root folder"},
        "--dataset": {"type": Path, "metavar": "PATH", "help": "item bank instead of the one in harness.toml"},
        "--criteria": {"type": Path, "metavar": "FILE", "help": "policy instead of the one in harness.toml"},
        "--plugins-dir": {
            "type": Path, "metavar": "DIR", "action": "append", "default": [],
            "help": "more plugins; may be repeated",
        },
        "--download": {"action": "store_true", "default": None, "help": "fetch weights that are not on this machine"},
        "--weights": {
            "choices": ("real", "dummy"),
            "help": "dummy: full-size models with random weights; their cost is measured, their accuracy is not",
        },
        "--vram-limit": {"metavar": "SIZE", "help": "let a large card behave like a small one: 8GiB"},
    }
)  # fmt: skip
JUDGING: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "--gate": {
            "nargs": "?", "const": "go", "type": named, "metavar": "unproven",
            "help": "fail what is not GO; with 'unproven', let pass what only lacks proof",
        },
        "--point-estimates": {
            "action": "store_true", "help": "judge point estimates alone, as if there were no sampling error",
        },
        "--report-language": {"choices": ("en", "ko"), "help": "language of report.md and report.html (default: en)"},
    }
)  # fmt: skip
"""How what was measured is judged and told; a process that only measures is not asked."""

PATHS = ("dataset", "criteria")
MODELS = ("download", "weights", "vram_limit")


@dataclass(frozen=True)
class Wishes:
    """harness.toml, and what wins over it. Every path is absolute: the same wishes hold in another process."""

    toml: Path
    dataset: Path | None = None
    criteria: Path | None = None
    plugins: tuple[Path, ...] = ()
    models: Mapping[str, Any] = field(default_factory=dict)
    point_estimates: bool = False
    language: Language | None = None

    @classmethod
    def of(cls, given: Callable[[str], Any], here: Path, root: Path) -> Wishes:
        """`given` looks an option up by its flag; paths are meant from `here`, harness.toml is looked for in `root`."""
        dataset, criteria = (_from(here, given(f"--{name}")) for name in PATHS)
        folders = tuple(_named(here / folder) for folder in given("--plugins-dir"))
        asked = {name: given("--" + name.replace("_", "-")) for name in MODELS}
        models = {name: value for name, value in asked.items() if value is not None}
        toml = _from(here, given("--harness-toml")) or root / "harness.toml"
        return cls(toml, dataset, criteria, folders, models)

    def judging(self, given: Callable[[str], Any]) -> Wishes:
        """The same wishes with those of `JUDGING`."""
        return replace(self, point_estimates=bool(given("--point-estimates")), language=given("--report-language"))

    def words(self) -> Iterator[str]:
        """The command-line options that say the same."""
        yield from ("--harness-toml", str(self.toml))
        for name in PATHS:
            if getattr(self, name):
                yield from (f"--{name}", str(getattr(self, name)))
        for folder in self.plugins:
            yield from ("--plugins-dir", str(folder))
        for name, value in self.models.items():
            flag = "--" + name.replace("_", "-")
            yield from (flag,) if value is True else (flag, str(value))


def _from(here: Path, path: Path | None) -> Path | None:
    return None if path is None else _named(here / path)


def _named(path: Path) -> Path:
    """Absolute, but not followed: what stands beside a link is what is meant, in this process and in any other."""
    return Path(os.path.abspath(path))  # noqa: PTH100 (pathlib follows links, or keeps the dots)
