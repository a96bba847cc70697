"""What a reader must not miss, and why a number is not there: each sentence once, however many systems share it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from harness.report.drawing import printable, wrapped
from harness.report.results import Results
from harness.verdict.measurement import Measurement


def findings(results: Results) -> str:
    """Every finding as a line of text; empty where there is none."""
    told = (f"- {systems}: {sentence}" if systems else f"- {sentence}" for sentence, systems in shared(results))
    lines = [wrapped(line, indent="  ") for line in told]
    return "\n".join(["findings", *lines]) if lines else ""


def shared(results: Results) -> Iterator[tuple[str, str]]:
    """(sentence, the systems it is about): each finding once, however many share it.

    What only repeats why a measurement is missing is told beside that measurement.
    """
    systems: dict[str, list[str]] = {}
    told = missing(results.measurements)
    for finding in results.findings:
        sentence = printable(finding.sentence)
        if sentence not in told:
            systems.setdefault(sentence, []).append(finding.system)
    yield from ((sentence, ", ".join(filter(None, names))) for sentence, names in systems.items())


def missing(rows: Iterable[Measurement]) -> dict[str, list[str]]:
    """Reason -> the metrics that for this reason do not exist."""
    reasons: dict[str, list[str]] = {}
    for row in rows:
        if row.value is None and row.metric not in reasons.setdefault(printable(row.reason), []):
            reasons[printable(row.reason)].append(row.metric)
    return reasons
