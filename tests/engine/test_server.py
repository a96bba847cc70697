"""A server that is asked over HTTP, over real HTTP: it is asked again where that helps, and keys stay secret."""

from __future__ import annotations

import gc
import socket
import threading
import weakref
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from servers import ModelServer, cut, hang, status

from harness.engine.server import LONGEST_PAUSE, Server, at_least, side_by_side
from harness.errors import BadConfig, BadOutput, NotMeasured

BODY = {"model": "m", "input": ["삼각형의 넓이"]}
KEY = "abcdef-0123456789-ghijkl"


@pytest.fixture
def there():
    with ModelServer() as server:
        yield server


class Pauses(list):
    """The pauses that were wanted; nobody waits for them."""

    __call__ = list.append


def asking(there, pauses=None, **options):
    return Server(there.url, sleep=Pauses() if pauses is None else pauses, **options)


def refused(error, server, path="/embeddings"):
    with pytest.raises(error) as raised:
        server.post(path, BODY)
    assert "\n" not in str(raised.value)
    return str(raised.value)


def test_json_goes_there_and_comes_back(there):
    answer = asking(there).post("/embeddings", BODY)
    assert [len(row["embedding"]) for row in answer["data"]] == [19]
    (request,) = there.received
    assert (request.path, request.body) == ("/embeddings", BODY)
    assert request.headers["content-type"] == "application/json"


def test_the_key_comes_from_the_variable_that_is_named(there, monkeypatch):
    monkeypatch.setenv("MY_SERVER_KEY", f" {KEY}\n")
    monkeypatch.setenv("OPENAI_API_KEY", "another")
    asking(there, key_env="MY_SERVER_KEY").post("/embeddings", BODY)
    asking(there).post("/embeddings", BODY)
    assert [request.headers.get("authorization") for request in there.received] == [f"Bearer {KEY}", None]


# Asked again


def test_retry_after_is_honoured(there):
    pauses = Pauses()
    there.faults = [status(429, "slow down", Retry_After="7")]
    server = asking(there, pauses)
    assert server.post("/embeddings", BODY)["data"]
    assert pauses == [7.0]
    assert there.bodies == [BODY, BODY]
    assert server.remarks == [f"{there.url}/embeddings was asked again: 429 Too Many Requests"]


def test_retry_after_may_be_a_date(there):
    pauses = Pauses()
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True)
    there.faults = [
        status(503, Retry_After=soon),
        status(503, Retry_After="Mon, 01 Jan 2001 00:00:00 GMT"),
        status(503, Retry_After="soon"),
    ]
    asking(there, pauses).post("/embeddings", BODY)
    assert 25 < pauses[0] <= 30
    assert pauses[1] == 0.0
    assert 1.0 <= pauses[2] <= 2.0  # nothing readable: its own third pause, 0.5 * 2**2, less what keeps threads apart


def test_a_server_that_recovers_is_no_failure(there):
    pauses = Pauses()
    there.faults = [status(500, "oops"), status(500, "oops")]
    server = asking(there, pauses)
    assert server.post("/embeddings", BODY)["data"]
    assert [0.25 <= pauses[0] <= 0.5, 0.5 <= pauses[1] <= 1.0, len(pauses)] == [True, True, 2]
    assert server.remarks == [f"{there.url}/embeddings was asked again: 500 Internal Server Error"]


def test_pauses_double_and_end(there):
    pauses = Pauses()
    there.faults = [status(500)] * 20
    refused(BadOutput, asking(there, pauses, retries=19, backoff=1, patience=10_000))
    ceilings = [min(2**n, LONGEST_PAUSE) for n in range(19)]
    assert all(ceiling / 2 <= pause <= ceiling for pause, ceiling in zip(pauses, ceilings, strict=True))


def test_enough_is_enough(there):
    there.faults = [status(500, '{"error": "CUDA out of memory"}')] * 3
    said = refused(BadOutput, asking(there, retries=2))
    assert (
        said
        == f'POST {there.url}/embeddings answered 500 Internal Server Error: {{"error": "CUDA out of memory"}} (asked 3 times)'
    )
    assert len(there.received) == 3


def test_patience_is_bounded_in_time_too(there):
    pauses = Pauses()
    there.faults = [status(429, Retry_After="50")] * 3
    said = refused(NotMeasured, asking(there, pauses, patience=120))
    assert pauses == [50.0, 50.0]
    assert said == f"POST {there.url}/embeddings answered 429 Too Many Requests: (nothing) (asked 3 times)"


