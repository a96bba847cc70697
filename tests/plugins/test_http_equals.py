"""A model behind a server is the same model: over real HTTP, in vLLM's, OpenAI's and TEI's forms, on tiny checkpoints.

The servers compute by recipes written out here; pictures have sides that the networks need not change.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from PIL import Image
from servers import ModelServer

from harness.config import Config, Models
from harness.data.model import Item, Query
from harness.engine.building import build as build_spec
from harness.engine.embedding import embed
from harness.engine.reranking import new_order
from harness.plugging.registry import collect

pytest_plugins = ("tiny",)
torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

Plugin = Callable[[str], ModuleType]
Configured = Callable[..., Config]
TEXTS = [
    "삼각형 ABC의 넓이를 구하시오.",
    r"$x^2-5x+6=0$의 두 근을 구하시오.",
    "주사위 한 개를 던질 때 짝수가 나올 확률",
    "함수 y=2x+1의 그래프의 기울기와 y절편을 구하고, 일차함수의 그래프가 지나는 점을 모두 쓰시오.",
    "3",
]
SIZES = [(64, 96), (128, 64), (320, 256), (32, 256)]


def picture(width: int, height: int, seed: int) -> Image.Image:
    return Image.fromarray(np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8))


PICTURES = [picture(*size, seed) for seed, size in enumerate(SIZES)]
SEEN = [{"image": image, "text": text} for image, text in zip(PICTURES, [*TEXTS[:3], ""], strict=True)]
MIXED = [*TEXTS, *SEEN]


def off(ours: Any, theirs: Any) -> float:
    return float(np.abs(np.asarray(ours) - np.asarray(theirs)).max())


class Network:
    """One of the Qwen3-VL folders; gives the state of the last token of a prompt."""

    def __init__(self, folder: Path) -> None:
        auto = transformers.AutoModelForImageTextToText
        self.whole = auto.from_pretrained(folder, dtype=torch.float32).eval()
        self.tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
        self.eye = transformers.AutoImageProcessor.from_pretrained(folder, backend="pil")

    def last(self, prompt: str, images: Sequence[Image.Image], *, add_special_tokens: bool) -> Any:
        for image in images:
            places = "<|image_pad|>" * (image.width * image.height // 1024)
            prompt = prompt.replace("<picture>", f"<|vision_start|>{places}<|vision_end|>", 1)
        ids = self.tokenizer(prompt, add_special_tokens=add_special_tokens, return_tensors="pt").input_ids
        seen = dict(self.eye(list(images), do_resize=False, return_tensors="pt")) if images else {}
        kinds = (ids == self.tokenizer.convert_tokens_to_ids("<|image_pad|>")).int()
        with torch.no_grad():
            return self.whole.model(input_ids=ids, mm_token_type_ids=kinds, **seen).last_hidden_state[0, -1]


def said(shown: Any) -> tuple[str, list[Image.Image]]:
    """A content as it stands in a prompt, and its pictures."""
    return (shown, []) if isinstance(shown, str) else (f"<picture>{shown['text']}", [shown["image"]])


class VLLM(ModelServer):
    """vLLM over a tiny Qwen3-VL folder: it keeps to the request's own flags, whose defaults pool another token."""

    def __init__(self, folder: Path) -> None:
        super().__init__(score=self.relevance)
        self.network = Network(folder)

    def answer(self, path: str, body: dict[str, Any]) -> tuple[int, Any]:
        """The base's, but that a vector depends on what is asked beside the messages."""
        special, goes_on = body.get("add_special_tokens", False), body.get("continue_final_message", False)
        self.embed = lambda shown, instruction: self.vector(shown, instruction, special, goes_on)
        return super().answer(path, body)

    def vector(self, shown: Any, instruction: str, special: bool, goes_on: bool) -> list[float]:
        text, images = said(shown)
        prompt = f"<|im_start|>system\n{instruction}<|im_end|>\n<|im_start|>user\n{text}<|im_end|>\n"
        # The last message is the assistant's, and empty: it stays open only where it is to be continued.
        prompt += "<|im_start|>assistant\n" + ("" if goes_on else "<|im_end|>\n")
        state = self.network.last(prompt, images, add_special_tokens=special)
        return torch.nn.functional.normalize(state, dim=0).tolist()

    def relevance(self, query: Any, document: Any, instruction: str) -> float:
        """The template that vLLM is started with for this model; probabilities, as it answers."""
        (asked, images), (held, more) = said(query), said(document)
        system = "Judge whether the Document meets the requirements based on the Query and the Instruct provided."
        system += ' Note that the answer can only be "yes" or "no".'
        task = instruction or "Given a search query, retrieve relevant candidates that answer the query."
        user = f"<Instruct>: {task}<Query>:{asked}\n<Document>:{held}"
        prompt = f"<|im_start|>system\n{system}<|im_end|>\n<|im_start|>user\n{user}<|im_end|>\n<|im_start|>assistant\n"
        state = self.network.last(prompt, [*images, *more], add_special_tokens=True)
        head = self.network.whole.get_output_embeddings().weight
        yes, no = self.network.tokenizer.convert_tokens_to_ids(["yes", "no"])
        return float(torch.sigmoid(state @ (head[yes] - head[no])).detach())


