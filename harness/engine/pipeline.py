"""embed -> retrieve -> rerank: (dataset, system) -> Run, each shared stage computed once."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from harness.data.model import Corpus, Dataset, FloatMatrix, Queries
from harness.data.run import Run
from harness.engine.building import build
from harness.engine.embedding import Side, embed
from harness.engine.once import Once
from harness.engine.reranking import rerank_run
from harness.errors import BadOutput, blame
from harness.grid.systems import System, embeds
from harness.plugging.components import Embedder, Reranker, Retriever
from harness.plugging.registry import Registry


class Pipeline:
    """Runs systems over one dataset.

    One embedder is held at a time (grid items come sorted by embedder); its vectors and what is built from them are
    kept, so a grid encodes every text once per embedder. `calls` counts the rows each embedder was asked for.
    """

    def __init__(self, registry: Registry, dataset: Dataset, top_k: int) -> None:
        self.registry, self.dataset, self.top_k = registry, dataset, top_k
        self.calls: Counter[tuple[str, Side]] = Counter()
        self._once = Once()

    def run(self, system: System) -> Run:
        """The ranking of every query. Raises PluginFailed, BadOutput or NotMeasured; the others go on."""
        first = self._once(("run", system.first_stage.name), lambda: self._first_stage(system))
        if system.reranker is None:
            return first
        return self._once(("run", system.name), lambda: self._second_stage(system, first))

    def embedder(self, name: str) -> Embedder:
        """The built embedder; another one that was held is let go, with the indexes over its vectors."""
        self._once.drop(lambda key: key[0] == "embedder" and key[1] != name)
        self._once.drop(lambda key: key[0] == "retriever" and key[2] not in (None, name))
        embedder: Embedder = self._once(("embedder", name), lambda: build(self.registry.embedders[name]))
        return embedder

    def retriever(self, name: str, embedder: str | None) -> Retriever:
        """A retriever over the whole corpus, indexed; hybrids share their parts with everyone."""
        owner = embedder if embeds(self.registry, name) else None
        return self._once(("retriever", name, owner), lambda: self._indexed(name, owner))

    def reranker(self, name: str) -> Reranker:
        """The built reranker."""
        reranker: Reranker = self._once(("reranker", name), lambda: build(self.registry.rerankers[name]))
        return reranker

    def queries(self, system: System) -> Queries:
        """The dataset's queries, with vectors where the system's retriever needs them."""
        queries = self.dataset.queries
        if system.embedder is None:
            return queries
        embedder = system.embedder
        vectors = self._once(("queries", embedder), lambda: self._embed(embedder, "query"))
        return queries.with_vectors(vectors)

    def release(self) -> None:
        """Lets go of every built component; rankings and vectors stay."""
        self._once.drop(lambda key: key[0] in ("embedder", "retriever", "reranker"))

    def _first_stage(self, system: System) -> Run:
        queries = self.queries(system)
        retriever = self.retriever(system.retriever, system.embedder)
        # One more than asked: the query's own item may be among them, and leaves.
        run = search(retriever, queries, self.top_k + 1, system.retriever, self.corpus(system.embedder))
        return run.without(queries.exclude).top(self.top_k)

    def _second_stage(self, system: System, first: Run) -> Run:
        name = str(system.reranker)
        return rerank_run(self.reranker(name), self.registry.rerankers[name], first, self.dataset)

    def _indexed(self, name: str, embedder: str | None) -> Retriever:
        spec = self.registry.retrievers[name]
        parts = {part: self.retriever(part, embedder) for part in spec.parts}
        retriever: Retriever = build(spec, parts)
        index(retriever, self.corpus(embedder), name)
        return retriever

    def corpus(self, embedder: str | None) -> Corpus:
        """The documents, with one embedder's vectors."""
        if embedder is None:
            return self.dataset.corpus
        return self._once(("corpus", embedder), lambda: self._embedded(embedder))

    def _embedded(self, embedder: str) -> Corpus:
        return self.dataset.corpus.with_vectors(self._embed(embedder, "document"))

    def _embed(self, name: str, side: Side) -> FloatMatrix:
        rows = self.dataset.queries.queries if side == "query" else self.dataset.corpus.items
        self.calls[name, side] += len(rows)
        return embed(self.embedder(name), self.registry.embedders[name], rows, side)


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
