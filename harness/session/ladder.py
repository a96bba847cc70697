"""The ladder: a model that does not fit the card falls back on its lighter variant, rung by rung."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from harness.errors import HarnessError, NotMeasured, UnknownName
from harness.grid.systems import System
from harness.probes.memory import Memory
from harness.session.memo import Memo

METRIC = "vram-device"


@dataclass(frozen=True)
class Rung:
    """`mib` is the growth of the whole device; None with the reason where there is none.

    `failed` is what could not even run, such as for want of memory: the next rung may.
    """

    system: str
    mib: float | None
    reason: str = ""
    failed: bool = False

    def fits(self, limit: float) -> bool:
        return self.mib is not None and self.mib <= limit


def limit(memo: Memo) -> float | None:
    """MiB that a system may take: `--vram-limit`, or what the policy asks of the device; None where nobody says."""
    asked = [criterion.go_value for criterion in memo.policy.criterion if criterion.metric == METRIC]
    return memo.config.models.vram_mib or min(asked, default=None)


def rungs(memo: Memo, system: str, most: float) -> Iterator[Rung]:
    """From the system itself downwards, as far as one that fits; nothing lighter is measured without need."""
    rung: System | None = memo.system(system)
    passed: set[str] = set()
    while rung is not None and rung.name not in passed:
        passed.add(rung.name)
        measured = _measured(memo, rung)
        yield measured
        rung = None if measured.fits(most) else _lighter(memo, rung)


def _measured(memo: Memo, rung: System) -> Rung:
    try:
        peak: Memory = memo.memory_of(rung)
    except NotMeasured as error:
        return Rung(rung.name, None, str(error))
    except HarnessError as error:
        return Rung(rung.name, None, str(error), failed=True)
    return Rung(rung.name, peak.device, "" if peak.device is not None else "the driver does not tell")


def _lighter(memo: Memo, rung: System) -> System | None:
    """The same system with the lighter variant of its embedder. Raises UnknownName for one that nobody registered."""
    spec = memo.registry.embedders[rung.embedder] if rung.embedder else None
    if spec is None or not spec.lighter:
        return None
    if spec.lighter not in memo.registry.embedders:
        raise UnknownName(f"lighter variant of {spec.name!r}", spec.lighter, [s.name for s in memo.registry.embedders])
    return replace(rung, embedder=spec.lighter)
