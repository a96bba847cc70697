"""The command that gives a number again: the one that was typed, with a suite in the place of all of them."""

from __future__ import annotations

import shlex
from pathlib import PurePosixPath

from harness.masking import masked
from harness.report.stored import Stored

SUITES = "benchmarks"


def again(kept: Stored, suite: str = "") -> str:
    """The command line of the run; with a suite, only that one."""
    words = masked(kept.environment["command"])
    if not suite:
        return shlex.join(words)
    others = [word for word in words if not _is_suite(word)]
    return shlex.join([others[0], f"{SUITES}/{suite}", *others[1:]])


def _is_suite(word: str) -> bool:
    """All suites, one of them, or a test of one."""
    path = PurePosixPath(word.partition("::")[0])
    return path == PurePosixPath(SUITES) or (path.parent == PurePosixPath(SUITES) and path.match("test_*.py"))
