"""The end of a session: rows become results, results become reports, and what broke is said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.errors import HarnessError
from harness.grid.systems import specs
from harness.plugging.specs import Spec
from harness.report import environment, folder, tables
from harness.report.drawing import wrapped
from harness.report.results import Results, Row
from harness.session.opening import Session
from harness.verdict.criteria import Decision, Verdict


@dataclass(frozen=True)
class Closing:
    """What to print, and the lines that make a run end red."""

    text: str
    broken: tuple[str, ...]


def close(session: Session, rows: Sequence[Row], reports_dir: Path, command: list[str], gate: bool) -> Closing:
    """Writes the reports. A report that cannot be written costs nothing that was measured: the text still stands."""
    broken = [str(error) for error in session.registry.broken]
    if not rows:
        return Closing(_nothing(session), (*broken, *_ungated([], gate)))
    results = Results(session.dataset, session.policy, session.systems)
    results.add(rows)
    text = tables.summary(results)
    try:
        surroundings = environment.capture(results.dataset, command, _used(session, results))
        where = folder.write(results, results.runs, reports_dir, surroundings, command)
        text += f"\n\nreport: {_relative(where)}/report.md"
    except HarnessError as error:
        broken.append(str(error))
    return Closing(text, (*broken, *_ungated(results.verdicts, gate)))


def _used(session: Session, results: Results) -> list[Spec]:
    """Every component of the systems that something is known of, each once."""
    known = [session.systems[row.system] for row in results.measurements if row.system in session.systems]
    parts = (spec for system in dict.fromkeys(known) for spec in specs(session.registry, system))
    return list({(spec.kind, spec.name): spec for spec in parts}.values())


def _nothing(session: Session) -> str:
    """For a selection that left nothing: what there would have been."""
    grid = f"nothing was measured. Systems in the grid: {', '.join(session.systems)}."
    return wrapped(f"{grid} What else can be named in its [grid]: python -m harness plugins")


def _ungated(verdicts: Sequence[Verdict], gate: bool) -> list[str]:
    """A gate that judged nobody, or that lets anything but GO through, is no gate."""
    if gate and not verdicts:
        return ["gate: no candidate was judged, so nothing can be GO"]
    held = [f"{verdict.system} ({verdict.decision})" for verdict in verdicts if verdict.decision is not Decision.GO]
    return [f"gate: not GO: {', '.join(held)}"] if gate and held else []


def _relative(path: Path) -> Path:
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
