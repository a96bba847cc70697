"""Small real things that tests of several floors share: an item bank of letters, and components that can read it."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pynvml

from harness import EmbedderSpec, GTSourceSpec, RerankerSpec, RetrieverSpec
from harness.data.model import Corpus, Dataset, GroundTruth, Item, Provenance, Queries, Query
from harness.data.run import Run
from harness.plugging.registry import Registry
from harness.ranking.topk import dense_top_k, top_k

TEXTS = {f"d{n}": text for n, text in enumerate(("a b c", "a b", "b c d", "c d", "d e f", "e f g h", "g h", "a h"))}
ASKED = {"q0": "a b", "q1": "c d", "q2": "e f", "q3": "g h"}
RELEVANT = {"q0": {"d0": 1, "d1": 2}, "q1": {"d2": 1, "d3": 2}, "q2": {"d4": 1, "d5": 2}, "q3": {"d6": 2, "d5": 1}}


def bank(
    texts: Mapping[str, str] = TEXTS,
    asked: Mapping[str, str] = ASKED,
    relevant: Mapping[str, Mapping[str, int]] = RELEVANT,
    sources: Mapping[str, str] | None = None,
) -> Dataset:
    """Items, queries (some of which are items) and the truth "labels", relevant from grade 1."""
    corpus = Corpus([Item(name, text) for name, text in texts.items()])
    queries = [Query(name, text, source=(sources or {}).get(name)) for name, text in asked.items()]
    own = sources or {}
    others = {name: {d: g for d, g in judged.items() if d != own.get(name)} for name, judged in relevant.items()}
    truth = GroundTruth("labels", others, 1, Provenance("by hand"))
    return Dataset("letters", Path("letters"), corpus, Queries.against(corpus, queries), {"labels": truth}, "0" * 64)


class Letters:
    """Counts of the letters a to h, [n, 8]."""

    def encode_query(self, inputs):
        return self._counted(inputs)

    def encode_document(self, inputs):
        return self._counted(inputs)

    def _counted(self, inputs):
        return np.asarray([[text.count(letter) for letter in "abcdefgh"] for text in inputs], np.float32)


class Dot:
    """Ranks by inner product, a query's own item too: leaving that out is the engine's business."""

    def index(self, corpus, /):
        self.corpus = corpus

    def search(self, queries, top_k, /):
        index, scores = dense_top_k(queries.vectors, self.corpus.vectors, top_k)
        return Run.of(queries.ids, self.corpus.ids, index, scores)


class Words:
    """Ranks by the number of shared words; a document that shares none is not found."""

    def index(self, corpus, /):
        self.corpus, self.words = corpus, [set(text.split()) for text in corpus.texts]

    def score(self, queries, /):
        asked = [set(text.split()) for text in queries.texts]
        return np.asarray([[len(words & shown) for shown in self.words] for words in asked], np.float32)

    def search(self, queries, k, /):
        scores = self.score(queries)
        index, scores = top_k(np.where(scores > 0, scores, -np.inf), k)
        return Run.of(queries.ids, self.corpus.ids, index, scores)


class Longest:
    """Prefers long documents."""

    def rerank(self, query, documents, /):
        return [len(document) for document in documents]


class Labels:
    """The truth that came with the bank."""

    def judge(self, dataset, /):
        return dataset.truths["labels"]


def registry(
    embedders: Sequence[EmbedderSpec] = (),
    retrievers: Sequence[RetrieverSpec] = (),
    rerankers: Sequence[RerankerSpec] = (),
    gt_sources: Sequence[GTSourceSpec] = (),
) -> Registry:
    """letters, dot, words, none, longest, labels, and whatever a test adds."""
    plugged = Registry()
    for spec in (EmbedderSpec("letters", Letters, on_device=False), *embedders):
        plugged.embedders.add(spec)
    for spec in (RetrieverSpec("dot", Dot, uses_embedder=True), RetrieverSpec("words", Words, lexical=True), *retrievers):
        plugged.retrievers.add(spec)
    nothing = RerankerSpec("none", Longest, depth=0, on_device=False)
    for spec in (nothing, RerankerSpec("longest", Longest, depth=3, on_device=False), *rerankers):
        plugged.rerankers.add(spec)
    for spec in (GTSourceSpec("labels", Labels), *gt_sources):
        plugged.gt_sources.add(spec)
    return plugged


def gpu() -> bool:
    """Whether this machine has one."""
    with contextlib.suppress(pynvml.NVMLError):
        pynvml.nvmlInit()
        try:
            return pynvml.nvmlDeviceGetCount() > 0
        finally:
            pynvml.nvmlShutdown()
    return False


TOML = """\
dataset = "bank"
criteria = "criteria.toml"
plugins = ["plugins"]

[grid]
embedders = ["letters"]
retrievers = ["words", "dot"]
rerankers = ["none", "longest"]
ground_truths = ["labels"]

[probes]
latency_calls = 20
warmup_calls = 2
throughput_seconds = 0.01
stability_calls = 20
batches = [4]
"""

POLICY = """\
name = "letters"

[[criterion]]
id = "recall"
metric = "recall@3"
ground_truth = "labels"
go = "50 %"

[[criterion]]
id = "stability"
metric = "stability"
go = "100 %"
at_least = 20
"""

PLUGIN = """\
from harness import EmbedderSpec, RerankerSpec, RetrieverSpec, hookimpl
from toys import Dot, Letters, Longest, Words

@hookimpl
def harness_register_embedders():
    return [EmbedderSpec("letters", Letters)]

@hookimpl
def harness_register_retrievers():
    return [RetrieverSpec("dot", Dot, uses_embedder=True), RetrieverSpec("words", Words)]

@hookimpl
def harness_register_rerankers():
    return [RerankerSpec("longest", Longest, depth=3, on_device=False)]
"""


class Project:
    """A user's folder. `toml` and `policy` are what its files hold; change them before `write`."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.toml, self.policy = folder, TOML, POLICY
        self.plugins = {"letters.py": PLUGIN}

    def write(self) -> Path:
        """Lays everything down; gives the path of harness.toml."""
        for name, text in {"harness.toml": self.toml, "criteria.toml": self.policy}.items():
            self._put(name, text)
        for name, text in self.plugins.items():
            self._put(f"plugins/{name}", text)
        self._put("bank/corpus.jsonl", _lines({"_id": name, "text": text} for name, text in TEXTS.items()))
        self._put("bank/queries.jsonl", _lines({"_id": name, "text": text} for name, text in ASKED.items()))
        rows = (f"{q}\t{d}\t{grade}\n" for q, judged in RELEVANT.items() for d, grade in judged.items())
        self._put("bank/qrels/test.tsv", "".join(rows))
        return self.folder / "harness.toml"

    def _put(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def _lines(rows) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)
