"""What the user wants: harness.toml and the criteria files, read strictly; every mistake is reported at once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeAlias

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from harness.errors import BadConfig, HarnessError, UnknownName
from harness.ranking.measures import Metric
from harness.ranking.units import to_unit
from harness.toml import load_toml, validate


class Strict(BaseModel):
    """Stray keys are refused: a misspelt setting must not be a silent default. So is "500" where a number belongs."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


def _metric_name(text: str) -> str:
    try:
        return str(Metric.parse(text))
    except HarnessError as error:
        raise ValueError(str(error)) from None


def _amount(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        # pydantic reports only ValueError.
        raise ValueError(f"needs an amount such as '80 %' or 0.8, not {value!r}")  # noqa: TRY004
    return value


MetricName: TypeAlias = Annotated[str, AfterValidator(_metric_name)]
Amount: TypeAlias = Annotated[str | float, BeforeValidator(_amount)]
TomlPath: TypeAlias = Annotated[Path, Field(strict=False)]
"""A path is written as a text."""

Applies = Literal["always", "on-device", "lexical", "embeds"]
"""When a criterion applies: to every system, or only to one that runs on a device / matches words / embeds."""


class Grid(Strict):
    """What is crossed. Names may be shell patterns (`qwen3-*`); roles name whole systems (`char-hashing+dense`)."""

    embedders: list[str] = []
    retrievers: list[str]
    rerankers: list[str] = ["none"]
    ground_truths: list[str] = ["*"]
    candidates: list[str] = ["*"]
    baselines: list[str] = []
    chance: list[str] = []
    metrics: list[MetricName] = Field(
        default=["recall@1", "recall@3", "recall@5", "recall@10", "recall@20", "hit@1", "hit@3", "hit@5", "hit@10",
                 "hit@20", "precision@5", "mrr", "map", "ndcg@10", "judged@10"]
    )  # fmt: skip
    top_k: int = Field(default=100, ge=1)


class Probes(Strict):
    """How much is timed. Percentiles want samples: 500 calls let 16 of them be over a p95 limit."""

    latency_calls: int = Field(default=500, ge=1)
    warmup_calls: int = Field(default=20, ge=0)
    throughput_seconds: float = Field(default=0.5, gt=0)
    stability_calls: int = Field(default=1000, ge=1)
    batch: int = Field(default=32, ge=1)
    top_k: int = Field(default=10, ge=1)


class Table(BaseModel):
    """A `[[embedder]]`, `[[retriever]]`, `[[reranker]]` or `[[ground_truth]]`: `name`, `uses`, and its options."""

    model_config = ConfigDict(extra="allow", frozen=True)

    name: str
    uses: str

    @property
    def options(self) -> dict[str, Any]:
        return dict(self.model_extra or {})


class Config(Strict):
    """The content of harness.toml. Paths are relative to `folder`, where the file stands."""

    folder: Path
    dataset: TomlPath
    criteria: TomlPath
    grid: Grid
    probes: Probes = Probes()
    plugins: list[TomlPath] = []
    embedder: list[Table] = []
    retriever: list[Table] = []
    reranker: list[Table] = []
    ground_truth: list[Table] = []

    @model_validator(mode="after")
    def _anchored(self) -> Self:
        for key in ("dataset", "criteria"):
            object.__setattr__(self, key, self.folder / getattr(self, key))
        object.__setattr__(self, "plugins", [self.folder / path for path in self.plugins])
        return self


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
        accuracy = self.parsed.measure.kind == "accuracy"
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


def load_config(path: Path, **overrides: Any) -> Config:
    """harness.toml as Config; overrides that are not None win over it. Raises BadConfig naming every mistake."""
    if not path.is_file():
        raise BadConfig(f"{path} does not exist; `python -m harness init` writes one")
    content = load_toml(path)
    if "folder" in content:  # a field, but not a key: it is known from where the file stands
        raise BadConfig(f"{path}: folder: {UnknownName('key', 'folder', Config.model_fields.keys() - {'folder'})}")
    given = {key: value for key, value in overrides.items() if value is not None}
    return validate(Config, path, {**content, "folder": path.parent.resolve(), **given})


def load_policy(path: Path) -> Policy:
    """A criteria file as Policy. Raises BadConfig as load_config does."""
    if not path.is_file():
        files = [file for file in path.parent.glob("*.toml") if file.is_file()]
        here = [file.name for file in files if b"[[criterion]]" in file.read_bytes()]
        reason = f": {UnknownName('criteria file', path.name, here)}" if here else " does not exist"
        raise BadConfig(f"{path}{reason}")
    return validate(Policy, path, load_toml(path))
