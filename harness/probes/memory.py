"""How much GPU memory a system takes, in the four meanings of the word. What cannot be had is absent, never 0."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from typing import Any

import pynvml

from harness.errors import NotMeasured

MIB = 2**20


@dataclass(frozen=True)
class Memory:
    """Peaks in MiB: torch's allocator (allocated, reserved), NVML's process, NVML's growth of the whole device."""

    allocated: float | None
    reserved: float | None
    process: float | None
    device: float | None

    def known(self) -> dict[str, float]:
        """Only what could be had."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: value for name, value in values.items() if value is not None}


def measure(release: Callable[[], object], work: Callable[[], object], index: int = 0) -> Memory:
    """Memory after `work` has run once on GPU `index`; `release` lets go of whatever was loaded before.

    Raises NotMeasured on a machine without an NVIDIA GPU.
    """
    with _gpu(index) as handle:
        release()
        _forget()
        before = pynvml.nvmlDeviceGetMemoryInfo(handle).used
        work()
        growth = pynvml.nvmlDeviceGetMemoryInfo(handle).used - before
        return Memory(*_allocator(), _process(handle), growth / MIB)


@contextmanager
def _gpu(index: int) -> Iterator[object]:
    try:
        pynvml.nvmlInit()
        handle = pynvml.nvmlDeviceGetHandleByIndex(index)
    except pynvml.NVMLError:
        raise NotMeasured("this machine has no NVIDIA GPU (or no driver), so there is no VRAM to measure") from None
    try:
        yield handle
    finally:
        pynvml.nvmlShutdown()


def _process(handle: object) -> float | None:
    """This process's share; a container often hides process ids, and then it is unknown."""
    try:
        running = pynvml.nvmlDeviceGetComputeRunningProcesses(handle)
    except pynvml.NVMLError:
        return None
    used = [process.usedGpuMemory for process in running if process.pid == os.getpid()]
    return used[0] / MIB if used and used[0] is not None else None


def _forget() -> None:
    """What an earlier system left in torch's cache would hide the growth that this one causes."""
    gc.collect()
    torch = _torch()
    if torch is not None:
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats()


def _torch() -> Any:
    """torch, if a plugin has loaded it and it holds a device; the house itself never loads it."""
    torch = sys.modules.get("torch")
    return torch if torch is not None and torch.cuda.is_initialized() else None


def _allocator() -> tuple[float | None, float | None]:
    """torch's own figures."""
    torch = _torch()
    if torch is None:
        return None, None
    return torch.cuda.max_memory_allocated() / MIB, torch.cuda.max_memory_reserved() / MIB
