"""Every mistake a user can mend, as one family; each member is one clear line.

HarnessError              something the user can mend; str(error) is the whole message
├── UnknownName           a name that nothing bears: what was asked, what exists, what was probably meant
├── BadConfig             harness.toml, a criteria file or an option
├── BadData               an item bank, a ground truth, a run, a picture: named with file and line
├── BadOutput             what a component returned breaks its promise (shape, count, type)
│   └── NotFinite         what it returned is NaN or infinite
├── PluginFailed          a plugin raised: at import, at build or while it ran
└── NotMeasured           not an error of anyone: the reason why a value does not exist here
"""

from __future__ import annotations

import difflib
import sys
import traceback
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from harness.masking import masked_text


class HarnessError(Exception):
    """The base: catch this to catch every user-facing error of the harness."""


class BadConfig(HarnessError):
    """A setting that cannot be used as written."""


class BadOutput(HarnessError):
    """A component kept its signature but not its promise."""


class NotFinite(BadOutput):
    """Numbers that are none: stability counts them apart from other failures."""


class PluginFailed(HarnessError):
    """A plugin raised; the message names plugin, moment and original error, `place` the line ("x.py:12")."""

    place: str = ""

    @classmethod
    def during(cls, moment: str, name: str, error: BaseException) -> PluginFailed:
        """`moment` reads as in "embedder 'x' failed at build"."""
        failed = cls(f"{name} failed at {moment}: {type(error).__name__}: {one_line(error)}")
        failed.place = _where(error)
        return failed


class NotMeasured(HarnessError):
    """The reason why a value does not exist on this machine, in this run."""


class BadData(HarnessError):
    """A file that does not hold what it should; `BadData.at(path, line, what)` names the place."""

    @classmethod
    def at(cls, path: Path, line: int | None, what: str) -> BadData:
        place = str(path) if line is None else f"{path}:{line}"
        return cls(f"{place}: {what}")


class UnknownName(HarnessError):
    """A name that nothing bears."""

    def __init__(self, kind: str, asked: str, known: Iterable[str]) -> None:
        self.kind, self.asked, self.known = kind, asked, sorted(known)
        super().__init__(f"unknown {kind} {asked!r}.{self._meant()} {self._exists()}")

    def _meant(self) -> str:
        near = difflib.get_close_matches(self.asked, self.known, n=1, cutoff=0.5)
        return f" Did you mean {near[0]!r}?" if near else ""

    def _exists(self) -> str:
        return f"There are: {', '.join(self.known)}." if self.known else f"There is no {self.kind} at all."


@contextmanager
def blame(moment: str, name: str) -> Iterator[None]:
    """Whatever a plugin raises inside, SystemExit too, becomes PluginFailed; errors of the family pass as they are."""
    try:
        yield
    except HarnessError:
        raise
    except (Exception, SystemExit) as error:
        raise PluginFailed.during(moment, name, error) from error


def _where(error: BaseException) -> str:
    """The deepest line that is neither the harness's nor in an installed library; empty where all are."""
    house = str(Path(__file__).parent)
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if not _foreign(frame.filename, house)]
    return f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""


def _foreign(file: str, house: str) -> bool:
    own = file.startswith(house) and not file.startswith(f"{house}/shelf")
    return own or file.startswith(("<", sys.base_prefix)) or "site-packages" in file


def one_line(error: BaseException, limit: int = 300) -> str:
    """The message of any exception on one line, secrets masked, cut at `limit` characters."""
    text = masked_text(" ".join(str(error).split())) or "(no message)"
    return text if len(text) <= limit else text[: limit - 1] + "…"
