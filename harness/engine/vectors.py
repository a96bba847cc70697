"""Each content embedded once per embedder, whatever asks for it: grids, scenarios, baselines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from harness.data.model import FloatMatrix, Item, Query
from harness.engine.embedding import Side, embed
from harness.engine.holding import Holding
from harness.engine.once import Once
from harness.plugging.registry import Registry


@dataclass(frozen=True)
class Embedded:
    """[n, dimensions] float32; `lost` names the rows that could not be shown, and why."""

    matrix: FloatMatrix
    lost: dict[str, str]


@dataclass
class Vectors:
    """Vectors by embedder, side, and what the embedder is shown; `calls` counts the rows each was asked for."""

    registry: Registry
    holding: Holding
    calls: Counter[tuple[str, Side]] = field(default_factory=Counter)
    _once: Once = field(default_factory=Once)

    def of(self, embedder: str, side: Side, rows: Sequence[Item | Query]) -> Embedded:
        """Computed when first asked for."""
        sees = "image" in self.registry.embedders[embedder].modalities
        shown = hash(tuple((row.id, row.text, row.image if sees else None) for row in rows))
        return self._once((embedder, side, shown), lambda: self._embed(embedder, side, rows))

    def _embed(self, embedder: str, side: Side, rows: Sequence[Item | Query]) -> Embedded:
        self.calls[embedder, side] += len(rows)
        lost: dict[str, str] = {}
        model, spec = self.holding.embedder(embedder), self.registry.embedders[embedder]
        return Embedded(embed(model, spec, rows, side, lost), lost)

    @property
    def lost(self) -> dict[str, dict[str, str]]:
        """Embedder -> row -> why it could not be shown."""
        found: dict[str, dict[str, str]] = {}
        for (embedder, _, _), made in self._once.kept.items():
            if isinstance(made, Embedded):
                found.setdefault(embedder, {}).update(made.lost)
        return found
