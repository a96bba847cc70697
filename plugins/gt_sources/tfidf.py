"""tfidf: the nearest items by TF-IDF, as the proof of concept judged. A lexical system's opinion, not a person's."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from harness import GTSourceSpec, hookimpl
from harness.config import Config
from harness.data.catalogue import truth_names
from harness.data.model import Dataset, GroundTruth, Pool, Provenance
from harness.errors import NotMeasured
from harness.ranking.topk import top_k

_CELLS = 2**22
"""Similarities held at once: 32 MiB of float64."""


class TfIdf:
    """Every query's `top` most similar items by scikit-learn's TF-IDF cosine, grade 1; the own item left out.

    An item of similarity 0 shares no word and is never chosen; ties go by descending id.
    """

    def __init__(self, top: int) -> None:
        self.top = top

    def judge(self, dataset: Dataset, /) -> GroundTruth:
        """Raises NotMeasured where the items hold no word of two letters."""
        corpus, queries = dataset.corpus, dataset.queries
        nearest = self._nearest(_vectors(dataset), queries.exclude)
        qrels = {
            query_id: {corpus.ids[column]: 1 for column in columns if column >= 0}
            for query_id, columns in zip(queries.ids, nearest, strict=True)
        }
        return GroundTruth("tfidf", {name: judged for name, judged in qrels.items() if judged}, 1, self._provenance())

    def _nearest(self, vectors: tuple[Any, Any], exclude: npt.NDArray[np.int32]) -> npt.NDArray[np.int32]:
        """Columns [Q, top], -1 where nothing more is similar."""
        asked, known = vectors
        step = max(1, _CELLS // known.shape[0])
        found = [
            top_k(_similarities(asked[at : at + step], known), self.top, exclude[at : at + step])[0]
            for at in range(0, asked.shape[0], step)
        ]
        return np.concatenate(found) if found else np.zeros((0, self.top), np.int32)

    def _provenance(self) -> Provenance:
        return Provenance(
            method="tf-idf",
            judge="scikit-learn TfidfVectorizer, cosine",
            pools=(Pool("tfidf", self.top),),
            shown="positives only",
            note="a lexical system's opinion: favours systems that match words",
        )


def _vectors(dataset: Dataset) -> tuple[Any, Any]:
    """Sparse rows of length 1: queries [Q, words] and items [N, words]."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectorizer = TfidfVectorizer()
    try:
        known = vectorizer.fit_transform(dataset.corpus.texts)
    except ValueError as error:  # "empty vocabulary"
        raise NotMeasured(f"{dataset.name}: TF-IDF finds no words in its items ({error})") from None
    return vectorizer.transform(dataset.queries.texts), known


def _similarities(asked: Any, known: Any) -> npt.NDArray[np.float32]:
    scores = (asked @ known.T).toarray().astype(np.float32)
    return np.where(scores > 0, scores, np.float32(-np.inf))


def build(top: int = 5) -> TfIdf:
    return TfIdf(top)


@hookimpl
def harness_register_gt_sources(config: Config) -> list[GTSourceSpec]:
    if "tfidf" in truth_names(config.dataset):  # the bank's own file of this name goes first
        return []
    return [GTSourceSpec("tfidf", build, revision="1", about="the five nearest items by TF-IDF cosine")]
