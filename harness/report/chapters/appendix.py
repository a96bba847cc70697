"""Chapter 7, the appendix: what Go meant, what was not measured, and how to have every number again."""

from __future__ import annotations

from collections.abc import Iterator

from harness.policy import Criterion
from harness.report.blocks import Block, Bullets, Chapter, Command, Section, Text
from harness.report.chapters.commands import again
from harness.report.drawing import Table
from harness.report.findings import missing
from harness.report.results import Results
from harness.report.stored import Stored
from harness.words import Words

METHOD = (
    "hit@k, shares of calls: exact bounds (Clopper and Pearson). Means of per-query values: the bound of Gaffke, "
    "whole source items at a time. Percentiles: order statistics. Differences: paired by query; of the p of a "
    "randomisation test and the p of the bound the larger one, adjusted by Holm. docs/statistics.md says how often "
    "each of them errs."
)


def chapter(kept: Stored, words: Words) -> Chapter:
    """For whoever checks."""
    sections = (
        Section(words("What Go means here"), tuple(_policy(kept.results, words))),
        Section(words("What was not measured, and why"), tuple(_not_measured(kept.results, words))),
        Section(words("How sure the numbers are"), (Text(words(METHOD)),)),
        Section(words("Reproduce"), (Command(again(kept)),)),
    )
    return Chapter(words("Appendix"), sections)


def _policy(results: Results, words: Words) -> Iterator[Block]:
    policy = results.policy
    if policy.about:
        yield Text(policy.about)
    header = ("criterion", "metric", "on", "go", "no-go", "asked of", "about")
    rows = tuple(_criterion(criterion, words) for criterion in policy.criterion)
    yield Table("", tuple(words(name) for name in header), rows, labels=len(header))


def _criterion(criterion: Criterion, words: Words) -> tuple[str, ...]:
    """A criterion as a reader says it: "recall@5 minus bm25's", ">= 80 %"."""
    better, worse = (">=", "<") if criterion.sign > 0 else ("<=", ">")
    metric = criterion.metric
    if criterion.baseline:
        metric = words("{metric} minus {baseline}'s", metric=metric, baseline=criterion.baseline)
    grade = f" (>= {criterion.relevance})" if criterion.relevance else ""
    no_go = "" if criterion.no_go is None else f"{worse} {criterion.no_go}"
    on = f"{criterion.ground_truth}{grade}" if criterion.ground_truth else ""
    return criterion.id, metric, on, f"{better} {criterion.go}", no_go, words(criterion.when), criterion.about


def _not_measured(results: Results, words: Words) -> Iterator[Block]:
    told = tuple(f"{', '.join(metrics)}: {words(why)}" for why, metrics in missing(results.measurements).items())
    if told:
        yield Bullets(told)
