"""The truth files of an item bank, in both forms that the plan shows; the queries are defined in them.

12.1   {"queries": [{query_id, source_item_id, query_type, relevant_items: [{id, relevance}]}]}
4.4    {query_id, query_text, query_image, relevant_items}, one or a list of them

The keys of both may stand in one entry. A file may also state its "level" and "provenance".

A query is the item that source_item_id names, else the one of its own id, else one that shows the same text and
picture, unless some truth wants that one found.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from harness.data.formats.content import Content, content_of, image_of
from harness.data.formats.lines import Problems, Row, as_row, json_document
from harness.data.formats.truths import header, level_of, provenance_of
from harness.data.images import keep_image
from harness.data.model import A_GRADE, GRADES, Dataset, GroundTruth, Item, Qrels, Query


class TruthReader:
    """Reads truth files about `items`, and gathers in `queries` what they define; two may not disagree."""

    def __init__(self, folder: Path, items: Mapping[str, Item]) -> None:
        self.folder, self.items = folder, items
        self.queries: dict[str, Query] = {}
        self._defined_in: dict[str, Path] = {}

    def read(self, name: str, path: Path, problems: Problems) -> GroundTruth | None:
        """None where the file as a whole cannot be used; what is wrong is kept in `problems`."""
        with problems:
            top, entries = _entries(path, json_document(path))
            if not entries:
                raise top.error("holds no queries")
            qrels: dict[str, dict[str, int]] = {}
            for number, entry in enumerate(entries, 1):
                with problems:
                    self._add(path, f"{path}: query {number}", entry, qrels, problems)
            return GroundTruth(name, qrels, level_of(top, qrels), provenance_of(top))
        return None

    def recognised(self, truths: Iterable[GroundTruth]) -> list[Query]:
        """The queries, those too that only their text and picture show to be an item: it would find itself."""
        twins: dict[tuple[str, Path | None], list[Item]] = {}
        for item in self.items.values():
            twins.setdefault(_shown(item), []).append(item)
        judged = [truth.qrels for truth in truths]
        return [
            query if query.source else _as_one_of(twins.get(_shown(query), []), query, judged)
            for query in self.queries.values()
        ]

    def _add(self, path: Path, place: str, entry: Any, qrels: dict[str, dict[str, int]], problems: Problems) -> None:
        row = as_row(place, entry)
        query_id = row.id("query_id")
        row = Row(f"{place} ({query_id})", row.content)
        if query_id in qrels:
            raise row.error("the query stands twice in this file")
        query = self._query(row, query_id)
        if self.queries.setdefault(query_id, query) != query:
            raise row.error(f"differs from the query of this id in {self._defined_in[query_id]}")
        self._defined_in.setdefault(query_id, path)
        qrels[query_id] = self._judgements(row, query, problems)

    def _query(self, row: Row, query_id: str) -> Query:
        source = self._source(row, query_id)
        content, subject = self._content(row, source), source.subject if source else ""
        source_id = source.id if source else None
        return Query(query_id, content.text, content.image, content.category, subject, source_id)

    def _source(self, row: Row, query_id: str) -> Item | None:
        """The item that the query is: named as such, or of the query's own id."""
        if row.content.get("source_item_id") is None:
            return self.items.get(query_id)
        source_id = row.id("source_item_id")
        if source_id not in self.items:
            raise row.error(f"source {_unknown(source_id, self.items)}")
        return self.items[source_id]

    def _content(self, row: Row, source: Item | None) -> Content:
        """The source's text and picture, unless the entry gives its own (null: none)."""
        text, image = (source.text, source.image) if source else ("", None)
        if "query_text" in row.content:
            text = row.get("query_text", str, "")
        if "query_image" in row.content:
            image = image_of(row, self.folder, row.get("query_image", str, ""))
        return content_of(row, text, image)

    def _judgements(self, row: Row, query: Query, problems: Problems) -> dict[str, int]:
        judged: dict[str, int] = {}
        for one in row.rows("relevant_items", "relevant item"):
            with problems:
                item_id, grade = one.id("id"), one.need("relevance", int)
                self._refuse(one, item_id, grade, query)
                if item_id in judged:
                    raise one.error(f"item {item_id!r} stands twice")
                judged[item_id] = grade
        return judged

    def _refuse(self, row: Row, item_id: str, grade: int, query: Query) -> None:
        if item_id not in self.items:
            raise row.error(f"item {_unknown(item_id, self.items)}")
        if grade not in GRADES:
            raise row.error(f"item {item_id!r}: grade {grade} is not {A_GRADE}")
        if item_id == query.source and grade > 0:
            raise row.error(f"item {item_id!r} is the query itself, which never retrieves itself")


def _shown(one: Item | Query) -> tuple[str, Path | None]:
    return one.text.strip(), one.image


def _as_one_of(twins: Iterable[Item], query: Query, judged: Sequence[Qrels]) -> Query:
    """The query as the first of `twins` that no truth wants found, else as it was."""
    for item in twins:
        if all(qrels.get(query.id, {}).get(item.id, 0) <= 0 for qrels in judged):
            return replace(query, source=item.id, subject=item.subject)
    return query


def document(truth: GroundTruth, dataset: Dataset, folder: Path) -> dict[str, Any]:
    """A truth file in form 12.1; a query's text and picture stand there where they are not its source's."""
    items = {item.id: item for item in dataset.corpus.items}
    judged = (query for query in dataset.queries.queries if query.id in truth.qrels)
    return {
        **header(truth),
        "queries": [_entry(query, items, truth.qrels[query.id], folder) for query in judged],
    }


def _entry(query: Query, items: Mapping[str, Item], judged: Mapping[str, int], folder: Path) -> dict[str, Any]:
    source = items.get(query.source) if query.source else None
    entry: dict[str, Any] = {
        "query_id": query.id,
        "source_item_id": query.source,
        "query_type": "similar_item",
    }
    if source is None or source.text != query.text:
        entry["query_text"] = query.text
    if source is None or source.image != query.image:
        entry["query_image"] = None if query.image is None else keep_image(query.image, folder)
    return {
        **entry,
        "relevant_items": [{"id": item_id, "relevance": grade} for item_id, grade in judged.items()],
    }


def _entries(path: Path, content: Any) -> tuple[Row, Sequence[Any]]:
    """The file's top level and its query entries, in whichever form."""
    if isinstance(content, list):
        return Row(str(path), {}), content
    top = as_row(str(path), content)
    if "queries" in top.content:
        return top, top.need("queries", list)
    if "query_id" in top.content:
        return top, [content]
    raise top.error(f"needs 'queries' or a 'query_id'; there are: {', '.join(top.content) or 'no keys'}")


def _unknown(item_id: str, items: Mapping[str, Item]) -> str:
    near = get_close_matches(item_id, _alike(item_id, items), n=1, cutoff=0.5)
    meant = f"; did you mean {near[0]!r}?" if near else ""
    return f"{item_id!r} does not exist among {len(items)} items{meant}"


def _alike(item_id: str, ids: Iterable[str]) -> Iterator[str]:
    """Ids worth comparing: difflib over each of 176,443 would take seconds for every mistake."""
    start = item_id[:2].lower()
    return (other for other in ids if other[:2].lower() == start and abs(len(other) - len(item_id)) < 2)
