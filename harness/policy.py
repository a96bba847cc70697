"""What Go means: a criteria file, read as strictly as harness.toml."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, Self

from pydantic import Field, model_validator

from harness.errors import BadConfig, UnknownName
from harness.ranking.measures import Metric
from harness.ranking.units import to_unit
from harness.settings import Amount, MetricName, Strict
from harness.toml import load_toml, validate

Applies = Literal["always", "on-device", "lexical", "embeds"]
"""When a criterion applies: to every system, or only to one that runs on a device / matches words / embeds."""


class Criterion(Strict):
    """One condition. `go` is where it is met, `no_go` beyond where it rules the system out.

    `baseline` names the system to compare with: the thresholds then speak of the difference candidate - baseline in
    the metric's own unit ("-5 %" is five percentage points). `at_least` is the number of samples (queries, calls) below
    which nothing is claimed. `relevance` is the grade from which a document counts; without it the truth's own level.
    """

    id: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")
    metric: MetricName
    go: Amount
    no_go: Amount | None = None
    ground_truth: str | None = None
    relevance: int | None = Field(default=None, ge=1)
    baseline: str | None = None
    at_least: int = Field(default=1, ge=1)
    when: Applies = "always"
    about: str = ""

    @model_validator(mode="after")
    def _sensible(self) -> Self:
        accuracy = self.parsed.measure.kind in ("accuracy", "similarity")
        if accuracy and self.ground_truth is None:
            raise ValueError(f"{self.metric} needs a ground_truth")
        if not accuracy and (self.ground_truth or self.relevance):
            raise ValueError(f"{self.metric} is not judged on a ground truth; drop ground_truth and relevance")
        self._ordered()
        return self

    def _ordered(self) -> None:
        try:
            go, no_go = self.go_value, self.no_go_value
        except BadConfig as error:
            raise ValueError(str(error)) from None
        measure = self.parsed.measure
        low = measure.low - measure.high if self.baseline else measure.low
        for written, value in ((self.go, go), (self.no_go, no_go)):
            if value is not None and not low <= value <= measure.high:
                raise ValueError(f"{written!r} is out of reach: {self.metric} lies in {low:g} .. {measure.high:g}")
        if no_go is not None and self.sign * no_go > self.sign * go:
            raise ValueError(f"no_go {self.no_go!r} is on the good side of go {self.go!r}")

    @property
    def parsed(self) -> Metric:
        return Metric.parse(self.metric)

    @property
    def sign(self) -> int:
        """+1 where more is better, -1 where less is."""
        return 1 if self.parsed.measure.higher_is_better else -1

    @property
    def go_value(self) -> float:
        return to_unit(self.go, self.parsed.measure.unit)

    @property
    def no_go_value(self) -> float | None:
        return None if self.no_go is None else to_unit(self.no_go, self.parsed.measure.unit)


class Policy(Strict):
    """A criteria file: what Go means. A policy without a criterion would let anything pass, so it is refused."""

    name: str
    about: str = ""
    point_estimates: bool = False
    """Judge by point estimates alone, as if the queries and calls at hand were all there are."""
    criterion: list[Criterion] = Field(min_length=1)

    @model_validator(mode="after")
    def _distinct(self) -> Self:
        ids = [criterion.id for criterion in self.criterion]
        twice = sorted({name for name in ids if ids.count(name) > 1})
        if twice:
            raise ValueError(f"criterion id {twice[0]!r} stands twice")
        return self

    def __getitem__(self, name: str) -> Criterion:
        """A criterion by its id. Raises UnknownName."""
        known = {criterion.id: criterion for criterion in self.criterion}
        if name not in known:
            raise UnknownName("criterion", name, known)
        return known[name]


def load_policy(path: Path) -> Policy:
    """A criteria file as Policy. Raises BadConfig as load_config does."""
    if not path.is_file():
        files = [file for file in path.parent.glob("*.toml") if file.is_file()]
        here = [file.name for file in files if b"[[criterion]]" in file.read_bytes()]
        reason = f": {UnknownName('criteria file', path.name, here)}" if here else " does not exist"
        raise BadConfig(f"{path}{reason}")
    return validate(Policy, path, load_toml(path))
