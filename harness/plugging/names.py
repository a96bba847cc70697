"""The specs of one kind by name: what is asked for is found, or the error says what was probably meant."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from itertools import chain
from typing import Generic, TypeVar

from harness.errors import BadConfig, UnknownName
from harness.plugging.specs import Spec

AnySpec = TypeVar("AnySpec", bound=Spec)


@dataclass
class Names(Generic[AnySpec]):
    """The specs of one kind by name."""

    kind: str
    specs: dict[str, AnySpec] = field(default_factory=dict)

    def add(self, spec: AnySpec) -> None:
        """Raises BadConfig naming both origins when the name is taken."""
        taken = self.specs.get(spec.name)
        if taken is not None:
            raise BadConfig(f"two {self.kind}s are named {spec.name!r}: in {taken.origin} and in {spec.origin}")
        self.specs[spec.name] = spec

    def __getitem__(self, name: str) -> AnySpec:
        """Raises UnknownName with what was probably meant."""
        if name not in self.specs:
            raise UnknownName(self.kind, name, self.specs)
        return self.specs[name]

    def ready(self, name: str) -> AnySpec:
        """A spec that can be built as it is. Raises UnknownName, and BadConfig for a family that needs options."""
        if self[name].required:
            raise BadConfig(incomplete(self[name]))
        return self[name]

    def with_parts(self, name: str, above: tuple[str, ...] = ()) -> Iterator[AnySpec]:
        """A spec and, where it has parts, all of them. Raises UnknownName, and BadConfig for a part of itself."""
        if name in above:
            raise BadConfig(f"{self.kind} {name!r} is a part of itself: {' > '.join((*above, name))}")
        yield self[name]
        for part in getattr(self[name], "parts", ()):
            yield from self.with_parts(part, (*above, name))

    def __contains__(self, name: object) -> bool:
        return name in self.specs

    def __iter__(self) -> Iterator[AnySpec]:
        return iter(self.specs.values())

    def select(self, patterns: Iterable[str]) -> list[str]:
        """Names matching shell patterns, in the patterns' order, each once. A pattern without a match is an error."""
        return list(dict.fromkeys(chain.from_iterable(self._matching(pattern) for pattern in patterns)))

    def _matching(self, pattern: str) -> list[str]:
        complete = [name for name, spec in self.specs.items() if not spec.required]
        found = [name for name in complete if fnmatchcase(name, pattern)]
        if not found and pattern in self.specs:
            self.ready(pattern)
        if not found:
            raise UnknownName(self.kind, pattern, complete)
        return found


def spelt_out(text: str) -> bool:
    """Whether a text is a name, and not a shell pattern."""
    return not any(mark in text for mark in "*?[")


def incomplete(spec: Spec) -> str:
    """The sentence that says which options a family still needs, and where to write them."""
    section = spec.kind.replace(" ", "_")
    if spec.origin == "harness.toml":
        missing = " and ".join(f"`{option} = ...`" for option in spec.required)
        return f"{spec.kind} {spec.name!r}: its table [[{section}]] in harness.toml lacks {missing}"
    lines = ", ".join(f"{option} = ..." for option in spec.required)
    return (
        f"{spec.kind} {spec.name!r} needs {' and '.join(repr(option) for option in spec.required)}: give it in "
        f'harness.toml as [[{section}]] name = "my-{spec.name}", uses = "{spec.name}", {lines}'
    )
