"""What can be plugged: four protocols to keep, and the frozen specs by which plugins announce who keeps them."""

from __future__ import annotations

import functools
import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, ClassVar, Literal, Protocol, Self, TypeAlias, runtime_checkable

import numpy.typing as npt

from harness.data.model import Corpus, Dataset, FloatMatrix, GroundTruth, Queries
from harness.data.run import Run
from harness.errors import BadConfig, UnknownName

Content: TypeAlias = str | dict[str, Any]
"""What a model is shown: a text, or {"image": PIL.Image, "text": str}, the image first."""


class Embedder(Protocol):
    """Turns contents into vectors. A SentenceTransformer is one, unwrapped."""

    def encode_query(self, inputs: list[Content], /) -> npt.ArrayLike:
        """[n, dimensions] floats for n queries."""

    def encode_document(self, inputs: list[Content], /) -> npt.ArrayLike:
        """[n, dimensions] floats for n documents."""


class Retriever(Protocol):
    """Ranks a corpus; where the spec says `uses_embedder`, corpus and queries carry vectors."""

    def index(self, corpus: Corpus, /) -> None:
        """Called once before any search."""

    def search(self, queries: Queries, top_k: int, /) -> Run:
        """The `top_k` best documents per query; the engine drops each query's own item."""


@runtime_checkable
class Scorer(Protocol):
    """A retriever that can also score every document: what a hybrid needs of its parts."""

    def score(self, queries: Queries, /) -> FloatMatrix:
        """[len(queries), N] float32, columns as in the corpus."""


class Reranker(Protocol):
    """Scores a first stage's candidates; pointwise, pairwise and listwise all fit."""

    def rerank(self, query: Content, documents: Sequence[Content], /) -> Sequence[float]:
        """One score per document, the higher the better."""


class GTSource(Protocol):
    """Judges the queries of a dataset."""

    def judge(self, dataset: Dataset, /) -> GroundTruth:
        """Raises NotMeasured where this dataset lacks what the source needs."""


_NAME = re.compile(r"[a-z0-9]+(?:[.-][a-z0-9]+)*")


@dataclass(frozen=True)
class Spec:
    """A name, a way to build, and facts. Nothing is built before a selected test needs it."""

    kind: ClassVar[str] = "component"
    settable: ClassVar[frozenset[str]] = frozenset()
    """Facts that a table in harness.toml may set beside the options of `build`."""

    name: str
    build: Callable[..., Any]
    revision: str = ""
    licence: str = ""
    about: str = ""
    origin: str = ""

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise BadConfig(
                f"{self.kind} name {self.name!r} must be lower-case ASCII words joined by '-' or '.', "
                f"such as 'qwen3-vl-2b' or 'hybrid-a0.7'"
            )
        if not callable(self.build):
            what = type(self.build).__name__
            raise BadConfig(f"{self.kind} {self.name!r}: `build` must be a function that builds it, not a {what}")

    @functools.cached_property
    def options(self) -> tuple[str, ...]:
        """The options that `build` takes."""
        return tuple(name for name, _ in self._keywords())

    @functools.cached_property
    def required(self) -> tuple[str, ...]:
        """Options without a default: a spec with any is a family, usable only through a table in harness.toml."""
        return tuple(name for name, parameter in self._keywords() if parameter.default is parameter.empty)

    def variant(self, name: str, options: Mapping[str, Any]) -> Self:
        """The same component under another name with some options set. Raises UnknownName for a stray option."""
        for option in options:
            if option not in self.options and option not in self.settable:
                raise UnknownName(f"option of {self.kind} {self.name!r}", option, {*self.options, *self.settable})
        facts = {key: self._fact(key, value) for key, value in options.items() if key in self.settable}
        chosen = {key: value for key, value in options.items() if key not in self.settable}
        return replace(self, name=name, build=functools.partial(self.build, **chosen), **facts)

    def _fact(self, key: str, value: Any) -> Any:
        """A fact of the type that it has now; a list of TOML is a tuple here."""
        given, wanted = tuple(value) if isinstance(value, list) else value, type(getattr(self, key))
        if type(given) is not wanted:
            what = {int: "a whole number", tuple: "a list"}[wanted]
            raise BadConfig(f"{key!r} of {self.kind} {self.name!r} needs {what}, not {value!r}")
        return given

    def _keywords(self) -> list[tuple[str, inspect.Parameter]]:
        try:
            parameters = list(inspect.signature(self.build).parameters.items())[self._positional :]
        except ValueError:  # some types written in C do not say what they take
            return []
        return [(name, p) for name, p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)]

    @property
    def _positional(self) -> int:
        """How many leading arguments of `build` the engine hands over itself."""
        return 1 if getattr(self, "parts", ()) else 0

    def facts(self) -> dict[str, Any]:
        """Everything but the callable, as plain data for reports."""
        return {field.name: getattr(self, field.name) for field in fields(self) if field.name != "build"}


@dataclass(frozen=True)
class EmbedderSpec(Spec):
    """`takes="ids"` hands encode_* the ids instead of the contents: for embeddings that exist already.

    `modalities` says what the model can be shown; `download` is the weights' size in bytes; `on_device` is False only
    for what would never touch a GPU.
    """

    kind: ClassVar[str] = "embedder"

    modalities: tuple[str, ...] = ("text",)
    dimensions: int | None = None
    download: int = 0
    on_device: bool = True
    takes: Literal["content", "ids"] = "content"


@dataclass(frozen=True)
class RetrieverSpec(Spec):
    """`parts` names other retrievers: `build(parts)` gets them by name, indexed, and shares them with everyone.

    `stored=True` is for rankings that exist already: they are judged, never timed.
    """

    kind: ClassVar[str] = "retriever"
    settable: ClassVar[frozenset[str]] = frozenset({"parts"})

    uses_embedder: bool = False
    parts: tuple[str, ...] = ()
    lexical: bool = False
    on_device: bool = False
    stored: bool = False


@dataclass(frozen=True)
class RerankerSpec(Spec):
    """`depth` is how many candidates of the first stage are scored again; 0 is no reranking at all."""

    kind: ClassVar[str] = "reranker"
    settable: ClassVar[frozenset[str]] = frozenset({"depth"})

    depth: int = 20
    modalities: tuple[str, ...] = ("text",)
    download: int = 0
    on_device: bool = True


@dataclass(frozen=True)
class GTSourceSpec(Spec):
    """`parts` names other ground truths: `build(parts)` gets them by name, judged."""

    kind: ClassVar[str] = "ground truth"
    settable: ClassVar[frozenset[str]] = frozenset({"parts"})

    parts: tuple[str, ...] = ()
