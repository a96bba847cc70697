"""The one vocabulary of metric names: a measure has no cutoff (`ndcg`), a metric may have one (`ndcg@10`)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from math import inf
from types import MappingProxyType
from typing import Literal

from harness.errors import HarnessError, UnknownName

Kind = Literal["accuracy", "similarity", "performance", "health"]


@dataclass(frozen=True, slots=True)
class Measure:
    """What can be measured: values from `low` to `high` in `unit`, which is empty for a plain ratio."""

    name: str
    kind: Kind
    unit: str
    higher_is_better: bool
    low: float
    high: float
    cutoff: Literal["required", "optional", "none"]
    summary: str
    sampled: bool = False
    """Whether other queries or calls would have given another value: it is then judged by what the sample proves."""
    percentile: int | None = None
    """Which one of the samples' distribution it is."""

    @property
    def takes_cutoff(self) -> bool:
        return self.cutoff != "none"


def _accuracy(name: str, cutoff: Literal["required", "optional"], summary: str) -> Measure:
    return Measure(name, "accuracy", "", True, 0.0, 1.0, cutoff, summary, sampled=True)


def _cosine(name: str, summary: str, *, sampled: bool = False) -> Measure:
    return Measure(name, "similarity", "", True, -2.0, 2.0, "none", summary, sampled)


def _cost(name: str, unit: str, summary: str) -> Measure:
    return Measure(name, "performance", unit, False, 0.0, inf, "none", summary)


def _percentile(stage: str, p: int, summary: str) -> Measure:
    return Measure(f"{stage}-p{p}", "performance", "ms", False, 0.0, inf, "none", summary, sampled=True, percentile=p)


def _speed(name: str, unit: str, summary: str) -> Measure:
    return Measure(name, "performance", unit, True, 0.0, inf, "none", summary)


def _share(name: str, summary: str) -> Measure:
    return Measure(name, "health", "", True, 0.0, 1.0, "none", summary)


def _fault(name: str, unit: str, summary: str) -> Measure:
    return Measure(name, "health", unit, False, 0.0, inf, "none", summary)


def _growth(name: str, summary: str) -> Measure:
    return Measure(name, "health", "KiB/call", False, -inf, inf, "none", summary)


_ALL = (
    _accuracy("recall", "required", "share of all relevant items that stand in the first k"),
    _accuracy("hit", "required", "whether any relevant item stands in the first k"),
    _accuracy("precision", "required", "share of the first k places that hold a relevant item"),
    _accuracy("mrr", "optional", "one over the rank of the first relevant item, 0 where none is found"),
    _accuracy("map", "optional", "mean precision at the ranks of all relevant items"),
    _accuracy("ndcg", "optional", "discounted gain over that of the ideal order; the gain is the grade"),
    _accuracy("judged", "required", "share of the returned items in the first k that somebody judged"),
    _cosine("margin", "how much higher the mean cosine of relevant pairs is than that of all others"),
    _cosine("picture-gain", "recall@5 of text and picture (S4) above that of text alone (S1)", sampled=True),
    _cosine("cosine-relevant", "mean cosine of a query and its relevant items"),
    _cosine("cosine-others", "mean cosine of a query and all other items"),
    _cost("latency-mean", "ms", "mean time of one query"),
    _percentile("latency", 50, "time within which half of the queries are answered"),
    _percentile("latency", 95, "time within which 95 % of the queries are answered"),
    _percentile("latency", 99, "time within which 99 % of the queries are answered"),
    _percentile("encode", 95, "the part of a query's time spent on embedding it, 95th percentile"),
    _percentile("search", 95, "the part of a query's time spent on searching, 95th percentile"),
    _percentile("rerank", 95, "the part of a query's time spent on reranking, 95th percentile"),
    _speed("throughput", "items/s", "items embedded per second, in batches"),
    _speed("throughput-query", "queries/s", "queries answered per second, in batches"),
    _cost("vram-allocated", "MiB", "peak that torch allocated to tensors"),
    _cost("vram-reserved", "MiB", "peak that torch reserved from the device"),
    _cost("vram-process", "MiB", "peak that the driver counts for this process"),
    _cost("vram-device", "MiB", "growth of the whole device's used memory"),
    _share("stability", "share of consecutive calls that succeeded"),
    _fault("non-finite", "count", "calls that returned NaN or infinite numbers"),
    _fault("drift", "score", "largest absolute difference of a score from the first answer"),
    _growth("memory-growth", "resident memory that the process gains from call to call"),
    _growth("vram-growth", "memory that torch's tensors gain on the device from call to call"),
    _share("canary", "share of known phrases that found the item they were taken from"),
    _share("reorders", "share of queries whose order the reranker changed"),
)

