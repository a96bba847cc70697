"""What was timed, as raw numbers: the distribution of every stage, and a row of performance per system."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from harness.ranking.measures import MEASURES, Measure
from harness.report.book.amounts import Amount, Cell, Row
from harness.report.findings import missing
from harness.report.lines import role
from harness.report.results import Results
from harness.report.rows import Samples
from harness.statistics.percentiles import percentile
from harness.verdict.measurement import Measurement
from harness.words import Words

PERCENTILES = (50, 90, 95, 99)
LATENCY = ("system", "stage", "calls", "mean (ms)", "min (ms)", *(f"p{p} (ms)" for p in PERCENTILES), "max (ms)")


def latency(samples: Samples) -> Row:
    """The percentiles are those of `statistics.percentiles`: samples themselves, none of them interpolated."""
    known = np.array(samples.milliseconds, np.float64)
    if not known.size:
        return samples.system, samples.stage, 0
    found = (percentile(known, p) for p in PERCENTILES)
    values = [known.mean(), known.min(), *(each.value for each in found if each), known.max()]
    return samples.system, samples.stage, known.size, *(Amount(float(value), "ms") for value in values)


def performance(results: Results, words: Words) -> tuple[tuple[str, ...], Iterator[Row]]:
    """The header and the rows: one per system, and one per kind of query, size of batch or of corpus."""
    rows = [row for row in results.measurements if not row.ground_truth]
    known, bounded = {row.metric for row in rows}, {row.metric for row in rows if row.bounds}
    probes = [_Probe(measure, name in bounded) for name, measure in MEASURES.items() if name in known]
    header = ("system", "role", "of", *(name for probe in probes for name in probe.header), "not measured")
    return header, _rows(results, rows, probes, words)


@dataclass(frozen=True, slots=True)
class _Probe:
    """A measure and what else of it is told: the interval where any is known, how often where that says something."""

    measure: Measure
    bounded: bool

    @property
    def counted(self) -> bool:
        return self.measure.sampled or self.measure.kind == "health"

    @property
    def header(self) -> Iterator[str]:
        name, unit = self.measure.name, self.measure.unit
        told = f" ({unit})" if unit not in ("", "count", "score") else ""
        yield f"{name}{told}"
        yield from (f"{name} low{told}", f"{name} high{told}") if self.bounded else ()
        yield from (f"{name} n",) if self.counted else ()

    def cells(self, row: Measurement | None) -> Iterator[Cell]:
        unit, ends = self.measure.unit, row.bounds if row else None
        yield Amount(row.value if row else None, unit)
        if self.bounded:
            yield from (Amount(ends.low if ends else None, unit), Amount(ends.high if ends else None, unit))
        if self.counted:
            yield row.n if row else None


def _rows(results: Results, rows: list[Measurement], probes: list[_Probe], words: Words) -> Iterator[Row]:
    found: dict[tuple[str, str], dict[str, Measurement]] = {}
    for row in rows:
        found.setdefault((row.system, row.stratum), {})[row.metric] = row
    for (system, stratum), known in found.items():
        cells = (cell for probe in probes for cell in probe.cells(known.get(probe.measure.name)))
        why = missing(known.values()).items()
        reasons = "; ".join(f"{', '.join(metrics)}: {words(reason)}" for reason, metrics in why)
        yield system, words(role(results, system)), stratum, *cells, reasons
