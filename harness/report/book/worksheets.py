"""Every table of a run as raw numbers, for those who go on reckoning: one sheet per kind of row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from harness.ranking.measures import Metric
from harness.report.book.amounts import Amount, Row, Sheet
from harness.report.book.timesheets import LATENCY, latency, performance
from harness.report.chapters.comparing import held
from harness.report.environment import flat
from harness.report.findings import shared
from harness.report.lines import importance, role
from harness.report.results import Results
from harness.report.stored import Stored
from harness.statistics.intervals import Bounds
from harness.verdict.outcomes import Outcome
from harness.words import Words

VERDICTS = ("candidate", "verdict", "what stands in the way", "policy", "dataset")
CRITERIA = ("candidate", "criterion", "state", "metric", "ground truth", "value", "unit", "n", "at least", "at most",
            "low", "high", "go", "no-go", "baseline", "own", "theirs", "more samples", "sentence")  # fmt: skip
ACCURACY = ("system", "role", "dataset", "ground truth", "level", "scenario", "stratum", "metric", "value", "n",
            "at least", "at most", "low", "high", "ceiling", "struck", "reason")  # fmt: skip
COMPARISONS = ("metric", "ground truth", "reference", "system", "role", "n", "difference", "at least", "at most", "low",
               "high", "p", "p (Holm)", "wins", "ties", "losses", "proven", "tied with the best")  # fmt: skip
QUERIES = ("system", "ground truth", "level", "query", "source item")
WAIVERS = ("waiver", "system", "criterion", "owner", "reason", "until")


def sheets(kept: Stored, words: Words) -> Iterator[Sheet]:
    """In the order in which they are read; one without rows shows that there is nothing of its kind."""
    results, metrics = kept.results, _metrics(kept.results)
    told: dict[str, tuple[tuple[str, ...], Iterable[Row]]] = {
        "verdicts": (VERDICTS, _verdicts(results, words)),
        "criteria": (CRITERIA, _criteria(results, words)),
        "findings": (("system", "finding"), ((systems, words(said)) for said, systems in shared(results))),
        "accuracy": (ACCURACY, _accuracy(results, words)),
        "queries": ((*QUERIES, *metrics), _queries(results, metrics)),
        "comparisons": (COMPARISONS, _comparisons(results, words)),
        "latency": (LATENCY, map(latency, results.samples)),
        "performance": performance(results, words),
        "waivers": (WAIVERS, _waivers(results)),
        "environment": (("name", "value"), _environment(kept)),
    }
    for name, (header, rows) in told.items():
        yield Sheet(words(name), tuple(words(column) for column in header), rows)


def _verdicts(results: Results, words: Words) -> Iterator[Row]:
    dataset = f"{results.dataset.name}{' (SYNTHETIC)' if results.dataset.synthetic else ''}"
    for verdict in results.verdicts:
        yield verdict.system, words(verdict.decision.value), verdict.why(words), verdict.policy, dataset


def _criteria(results: Results, words: Words) -> Iterator[Row]:
    for verdict in results.verdicts:
        yield from (_outcome(outcome, words) for outcome in verdict.outcomes)


def _outcome(outcome: Outcome, words: Words) -> Row:
    """What it was judged by stands beside it even where nothing was measured."""
    unit = Metric.parse(outcome.metric).measure.unit
    related = bool(outcome.baseline) and outcome.value is not None
    sides = (Amount(outcome.own, unit), Amount(outcome.theirs, unit)) if related else (None, None)
    return (
        outcome.system, outcome.criterion, words(outcome.state.value), outcome.metric, outcome.ground_truth,
        Amount(outcome.value, unit), unit, outcome.n, *_ends(outcome.bounds, unit), Amount(outcome.go, unit),
        Amount(outcome.no_go, unit), outcome.baseline, *sides, outcome.more, outcome.told(words),
    )  # fmt: skip


def _accuracy(results: Results, words: Words) -> Iterator[Row]:
    for row in results.measurements:
        if row.ground_truth:
            yield (
                row.system, words(role(results, row.system)), row.dataset, row.ground_truth, row.level, row.scenario,
                row.stratum, row.metric, Amount(row.value, row.unit), row.n, *_ends(row.bounds, row.unit),
                Amount(row.ceiling, row.unit), row.struck, words(row.reason),
            )  # fmt: skip


def _ends(bounds: Bounds | None, unit: str) -> tuple[Amount, ...]:
    """At least, at most, low, high."""
    ends = (bounds.at_least, bounds.at_most, bounds.low, bounds.high) if bounds else (None,) * 4
    return tuple(Amount(end, unit) for end in ends)


def _metrics(results: Results) -> tuple[str, ...]:
    """Of all queries, the most important first."""
    return tuple(sorted({metric for scores in results.queries for metric in scores.values}, key=importance))


def _queries(results: Results, metrics: tuple[str, ...]) -> Iterator[Row]:
    """A row per query, system and ground truth; empty where the query does not count or the run says nothing."""
    for scores in results.queries:
        columns = [scores.values.get(metric) for metric in metrics]
        for place, query_id in enumerate(scores.query_ids):
            values = (Amount(column[place] if column else None) for column in columns)
            source = scores.sources[place] if scores.sources else ""
            yield scores.system, scores.ground_truth, scores.level, query_id, source, *values


def _comparisons(results: Results, words: Words) -> Iterator[Row]:
    """As the analysis tells them: every system but chance less one reference."""
    for criterion, family in held(results):
        for row in family.rows:
            difference, proven = row.difference, "better" if row.better else "worse" if row.worse else ""
            yield (
                criterion.metric, criterion.ground_truth, row.reference, row.system, words(role(results, row.system)),
                difference.n, Amount(difference.mean), *_ends(difference.bounds, ""), Amount(difference.p, "score"),
                Amount(row.adjusted, "score"), difference.wins, difference.ties, difference.losses, words(proven),
                words("yes") if row.tied else "",
            )  # fmt: skip


def _waivers(results: Results) -> Iterator[Row]:
    for waiver in results.waivers:
        yield waiver.id, waiver.system, waiver.criterion, waiver.owner, waiver.reason, waiver.expires


def _environment(kept: Stored) -> Iterator[Row]:
    """What the run was, then every leaf of environment.json."""
    report, policy = kept.results.report, kept.results.policy
    yield "policy", policy.name
    yield "policy.point_estimates", str(policy.point_estimates).lower()
    yield "expected_saving", report.expected_saving
    for name, value in flat(kept.environment):
        yield name, Amount(value, "score") if isinstance(value, float) else _word(value)


def _word(value: str | int | None) -> str | int | None:
    """A spreadsheet has fifteen digits: what needs more of them is a text."""
    return str(value).lower() if isinstance(value, bool) or (isinstance(value, int) and abs(value) > 1e15) else value
