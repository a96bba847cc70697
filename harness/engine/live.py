"""A system as its users meet it: every stage loaded, one query at a time, nothing stored, each stage timed."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field

from harness.data.model import Queries, Query
from harness.data.run import Run
from harness.engine.contents import can_be_shown
from harness.engine.device import synchronise
from harness.engine.embedding import embed
from harness.engine.pipeline import Pipeline, search
from harness.engine.reranking import new_order, rerank_run
from harness.errors import BadData, HarnessError, NotMeasured
from harness.grid.systems import System
from harness.plugging.components import Embedder, Reranker
from harness.plugging.specs import EmbedderSpec, RerankerSpec


@dataclass(frozen=True)
class Answer:
    """What one query got: document ids, best first, the first stage's scores, and milliseconds per stage."""

    ids: tuple[str, ...]
    scores: tuple[float, ...]
    milliseconds: dict[str, float] = field(compare=False)


class Live:
    """Answers queries. Raises NotMeasured for stored embeddings and stored runs: they cannot be timed."""

    def __init__(self, pipeline: Pipeline, system: System, top_k: int) -> None:
        self.pipeline, self.system = pipeline, system
        self._refuse_stored()
        pipeline.holding.only(system.embedder, system.reranker)
        self.corpus = pipeline.corpus(system.embedder)
        self._first = self._embedding_stage()
        self._retriever = pipeline.retriever(system.retriever, system.embedder)
        self._second = self._reranking_stage()
        self._answered = top_k
        # One more than is answered or reranked: the query's own item may be among them, and leaves.
        self._wanted = max(top_k, self._second[1].depth if self._second else 0) + 1

    def answer(self, query: Query) -> Answer:
        """One query through every stage."""
        spent: dict[str, float] = {}
        with _clock(spent, "encode") if self._first else nullcontext():
            asked = self._encoded([query])
        with _clock(spent, "search"):
            run = self._searched(asked)
        ranked = run.documents(0)
        if self._second:
            with _clock(spent, "rerank"):
                ranked = self._reranked(*self._second, query, ranked)
        ids, scores = tuple(name for name, _ in ranked), tuple(score for _, score in ranked)
        return Answer(ids[: self._answered], scores[: self._answered], {**spent, "total": sum(spent.values())})

    def batch(self, queries: list[Query]) -> Run:
        """Many queries at once through every stage."""
        run = self._searched(self._encoded(queries))
        return rerank_run(*self._second, run, self.pipeline.dataset) if self._second else run

    def askable(self, queries: Sequence[Query]) -> list[Query]:
        """The queries that every stage can be shown; accuracy tells of the others, and counts them."""
        try:
            unseen = self.pipeline.unseen(self.system.embedder, "query")
        except BadData:  # not one of them
            return []
        except HarnessError:  # a model that fails in batches may answer single queries, or count as failing there
            unseen = {}
        modalities = self._second[1].modalities if self._second else ()
        return [query for query in queries if query.id not in unseen and can_be_shown(query, modalities)]

    def _encoded(self, queries: list[Query]) -> Queries:
        """The queries as the retriever wants them: embedded now, where it searches vectors."""
        asked = Queries.against(self.corpus, queries)
        return asked.with_vectors(embed(*self._first, queries, "query")) if self._first else asked

    def _searched(self, asked: Queries) -> Run:
        return search(self._retriever, asked, self._wanted, self.system.retriever, self.corpus).without(asked.exclude)

    def _reranked(
        self, reranker: Reranker, spec: RerankerSpec, query: Query, ranked: list[tuple[str, float]]
    ) -> list[tuple[str, float]]:
        candidates = ranked[: spec.depth]
        documents = [self.corpus.items[self.corpus.positions[name]] for name, _ in candidates]
        order = new_order(reranker, spec, query, documents)
        reranked = [candidates[place] for place in order] + ranked[spec.depth :]
        return reranked[: spec.keep or None]

    def _embedding_stage(self) -> tuple[Embedder, EmbedderSpec] | None:
        name = self.system.embedder
        return (self.pipeline.embedder(name), self.pipeline.registry.embedders[name]) if name else None

    def _reranking_stage(self) -> tuple[Reranker, RerankerSpec] | None:
        name = self.system.reranker
        return (self.pipeline.reranker(name), self.pipeline.registry.rerankers[name]) if name else None

    def _refuse_stored(self) -> None:
        name = self.system.embedder
        if name is not None and self.pipeline.registry.embedders[name].takes == "ids":
            raise NotMeasured(f"embedder {name!r} reads stored embeddings: nothing was computed that could be timed")
        for part in self.pipeline.registry.retrievers.with_parts(self.system.retriever):
            if part.stored:
                what = f"retriever {part.name!r} reads a stored run"
                raise NotMeasured(f"{what}: nothing was computed that could be timed")


@contextmanager
def _clock(spent: dict[str, float], stage: str) -> Iterator[None]:
    """What a stage leaves running on the device belongs to that stage."""
    synchronise()
    start = time.perf_counter_ns()
    yield
    synchronise()
    spent[stage] = (time.perf_counter_ns() - start) / 1e6
