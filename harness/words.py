"""Sentences in the reader's language: the English one is the key to its translation in templates/words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from harness.toml import load_toml

Language = Literal["en", "ko"]
TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True)
class Words:
    """`words("needs {bound}", bound=">= 0.8")`; a template without a translation stays English."""

    language: Language = "en"
    table: Mapping[str, str] = field(default_factory=dict)

    def __call__(self, template: str, /, **facts: object) -> str:
        told = self.table.get(template, template)
        # What is said without facts may come from data, and hold braces of its own.
        return told.format(**facts) if facts else told


ENGLISH = Words()


def words(language: Language) -> Words:
    """The words of a language. Raises BadConfig for a file that cannot be read."""
    if language == "en":
        return ENGLISH
    return Words(language, load_toml(TEMPLATES / "words" / f"{language}.toml"))
