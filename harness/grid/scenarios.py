"""Scenarios: what a query shows, what an item shows, and whether a second stage orders anew; the plan's S1 to S5."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Literal, TypeVar

from harness.data.model import Corpus, Dataset, Item, Queries, Query
from harness.grid.systems import System, embeds
from harness.plugging.registry import Registry

Shows = Literal["text", "image", "both"]
Row = TypeVar("Row", Item, Query)


@dataclass(frozen=True, slots=True)
class Scenario:
    """`query` and `item` are what is shown of them; `reranked` whether a system with a second stage plays it."""

    name: str
    query: Shows
    item: Shows
    reranked: bool
    about: str

    @property
    def needs(self) -> frozenset[str]:
        """The modalities that a system must see for the scenario to mean anything."""
        return frozenset({"text", "image"} if "both" in {self.query, self.item} else {self.query, self.item})


SCENARIOS: Mapping[str, Scenario] = MappingProxyType(
    {
        scenario.name: scenario
        for scenario in (
            Scenario("S1", "text", "text", False, "text query, text of the items"),
            Scenario("S2", "text", "both", False, "text query, items with their pictures"),
            Scenario("S3", "image", "image", False, "picture query, pictures of the items"),
            Scenario("S4", "both", "both", False, "text and picture, items with their pictures"),
            Scenario("S5", "both", "both", True, "as S4, reranked"),
        )
    }
)


def plays(scenario: Scenario, system: System, registry: Registry) -> bool:
    """Whether a system takes part: it sees what is shown, and has a second stage exactly where one is asked for."""
    return scenario.reranked == (system.reranker is not None) and sees(scenario, system, registry)


def sees(scenario: Scenario, system: System, registry: Registry) -> bool:
    """Whether a system sees what is shown, reranked or not: so chance is a floor of S5 too."""
    return scenario.needs <= _sees(system, registry)


def _sees(system: System, registry: Registry) -> frozenset[str]:
    """What reads words reads text; a model sees what its spec says."""
    if system.embedder is None or not embeds(registry, system.retriever):
        return frozenset({"text"})
    return frozenset(registry.embedders[system.embedder].modalities)


def staged(dataset: Dataset, scenario: Scenario) -> Dataset:
    """The dataset as the scenario shows it, without its ground truths (those judge the items, not what is shown).

    Where only pictures are shown, a query without one is not asked. An item without one shows its text: there is
    nothing else to show of it, and leaving it out would make the search easier.
    """
    corpus = Corpus(_shown(item, scenario.item) for item in dataset.corpus.items)
    asked = [query for query in dataset.queries.queries if scenario.query != "image" or query.image is not None]
    queries = Queries.against(corpus, [_shown(query, scenario.query) for query in asked])
    return replace(dataset, corpus=corpus, queries=queries, truths={})


def _shown(row: Row, shows: Shows) -> Row:
    if row.image is None or shows == "both":
        return row
    return replace(row, image=None) if shows == "text" else replace(row, text="")
