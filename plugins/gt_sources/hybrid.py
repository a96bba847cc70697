"""hybrid: pairs on which several ground truths agree: all of them, any, or most."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Literal

from harness import GTSourceSpec, hookimpl
from harness.config import Config
from harness.data.catalogue import truth_names
from harness.data.model import Dataset, GroundTruth, Provenance
from harness.errors import BadConfig, NotMeasured

HOW = ("intersection", "union", "majority")
How = Literal["intersection", "union", "majority"]


class Hybrid:
    """Grade 1 for every pair that enough parents call relevant, each at its own level; other queries are dropped.

    Provenance inherits the pools of all parents: agreeing with somebody does not make a judged system a stranger.
    """

    def __init__(self, parts: Mapping[str, GroundTruth], how: How) -> None:
        if how not in HOW:
            raise BadConfig(f"hybrid: how {how!r} is none of {', '.join(HOW)}")
        if len(parts) < 2:
            raise BadConfig(f"hybrid: needs at least two ground truths as parts; got {', '.join(parts) or 'none'}")
        self.parents, self.how = dict(parts), how

    def judge(self, dataset: Dataset, /) -> GroundTruth:
        """Raises NotMeasured where no pair is left."""
        votes = Counter(pair for truth in self.parents.values() for pair in relevant(truth))
        qrels: dict[str, dict[str, int]] = {}
        for (query_id, doc_id), count in votes.items():
            if count >= self._needed:
                qrels.setdefault(query_id, {})[doc_id] = 1
        if not qrels:
            raise NotMeasured(f"{dataset.name}: no pair is relevant in the {self.how} of {' and '.join(self.parents)}")
        return GroundTruth("hybrid", qrels, 1, self._provenance())

    @property
    def _needed(self) -> int:
        """How many parents must call a pair relevant."""
        return {"intersection": len(self.parents), "union": 1, "majority": len(self.parents) // 2 + 1}[self.how]

    def _provenance(self) -> Provenance:
        parents = [truth.provenance for truth in self.parents.values()]
        return Provenance(
            method=f"{self.how} of {' and '.join(self.parents)}",
            judge=" and ".join(dict.fromkeys(parent.judge for parent in parents if parent.judge)),
            pools=tuple(dict.fromkeys(pool for parent in parents for pool in parent.pools)),
            date=max(parent.date for parent in parents),
            shown="positives only",
        )


def relevant(truth: GroundTruth) -> set[tuple[str, str]]:
    """The (query id, document id) pairs at or above the truth's level."""
    return {
        (query_id, doc_id)
        for query_id, judged in truth.qrels.items()
        for doc_id, grade in judged.items()
        if grade >= truth.level
    }


def build(parts: Mapping[str, GroundTruth], *, how: How = "intersection") -> Hybrid:
    return Hybrid(parts, how)


@hookimpl
def harness_register_gt_sources(config: Config) -> list[GTSourceSpec]:
    names = truth_names(config.dataset)
    if "hybrid" in names:  # the bank's own file of this name goes first
        return []
    # Without labels there is nothing to agree with: then `parts` is an option that a table in harness.toml must give.
    parts = ("tfidf", "labels") if "labels" in names else ()
    about = "pairs on which several ground truths agree"
    return [GTSourceSpec("hybrid", build, revision="1", about=about, parts=parts)]
