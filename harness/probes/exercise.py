"""What a system does while its memory is watched: its peak is that of a few batches, not of the whole bank."""

from __future__ import annotations

from dataclasses import replace

from harness.data.model import Corpus, Dataset, Queries
from harness.engine.live import Live
from harness.engine.pipeline import Pipeline
from harness.grid.systems import System
from harness.plugging.registry import Registry

BATCHES = 8


def exercise(registry: Registry, dataset: Dataset, system: System, batch: int, top_k: int) -> None:
    """Loads every stage, embeds a sample of the bank in batches, and answers a batch of single queries."""
    corpus = Corpus(dataset.corpus.items[: BATCHES * batch])
    queries = Queries.against(corpus, dataset.queries.queries[:batch])
    sample = replace(dataset, corpus=corpus, queries=queries, truths={})
    live = Live(Pipeline(registry, sample, top_k), system, top_k)
    for query in live.askable(queries.queries):
        live.answer(query)
