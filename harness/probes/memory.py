"""How much GPU memory a system takes, in the four meanings of the word. What cannot be had is absent, never 0."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, fields
from typing import Self

import pynvml

from harness.engine.device import forget, summed
from harness.errors import NotMeasured

MIB = 2**20
PAUSE = 0.005
"""Seconds between two looks at the driver: what is taken and given back within `work` must not go unseen."""


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


def measure(release: Callable[[], object], work: Callable[[], object]) -> Memory:
    """Peaks while `work` runs once on the first GPU in sight; `release` lets go of whatever was loaded before.

    Raises NotMeasured on a machine without an NVIDIA GPU, and where `work` left no trace on it.
    """
    with _gpu() as handle:
        release()
        forget()
        before = _device(handle)
        with _Watch(handle) as seen:
            work()
        growth = None if before is None or seen.device is None else seen.device - before
        memory = Memory(*_allocator(), seen.process, growth if growth and growth > 0 else None)
    if memory.allocated is None and memory.device is None:
        untold = growth is None
        raise NotMeasured("the driver does not tell its memory" if untold else "nothing of this system ran on the GPU")
    return memory


def require_gpu() -> None:
    """Raises NotMeasured on a machine without one."""
    with _gpu():
        pass


@contextmanager
def _gpu() -> Iterator[object]:
    try:
        pynvml.nvmlInit()
    except pynvml.NVMLError:
        raise NotMeasured("this machine has no NVIDIA GPU (or no driver), so there is no VRAM to measure") from None
    try:
        yield _first_visible()
    finally:
        with suppress(pynvml.NVMLError):
            pynvml.nvmlShutdown()


def _first_visible() -> object:
    """What CUDA calls device 0; NVML counts all devices, those hidden by CUDA_VISIBLE_DEVICES too."""
    named = os.environ.get("CUDA_VISIBLE_DEVICES", "0").split(",")[0].strip()
    try:
        if named.isdecimal():
            return pynvml.nvmlDeviceGetHandleByIndex(int(named))
        return pynvml.nvmlDeviceGetHandleByUUID(named)
    except pynvml.NVMLError:
        raise NotMeasured(f"the driver knows no GPU {named!r}, the first that CUDA_VISIBLE_DEVICES shows") from None


class _Watch:
    """The highest readings of a GPU in MiB between entering and leaving, taken by a thread of its own."""

    def __init__(self, handle: object) -> None:
        self.device: float | None = None
        self.process: float | None = None
        self._handle = handle
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        self._look()

    def _run(self) -> None:
        while not self._over.wait(PAUSE):
            self._look()

    def _look(self) -> None:
        self.device = _higher(self.device, _device(self._handle))
        self.process = _higher(self.process, _process(self._handle))


def _higher(one: float | None, other: float | None) -> float | None:
    return max((value for value in (one, other) if value is not None), default=None)


def _device(handle: object) -> float | None:
    """What everyone together uses; a device that shares the machine's memory does not tell."""
    try:
        return float(pynvml.nvmlDeviceGetMemoryInfo(handle).used) / MIB
    except pynvml.NVMLError:
        return None


def _process(handle: object) -> float | None:
    """This process's share; a container often hides process ids, and then it is unknown."""
    try:
        running = pynvml.nvmlDeviceGetComputeRunningProcesses(handle)
    except pynvml.NVMLError:
        return None
    used = [process.usedGpuMemory for process in running if process.pid == os.getpid()]
    return used[0] / MIB if used and used[0] else None


def _allocator() -> tuple[float | None, float | None]:
    """torch's own figures; where it has taken nothing, it was not torch that ran."""
    allocated, reserved = summed("max_memory_allocated"), summed("max_memory_reserved")
    return (allocated / MIB, (reserved or 0) / MIB) if allocated else (None, None)
