"""What can be plugged: the protocols that a component keeps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, TypeAlias, runtime_checkable

import numpy.typing as npt

from harness.data.model import Corpus, Dataset, FloatMatrix, GroundTruth, Queries
from harness.data.run import Run

Content: TypeAlias = str | dict[str, Any]
"""What a model is shown: a text, or {"image": PIL.Image, "text": str}, the image first."""


class Embedder(Protocol):
    """Turns contents into vectors. A SentenceTransformer is one, unwrapped."""

    def encode_query(self, inputs: list[Content], /) -> npt.ArrayLike:
        """[n, dimensions] floats for n queries."""

    def encode_document(self, inputs: list[Content], /) -> npt.ArrayLike:
        """[n, dimensions] floats for n documents."""


class Retriever(Protocol):
    """Ranks a corpus; where the spec says `uses_embedder`, corpus and queries carry vectors."""

    def index(self, corpus: Corpus, /) -> None:
        """Called once before any search."""

    def search(self, queries: Queries, top_k: int, /) -> Run:
        """The `top_k` best documents per query; the engine drops each query's own item."""


@runtime_checkable
class Scorer(Protocol):
    """A retriever that can also score every document: what a hybrid needs of its parts."""

    def score(self, queries: Queries, /) -> FloatMatrix:
        """[len(queries), N] float32, columns as in the corpus."""


@runtime_checkable
class Remarking(Protocol):
    """A component that has something to say of its own work, such as that a batch did not fit; reports repeat it."""

    remarks: list[str]


class Reranker(Protocol):
    """Scores a first stage's candidates; pointwise, pairwise and listwise all fit."""

    def rerank(self, query: Content, documents: Sequence[Content], /) -> Sequence[float]:
        """One score per document, the higher the better."""


class GTSource(Protocol):
    """Judges the queries of a dataset."""

    def judge(self, dataset: Dataset, /) -> GroundTruth:
        """Raises NotMeasured where this dataset lacks what the source needs."""
