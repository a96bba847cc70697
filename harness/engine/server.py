"""A server that is asked over HTTP: JSON there and back, asked again where that may help, each failure one line.

Its key is read from the environment variable that an option names: it stands in no file and in no message.
"""

from __future__ import annotations

import os
import random
import re
import threading
import time
import weakref
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar

import httpx2

from harness.errors import BadConfig, BadOutput, HarnessError, NotMeasured
from harness.masking import MASK, masked_text

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")

LONGEST_PAUSE = 30.0
"""Seconds; pauses double no further."""

_AWAY = frozenset({401, 403, 408, 429, 502, 503, 504, 529})
"""Statuses of a server that is not there for us (no key, no room, still loading): nothing can be measured."""

_VARIABLE = re.compile(r"[A-Z_][A-Z0-9_]*")


@dataclass(frozen=True)
class _Trouble:
    """What went wrong with one request; `wait` is the seconds that the server asked for."""

    error: type[HarnessError]
    reason: str
    sentence: str
    passing: bool = False
    wait: float | None = None


class Server:
    """One server at a base address, such as "http://localhost:8000/v1"; may be asked by many threads at once.

    `timeout` is in seconds without a sign of life. Time-outs, cut connections, 429 and 5xx are asked again, `retries`
    times at most, as long as the pauses (what Retry-After says, else doubling from `backoff` seconds) add up to no
    more than `patience` seconds. `remarks` says that this happened. Raises BadConfig for options that cannot be.
    """

    def __init__(
        self,
        url: str,
        key_env: str = "",
        timeout: float = 60.0,
        retries: int = 4,
        backoff: float = 0.5,
        patience: float = 120.0,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        at_least(0, retries=retries)
        at_least(0.001, timeout=timeout)
        self.address, self.key_env, self._key = _address(url), key_env, _key(key_env)
        self.timeout, self.retries, self.backoff, self.patience = timeout, retries, backoff, patience
        self.remarks: list[str] = []
        self._sleep, self._lock = sleep, threading.Lock()
        headers = {"Authorization": f"Bearer {self._key}"} if self._key else {}
        self._client = httpx2.Client(timeout=timeout, headers=headers)
        weakref.finalize(self, self._client.close)

    def __str__(self) -> str:
        return f"server {self.address}"

    def post(self, path: str, body: Any) -> Any:
        """The JSON that answers a JSON `body`.

        Raises NotMeasured if the server does not answer or does not let us in, BadOutput for a refusal or nonsense.
        """
        pauses: list[float] = []
        while isinstance(answer := self._ask(path, body), _Trouble):
            pauses.append(self._pause(answer, pauses))
            self._remark(f"{self.address}{path} was asked again: {answer.reason}")
            self._sleep(pauses[-1])
        return answer

    def _ask(self, path: str, body: Any) -> Any:
        """JSON, or the _Trouble with getting it."""
        asked = f"POST {self.address}{path}"
        try:
            response = self._client.post(self.address + path, json=body)
        except httpx2.TimeoutException:
            reason = f"no answer within {self.timeout:g} s"
            return _Trouble(NotMeasured, reason, f"{asked}: {reason}", passing=True)
        except httpx2.ConnectError as error:
            return _Trouble(NotMeasured, "no connection", f"{self} does not answer: {self._said(_plain(error))}")
        except httpx2.HTTPError as error:
            reason = "the connection was cut"
            return _Trouble(NotMeasured, reason, f"{asked}: {reason}: {self._said(_plain(error))}", passing=True)
        return self._read(asked, response) if response.is_success else self._refusal(asked, response)

    def _read(self, asked: str, response: httpx2.Response) -> Any:
        try:
            return response.json()
        except ValueError:
            said = f"{asked} answered what is not JSON: {self._said(response.text)}"
            return _Trouble(BadOutput, "not JSON", said)

    def _refusal(self, asked: str, response: httpx2.Response) -> _Trouble:
        status = response.status_code
        reason = f"{status} {response.reason_phrase}".strip()
        return _Trouble(
            NotMeasured if status in _AWAY else BadOutput,
            reason,
            f"{asked} answered {reason}: {self._said(response.text)}{self._key_hint(status)}",
            passing=status in (408, 429) or status >= 500,
            wait=_seconds(response.headers.get("Retry-After", "")),
        )

    def _key_hint(self, status: int) -> str:
        if status not in (401, 403) or self._key:
            return ""
        return f"; {self.key_env} is not set" if self.key_env else "; key_env names no variable that holds a key"

    def _pause(self, trouble: _Trouble, pauses: Sequence[float]) -> float:
        """Seconds until asking again may help. Raises what the trouble is where it will not, or was tried enough."""
        own = min(self.backoff * 2 ** len(pauses), LONGEST_PAUSE) * random.uniform(0.5, 1)  # threads must not march
        pause = own if trouble.wait is None else trouble.wait
        if trouble.passing and len(pauses) < self.retries and sum(pauses) + pause <= self.patience:
            return pause
        times = f" (asked {len(pauses) + 1} times)" if pauses else ""
        wish = f" (it wants to be asked again in {pause:g} s)" if trouble.wait and pause > self.patience else ""
        raise trouble.error(trouble.sentence + times + wish)

    def _remark(self, sentence: str) -> None:
        with self._lock:
            if sentence not in self.remarks:
                self.remarks.append(sentence)

    def _said(self, text: str, limit: int = 200) -> str:
        """What a server said, on one line, without the key that it may have repeated."""
        line = masked_text(" ".join((text.replace(self._key, MASK) if self._key else text).split()))
        return (line if len(line) <= limit else line[: limit - 1] + "…") or "(nothing)"


def at_least(least: float, **options: float) -> None:
    """Raises BadConfig for an option below `least`, or of another type: whole numbers where `least` is one."""
    kinds = (int,) if isinstance(least, int) else (int, float)
    for name, value in options.items():
        if type(value) not in kinds or value < least:
            what = "a whole number" if isinstance(least, int) else "a number"
            raise BadConfig(f"{name} must be {what} of at least {least}, not {value!r}")


def side_by_side(ask: Callable[[Asked], Answer], inputs: Sequence[Asked], parallel: int) -> list[Answer]:
    """The answer to each input, in order; `parallel` are asked at once. The first error ends it."""
    if len(inputs) < 2 or parallel < 2:
        return [ask(each) for each in inputs]
    with ThreadPoolExecutor(min(parallel, len(inputs))) as pool:
        return list(pool.map(ask, inputs))


def _address(url: str) -> str:
    """The base address without a slash at its end; it carries no key."""
    try:
        parsed = httpx2.URL(url)
    except (httpx2.InvalidURL, TypeError):
        parsed = httpx2.URL("")
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise BadConfig(f"url must be like 'http://localhost:8000', not {masked_text(str(url))!r}")
    if parsed.userinfo or parsed.query or parsed.fragment:
        raise BadConfig(
            f"url of {parsed.host} must end with its path and carry no password: key_env names the variable of a key"
        )
    return str(parsed).rstrip("/")


def _key(variable: str) -> str:
    if variable and (not _VARIABLE.fullmatch(variable) or masked_text(variable) != variable):
        raise BadConfig(
            "key_env names an environment variable, such as 'OPENAI_API_KEY'; a key itself has no place here"
        )
    key = os.environ.get(variable, "").strip() if variable else ""
    if not key.isascii() or not key.isprintable() or " " in key:
        raise BadConfig(f"the environment variable {variable} holds characters that no key has")
    return key


def _plain(error: Exception) -> str:
    """An error of the network without its number: "connection refused"."""
    text = re.sub(r"^\[Errno -?\d+\] *", "", str(error)) or type(error).__name__
    return text[:1].lower() + text[1:]


def _seconds(retry_after: str) -> float | None:
    """A Retry-After, which is in seconds or a date, as seconds; None for none, or one that cannot be read."""
    if re.fullmatch(r"\d+(\.\d+)?", retry_after):
        return float(retry_after)
    try:
        return max((parsedate_to_datetime(retry_after) - datetime.now(UTC)).total_seconds(), 0.0)
    except (TypeError, ValueError):
        return None