def test_a_server_that_wants_to_be_left_alone_is_left_alone(there):
    pauses = Pauses()
    there.faults = [status(429, "quota", Retry_After="86400")]
    said = refused(NotMeasured, asking(there, pauses))
    assert (
        said
        == f"POST {there.url}/embeddings answered 429 Too Many Requests: quota (it wants to be asked again in 86400 s)"
    )
    assert pauses == []


def test_a_time_out_is_asked_again(there):
    there.faults = [hang(0.3)]
    server = asking(there, timeout=0.1)
    assert server.post("/embeddings", BODY)["data"]
    assert server.remarks == [f"{there.url}/embeddings was asked again: no answer within 0.1 s"]
    there.faults = [hang(0.3), hang(0.3)]
    assert (
        refused(NotMeasured, asking(there, timeout=0.1, retries=1))
        == f"POST {there.url}/embeddings: no answer within 0.1 s (asked 2 times)"
    )


def test_a_cut_connection_is_asked_again(there):
    there.faults = [cut]
    server = asking(there)
    assert server.post("/embeddings", BODY)["data"]
    assert server.remarks == [f"{there.url}/embeddings was asked again: the connection was cut"]
    there.faults = [cut, cut]
    said = refused(NotMeasured, asking(there, retries=1))
    assert said.startswith(f"POST {there.url}/embeddings: the connection was cut: peer closed connection")
    assert said.endswith(" (asked 2 times)")


# Not asked again


def test_a_server_that_is_not_there_is_not_measured():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    pauses = Pauses()
    said = refused(NotMeasured, Server(f"http://127.0.0.1:{port}/v1/", sleep=pauses))
    assert said == f"server http://127.0.0.1:{port}/v1 does not answer: connection refused"
    assert pauses == []


@pytest.mark.parametrize("text", ["{oops", "", "<html>\n<body>Welcome</body></html>"])
def test_what_is_not_json_is_bad_output(there, text):
    there.faults = [status(200, text)]
    said = " ".join(text.split()) or "(nothing)"
    assert refused(BadOutput, asking(there)) == f"POST {there.url}/embeddings answered what is not JSON: {said}"
    assert len(there.received) == 1


def test_a_refusal_says_what_the_server_said_on_one_short_line(there):
    there.faults = [status(400, '{"message":\n  "input too long: ' + "가" * 500 + '"}')]
    said = refused(BadOutput, asking(there))
    assert said.startswith(f'POST {there.url}/embeddings answered 400 Bad Request: {{"message": "input too long: 가가')
    assert said.endswith("가…")
    assert len(said) < 300
    assert len(there.received) == 1


def test_a_wrong_path_names_the_whole_address(there):
    said = refused(BadOutput, asking(there), "/nowhere")
    assert said == f'POST {there.url}/nowhere answered 404 Not Found: {{"detail": "Not Found"}}'


def test_a_redirection_is_not_followed_with_the_key(there, monkeypatch):
    monkeypatch.setenv("MY_SERVER_KEY", KEY)
    there.faults = [status(307, Location=f"{there.url}/elsewhere")]
    assert "307 Temporary Redirect" in refused(BadOutput, asking(there, key_env="MY_SERVER_KEY"))
    assert len(there.received) == 1


# Keys


@pytest.mark.parametrize("code", [401, 403, 400, 500])
def test_a_key_that_the_server_repeats_is_masked(there, monkeypatch, code):
    monkeypatch.setenv("MY_SERVER_KEY", KEY)
    there.faults = [status(code, f"Incorrect API key provided: {KEY}. Bearer {KEY} is unknown.")]
    error = NotMeasured if code in (401, 403) else BadOutput
    said = refused(error, asking(there, key_env="MY_SERVER_KEY", retries=0))
    assert KEY not in said
    assert "Incorrect API key provided: ***" in said


def test_a_key_in_what_is_not_json_is_masked(there, monkeypatch):
    monkeypatch.setenv("MY_SERVER_KEY", KEY)
    there.faults = [status(200, f"hello {KEY}")]
    assert refused(BadOutput, asking(there, key_env="MY_SERVER_KEY")).endswith("not JSON: hello ***")