@pytest.fixture
def over_http(config_of: Configured) -> Callable[..., Any]:
    """The spec that a table of harness.toml makes."""

    def made(kind: str, *lines: str) -> Any:
        registry = collect(config_of(tables="\n".join([f"[[{kind}]]", 'name = "mine"', *lines])))
        return (registry.embedders if kind == "embedder" else registry.rerankers)["mine"]

    return made


# vLLM's embeddings of conversations


@pytest.fixture
def vllm(tiny_qwen: Path) -> Iterator[VLLM]:
    with VLLM(tiny_qwen) as server:
        yield server


def test_vllm_chat_is_qwen_in_this_process(vllm: VLLM, over_http: Any, plugin: Plugin, tiny_qwen: Path) -> None:
    spec = over_http("embedder", 'uses = "vllm-chat"', 'model = "m"', f'url = "{vllm.url}"')
    here, there = plugin("embedders/qwen3_vl").build(Models(), model=str(tiny_qwen), device="cpu"), build_spec(spec)
    expected = here.encode_document(MIXED)
    assert off(there.encode_document(MIXED), expected) <= 1e-5
    assert off(there.encode_query(MIXED), expected) <= 1e-5
    assert np.linalg.norm(expected[:, None] - expected, axis=2)[~np.eye(len(MIXED), dtype=bool)].min() > 0.05


def test_instructions_and_fewer_dimensions_are_the_same_too(
    vllm: VLLM, over_http: Any, plugin: Plugin, tiny_qwen: Path
) -> None:
    wishes = {"query_instruction": "Find similar items", "document_instruction": "문항을 나타내시오!", "dimensions": 24}
    lines = [f"{key} = {value}" if isinstance(value, int) else f'{key} = "{value}"' for key, value in wishes.items()]
    spec = over_http("embedder", 'uses = "vllm-chat"', 'model = "m"', f'url = "{vllm.url}"', *lines)
    here = plugin("embedders/qwen3_vl").build(Models(), model=str(tiny_qwen), device="cpu", **wishes)
    there = build_spec(spec)
    assert off(there.encode_query(MIXED), here.encode_query(MIXED)) <= 1e-5
    assert off(there.encode_document(MIXED), here.encode_document(MIXED)) <= 1e-5
    assert off(here.encode_query(MIXED), here.encode_document(MIXED)) > 0.01


def test_items_with_pictures_are_the_same_through_the_engine(
    vllm: VLLM, over_http: Any, tiny_qwen: Path, tmp_path: Path
) -> None:
    """From a transparent file on disk to float32: opened, whitened, sent as PNG without loss, and embedded."""
    clear = PICTURES[0].convert("RGBA")
    clear.putalpha(PICTURES[0].convert("L"))
    clear.save(tmp_path / "clear.png")
    rows = [Item("b", TEXTS[0], tmp_path / "clear.png"), Item("a", TEXTS[1])]
    far = over_http("embedder", 'uses = "vllm-chat"', 'model = "m"', f'url = "{vllm.url}"')
    near = over_http("embedder", 'uses = "qwen3-vl-2b"', f'model = "{tiny_qwen}"', 'device = "cpu"')
    there, here = (embed(build_spec(spec), spec, rows, "document") for spec in (far, near))
    assert off(there, here) <= 1e-5
    urls = [
        part["image_url"]["url"]
        for body in vllm.bodies
        for part in body["messages"][1]["content"]
        if "image_url" in part
    ]
    assert [base64.b64decode(url.partition(",")[2])[:4] for url in urls] == [b"\x89PNG"]


