"""What is timed or tried on a live system, once each; never read from anything that was stored."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from harness.engine.live import Live
from harness.errors import NotMeasured
from harness.grid.systems import System, on_device
from harness.probes import canary, isolated, latency, memory, stability, throughput
from harness.probes.canary import CanaryResult
from harness.probes.exercise import exercise
from harness.probes.latency import Drive, Latency, plain_loop
from harness.probes.memory import Memory
from harness.probes.stability import Stability
from harness.probes.throughput import Throughput
from harness.session.asked import Asked


@dataclass(frozen=True)
class Timings(Asked):
    """Every method raises a HarnessError (the same one each time) where its value cannot be had."""

    def latency(self, system: str, drive: Drive = plain_loop) -> Latency:
        """`drive` may be a benchmark fixture's loop; it is used only if nothing was measured yet."""
        self._refuse_timing()
        probes, queries = self.config.probes, self.dataset.queries.queries
        return self._once(
            ("latency", system),
            lambda: latency.measure(self._live(system), queries, probes.latency_calls, probes.warmup_calls, drive),
        )

    def throughput(self, system: str, batch: int | None = None) -> Throughput:
        """In batches of the largest size asked for in harness.toml, unless one is named."""
        self._refuse_timing()
        size, seconds = batch or self.config.probes.batches[-1], self.config.probes.throughput_seconds
        measure = partial(throughput.measure, self.pipeline)
        return self._once(("throughput", system, size), lambda: measure(self._live(system), size, seconds))

    def stability(self, system: str) -> Stability:
        calls, queries = self.config.probes.stability_calls, self.dataset.queries.queries
        return self._once(("stability", system), lambda: stability.measure(self._live(system), queries, calls))

    def memory(self, system: str) -> Memory:
        return self.memory_of(self.system(system))

    def memory_of(self, system: System) -> Memory:
        """In a process of its own, where this machine has a GPU at all; also of a system beside the grid."""
        self._refuse_timing()
        self._refuse_bystander(system)
        return self._once(("memory", system.name), lambda: self._memory_elsewhere(system))

    def memory_here(self, system: System) -> Memory:
        """In this process, which should have done nothing else yet."""
        self._refuse_bystander(system)
        probes = self.config.probes
        return memory.measure(
            self.pipeline.release,
            lambda: exercise(self.registry, self.dataset, system, max(probes.batches), probes.top_k),
        )

    def canary(self, system: str) -> CanaryResult:
        """The share of canary phrases that a system's lexical retriever finds; of a hybrid, its worst part's."""
        retriever = self.system(system).retriever
        return self._once(("canary", retriever), lambda: canary.sing(self.registry, retriever))

    def _memory_elsewhere(self, system: System) -> Memory:
        memory.require_gpu()
        if self.wishes is None:
            return self.memory_here(system)
        self.pipeline.release()
        return isolated.ask([system.name, *self.wishes.words()])

    def _refuse_bystander(self, system: System) -> None:
        if not on_device(self.registry, system):
            raise NotMeasured(f"no part of {system.name} runs on a GPU, so it takes no VRAM")

    def _refuse_timing(self) -> None:
        if self.untimed:
            raise NotMeasured(self.untimed)

    def _live(self, system: str) -> Live:
        return Live(self.pipeline, self.system(system), self.config.probes.top_k)
