"""What truth files of all formats share: names, single judgements, level and provenance."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from harness.data.formats.lines import Row
from harness.data.model import A_GRADE, GRADES, GroundTruth, Pool, Provenance, Qrels
from harness.errors import BadData

LABELS = "labels"
"""The name of the judgements that came with a dataset and have no name of their own."""

UNSTATED = Provenance(method="not stated")


def named(files: Iterable[tuple[Path, str]]) -> dict[str, Path]:
    """From (file, words): truth name -> file. A name is the words in lower-case kebab, or "labels" for none.

    "labels" comes first. Raises BadData for words without ASCII letters or digits and a name of two files.
    """
    names: dict[str, Path] = {}
    for file, words in sorted(files):
        name = _kebab(file, words)
        if name in names:
            raise BadData(f"{file}: its ground truth would be named {name!r}, as that of {names[name].name} is")
        names[name] = file
    return dict(sorted(names.items(), key=lambda entry: (entry[0] != LABELS, entry[0])))


def judge(qrels: dict[str, dict[str, int]], path: Path, line: int, entry: tuple[str, str, str]) -> None:
    """Adds (query id, document id, grade) of a line. Raises BadData for a second one of a pair or no grade."""
    query_id, doc_id, grade = entry
    judged = qrels.setdefault(query_id, {})
    if doc_id in judged:
        raise BadData.at(path, line, f"query {query_id!r} and document {doc_id!r} are judged twice")
    try:
        judged[doc_id] = int(grade)
    except ValueError:
        raise BadData.at(path, line, f"grade {grade!r} is not a whole number") from None
    if judged[doc_id] not in GRADES:
        raise BadData.at(path, line, f"document {doc_id!r}: grade {grade} is not {A_GRADE}")


def level_of(row: Row, qrels: Qrels) -> int:
    """The grade from which a document is relevant: as the file says, else 2 where grades reach it, else 1."""
    highest = max((grade for judged in qrels.values() for grade in judged.values()), default=1)
    level = row.get("level", int, 2 if highest >= 2 else 1)
    if level < 1:
        raise row.error(f"'level' must be at least 1, got {level}")
    return level


def provenance_of(row: Row) -> Provenance:
    """What the file says under "provenance"; UNSTATED where it says nothing."""
    if row.content.get("provenance") is None:
        return UNSTATED
    stated = Row(f"{row.place}: provenance", row.need("provenance", dict))
    texts = {key: stated.get(key, str, "") for key in ("judge", "date", "shown", "note")}
    pools = [_pool(pool) for pool in stated.rows("pools", "pool")] if stated.content.get("pools") else []
    return Provenance(method=stated.id("method"), pools=tuple(pools), **texts)


def header(truth: GroundTruth) -> dict[str, Any]:
    """The keys of a truth file that `level_of` and `provenance_of` read."""
    if truth.provenance == UNSTATED:
        return {"level": truth.level}
    return {"level": truth.level, "provenance": _stated(truth.provenance)}


def _kebab(file: Path, words: str) -> str:
    name = re.sub(r"[^a-z0-9.]+", "-", words.lower()).strip("-.")
    if words and not name:
        raise BadData(f"{file}: {words!r} cannot name a ground truth; use ASCII letters and digits")
    return name or LABELS


def _pool(row: Row) -> Pool:
    system, depth = row.id("system"), row.need("depth", int)
    if depth < 1:
        raise row.error(f"'depth' must be at least 1, got {depth}")
    return Pool(system, depth)


def _stated(provenance: Provenance) -> Mapping[str, Any]:
    texts = {key: getattr(provenance, key) for key in ("method", "judge", "date", "shown", "note")}
    return {**texts, "pools": [{"system": pool.system, "depth": pool.depth} for pool in provenance.pools]}
