"""What was stored beside what is computed again: where the two differ, and how much of them is the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from math import isclose

AROUND = 30
"""Characters shown on either side of where two texts part."""


@dataclass
class Differences:
    """What differs, in sentences; how much is the same, by kind; how much nobody can compute again, by reason."""

    sentences: list[str] = field(default_factory=list)
    same: Counter[str] = field(default_factory=Counter)
    left: Counter[str] = field(default_factory=Counter)

    def compare(self, kind: str, where: str, stored: object, again: object, slack: float) -> None:
        """Leaf by leaf, numbers within `slack`; one `kind` more is the same if no leaf differs."""
        then, now = dict(_leaves(stored)), dict(_leaves(again))
        names = dict.fromkeys((*then, *now))
        wrong = [name for name in names if not _alike(then.get(name), now.get(name), slack)]
        self.sentences += [f"{where}: {name} is {then.get(name)}, computed again {now.get(name)}" for name in wrong]
        self.same[kind] += not wrong

    def compare_text(self, kind: str, name: str, stored: str, again: str) -> None:
        """Character by character; the sentence shows where the two part, and how both go on."""
        if stored == again:
            self.same[kind] += 1
            return
        pairs = enumerate(zip(stored, again, strict=False))
        place = next((i for i, (one, other) in pairs if one != other), min(len(stored), len(again)))
        is_, made = (repr(text[max(place - AROUND, 0) : place + AROUND]) for text in (stored, again))
        line = stored.count("\n", 0, place) + 1
        self.sentences.append(f"{name}:{line}: is {is_}, made again {made}")


def _leaves(thing: object, name: str = "") -> Iterator[tuple[str, object]]:
    """("bounds.low", 0.31) of everything inside."""
    if isinstance(thing, Mapping):
        inner = dict(thing)
    elif isinstance(thing, list | tuple):
        inner = dict(enumerate(thing))
    else:
        yield name, thing
        return
    for key, value in inner.items():
        yield from _leaves(value, f"{name}.{key}".removeprefix("."))


def _alike(then: object, again: object, slack: float) -> bool:
    if isinstance(then, float) and isinstance(again, float):
        return isclose(then, again, rel_tol=slack, abs_tol=slack)
    return then == again or str(then) == str(again)  # JSON tells infinity in words
