"""The GPU is seen through torch if somebody loaded it and uses it; the house itself never loads it, nor wakes it."""

import gc
import subprocess
import sys
import weakref
from pathlib import Path
from types import SimpleNamespace

import pytest

from harness.engine import device

ROOT = Path(__file__).resolve().parents[2]


class Torch:
    """A stand-in for torch, which counts what it is asked for."""

    def __init__(self, *, initialised):
        self.asked = []
        self.cuda = SimpleNamespace(
            is_initialized=lambda: initialised,
            device_count=lambda: 2,
            synchronize=lambda device: self.asked.append(f"synchronize {device}"),
            empty_cache=lambda: self.asked.append("empty_cache"),
            reset_peak_memory_stats=lambda device: self.asked.append(f"reset {device}"),
            memory_allocated=lambda device: 4096.0 * device,
        )


@pytest.fixture
def awake(monkeypatch):
    torch = Torch(initialised=True)
    monkeypatch.setitem(sys.modules, "torch", torch)
    return torch


@pytest.fixture
def asleep(monkeypatch):
    torch = Torch(initialised=False)
    monkeypatch.setitem(sys.modules, "torch", torch)
    return torch


def used():
    device.synchronise()
    device.forget()
    return device.torch(), device.allocated()


def test_where_nobody_loaded_torch_there_is_no_device_and_nobody_loads_it():
    program = (
        "import sys; from harness.engine import device as d; d.synchronise(); d.forget(); "
        "print(d.torch(), d.allocated(), 'torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "None None False\n"


def test_a_torch_that_has_not_touched_a_device_is_left_asleep(asleep):
    assert used() == (None, None)
    assert asleep.asked == []


def test_torch_itself_on_a_machine_without_a_gpu_is_no_device():
    torch = pytest.importorskip("torch")
    if torch.cuda.is_available():
        pytest.skip("this machine has a GPU")
    assert used() == (None, None)
    assert not torch.cuda.is_initialized()


def test_a_device_is_waited_for(awake):
    device.synchronise()
    assert awake.asked == ["synchronize 0", "synchronize 1"]


def test_what_is_forgotten_leaves_the_cache_and_the_books_of_the_device(awake):
    device.forget()
    assert awake.asked == ["empty_cache", "reset 0", "reset 1"]


def test_what_is_forgotten_is_collected_before_the_cache_is_emptied(awake):
    """A model is often a ring of objects; emptied too soon, the cache would keep its memory."""

    class Ring:
        pass

    ring = Ring()
    ring.itself, seen = ring, weakref.ref(ring)
    awake.cuda.empty_cache = lambda: awake.asked.append(seen())
    gc.disable()
    try:
        del ring
        assert seen() is not None
        device.forget()
    finally:
        gc.enable()
    assert awake.asked == [None, "reset 0", "reset 1"]


def test_what_tensors_hold_is_a_whole_number_of_bytes(awake):
    assert (device.allocated(), type(device.allocated())) == (4096, int)


def test_on_a_gpu_what_is_forgotten_is_gone_from_the_allocator():
    torch = pytest.importorskip("torch")
    if not torch.cuda.is_available():
        pytest.skip("needs a GPU")
    torch.zeros(1, device="cuda")
    device.forget()
    before = device.allocated(), torch.cuda.memory_reserved()
    block = torch.ones(64 * 2**20, device="cuda")
    device.synchronise()
    assert device.allocated() >= before[0] + block.nbytes
    del block
    device.forget()
    assert (device.allocated(), torch.cuda.memory_reserved()) == before
    assert torch.cuda.max_memory_allocated() == before[0]
