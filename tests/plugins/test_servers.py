"""openai, vllm-chat, tei and rerank-server: bodies as documented, answers put back in order, over real HTTP."""

from __future__ import annotations

import base64
import io
import random
import tomllib
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from PIL import Image
from servers import ModelServer, cut, letters, shared_letters, status

from harness.config import load_config
from harness.data.model import Item, Query
from harness.engine.building import build
from harness.engine.embedding import embed
from harness.engine.pipeline import Pipeline
from harness.engine.reranking import new_order
from harness.errors import BadConfig, BadOutput, NotFinite, NotMeasured, UnknownName
from harness.grid.systems import System
from harness.plugging.components import Remarking
from harness.plugging.registry import Registry, collect

TEXTS = [f"{n}번 문항: $x^2={n}$의 해를 구하시오." for n in range(70)]
QUERY = Query("q", "이차방정식의 해")
ROWS = [Item(f"i{n}", text) for n, text in enumerate(TEXTS)]
KEY = "abcdef-0123456789-ghijkl"


@pytest.fixture
def there() -> Iterator[ModelServer]:
    with ModelServer() as server:
        yield server


@pytest.fixture(scope="module")
def shelf(tmp_path_factory) -> Registry:
    """Everything that is built in."""
    file = tmp_path_factory.mktemp("project") / "harness.toml"
    file.write_text('dataset = "bank"\ncriteria = "go.toml"\n[grid]\nretrievers = ["*"]\n')
    return collect(load_config(file))


@pytest.fixture
def table(shelf, there, monkeypatch):
    """The spec that a table of harness.toml makes of a family; its url is the server's, unless that is None."""
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)

    def made(uses: str, *lines: str, url: str | None = "") -> Any:
        address = {} if url is None else {"url": there.url + url}
        family = (shelf.embedders if uses in shelf.embedders else shelf.rerankers)[uses]
        return family.variant("mine", {**address, **tomllib.loads("\n".join(lines))})

    return made


@pytest.fixture
def component(table):
    """(component, its spec) of one table."""

    def built(uses: str, *lines: str, url: str | None = "") -> tuple[Any, Any]:
        spec = table(uses, *lines, url=url)
        return build(spec), spec

    return built


def shuffled(answer: Any) -> Any:
    """The same rows in another order; lists that carry no indices stay."""
    rows = answer if isinstance(answer, list) else answer.get("data") or answer["results"]
    if isinstance(rows[0], dict):
        random.Random(7).shuffle(rows)
    return answer


def one_less(answer: Any) -> Any:
    rows = answer if isinstance(answer, list) else answer.get("data") or answer["results"]
    rows.pop()
    return answer


def expected(texts, instruction=""):
    return np.array([letters(text, instruction) for text in texts])


# openai


