"""Runs by name: a folder, or what it is called in reports/."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

from harness.errors import BadData, UnknownName
from harness.report.stored import ENVIRONMENT, RESULTS, Stored, followed, read

HOME = Path("reports")
WRITTEN = re.compile(r"(\d{8}T\d{6})Z-[0-9a-f]+")
"""How a run's folder is called: by its time."""

UNDATED = datetime(1980, 1, 1, tzinfo=UTC)
"""For a folder that somebody called otherwise; no archive holds an earlier time."""

NEEDED = ("command", "machine", "gpus", "git", "python", "packages")


def located(asked: str) -> Path:
    """The folder of a run: a name in reports/ such as `latest`, or a path. Raises BadData naming those there are."""
    place = next((path for path in (HOME / asked, Path(asked)) if path.exists()), None)
    if place is None:
        known = [path.name for path in HOME.glob("*") if (followed(path) / RESULTS).is_file()]
        raise BadData(f"there is no run at {asked}: {UnknownName('run', asked, known)}")
    return followed(place).resolve()


def opened(folder: Path) -> Stored:
    """A stored run, whole enough for a report. Raises BadData naming the file that is damaged."""
    kept = read(folder)
    missing = [key for key in NEEDED if key not in kept.environment] if isinstance(kept.environment, dict) else NEEDED
    if missing:
        raise BadData.at(folder / ENVIRONMENT, None, f"has no {missing[0]!r}")
    return kept


def made(folder: Path) -> datetime:
    """When a run was written, as its folder says."""
    written = WRITTEN.fullmatch(folder.name)
    return UNDATED if written is None else datetime.strptime(f"{written[1]}+0000", "%Y%m%dT%H%M%S%z")
