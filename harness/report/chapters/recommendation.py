"""Chapter 6, the recommendation: what to do with each candidate, what would change that, and who signs."""

from __future__ import annotations

from collections.abc import Iterator

from harness.ranking.measures import Metric
from harness.ranking.units import shown_apart
from harness.report.blocks import Block, Bullets, Chapter, Field, Section, Text
from harness.report.chapters.summary import POINTS, SYNTHETIC
from harness.report.stored import Stored
from harness.verdict.outcomes import Decision, Outcome, State, Verdict
from harness.words import Words

ADVICE = {
    Decision.GO: "{system}: Go. Every criterion is met.",
    Decision.CONDITIONAL: "{system}: a person decides. {why}.",
    Decision.NO_GO: "{system}: No-Go. {why}.",
    Decision.INCOMPLETE: "{system}: no decision is possible yet. {why}.",
}
SIGNED = ("Decision", "Name", "Date", "Signature")


def chapter(kept: Stored, words: Words) -> Chapter:
    """One sentence per candidate; the lines to sign stay blank."""
    judged = kept.results.verdicts
    advice = tuple(words(ADVICE[v.decision], system=v.system, why=v.why(words)) for v in judged)
    sections = (
        Section(words("What follows"), (*_caveats(kept, words), *((Bullets(advice),) if advice else ()))),
        Section(words("What would change it"), tuple(_remedies(judged, words))),
        Section(words("Signed"), tuple(Field(words(label)) for label in SIGNED)),
    )
    return Chapter(words("Recommendation"), sections)


def _caveats(kept: Stored, words: Words) -> Iterator[Block]:
    """What nobody may have forgotten by the time of signing."""
    results = kept.results
    if results.verdicts and results.dataset.synthetic:
        yield Text(words(SYNTHETIC), "warning")
    if results.verdicts and results.policy.point_estimates:
        yield Text(words(POINTS), "warning")


def _remedies(judged: list[Verdict], words: Words) -> Iterator[Block]:
    """Of whatever does not pass, what would let it."""
    for verdict in judged:
        wanting = (o for o in verdict.outcomes if not o.state.passes and o.state is not State.NOT_MEASURED)
        told = (f"{outcome.criterion}: {_remedy(outcome, words)}" for outcome in wanting)
        if lines := (*told, *verdict.unmeasured(words)):
            yield Bullets(lines, verdict.system)


def _remedy(outcome: Outcome, words: Words) -> str:
    """What is unproven wants more queries, what is bad another value, what is not measured what its sentence names."""
    if outcome.value is None or outcome.state not in (State.UNMET, State.RULED_OUT):
        return outcome.remedy(words) or outcome.told(words)
    measure = Metric.parse(outcome.metric).measure
    value, go = shown_apart(outcome.value, outcome.go, measure.unit)
    template = "{value} must rise to {go}" if measure.higher_is_better else "{value} must fall to {go}"
    told = words(template, value=value, go=go)
    if outcome.state is State.RULED_OUT:
        return words("{remedy}; more samples alone would not change it", remedy=told)
    return told
