"""Queries that share a source are drawn, swapped and held out together: values summed by cluster."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from harness.errors import HarnessError

Values = npt.NDArray[np.float64]
Labels = npt.NDArray[np.generic]

RESAMPLES = 10_000
SEED = 20_250_101
"""Repeatable, and the same for every system: what two systems share cancels in their difference."""

CELLS = 1_000_000
"""Numbers that one block of resamples may hold: 8 MB, whatever the number of queries."""


@dataclass(frozen=True, slots=True)
class Sums:
    """Totals of the values that count, and how many they are, [C, S] each: one row per cluster."""

    totals: Values
    counts: Values

    def __len__(self) -> int:
        return len(self.totals)

    def blocks(self, resamples: int) -> Iterator[int]:
        """How many resamples to hold at a time; together they are `resamples`."""
        size = max(1, CELLS // (len(self) + 1))
        for start in range(0, resamples, size):
            yield min(size, resamples - start)


def by_cluster(values: Values, clusters: Labels | None = None) -> Sums:
    """Values [Q, S], NaN where a query does not count, summed over queries of one label [Q].

    Without labels every query is a cluster of its own. Clusters in which nothing counts are left out, so
    nothing is ever drawn from them. Raises HarnessError for another number of labels than of queries.
    """
    counting = ~np.isnan(values)
    totals, counts = np.where(counting, values, 0.0), counting.astype(np.float64)
    if clusters is not None:
        rows = cluster_rows(len(values), clusters)
        totals, counts = _summed(totals, rows), _summed(counts, rows)
    filled = counts.any(axis=1)
    return Sums(totals[filled], counts[filled])


def cluster_rows(queries: int, clusters: Labels | None) -> npt.NDArray[np.intp]:
    """The number of each query's cluster, [Q]. Raises HarnessError for another number of labels."""
    if clusters is None:
        return np.arange(queries)
    if len(clusters) != queries:
        raise HarnessError(f"{len(clusters)} cluster labels for {queries} queries")
    return np.unique(clusters, return_inverse=True)[1]


def _summed(values: Values, rows: npt.NDArray[np.intp]) -> Values:
    sums = np.zeros((int(rows.max(initial=-1)) + 1, values.shape[1]))
    np.add.at(sums, rows, values)
    return sums
