"""report.md: the verdict first, then what it rests on; written for whoever decides, in a page that GitHub shows."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from harness.data.catalogue import Description, TruthDescription, describe
from harness.masking import masked
from harness.policy import Criterion
from harness.report import tables
from harness.report.drawing import Table, escape
from harness.report.findings import missing, shared
from harness.report.results import Results
from harness.verdict.criteria import Decision, Verdict

BROKEN_DOWN = ("recall@5", "recall@10", "mrr")
"""Metrics that are shown by category and by subject, on the ground truths that the policy judges."""

SYNTHETIC = (
    "> **SYNTHETIC.** Items and judgements of this bank were made by a program. "
    "The figures compare systems on it; they do not speak of real items."
)


def report(results: Results, environment: Mapping[str, Any], command: Sequence[str]) -> str:
    """The whole page. Everything that comes from data is escaped."""
    judged = {criterion.ground_truth for criterion in results.policy.criterion if criterion.ground_truth}
    broken_down = (t for metric in BROKEN_DOWN for t in tables.by_stratum(results, metric, truths=judged))
    sections = {
        "Verdict": _verdict(results),
        "Findings": _findings(results),
        "What was not measured, and why": _not_measured(results),
        "What Go means here": _policy(results),
        "Accuracy": _titled(tables.accuracy(results)),
        "By category and subject": _titled(broken_down),
        "Scenarios": _titled(tables.scenarios(results, truths=judged)),
        "Similarity": _titled(tables.similarity(results)),
        "Performance": _titled(tables.performance(results)),
        "Stability": _titled(tables.health(results)),
        "Systems": [*_systems(results), *_components(environment)],
        "Dataset": _dataset(results),
        "Environment": _environment(environment),
        "Reproduce": ["```sh", shlex.join(masked(command)), "```"],
    }
    head = [f"# Go, or No-Go? {escape(results.dataset.name)} under policy {escape(results.policy.name)}"]
    head += ["", SYNTHETIC] if results.dataset.synthetic else []
    return "\n".join([*head, *(line for name, lines in sections.items() for line in _section(name, lines))]) + "\n"


def _section(name: str, lines: Iterable[str]) -> list[str]:
    """A heading and its lines; nothing where there are none."""
    kept = list(lines)
    return ["", f"## {name}", "", *kept] if kept else []


def _titled(drawn: Iterable[Table]) -> Iterator[str]:
    for place, table in enumerate(drawn):
        yield from (*([""] if place else []), f"**{escape(table.title)}**", "", table.markdown())


def _verdict(results: Results) -> Iterator[str]:
    judged = results.verdicts
    if not judged:
        yield "No verdict: no criterion was judged in this run."
        return
    go = [verdict.system for verdict in judged if verdict.decision is Decision.GO]
    yield f"**{len(go)} of {len(judged)} candidates: GO.** Judged by point estimates; no interval is claimed."
    for table in (*tables.verdicts(results), *tables.criteria(results)):
        yield from ("", table.markdown())
    for verdict in judged:
        yield from _open_ends(verdict)


def _open_ends(verdict: Verdict) -> Iterator[str]:
    sentences = [outcome.sentence for outcome in verdict.outcomes if not outcome.state.passes]
    if sentences:
        yield from ("", f"{escape(verdict.system)} is {verdict.decision}:", "", *(f"- {escape(s)}" for s in sentences))


def _policy(results: Results) -> Iterator[str]:
    policy = results.policy
    if policy.about:
        yield from (escape(policy.about), "")
    header = ("criterion", "metric", "on", "go", "no-go", "asked of", "about")
    rows = tuple(_criterion(criterion) for criterion in policy.criterion)
    yield Table("", header, rows, labels=len(header)).markdown()


def _criterion(criterion: Criterion) -> tuple[str, ...]:
    """A criterion as a reader says it: "recall@5 minus bm25's", ">= 80 %"."""
    better, worse = (">=", "<") if criterion.sign > 0 else ("<=", ">")
    metric = f"{criterion.metric} minus {criterion.baseline}'s" if criterion.baseline else criterion.metric
    grade = f" (grade >= {criterion.relevance})" if criterion.relevance else ""
    no_go = "" if criterion.no_go is None else f"{worse} {criterion.no_go}"
    on = f"{criterion.ground_truth}{grade}" if criterion.ground_truth else ""
    return criterion.id, metric, on, f"{better} {criterion.go}", no_go, criterion.when, criterion.about


def _systems(results: Results) -> Iterator[str]:
    header = ("system", "role", "embedder", "retriever", "reranker")
    rows = tuple(
        (name, system.role, system.embedder or "", system.retriever, system.reranker or "")
        for name, system in results.systems.items()
    )
    yield Table("", header, rows, labels=len(header)).markdown()


def _components(environment: Mapping[str, Any]) -> Iterator[str]:
    """Which model exactly: the revision, and every option that was set."""
    header = ("component", "kind", "revision", "options", "licence")
    rows = tuple(
        (part["name"], part["kind"], part["revision"] + (" (random weights)" if part.get("dummy") else ""),
         ", ".join(f"{name}={value}" for name, value in part["options"].items() if value), part["licence"])
        for part in environment.get("components", ())
    )  # fmt: skip
    if rows:
        yield from ("", Table("", header, rows, labels=len(header)).markdown())


def _findings(results: Results) -> Iterator[str]:
    for sentence, systems in shared(results):
        yield f"- {f'**{escape(systems)}**: ' if systems else ''}{escape(sentence)}"


def _not_measured(results: Results) -> Iterator[str]:
    for reason, metrics in missing(results.measurements).items():
        yield f"- {escape(', '.join(metrics))}: {escape(reason)}"


def _dataset(results: Results) -> Iterator[str]:
    told = describe(results.dataset)
    yield f"{escape(told.name)}{' (SYNTHETIC)' if results.dataset.synthetic else ''}: {_counted(told)}."
    yield f"Licence: {escape(results.dataset.licence) or 'not stated'}. sha256: {results.dataset.digest}."
    header = ("ground truth", "relevant from grade", "queries", "pairs", "relevant per query", "best recall@5 / @10")
    rows = tuple(_truth(truth) for truth in told.truths)
    if rows:
        yield from ("", Table("", header, rows).markdown())


def _counted(told: Description) -> str:
    split = [f"{name or 'none'} {count:,}" for name, count in told.categories.items()]
    text = f"{told.items:,} items ({told.images:,} with a picture), {told.queries:,} queries"
    return escape(f"{text}; by category: {', '.join(split)}; median length {told.characters.median:,.0f} characters")


def _truth(truth: TruthDescription) -> tuple[str, ...]:
    ceilings = " / ".join(f"{ceiling:.3f}" for ceiling in truth.ceilings.values())
    spread = f"{truth.relevant.least} to {truth.relevant.most}, mean {truth.relevant.mean:.1f}"
    return truth.name, str(truth.level), f"{truth.queries:,}", f"{truth.pairs:,}", spread, ceilings


def _environment(environment: Mapping[str, Any]) -> Iterator[str]:
    """The machine; the versions of all packages stand in environment.json."""
    machine, git = environment["machine"], environment["git"]
    gpus = [f"{gpu['name']} ({gpu['memory_mib']:,} MiB, driver {gpu['driver']})" for gpu in environment["gpus"]]
    facts = {
        "python": environment["python"],
        "platform": machine["platform"],
        "processor": f"{machine['cpu']}, {machine['cores']} cores",
        "memory": f"{machine['memory_gib']} GiB",
        "GPU": ", ".join(gpus) or "none",
        "commit": f"{git['commit']}{' and uncommitted changes' if git['dirty'] else ''}" if git else "not a repository",
        "packages": f"{len(environment['packages'])}, in environment.json",
    }
    yield from (f"- {name}: {escape(str(fact))}" for name, fact in facts.items())
