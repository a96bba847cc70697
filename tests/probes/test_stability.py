"""Many calls in a row: failures are counted, not fatal; answers are compared with the first of their query."""

import gc
import mmap
import weakref

import numpy as np
import pytest
from toys import Letters, Words, bank, registry

from harness.data.run import Run
from harness.engine.live import Live
from harness.engine.pipeline import Pipeline
from harness.grid.systems import System
from harness.plugging.specs import EmbedderSpec, RetrieverSpec
from harness.probes.stability import measure


class Every(Words):
    """Does something else at every n-th search."""

    def __init__(self, n, otherwise):
        self.n, self.otherwise, self.calls = n, otherwise, 0

    def search(self, queries, k, /):
        self.calls += 1
        run = super().search(queries, k)
        return self.otherwise(run, self.calls) if self.calls % self.n == 0 else run


def raises(run, call):
    raise RuntimeError(f"call {call}")


def measured(n, otherwise, calls=100):
    spec = RetrieverSpec("every", lambda: Every(n, otherwise))
    live = Live(Pipeline(registry(retrievers=[spec]), bank(), 100), System("every"), 5)
    return measure(live, bank().queries.queries, calls)


def test_a_steady_system_does_not_fail_change_or_drift():
    result = measured(1, lambda run, call: run, 1000)
    assert (result.calls, result.failures, result.non_finite, result.changed, result.drift) == (1000, 0, 0, 0, 0.0)
    assert (result.success_rate, result.first_failure) == (1.0, "")


def test_one_failure_in_ten_is_nine_tenths_of_success():
    result = measured(10, raises)
    assert (result.calls, result.failures, result.non_finite) == (100, 10, 0)
    assert result.success_rate == 0.9
    assert result.first_failure == "retriever 'every' failed at search: RuntimeError: call 10"


def test_a_system_that_always_fails_has_no_success():
    assert measured(1, raises).success_rate == 0.0


@pytest.mark.parametrize("drift", [0.5, -0.25])
def test_drift_is_the_largest_difference_from_the_first_answer(drift):
    result = measured(7, lambda run, call: Run(run.query_ids, run.doc_ids, run.index, run.scores + np.float32(drift), run.depth))
    assert result.drift == pytest.approx(abs(drift))
    assert (result.failures, result.changed) == (0, 0)


def test_other_rankings_are_counted():
    def cut(run, call):
        return Run(run.query_ids, run.doc_ids, run.index[:, 1:], run.scores[:, 1:], run.depth)

    result = measured(10, cut)
    assert (result.changed, result.failures) == (10, 0)


def test_numbers_that_are_none_are_failures_of_their_own_kind():
    class Sometimes(Letters):
        calls = 0

        def encode_query(self, inputs):
            self.calls += 1
            return super().encode_query(inputs) * (np.nan if self.calls % 5 == 0 else 1)

    live = Live(Pipeline(registry(embedders=[EmbedderSpec("x", Sometimes)]), bank(), 100), System("dot", "x"), 5)
    result = measure(live, bank().queries.queries, 50)
    assert (result.failures, result.non_finite) == (10, 10)
    assert result.first_failure.startswith("embedder 'x' returned NaN or infinity for 'q")


def test_a_system_that_leaks_is_seen_to_grow():
    kept = []

    def leaks(run, call):
        kept.append(mmap.mmap(-1, 256 * 1024))  # pages of their own, not some that the heap has left
        kept[-1].write(bytes([call % 255]) * (256 * 1024))
        return run

    assert measured(1, leaks).host_growth == pytest.approx(256, rel=0.15)


def test_a_steady_system_does_not_grow():
    assert abs(measured(1, lambda run, call: run, 400).host_growth) < 8


def test_too_few_calls_tell_nothing_of_growth_and_without_a_gpu_nothing_of_the_device():
    assert measured(1, lambda run, call: run, 4).host_growth is None
    assert measured(1, lambda run, call: run, 20).device_growth is None


def test_what_a_failed_call_had_in_hand_is_let_go_before_the_next_calls():
    alive, most = weakref.WeakSet(), []

    class Forward(Words):
        """Takes something large, and fails with it in hand, as a model out of memory does."""

        def search(self, queries, k, /):
            gc.collect()
            most.append(len(alive))
            activations = Held()
            alive.add(activations)
            raise RuntimeError(f"out of memory with {activations}")

    class Held:
        pass

    live = Live(Pipeline(registry(retrievers=[RetrieverSpec("x", Forward)]), bank(), 100), System("x"), 5)
    assert measure(live, bank().queries.queries, 12).failures == 12
    assert max(most) <= 2
