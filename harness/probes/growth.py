"""Whether memory grows from call to call: what a service leaks in a thousand calls it does not have in a million."""

from __future__ import annotations

import numpy as np
import psutil

from harness.engine.device import allocated

KIB = 1024
SETTLED = 0.5
"""The share of calls that is left out: caches fill first, and filling is not leaking."""


class Growth:
    """Looks at the memory of this process, and of torch on its device, after every call."""

    def __init__(self) -> None:
        self._process = psutil.Process()
        self._host: list[int] = []
        self._device: list[int] = []

    def look(self) -> None:
        """One reading, a few microseconds."""
        self._host.append(self._process.memory_info().rss)
        held = allocated()
        if held is not None:
            self._device.append(held)

    @property
    def host(self) -> float | None:
        """KiB per call that the process's resident memory grows by; None for too few calls."""
        return _slope(self._host)

    @property
    def device(self) -> float | None:
        """KiB per call that torch's tensors grow by; None where nothing of theirs was ever on a device."""
        return _slope(self._device) if any(self._device) else None


def _slope(readings: list[int]) -> float | None:
    """Least squares through the later readings."""
    later = np.asarray(readings[int(len(readings) * SETTLED) :], np.float64)
    if len(later) < 3:
        return None
    return float(np.polyfit(np.arange(len(later)), later, 1)[0]) / KIB