@pytest.mark.parametrize("flag", ["add_special_tokens", "continue_final_message"])
def test_without_the_flags_another_token_would_be_pooled(flag: str, vllm: VLLM) -> None:
    """What the comparison rests on: a client that leaves one out does get another vector."""
    flags = {"special": True, "goes_on": True}
    without = flags | {"special" if flag == "add_special_tokens" else "goes_on": False}
    right, wrong = (vllm.vector(TEXTS[0], "Represent the user's input.", **given) for given in (flags, without))
    assert off(right, wrong) > 0.01


# vLLM's /rerank


@pytest.fixture
def judge(tiny_reranker: Path) -> Iterator[VLLM]:
    with VLLM(tiny_reranker) as server:
        yield server


@pytest.mark.parametrize("instruction", ["", "같은 단원의 문항인가"])
@pytest.mark.parametrize("query", [TEXTS[0], SEEN[0], SEEN[3]], ids=["text", "both", "image"])
def test_rerank_server_vl_is_the_reranker_in_this_process(
    query: Any, instruction: str, judge: VLLM, over_http: Any, plugin: Plugin, tiny_reranker: Path
) -> None:
    lines = [f'instruction = "{instruction}"'] if instruction else []
    spec = over_http(
        "reranker", 'uses = "rerank-server-vl"', 'model = "m"', f'url = "{judge.url}"', "batch = 4", *lines
    )
    wish = {"instruction": instruction} if instruction else {}
    here = plugin("rerankers/qwen3_vl_reranker").build(Models(), model=str(tiny_reranker), device="cpu", **wish)
    scores = here.rerank(query, MIXED)
    assert off(build_spec(spec).rerank(query, MIXED), scores) <= 1e-5
    assert np.ptp(scores) > 0.05


def test_both_rerankers_order_alike(judge: VLLM, over_http: Any, tiny_reranker: Path, tmp_path: Path) -> None:
    PICTURES[1].save(tmp_path / "seen.png")
    rows = [Item(f"d{at}", text, tmp_path / "seen.png" if at == 2 else None) for at, text in enumerate(TEXTS)]
    far = over_http("reranker", 'uses = "rerank-server-vl"', 'model = "m"', f'url = "{judge.url}"')
    near = over_http("reranker", 'uses = "qwen3-vl-reranker-2b"', f'model = "{tiny_reranker}"', 'device = "cpu"')
    query = Query("q", "확률을 구하시오.")
    there, here = (new_order(build_spec(spec), spec, query, rows).tolist() for spec in (far, near))
    assert there == here != sorted(here)


# OpenAI's /v1/embeddings and TEI's /embed


@contextmanager
def served(folder: Path) -> Iterator[ModelServer]:
    """Tiny KURE by hand: the first token's state; both servers answer vectors of length 1."""
    network = transformers.AutoModel.from_pretrained(folder, dtype=torch.float32).eval()
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)

    def first(text: str, _: str) -> list[float]:
        with torch.no_grad():
            states = network(**tokenizer(text, return_tensors="pt")).last_hidden_state
        return torch.nn.functional.normalize(states[0, 0], dim=0).tolist()

    with ModelServer(embed=first) as server:
        yield server


@pytest.mark.parametrize(("uses", "line", "path"), [("openai", 'model = "m"', "/v1"), ("tei", "batch = 2", "")])
def test_a_server_of_kure_is_kure_in_this_process(
    uses: str, line: str, path: str, over_http: Any, plugin: Plugin, tiny_kure: Path
) -> None:
    pytest.importorskip("sentence_transformers")
    here = plugin("embedders/sentence_transformers").build(Models(), model=str(tiny_kure), device="cpu")
    with served(tiny_kure) as server:
        there = build_spec(over_http("embedder", f'uses = "{uses}"', line, f'url = "{server.url}{path}"'))
        expected = here.encode_document(TEXTS)
        assert off(there.encode_document(TEXTS), expected) <= 1e-5
        assert off(there.encode_query(TEXTS), expected) <= 1e-5
    assert np.linalg.norm(expected[:, None] - expected, axis=2)[~np.eye(len(TEXTS), dtype=bool)].min() > 0.05
