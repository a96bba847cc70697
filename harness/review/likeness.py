"""Whether two runs are enough alike to be compared: bank, judgements, machine, policy, components, code."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from dataclasses import asdict, replace
from typing import Any

from harness.report.environment import Fact, flat
from harness.report.results import Results
from harness.report.stored import Stored
from harness.words import ENGLISH, Words

REVISIONS = ("revision", "options", "dummy", "depth")
"""What of a component changes its results; its name stays the same."""

LISTED = 8
"""How many facts a sentence holds; what differs in more is another thing altogether."""


def accuracy_apart(before: Results, after: Results, words: Words = ENGLISH) -> str:
    """Why no accuracy can be compared; "" where it can."""
    old, new = before.dataset, after.dataset
    if old.digest == new.digest:
        return ""
    template = "accuracy is not compared: the item banks differ ({before} is {old}, {after} is {new})"
    sides = {"before": old.name, "old": old.digest[:12], "after": new.name, "new": new.digest[:12]}
    return words(template, **sides)


def truths_apart(before: Results, after: Results, words: Words = ENGLISH) -> dict[str, str]:
    """Ground truth -> why nothing on it can be compared: judged otherwise, any difference may be the judge's."""
    old, new = (_truths(run) for run in (before, after))
    template = "nothing on {truth} is compared: the ground truths differ ({facts})"
    changed = {name: _listed(old[name], new[name], words) for name in old if name in new}
    return {name: words(template, truth=name, facts=facts) for name, facts in changed.items() if facts}


def timings_apart(before: Stored, after: Stored, words: Words = ENGLISH) -> str:
    """Why no timing can be compared; "" where the machine and the number of items are the same."""
    old, new = before.results.dataset.items, after.results.dataset.items
    if old != new:
        template = "timings are not compared: {before} items were searched, then {after}"
        return words(template, before=f"{old:,}", after=f"{new:,}")
    facts = _listed(_machine(before), _machine(after), words)
    return words("timings are not compared: the machines differ ({facts})", facts=facts) if facts else ""


def remarks(before: Stored, after: Stored, words: Words = ENGLISH) -> Iterator[str]:
    """What else is not the same, and may be why a number is not: a sentence each."""
    for name, one, other in (("A", before.results, after.results), ("B", after.results, before.results)):
        alone = [*_beyond(measured(one), measured(other)), *_beyond(_truths(one), _truths(other))]
        if alone:
            yield words("only in {run}: {names}", run=name, names=", ".join(alone))
    facts = _listed(_policy(before), _policy(after), words)
    if facts:
        yield words("the policies differ, so verdicts are not of one measure: {facts}", facts=facts)
    facts = _listed(*_shared(_components(before), _components(after)), words)
    if facts:
        yield words("components differ: {facts}", facts=facts)
    facts = _listed(_code(before), _code(after), words)
    if facts:
        yield words("what ran differs: {facts}", facts=facts)


def measured(results: Results) -> list[str]:
    """The systems of which the run says anything, in the grid's order."""
    known = {row.system for row in results.measurements}
    return [name for name in dict.fromkeys([*results.systems, *sorted(known)]) if name in known]


def _beyond(names: Iterable[str], known: Container[str]) -> list[str]:
    return [name for name in names if name not in known]


def _shared(old: dict[str, Any], new: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """What stands in both: a run of fewer systems has fewer components, and that is told already."""
    return {name: old[name] for name in old if name in new}, {name: new[name] for name in old if name in new}


def _listed(old: Any, new: Any, words: Words) -> str:
    """ "cores 2 and 16, gpu.1.name none and H200": every leaf that differs; "" where none does."""
    was, now = dict(flat(old)), dict(flat(new))
    keys = [key for key in {**was, **now} if was.get(key) != now.get(key)]
    told = [
        words(
            "{name} {before} and {after}", name=key, before=_told(was.get(key), words), after=_told(now.get(key), words)
        )
        for key in keys[:LISTED]
    ]
    more = [words("{n} more", n=len(keys) - LISTED)] if len(keys) > LISTED else []
    return ", ".join([*told, *more])


def _told(fact: Fact, words: Words) -> str:
    return words("none") if fact is None or fact == "" else str(fact)


def _truths(results: Results) -> dict[str, dict[str, Any]]:
    """How each was judged; a remark in its file makes no other one of it."""
    plain = {truth.name: replace(truth, provenance=replace(truth.provenance, note="")) for truth in results.truths}
    return {name: asdict(truth) for name, truth in plain.items()}


def _machine(kept: Stored) -> dict[str, Any]:
    return {**kept.environment["machine"], "gpu": kept.environment["gpus"]}


def _policy(kept: Stored) -> dict[str, Any]:
    """By criterion, so that another order is no difference; what a policy is called or says about itself is none."""
    policy = kept.results.policy
    criteria = {criterion.id: criterion.model_dump(exclude={"id", "about"}) for criterion in policy.criterion}
    return {**criteria, "point_estimates": policy.point_estimates}


def _components(kept: Stored) -> dict[str, Any]:
    parts = kept.environment.get("components", ())
    return {f"{part['kind']} {part['name']}": {fact: part.get(fact) for fact in REVISIONS} for part in parts}


def _code(kept: Stored) -> dict[str, Any]:
    """What ran: the commit, Python, the packages."""
    told = kept.environment
    return {"commit": (told.get("git") or {}).get("commit"), "python": told["python"], **told["packages"]}
