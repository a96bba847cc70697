"""Accuracy per query: [Q, k] grades in, [Q] values out, trec_eval's definitions.

A query without any relevant item is NaN: it does not count. A judged query without a result is 0.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from harness.errors import HarnessError, UnknownName
from harness.ranking.measures import Metric
from harness.ranking.relevance import NOTHING, Relevance

Values = npt.NDArray[np.float64]

WHOLE = sys.maxsize
"""The cutoff of a metric without a cutoff: beyond every rank."""


class Ranks:
    """One run's grades [Q, depth] beside the judgements they came from; what metrics share is computed once.

    Relevant is what has at least grade `level`. Raises HarnessError for a level below 1, and for another
    number of queries than was judged.
    """

    def __init__(self, grades: npt.NDArray[np.int16], relevance: Relevance, level: int) -> None:
        if level < 1:
            raise HarnessError(f"relevance level {level}: documents are relevant from a grade of at least 1")
        if len(grades) != len(relevance):
            raise HarnessError(f"{len(grades)} rows of grades for {len(relevance)} judged queries")
        self.grades = grades
        self.relevance = relevance
        self.level = level
        self.depth = grades.shape[1]

    @cached_property
    def relevant(self) -> npt.NDArray[np.bool_]:
        """Whether each place holds a relevant document, [Q, depth]."""
        return self.grades >= self.level

    @cached_property
    def found(self) -> npt.NDArray[np.int32]:
        """How many relevant documents stand in the first r places, r = 0 to depth: [Q, depth + 1]."""
        found = np.zeros((len(self.grades), self.depth + 1), np.int32)
        np.cumsum(self.relevant, axis=1, out=found[:, 1:])
        return found

    @cached_property
    def wanted(self) -> Values:
        """How many relevant documents there are, [Q]; NaN for 0: what is divided by it does not count."""
        count = self.relevance.relevant_count(self.level)
        return np.where(count > 0, count, np.nan)

    def found_by(self, k: int) -> npt.NDArray[np.int32]:
        """How many relevant documents stand in the first k places, [Q]."""
        return self.found[:, min(k, self.depth)]

    def where_wanted(self, values: npt.NDArray[np.generic]) -> Values:
        """The values of queries that count, NaN elsewhere."""
        return np.where(np.isnan(self.wanted), np.nan, values)


def recall(ranks: Ranks, k: int) -> Values:
    """Found in the first k / all relevant (trec_eval recall_k)."""
    return ranks.found_by(k) / ranks.wanted


def hit(ranks: Ranks, k: int) -> Values:
    """1 where the first k hold any relevant document, else 0 (trec_eval success_k)."""
    return ranks.where_wanted(ranks.found_by(k) > 0)


def precision(ranks: Ranks, k: int) -> Values:
    """Found in the first k / k, also where fewer than k were returned (trec_eval P_k)."""
    return ranks.where_wanted(ranks.found_by(k) / k)


def reciprocal_rank(ranks: Ranks, k: int = WHOLE) -> Values:
    """1 / rank of the first relevant document, 0 where none stands in the first k (trec_eval recip_rank)."""
    # `found` begins with the 0 of no places at all, so the number of its zeros is the rank, counted from 1.
    rank = np.count_nonzero(ranks.found == 0, axis=1)
    return ranks.where_wanted(np.where(rank <= min(k, ranks.depth), 1.0 / rank, 0.0))


def average_precision(ranks: Ranks, k: int = WHOLE) -> Values:
    """Sum of the precisions at relevant places of the first k / all relevant (trec_eval map, map_cut_k)."""
    depth = min(k, ranks.depth)
    precisions = ranks.found[:, 1 : depth + 1] / np.arange(1, depth + 1)
    total: Values = np.sum(precisions, axis=1, where=ranks.relevant[:, :depth])
    return total / ranks.wanted


def ndcg(ranks: Ranks, k: int = WHOLE) -> Values:
    """Discounted gain of the first k / that of the ideal order of all judged (trec_eval ndcg, ndcg_cut_k).

    The gain is the grade itself, of every positive grade whatever the level; the discount is log2(rank + 1)
    (Järvelin & Kekäläinen 2002, as trec_eval has it).
    """
    gain = _discounted(np.maximum(ranks.grades[:, :k], 0))
    ideal = _discounted(ranks.relevance.ideal(k))
    return ranks.where_wanted(gain / np.where(ideal > 0, ideal, np.nan))


def judged(ranks: Ranks, k: int) -> Values:
    """Judged / returned among the first k; NaN where nothing was returned or the query was never judged."""
    grades = ranks.grades[:, :k]
    returned = np.count_nonzero(grades != NOTHING, axis=1)
    counts = (returned > 0) & (ranks.relevance.judged_count() > 0)
    denominator: Values = np.where(counts, returned, np.nan)
    share: Values = np.count_nonzero(grades >= 0, axis=1) / denominator
    return share


def _discounted(gains: npt.NDArray[np.int16] | Values) -> Values:
    discounts = 1.0 / np.log2(np.arange(2, gains.shape[1] + 2))
    total: Values = np.sum(gains * discounts, axis=1)
    return total


ACCURACY: Mapping[str, Callable[[Ranks, int], Values]] = MappingProxyType(
    {
        "recall": recall,
        "hit": hit,
        "precision": precision,
        "mrr": reciprocal_rank,
        "map": average_precision,
        "ndcg": ndcg,
        "judged": judged,
    }
)


def per_query(metric: Metric, grades: npt.NDArray[np.int16], relevance: Relevance, level: int) -> Values:
    """One metric of every query, [Q]. Raises UnknownName for a metric that is not an accuracy."""
    return every([metric], grades, relevance, level)[metric]


def every(
    metrics: Iterable[Metric], grades: npt.NDArray[np.int16], relevance: Relevance, level: int
) -> dict[Metric, Values]:
    """Many metrics of every query from one pass over the ranks. Raises UnknownName as `per_query` does."""
    ranks = Ranks(grades, relevance, level)
    return {metric: _function(metric)(ranks, metric.cutoff or WHOLE) for metric in metrics}


def _function(metric: Metric) -> Callable[[Ranks, int], Values]:
    if metric.measure.name not in ACCURACY:
        raise UnknownName("accuracy measure", metric.measure.name, ACCURACY)
    return ACCURACY[metric.measure.name]


@dataclass(frozen=True, slots=True)
class Average:
    """A mean over the `n` queries that counted; `value` is None where none did."""

    value: float | None
    n: int


def mean(values: Values) -> Average:
    """The mean of the values that count (are not NaN)."""
    counting = values[~np.isnan(values)]
    return Average(float(counting.mean()) if counting.size else None, counting.size)
