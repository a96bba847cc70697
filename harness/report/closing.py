"""The end of a session: rows become results, results become reports, and what broke is said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.errors import HarnessError
from harness.report import environment, folder, tables
from harness.report.results import Results, Row
from harness.session.opening import Session
from harness.verdict.criteria import Decision


@dataclass(frozen=True)
class Closing:
    """What to print, and the lines that make a run end red."""

    text: str
    broken: tuple[str, ...]


def close(session: Session, rows: Sequence[Row], reports_dir: Path, command: list[str], gate: bool) -> Closing:
    """Writes the reports. A report that cannot be written costs nothing that was measured: the text still stands."""
    broken = [str(error) for error in session.registry.broken]
    if not rows:
        return Closing("", (*broken, *_ungated([], gate)))
    results = Results(session.dataset, session.policy, session.systems)
    results.add(rows)
    text = tables.summary(results)
    try:
        where = folder.write(results, results.runs, reports_dir, environment.capture(results.dataset, command), command)
        text += f"\n\nreport: {_relative(where)}/report.md"
    except HarnessError as error:
        broken.append(str(error))
    return Closing(text, (*broken, *_ungated([verdict.decision for verdict in results.verdicts], gate)))


def _ungated(decisions: list[Decision], gate: bool) -> list[str]:
    """A gate that judged nobody, or that lets anything but GO through, is no gate."""
    if gate and not decisions:
        return ["gate: no candidate was judged, so nothing can be GO"]
    if gate and any(decision is not Decision.GO for decision in decisions):
        return [f"gate: {sum(d is not Decision.GO for d in decisions)} of {len(decisions)} candidates are not GO"]
    return []


def _relative(path: Path) -> Path:
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
