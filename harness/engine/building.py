"""Builds what specs promise."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from harness.errors import blame
from harness.plugging.specs import Spec


def build(spec: Spec, parts: Mapping[str, Any] | None = None) -> Any:
    """The component of a spec; one that has parts gets them. Raises PluginFailed for whatever its build raises."""
    with blame("build", f"{spec.kind} {spec.name!r} ({spec.origin})"):
        return spec.build(parts) if parts else spec.build()
