"""VRAM: what cannot be had is absent, and never 0."""

import os
import sys
import threading
import time
from types import SimpleNamespace

import pynvml
import pytest
from toys import gpu

from harness.errors import NotMeasured
from harness.probes import memory
from harness.probes.memory import MIB, Memory, measure


@pytest.mark.skipif(gpu(), reason="this machine has a GPU")
def test_without_a_gpu_nothing_is_measured_and_nothing_is_run():
    done = []
    with pytest.raises(NotMeasured) as caught:
        measure(lambda: done.append("release"), lambda: done.append("work"))
    assert str(caught.value) == "this machine has no NVIDIA GPU (or no driver), so there is no VRAM to measure"
    assert done == []


@pytest.mark.skipif(not gpu(), reason="needs a GPU")
def test_with_a_gpu_work_that_does_not_touch_it_is_not_measured():
    with pytest.raises(NotMeasured, match="^nothing of this system ran on the GPU$"):
        measure(lambda: None, lambda: None)


def test_only_what_could_be_had_is_known():
    assert Memory(1.0, None, None, 0.0).known() == {"allocated": 1.0, "device": 0.0}
    assert Memory(None, None, None, None).known() == {}


# The probe against a driver whose readings are known: FakeDriver stands in for NVML, on a machine without a GPU.


class FakeDriver:
    """One process on one device; `used` and `own` are bytes, and may be changed while work runs."""

    NVMLError = pynvml.NVMLError

    def __init__(self):
        self.used, self.own, self.asked, self.looks, self.broken = 100 * MIB, None, [], 0, set()

    def nvmlInit(self):  # noqa: N802
        pass

    nvmlShutdown = nvmlInit  # noqa: N815

    def _refuse(self, what):
        if what in self.broken:
            raise pynvml.NVMLError(pynvml.NVML_ERROR_NOT_SUPPORTED)

    def nvmlDeviceGetHandleByIndex(self, index):  # noqa: N802
        self._refuse("handle")
        self.asked.append(index)

    nvmlDeviceGetHandleByUUID = nvmlDeviceGetHandleByIndex  # noqa: N815

    def nvmlDeviceGetMemoryInfo(self, handle):  # noqa: N802
        self._refuse("device")
        self.looks += 1
        return SimpleNamespace(used=self.used)

    def nvmlDeviceGetComputeRunningProcesses(self, handle):  # noqa: N802
        self._refuse("process")
        return [SimpleNamespace(pid=1, usedGpuMemory=MIB), SimpleNamespace(pid=os.getpid(), usedGpuMemory=self.own)]

    def seen(self):
        """Until the watching thread has looked twice more."""
        until, deadline = self.looks + 2, time.monotonic() + 10
        while self.looks < until and time.monotonic() < deadline:
            time.sleep(0.001)


@pytest.fixture
def driver(monkeypatch):
    fake = FakeDriver()
    monkeypatch.setattr(memory, "pynvml", fake)
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    return fake


def rising(driver, peak=150, after=120):
    def work():
        driver.used = driver.own = peak * MIB
        driver.seen()
        driver.used = driver.own = after * MIB

    return work


def nothing():
    pass


def test_what_is_taken_and_given_back_while_work_runs_is_the_peak(driver):
    measured = measure(nothing, rising(driver))
    assert measured == Memory(None, None, process=150.0, device=50.0)


def test_what_stands_only_at_the_end_is_seen_too(driver):
    def work():
        driver.used = 107 * MIB

    assert measure(nothing, work).known() == {"device": 7.0}


def test_what_is_released_first_does_not_count(driver):
    def release():
        driver.used = 40 * MIB

    assert measure(release, rising(driver)).device == 110.0


@pytest.mark.parametrize("freed", [0, 30])
def test_growth_by_nothing_is_not_measured_and_never_zero(driver, freed):
    def work():
        driver.used -= freed * MIB

    driver.own = 90 * MIB  # what another system's library keeps
    with pytest.raises(NotMeasured, match="^nothing of this system ran on the GPU$"):
        measure(nothing, work)


def test_a_meaning_that_the_driver_refuses_is_absent(driver):
    driver.broken = {"process"}
    assert measure(nothing, rising(driver)).known() == {"device": 50.0}
    driver.broken = {"process", "device"}
    with pytest.raises(NotMeasured, match="^the driver does not tell its memory$"):
        measure(nothing, nothing)


def test_torchs_own_figures_stand_where_the_driver_tells_nothing(driver, monkeypatch):
    cuda = SimpleNamespace(
        is_initialized=lambda: True, device_count=lambda: 1, empty_cache=nothing,
        reset_peak_memory_stats=lambda device: None,
        max_memory_allocated=lambda device: 30 * MIB, max_memory_reserved=lambda device: 64 * MIB,
    )  # fmt: skip
    monkeypatch.setitem(sys.modules, "torch", SimpleNamespace(cuda=cuda))
    driver.broken = {"process", "device"}
    assert measure(nothing, nothing).known() == {"allocated": 30.0, "reserved": 64.0}
    cuda.max_memory_allocated = lambda device: 0
    driver.broken = set()
    with pytest.raises(NotMeasured, match="^nothing of this system ran on the GPU$"):
        measure(nothing, nothing)


@pytest.mark.parametrize(
    ("visible", "asked"), [(None, 0), ("3", 3), ("2,0", 2), ("GPU-8932f937", "GPU-8932f937"), (" 1 ,0", 1)]
)
def test_the_first_gpu_that_cuda_sees_is_watched(driver, monkeypatch, visible, asked):
    if visible is not None:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    measure(nothing, rising(driver))
    assert driver.asked == [asked]


def test_a_gpu_that_the_driver_does_not_know_is_said(driver, monkeypatch):
    driver.broken = {"handle"}
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "-1")
    with pytest.raises(NotMeasured, match="^the driver knows no GPU '-1', the first that CUDA_VISIBLE_DEVICES shows$"):
        measure(nothing, nothing)


def test_what_work_raises_passes_and_the_watch_ends(driver):
    before = threading.active_count()
    with pytest.raises(ZeroDivisionError):
        measure(nothing, lambda: 1 / 0)
    assert threading.active_count() == before
