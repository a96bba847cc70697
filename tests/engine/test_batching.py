"""Every input is computed once, in batches within the budget, prepared ahead; what does not fit is halved."""

import signal
import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.engine.batching import Batcher, batches

COSTS = st.lists(st.integers(0, 60), max_size=40)
LONG = 10
"""Seconds after which a test that waits for another thread gives up: no test takes as long where all is well."""


class Full(Exception):
    """Stands for the error of a GPU whose memory is full."""


class Machine:
    """Squares numbers, and holds as many tokens at once as it is told; an input is (number, tokens)."""

    def __init__(self, holds=10**9):
        self.holds, self.prepared, self.computed, self.refused, self.batcher = holds, [], [], [], None

    def prepare(self, inputs):
        self.prepared.append(list(inputs))
        return list(inputs)

    def compute(self, inputs):
        if len(inputs) * max(tokens for _, tokens in inputs) > self.holds:
            self.refused.append(inputs)
            raise Full
        self.computed.append(inputs)
        return np.array([[number, number**2] for number, _ in inputs])

    def run(self, inputs, budget=100, **instead):
        """The first run's budget stays that of all: one machine has one batcher, as a model has."""
        parts = {"prepare": self.prepare, "compute": self.compute} | instead
        self.batcher = self.batcher or Batcher(budget, Full)
        return self.batcher.rows(inputs, lambda one: one[1], **parts)

    @property
    def remarks(self):
        return self.batcher.remarks


def numbered(costs):
    return list(enumerate(costs))


def preparing():
    return [thread for thread in threading.enumerate() if thread.name.startswith("prepare")]


def ended():
    for thread in preparing():
        thread.join(LONG)
    return not preparing()


@given(COSTS, st.integers(0, 200))
def test_batches_hold_every_position_once_longest_first_within_the_budget(costs, budget):
    found = batches(costs, budget)
    flat = [position for batch in found for position in batch]
    assert sorted(flat) == list(range(len(costs)))
    assert [costs[position] for position in flat] == sorted(costs, reverse=True)
    for batch in found:
        assert len(batch) == 1 or len(batch) * max(costs[position] for position in batch) <= budget


@given(COSTS, st.integers(0, 200))
def test_a_batch_ends_only_where_one_more_would_not_fit(costs, budget):
    found = batches(costs, budget)
    for batch in found[:-1]:
        assert (len(batch) + 1) * costs[batch[0]] > budget


@given(COSTS, st.integers(0, 200))
def test_rows_come_back_in_the_order_of_the_inputs(costs, budget):
    machine = Machine()
    rows = machine.run(numbered(costs), budget)
    assert [row.tolist() for row in rows] == [[number, number**2] for number in range(len(costs))]
    assert sorted(number for batch in machine.computed for number, _ in batch) == list(range(len(costs)))
    assert machine.prepared == machine.computed and machine.remarks == []


@given(COSTS, st.integers(0, 400), st.integers(60, 200))
def test_a_machine_that_holds_less_gives_the_same_rows_and_says_so_once(costs, budget, holds):
    small, large = Machine(holds), Machine()
    rows, expected = small.run(numbered(costs), budget), large.run(numbered(costs), budget)
    assert np.array_equal(rows, expected)
    assert sorted(number for batch in small.computed for number, _ in batch) == list(range(len(costs)))
    assert len(small.remarks) == bool(small.refused)


def test_what_does_not_fit_is_halved_until_it_does_and_the_rest_follows_suit():
    machine = Machine(holds=30)
    machine.run(numbered([10] * 16), budget=100)
    assert [len(batch) for batch in machine.refused] == [10, 5]
    assert [len(batch) for batch in machine.computed] == [3, 3, 3, 3, 3, 1]
    assert machine.remarks == ["batches of 100 tokens did not fit into memory; they were halved to 30"]


def test_what_did_not_fit_once_is_not_tried_again():
    machine = Machine(holds=30)
    for _ in range(3):
        rows = machine.run(numbered([10] * 16), budget=100)
    assert len(rows) == 16 and machine.batcher.budget == 30
    assert [len(batch) for batch in machine.refused] == [10, 5]


def test_one_sentence_tells_of_the_lowest_budget_and_leaves_others_alone():
    machine = Machine(holds=60)
    machine.run(numbered([10] * 16), budget=100)
    remarks = machine.remarks
    assert remarks == ["batches of 100 tokens did not fit into memory; they were halved to 50"]
    remarks.append("something else")
    machine.holds = 30
    machine.run(numbered([10] * 16))
    assert machine.remarks is remarks, "whoever holds the list sees what is new"
    assert remarks == ["something else", "batches of 100 tokens did not fit into memory; they were halved to 30"]


