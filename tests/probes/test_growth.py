"""Memory that grows from call to call is seen, by about as much as it grows; what only fills once is not."""

import mmap
import sys
from types import SimpleNamespace

import pytest

from harness.probes.growth import KIB, SETTLED, Growth


def watched(calls, work):
    growth = Growth()
    for call in range(calls):
        growth.look()
        work(call)
    return growth


class Leak:
    """Keeps so many KiB of every call for which `leaks` is true, and touches them: what was only asked for is not resident.

    They are pages of their own: the heap would hand out what some earlier test has left in it.
    """

    def __init__(self, kib, leaks=lambda call: True):
        self.kib, self.leaks, self.kept = kib, leaks, []

    def __call__(self, call):
        block = mmap.mmap(-1, self.kib * KIB)
        block.write(bytes([call % 255]) * (self.kib * KIB))
        if self.leaks(call):
            self.kept.append(block)


@pytest.mark.parametrize("kib", [256, 1024])
def test_a_leak_is_seen_by_about_as_much_as_it_leaks(kib):
    assert watched(60, Leak(kib)).host == pytest.approx(kib, rel=0.1)


def test_what_takes_memory_and_gives_it_back_does_not_grow():
    assert abs(watched(200, Leak(1024, lambda call: False)).host) < 16


def test_a_cache_that_fills_and_is_then_full_is_no_leak():
    calls = 100
    work = Leak(256, lambda call: call < calls * SETTLED)
    assert abs(watched(calls, work).host) < 16
    assert len(work.kept) == calls * SETTLED


def test_a_leak_that_begins_late_is_seen():
    assert watched(100, Leak(256, lambda call: call >= 50)).host == pytest.approx(256, rel=0.1)


@pytest.mark.parametrize("calls", [0, 1, 2, 3, 4])
def test_too_few_calls_tell_nothing(calls):
    assert watched(calls, lambda call: None).host is None


def test_five_calls_tell_something():
    assert watched(5, lambda call: None).host is not None


@pytest.fixture
def tensors(monkeypatch):
    """A stand-in for torch, on whose device `held` bytes are taken."""
    held = SimpleNamespace(held=10 * KIB)
    cuda = SimpleNamespace(is_initialized=lambda: True, device_count=lambda: 1, memory_allocated=lambda device: held.held)
    monkeypatch.setitem(sys.modules, "torch", SimpleNamespace(cuda=cuda))
    return held


@pytest.mark.parametrize("kib", [0, 2, -3])
def test_on_a_device_growth_is_exact(tensors, kib):
    def work(call):
        tensors.held += kib * KIB

    assert watched(20, work).device == pytest.approx(kib, abs=1e-9)


def test_without_a_device_its_growth_is_not_0_but_unknown(monkeypatch):
    monkeypatch.delitem(sys.modules, "torch", raising=False)
    growth = watched(20, lambda call: None)
    assert (growth.device, growth.host is None) == (None, False)


def test_one_device_reading_too_late_is_no_slope(tensors, monkeypatch):
    """A device that wakes in the middle has fewer readings, and they are still those of consecutive calls."""
    asleep = SimpleNamespace(is_initialized=lambda: False)
    awake = sys.modules["torch"].cuda

    def work(call):
        sys.modules["torch"].cuda = awake if call >= 9 else asleep
        tensors.held += KIB

    sys.modules["torch"].cuda = asleep
    assert watched(20, work).device == pytest.approx(1.0)