def test_openai_sends_what_is_documented(there, component, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    mine, spec = component(
        "openai", 'model = "text-embedding-3-small"', "dimensions = 8", "batch = 2", "parallel = 1", url="/v1"
    )
    vectors = embed(mine, spec, ROWS[:3], "document")
    fields = {"model": "text-embedding-3-small", "encoding_format": "float", "dimensions": 8}
    assert there.bodies == [{**fields, "input": TEXTS[:2]}, {**fields, "input": TEXTS[2:3]}]
    assert {request.path for request in there.received} == {"/v1/embeddings"}
    assert {request.headers["authorization"] for request in there.received} == {f"Bearer {KEY}"}
    np.testing.assert_array_equal(vectors, expected(TEXTS[:3])[:, :8])
    assert (spec.dimensions, spec.on_device) == (8, True)


def test_openai_leaves_out_what_was_not_asked_for(there, component, monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    mine, spec = component("openai", 'model = "m"', url="/v1/")
    embed(mine, spec, [QUERY], "query")
    assert there.bodies == [{"model": "m", "encoding_format": "float", "input": [QUERY.text]}]
    assert "authorization" not in there.received[0].headers


def test_openai_keeps_the_order_of_shuffled_rows_and_parallel_requests(there, component):
    there.twist = shuffled
    mine, spec = component("openai", 'model = "m"', "batch = 7", "parallel = 4", url="/v1")
    np.testing.assert_array_equal(embed(mine, spec, ROWS, "document"), expected(TEXTS))
    assert sorted(len(body["input"]) for body in there.bodies) == [7] * 10


def test_openai_puts_each_sides_prefix_before_it_and_sends_no_empty_text(there, component):
    mine, _ = component("openai", 'model = "m"', 'query_prefix = "query: "', url="/v1")
    mine.encode_query(["가", ""])
    mine.encode_document(["가", ""])
    assert [body["input"] for body in there.bodies] == [["query: 가", "query: "], ["가", " "]]


def test_openai_asks_the_server_of_the_environment(there, table, monkeypatch):
    spec = table("openai", 'model = "m"', url=None)
    with pytest.raises(BadConfig) as refused:
        build(spec)
    assert (
        str(refused.value)
        == "no server for 'm': set `url` to one such as 'http://localhost:8000/v1', or OPENAI_BASE_URL"
    )
    monkeypatch.setenv("OPENAI_BASE_URL", f"{there.url}/v1")
    assert build(spec).encode_query(["가"]).shape == (1, 19)


# vllm-chat

PICTURE = Image.effect_noise((40, 30), 90).convert("RGB")


def test_vllm_chat_sends_what_is_documented(there, component):
    mine, _ = component("vllm-chat", 'model = "Qwen/Qwen3-VL-Embedding-2B"', "parallel = 1", url="/v1")
    mine.encode_document([{"image": PICTURE, "text": "넓이"}, {"image": PICTURE, "text": ""}, "넓이", ""])
    picture = there.bodies[0]["messages"][1]["content"][0]
    text = {"type": "text", "text": "넓이"}
    shown = [[picture, text], [picture], [text], [{"type": "text", "text": ""}]]
    assert there.bodies == [
        {
            "model": "Qwen/Qwen3-VL-Embedding-2B",
            "encoding_format": "float",
            "continue_final_message": True,
            "add_special_tokens": True,
            "messages": [
                {"role": "system", "content": [{"type": "text", "text": "Represent the user's input."}]},
                {"role": "user", "content": content},
                {"role": "assistant", "content": [{"type": "text", "text": ""}]},
            ],
        }
        for content in shown
    ]
    assert {request.path for request in there.received} == {"/v1/embeddings"}
    assert picture.keys() == {"type", "image_url"} and picture["type"] == "image_url"
    data = picture["image_url"]["url"].removeprefix("data:image/png;base64,")
    assert Image.open(io.BytesIO(base64.b64decode(data, validate=True))).tobytes() == PICTURE.tobytes()


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ("Find similar problems", "Find similar problems."),
        ("  Find similar problems!  ", "Find similar problems!"),
        ("비슷한 문항을 찾아라。", "비슷한 문항을 찾아라。"),
        ("x^2 =", "x^2 =."),  # a sign of mathematics is no punctuation
        (" ", "Represent the user's input."),
    ],
)
def test_vllm_chat_ends_an_instruction_with_a_full_stop(there, component, given, sent):
    mine, _ = component("vllm-chat", 'model = "m"', f'query_instruction = "{given}"')
    mine.encode_query(["가"])
    mine.encode_document(["가"])
    systems = [body["messages"][0]["content"][0]["text"] for body in there.bodies]
    assert systems == [sent, "Represent the user's input."]


def test_vllm_chat_keeps_the_order_of_requests_in_flight(there, component):
    mine, spec = component("vllm-chat", 'model = "m"', "parallel = 8")
    np.testing.assert_array_equal(embed(mine, spec, ROWS, "document"), expected(TEXTS, "Represent the user's input."))
    assert len(there.received) == len(ROWS)


