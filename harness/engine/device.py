"""The GPU as the house sees it: through torch, if a plugin has loaded that; the house itself never does."""

from __future__ import annotations

import gc
import sys
from typing import Any


def torch() -> Any:
    """torch, if a plugin has loaded it and it holds a device; else None."""
    loaded = sys.modules.get("torch")
    return loaded if loaded is not None and loaded.cuda.is_initialized() else None


def synchronise() -> None:
    """Waits until the device has done what it was given: a clock read sooner measures the giving, not the doing."""
    held = torch()
    if held is not None:
        for device in range(held.cuda.device_count()):
            held.cuda.synchronize(device)


def forget() -> None:
    """Gives back what was let go: without it, a dropped model stays in torch's cache and its peak in torch's books."""
    gc.collect()
    held = torch()
    if held is not None:
        held.cuda.empty_cache()
        for device in range(held.cuda.device_count()):
            held.cuda.reset_peak_memory_stats(device)


def allocated() -> int | None:
    """Bytes that tensors hold on all devices now; None without one."""
    return summed("memory_allocated")


def summed(reading: str) -> int | None:
    """One of torch's readings in bytes, over all devices: a model may stand on any of them. None without one."""
    held = torch()
    if held is None:
        return None
    return sum(int(getattr(held.cuda, reading)(device)) for device in range(held.cuda.device_count()))
