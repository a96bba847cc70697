"""rerank-server, rerank-server-vl: any server with a /rerank, as vLLM, TEI or Cohere speak it: two families."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from harness import RerankerSpec, hookimpl
from harness.engine.messages import by_index, numbers, parts, slices
from harness.engine.server import Server, at_least, side_by_side
from harness.errors import BadConfig, UnknownName
from harness.plugging.components import Content


@dataclass(frozen=True)
class Dialect:
    """How documents and scores are called; `rows` is the key of the list, which stands bare where there is none."""

    documents: str
    rows: str
    score: str
    fields: dict[str, Any] = field(default_factory=dict)
    instructed: bool = False
    counted: bool = False
    """Whether it must be told to score all documents, and not only its favourites."""


DIALECTS = {
    "vllm": Dialect("documents", "results", "relevance_score", instructed=True, counted=True),
    "cohere": Dialect("documents", "results", "relevance_score", counted=True),
    "tei": Dialect("texts", "", "score", {"truncate": True}),
}


@dataclass(frozen=True)
class RerankServer:
    """Scores `batch` documents per request; each is scored by itself, so scores of several requests compare."""

    server: Server
    endpoint: str
    dialect: Dialect
    fields: dict[str, Any]
    batch: int
    parallel: int

    @property
    def remarks(self) -> list[str]:
        return self.server.remarks

    def rerank(self, query: Content, documents: Sequence[Content], /) -> list[float]:
        def ask(some: Sequence[Content]) -> list[Any]:
            return self._scores(query, some)

        blocks = side_by_side(ask, slices(documents, self.batch), self.parallel)
        return [float(score) for score in numbers([score for block in blocks for score in block], self.server)]

    def _scores(self, query: Content, documents: Sequence[Content]) -> list[Any]:
        body = {**self.fields, "query": _side(query), self.dialect.documents: [_side(each) for each in documents]}
        if self.dialect.counted:
            body["top_n"] = len(documents)
        answer = self.server.post(self.endpoint, body)
        if self.dialect.rows:
            answer = answer.get(self.dialect.rows) if isinstance(answer, dict) else None
        return by_index(answer, self.dialect.score, len(documents), self.server)


def _side(shown: Content) -> Any:
    """A text as it is; a picture, with its text, as one content of parts."""
    return shown if isinstance(shown, str) else {"content": parts(shown)}


def build(
    url: str,
    model: str = "",
    dialect: str = "vllm",
    endpoint: str = "/rerank",
    instruction: str = "",
    key_env: str = "",
    batch: int = 32,
    parallel: int = 4,
    timeout: float = 60.0,
    retries: int = 4,
) -> RerankServer:
    """`endpoint` follows `url`: Cohere's own are "/rerank" and "https://api.cohere.com/v2"."""
    at_least(1, batch=batch, parallel=parallel)
    if dialect not in DIALECTS:
        raise UnknownName("dialect", dialect, DIALECTS)
    if instruction and not DIALECTS[dialect].instructed:
        raise BadConfig(f"dialect {dialect!r} has no place for an instruction")
    given = {"model": model, "instruction": instruction}
    fields = {**DIALECTS[dialect].fields, **{name: value for name, value in given.items() if value}}
    return RerankServer(Server(url, key_env, timeout, retries), endpoint, DIALECTS[dialect], fields, batch, parallel)


def build_vl(
    url: str,
    model: str,
    endpoint: str = "/rerank",
    instruction: str = "",
    key_env: str = "VLLM_API_KEY",
    batch: int = 8,
    parallel: int = 4,
    timeout: float = 120.0,
    retries: int = 4,
) -> RerankServer:
    """vLLM, which alone takes pictures; fewer documents per request, because pictures are long."""
    return build(url, model, "vllm", endpoint, instruction, key_env, batch, parallel, timeout, retries)


@hookimpl
def harness_register_rerankers() -> list[RerankerSpec]:
    own = "a GPU that it uses is its own, and its memory is not measured"
    about, seeing = f"any server with a /rerank; {own}", f"vLLM's /rerank of texts with pictures; {own}"
    return [
        RerankerSpec("rerank-server", build, about=about),
        RerankerSpec("rerank-server-vl", build_vl, about=seeing, modalities=("text", "image")),
    ]
