"""A real HTTP server on this machine that answers as vLLM, OpenAI, TEI and Cohere do, and fails as a test wants it to."""

from __future__ import annotations

import base64
import io
import json
import socket
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from PIL import Image

from harness.plugging.components import Content

Fault = Callable[[BaseHTTPRequestHandler], None]
"""Answers one request in place of the model."""

TEI_BATCH = 32


@dataclass(frozen=True)
class Received:
    """One request as it came over the wire; names of headers are lower-case."""

    path: str
    headers: dict[str, str]
    body: Any


def letters(shown: Content, instruction: str) -> list[float]:
    """Counts of letters, then the mean colour of the picture: what a reader could check by hand."""
    text = shown if isinstance(shown, str) else shown["text"]
    counts = [0.0] * 16
    for letter in text + instruction:
        counts[ord(letter) % 16] += 1
    colour = (0, 0, 0) if isinstance(shown, str) else shown["image"].resize((1, 1)).getpixel((0, 0))
    return [*counts, *(channel / 255 for channel in colour)]


def shared_letters(query: Content, document: Content, instruction: str) -> float:
    """The cosine of what `letters` counts."""
    a, b = letters(query, instruction), letters(document, instruction)
    return sum(x * y for x, y in zip(a, b, strict=True)) / (_length(a) * _length(b) or 1)


class ModelServer:
    """`with ModelServer() as server: server.url`.

    `faults` are used up first, one per request; then `embed` and `score` answer, in the documented form, and `twist`
    may spoil the answer. `received` holds every request.
    """

    def __init__(
        self,
        embed: Callable[[Content, str], Sequence[float]] = letters,
        score: Callable[[Content, Content, str], float] = shared_letters,
    ) -> None:
        self.embed, self.score = embed, score
        self.faults: list[Fault] = []
        self.twist: Callable[[Any], Any] = lambda answer: answer
        self.received: list[Received] = []
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"model": self}))
        self._http.daemon_threads = True
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.01,), daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_port}"

    @property
    def bodies(self) -> list[Any]:
        return [request.body for request in self.received]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def answer(self, path: str, body: dict[str, Any]) -> tuple[int, Any]:
        """The status and the JSON that a well-behaved server answers."""
        if path.endswith("/embeddings"):
            return 200, self._embeddings(body)
        if path == "/embed":
            return self._embed(body)
        if path.endswith("/rerank"):
            return self._rerank_tei(body) if "texts" in body else (200, self._rerank(body))
        return 404, {"detail": "Not Found"}

    def _embeddings(self, body: dict[str, Any]) -> dict[str, Any]:
        """OpenAI's form: a list of texts, or (vLLM) one conversation."""
        if "messages" in body:
            said = {message["role"]: _content(message["content"]) for message in body["messages"]}
            vectors = [self.embed(said["user"], said["system"])]
        else:
            vectors = [self.embed(text, "") for text in body["input"]]
        rows = [
            {"object": "embedding", "index": index, "embedding": list(vector)[: body.get("dimensions")]}
            for index, vector in enumerate(vectors)
        ]
        usage = {"prompt_tokens": 1, "total_tokens": 1}
        return {"object": "list", "data": rows, "model": body["model"], "usage": usage}

    def _embed(self, body: dict[str, Any]) -> tuple[int, Any]:
        if (count := len(body["inputs"])) > TEI_BATCH:
            return 413, _too_many(count)
        vectors = [list(self.embed(text, body.get("prompt_name", ""))) for text in body["inputs"]]
        return 200, [[x / (_length(vector) or 1) for x in vector] for vector in vectors]

    def _rerank(self, body: dict[str, Any]) -> dict[str, Any]:
        """vLLM's and Cohere's form: the best first, and no more than `top_n` of them."""
        query, instruction = _side(body["query"]), body.get("instruction", "")
        scores = [self.score(query, _side(document), instruction) for document in body["documents"]]
        rows = [{"index": index, "relevance_score": score} for index, score in enumerate(scores)]
        rows.sort(key=lambda row: -row["relevance_score"])
        return {"id": "rerank-1", "model": body.get("model"), "results": rows[: body.get("top_n") or None]}

    def _rerank_tei(self, body: dict[str, Any]) -> tuple[int, Any]:
        if (count := len(body["texts"])) > TEI_BATCH:
            return 413, _too_many(count)
        rows = [{"index": n, "score": self.score(body["query"], text, "")} for n, text in enumerate(body["texts"])]
        return 200, sorted(rows, key=lambda row: -row["score"])


def status(code: int, text: str = "", **headers: str) -> Fault:
    """Refuses with this status and body; `Retry_After` is written Retry-After."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda handler: _send(handler, code, text.encode(), named)


def hang(seconds: float) -> Fault:
    """Says nothing for a while, and then hangs up."""

    def fault(handler: BaseHTTPRequestHandler) -> None:
        time.sleep(seconds)
        handler.close_connection = True

    return fault


def cut(handler: BaseHTTPRequestHandler) -> None:
    """Promises a thousand bytes, sends a few, and is gone."""
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b'{"data": [{"index": 0, "embedd')
    handler.wfile.flush()
    handler.connection.shutdown(socket.SHUT_RDWR)
    handler.close_connection = True


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    model: ModelServer

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.model.received.append(Received(self.path, headers, body))
        if self.model.faults:
            return self.model.faults.pop(0)(self)
        code, answer = self.model.answer(self.path, body)
        return _send(self, code, json.dumps(self.model.twist(answer)).encode(), {})

    def log_message(self, *_: object) -> None:
        """Requests are in `received`."""


def _send(handler: BaseHTTPRequestHandler, code: int, body: bytes, headers: dict[str, str]) -> None:
    handler.send_response(code)
    for name, value in {"Content-Type": "application/json", "Content-Length": str(len(body)), **headers}.items():
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(body)


def _side(sent: Any) -> Content:
    return sent if isinstance(sent, str) else _content(sent["content"])


def _content(parts: list[dict[str, Any]]) -> Any:
    """What the parts of a message show: a text, or a picture and a text."""
    text = "".join(part["text"] for part in parts if part["type"] == "text")
    pictures = [part["image_url"]["url"] for part in parts if part["type"] == "image_url"]
    return {"image": _picture(pictures[0]), "text": text} if pictures else text


def _picture(url: str) -> Image.Image:
    head, _, data = url.partition(",")
    assert head == "data:image/png;base64"
    return Image.open(io.BytesIO(base64.b64decode(data, validate=True))).convert("RGB")


def _too_many(count: int) -> dict[str, str]:
    error = f"batch size {count} > maximum allowed batch size {TEI_BATCH}"
    return {"error": error, "error_type": "Validation"}


def _length(vector: Sequence[float]) -> float:
    return sum(x * x for x in vector) ** 0.5
