"""What became of a criterion, and of a candidate: states, decisions, and the sentences that tell them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from math import isfinite

from harness.ranking.measures import Metric
from harness.ranking.units import shown, shown_apart
from harness.statistics.intervals import Bounds
from harness.words import ENGLISH, Words


class State(StrEnum):
    """What is known of one criterion. Only MET and NOT_APPLICABLE let a system pass."""

    MET = "met"
    UNPROVEN = "unproven"
    UNMET = "unmet"
    RULED_OUT = "ruled out"
    NOT_MEASURED = "not measured"
    NOT_APPLICABLE = "not applicable"

    @property
    def passes(self) -> bool:
        return self in (State.MET, State.NOT_APPLICABLE)


class Decision(StrEnum):
    """The answer for one candidate."""

    GO = "GO"
    CONDITIONAL = "CONDITIONAL"
    NO_GO = "NO-GO"
    INCOMPLETE = "INCOMPLETE"


@dataclass(frozen=True, slots=True)
class Outcome:
    """A criterion's state for one system, and everything that its sentence says.

    `value` is what was judged: the system's own, or with a `baseline` the difference `own` - `theirs`. `more` is how
    many samples beyond `n` would prove it if they went on alike. Without a value, `reason` says why.
    """

    system: str
    criterion: str
    state: State
    metric: str
    ground_truth: str = ""
    value: float | None = None
    n: int = 0
    bounds: Bounds | None = None
    go: float = 0.0
    no_go: float | None = None
    baseline: str = ""
    own: float = 0.0
    theirs: float = 0.0
    more: int | None = None
    reason: str = ""

    def __post_init__(self) -> None:
        # What crossed a process border, or was read from a file, is of no class of ours.
        object.__setattr__(self, "state", State(self.state))
        if isinstance(self.bounds, Mapping):
            ends = {name: float(end) for name, end in self.bounds.items()}
            object.__setattr__(self, "bounds", Bounds(**ends))

    @property
    def sentence(self) -> str:
        """ "recall@5 on labels is 0.612 (n = 100, at most 0.697): unmet, needs >= 0.800"."""
        return self.told(ENGLISH)

    def told(self, words: Words) -> str:
        """The sentence in another language."""
        if self.value is None:
            return f"{self.metric}: {words(self.reason)}"
        fact = words("{metric} is {number} ({sample})", metric=self._where(words), number=self._number(words),
                     sample=self._sample(words))  # fmt: skip
        needs = f"{fact}: {words(self.state)}, {self._needs(words)}"
        return f"{needs}; {self.remedy(words)}" if self.more else needs

    def remedy(self, words: Words) -> str:
        """What would change an unproven state; "" where nobody can tell."""
        if not self.more:
            return ""
        calls = Metric.parse(self.metric).measure.kind != "accuracy"
        template = "about {more} more calls like these would prove it" if calls else (
            "about {more} more queries with the same score would prove it"
        )  # fmt: skip
        return words(template, more=f"{self.more:,}")

    @property
    def _unit(self) -> str:
        return Metric.parse(self.metric).measure.unit

    @property
    def _more_is_better(self) -> bool:
        return Metric.parse(self.metric).measure.higher_is_better

    def _where(self, words: Words) -> str:
        if not self.ground_truth:
            return self.metric
        return words("{metric} on {ground_truth}", metric=self.metric, ground_truth=self.ground_truth)

    def _number(self, words: Words) -> str:
        value = self.value or 0.0
        if not self.baseline:
            return shown_apart(value, self.go, self._unit)[0]
        own, theirs = shown(self.own, self._unit, 1), shown(self.theirs, self._unit, 1)
        less = words("{own} minus {baseline}'s {theirs}", own=own, baseline=self.baseline, theirs=theirs)
        return f"{less} = {shown(value, self._unit, 1)}"

    def _sample(self, words: Words) -> str:
        """The side of the bounds on which the state rests: what is proven, or what is still possible."""
        counted = f"n = {self.n:,}"
        if self.bounds is None:
            return counted
        cleared = self.state in (State.MET, State.UNPROVEN)
        end = self.bounds.at_least if cleared == self._more_is_better else self.bounds.at_most
        if not isfinite(end):
            return words("n = {n}, too few to prove anything", n=f"{self.n:,}")
        side = "at least {bound}" if cleared == self._more_is_better else "at most {bound}"
        limit = self.no_go if self.state is State.RULED_OUT and self.no_go is not None else self.go
        return f"{counted}, {words(side, bound=shown_apart(end, limit, self._unit)[0])}"

    def _needs(self, words: Words) -> str:
        value, better, worse = self.value or 0.0, *((">=", "<") if self._more_is_better else ("<=", ">"))
        needs = words("needs {bound}", bound=f"{better} {shown_apart(value, self.go, self._unit)[1]}")
        if self.state is not State.RULED_OUT or self.no_go is None:
            return needs
        no_go = f"{worse} {shown_apart(value, self.no_go, self._unit)[1]}"
        return words("{needs}, and {bound} is no-go", needs=needs, bound=no_go)


@dataclass(frozen=True, slots=True)
class Verdict:
    """The decision for one candidate and the outcomes it follows from."""

    system: str
    policy: str
    decision: Decision
    outcomes: tuple[Outcome, ...]

    def why(self, words: Words = ENGLISH) -> str:
        """The outcomes that stand between the system and GO: in the policy's order, each state said once."""
        open_ends: dict[State, list[str]] = {}
        for outcome in self.outcomes:
            if not outcome.state.passes:
                open_ends.setdefault(outcome.state, []).append(outcome.criterion)
        told = (f"{', '.join(ids)} {words(state)}{self._missing(state, words)}" for state, ids in open_ends.items())
        nothing = "every criterion is met" if self.decision is Decision.GO else "no criterion applies"
        return "; ".join(told) or words(nothing)

    def unmeasured(self, words: Words) -> tuple[str, ...]:
        """Why criteria were not measured, each reason once: "recall-at-5, stability: weights of ..."."""
        found: dict[str, list[str]] = {}
        for outcome in self.outcomes:
            if outcome.state is State.NOT_MEASURED:
                found.setdefault(outcome.reason, []).append(outcome.criterion)
        return tuple(f"{', '.join(ids)}: {words(reason)}" for reason, ids in found.items())

    def _missing(self, state: State, words: Words) -> str:
        """How much more would prove all that is unproven, where anybody can tell."""
        more = max((outcome.more or 0 for outcome in self.outcomes if outcome.state is state), default=0)
        return words(" (about {more} more samples)", more=f"{more:,}") if more else ""
