"""Qwen3-VL-Embedding by the harness beside sentence-transformers' `encode`: one network, one processor, the same items.

    python tests/perf/qwen_throughput.py [--size tiny|2b] [--items 1000] [--device auto]

`tiny` is the checkpoint of the tests, in float32; `2b` is the full-size network with random weights, in bfloat16. Both
sides take turns in one process. docs/performance.md says how the tables are read, and what was found.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # tiny.py

import numpy as np
import tiny
import torch
import transformers
from PIL import Image, ImageDraw
from sentence_transformers import SentenceTransformer
from tabulate import tabulate
from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import smart_resize

from harness.config import Config, Grid, Models, Table
from harness.data.model import Corpus, Dataset, Item, Queries, Query
from harness.engine.contents import content
from harness.engine.device import synchronise
from harness.engine.live import Live
from harness.engine.pipeline import Pipeline
from harness.grid.systems import System
from harness.models.qwen3_vl import ImageTextProcessor
from harness.plugging import shelf
from harness.plugging.registry import collect

INSTRUCTION = "Represent the user's input."
LEAST, MOST = 4_096, 1_843_200
WITH_PICTURES = 0.23
SAME = 0.999
NUMBERS = {
    "items": 1_000,
    "rounds": 5,
    "queries": 100,
    "batch-tokens": 16_384,
    "batch-size": 32,
    "threads": torch.get_num_threads(),
}
SENTENCES = (
    "한 변의 길이가 {a} cm인 정삼각형 ABC가 있다.",
    "일차함수 y = {a}x - {b}의 그래프가 점 ({c}, {a})를 지난다.",
    "이차방정식 $x^2 - {a}x + {b} = 0$의 두 근을 α, β라 하자.",
    "어느 반 학생 {c}명의 수학 점수의 평균이 {a}점, 표준편차가 {b}점이다.",
    "그림과 같이 반지름의 길이가 {b}인 원 O 위에 네 점 A, B, C, D가 있고, ∠ABC = {a}°이다.",
    r"$\frac{{{a}}}{{{b}}} + \sqrt{{{c}}}$의 값은? ① {a} ② {b} ③ {c} ④ 0 ⑤ -1",
    "흰 공 {a}개와 검은 공 {b}개가 든 상자에서 공을 꺼낼 확률을 구하고, 풀이 과정을 서술하시오.",
)


def bank(count: int, folder: Path) -> list[Item]:
    """Items of one sentence to five, as a bank of school mathematics has them; 23 of a hundred have a picture."""
    source = random.Random(3)
    pictured = set(source.sample(range(count), round(count * WITH_PICTURES)))
    items = []
    for number in range(count):
        sentences = source.sample(SENTENCES, source.choices(range(1, 6), (8, 6, 3, 2, 1))[0])
        text = " ".join(sentences).format(**{name: source.randint(2, 99) for name in "abc"})
        image = drawn(source, folder / f"{number}.png") if number in pictured else None
        items.append(Item(f"i{number:04d}", text, image))
    return items


def drawn(source: random.Random, path: Path) -> Path:
    """A triangle and a circle on white paper."""
    width, height = source.randint(180, 480), source.randint(90, 360)
    image = Image.new("RGB", (width, height), "white")
    corners = [(source.randrange(width), source.randrange(height)) for _ in range(3)]
    ImageDraw.Draw(image).polygon(corners, outline="black")
    ImageDraw.Draw(image).circle(corners[0], source.randint(10, 60), outline="blue", width=2)
    image.save(path)
    return path


def ours(options: argparse.Namespace, checkpoint: Path, items: Sequence[Item]) -> Pipeline:
    """The harness over a small corpus, its embedder "measured" made by a table as in harness.toml."""
    small = {"model": str(checkpoint), "dimensions": 64, "dtype": "float32"}
    table = small if options.size == "tiny" else {"dtype": "bfloat16"}
    table |= {"device": options.device, "batch_tokens": options.batch_tokens}
    config = Config(
        folder=checkpoint,
        dataset=checkpoint,
        criteria=checkpoint,
        grid=Grid(retrievers=["dense"]),
        models=Models(weights="real" if options.size == "tiny" else "dummy"),
        embedder=[Table(name="measured", uses="qwen3-vl-2b", **table)],
    )
    corpus = Corpus(items[:8])
    dataset = Dataset("perf", checkpoint, corpus, Queries.against(corpus, []), {}, "0")
    return Pipeline(collect(config, [shelf.built_in()]), dataset, 5)


def theirs(embedder: Any, checkpoint: Path) -> SentenceTransformer:
    """sentence-transformers around the network and the processor of our embedder, with the published limits."""
    transformers.models.qwen3_vl.Qwen3VLProcessor = ImageTextProcessor  # its own needs torchvision, for videos
    model = SentenceTransformer(str(checkpoint), device=str(embedder._network.device))
    # As it loads a model: without, the network would keep states for a next token that nobody asks for.
    embedder._network.config.text_config.use_cache = False
    model[0].model, model[0].processor = embedder._network, embedder._processor
    model[0].processing_kwargs["image"] = {"size": {"shortest_edge": LEAST, "longest_edge": MOST}}
    return model


def agreement(one: np.ndarray, other: np.ndarray) -> str:
    """A sentence; ends the program where the two sides do not compute the same."""
    least = float((one * other).sum(1).min())
    if not least > SAME:
        raise SystemExit(f"the sides give different vectors: least cosine {least:.6f}, needs more than {SAME}")
    apart = float(np.median(one @ one.T))
    return f"same vectors: least cosine {least:.6f} (two different items: {apart:.3f} at the median)"


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds, and what came of it."""
    synchronise()
    start = time.perf_counter()
    result = work()
    synchronise()
    return time.perf_counter() - start, result


