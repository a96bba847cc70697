"""What a run leaves: reports/<run>/ is there completely or not at all, and reports/latest points at the last one."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, replace
from datetime import UTC, datetime
from math import isfinite
from pathlib import Path
from secrets import token_hex
from typing import Any

from harness.config import Report
from harness.data.formats.trec import write_run
from harness.data.run import Run
from harness.errors import BadData, HarnessError
from harness.report import csv, html, markdown, stored
from harness.report.cases import Cases
from harness.report.manuscript import written
from harness.report.results import Results
from harness.report.rows import Samples, to_row
from harness.report.stored import Stored

LATEST = "latest"


def write(
    results: Results,
    runs: Mapping[str, Run],
    reports_dir: Path,
    environment: Mapping[str, Any],
    cases: Cases,
) -> Path:
    """The folder of this run, written beside its place and then moved there, so that nobody ever sees half of it.

    The reports are made from the files just written, by the same code that makes them again years later. Raises
    HarnessError, in one line, where the disk is full or the folder cannot be written.
    """
    name = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{token_hex(4)}"
    place, draft = reports_dir / name, reports_dir / f".{name}.partial"
    try:
        draft.mkdir(parents=True)
        _fill(draft, results, runs, environment, cases)
        for page, text in pages(stored.read(draft)).items():
            (draft / page).write_text(text, encoding="utf-8")
        draft.rename(place)
    except OSError as error:
        told = f"reports were not written: {_told(error, reports_dir)}; the summary above is complete"
        raise HarnessError(told) from None
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    _point_at(place)
    return place


def pages(kept: Stored) -> dict[str, str]:
    """File name -> the report that a person reads, in the language that was asked for."""
    manuscript = written(kept)
    return {"report.md": markdown.report(manuscript), "report.html": html.page(manuscript)}


def restated(path: Path, report: Report) -> str:
    """The file of verdicts with another language, or another statement of the owner; all else as it was."""
    return _json({**json.loads(path.read_text(encoding="utf-8")), "report": report.model_dump()}, indent=1) + "\n"


def _fill(
    folder: Path, results: Results, runs: Mapping[str, Run], environment: Mapping[str, Any], cases: Cases
) -> None:
    files: dict[str, Callable[[], str]] = {
        "accuracy.csv": lambda: csv.accuracy(results),
        "search_results.csv": lambda: csv.search(results),
        "performance_results.csv": lambda: csv.performance(results),
        stored.RESULTS: lambda: _lines(results.told),
        stored.QUERIES: lambda: _lines(results.queries),
        stored.SAMPLES: lambda: _lines(map(_to_nanoseconds, results.samples)),
        stored.VERDICTS: lambda: _json(_verdicts(results), indent=1) + "\n",
        stored.CASES: lambda: _json(asdict(cases), indent=1) + "\n",
        stored.ENVIRONMENT: lambda: _json(environment, indent=1) + "\n",
    }
    for name, text in files.items():
        (folder / name).write_text(text(), encoding="utf-8")
    _write_runs(folder / "runs", runs)


def _write_runs(folder: Path, runs: Mapping[str, Run]) -> None:
    """A TREC file per system; ids for which that format has no room cost their own file only, and it says so."""
    folder.mkdir()
    for system, run in runs.items():
        try:
            write_run(run, folder / f"{system}.trec", system)
        except BadData as error:
            (folder / f"{system}.txt").write_text(f"not written: {error}\n", encoding="utf-8")


def _verdicts(results: Results) -> dict[str, Any]:
    """By what was judged, what was judged, and how it came out."""
    judged = [
        {
            "system": verdict.system,
            "decision": verdict.decision,
            "why": verdict.why(),
            "criteria": [{**asdict(outcome), "sentence": outcome.sentence} for outcome in verdict.outcomes],
        }
        for verdict in results.verdicts
    ]
    return {
        "policy": results.policy.model_dump(),
        "waivers": [waiver.model_dump(mode="json") for waiver in results.waivers],
        "report": results.report.model_dump(),
        "dataset": asdict(results.dataset),
        "systems": {name: asdict(system) for name, system in results.systems.items()},
        "families": [asdict(family) for family in results.families],
        "verdicts": judged,
    }


def _to_nanoseconds(samples: Samples) -> Samples:
    """Milliseconds with the six digits that the clock has; what follows them is rounding of binary fractions."""
    return replace(samples, milliseconds=[round(sample, 6) for sample in samples.milliseconds])


def _lines(things: Iterable[Any]) -> str:
    return "".join(f"{_json(to_row(thing))}\n" for thing in things)


def _json(content: Any, indent: int | None = None) -> str:
    return json.dumps(_plain(content), ensure_ascii=False, allow_nan=False, indent=indent)


def _plain(content: Any) -> Any:
    """JSON knows neither NaN nor infinity: they become words."""
    if isinstance(content, Mapping):
        return {key: _plain(value) for key, value in content.items()}
    if isinstance(content, list | tuple):
        return [_plain(value) for value in content]
    return str(content) if isinstance(content, float) and not isfinite(content) else content


def _point_at(place: Path) -> None:
    """`latest` is a relative link, or a text file of one line where links are impossible; replaced in one step."""
    latest, draft = place.parent / LATEST, place.parent / f".{LATEST}-{place.name}"
    try:
        try:
            draft.symlink_to(place.name, target_is_directory=True)
        except OSError:
            draft.write_text(f"{place.name}\n", encoding="utf-8")
        draft.replace(latest)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise HarnessError(f"{place} is complete, but {LATEST} does not point there: {_told(error, latest)}") from None


def _told(error: OSError, path: Path) -> str:
    return f"{path}: {error.strerror or error}"
