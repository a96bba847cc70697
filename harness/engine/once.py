"""Values computed once and kept, errors included."""

from __future__ import annotations

import traceback
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
                _forget_frames(error)
                self.kept[key] = error
        value = self.kept[key]
        if isinstance(value, HarnessError):
            raise value.with_traceback(None)  # or every raise would make it longer
        return value  # type: ignore[no-any-return]  # what is kept under a key is what its `compute` returned

    def drop(self, unwanted: Callable[[Any], bool]) -> int:
        """Forgets the keys that `unwanted` names, and says how many they were."""
        gone = [key for key in self.kept if unwanted(key)]
        for key in gone:
            del self.kept[key]
        return len(gone)


def _forget_frames(error: BaseException | None) -> None:
    """A model that failed would live on in the frames of its failure, and of all that led to it."""
    if error is not None:
        traceback.clear_frames(error.__traceback__)
        _forget_frames(error.__cause__)
        _forget_frames(error.__context__)