def test_vllm_chat_cuts_dimensions_itself_and_normalises_again(there, component):
    mine, spec = component("vllm-chat", 'model = "m"', "dimensions = 4")
    vectors = embed(mine, spec, ROWS[:5], "document")
    first = expected(TEXTS[:5], "Represent the user's input.")[:, :4]
    np.testing.assert_allclose(vectors, first / np.linalg.norm(first, axis=1, keepdims=True), rtol=1e-6)
    assert all("dimensions" not in body for body in there.bodies)


def test_vllm_chat_may_leave_dimensions_to_the_server(there, component):
    mine, spec = component("vllm-chat", 'model = "m"', "dimensions = 4", "server_dimensions = true")
    np.testing.assert_array_equal(
        embed(mine, spec, ROWS[:2], "document"), expected(TEXTS[:2], "Represent the user's input.")[:, :4]
    )
    assert [body["dimensions"] for body in there.bodies] == [4, 4]


def test_vllm_chat_refuses_more_dimensions_than_there_are(component):
    mine, spec = component("vllm-chat", 'model = "m"', "dimensions = 64")
    with pytest.raises(BadOutput, match="'mine' returned 19 dimensions; its spec promises 64"):
        embed(mine, spec, ROWS[:1], "document")


# tei


def test_tei_sends_what_is_documented_and_no_more_than_32_at_once(there, component):
    mine, spec = component("tei", 'query_prompt_name = "query"', "parallel = 1")
    vectors = embed(mine, spec, ROWS, "document")
    wanted = expected(TEXTS)
    np.testing.assert_allclose(vectors, wanted / np.linalg.norm(wanted, axis=1, keepdims=True), rtol=1e-6)
    fields = {"normalize": True, "truncate": True}
    assert there.bodies == [{**fields, "inputs": TEXTS[n : n + 32]} for n in (0, 32, 64)]
    mine.encode_query(["가", ""])
    assert there.bodies[-1] == {**fields, "inputs": ["가", " "], "prompt_name": "query"}
    assert {request.path for request in there.received} == {"/embed"}


def test_tei_says_what_the_server_refused(component):
    mine, _ = component("tei", "batch = 33")
    with pytest.raises(BadOutput, match="413 .*batch size 33 > maximum allowed batch size 32"):
        mine.encode_document(TEXTS)


# rerank-server

DOCUMENTS = TEXTS[:40]


@pytest.mark.parametrize(
    ("dialect", "count", "fields"),
    [
        ("vllm", 30, {"model": "m", "instruction": "Find similar problems", "top_n": 30, "documents": DOCUMENTS[:30]}),
        ("cohere", 30, {"model": "m", "top_n": 30, "documents": DOCUMENTS[:30]}),
        ("tei", 30, {"model": "m", "truncate": True, "texts": DOCUMENTS[:30]}),
        ("tei", 1, {"model": "m", "truncate": True, "texts": DOCUMENTS[:1]}),
    ],
)
def test_rerank_server_sends_what_is_documented(there, component, dialect, count, fields):
    instruction = ['instruction = "Find similar problems"'] if dialect == "vllm" else []
    mine, _ = component("rerank-server", f'dialect = "{dialect}"', 'model = "m"', *instruction)
    there.twist = shuffled
    scores = mine.rerank(QUERY.text, DOCUMENTS[:count])
    assert there.bodies == [{**fields, "query": QUERY.text}]
    assert [request.path for request in there.received] == ["/rerank"]
    told = fields.get("instruction", "")
    np.testing.assert_allclose(scores, [shared_letters(QUERY.text, text, told) for text in DOCUMENTS[:count]])


