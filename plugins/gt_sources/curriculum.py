"""curriculum: what the metadata says: items of one curriculum code belong together, those of one unit nearly."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping

from harness import GTSourceSpec, hookimpl
from harness.config import Config
from harness.data.catalogue import truth_names
from harness.data.model import Dataset, GroundTruth, Item, Provenance
from harness.errors import NotMeasured

SAME_CODE, SAME_UNIT = 2, 1
Groups = Mapping[str, list[str]]


class Curriculum:
    """Grade 2 for the same metadata.curriculum_code, 1 for the same unit; no model has looked at anything."""

    def judge(self, dataset: Dataset, /) -> GroundTruth:
        """Raises NotMeasured where no item has both, or no query is an item."""
        items = {item.id: item for item in dataset.corpus.items}
        codes, units = _groups(items.values(), code), _groups(items.values(), unit)
        if not codes or not units:
            raise NotMeasured(f"{dataset.name}: its items carry no {'unit' if codes else 'metadata.curriculum_code'}")
        sources = {query.id: items[query.source] for query in dataset.queries.queries if query.source in items}
        if not sources:
            raise NotMeasured(f"{dataset.name}: its queries are not items, so they have no place in the curriculum")
        qrels = {query_id: _judged(source, codes, units) for query_id, source in sources.items()}
        return GroundTruth("curriculum", qrels, SAME_CODE, _PROVENANCE)


_PROVENANCE = Provenance(
    method="metadata",
    judge="the item bank's editors",
    shown="every item: what shares neither code nor unit is not relevant",
    note="grade 2: same metadata.curriculum_code; grade 1: same unit",
)


def code(item: Item) -> str:
    metadata = item.facts.get("metadata")
    return str(metadata.get("curriculum_code") or "") if isinstance(metadata, Mapping) else ""


def unit(item: Item) -> str:
    return str(item.facts.get("unit") or "")


def _groups(items: Iterable[Item], key: Callable[[Item], str]) -> Groups:
    """Key -> ids of the items that bear it; items without one stand in no group."""
    groups: dict[str, list[str]] = defaultdict(list)
    for item in items:
        if key(item):
            groups[key(item)].append(item.id)
    return groups


def _judged(source: Item, codes: Groups, units: Groups) -> dict[str, int]:
    """The higher grade wins; the item itself is no answer to itself."""
    judged = dict.fromkeys(units.get(unit(source), []), SAME_UNIT)
    judged.update(dict.fromkeys(codes.get(code(source), []), SAME_CODE))
    judged.pop(source.id, None)
    return judged


@hookimpl
def harness_register_gt_sources(config: Config) -> list[GTSourceSpec]:
    if "curriculum" in truth_names(config.dataset):  # the bank's own file of this name goes first
        return []
    about = "same curriculum code (2) or unit (1), from the items' metadata"
    return [GTSourceSpec("curriculum", Curriculum, revision="1", about=about)]
