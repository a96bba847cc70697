"""How long a single query takes, with every stage of the system loaded."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from harness.data.model import Query
from harness.engine.live import Answer, Live
from harness.errors import BadData
from harness.statistics.percentiles import Percentile, percentile

STAGES = ("total", "encode", "search", "rerank")

Drive = Callable[[Callable[[Query], Answer], Sequence[Query]], None]
"""Calls the function once per query, in order: a plain loop, or a benchmark fixture that keeps its own statistics."""


@dataclass(frozen=True)
class Latency:
    """Every sample, in milliseconds and in order; `picture` says which queries carried one."""

    samples: dict[str, npt.NDArray[np.float64]]
    picture: npt.NDArray[np.bool_]
    corpus_size: int

    def __len__(self) -> int:
        return len(self.picture)

    def percentile(self, p: float, stage: str = "total") -> Percentile:
        """The smallest sample that at least p % of the samples do not exceed, and what they prove of it."""
        found = percentile(self.samples[stage], p)
        if found is None:
            raise BadData("no call was timed")
        return found

    def mean(self, stage: str = "total") -> float:
        return float(self.samples[stage].mean())

    def only(self, picture: bool) -> Latency | None:
        """The samples of queries with (or without) a picture; None when there are none."""
        chosen = self.picture == picture
        if not chosen.any():
            return None
        samples = {stage: values[chosen] for stage, values in self.samples.items()}
        return Latency(samples, self.picture[chosen], self.corpus_size)


def plain_loop(call: Callable[[Query], Answer], queries: Sequence[Query]) -> None:
    """Asks one query after the other."""
    for query in queries:
        call(query)


def measure(live: Live, queries: Sequence[Query], calls: int, warmup: int, drive: Drive = plain_loop) -> Latency:
    """`calls` timed single queries after `warmup` untimed ones, cycling through the `queries` that can be shown."""
    queries = live.askable(queries)
    if not queries:
        raise BadData("latency needs at least one query")
    for query in cycled(queries, warmup):
        live.answer(query)
    asked = cycled(queries, calls)
    answers: list[Answer] = []

    def timed(query: Query) -> Answer:
        answers.append(live.answer(query))
        return answers[-1]

    drive(timed, asked)
    stages = [stage for stage in STAGES if stage in answers[0].milliseconds]
    samples = {stage: np.asarray([answer.milliseconds[stage] for answer in answers]) for stage in stages}
    picture = np.asarray([query.image is not None for query in asked])
    return Latency(samples, picture[: len(answers)], len(live.corpus))


def cycled(queries: Sequence[Query], count: int) -> list[Query]:
    """The first `count` of the queries, over and over. Raises BadData where there is none to ask."""
    if count and not queries:
        raise BadData("there is no query that could be asked")
    return [queries[i % len(queries)] for i in range(count)]
