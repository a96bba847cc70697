"""The run as three CSV files: accuracy in long rows, and the two files in the columns of the plan (section 12.2)."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from io import StringIO
from typing import Any

from harness.ranking.measures import MEASURES
from harness.ranking.units import to_unit
from harness.report.results import Results
from harness.report.rows import QueryScores
from harness.verdict.measurement import Measurement

ENDS = ("at_least", "at_most", "low", "high")
"""What the sample proves of a value: one-sided at 95 %, then the two ends of the 95 % interval."""

ACCURACY = ("system", "role", "dataset", "ground_truth", "level", "scenario", "stratum", "metric", "value", "n",
            "reason", "ceiling", *ENDS, "struck")  # fmt: skip

# The plan's `top_k` holds 0 or 1: whether anything relevant was found. Recall stands beside it under its own name.
SEARCH = {"top_1": "hit@1", "top_3": "hit@3", "top_5": "hit@5", "top_10": "hit@10", "mrr": "mrr", "ndcg_10": "ndcg@10"}
BESIDE = {f"recall_{k}": f"recall@{k}" for k in (1, 3, 5, 10, 20)}

PERFORMANCE = {"latency_mean": "latency-mean", "latency_p95": "latency-p95", "throughput": "throughput"}
MORE = {name.replace("-", "_"): name for name, measure in MEASURES.items()
        if measure.kind != "accuracy" and name not in PERFORMANCE.values()}  # fmt: skip
DECIMALS = 6


def accuracy(results: Results) -> str:
    """accuracy.csv: every mean of every stratum; where there is no value, the reason."""
    rows = [_accuracy_row(results, row) for row in results.measurements if row.ground_truth]
    return _written(ACCURACY, rows)


def search(results: Results) -> str:
    """search_results.csv: a row per query, system and ground truth; blank where the run says nothing."""
    rows = [row for scores in results.queries for row in _search_rows(scores)]
    return _written(("query_id", "model", *SEARCH, "ground_truth", "level", *BESIDE), rows)


def performance(results: Results) -> str:
    """performance_results.csv: a row per timed system, latency in ms; an empty cell was not measured, which is not 0.

    `vram_gb` (10^9 bytes) is the VRAM that the policy judges, named in `vram_meaning`; all of them follow in MiB.
    """
    meaning = _judged_vram(results)
    header = ("model", *PERFORMANCE, "vram_gb", "vram_meaning", *MORE)
    return _written(header, [_performance_row(*pair, meaning) for pair in _by_system(results.measurements)])


def _accuracy_row(results: Results, row: Measurement) -> dict[str, Any]:
    role = results.systems[row.system].role if row.system in results.systems else ""
    ends = {end: _number(getattr(row.bounds, end)) for end in ENDS} if row.bounds else dict.fromkeys(ENDS, "")
    values = {**row.row(), **ends, "role": role, "value": _number(row.value), "ceiling": _number(row.ceiling)}
    return {column: values[column] for column in ACCURACY}


def _search_rows(scores: QueryScores) -> Iterator[dict[str, Any]]:
    known = {column: scores.values[metric] for column, metric in (SEARCH | BESIDE).items() if metric in scores.values}
    for place, query_id in enumerate(scores.query_ids):
        named = {"query_id": query_id, "model": scores.system, "ground_truth": scores.ground_truth,
                 "level": scores.level}  # fmt: skip
        yield {**named, **{column: _number(values[place]) for column, values in known.items()}}


def _performance_row(system: str, values: Mapping[str, float], meaning: str) -> dict[str, Any]:
    vram = values[meaning] / to_unit("1 GB", "MiB") if meaning in values else None
    cells = {column: _number(values.get(metric)) for column, metric in (PERFORMANCE | MORE).items()}
    return {"model": system, **cells, "vram_gb": _number(vram), "vram_meaning": meaning}


def _by_system(rows: Iterable[Measurement]) -> Iterator[tuple[str, dict[str, float]]]:
    """(system, metric -> value) over everything that is no accuracy."""
    found: dict[str, dict[str, float]] = {}
    for row in rows:
        if not row.ground_truth and row.stratum == "all":
            values = found.setdefault(row.system, {})
            if row.value is not None:
                values[row.metric] = row.value
    yield from found.items()


def _judged_vram(results: Results) -> str:
    """The VRAM that a criterion names; without one, the growth of the device, which is what must fit into it."""
    named = [criterion.metric for criterion in results.policy.criterion if criterion.metric.startswith("vram-")]
    return named[0] if named else "vram-device"


def _number(value: float | None) -> str:
    """Empty for nothing, "1" for a whole number, else six decimals at most."""
    return "" if value is None else f"{value:.{DECIMALS}f}".rstrip("0").rstrip(".")


def _written(header: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> str:
    text = StringIO()
    writer = csv.DictWriter(text, header, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
