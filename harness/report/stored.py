"""A run as it was stored: everything that a report is made of, read back from its folder."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from harness.config import Report, Waiver
from harness.data.catalogue import Description
from harness.errors import BadData
from harness.grid.families import Family
from harness.grid.systems import System
from harness.policy import Policy
from harness.report.cases import Cases
from harness.report.results import Results
from harness.report.rows import Row

RESULTS, QUERIES, SAMPLES = "results.jsonl", "queries.jsonl", "samples.jsonl"
VERDICTS, CASES, ENVIRONMENT, RUNS = "verdicts.json", "cases.json", "environment.json", "runs"


@dataclass(frozen=True)
class Stored:
    """`results` holds rows, policy, systems and waivers; `environment` the machine and the command."""

    results: Results
    environment: Mapping[str, Any]
    cases: Cases


def read(folder: Path) -> Stored:
    """A run's folder; `latest` may be a file that names it. Raises BadData naming the file and the line."""
    folder = followed(folder)
    if not (folder / RESULTS).is_file():
        raise BadData(f"{folder} is no run: it has no {RESULTS}")
    judged = _json(folder / VERDICTS)
    results = Results(
        _typed(Description, judged, "dataset", folder / VERDICTS),
        _typed(Policy, judged, "policy", folder / VERDICTS),
        _typed(dict[str, System], judged, "systems", folder / VERDICTS),
        _typed(list[Waiver], judged, "waivers", folder / VERDICTS),
        _typed(Report, judged, "report", folder / VERDICTS),
        _typed(list[Family], judged, "families", folder / VERDICTS),
    )
    for name in (RESULTS, QUERIES, SAMPLES):
        add(results, folder / name)
    cases = _typed(Cases, {CASES: _json(folder / CASES)}, CASES, folder / CASES)
    return Stored(results, _json(folder / ENVIRONMENT), cases)


def followed(folder: Path) -> Path:
    """The folder that a path names: where links are impossible, `latest` is a file of one line."""
    if folder.is_file() and folder.name == "latest":
        return folder.parent / folder.read_text(encoding="utf-8").strip()
    return folder


def add(results: Results, path: Path) -> None:
    """Every row of a file of JSON lines. Raises BadData at the line."""
    for line, row in _rows(path):
        try:
            results.add([row])
        except BadData as error:
            raise BadData.at(path, line, str(error)) from None


def _rows(path: Path) -> Iterator[tuple[int, Row]]:
    for line, text in enumerate(_text(path).splitlines(), start=1):
        try:
            row = json.loads(text)
        except ValueError as error:
            raise BadData.at(path, line, f"not JSON: {error}") from None
        if not isinstance(row, dict):
            raise BadData.at(path, line, "needs an object")
        yield line, row


def _json(path: Path) -> Any:
    try:
        return json.loads(_text(path))
    except ValueError as error:
        raise BadData.at(path, None, f"not JSON: {error}") from None


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadData.at(path, None, f"cannot be read: {getattr(error, 'strerror', '') or error}") from None


def _typed(cls: Any, content: Mapping[str, Any], key: str, path: Path) -> Any:
    """JSON has neither tuples nor dates; what it has is read as what it was written from."""
    try:
        return TypeAdapter(cls).validate_json(json.dumps(content[key]))
    except (KeyError, TypeError):
        raise BadData.at(path, None, f"has no {key!r}; it was written by another version") from None
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(map(str, (key, *first["loc"])))
        raise BadData.at(path, None, f"{place}: {first['msg']}") from None
