"""What the lean set leaves out: libraries of an extra, asked for before anything of them is imported."""

from __future__ import annotations

from importlib.util import find_spec

from harness.errors import NotMeasured


def need(extra: str, *libraries: str) -> None:
    """Raises NotMeasured with the command that brings `extra` where one of its libraries cannot be found.

    Libraries go by the name that is imported (`sentence_transformers`); nothing is imported.
    """
    missing = [library for library in libraries if find_spec(library) is None]
    if missing:
        are = "is" if len(missing) == 1 else "are"
        what = f"{' and '.join(missing)} {are} not installed on this machine"
        raise NotMeasured(f"{what}; `pip install -e '.[{extra}]'` brings {'it' if are == 'is' else 'them'}")
