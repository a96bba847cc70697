"""TOML files read into models; every mistake is reported at once, in the words of who writes TOML."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from harness.errors import BadConfig, UnknownName

Model = TypeVar("Model", bound=BaseModel)


_NEEDED: Mapping[str, str] = MappingProxyType(
    {
        "int_type": "needs a whole number",
        "float_type": "needs a number",
        "string_type": "needs a text in quotes",
        "path_type": "needs a path in quotes",
        "list_type": "needs a list",
        "model_type": "needs a table",
        "date_type": "needs a date without quotes, as 2030-12-31",
        "too_short": "needs at least one entry",
    }
)
"""pydantic's name of a mistake -> what is needed, in the words of TOML."""


def load_toml(path: Path) -> dict[str, Any]:
    """Raises BadConfig for what is not TOML; a byte order mark, which some editors put first, is not minded."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadConfig(f"{path}: not TOML: {error}") from None
    except OSError as error:
        raise BadConfig(f"{path}: cannot be read: {error.strerror}") from None


def validate(model: type[Model], path: Path, content: Mapping[str, Any]) -> Model:
    """The content of the file `path` as a model. Raises BadConfig naming every mistake, one line each."""
    try:
        return model.model_validate(content)
    except ValidationError as error:
        lines = [_explain(model, dict(problem)) for problem in error.errors(include_url=False)]
        raise BadConfig("\n".join(f"{path}: {line}" for line in lines)) from None


def _explain(model: type[BaseModel], problem: dict[str, Any]) -> str:
    """One pydantic problem as a sentence that starts with the key."""
    place = _place(problem["loc"])
    if problem["type"] == "extra_forbidden":
        owner = _owner(model, problem["loc"][:-1])
        sentence = str(UnknownName("key", str(problem["loc"][-1]), owner.model_fields.keys() - {"folder"}))
    elif problem["type"] == "missing":
        sentence = "is missing"
    elif problem["type"] == "value_error":
        sentence = str(problem["ctx"]["error"])
    else:
        needed = _NEEDED.get(problem["type"], str(problem["msg"]).removeprefix("Input "))
        sentence = f"{needed}, not {problem['input']!r}"
    return f"{place}: {sentence}" if place else sentence


def _place(loc: Sequence[str | int]) -> str:
    """As a reader counts: "criterion[2].go" is in the second [[criterion]]."""
    return "".join(f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in loc).removeprefix(".")


def _owner(model: type[BaseModel], loc: Sequence[str | int]) -> type[BaseModel]:
    """The model in which the last key of `loc` stands."""
    for part in loc:
        if isinstance(part, str) and part in model.model_fields:
            annotation = model.model_fields[part].annotation
            inner = getattr(annotation, "__args__", (annotation,))[0]
            model = inner if isinstance(inner, type) and issubclass(inner, BaseModel) else model
    return model
