"""The short form of a report, for the page that GitHub shows beside a workflow's run."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from harness.report.chapters.summary import POINTS, SYNTHETIC, headline
from harness.report.drawing import Table, escape
from harness.report.findings import shared
from harness.report.results import Results
from harness.verdict.waivers import standing
from harness.words import Words

VARIABLE = "GITHUB_STEP_SUMMARY"
"""Names the file to which a step of a workflow appends what shall be shown of it."""

CANDIDATES, FINDINGS, LONGEST = 12, 6, 300
"""How many are told, and characters of a finding: it is to be read at a glance."""


def short(results: Results, where: str, words: Words) -> str:
    """Markdown of some thirty lines at most; `where` is the report, empty where none could be written."""
    names = {"dataset": results.dataset.name, "policy": results.policy.name}
    parts = [f"## {escape(words('Go, or No-Go? {dataset} under policy {policy}', **names))}"]
    parts += [f"> **{escape(words(SYNTHETIC))}**"] if results.dataset.synthetic else []
    parts += [f"> {escape(words(POINTS))}"] if results.policy.point_estimates else []
    parts += [f"**{escape(headline(results, words))}**", *_verdicts(results, words)]
    parts += [*_waived(results, words), *_findings(results, words)]
    parts += [escape(words("report: {where}", where=where))] if where else []
    return "\n\n".join(parts) + "\n"


def publish(text: str) -> str:
    """Appends to the file that the environment names, if it names one; gives the line that says why it could not."""
    named = os.environ.get(VARIABLE)
    if not named:
        return ""
    try:
        with Path(named).open("a", encoding="utf-8") as file:
            file.write(f"{text}\n")
    except OSError as error:
        return f"{VARIABLE}: {named} cannot be written: {error.strerror or error}"
    return ""


def _verdicts(results: Results, words: Words) -> Iterator[str]:
    judged = results.verdicts
    header = tuple(words(name) for name in ("candidate", "verdict", "what stands in the way"))
    rows = tuple((verdict.system, words(verdict.decision.value), verdict.why(words)) for verdict in judged)
    if rows:
        yield Table("", header, rows[:CANDIDATES], labels=3).markdown()
    yield from _more(len(rows) - CANDIDATES, words)


def _waived(results: Results, words: Words) -> Iterator[str]:
    """Who answers, and how long, for what does not pass."""
    today = datetime.now(UTC).date()
    failed = [outcome for verdict in results.verdicts for outcome in verdict.outcomes if not outcome.state.passes]
    held = [waiver for outcome in failed if (waiver := standing(results.waivers, outcome, today))]
    template = "waived: {criterion} of {system}, by {owner} until {until}"
    told = [words(template, **waiver.model_dump(), until=waiver.expires) for waiver in held]
    if told:
        yield "\n".join(f"- {escape(line)}" for line in told[:FINDINGS])
    yield from _more(len(told) - FINDINGS, words)


def _findings(results: Results, words: Words) -> Iterator[str]:
    told = [f"{systems}: {words(said)}" if systems else words(said) for said, systems in shared(results)]
    if told:
        yield "\n".join(
            f"- {escape(line if len(line) <= LONGEST else line[:LONGEST] + '…')}" for line in told[:FINDINGS]
        )
    yield from _more(len(told) - FINDINGS, words)


def _more(beyond: int, words: Words) -> Iterator[str]:
    if beyond > 0:
        yield words("and {n} more, in the report", n=beyond)
