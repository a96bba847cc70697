"""Systems by name: which embedder, retriever and reranker stand together, and in which role."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from fnmatch import fnmatchcase
from typing import Literal

from harness.config import Grid
from harness.errors import BadConfig, UnknownName
from harness.plugging.names import spelt_out
from harness.plugging.registry import Registry
from harness.plugging.specs import EmbedderSpec, RerankerSpec, RetrieverSpec

Role = Literal["candidate", "baseline", "chance", "other"]


@dataclass(frozen=True, slots=True)
class System:
    """A row of every table. Candidates are judged, baselines compared with, chance is the floor."""

    retriever: str
    embedder: str | None = None
    reranker: str | None = None
    role: Role = "other"

    @property
    def name(self) -> str:
        return "+".join(part for part in (self.embedder, self.retriever, self.reranker) if part)

    @property
    def first_stage(self) -> System:
        """The system without its reranker."""
        return replace(self, reranker=None)

    @property
    def timed(self) -> bool:
        """Whether its speed, memory and stability matter: only of what is judged or compared with."""
        return self.role in ("candidate", "baseline")


def embeds(registry: Registry, retriever: str) -> bool:
    """Whether a retriever, or any of its parts, searches vectors."""
    return any(spec.uses_embedder for spec in registry.retrievers.with_parts(retriever))


def lexical(registry: Registry, retriever: str) -> bool:
    """Whether a retriever, or any of its parts, matches words."""
    return any(spec.lexical for spec in registry.retrievers.with_parts(retriever))


def reranks(registry: Registry, reranker: str) -> bool:
    """Whether a reranker scores anything again; one of depth 0 stands in no system's name."""
    return registry.rerankers[reranker].depth != 0


def specs(registry: Registry, system: System) -> Iterator[EmbedderSpec | RetrieverSpec | RerankerSpec]:
    """Everything that a system is made of, parts included."""
    if system.embedder is not None:
        yield from registry.embedders.with_parts(system.embedder)
    yield from registry.retrievers.with_parts(system.retriever)
    if system.reranker is not None:
        yield registry.rerankers[system.reranker]


def on_device(registry: Registry, system: System) -> bool:
    """Whether any stage of a system could run on a GPU."""
    return any(spec.on_device for spec in specs(registry, system))


def cross(grid: Grid, registry: Registry) -> list[System]:
    """Every embedder x retriever x reranker, then what a role names beyond that; each system once, with its role.

    A retriever that embeds nothing appears once, not once per embedder. Raises UnknownName for a name in the grid or a
    role pattern that nothing answers to.
    """
    systems = {system.name: system for system in _product(grid, registry)}
    for pattern in (*grid.candidates, *grid.baselines, *grid.chance):
        if spelt_out(pattern) and pattern not in systems:
            systems[pattern] = parse(pattern, registry, systems)
    _refuse_idle_patterns(grid, systems)
    return [replace(system, role=_role(system.name, grid)) for system in systems.values()]


def parse(name: str, registry: Registry, known: Sequence[str] | dict[str, System] = ()) -> System:
    """A system from its name, such as `bm25` or `char-hashing+dense+lexical`.

    Raises UnknownName, and BadConfig for an embedder too many or too few and for a family that needs options first.
    """
    parts = name.split("+")
    embedder = parts.pop(0) if len(parts) > 1 and parts[0] in registry.embedders else None
    retriever = parts.pop(0)
    reranker = parts.pop(0) if parts else None
    if retriever not in registry.retrievers or parts or not _second_stage(registry, reranker):
        raise UnknownName("system", name, {*known, *_meant(name, registry)})
    registry.retrievers.ready(retriever)
    if embedder is not None:
        registry.embedders.ready(embedder)
    if reranker is not None:
        registry.rerankers.ready(reranker)
    if embeds(registry, retriever) != (embedder is not None):
        raise BadConfig(f"system {name!r}: " + _wrong_embedder(retriever, embedder))
    return System(retriever, embedder, reranker)


def _meant(name: str, registry: Registry) -> list[str]:
    """The system's name with each part that nobody bears put right, if that can be guessed."""
    bearers = [spec.name for kind in (registry.embedders, registry.retrievers, registry.rerankers) for spec in kind]
    near = [[part] if part in bearers else get_close_matches(part, bearers, n=1) for part in name.split("+")]
    return ["+".join(part for [part] in near)] if all(near) else []


def _second_stage(registry: Registry, reranker: str | None) -> bool:
    """A system without a reranker does not say so in its name."""
    return reranker is None or (reranker in registry.rerankers and reranks(registry, reranker))


def _wrong_embedder(retriever: str, embedder: str | None) -> str:
    if embedder is None:
        return f"retriever {retriever!r} needs an embedder, as in 'char-hashing+{retriever}'"
    return f"retriever {retriever!r} uses no embedder, so {embedder!r} has nothing to do"


def _product(grid: Grid, registry: Registry) -> Iterator[System]:
    embedders = registry.embedders.select(grid.embedders)
    retrievers = registry.retrievers.select(grid.retrievers)
    chosen = registry.rerankers.select(grid.rerankers)
    rerankers = list(dict.fromkeys(name if reranks(registry, name) else None for name in chosen))
    free = [name for name in retrievers if not embeds(registry, name)]
    bound = [name for name in retrievers if embeds(registry, name)]
    for retriever in free:
        yield from (System(retriever, None, reranker) for reranker in rerankers)
    for embedder in embedders:
        for retriever in bound:
            yield from (System(retriever, embedder, reranker) for reranker in rerankers)


def _role(name: str, grid: Grid) -> Role:
    """Chance and baseline are named deliberately, so they win over a broad candidate pattern."""
    roles: tuple[tuple[Role, list[str]], ...] = (
        ("chance", grid.chance), ("baseline", grid.baselines), ("candidate", grid.candidates)
    )  # fmt: skip
    for role, patterns in roles:
        if any(fnmatchcase(name, pattern) for pattern in patterns):
            return role
    return "other"


def _refuse_idle_patterns(grid: Grid, systems: dict[str, System]) -> None:
    for pattern in (*grid.candidates, *grid.baselines, *grid.chance):
        if not spelt_out(pattern) and not any(fnmatchcase(name, pattern) for name in systems):
            raise UnknownName("system", pattern, systems)
