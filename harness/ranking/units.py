"""Amounts as people write them ("80 %", "200 ms", "8 GiB"), in the unit that a measure is kept in."""

from __future__ import annotations

import re

from harness.errors import BadConfig

_SCALES: dict[str, dict[str, float]] = {
    "": {"": 1.0, "%": 0.01},
    "ms": {"ms": 1.0, "s": 1000.0},
    "MiB": {"MiB": 1.0, "GiB": 1024.0, "MB": 1e6 / 2**20, "GB": 1e9 / 2**20},
    "KiB/call": {"KiB/call": 1.0, "MiB/call": 1024.0},
    "items/s": {"items/s": 1.0},
    "queries/s": {"queries/s": 1.0},
    "count": {"": 1.0},
    "score": {"": 1.0},
}
# A comma only parts thousands: "1,5 s" must not be read as 15 s.
_AMOUNT = re.compile(r"([-+]?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+(?:_[0-9]+)*)(?:\.[0-9]*)?(?:e[-+]?[0-9]+)?)\s*(\S*)")


def to_unit(amount: str | float, unit: str) -> float:
    """`amount` in `unit`. Raises BadConfig for a number without the unit it needs, or with a wrong one.

    >>> to_unit("80 %", ""), to_unit("0.2 s", "ms"), to_unit("8 GiB", "MiB")
    (0.8, 200.0, 8192.0)
    """
    text = amount.strip() if isinstance(amount, str) else f"{amount:.15g}"
    match, scales = _AMOUNT.fullmatch(text), _SCALES[unit]
    if match is None:
        raise BadConfig(f"{text!r} is not an amount; write {_example(unit)}")
    number, written = match.groups()
    if written not in scales:
        complaint = f"has the unit {written!r}" if written else "has no unit"
        raise BadConfig(f"{text!r} {complaint}; write {_example(unit)}")
    return round(float(number.replace(",", "").replace("_", "")) * scales[written], 12)


def _example(unit: str) -> str:
    known = [name for name in _SCALES[unit] if name]
    examples = [f"'5 {name}'" for name in known] + (["a bare number"] if "" in _SCALES[unit] else [])
    return " or ".join(examples)


def shown(value: float, unit: str, more: int = 0) -> str:
    """A value for a reader: "0.812", "30.5 ms", "4,433 MiB"; with `more` decimals than usual, and never "-0.0"."""
    text = _formatted(value, unit, more)
    return text if any(digit in text for digit in "123456789") else text.removeprefix("-")


def _formatted(value: float, unit: str, more: int) -> str:
    if unit == "":
        return f"{value:.{3 + more}f}"
    if unit in ("count", "score"):
        return f"{value:,.{6 + more}g}"
    return f"{value:,.{1 + more}f} {unit}" if abs(value) < 1000 else f"{value:,.{more}f} {unit}"


def shown_apart(value: float, bound: float, unit: str) -> tuple[str, str]:
    """Both for a reader, with as many decimals as it takes to tell them apart: 0.7996 must not look like 0.800."""
    for more in range(9):
        told = shown(value, unit, more), shown(bound, unit, more)
        if told[0] != told[1] or value == bound:
            break
    return told