@pytest.mark.parametrize("dialect", ["vllm", "cohere", "tei"])
def test_rerank_server_asks_in_portions_and_answers_in_the_order_of_documents(there, component, dialect):
    mine, spec = component("rerank-server", f'dialect = "{dialect}"')
    scores = mine.rerank(QUERY.text, DOCUMENTS)
    np.testing.assert_allclose(scores, [shared_letters(QUERY.text, text, "") for text in DOCUMENTS])
    assert len(there.received) == 2
    order = new_order(mine, spec, QUERY, ROWS[:40])
    assert scores[order[0]] == max(scores)
    assert mine.rerank(QUERY.text, []) == []


def test_rerank_server_asks_at_the_endpoint_that_is_named(there, component):
    mine, _ = component("rerank-server", 'dialect = "cohere"', 'endpoint = "/v2/rerank"')
    mine.rerank("가", ["나"])
    assert [request.path for request in there.received] == ["/v2/rerank"]


def test_rerank_server_refuses_what_a_dialect_cannot_say(component):
    with pytest.raises(
        UnknownName, match=r"unknown dialect 'vlm'. Did you mean 'vllm'\? There are: cohere, tei, vllm."
    ):
        component("rerank-server", 'dialect = "vlm"')
    with pytest.raises(BadConfig, match="dialect 'tei' has no place for an instruction"):
        component("rerank-server", 'dialect = "tei"', 'instruction = "Find"')


def test_rerank_server_vl_shows_pictures_as_one_content_each(there, component):
    mine, spec = component("rerank-server-vl", 'model = "Qwen/Qwen3-VL-Reranker-2B"', url="/v1")
    seen, only = {"image": PICTURE, "text": "넓이"}, {"image": PICTURE, "text": ""}
    scores = mine.rerank(seen, ["둘레", seen, only])
    (body,) = there.bodies
    picture, text = body["query"]["content"]
    assert (picture["type"], text) == ("image_url", {"type": "text", "text": "넓이"})
    assert body == {
        "model": "Qwen/Qwen3-VL-Reranker-2B",
        "query": {"content": [picture, text]},
        "documents": ["둘레", {"content": [picture, text]}, {"content": [picture]}],
        "top_n": 3,
    }
    np.testing.assert_allclose(scores, [shared_letters(seen, document, "") for document in ("둘레", seen, only)])
    assert spec.modalities == ("text", "image")


# All of them

EMBEDDERS = [("openai", 'model = "m"'), ("vllm-chat", 'model = "m"'), ("tei", "")]


@pytest.mark.parametrize(("uses", "line"), EMBEDDERS)
def test_an_embedder_outlives_faults_and_remarks_on_them(there, component, uses, line):
    there.faults = [status(429, "busy", Retry_After="0"), cut]
    mine, spec = component(uses, line, "parallel = 1")
    assert len(embed(mine, spec, ROWS[:4], "document")) == 4
    assert isinstance(mine, Remarking)
    assert [remark.rpartition(": ")[2] for remark in mine.remarks] == [
        "429 Too Many Requests",
        "the connection was cut",
    ]


@pytest.mark.parametrize(("uses", "line"), EMBEDDERS)
def test_an_embedder_that_answers_too_few_rows_is_refused(there, component, uses, line):
    there.twist = one_less
    mine, spec = component(uses, line)
    with pytest.raises(BadOutput, match=rf"server {there.url}\S* answered \d+ rows for \d+ inputs"):
        embed(mine, spec, ROWS[:4], "document")


@pytest.mark.parametrize(("uses", "line"), EMBEDDERS)
@pytest.mark.parametrize("answer", [{"error": "no model"}, [], "hello", None, 5])
def test_an_embedder_that_answers_nonsense_is_refused(there, component, uses, line, answer):
    there.twist = lambda _: answer
    mine, spec = component(uses, line)
    with pytest.raises(BadOutput, match=f"server {there.url}"):
        embed(mine, spec, ROWS[:2], "document")