def rates(sides: dict[str, Callable[[], Any]], items: int, rounds: int) -> dict[str, np.ndarray]:
    """[rounds, 2] per side: items a second, and milliseconds of processors an item; who begins changes every round."""
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in sides}
    for turn in range(rounds):
        for name in list(sides)[:: -1 if turn % 2 else 1]:
            busy = time.process_time()
            seconds, _ = timed(sides[name])
            found[name].append((items / seconds, 1e3 * (time.process_time() - busy) / items))
    return {name: np.array(pairs) for name, pairs in found.items()}


def rate_row(name: str, pairs: np.ndarray, digits: int = 1) -> list[str]:
    (median, busy), (least, _), (most, _) = np.median(pairs, 0), pairs.min(0), pairs.max(0)
    return [name, f"{median:,.{digits}f}", f"{least:,.{digits}f} to {most:,.{digits}f}", f"{busy:.2f}"]


def prepared(processor: Any, query: Query) -> Any:
    """What anybody must do for one vector, written down plainly: open, scale, tokenise."""
    parts, images = [{"type": "text", "text": query.text}], None
    if query.image:
        image = Image.open(query.image).convert("RGB")
        height, width = smart_resize(image.height, image.width, 32, LEAST, MOST)
        images = [image.resize((width, height), Image.Resampling.BICUBIC)]
        parts.insert(0, {"type": "image"})
    system = {"role": "system", "content": [{"type": "text", "text": INSTRUCTION}]}
    talk = [[system, {"role": "user", "content": parts}]]
    shown = processor.apply_chat_template(talk, add_generation_prompt=True, tokenize=False)
    return processor(text=shown, images=images, do_resize=False, return_tensors="pt")


@torch.inference_mode()
def forward(network: Any, tensors: Any) -> np.ndarray:
    states = network(**tensors.to(network.device), use_cache=False).last_hidden_state
    return torch.nn.functional.normalize(states[:, -1].float(), dim=-1).cpu().numpy()


def single(live: Live, embedder: Any, queries: Sequence[Query], rounds: int) -> np.ndarray:
    """[rounds, queries, 3] milliseconds: the harness's encode stage; by hand, preparation and forward pass."""

    def by_hand(query: Query) -> list[float]:
        preparing, tensors = timed(lambda: prepared(embedder._processor, query))
        return [1e3 * preparing, 1e3 * timed(lambda: forward(embedder._network, tensors))[0]]

    def pair(query: Query, hand_first: int) -> list[float]:
        before = by_hand(query) if hand_first else []
        stage = live.answer(query).milliseconds["encode"]
        return [stage, *(before or by_hand(query))]

    turns = [[pair(query, (turn + at) % 2) for at, query in enumerate(queries)] for turn in range(rounds + 1)]
    return np.array(turns[1:])  # the first one warms up


def single_row(kind: str, times: np.ndarray) -> list[str]:
    """Medians; what the harness adds is the median difference of pairs, which stood beside each other in time."""
    stage, preparing, passing = times.reshape(-1, 3).T
    added, whole = np.median(stage - preparing - passing), np.median(preparing + passing)
    medians = (f"{np.median(column):,.2f}" for column in (stage, preparing, passing))
    return [kind, *medians, f"{added:+.2f}", f"{100 * added / whole:+.1f} %"]


def measured(options: argparse.Namespace, folder: Path) -> Iterator[str]:
    """What is printed, as it becomes known."""
    torch.set_num_threads(options.threads)
    checkpoint, items = tiny.qwen3_vl_embedding(folder / "tiny"), bank(options.items, folder)
    pipeline = ours(options, checkpoint, items)
    embedder = pipeline.embedder("measured")
    peer, network = theirs(embedder, checkpoint), embedder._network
    size, seeing = sum(weights.numel() for weights in network.parameters()), sum(bool(item.image) for item in items)
    yield f"{options.size}: {size:,} parameters, {network.dtype}, {network.device}, {options.threads} threads"
    yield f"{len(items):,} items, {seeing} with pictures"
    shown = [content(item, ("text", "image")) for item in items]
    sides = {
        "harness": lambda: embedder.encode_document(shown),
        "sentence-transformers": lambda: peer.encode(shown, prompt=INSTRUCTION, batch_size=options.batch_size),
    }
    yield agreement(*(work() for work in sides.values()))  # which warms both up
    found = rates(sides, len(items), options.rounds)
    ratio = found["harness"] / found["sentence-transformers"]
    rows = [*(rate_row(*side) for side in found.items()), rate_row("ratio", ratio, digits=2)]
    heads = ["items per second", "median", f"{options.rounds} rounds", "CPU ms per item"]
    yield f"\n{tabulate(rows, heads, disable_numparse=True)}"
    queries = [Query(item.id, item.text, item.image) for item in items[: options.queries]]
    times = single(Live(pipeline, System("dense", "measured"), 5), embedder, queries, options.rounds)
    seen = np.array([bool(query.image) for query in queries])
    kinds = {"text": ~seen, "picture and text": seen, "all": seen | ~seen}
    rows = [single_row(kind, times[:, which]) for kind, which in kinds.items() if which.any()]
    heads = ["one query, ms", "encode stage", "by hand: prepare", "forward", "added", "share"]
    yield f"\n{tabulate(rows, heads, disable_numparse=True)}"


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--size", choices=("tiny", "2b"), default="tiny")
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda")
    for name, usual in NUMBERS.items():
        parser.add_argument(f"--{name}", type=int, default=usual, help=f"{usual:,} if not given")
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    with tempfile.TemporaryDirectory() as folder:
        for line in measured(parser.parse_args(arguments), Path(folder)):
            sys.stdout.write(f"{line}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
