"""The four hooks, in the order in which a run needs them.

Each is called once, before anything is built, with the content of harness.toml; a plugin that does not care leaves the
argument out. Each returns specs, not models: registering must stay cheap and import nothing heavy.
"""

from __future__ import annotations

from collections.abc import Iterable

import pluggy

from harness.config import Config
from harness.plugging.specs import EmbedderSpec, GTSourceSpec, RerankerSpec, RetrieverSpec

hookspec = pluggy.HookspecMarker("harness")
hookimpl = pluggy.HookimplMarker("harness")


@hookspec
def harness_register_gt_sources(config: Config) -> Iterable[GTSourceSpec]:
    """Announce sources of judgements: labelled files, rules, other programs' opinions."""
    raise NotImplementedError


@hookspec
def harness_register_embedders(config: Config) -> Iterable[EmbedderSpec]:
    """Announce models that turn texts or pictures into vectors."""
    raise NotImplementedError


@hookspec
def harness_register_retrievers(config: Config) -> Iterable[RetrieverSpec]:
    """Announce ways to rank a corpus; `config.grid.retrievers` tells which names are asked for (hybrid-a0.35)."""
    raise NotImplementedError


@hookspec
def harness_register_rerankers(config: Config) -> Iterable[RerankerSpec]:
    """Announce second stages that score a first stage's candidates again."""
    raise NotImplementedError