def test_the_sentence_stays_where_a_single_input_raises_after_all():
    machine = Machine(holds=30)
    with pytest.raises(Full):
        machine.run(numbered([31, 31]))
    assert machine.remarks == ["batches of 100 tokens did not fit into memory; they were halved to 31"]


def test_the_unit_is_named():
    batcher = Batcher(32, Full, "pairs")
    machine = Machine(holds=2)
    assert len(batcher.rows(numbered([1] * 4), lambda _: 1, machine.prepare, machine.compute)) == 4
    assert batcher.remarks == ["batches of 32 pairs did not fit into memory; they were halved to 2"]


def test_inputs_said_to_cost_nothing_are_halved_too():
    machine, tried = Machine(), []

    def compute(inputs):
        tried.append(len(inputs))
        if len(inputs) > 1:
            raise Full
        return machine.compute(inputs)

    assert len(machine.run(numbered([0] * 4), compute=compute)) == 4
    assert tried == [4, 2, 1, 1, 1, 1]


def test_a_single_input_that_does_not_fit_raises():
    machine = Machine(holds=30)
    with pytest.raises(Full):
        machine.run(numbered([10, 31, 10]))
    assert ended()


def test_nothing_at_all_is_no_rows():
    machine = Machine()
    assert machine.run([]) == [] and machine.prepared == []


def test_a_row_too_few_is_noticed():
    machine = Machine()
    with pytest.raises(ValueError, match="shorter"):
        machine.run(numbered([1, 1, 1]), compute=lambda inputs: machine.compute(inputs)[:-1])


def test_the_next_batch_is_prepared_while_one_is_computed():
    machine, begun = Machine(), {number: threading.Event() for number in range(4)}

    def prepare(inputs):
        begun[inputs[0][0]].set()
        return machine.prepare(inputs)

    def compute(inputs):
        following = begun.get(inputs[0][0] + 1)
        assert following is None or following.wait(LONG), "the next batch was not begun while this one was computed"
        return machine.compute(inputs)

    rows = machine.run(numbered([100, 99, 98, 97]), prepare=prepare, compute=compute)
    assert len(rows) == 4 and ended()


def test_no_more_than_one_batch_is_prepared_ahead():
    machine, ahead = Machine(), []

    def compute(inputs):
        ahead.append(len(machine.prepared) - len(machine.computed))
        return machine.compute(inputs)

    machine.run(numbered([100] * 30), compute=compute)
    assert max(ahead) <= 2  # the one that is computed, and one more


def test_nothing_is_prepared_twice_at_the_same_time_even_where_the_plan_changes():
    machine, inside, met = Machine(holds=50), threading.Lock(), []

    def prepare(inputs):
        met.append(not inside.acquire(blocking=False))
        threading.Event().wait(0.002)
        inside.release()
        return machine.prepare(inputs)

    machine.run(numbered([20] * 40), prepare=prepare)
    assert machine.refused and not any(met)


def test_a_lone_batch_costs_no_thread():
    machine, where = Machine(), []
    machine.run(numbered([1, 1]), prepare=lambda inputs: where.append(threading.current_thread()) or inputs)
    assert where == [threading.main_thread()]


@pytest.mark.parametrize("bad", [0, 1, 3])
@pytest.mark.parametrize("moment", ["prepare", "compute"])
def test_an_exception_reaches_the_caller_as_it_is_and_ends_the_thread(moment, bad):
    machine, error = Machine(), LookupError("no such picture")

    def fail(inputs):
        if inputs[0][0] == bad:
            raise error
        return getattr(machine, moment)(inputs)

    with pytest.raises(LookupError) as caught:
        machine.run(numbered([100, 99, 98, 97, 96]), **{moment: fail})
    assert caught.value is error and ended()
    assert len(machine.computed) == bad and len(machine.prepared) <= bad + 2


@pytest.mark.parametrize("moment", ["while the next batch is waited for", "while one is computed"])
def test_ctrl_c_does_not_wait_for_a_batch_that_is_being_prepared(moment):
    machine, stuck, free = Machine(), threading.Event(), threading.Event()
    main = threading.main_thread()

    def prepare(inputs):
        if threading.current_thread() is not main:
            stuck.set()
            if moment == "while the next batch is waited for":
                signal.pthread_kill(main.ident, signal.SIGINT)
            free.wait(LONG)
        return machine.prepare(inputs)

    def compute(inputs):
        assert stuck.wait(LONG)
        if moment == "while one is computed":
            signal.raise_signal(signal.SIGINT)
        return machine.compute(inputs)

    with pytest.raises(KeyboardInterrupt):
        machine.run(numbered([100, 99, 98]), prepare=prepare, compute=compute)
    assert preparing(), "the batch was waited for"
    free.set()
    assert ended()
