"""Batches of about the same cost: the next one is prepared while one is computed; one that does not fit is halved."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Generic, TypeVar

Input = TypeVar("Input")
Prepared = TypeVar("Prepared")
Row = TypeVar("Row")


def batches(costs: Sequence[int], budget: int) -> list[list[int]]:
    """Positions of `costs` in batches, the dearest first, so that a batch that cannot fit is met at once.

    Every input of a batch is padded to its longest: `len(batch) * max(cost) <= budget`. One over the budget is alone.
    """
    found: list[list[int]] = []
    for position in sorted(range(len(costs)), key=lambda place: -costs[place]):
        if found and (len(found[-1]) + 1) * costs[found[-1][0]] <= budget:
            found[-1].append(position)
        else:
            found.append([position])
    return found


class Batcher:
    """Computes in batches, and remembers for good what did not fit: whoever is next need not find it out again.

    `budget` is how many tokens, or whatever `unit` names, may be computed at once; `compute` raises `out_of_memory`
    where that is too many. `remarks` tells of the lowest budget in one sentence.
    """

    def __init__(self, budget: int, out_of_memory: type[BaseException], unit: str = "tokens") -> None:
        self.budget, self.remarks = budget, list[str]()
        self._asked, self._out_of_memory, self._unit = budget, out_of_memory, unit
        self._said = ""

    def rows(
        self,
        inputs: Sequence[Input],
        cost: Callable[[Input], int],
        prepare: Callable[[list[Input]], Prepared],
        compute: Callable[[Prepared], Iterable[Row]],
    ) -> list[Row]:
        """One row per input, in the order of the inputs.

        `cost` estimates tokens. `prepare` may run in a thread, never twice at the same time; `compute` runs in the
        caller's. Where a batch does not fit, it and all after it are planned anew with half of what it cost. Raises
        whatever `prepare` and `compute` raise, `out_of_memory` too where a single input does not fit.
        """
        costs, rows = [max(1, cost(one)) for one in inputs], dict[int, Row]()
        ahead = _Ahead(lambda batch: prepare([inputs[position] for position in batch]))
        plan = batches(costs, self.budget)
        try:
            while plan:
                batch, *later = plan
                done = _attempt(compute, ahead.take(batch, later), self._out_of_memory, alone=len(batch) == 1)
                if done is None:
                    self._lower((len(batch) + 1) // 2 * costs[batch[0]])
                    plan = _planned_anew(plan, costs, self.budget)
                else:
                    rows.update(zip(batch, done, strict=True))
                    plan = later
        finally:
            ahead.stop()
        return [rows[position] for position in range(len(inputs))]

    def _lower(self, budget: int) -> None:
        sentence = f"batches of {self._asked:,} {self._unit} did not fit into memory; they were halved to {budget:,}"
        self.remarks[:] = [*(remark for remark in self.remarks if remark != self._said), sentence]
        self.budget, self._said = budget, sentence


def _attempt(
    compute: Callable[[Prepared], Iterable[Row]],
    prepared: Prepared,
    out_of_memory: type[BaseException],
    *,
    alone: bool,
) -> Iterable[Row] | None:
    """The rows, or None where there are too many; the failed attempt is let go of, or its memory would stay taken."""
    try:
        return compute(prepared)
    except out_of_memory:
        if alone:
            raise
        return None


def _planned_anew(plan: list[list[int]], costs: Sequence[int], limit: int) -> list[list[int]]:
    rest = [position for batch in plan for position in batch]
    return [[rest[place] for place in batch] for batch in batches([costs[position] for position in rest], limit)]


class _Ahead(Generic[Prepared]):
    """Prepares one batch ahead in a thread; a lone batch, such as a single query, costs no thread at all."""

    def __init__(self, prepare: Callable[[list[int]], Prepared]) -> None:
        self._prepare = prepare
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="prepare")
        self._coming: tuple[list[int], Future[Prepared]] | None = None

    def take(self, batch: list[int], later: list[list[int]]) -> Prepared:
        """The batch, prepared; the first of the later ones is begun."""
        prepared = self._finished(batch)
        self._coming = (later[0], self._pool.submit(self._prepare, later[0])) if later else None
        return prepared

    def _finished(self, batch: list[int]) -> Prepared:
        if self._coming is None:
            return self._prepare(batch)
        begun, future = self._coming
        if begun == batch:
            return future.result()
        wait([future])  # the plan was changed meanwhile; two at once could meet in one tokenizer
        return self._prepare(batch)

    def stop(self) -> None:
        """Begins nothing more, and waits for nothing: whoever pressed Ctrl-C has waited enough."""
        self._pool.shutdown(wait=False, cancel_futures=True)
