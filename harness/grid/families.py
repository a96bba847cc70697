"""Systems that are one thing at different settings, told by how their retriever is built and never by its name."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from harness.grid.systems import System
from harness.plugging.registry import Registry
from harness.plugging.specs import RetrieverSpec

Setting = float | str


@dataclass(frozen=True, slots=True)
class Family:
    """`members` are systems by name with their setting of `option`, numbers first and ascending.

    `base` is what they have in common: embedder, plugin and reranker, as in `qwen3-vl-2b+hybrid`.
    """

    base: str
    option: str
    members: Mapping[str, Setting]


@dataclass(frozen=True, slots=True)
class _Kind:
    """All that the members of a family share; `others` are the options that it does not vary."""

    embedder: str | None
    reranker: str | None
    build: int
    arguments: tuple[Setting, ...]
    parts: tuple[str, ...]
    option: str
    others: frozenset[tuple[str, Setting]]


def families(systems: Iterable[System], registry: Registry) -> list[Family]:
    """Every two or more systems that differ in one option of their retriever, and in nothing else.

    An option that nobody set stands at its default, so `rrf` and a table's `rrf` with another k are a family. Of
    systems with equal settings the first stands for all. Rankings that exist already are no settings of anything.
    """
    found: dict[_Kind, dict[Setting, System]] = {}
    for system in systems:
        spec = registry.retrievers[system.retriever]
        if not spec.stored:
            for kind, setting in _kinds(system, spec):
                found.setdefault(kind, {}).setdefault(setting, system)
    return [_family(kind, members, registry) for kind, members in found.items() if len(members) > 1]


def _kinds(system: System, spec: RetrieverSpec) -> Iterator[tuple[_Kind, Setting]]:
    """For each option the family that a system would belong to, and its place there."""
    build, arguments = _unwrapped(spec.build)
    settings = _settings(spec)
    for option, setting in settings.items():
        others = frozenset(item for item in settings.items() if item[0] != option)
        kind = _Kind(system.embedder, system.reranker, id(build), arguments, spec.parts, option, others)
        yield kind, setting


def _family(kind: _Kind, members: Mapping[Setting, System], registry: Registry) -> Family:
    ordered = sorted(members, key=lambda setting: (isinstance(setting, str), setting))
    plugin = _plugin(registry.retrievers[members[ordered[0]].retriever])
    base = "+".join(part for part in (kind.embedder, plugin, kind.reranker) if part)
    return Family(base, kind.option, {members[setting].name: setting for setting in ordered})


def _unwrapped(build: Callable[..., Any]) -> tuple[Callable[..., Any], tuple[Setting, ...]]:
    """The function itself, and what is bound to its places; a partial of a partial is one already."""
    if isinstance(build, partial):
        return build.func, tuple(map(_setting, build.args))
    return build, ()


def _settings(spec: RetrieverSpec) -> dict[str, Setting]:
    """Every option of `build`: as it is chosen, else its default."""
    known = inspect.signature(spec.build).parameters if spec.options else {}
    defaults = {name: known[name].default for name in spec.options}
    return {name: _setting(value) for name, value in {**defaults, **spec.chosen}.items()}


def _setting(value: Any) -> Setting:
    """Numbers and texts as they are, so that 1 is 1.0; anything else by what Python calls it."""
    return value if isinstance(value, (int, float, str)) else repr(value)


def _plugin(spec: RetrieverSpec) -> str:
    """The file that a retriever is built in: one file is one plugin, whatever number of names it registers."""
    build, _ = _unwrapped(spec.build)
    file = getattr(inspect.getmodule(build), "__file__", None)
    return Path(file).stem if file else spec.name
