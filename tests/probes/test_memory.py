"""VRAM: what cannot be had is absent, and never 0."""

import contextlib

import pynvml
import pytest

from harness.errors import NotMeasured
from harness.probes.memory import Memory, measure


def gpu() -> bool:
    with contextlib.suppress(pynvml.NVMLError):
        pynvml.nvmlInit()
        try:
            return pynvml.nvmlDeviceGetCount() > 0
        finally:
            pynvml.nvmlShutdown()
    return False


@pytest.mark.skipif(gpu(), reason="this machine has a GPU")
def test_without_a_gpu_nothing_is_measured_and_nothing_is_run():
    done = []
    with pytest.raises(NotMeasured) as caught:
        measure(lambda: done.append("release"), lambda: done.append("work"))
    assert str(caught.value) == "this machine has no NVIDIA GPU (or no driver), so there is no VRAM to measure"
    assert done == []


@pytest.mark.skipif(not gpu(), reason="needs a GPU")
def test_with_a_gpu_work_that_touches_it_not_grows_by_little():
    done = []
    memory = measure(lambda: done.append("release"), lambda: done.append("work"))
    assert done == ["release", "work"]
    assert memory.device is not None
    assert abs(memory.device) < 512


def test_only_what_could_be_had_is_known():
    assert Memory(1.0, None, None, 0.0).known() == {"allocated": 1.0, "device": 0.0}
    assert Memory(None, None, None, None).known() == {}