MEASURES: Mapping[str, Measure] = MappingProxyType({measure.name: measure for measure in _ALL})

# Names that other programs and papers use. They are refused, not translated: "top 5" has meant both a hit
# rate and a recall in one and the same report.
ADVICE: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "top": ("hit", "recall"),
        "acc": ("hit", "recall"),
        "accuracy": ("hit", "recall"),
        "hits": ("hit",),
        "hit_rate": ("hit",),
        "hit-rate": ("hit",),
        "success": ("hit",),
        "r": ("recall",),
        "p": ("precision",),
        "rr": ("mrr",),
        "recip_rank": ("mrr",),
        "ap": ("map",),
        "map_cut": ("map",),
        "ndcg_cut": ("ndcg",),
    }
)

# Underscore, hyphen or nothing before the number: how the refused spellings write a cutoff.
_FOREIGN = re.compile(r"(?P<stem>.+?)[@_-]?(?P<cutoff>\d+)?")


@dataclass(frozen=True, slots=True)
class Metric:
    """A measure with its cutoff; `str(metric)` and `Metric.parse` are each other's inverse.

    Raises HarnessError where the measure needs a cutoff, takes none, or the cutoff is below 1.
    """

    measure: Measure
    cutoff: int | None = None

    def __post_init__(self) -> None:
        name = self.measure.name
        if self.cutoff is None and self.measure.cutoff == "required":
            raise HarnessError(f"{name} needs a cutoff, e.g. {name}@5")
        if self.cutoff is not None and not self.measure.takes_cutoff:
            raise HarnessError(f"{name} takes no cutoff (asked: {name}@{self.cutoff})")
        if self.cutoff is not None and self.cutoff < 1:
            raise HarnessError(f"{name}@{self.cutoff}: a cutoff is at least 1")

    def __str__(self) -> str:
        return self.measure.name if self.cutoff is None else f"{self.measure.name}@{self.cutoff}"

    @classmethod
    def parse(cls, text: str) -> Metric:
        """The metric of that name: "recall@5", "mrr", "latency-p95". Raises HarnessError, UnknownName."""
        name, at, cutoff = text.partition("@")
        if name not in MEASURES:
            raise _unknown(text, name)
        return cls(MEASURES[name], _whole_number(text, cutoff) if at else None)


def _whole_number(text: str, cutoff: str) -> int:
    if not re.fullmatch(r"-?[0-9]+", cutoff):
        raise HarnessError(f"{text!r}: the cutoff {cutoff!r} is not a whole number")
    return int(cutoff)


def _unknown(text: str, name: str) -> HarnessError:
    """The error for a name outside the vocabulary, with the metric that was probably meant."""
    foreign = _FOREIGN.fullmatch(text.lower())
    stem, cutoff = foreign.group("stem", "cutoff") if foreign else (name, None)
    meant = ADVICE.get(stem, (stem,) if stem in MEASURES else ())
    if not meant:
        return UnknownName("measure", name, MEASURES)
    names = " or ".join(repr(f"{measure}@{cutoff}" if cutoff else measure) for measure in meant)
    return HarnessError(f"unknown metric {text!r}. Did you mean {names}?")
