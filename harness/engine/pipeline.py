"""embed -> retrieve -> rerank: (dataset, system) -> Run, each shared stage computed once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from harness.data.model import Corpus, Dataset, Queries
from harness.data.run import Run
from harness.engine.building import build
from harness.engine.embedding import Side
from harness.engine.holding import Holding
from harness.engine.once import Once
from harness.engine.reranking import rerank_run
from harness.engine.vectors import Embedded, Vectors
from harness.errors import BadOutput, NotMeasured, blame
from harness.grid.systems import System, embeds, specs
from harness.plugging.components import Embedder, Reranker, Retriever
from harness.plugging.registry import Registry


class Pipeline:
    """Runs systems over one dataset.

    One system's models are held at a time (grid items come sorted by them), and the indexes over one embedder's
    vectors; rankings are kept, and vectors are shared by the pipelines that are given the same `vectors`. What could
    not be shown to a model is found by nobody, and finds nothing; `lost` says what that is, and why.
    """

    def __init__(self, registry: Registry, dataset: Dataset, top_k: int, vectors: Vectors | None = None) -> None:
        self.registry, self.dataset, self.top_k = registry, dataset, top_k
        self.vectors = vectors or Vectors(registry, Holding(registry))
        self.holding = self.vectors.holding
        self._lost: dict[str, dict[str, str]] = {}
        self._once = Once()

    @property
    def lost(self) -> dict[str, dict[str, str]]:
        """Embedder or reranker -> row -> why it could not be shown."""
        return {**self.vectors.lost, **self._lost}

    def run(self, system: System) -> Run:
        """The ranking of every query. Raises PluginFailed, BadOutput or NotMeasured; the others go on."""
        self.refuse_dummies(system)
        self.holding.only(system.embedder, system.reranker)
        first = self._once(("run", system.first_stage.name), lambda: self._first_stage(system))
        if system.reranker is None:
            return first
        return self._once(("run", system.name), lambda: self._second_stage(system, first))

    def embedder(self, name: str) -> Embedder:
        """The built embedder; another one that was held is let go, with the indexes over its vectors."""
        self._once.drop(lambda key: key[0] == "retriever" and key[2] not in (None, name))
        return self.holding.embedder(name)

    def retriever(self, name: str, embedder: str | None) -> Retriever:
        """A retriever over the whole corpus, indexed; hybrids share their parts with everyone."""
        shared = not embeds(self.registry, name) and not self.unseen(embedder, "document")
        owner = None if shared else embedder
        return self._once(("retriever", name, owner), lambda: self._indexed(name, owner))

    def reranker(self, name: str) -> Reranker:
        """The built reranker."""
        return self.holding.reranker(name)

    def queries(self, system: System) -> Queries:
        """The dataset's queries, with vectors where the system's retriever needs them."""
        queries = self.dataset.queries
        if system.embedder is None:
            return queries
        asked = Queries.against(self.corpus(system.embedder), queries.queries)
        return asked.with_vectors(self._embedded(system.embedder, "query").matrix)

    def release(self) -> None:
        """Lets go of every built component; rankings and vectors stay."""
        self._once.drop(lambda key: key[0] == "retriever")
        self.holding.release()

    def refuse_dummies(self, system: System) -> None:
        """Random weights find nothing that could be judged, and what they find must never look like a result."""
        for spec in specs(self.registry, system):
            if getattr(spec, "dummy", False):  # a retriever has no weights
                what = f"{spec.kind} {spec.name!r} has random weights (--weights dummy)"
                raise NotMeasured(f"{what}: what it costs is real, what it finds is not")

    def _first_stage(self, system: System) -> Run:
        queries, corpus = self.queries(system), self.corpus(system.embedder)
        retriever = self.retriever(system.retriever, system.embedder)
        # One more than asked: the query's own item may be among them, and leaves.
        run = search(retriever, queries, self.top_k + 1, system.retriever, corpus)
        silent = self.unseen(system.embedder, "query")
        gone = np.zeros(run.index.shape, bool)
        gone[[name in silent for name in run.query_ids]] = True
        return self._over_all(run.masked(gone).without(queries.exclude).top(self.top_k))

    def unseen(self, embedder: str | None, side: Side) -> Mapping[str, str]:
        """What could not be shown to an embedder, by id, and why."""
        return {} if embedder is None else self._embedded(embedder, side).lost

    def _over_all(self, run: Run) -> Run:
        """A run over the documents that could be shown, as one over all of them: found are the same."""
        whole = self.dataset.corpus
        if run.doc_ids == whole.ids:
            return run
        column = np.asarray([*(whole.positions[name] for name in run.doc_ids), -1], np.int32)
        return replace(run, doc_ids=whole.ids, index=column[run.index])

    def _second_stage(self, system: System, first: Run) -> Run:
        name = str(system.reranker)
        lost = self._lost.setdefault(name, {})
        return rerank_run(self.reranker(name), self.registry.rerankers[name], first, self.dataset, lost)

    def _indexed(self, name: str, embedder: str | None) -> Retriever:
        spec = self.registry.retrievers[name]
        parts = {part: self.retriever(part, embedder) for part in spec.parts}
        retriever: Retriever = build(spec, parts)
        index(retriever, self.corpus(embedder), name)
        return retriever

    def corpus(self, embedder: str | None) -> Corpus:
        """The documents, with one embedder's vectors; without those that could not be shown to it."""
        if embedder is None:
            return self.dataset.corpus
        return self._once(("corpus", embedder), lambda: self._shown_to(embedder))

    def _shown_to(self, embedder: str) -> Corpus:
        corpus, made = self.dataset.corpus, self._embedded(embedder, "document")
        if not made.lost:
            return corpus.with_vectors(made.matrix)
        seen = [row for row, item in enumerate(corpus.items) if item.id not in made.lost]
        return Corpus([corpus.items[row] for row in seen], made.matrix[seen])

    def _embedded(self, embedder: str, side: Side) -> Embedded:
        """Looked up once: to know that the contents are the same, all of them are read."""
        rows = self.dataset.queries.queries if side == "query" else self.dataset.corpus.items
        return self._once(("vectors", embedder, side), lambda: self.vectors.of(embedder, side, rows))


def index(retriever: Retriever, corpus: Corpus, name: str) -> None:
    """Indexes; whatever the retriever raises becomes PluginFailed."""
    with blame("index", f"retriever {name!r}"):
        retriever.index(corpus)


def search(retriever: Retriever, queries: Queries, top_k: int, name: str, corpus: Corpus) -> Run:
    """Searches; the answer is checked anew, for a third party may have built it by hand.

    Raises PluginFailed for whatever the retriever raises, BadOutput for an answer about other queries or documents. A
    run that was free to hold the whole corpus may be asked for every cutoff up to `top_k`, however small the corpus.
    """
    width = min(top_k, len(corpus))
    with blame("search", f"retriever {name!r}"):
        run = retriever.search(queries, width)
        query_ids, doc_ids, columns, scores = run.query_ids, run.doc_ids, run.index, run.scores
    # The same tuple is told by identity: comparing 176,443 ids would cost a query a millisecond.
    if query_ids != queries.ids or not (doc_ids is corpus.ids or doc_ids == corpus.ids):
        raise BadOutput(f"retriever {name!r} returned a run over other queries or documents than it was given")
    checked = Run.of(queries.ids, corpus.ids, columns, scores)
    return replace(checked, depth=top_k) if checked.depth >= width else checked
