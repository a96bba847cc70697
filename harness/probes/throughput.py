"""How many documents enter the system, and how many queries it answers, per second when they come in batches."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from harness.data.model import Corpus, Item
from harness.engine.building import build
from harness.engine.device import synchronise
from harness.engine.embedding import embed
from harness.engine.live import Live
from harness.engine.pipeline import Pipeline, index
from harness.grid.systems import System
from harness.probes.latency import cycled

LARGEST_SAMPLE = 2_000
"""Documents of a large bank that are indexed for the sake of timing."""


@dataclass(frozen=True)
class Throughput:
    """`items`: documents per second (embedded, or indexed where nothing is embedded); `queries`: queries per second."""

    items: float
    queries: float
    batch: int
    items_counted: int
    queries_counted: int


def measure(pipeline: Pipeline, live: Live, batch: int, seconds: float) -> Throughput:
    """Batches of `batch` for about `seconds` each; embeddings are computed anew, never read."""
    system, documents = live.system, live.corpus.items[:LARGEST_SAMPLE]
    if system.embedder is None:
        items, items_counted = _rate(lambda: _index(pipeline, system, documents), seconds)
    else:
        items, items_counted = _rate(_embedding(pipeline, system.embedder, documents, batch), seconds)
    queries = cycled(live.askable(pipeline.dataset.queries.queries), batch)
    answered, answers_counted = _rate(lambda: len(live.batch(queries)), seconds)
    return Throughput(items, answered, batch, items_counted, answers_counted)


def _rate(work: Callable[[], int], seconds: float) -> tuple[float, int]:
    """(units per second, units) of work repeated until the time is up; the first round warms up and is not counted."""
    work()
    synchronise()
    done, start = 0, time.perf_counter()
    while done == 0 or time.perf_counter() - start < seconds:
        done += work()
        synchronise()
    return done / (time.perf_counter() - start), done


def _embedding(pipeline: Pipeline, name: str, documents: Sequence[Item], batch: int) -> Callable[[], int]:
    embedder, spec = pipeline.embedder(name), pipeline.registry.embedders[name]
    starts = iter(range(0, 10**12, batch))

    def one_batch() -> int:
        first = next(starts) % len(documents)
        return len(embed(embedder, spec, documents[first : first + batch], "document"))

    return one_batch


def _index(pipeline: Pipeline, system: System, documents: Sequence[Item]) -> int:
    spec = pipeline.registry.retrievers[system.retriever]
    parts = {part: pipeline.retriever(part, system.embedder) for part in spec.parts}
    index(build(spec, parts), Corpus(documents), spec.name)
    return len(documents)