def test_a_null_among_the_numbers_is_named_by_the_house(there, component):
    def spoilt(answer: Any) -> Any:
        answer["data"][1]["embedding"][3] = None
        return answer

    there.twist = spoilt
    mine, spec = component("openai", 'model = "m"', url="/v1")
    with pytest.raises(NotFinite, match=r"'mine' returned NaN or infinity for 'i1' \(1 of 3 inputs\)"):
        embed(mine, spec, ROWS[:3], "document")


@pytest.mark.parametrize("dialect", ["vllm", "tei"])
def test_a_reranker_that_answers_too_few_rows_or_nonsense_is_refused(there, component, dialect):
    mine, spec = component("rerank-server", f'dialect = "{dialect}"')
    there.twist = one_less
    with pytest.raises(BadOutput, match=rf"server {there.url} answered 2 rows for 3 inputs"):
        new_order(mine, spec, QUERY, ROWS[:3])
    there.twist = lambda _: {"error": "no model"}
    with pytest.raises(
        BadOutput, match=rf"server {there.url} answered without a list of rows that have 'index' and '\w*score'"
    ):
        new_order(mine, spec, QUERY, ROWS[:3])


FAMILIES = [*EMBEDDERS, ("rerank-server", ""), ("rerank-server-vl", 'model = "m"')]


@pytest.mark.parametrize(("uses", "line"), FAMILIES)
def test_a_key_has_no_place_in_harness_toml(table, uses, line):
    with pytest.raises(UnknownName, match="unknown option of .* 'api_key'.* key_env, ") as refused:
        table(uses, line, f'api_key = "{KEY}"')
    assert KEY not in str(refused.value)
    with pytest.raises(BadConfig, match="key_env names an environment variable") as refused:
        build(table(uses, line, f'key_env = "{KEY}"'))
    assert KEY not in str(refused.value)


@pytest.mark.parametrize(("uses", "line"), FAMILIES)
def test_options_that_cannot_be_are_refused_at_build(table, uses, line):
    with pytest.raises(BadConfig, match="parallel must be a whole number of at least 1, not 0"):
        build(table(uses, line, "parallel = 0"))


@pytest.mark.parametrize(("uses", "line"), FAMILIES)
def test_a_family_needs_its_table_and_says_that_its_memory_is_elsewhere(shelf, uses, line):
    family = (shelf.embedders if uses in shelf.embedders else shelf.rerankers)[uses]
    assert family.required
    assert family.on_device
    assert "its memory is not measured" in family.about


def test_tables_alone_make_a_system_that_answers_queries(there, config_of, dataset):
    tables = f"""
        [[embedder]]
        name = "remote"
        uses = "tei"
        url = "{there.url}"

        [[reranker]]
        name = "remote-second"
        uses = "rerank-server"
        url = "{there.url}"
        model = "m"
        depth = 3
    """
    pipeline = Pipeline(collect(config_of(tables=tables)), dataset, 5)
    first = pipeline.run(System("dense", "remote"))
    second = pipeline.run(System("dense", "remote", "remote-second"))
    assert first.query_ids == second.query_ids == dataset.queries.ids
    assert {request.path for request in there.received} == {"/embed", "/rerank"}
    texts = dict(zip(dataset.corpus.ids, dataset.corpus.texts, strict=True))
    for row, query in enumerate(dataset.queries.queries):
        before, after = ([name for name, _ in run.documents(row)] for run in (first, second))
        scores = {name: shared_letters(query.text, texts[name], "") for name in before[:3]}
        assert after == [*sorted(before[:3], key=lambda name: (scores[name], name), reverse=True), *before[3:]]


def test_a_server_that_is_not_there_is_not_measured(dataset, config_of, there):
    url = there.url
    there.__exit__()
    tables = f'[[embedder]]\nname = "remote"\nuses = "tei"\nurl = "{url}"'
    pipeline = Pipeline(collect(config_of(tables=tables)), dataset, 5)
    with pytest.raises(NotMeasured, match=f"^server {url} does not answer: connection refused$"):
        pipeline.run(System("dense", "remote"))
