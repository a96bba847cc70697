"""Text files read so that whatever is wrong with them is named with file and line, all of it at once."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import zlib
from codecs import BOM_UTF8
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, NoReturn, Self, TypeVar

from harness.errors import BadData

Kind = TypeVar("Kind", str, int, float, bool, list[Any], dict[str, Any])

_KINDS = {str: "a string", int: "a whole number", float: "a number", bool: "true or false", list: "a list",
          dict: "an object"}  # fmt: skip
_FOUND = {str: "string", int: "number", float: "number", bool: "true or false", list: "list", dict: "object"}
_HALF = re.compile("[\ud800-\udfff]")
_COMMENT = re.compile(r"[\s,]*(//|/\*)")
_SHOWN = 10


class Problems:
    """Collects BadData: `with problems:` swallows and keeps one, `settle` raises them all as one."""

    def __init__(self) -> None:
        self.found: list[str] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> bool:
        if isinstance(error, BadData):
            self.found.append(str(error))
        return isinstance(error, BadData)

    def settle(self) -> None:
        """Raises BadData with one line for each problem, the first ten of them, if there are any."""
        if len(self.found) == 1:
            raise BadData(self.found[0])
        if self.found:
            more = [f"and {len(self.found) - _SHOWN} more"] if len(self.found) > _SHOWN else []
            raise BadData("\n  ".join([f"{len(self.found)} problems:", *self.found[:_SHOWN], *more]))


@dataclass(frozen=True, slots=True)
class Row:
    """One JSON object and the words for where it stands: `items.json: item 3 (MATH_003)`."""

    place: str
    content: Mapping[str, Any]

    def error(self, what: str) -> BadData:
        return BadData(f"{self.place}: {what}")

    def need(self, key: str, kind: type[Kind]) -> Kind:
        """The value of a key that must be there. Raises BadData when it is missing or of another kind."""
        if key not in self.content:
            raise self.error(f"{key!r} is missing; there are: {', '.join(self.content) or 'no keys'}")
        value = self.content[key]
        if type(value) is not kind:
            raise self.error(f"{key!r} must be {_KINDS[kind]}, got {found(value)}")
        if isinstance(value, str) and _HALF.search(value):
            raise self.error(f"{key!r} holds half a character (a lone surrogate): the text was cut or decoded wrongly")
        return value

    def get(self, key: str, kind: type[Kind], default: Kind) -> Kind:
        """The value of a key, or `default` where it is absent or null. Raises BadData for another kind."""
        return default if self.content.get(key) is None else self.need(key, kind)

    def id(self, key: str) -> str:
        """An identifier. Raises BadData also when it is empty."""
        name = self.need(key, str)
        if not name.strip():
            raise self.error(f"{key!r} is empty")
        return name

    def rows(self, key: str, what: str) -> list[Row]:
        """The list of objects under a key, as rows; `what` is the word for one of them."""
        return [as_row(f"{self.place}, {what} {number}", one) for number, one in enumerate(self.need(key, list), 1)]


def as_row(place: str, value: Any) -> Row:
    """Raises BadData for anything but an object."""
    if not isinstance(value, dict):
        raise BadData(f"{place}: must be an object, got {found(value)}")
    return Row(place, value)


def found(value: object) -> str:
    """The kind of a JSON value, in a word."""
    return _FOUND.get(type(value), "null")


def json_document(path: Path) -> Any:
    """The content of a JSON file. Raises BadData for a file that cannot be read, is not UTF-8 or not JSON."""
    try:
        data = path.read_bytes().removeprefix(BOM_UTF8)
    except OSError as error:
        raise _unreadable(path, error) from None
    return _json(path, 1, decoded(path, 1, data))


def json_lines(path: Path, problems: Problems) -> Iterator[Row]:
    """The objects of a JSON lines file; a bad line is kept in `problems` and the others go on."""
    for number, line in byte_lines(path):
        with problems:
            yield as_row(f"{path}:{number}", _json(path, number, decoded(path, number, line)))


def byte_lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """(number from 1, line) of every line that is not blank; `.gz` is unpacked, a byte order mark dropped.

    Raises BadData for a file that cannot be read.
    """
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            for number, line in enumerate(file, 1):
                text = line.removeprefix(BOM_UTF8) if number == 1 else line
                if text.strip():
                    yield number, text.rstrip(b"\r\n")
    except (OSError, EOFError, zlib.error) as error:
        raise _unreadable(path, error) from None


def decoded(path: Path, line: int, data: bytes) -> str:
    """Bytes as text; `line` is the number of their first line. Raises BadData when they are not UTF-8."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line += data.count(b"\n", 0, error.start)
        raise BadData.at(path, line, f"not UTF-8 (byte 0x{data[error.start]:02x}); save the file as UTF-8") from None


def digest(paths: Iterable[Path]) -> str:
    """sha256, in hex, of the contents of files in this order. Raises BadData for one that cannot be read."""
    whole = hashlib.sha256()
    for path in paths:
        try:
            with path.open("rb") as file:
                whole.update(hashlib.file_digest(file, "sha256").digest())
        except OSError as error:
            raise _unreadable(path, error) from None
    return whole.hexdigest()


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON value")


_DECODER = json.JSONDecoder(parse_constant=_no_constant)


def _json(path: Path, line: int, text: str) -> Any:
    """`line` is the number of the text's first line."""
    try:
        return _DECODER.decode(text)
    except json.JSONDecodeError as error:
        line += error.lineno - 1
        if _COMMENT.match(text, error.pos):
            raise BadData.at(path, line, "not JSON: comments are not part of JSON; remove them") from None
        raise BadData.at(path, line, f"not JSON: {error.msg} (column {error.colno})") from None
    except (ValueError, RecursionError) as error:
        raise BadData.at(path, line, f"not JSON: {error}") from None


def _unreadable(path: Path, error: OSError | EOFError | zlib.error) -> BadData:
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return BadData(f"{path}: cannot be read: {reason}")
