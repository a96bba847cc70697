"""Which probe answers for which metric, and how its value is read off: a table, so that names are data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

from harness.errors import NotMeasured
from harness.probes.latency import Latency
from harness.probes.memory import Memory
from harness.probes.stability import Stability
from harness.statistics.intervals import Bounds, exact

Probe = Literal["latency", "throughput", "memory", "stability", "canary", "reordering"]


@dataclass(frozen=True, slots=True)
class Figure:
    """A value, how many samples it was taken from, and what they prove where there is a sampling error."""

    value: float
    n: int
    bounds: Bounds | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """`read(result of the probe)` gives the figure or raises NotMeasured; `stage` names a percentile's samples."""

    probe: Probe
    read: Callable[[Any], Figure]
    stage: str = ""


def _percentile(p: float, stage: str = "total") -> Reading:
    def read(measured: Latency) -> Figure:
        if stage not in measured.samples:
            raise NotMeasured(f"the system has no {stage} stage")
        found = measured.percentile(p, stage)
        return Figure(found.value, found.n, found.bounds)

    return Reading("latency", read, stage)


def _vram(meaning: str) -> Reading:
    def read(measured: Memory) -> Figure:
        known = measured.known()
        if meaning not in known:
            raise NotMeasured(f"VRAM in the meaning {meaning!r} is not available here; known: {', '.join(known)}")
        return Figure(known[meaning], 1)

    return Reading("memory", read)


def _field(probe: Probe, value: str, count: str) -> Reading:
    return Reading(probe, lambda measured: Figure(float(getattr(measured, value)), int(getattr(measured, count))))


def _succeeded(measured: Stability) -> Figure:
    succeeded = measured.calls - measured.failures
    return Figure(measured.success_rate, measured.calls, exact(succeeded, measured.calls))


def _growth(where: str) -> Reading:
    def read(measured: Stability) -> Figure:
        value = getattr(measured, where)
        if value is None:
            raise NotMeasured("nothing ran on a GPU" if where == "device_growth" else "too few calls to see growth")
        return Figure(float(value), measured.calls)

    return Reading("stability", read)


READINGS: Mapping[str, Reading] = MappingProxyType(
    {
        "latency-mean": Reading("latency", lambda measured: Figure(measured.mean(), len(measured))),
        "latency-p50": _percentile(50),
        "latency-p95": _percentile(95),
        "latency-p99": _percentile(99),
        "encode-p95": _percentile(95, "encode"),
        "search-p95": _percentile(95, "search"),
        "rerank-p95": _percentile(95, "rerank"),
        "throughput": _field("throughput", "items", "items_counted"),
        "throughput-query": _field("throughput", "queries", "queries_counted"),
        "vram-allocated": _vram("allocated"),
        "vram-reserved": _vram("reserved"),
        "vram-process": _vram("process"),
        "vram-device": _vram("device"),
        "stability": Reading("stability", _succeeded),
        "non-finite": _field("stability", "non_finite", "calls"),
        "drift": _field("stability", "drift", "calls"),
        "memory-growth": _growth("host_growth"),
        "vram-growth": _growth("device_growth"),
        "canary": _field("canary", "share", "phrases"),
        "reorders": _field("reordering", "share", "queries"),
    }
)
