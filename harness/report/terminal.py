"""What a terminal shows at the end of a run: the tables, what was found, and the verdicts last, where eyes are."""

from __future__ import annotations

from itertools import chain

from harness.report import tables
from harness.report.drawing import printable, wrapped
from harness.report.findings import findings
from harness.report.results import Results


def summary(results: Results) -> str:
    """Accuracy, speed, health, findings, criteria and verdicts, in English and at most as wide as a terminal."""
    dataset = results.dataset
    head = f"{printable(dataset.name)} is SYNTHETIC: no number here speaks of real items." if dataset.synthetic else ""
    strata = tables.by_stratum(results, "recall@5", named=True), tables.scenarios(results)
    parts = chain(tables.accuracy(results), *strata, tables.similarity(results), tables.performance(results))
    drawn = [table.text() for table in chain(parts, tables.health(results))]
    criteria = (table.blocks() for table in tables.criteria(results))
    judged = [*criteria, *(table.text() for table in tables.verdicts(results))]
    last = judged or [unjudged(results)]
    return "\n\n".join(part for part in (head, *drawn, findings(results), *last) if part)


def unjudged(results: Results) -> str:
    """Why there is no verdict."""
    candidates = [name for name, system in results.systems.items() if system.role == "candidate"]
    left_out = f"test_go_nogo was left out, or none of the candidates was asked for: {', '.join(candidates)}"
    nobody = "there is no candidate; `candidates` in [grid] names them"
    return wrapped(f"no verdict: no criterion was judged in this run ({left_out if candidates else nobody})")
