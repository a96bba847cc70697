"""A run held against a ground truth: per-query values of every metric, and their means by stratum."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from harness.data.model import Dataset, GroundTruth
from harness.data.run import Run
from harness.ranking.measures import Metric
from harness.ranking.metrics import every, mean
from harness.ranking.relevance import Relevance
from harness.statistics.bootstrap import guarded
from harness.statistics.clusters import Labels
from harness.statistics.intervals import Bounds, of_values
from harness.verdict.measurement import Measurement

Values = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Scores:
    """`values[metric]` is [Q] with NaN where a query has nothing relevant; a metric deeper than the run is absent."""

    system: str
    dataset: str
    ground_truth: str
    level: int
    query_ids: tuple[str, ...]
    values: Mapping[str, Values]
    ceilings: Mapping[str, Values]
    strata: Mapping[str, npt.NDArray[np.bool_]]
    depth: int
    clusters: Labels | None = None
    """Queries of one label share a source item and so stand or fall together; None where no two do."""
    struck: str = ""
    """Why no value here says anything about the system; see `verdict.audit`."""

    def measurement(self, metric: str, stratum: str = "all") -> Measurement:
        """The mean over the queries of a stratum that have anything relevant."""
        if metric not in self.values:
            return self._row(metric, None, 0, stratum, self._absence(metric))
        chosen = self.strata[stratum]
        average, ceiling = mean(self.values[metric][chosen]), mean(self.ceilings[metric][chosen])
        reason = f"no judged query has an item of grade >= {self.level}" if average.value is None else ""
        row = self._row(metric, average.value, average.n, stratum, reason, ceiling.value)
        return replace(row, bounds=self.bounds[metric, stratum], struck=self.struck)

    @cached_property
    def bounds(self) -> Mapping[tuple[str, str], Bounds | None]:
        """(metric, stratum) -> what its queries prove of the mean: exact where they hit or miss, else guarded."""
        cells = [(metric, stratum) for stratum in self.strata for metric in self.values]
        columns = [np.where(self.strata[stratum], self.values[metric], np.nan) for metric, stratum in cells]
        if not columns:
            return {}
        found = dict(zip(cells, guarded(np.column_stack(columns), self.clusters), strict=True))
        if self.clusters is not None:
            return found
        hits = [cell for cell in cells if Metric.parse(cell[0]).measure.name == "hit"]
        return {**found, **{cell: of_values(columns[cells.index(cell)]) for cell in hits}}

    def _absence(self, metric: str) -> str:
        cutoff = Metric.parse(metric).cutoff
        deep = cutoff is not None and cutoff > self.depth
        return f"the run says nothing beyond rank {self.depth}" if deep else f"{metric} is not among the grid's metrics"

    def measurements(self, metrics: Sequence[str]) -> Iterator[Measurement]:
        """Every metric in every stratum."""
        for stratum in self.strata:
            yield from (self.measurement(metric, stratum) for metric in metrics)

    def _row(
        self, metric: str, value: float | None, n: int, stratum: str, reason: str, ceiling: float | None = None
    ) -> Measurement:
        return Measurement(
            self.system, metric, value, n, self.dataset, self.ground_truth, self.level, stratum, reason, ceiling
        )


def evaluate(
    name: str,
    run: Run,
    dataset: Dataset,
    truth: GroundTruth,
    metrics: Sequence[str],
    level: int | None = None,
    struck: str = "",
) -> Scores:
    """Scores of the judged queries; a judged query that the run does not answer counts 0 (trec_eval -c)."""
    level = truth.level if level is None else level
    answered = {query_id: row for row, query_id in enumerate(run.query_ids)}
    query_ids = tuple(query_id for query_id in dataset.queries.ids if query_id in truth.qrels)
    index = np.full((len(query_ids), run.index.shape[1]), -1, np.int32)
    for row, query_id in enumerate(query_ids):
        if query_id in answered:
            index[row] = run.index[answered[query_id]]
    relevance = Relevance.compile(truth.qrels, query_ids, dataset.corpus.positions)
    parsed = [Metric.parse(metric) for metric in metrics]
    claimed = [metric for metric in parsed if metric.cutoff is None or metric.cutoff <= run.depth]
    values = _named(every(claimed, relevance.grades(index), relevance, level))
    perfect = relevance.ideal(max(run.depth, run.index.shape[1], 1)).astype(np.int16)
    ceilings = _named(every(claimed, perfect, relevance, level))
    return Scores(
        name,
        dataset.name,
        truth.name,
        level,
        query_ids,
        values,
        ceilings,
        strata(dataset, query_ids),
        run.depth,
        sources(dataset, query_ids),
        struck,
    )


def _named(values: Mapping[Metric, Values]) -> dict[str, Values]:
    return {str(metric): column for metric, column in values.items()}


def strata(dataset: Dataset, query_ids: Sequence[str]) -> dict[str, npt.NDArray[np.bool_]]:
    """ "all", then one mask [Q] per category and per subject, where there is more than one of them."""
    known = {query.id: query for query in dataset.queries.queries}
    masks = {"all": np.ones(len(query_ids), bool)}
    for facet in ("category", "subject"):
        labels = [getattr(known[query_id], facet) for query_id in query_ids]
        names = sorted({label for label in labels if label})
        if len(names) > 1:
            masks |= {f"{facet}={name}": np.asarray([label == name for label in labels]) for name in names}
    return masks


def sources(dataset: Dataset, query_ids: Sequence[str]) -> Labels | None:
    """The item that each query is made of, [Q]; None where no two queries are made of the same."""
    known = {query.id: query.source or f"\0{query.id}" for query in dataset.queries.queries}
    labels = [known[query_id] for query_id in query_ids]
    return np.asarray(labels) if len(set(labels)) < len(labels) else None
