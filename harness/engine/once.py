"""Values computed once and kept, errors included."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from harness.errors import HarnessError

Value = TypeVar("Value")


@dataclass
class Once:
    """Computes a value the first time it is asked for; an error is remembered too, so nothing fails twice as slowly."""

    kept: dict[Any, Any] = field(default_factory=dict)

    def __call__(self, key: Any, compute: Callable[[], Value]) -> Value:
        if key not in self.kept:
            try:
                self.kept[key] = compute()
            except HarnessError as error:
                self.kept[key] = error
        value = self.kept[key]
        if isinstance(value, HarnessError):
            raise value.with_traceback(None)  # or every raise would make it longer
        return value  # type: ignore[no-any-return]  # what is kept under a key is what its `compute` returned

    def drop(self, unwanted: Callable[[Any], bool]) -> None:
        """Forgets the keys that `unwanted` names."""
        for key in [key for key in self.kept if unwanted(key)]:
            del self.kept[key]
