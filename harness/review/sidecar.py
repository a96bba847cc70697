"""Files that stand beside recorded results: who answers for them, and where their ground truths come from."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from pydantic import Field

from harness.config import Waiver
from harness.data.model import Pool, Provenance
from harness.errors import BadConfig, UnknownName
from harness.settings import Strict
from harness.toml import load_toml, validate


class Pooled(Strict):
    """A system whose first `depth` results went before the judge."""

    system: str
    depth: Annotated[int, Field(ge=1)]


class Origin(Strict):
    """A `[[truth]]`: where the judgements of a ground truth come from. It inherits the pools of its parents."""

    name: str
    method: str
    judge: str = ""
    date: str = ""
    shown: str = ""
    note: str = ""
    pools: list[Pooled] = Field(default_factory=list)
    parents: list[str] = Field(default_factory=list)

    def provenance(self, inherited: Sequence[Pool]) -> Provenance:
        """As a ground truth carries it."""
        pools = dict.fromkeys((*inherited, *(Pool(pool.system, pool.depth) for pool in self.pools)))
        return Provenance(self.method, self.judge, tuple(pools), self.date, self.shown, self.note)


class Origins(Strict):
    """A file of `[[truth]]` tables."""

    truth: list[Origin] = Field(min_length=1)


class Waivers(Strict):
    """A file of `[[waiver]]` tables, as in harness.toml."""

    waiver: list[Waiver] = Field(min_length=1)


def origins(path: Path) -> dict[str, Provenance]:
    """Ground truth -> provenance. Raises BadConfig, also for a parent that does not stand above its child."""
    known: dict[str, Provenance] = {}
    for origin in validate(Origins, path, load_toml(path)).truth:
        strangers = [name for name in origin.parents if name not in known]
        if strangers:
            raise BadConfig(f"{path}: parent of {origin.name!r}: {UnknownName('ground truth', strangers[0], known)}")
        known[origin.name] = origin.provenance([pool for name in origin.parents for pool in known[name].pools])
    return known


def waivers(path: Path) -> list[Waiver]:
    """Raises BadConfig."""
    return validate(Waivers, path, load_toml(path)).waiver
