"""The end of a session: rows become results, results become reports, and what broke is said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from harness.data.catalogue import describe
from harness.errors import HarnessError
from harness.grid.families import families
from harness.grid.systems import specs
from harness.plugging.specs import Spec
from harness.report import environment, folder, terminal
from harness.report.cases import Cases
from harness.report.drawing import wrapped
from harness.report.gate import NOBODY, ungated_by, waived, wrong
from harness.report.results import Results
from harness.report.rows import Finding, Row, to_row
from harness.report.short import publish, short
from harness.session.opening import Session
from harness.session.wishes import Gate
from harness.words import words


@dataclass(frozen=True)
class Closing:
    """What to print, and the lines that make a run end red."""

    text: str
    broken: tuple[str, ...]


INTERRUPTED = Finding("", "INTERRUPTED: what this run did not reach is not measured")


def close(
    session: Session,
    rows: Sequence[Row],
    reports_dir: Path,
    command: list[str],
    gate: Gate | None,
    interrupted: bool = False,
) -> Closing:
    """Writes the reports. A report that cannot be written costs nothing that was measured: the text still stands."""
    broken = [str(error) for error in session.registry.broken]
    if not rows:
        return Closing(_nothing(session), (*broken, *([NOBODY] if gate else [])))
    results = Results(
        describe(session.dataset),
        session.policy,
        session.systems,
        session.config.waiver,
        session.config.report,
        families(session.systems.values(), session.registry),
    )
    results.add([*rows, *([to_row(INTERRUPTED)] if interrupted else [])])
    text, report = terminal.summary(results), ""
    try:
        surroundings = environment.capture(results.dataset, command, _used(session, results))
        runs = {ranking.system: ranking.run(session.dataset) for ranking in results.rankings}
        cases = Cases.of(session.dataset, results.cases)
        where = folder.write(results, runs, reports_dir, surroundings, cases)
        report = f"{_relative(where)}/report.md"
    except HarnessError as error:
        broken.append(str(error))
    text = "\n\n".join(filter(None, (text, report and f"report: {report}", _published(results, report))))
    today = datetime.now(UTC).date()
    if gate:
        shut = ungated_by(gate, results, today)
        told = [*waived(results, today), *([] if shut else ["gate: open"])]
        return Closing("\n\n".join([text, *map(wrapped, told)]), (*broken, *shut))
    return Closing("\n\n".join([text, *map(wrapped, wrong(results, today))]), tuple(broken))


def _used(session: Session, results: Results) -> list[Spec]:
    """Every component of the systems that something is known of, each once."""
    known = [session.systems[row.system] for row in results.measurements if row.system in session.systems]
    parts = (spec for system in dict.fromkeys(known) for spec in specs(session.registry, system))
    return list({(spec.kind, spec.name): spec for spec in parts}.values())


def _nothing(session: Session) -> str:
    """For a selection that left nothing: what there would have been."""
    grid = f"nothing was measured. Systems in the grid: {', '.join(session.systems)}."
    return wrapped(f"{grid} What else can be named in its [grid]: python -m harness plugins")


def _published(results: Results, report: str) -> str:
    """The line that says why there is no short form where one was asked for."""
    try:
        return publish(short(results, report, words(results.report.language)))
    except HarnessError as error:
        return str(error)


def _relative(path: Path) -> Path:
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
