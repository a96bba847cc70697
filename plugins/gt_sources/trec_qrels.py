"""trec-qrels: judgements of a TREC qrels file: a family, each member with its own file."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path

from harness import GTSourceSpec, hookimpl
from harness.data.formats import trec
from harness.data.model import Dataset, GroundTruth, Provenance
from harness.errors import BadConfig, BadData

_NAMED = 5
"""How many strangers an error names before it only counts them."""


class Judged:
    """The judgements as the file has them; `level` is the grade from which a document counts as relevant.

    Raises BadConfig for a level below 1, BadData for an unusable file.
    """

    def __init__(self, path: Path, level: int) -> None:
        if level < 1:
            raise BadConfig(f"trec-qrels: level {level} is not at least 1: grade 0 is judged and not relevant")
        self.path, self.level = path, level
        self._qrels = trec.read_qrels(path)

    def judge(self, dataset: Dataset, /) -> GroundTruth:
        """Raises BadData naming the queries or documents that the dataset does not have."""
        documents = dict.fromkeys(doc_id for judged in self._qrels.values() for doc_id in judged)
        self._refuse_strangers("queries", self._qrels, set(dataset.queries.ids))
        self._refuse_strangers("documents", documents, dataset.corpus.positions)
        provenance = Provenance(method="trec-qrels", note=self.path.name)
        return GroundTruth("trec-qrels", self._qrels, self.level, provenance)

    def _refuse_strangers(self, kind: str, judged: Iterable[str], known: Collection[str]) -> None:
        strangers = [name for name in judged if name not in known]
        if strangers:
            named = ", ".join(map(repr, strangers[:_NAMED]))
            more = f" and {len(strangers) - _NAMED} more" if len(strangers) > _NAMED else ""
            raise BadData(f"{self.path}: judges {kind} that do not exist among {len(known)}: {named}{more}")


def build(path: str, level: int = 1) -> Judged:
    return Judged(Path(path), level)


@hookimpl
def harness_register_gt_sources() -> list[GTSourceSpec]:
    return [GTSourceSpec("trec-qrels", build, revision="1", about="judgements of a TREC qrels file")]
