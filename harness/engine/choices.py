"""Options of models that can be checked before anything is fetched or imported: a slip must not cost 4 GB first."""

from __future__ import annotations

from typing import Any

from harness.errors import BadConfig, UnknownName

DTYPES = ("auto", "bfloat16", "float16", "float32")
ATTENTIONS = ("sdpa", "eager", "flash_attention_2")
QUANTIZATIONS = ("", "nf4")


def known(option: str, given: Any, choices: tuple[str, ...]) -> None:
    """Raises BadConfig, with what was probably meant, for what is none of the choices."""
    if given not in choices:
        raise BadConfig(str(UnknownName(option, str(given), [name or '""' for name in choices])))


def numbers(least: int, **given: Any) -> None:
    """Raises BadConfig for the first that is no whole number of `least` or more."""
    for option, number in given.items():
        if type(number) is not int or number < least:
            raise BadConfig(f"{option} needs a whole number of {least} or more, not {number!r}")


def standing(dtype: str, attention: str, quantization: str = "") -> None:
    """Raises BadConfig for a name by which no network can stand anywhere."""
    known("dtype", dtype, DTYPES)
    known("attention", attention, ATTENTIONS)
    known("quantization", quantization, QUANTIZATIONS)
