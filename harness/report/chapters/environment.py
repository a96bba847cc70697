"""Chapter 2, the environment: what was judged on which bank, by whose judgements, and on what machine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from harness.data.catalogue import Description, TruthDescription
from harness.grid.systems import System
from harness.report.blocks import Block, Bullets, Chapter, Section, Text
from harness.report.drawing import Table
from harness.report.results import Results
from harness.report.stored import Stored
from harness.words import Words


def chapter(kept: Stored, words: Words) -> Chapter:
    """Dataset, ground truths, systems, models, machine."""
    sections = (
        Section(words("Dataset"), (*_dataset(kept.results.dataset, words), *_truths(kept.results, words))),
        Section(words("Systems"), (*_systems(kept, words), *_components(kept.environment, words))),
        Section(words("Machine"), (Bullets(tuple(_machine(kept.environment, words))),)),
    )
    return Chapter(words("Environment"), sections)


def _dataset(told: Description, words: Words) -> Iterator[Block]:
    split = ", ".join(f"{name or words('none')} {count:,}" for name, count in told.categories.items())
    yield Text(
        words(
            "{name}: {items} items ({images} with a picture), {queries} queries; by category: {split}; "
            "median length {median} characters.",
            name=f"{told.name}{' (SYNTHETIC)' if told.synthetic else ''}",
            items=f"{told.items:,}",
            images=f"{told.images:,}",
            queries=f"{told.queries:,}",
            split=split,
            median=f"{told.characters.median:,.0f}",
        )
    )
    licence = told.licence or words("not stated")
    yield Text(words("Licence: {licence}. sha256: {digest}.", licence=licence, digest=told.digest))


def _truths(results: Results, words: Words) -> Iterator[Table]:
    header = ("ground truth", "judged how", "picked from", "relevant from grade", "queries", "pairs",
              "relevant per query", "best recall@5 / @10")  # fmt: skip
    rows = tuple(_truth(truth, words) for truth in results.truths)
    if rows:
        yield Table("", tuple(words(name) for name in header), rows, labels=3)


def _truth(truth: TruthDescription, words: Words) -> tuple[str, ...]:
    ceilings = " / ".join(f"{ceiling:.3f}" for ceiling in truth.ceilings.values())
    spread = words(
        "{least} to {most}, mean {mean}",
        least=truth.relevant.least,
        most=truth.relevant.most,
        mean=f"{truth.relevant.mean:.1f}",
    )
    source = truth.provenance
    how = ", ".join(filter(None, (source.method, source.judge, source.date)))
    pools = ", ".join(f"{pool.system} @{pool.depth:,}" for pool in source.pools) or words("not stated")
    counts = f"{truth.queries:,}", f"{truth.pairs:,}"
    return truth.name, how, pools, str(truth.level), *counts, spread, ceilings


def _systems(kept: Stored, words: Words) -> Iterator[Table]:
    """Pipeline complexity is a line of the plan: how many models a system runs, and how many stages it has."""
    header = ("system", "role", "embedder", "retriever", "reranker", "models", "stages")
    components = {part["name"]: part for part in kept.environment.get("components", ())}
    rows = tuple(
        (name, words(system.role), system.embedder or "", system.retriever, system.reranker or "",
         *_complexity(system, components))
        for name, system in kept.results.systems.items()
    )  # fmt: skip
    yield Table("", tuple(words(name) for name in header), rows, labels=5)


def _complexity(system: System, components: Mapping[str, Any]) -> tuple[str, str]:
    """Networks, and steps of a query: a hybrid searches twice and fuses. Blank for a system that was not in the run."""
    named = [name for name in (system.embedder, system.retriever, system.reranker) if name]
    if not all(name in components for name in named):
        return "", ""
    searches = _leaves(system.retriever, components)
    parts = [leaf for name in named for leaf in _leaves(name, components)]
    models = sum(bool(components.get(name, {}).get("on_device")) for name in parts)
    stages = len(searches) + (len(searches) > 1) + (system.embedder is not None) + (system.reranker is not None)
    return str(models), str(stages)


def _leaves(name: str, components: Mapping[str, Any]) -> list[str]:
    """What a component is made of in the end; itself where it has no parts."""
    parts = components.get(name, {}).get("parts") or ()
    return [leaf for part in parts for leaf in _leaves(part, components)] or [name]


def _components(environment: Mapping[str, Any], words: Words) -> Iterator[Table]:
    """Which model exactly: the revision, and every option that was set."""
    header = ("component", "kind", "revision", "options", "licence")
    rows = tuple(
        (part["name"], part["kind"], part["revision"] + (" (random weights)" if part.get("dummy") else ""),
         ", ".join(f"{name}={value}" for name, value in part["options"].items() if value), part["licence"])
        for part in environment.get("components", ())
    )  # fmt: skip
    if rows:
        yield Table("", tuple(words(name) for name in header), rows, labels=len(header))


def _machine(environment: Mapping[str, Any], words: Words) -> Iterator[str]:
    """The versions of all packages stand in environment.json."""
    machine, git = environment["machine"], environment["git"]
    gpus = [f"{gpu['name']} ({gpu['memory_mib']:,} MiB, driver {gpu['driver']})" for gpu in environment["gpus"]]
    changed = words(" and uncommitted changes") if git and git["dirty"] else ""
    facts = {
        "python": environment["python"],
        "platform": machine["platform"],
        "processor": words("{cpu}, {cores} cores", cpu=machine["cpu"], cores=machine["cores"]),
        "memory": f"{machine['memory_gib']} GiB",
        "GPU": ", ".join(gpus) or words("none"),
        "commit": f"{git['commit']}{changed}" if git else words("not a repository"),
        "packages": words("{count}, in environment.json", count=len(environment["packages"])),
    }
    yield from (f"{words(name)}: {fact}" for name, fact in facts.items())
