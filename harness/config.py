"""What the user wants: harness.toml, read strictly; every mistake is reported at once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Literal, Self, TypeAlias

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from harness.errors import BadConfig, UnknownName
from harness.ranking.units import to_unit
from harness.settings import Amount, MetricName, Strict
from harness.toml import load_toml, validate
from harness.words import Language

TomlPath: TypeAlias = Annotated[Path, Field(strict=False)]
"""A path is written as a text."""


def _said(text: str) -> str:
    if not text.strip():
        raise ValueError("is blank")
    return text


Said: TypeAlias = Annotated[str, AfterValidator(_said)]
"""A text that says something."""


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
    """How much is timed. Percentiles want samples: 500 calls let 16 of them be over a p95 limit.

    `throughput` is that of the last of `batches`; the others stand beside it.
    """

    latency_calls: int = Field(default=500, ge=1)
    warmup_calls: int = Field(default=20, ge=0)
    throughput_seconds: float = Field(default=0.5, gt=0)
    stability_calls: int = Field(default=1000, ge=1)
    batches: list[Annotated[int, Field(ge=1)]] = Field(default=[1, 32], min_length=1)
    top_k: int = Field(default=10, ge=1)


class Models(Strict):
    """How weights are had, for every plugin that loads any; its hook gets this as `config.models`.

    `weights = "dummy"` builds each architecture at full size with random weights: its speed and memory are real, its
    accuracy is never measured. `download` lets missing weights be fetched. `vram_limit` ("8 GiB") makes a large card
    behave like a small one.
    """

    weights: Literal["real", "dummy"] = "real"
    download: bool = False
    vram_limit: Amount | None = None

    @model_validator(mode="after")
    def _readable(self) -> Self:
        try:
            limit = self.vram_mib
        except BadConfig as error:
            raise ValueError(f"vram_limit: {error}") from None
        if limit is not None and limit <= 0:
            raise ValueError(f"vram_limit: {self.vram_limit!r} leaves room for nothing")
        return self

    @property
    def vram_mib(self) -> float | None:
        return None if self.vram_limit is None else to_unit(self.vram_limit, "MiB")

    @property
    def dummy(self) -> bool:
        return self.weights == "dummy"


class Table(BaseModel):
    """A `[[embedder]]`, `[[retriever]]`, `[[reranker]]` or `[[ground_truth]]`: `name`, `uses`, and its options."""

    model_config = ConfigDict(extra="allow", frozen=True)

    name: str
    uses: str

    @property
    def options(self) -> dict[str, Any]:
        return dict(self.model_extra or {})


class Waiver(Strict):
    """A `[[waiver]]`: somebody answers for a criterion that a system does not meet, until a day, and says why.

    It changes the exit status of a gate, never a verdict.
    """

    id: Said
    criterion: str
    system: str
    owner: Said
    reason: Said
    expires: date


class Report(Strict):
    """What a report cannot measure: the language it is written in, and what its owner states."""

    language: Language = "en"
    expected_saving: str = ""


class Config(Strict):
    """The content of harness.toml. Paths are relative to `folder`, where the file stands."""

    folder: Path
    dataset: TomlPath
    criteria: TomlPath
    grid: Grid
    probes: Probes = Probes()
    models: Models = Models()
    plugins: list[TomlPath] = []
    embedder: list[Table] = []
    retriever: list[Table] = []
    reranker: list[Table] = []
    ground_truth: list[Table] = []
    waiver: list[Waiver] = []
    report: Report = Report()

    @model_validator(mode="after")
    def _anchored(self) -> Self:
        for key in ("dataset", "criteria"):
            object.__setattr__(self, key, self.folder / getattr(self, key))
        object.__setattr__(self, "plugins", [self.folder / path for path in self.plugins])
        return self

    @model_validator(mode="after")
    def _distinct(self) -> Self:
        ids = [waiver.id for waiver in self.waiver]
        if twice := sorted({name for name in ids if ids.count(name) > 1}):
            raise ValueError(f"waiver id {twice[0]!r} stands twice")
        return self


def load_config(path: Path, models: Mapping[str, Any] = MappingProxyType({}), **overrides: Any) -> Config:
    """harness.toml as Config; overrides that are not None, and those of its table `models`, win over it.

    Raises BadConfig naming every mistake.
    """
    if not path.is_file():
        raise BadConfig(f"{path} does not exist; `python -m harness init` writes one")
    content = load_toml(path)
    if "folder" in content:  # a field, but not a key: it is known from where the file stands
        raise BadConfig(f"{path}: folder: {UnknownName('key', 'folder', Config.model_fields.keys() - {'folder'})}")
    given = {key: value for key, value in overrides.items() if value is not None}
    if models:
        validate(Models, Path("command line"), models)
        given["models"] = {**table, **models} if isinstance(table := content.get("models", {}), dict) else table
    return validate(Config, path, {**content, "folder": path.parent.resolve(), **given})
