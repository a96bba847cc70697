"""Where a run happened, as plain data: enough to repeat it, and nothing that must stay secret."""

from __future__ import annotations

import os
import platform
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

import pynvml

from harness.data.catalogue import Description
from harness.masking import masked, masked_text
from harness.plugging.specs import Spec


def capture(dataset: Description, command: Sequence[str], specs: Iterable[Spec] = ()) -> dict[str, Any]:
    """Machine, versions, commit, dataset and command line of this process; of each component, which one it was."""
    return {
        "command": masked(command),
        "date": datetime.now(UTC).date().isoformat(),
        "components": [_component(spec) for spec in specs],
        "dataset": {
            "name": dataset.name,
            "digest": dataset.digest,
            "items": dataset.items,
            "queries": dataset.queries,
            "synthetic": dataset.synthetic,
            "licence": dataset.licence,
        },
        "machine": _machine(),
        "gpus": list(_gpus()),
        "git": _git(Path.cwd()),
        "python": platform.python_version(),
        "packages": dict(sorted(_packages())),
    }


def _component(spec: Spec) -> dict[str, Any]:
    """Revision, options and facts: what is needed to have the same one again."""
    reranked = {name: value for name, value in spec.facts().items() if name in ("depth", "keep") and value}
    options = {**{name: _relative(value) for name, value in spec.chosen.items()}, **reranked}
    chosen = {name: masked_text(f"{name}={value}").removeprefix(f"{name}=") for name, value in options.items()}
    return {"kind": spec.kind, **spec.facts(), "options": chosen}


def _relative(value: Any) -> Any:
    """A path under the folder in which the run was started, as it is written there; anything else as it is."""
    inside = isinstance(value, str) and Path(value).is_absolute() and Path(value).is_relative_to(Path.cwd())
    return f"./{Path(value).relative_to(Path.cwd()).as_posix()}" if inside else value


def _machine() -> dict[str, Any]:
    return {
        "platform": platform.platform(),
        "cpu": _cpu(),
        "cores": os.cpu_count(),
        "memory_gib": _memory(),
    }


def _cpu() -> str:
    """The model as the kernel names it; elsewhere whatever Python knows."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    named = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return named[0] if named else platform.processor() or platform.machine()


def _memory() -> float | None:
    """Main memory in GiB; None where the system does not tell."""
    try:
        return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1)
    except (AttributeError, ValueError, OSError):
        return None


def _gpus() -> Iterator[dict[str, Any]]:
    """A GPU of which the driver does not tell everything is left out, and costs no report."""
    with suppress(pynvml.NVMLError):
        pynvml.nvmlInit()
        try:
            driver = _text(pynvml.nvmlSystemGetDriverVersion())
            for index in range(pynvml.nvmlDeviceGetCount()):
                with suppress(pynvml.NVMLError):
                    yield {**_gpu(index), "driver": driver}
        finally:
            pynvml.nvmlShutdown()


def _gpu(index: int) -> dict[str, Any]:
    handle = pynvml.nvmlDeviceGetHandleByIndex(index)
    memory = round(pynvml.nvmlDeviceGetMemoryInfo(handle).total / 2**20)
    return {"name": _text(pynvml.nvmlDeviceGetName(handle)), "memory_mib": memory}


def _text(name: str | bytes) -> str:
    """Older bindings return bytes."""
    return name.decode() if isinstance(name, bytes) else name


def _git(folder: Path) -> dict[str, Any] | None:
    """The commit, and whether anything differs from it; None outside a repository."""
    commit, status = _ask_git(folder, "rev-parse", "HEAD"), _ask_git(folder, "status", "--porcelain")
    return None if commit is None else {"commit": commit, "dirty": bool(status)}


def _ask_git(folder: Path, *words: str) -> str | None:
    try:
        done = subprocess.run(["git", *words], cwd=folder, capture_output=True, text=True, timeout=10, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()


def _packages() -> Iterator[tuple[str, str]]:
    """What a half-removed package leaves has no name, and is left out."""
    for package in distributions():
        name: str | None = package.metadata["Name"]
        if name:
            yield name.lower(), package.version


Fact = str | int | float | bool | None


def flat(content: Any, path: str = "") -> Iterator[tuple[str, Fact]]:
    """("machine.cores", 2) for every leaf of nested plain data; the entries of a list bear numbers."""
    if isinstance(content, Mapping):
        pairs: Iterable[tuple[Any, Any]] = content.items()
    elif isinstance(content, list | tuple):
        pairs = enumerate(content, start=1)
    else:
        yield path, content
        return
    for key, value in pairs:
        yield from flat(value, f"{path}.{key}" if path else str(key))
