"""What is built: one embedder and one reranker at a time, and what they had to say of their work."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from harness.engine.building import build
from harness.engine.device import forget
from harness.engine.once import Once
from harness.plugging.components import Embedder, Remarking, Reranker
from harness.plugging.registry import Registry


class Holding:
    """Builds models when they are asked for, and lets go of the one before: two rarely fit a card."""

    def __init__(self, registry: Registry) -> None:
        self.registry = registry
        self._once = Once()
        self._remarks: dict[tuple[str, str], list[list[str]]] = {}

    def embedder(self, name: str) -> Embedder:
        """The built embedder, its parts built before it."""
        self._let_go("embedder", keep=self._parts(name))
        embedder: Embedder = self._with_parts(name)
        return embedder

    def reranker(self, name: str) -> Reranker:
        """The built reranker."""
        self._let_go("reranker", keep=[name])
        reranker: Reranker = self._built("reranker", name, lambda: build(self.registry.rerankers[name]))
        return reranker

    def only(self, embedder: str | None, reranker: str | None) -> None:
        """Lets go of what a system of these two does not need."""
        self._let_go("embedder", keep=self._parts(embedder) if embedder else [])
        self._let_go("reranker", keep=[reranker] if reranker else [])

    def release(self) -> None:
        """Lets go of everything."""
        self.only(None, None)

    def remarks(self, kind: str, name: str) -> list[str]:
        """What a component, or one of its parts, has said so far; also after it was let go."""
        names = self._parts(name) if kind == "embedder" else [name]
        said = (remark for part in names for copy in self._remarks.get((kind, part), ()) for remark in copy)
        return list(dict.fromkeys(said))

    def _parts(self, name: str) -> list[str]:
        return [part.name for part in self.registry.embedders.with_parts(name)]

    def _with_parts(self, name: str) -> Any:
        spec = self.registry.embedders[name]
        parts = {part: self._with_parts(part) for part in spec.parts}
        return self._built("embedder", name, lambda: build(spec, parts))

    def _built(self, kind: str, name: str, make: Callable[[], Any]) -> Any:
        return self._once((kind, name), lambda: self._listened_to(kind, name, make()))

    def _listened_to(self, kind: str, name: str, component: Any) -> Any:
        if isinstance(component, Remarking):
            self._remarks.setdefault((kind, name), []).append(component.remarks)
        return component

    def _let_go(self, kind: str, keep: list[str]) -> None:
        if self._once.drop(lambda key: key[0] == kind and key[1] not in keep):
            forget()
