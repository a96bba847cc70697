"""How plugins announce what they have: a name, a way to build it, and facts; frozen, cheap, and importing nothing."""

from __future__ import annotations

import functools
import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from types import MappingProxyType
from typing import Any, ClassVar, Literal, Self

from harness.errors import BadConfig, UnknownName

_NAME = re.compile(r"[a-z0-9]+(?:[.-][a-z0-9]+)*")


MODALITIES = ("text", "image")
OF_WEIGHTS = MappingProxyType(
    {"revision": "", "licence": "", "about": "", "dimensions": None, "download": 0, "lighter": ""}
)
"""Facts that belong to one model's weights, and what stands for them where they are not known."""


@dataclass(frozen=True)
class Spec:
    """A name, a way to build, and facts. Nothing is built before a selected test needs it."""

    kind: ClassVar[str] = "component"
    settable: ClassVar[frozenset[str]] = frozenset()
    """Facts that a table in harness.toml may set beside the options of `build`."""

    mirrored: ClassVar[frozenset[str]] = frozenset({"revision", "dimensions", "parts"})
    """Facts that an option of the same name sets too: what is built and what is promised must be the same."""

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
        for modality in getattr(self, "modalities", ()):
            if modality not in MODALITIES:
                raise UnknownName(f"modality of {self.kind} {self.name!r}", modality, MODALITIES)

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
        unknown: dict[str, Any] = {}
        if "model" in options:  # what was true of the released weights is not of these
            unknown = {fact: value for fact, value in OF_WEIGHTS.items() if hasattr(self, fact)}
            options = {**({"revision": ""} if "revision" in self.options else {}), **options}
        facts = {key: self._fact(key, value) for key, value in options.items() if key in self._facts}
        chosen = {key: value for key, value in options.items() if key in self.options and key != "parts"}
        return replace(self, name=name, build=functools.partial(self.build, **chosen), **{**unknown, **facts})

    @property
    def _facts(self) -> frozenset[str]:
        return self.settable | {key for key in self.mirrored & set(self.options) if hasattr(self, key)}

    def _fact(self, key: str, value: Any) -> Any:
        """A fact of the type that it has now; a list of TOML is a tuple here."""
        wanted = type(getattr(self, key)) if getattr(self, key) is not None else int
        given = tuple(value) if isinstance(value, list) else value
        if type(given) is not wanted:
            what = {int: "a whole number", tuple: "a list", str: "a text in quotes"}[wanted]
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

    @property
    def chosen(self) -> dict[str, Any]:
        """The options that are set already, by a table in harness.toml or by the plugin itself."""
        return dict(getattr(self.build, "keywords", {}))

    def facts(self) -> dict[str, Any]:
        """Everything but the callable, as plain data for reports."""
        return {field.name: getattr(self, field.name) for field in fields(self) if field.name != "build"}


@dataclass(frozen=True)
class EmbedderSpec(Spec):
    """`takes="ids"` hands encode_* the ids instead of the contents: for embeddings that exist already.

    `modalities` says what the model can be shown; `download` is the weights' size in bytes; `on_device` is False only
    for what would never touch a GPU. `parts` names other embedders: `build(parts)` gets them by name, built. `dummy`
    weights are random: what they cost is measured, what they find is not. `lighter` names the variant to fall back on
    where this one does not fit the card.
    """

    kind: ClassVar[str] = "embedder"
    settable: ClassVar[frozenset[str]] = frozenset({"lighter", "modalities"})

    modalities: tuple[str, ...] = ("text",)
    dimensions: int | None = None
    download: int = 0
    on_device: bool = True
    takes: Literal["content", "ids"] = "content"
    parts: tuple[str, ...] = ()
    dummy: bool = False
    lighter: str = ""


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
    """`depth` is how many candidates of the first stage are scored again; 0 is no reranking at all.

    `keep` is how many of them are handed on: 20 candidates become the 10 best with depth 20 and keep 10. With 0 all
    are, and what lies deeper follows in the first stage's order.
    """

    kind: ClassVar[str] = "reranker"
    settable: ClassVar[frozenset[str]] = frozenset({"depth", "keep", "modalities"})

    depth: int = 20
    keep: int = 0
    modalities: tuple[str, ...] = ("text",)
    download: int = 0
    on_device: bool = True
    dummy: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        for fact, count in (("depth", self.depth), ("keep", self.keep)):
            if count < 0:
                raise BadConfig(f"{fact} of reranker {self.name!r} needs a whole number of 0 or more, not {count}")


@dataclass(frozen=True)
class GTSourceSpec(Spec):
    """`parts` names other ground truths: `build(parts)` gets them by name, judged."""

    kind: ClassVar[str] = "ground truth"
    settable: ClassVar[frozenset[str]] = frozenset({"parts"})

    parts: tuple[str, ...] = ()
