"""trec-run: rankings that exist already, judged as they are: a family, each member with its own TREC run file."""

from __future__ import annotations

from pathlib import Path

from harness import RetrieverSpec, hookimpl
from harness.data.formats import trec
from harness.data.model import Corpus, Queries, Query
from harness.data.run import Run
from harness.errors import BadData


class Stored:
    """Looks rankings up by query id, else by the id of the item that the query is; a query without one gets nothing.

    The run is as deep as its longest ranking, so no cutoff is asked that the file says nothing about. Raises BadData
    at index for documents that are not in the corpus, at search for a file that ranks none of the queries.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._ranked = trec.read_run(path)

    def index(self, corpus: Corpus, /) -> None:
        ranked = dict.fromkeys(doc_id for found in self._ranked.values() for doc_id in found)
        unknown = [doc_id for doc_id in ranked if doc_id not in corpus.positions]
        if unknown:
            raise BadData(
                f"{self.path}: ranks document {unknown[0]!r}, which does not exist among {len(corpus)} items; "
                f"{len(unknown)} of its {len(ranked)} documents do not"
            )
        self._ids = corpus.ids

    def search(self, queries: Queries, top_k: int, /) -> Run:
        found = {query.id: self._found(query) for query in queries.queries}
        if found and not any(found.values()):
            raise BadData(
                f"{self.path}: ranks none of the {len(found)} queries, such as {queries.ids[0]!r}; "
                f"it ranks {len(self._ranked)} others{self._example()}"
            )
        return Run.from_dict(found, self._ids).top(top_k)

    def _found(self, query: Query) -> dict[str, float]:
        name = query.id if query.id in self._ranked else query.source
        return self._ranked.get(name, {}) if name is not None else {}

    def _example(self) -> str:
        return f", such as {next(iter(self._ranked))!r}" if self._ranked else ""


def build(path: str) -> Stored:
    return Stored(Path(path))


@hookimpl
def harness_register_retrievers() -> list[RetrieverSpec]:
    about = "a stored TREC run, looked up by query id"
    return [RetrieverSpec("trec-run", build, revision="1", about=about, stored=True)]
