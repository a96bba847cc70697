"""How much more alike relevant pairs are than others: a model may rank well on a narrow margin, or on a wide one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from harness.data.model import Corpus, Qrels, Queries
from harness.errors import NotMeasured
from harness.ranking.lengths import normalised

BLOCK = 256
"""Queries whose cosines with the whole corpus are held at once."""


@dataclass(frozen=True)
class Similarity:
    """Mean cosines of query and document: over relevant pairs, and over all others of the same queries."""

    relevant: float
    others: float
    pairs: int
    """how many were relevant"""

    @property
    def margin(self) -> float:
        return self.relevant - self.others


def similarity(queries: Queries, corpus: Corpus, qrels: Qrels, level: int) -> Similarity:
    """Of the queries that have anything relevant; a query and its own item are no pair. Zero vectors have cosine 0.

    Raises NotMeasured where there are no vectors, no relevant pair, or no other one.
    """
    if queries.vectors is None or corpus.vectors is None:
        raise NotMeasured("there are no vectors")
    documents, asked = normalised(corpus.vectors), normalised(queries.vectors)
    sums, counts = np.zeros(2), np.zeros(2, np.int64)
    rows = [row for row, name in enumerate(queries.ids) if _relevant(qrels.get(name, {}), level)]
    for start in range(0, len(rows), BLOCK):
        block = rows[start : start + BLOCK]
        cosines = asked[block] @ documents.T
        relevant = np.zeros(cosines.shape, bool)
        pairs = np.ones(cosines.shape, bool)
        for place, row in enumerate(block):
            names = _relevant(qrels[queries.ids[row]], level)
            relevant[place, [corpus.positions[name] for name in names if name in corpus.positions]] = True
            if queries.exclude[row] >= 0:
                pairs[place, queries.exclude[row]] = False
        for kind, mask in enumerate((relevant & pairs, ~relevant & pairs)):
            sums[kind] += cosines[mask].sum(dtype=np.float64)
            counts[kind] += mask.sum()
    if not counts.all():
        raise NotMeasured(f"there is no pair of grade >= {level}, or no other one")
    means = sums / counts
    return Similarity(float(means[0]), float(means[1]), int(counts[0]))


def _relevant(judged: Mapping[str, int], level: int) -> list[str]:
    return [name for name, grade in judged.items() if grade >= level]
