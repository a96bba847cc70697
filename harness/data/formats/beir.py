"""BEIR's layout: corpus.jsonl, queries.jsonl and qrels/*.tsv.

corpus.jsonl    {"_id", "title", "text"}; an item's text is (title + " " + text).strip(), as in BEIR and MTEB
queries.jsonl   {"_id", "text"}
qrels/test.tsv  query-id <tab> corpus-id <tab> score, with or without that heading; "test" is truth "labels"

Beyond BEIR a row may have "image" (a path in the folder) and "subject", a query also "source_item_id".
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from harness.data.formats.content import content_of, image_of, pictures_of
from harness.data.formats.lines import Problems, Row, byte_lines, decoded, digest, json_lines
from harness.data.formats.truths import LABELS, UNSTATED, judge, named
from harness.data.images import keep_image
from harness.data.model import Corpus, Dataset, GroundTruth, Item, Qrels, Queries, Query
from harness.errors import BadData

MARK = "corpus.jsonl"
"""The file by which a folder is known to be of this format."""

_HEADING = ("query-id", "corpus-id", "score")
_OWN = frozenset({"_id", "title", "text", "image", "subject"})


def truth_files(folder: Path) -> dict[str, Path]:
    """Truth name -> file: qrels/test.tsv is "labels", any other is called by its name. Nothing is opened."""
    return named((file, "" if file.stem == "test" else file.stem) for file in (folder / "qrels").glob("*.tsv"))


def read(folder: Path) -> Dataset:
    """The dataset in `folder`; relevant is whatever has a score of 1 or more.

    Queries that no qrels file judges are dropped (BEIR keeps those of all splits in one file), unless there
    is no such file at all. Raises BadData naming all that is wrong: with texts, or else with judgements.
    """
    problems, files = Problems(), truth_files(folder)
    items = {item.id: item for item in _items(folder, problems)}
    queries = {query.id: query for query in _queries(folder, items, problems)}
    problems.settle()
    if not items:
        raise BadData(f"{folder / MARK}: is empty")
    truths = {name: _truth(name, path, queries, items, problems) for name, path in files.items()}
    problems.settle()
    corpus, asked = Corpus(items.values()), list(_judged(queries, truths, items))
    return Dataset(
        name=folder.resolve().name,
        path=folder,
        corpus=corpus,
        queries=Queries.against(corpus, asked),
        truths=truths,
        digest=digest(
            [folder / MARK, folder / "queries.jsonl", *files.values(), *pictures_of((*corpus.items, *asked))]
        ),
    )


def write(dataset: Dataset, folder: Path) -> None:
    """Lays `dataset` down so that `read` gives back its items, its judged queries and its judgements.

    The layout has no room for the level and the provenance of a truth. Raises BadData for a picture that does
    not exist and for an id that holds a tab or a line break.
    """
    (folder / "qrels").mkdir(parents=True, exist_ok=True)
    _dump(folder / MARK, (_item_row(item, folder) for item in dataset.corpus.items))
    _dump(folder / "queries.jsonl", (_query_row(query, folder) for query in dataset.queries.queries))
    for name, truth in dataset.truths.items():
        _write_qrels(folder / "qrels" / ("test.tsv" if name == LABELS else f"{name}.tsv"), truth.qrels)


def _items(folder: Path, problems: Problems) -> Iterator[Item]:
    for row in _distinct(json_lines(folder / MARK, problems), problems):
        with problems:
            title, text = row.get("title", str, ""), row.need("text", str)
            image = image_of(row, folder, row.get("image", str, ""))
            content = content_of(row, f"{title} {text}".strip(), image)
            facts = {key: value for key, value in row.content.items() if key not in _OWN}
            subject = row.get("subject", str, "")
            yield Item(row.id("_id"), content.text, content.image, content.category, subject, facts)


def _queries(folder: Path, items: Mapping[str, Item], problems: Problems) -> Iterator[Query]:
    for row in _distinct(json_lines(folder / "queries.jsonl", problems), problems):
        with problems:
            content = content_of(row, row.need("text", str), image_of(row, folder, row.get("image", str, "")))
            subject, source = row.get("subject", str, ""), row.get("source_item_id", str, "") or None
            if source and source not in items:
                raise row.error(f"source {source!r} does not exist among {len(items)} items")
            yield Query(row.id("_id"), content.text, content.image, content.category, subject, source)


def _distinct(rows: Iterable[Row], problems: Problems) -> Iterator[Row]:
    """Rows of an `_id` that has not been before."""
    places: dict[str, str] = {}
    for row in rows:
        with problems:
            row_id = row.id("_id")
            if row_id in places:
                raise row.error(f"'_id' {row_id!r} stands already at {places[row_id]}")
            places[row_id] = row.place
            yield row


def _truth(
    name: str, path: Path, queries: Mapping[str, Query], items: Mapping[str, Item], problems: Problems
) -> GroundTruth:
    qrels: dict[str, dict[str, int]] = {}
    for number, line in byte_lines(path):
        with problems:
            query_id, item_id, grade = columns = _columns(path, number, line)
            if columns == _HEADING and not qrels:
                continue
            if query_id not in queries:
                raise BadData.at(path, number, f"query {query_id!r} does not exist in queries.jsonl")
            if item_id not in items:
                raise BadData.at(path, number, f"item {item_id!r} does not exist in {MARK}")
            judge(qrels, path, number, (query_id, item_id, grade))
            if item_id == queries[query_id].source and qrels[query_id][item_id] > 0:
                what = f"item {item_id!r} is the source of query {query_id!r}, which never retrieves itself"
                raise BadData.at(path, number, what)
    with problems:
        if not qrels:
            raise BadData(f"{path}: holds no judgements that can be used")
    return GroundTruth(name, qrels, 1, UNSTATED)


def _columns(path: Path, number: int, line: bytes) -> tuple[str, str, str]:
    fields = decoded(path, number, line).split("\t")
    if len(fields) != 3:
        raise BadData.at(
            path, number, f"needs 3 columns with tabs between them ({', '.join(_HEADING)}), has {len(fields)}"
        )
    return fields[0], fields[1], fields[2]


def _judged(
    queries: Mapping[str, Query], truths: Mapping[str, GroundTruth], items: Mapping[str, Item]
) -> Iterator[Query]:
    """The queries that some truth judges, or all where there is no truth; each with the item that it is."""
    for query in queries.values():
        if not truths or any(query.id in truth.qrels for truth in truths.values()):
            yield replace(query, source=query.source or _source(query, truths, items))


def _source(query: Query, truths: Mapping[str, GroundTruth], items: Mapping[str, Item]) -> str | None:
    """The item of the query's own id, when it shows the same and no truth wants it found.

    Query and document numbers of many collections run side by side and mean nothing by being equal; a false
    source would hide a document from its query, a missed one only leaves the query's twin in the ranking.
    """
    item = items.get(query.id)
    if item is None or (item.text, item.image) != (query.text.strip(), query.image):
        return None
    wanted = any(truth.qrels.get(query.id, {}).get(item.id, 0) >= truth.level for truth in truths.values())
    return None if wanted else item.id


def _item_row(item: Item, folder: Path) -> dict[str, Any]:
    facts = {key: value for key, value in item.facts.items() if key not in _OWN}
    return {"_id": item.id, "title": "", "text": item.text, **_beside(item, folder), **facts}


def _query_row(query: Query, folder: Path) -> dict[str, Any]:
    source = {"source_item_id": query.source} if query.source else {}
    return {"_id": query.id, "text": query.text, **_beside(query, folder), **source}


def _beside(shown: Item | Query, folder: Path) -> dict[str, str]:
    """The keys that stock BEIR does not know, where they say something."""
    image = {"image": keep_image(shown.image, folder)} if shown.image else {}
    return {**image, **({"subject": shown.subject} if shown.subject else {})}


def _dump(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def _write_qrels(path: Path, qrels: Qrels) -> None:
    rows = [(query_id, item_id, str(grade)) for query_id, judged in qrels.items() for item_id, grade in judged.items()]
    for name in (name for row in rows for name in row[:2]):
        if any(mark in name for mark in "\t\r\n"):
            raise BadData(f"{path}: id {name!r} holds a tab or a line break, which a qrels file has no room for")
    path.write_text("".join("\t".join(row) + "\n" for row in (_HEADING, *rows)), encoding="utf-8", newline="\n")
