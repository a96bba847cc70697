"""One row of every result: what was measured of which system, or why it was not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from harness.ranking.measures import Metric
from harness.ranking.units import shown
from harness.statistics.intervals import Bounds


@dataclass(frozen=True, slots=True)
class Measurement:
    """`value` is None where nothing was measured, and `reason` then says why; 0 is a measured 0.

    `n` counts what the value was taken from (queries, calls); `stratum` is "all", "category=latex", "subject=수학", ...
    """

    system: str
    metric: str
    value: float | None
    n: int
    dataset: str = ""
    ground_truth: str = ""
    level: int | None = None
    stratum: str = "all"
    reason: str = ""
    ceiling: float | None = None
    """The value of a perfect ranking, where it is known: recall@5 of ten relevant items cannot exceed 0.5."""
    scenario: str = ""
    """What was shown, as "S3"; empty where everything was."""
    bounds: Bounds | None = None
    """What the sample proves of the true value at 95 %; None where there is no sampling error, or nothing is proven."""
    struck: str = ""
    """Why the value says nothing about the system, such as a ground truth that was picked from its own results."""

    def __post_init__(self) -> None:
        if isinstance(self.bounds, Mapping):  # as it was written in a file, or crossed a process border
            ends = {name: float(end) for name, end in self.bounds.items()}
            object.__setattr__(self, "bounds", Bounds(**ends))

    @property
    def sampled(self) -> bool:
        """Whether other queries or calls would have given another value."""
        return Metric.parse(self.metric).measure.sampled

    @property
    def unit(self) -> str:
        return Metric.parse(self.metric).measure.unit

    @property
    def shown(self) -> str:
        """For a reader; "not measured" where there is no value."""
        return "not measured" if self.value is None else shown(self.value, self.unit)

    def row(self) -> dict[str, Any]:
        """As plain data, unit included."""
        return {**asdict(self), "unit": self.unit}
