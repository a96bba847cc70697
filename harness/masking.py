"""Keys, tokens and passwords never reach a log or an artefact: what looks like one is replaced by ***."""

from __future__ import annotations

import re
from collections.abc import Sequence

MASK = "***"
_WORD = r"[\w-]*(?:key|token|secret|passw(?:or)?d|credential|authorization)[\w-]*"
_NAMED = re.compile(rf"(?i)({_WORD}\s*[=:]\s*)(\S.*)")
_NAMED_IN_TEXT = re.compile(rf"(?i)({_WORD}[\"']?\s*[=:]\s*(?:(?:bearer|basic)\s+)?)([\"']?[^\s\"',;)]{{4,}})")
_FLAG = re.compile(rf"(?i)--?{_WORD}")
_KNOWN = re.compile(r"\b(?:sk|hf|ghp|gho|ghs|github_pat|glpat|xox[abp]|AKIA)[-_]?[A-Za-z0-9][\w-]{12,}")
_BEARER = re.compile(r"(?i)(\bbearer\s+)[\w.~+/=-]{8,}")
_USER = re.compile(r"(?<=://)[^/@\s]+(?=@)")


def masked(command: Sequence[str]) -> list[str]:
    """The command with every value that looks like a key, token or password replaced by ***."""
    hidden, after_flag = [], False
    for word in command:
        hidden.append(MASK if after_flag else _known(_NAMED.sub(rf"\g<1>{MASK}", word)))
        after_flag = bool(_FLAG.fullmatch(word))
    return hidden


def masked_text(text: str) -> str:
    """A sentence, such as another library's error message, with what looks like a secret replaced by ***."""
    return _known(_NAMED_IN_TEXT.sub(rf"\g<1>{MASK}", text))


def _known(text: str) -> str:
    return _USER.sub(MASK, _BEARER.sub(rf"\g<1>{MASK}", _KNOWN.sub(MASK, text)))
