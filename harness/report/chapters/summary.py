"""Chapter 1, the summary: the verdict of every candidate, what stands in its way, and who answers for that."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from math import isfinite

from harness.ranking.measures import Metric
from harness.ranking.units import shown_apart
from harness.report import tables
from harness.report.blocks import Block, Box, Bullets, Chapter, Field, Section, Text
from harness.report.drawing import Table
from harness.report.findings import shared
from harness.report.gate import standings
from harness.report.lines import NOTHING
from harness.report.results import Results
from harness.report.stored import Stored
from harness.verdict.outcomes import Decision, Outcome, State
from harness.words import Words

SYNTHETIC = (
    "SYNTHETIC. Items and judgements of this bank were made by a program. "
    "The figures compare systems on it; they do not speak of real items."
)
POINTS = "Judged by point estimates, as --point-estimates asks: no sampling error is reckoned with."
BOUNDS = (
    "Judged by what the samples prove: a criterion is met where the one-sided 95 % bound clears its threshold, "
    "and unproven where only the value itself does."
)


def chapter(kept: Stored, words: Words) -> Chapter:
    """The verdict box first."""
    results = kept.results
    sections = (
        Section(words("Verdict"), tuple(_verdict(results, words))),
        Section(words("Criteria"), (*tables.criteria(results, words), *_proven(results, words))),
        Section(words("Waivers"), tuple(_waivers(kept, words))),
        Section(words("Findings"), tuple(_findings(results, words))),
        Section(words("What the owner states"), (_saving(results, words),)),
    )
    return Chapter(words("Summary"), sections)


def boxes(results: Results, words: Words) -> Iterator[Box]:
    """One per candidate, in the grid's order."""
    for verdict in results.verdicts:
        judged = (o.told(words) for o in verdict.outcomes if not o.state.passes and o.state is not State.NOT_MEASURED)
        sentences = (*judged, *verdict.unmeasured(words))
        yield Box(verdict.system, verdict.decision.value, words(verdict.decision.value), verdict.why(words), sentences)


def headline(results: Results, words: Words) -> str:
    """How many of the candidates are GO."""
    judged = results.verdicts
    if not judged:
        return words("No verdict: no criterion was judged in this run.")
    go = sum(verdict.decision is Decision.GO for verdict in judged)
    return words("{go} of {n} candidates: GO.", go=go, n=len(judged))


def _verdict(results: Results, words: Words) -> Iterator[Block]:
    if results.dataset.synthetic:
        yield Text(words(SYNTHETIC), "warning")
    if results.policy.point_estimates:
        yield Text(words(POINTS), "warning")
    yield Text(headline(results, words), "lead")
    yield from boxes(results, words)
    if not results.policy.point_estimates:
        yield Text(words(BOUNDS))


def _proven(results: Results, words: Words) -> Iterator[Table]:
    """Every state with what it rests on, of what is met too."""
    header = ("candidate", "criterion", "state", "value", "n", "what is proven", "needs")
    outcomes = (outcome for verdict in results.verdicts for outcome in verdict.outcomes)
    rows = tuple(_basis(outcome, words) for outcome in outcomes if outcome.value is not None)
    if rows:
        yield Table(words("what was proven"), tuple(words(name) for name in header), rows, labels=3)


def _basis(outcome: Outcome, words: Words) -> tuple[str, ...]:
    """The end of the bounds that is shown is the one on which the state rests, as in the outcome's sentence."""
    measure, value, bounds = Metric.parse(outcome.metric).measure, outcome.value or 0.0, outcome.bounds
    number, go = shown_apart(value, outcome.go, measure.unit)
    least = (outcome.state in (State.MET, State.UNPROVEN)) == measure.higher_is_better
    end = (bounds.at_least if least else bounds.at_most) if bounds else float("nan")
    proven = f"{'>=' if least else '<='} {shown_apart(end, outcome.go, measure.unit)[0]}" if isfinite(end) else NOTHING
    needs = f"{'>=' if measure.higher_is_better else '<='} {go}"
    return outcome.system, outcome.criterion, words(outcome.state.value), number, f"{outcome.n:,}", proven, needs


def _waivers(kept: Stored, words: Words) -> Iterator[Block]:
    """Who answers for what, and whether that held on the day of the run."""
    header = ("waiver", "system", "criterion", "owner", "reason", "until", "on the day of the run")
    today = date.fromisoformat(kept.environment["date"]) if "date" in kept.environment else date.min
    rows = tuple(
        (waiver.id, waiver.system, waiver.criterion, waiver.owner, waiver.reason, waiver.expires.isoformat(),
         words(wrong or "in force"))
        for waiver, wrong in standings(kept.results, today)
    )  # fmt: skip
    if rows:
        yield Text(words("A waiver opens the gate and changes no verdict."))
        yield Table("", tuple(words(name) for name in header), rows, labels=len(header))


def _findings(results: Results, words: Words) -> Iterator[Block]:
    told = tuple(
        f"{systems}: {words(sentence)}" if systems else words(sentence) for sentence, systems in shared(results)
    )
    if told:
        yield Bullets(told)


def _saving(results: Results, words: Words) -> Field:
    return Field(words("Expected saving"), results.report.expected_saving)
