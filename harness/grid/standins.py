"""What a broken plugin leaves behind: names that are asked for and nobody bears, so that only their systems fail."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NoReturn

from harness.config import Grid
from harness.errors import PluginFailed
from harness.plugging.names import Names, spelt_out
from harness.plugging.registry import Registry
from harness.plugging.specs import EmbedderSpec, GTSourceSpec, RerankerSpec, RetrieverSpec, Spec

ORIGIN = "stand-in for a broken plugin"
Parts = tuple[str | None, str, str | None]
"""embedder, retriever, reranker"""


def stand_in(registry: Registry, grid: Grid, baselines: Iterable[str] = ()) -> None:
    """Registers a spec whose build raises what broke, for every name that the grid spells out and nobody bears.

    While no plugin is broken an unknown name is the grid's own mistake, and nothing stands in for it. `baselines` are
    systems that are asked for beside the grid.
    """
    if not registry.broken:
        return
    systems = [
        parts
        for name in (*grid.candidates, *grid.baselines, *grid.chance, *baselines)
        if spelt_out(name) and (parts := _split(name.split("+"), registry))
    ]
    alone = {retriever for embedder, retriever, _ in systems if embedder is None}
    searches_vectors = {"uses_embedder": True} if grid.embedders or any(parts[0] for parts in systems) else {}
    for name in (*grid.embedders, *(parts[0] for parts in systems)):
        _replace(name, registry.embedders, EmbedderSpec, registry)
    for name in (*grid.retrievers, *(parts[1] for parts in systems), *_parts(registry.retrievers)):
        _replace(name, registry.retrievers, RetrieverSpec, registry, {} if name in alone else searches_vectors)
    for name in (*grid.rerankers, *(parts[2] for parts in systems)):
        _replace(name, registry.rerankers, RerankerSpec, registry)
    for name in (*grid.ground_truths, *_parts(registry.gt_sources)):
        _replace(name, registry.gt_sources, GTSourceSpec, registry)


def _split(words: Sequence[str], registry: Registry) -> Parts | None:
    """The parts of a system's name, some of which nobody bears; None for what cannot be one."""
    match words:
        case [retriever]:
            return None, retriever, None
        case [first, second] if first not in registry.embedders and (
            first in registry.retrievers or second in registry.rerankers
        ):
            return None, first, second
        case [embedder, retriever]:
            return embedder, retriever, None
        case [embedder, retriever, reranker]:
            return embedder, retriever, reranker
    return None


def _parts(names: Names[Any]) -> list[str]:
    return [part for spec in names for part in spec.parts]


def _replace(
    name: str | None, names: Names[Any], kind: type[Spec], registry: Registry, facts: dict[str, Any] | None = None
) -> None:
    if name is not None and spelt_out(name) and name not in names:
        names.add(kind(name, _raising(kind, name, registry.broken), origin=ORIGIN, **(facts or {})))


def _raising(kind: type[Spec], name: str, broken: Sequence[PluginFailed]) -> Callable[[], NoReturn]:
    sentence = f"{kind.kind} {name!r} is registered by no plugin; {'; '.join(map(str, broken))}"

    def build() -> NoReturn:
        raise PluginFailed(sentence)

    return build
