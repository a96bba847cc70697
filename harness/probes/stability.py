"""Whether a system keeps answering, and keeps giving the same answer, over many consecutive calls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from harness.data.model import Query
from harness.engine.live import Answer, Live
from harness.errors import HarnessError, NotFinite, one_line
from harness.probes.growth import Growth
from harness.probes.latency import cycled


@dataclass(frozen=True)
class Stability:
    """`non_finite` of the `failures` were numbers that are none; `changed` and `drift` compare with the first answer.

    `changed` counts the rankings that differ from the first one of the same query, `drift` is the largest difference of
    a score. `host_growth` and `device_growth` are in KiB per call; None where they cannot be had.
    """

    calls: int
    failures: int
    non_finite: int
    drift: float
    changed: int
    host_growth: float | None = None
    device_growth: float | None = None
    first_failure: str = ""

    @property
    def success_rate(self) -> float:
        return 1 - self.failures / self.calls


def measure(live: Live, queries: Sequence[Query], calls: int) -> Stability:
    """Asks `calls` queries in a row, of those that can be shown; a call that raises is a failure, not the end."""
    first: dict[str, Answer] = {}
    failures: list[str] = []  # their words only: an error holds on to what the failed call had in hand
    non_finite = 0
    changed, drift, growth = 0, 0.0, Growth()
    for query in cycled(live.askable(queries), calls):
        growth.look()
        try:
            answer = live.answer(query)
        except HarnessError as error:
            failures.append(one_line(error))
            non_finite += isinstance(error, NotFinite)
            continue
        before = first.setdefault(query.id, answer)
        changed += before.ids != answer.ids
        drift = max(drift, _difference(before, answer))
    told = failures[0] if failures else ""
    return Stability(calls, len(failures), non_finite, drift, changed, growth.host, growth.device, told)


def _difference(before: Answer, now: Answer) -> float:
    """The largest change of a document's score between two answers; documents in only one of them do not count."""
    then, here = dict(zip(before.ids, before.scores, strict=True)), dict(zip(now.ids, now.scores, strict=True))
    shared = [abs(then[name] - here[name]) for name in then.keys() & here.keys()]
    return max(shared, default=0.0)