@pytest.mark.parametrize(
    ("key_env", "hint"),
    [("MY_SERVER_KEY", "; MY_SERVER_KEY is not set"), ("", "; key_env names no variable that holds a key")],
)
def test_a_missing_key_is_named(there, monkeypatch, key_env, hint):
    monkeypatch.delenv("MY_SERVER_KEY", raising=False)
    there.faults = [status(401, "Unauthorized")]
    said = refused(NotMeasured, asking(there, key_env=key_env))
    assert said == f"POST {there.url}/embeddings answered 401 Unauthorized: Unauthorized{hint}"


@pytest.mark.parametrize(
    "key", ["sk-proj-0123456789abcdefghij", "hf_0123456789abcdefghij", "0123456789abcdef", KEY, "AKIAIOSFODNN7EXAMPLE"]
)
def test_a_key_in_the_place_of_its_variable_is_refused_and_not_repeated(key):
    with pytest.raises(BadConfig) as raised:
        Server("http://localhost", key_env=key)
    assert (
        str(raised.value)
        == "key_env names an environment variable, such as 'OPENAI_API_KEY'; a key itself has no place here"
    )


@pytest.mark.parametrize("value", ["two words", "열쇠", "a\nb"])
def test_a_variable_that_holds_no_key_is_refused_and_not_repeated(monkeypatch, value):
    monkeypatch.setenv("MY_SERVER_KEY", value)
    with pytest.raises(BadConfig) as raised:
        Server("http://localhost", key_env="MY_SERVER_KEY")
    assert str(raised.value) == "the environment variable MY_SERVER_KEY holds characters that no key has"


@pytest.mark.parametrize(
    "url", [f"http://me:{KEY}@localhost/v1", f"http://localhost/v1?key={KEY}", f"http://localhost/#{KEY}"]
)
def test_an_address_that_carries_a_key_is_refused_and_not_repeated(url):
    with pytest.raises(BadConfig) as raised:
        Server(url)
    assert KEY not in str(raised.value)
    assert str(raised.value).startswith("url of localhost must end with its path and carry no password")


@pytest.mark.parametrize("url", ["", "localhost:8000", "ftp://x", "http://", "http://x:port", 8000])
def test_an_address_that_is_none_is_refused(url):
    with pytest.raises(BadConfig) as raised:
        Server(url)
    assert str(raised.value) == f"url must be like 'http://localhost:8000', not {str(url)!r}"


# Options and threads


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ({"retries": -1}, "retries must be a whole number of at least 0, not -1"),
        ({"retries": 1.5}, "retries must be a whole number of at least 0, not 1.5"),
        ({"timeout": 0}, "timeout must be a number of at least 0.001, not 0"),
        ({"timeout": "60"}, "timeout must be a number of at least 0.001, not '60'"),
    ],
)
def test_options_that_cannot_be_are_refused(option, message):
    with pytest.raises(BadConfig) as raised:
        Server("http://localhost", **option)
    assert str(raised.value) == message


def test_truth_is_no_number():
    with pytest.raises(BadConfig, match="parallel must be a whole number of at least 1, not True"):
        at_least(1, parallel=True)


def test_as_many_as_wanted_are_asked_at_once_and_answers_keep_their_order():
    four, lock, now, most = threading.Barrier(4), threading.Lock(), [0], [0]

    def ask(number):
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])
        four.wait(timeout=5)  # passes only if four are here at the same time
        with lock:
            now[0] -= 1
        return number * 10

    assert side_by_side(ask, range(12), 4) == [number * 10 for number in range(12)]
    assert most == [4]


def test_one_at_a_time_needs_no_threads():
    here = threading.get_ident()
    assert side_by_side(lambda _: threading.get_ident(), range(3), 1) == [here] * 3
    assert side_by_side(lambda _: threading.get_ident(), [0], 8) == [here]


def test_the_first_error_ends_it(there):
    there.faults = [status(400, "no")]
    server = asking(there)
    with pytest.raises(BadOutput, match="400 Bad Request"):
        side_by_side(lambda _: server.post("/embeddings", BODY), range(500), 2)
    assert len(there.received) < 500


def test_a_server_that_is_let_go_closes_its_connections(there):
    server = asking(there)
    server.post("/embeddings", BODY)
    client, gone = server._client, weakref.ref(server)
    del server
    gc.collect()
    assert gone() is None
    assert client.is_closed
