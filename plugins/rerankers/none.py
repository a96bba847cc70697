"""none: no second stage; the first stage's order stands."""

from __future__ import annotations

from collections.abc import Sequence

from harness import RerankerSpec, hookimpl
from harness.plugging.components import Content


class KeepsOrder:
    """Scores fall by one from place to place."""

    def rerank(self, query: Content, documents: Sequence[Content], /) -> list[float]:
        return [float(-place) for place in range(len(documents))]


@hookimpl
def harness_register_rerankers() -> list[RerankerSpec]:
    about = "no reranking"
    return [RerankerSpec("none", KeepsOrder, about=about, depth=0, modalities=("text", "image"), on_device=False)]
