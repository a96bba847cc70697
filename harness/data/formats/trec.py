"""TREC's text files, as trec_eval reads them: judgements (qrels) and rankings (runs); `.gz` is (un)packed.

qrels   query 0 document grade
run     query Q0 document rank score name ...
"""

from __future__ import annotations

import gzip
import math
from collections.abc import Iterable, Iterator
from pathlib import Path

from harness.data.formats.lines import byte_lines, decoded
from harness.data.formats.truths import judge
from harness.data.model import Qrels
from harness.data.run import Run
from harness.errors import BadData


def read_qrels(path: Path) -> dict[str, dict[str, int]]:
    """{query id: {document id: grade}}. Raises BadData naming the first line that is wrong."""
    qrels: dict[str, dict[str, int]] = {}
    for number, line in byte_lines(path):
        fields = _fields(path, number, line)
        if len(fields) != 4:
            raise BadData.at(path, number, f"needs 4 columns (query 0 document grade), has {len(fields)}")
        judge(qrels, path, number, (fields[0], fields[2], fields[3]))
    return qrels


def read_run(path: Path) -> dict[str, dict[str, float]]:
    """{query id: {document id: score}}; ranks are ignored, as by trec_eval. Raises as `read_qrels`."""
    run: dict[str, dict[str, float]] = {}
    for number, line in byte_lines(path):
        fields = _fields(path, number, line)
        if len(fields) < 6:
            raise BadData.at(path, number, f"needs 6 columns (query Q0 document rank score name), has {len(fields)}")
        ranked = run.setdefault(fields[0], {})
        if fields[2] in ranked:
            raise BadData.at(path, number, f"query {fields[0]!r} holds document {fields[2]!r} twice")
        ranked[fields[2]] = _score(path, number, fields[4])
    return run


def write_qrels(qrels: Qrels, path: Path) -> None:
    """Raises BadData for an id that is empty or holds white space."""
    _refuse_gaps(path, "query", qrels)
    _refuse_gaps(path, "document", {doc_id for judged in qrels.values() for doc_id in judged})
    rows = ((query_id, doc_id, grade) for query_id, judged in qrels.items() for doc_id, grade in judged.items())
    _write(path, (f"{query_id} 0 {doc_id} {grade}\n" for query_id, doc_id, grade in rows))


def write_run(run: Run, path: Path, name: str) -> None:
    """Ranks count from 1; scores have the digits that give the same float32 back. Raises as `write_qrels`."""
    _refuse_gaps(path, "run", [name])
    _refuse_gaps(path, "query", run.query_ids)
    _refuse_gaps(path, "document", run.doc_ids)
    _write(path, _run_lines(run, name))


def _run_lines(run: Run, name: str) -> Iterator[str]:
    for query_id, columns, scores in zip(run.query_ids, run.index, run.scores, strict=True):
        held = columns >= 0
        pairs = zip(columns[held].tolist(), scores[held].astype(str).tolist(), strict=True)
        for rank, (column, score) in enumerate(pairs, 1):
            yield f"{query_id} Q0 {run.doc_ids[column]} {rank} {score} {name}\n"


def _fields(path: Path, number: int, line: bytes) -> list[str]:
    """Columns are split at ASCII white space alone, as C does; an id may hold any other."""
    return decoded(path, number, b" ".join(line.split())).split(" ")


def _score(path: Path, number: int, text: str) -> float:
    try:
        score = float(text)
    except ValueError:
        raise BadData.at(path, number, f"score {text!r} is not a number") from None
    if not math.isfinite(score):
        raise BadData.at(path, number, f"score {text!r} is not finite")
    return score


def _refuse_gaps(path: Path, kind: str, names: Iterable[str]) -> None:
    for name in names:
        if name.encode().split() != [name.encode()]:
            raise BadData(f"{path}: {kind} {name!r} is empty or holds white space, which a TREC file has no room for")


def _write(path: Path, lines: Iterable[str]) -> None:
    packed = path.suffix == ".gz"
    with gzip.open(path, "wb") if packed else path.open("wb") as file:
        file.writelines(line.encode() for line in lines)
