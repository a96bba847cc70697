"""Qwen3-VL-Reranker on a tiny checkpoint: as sentence-transformers scores it, as the recipe says, whatever the batches."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from PIL import Image

from harness.config import Config, Models
from harness.data.model import Item, Query
from harness.engine.contents import content
from harness.engine.reranking import new_order
from harness.errors import BadConfig, HarnessError, NotMeasured
from harness.plugging.registry import collect

pytest_plugins = ("tiny",)
torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

Plugin = Callable[[str], ModuleType]
QUERY = "삼각형 ABC의 넓이를 구하시오."
TEXTS = [
    "정삼각형의 둘레는 얼마인가?",
    r"$x^2-5x+6=0$의 두 근을 구하시오.",
    "주사위 한 개를 던질 때 짝수가 나올 확률",
    "함수 y=2x+1의 그래프의 기울기와 y절편을 구하고, 일차함수의 그래프가 지나는 점을 모두 쓰시오. " * 8,
    "3",
]


def picture(width: int, height: int, seed: int) -> Image.Image:
    return Image.fromarray(np.random.default_rng(seed).integers(0, 255, (height, width, 3), np.uint8))


SEEN = {"image": picture(150, 90, 1), "text": "정사각형의 넓이"}
ONLY_SEEN = {"image": picture(64, 200, 2), "text": ""}
SMALL = {"image": picture(20, 30, 3), "text": "원의 둘레"}
MIXED = [*TEXTS, SEEN, ONLY_SEEN, SMALL]


@pytest.fixture
def shelf(plugin: Plugin) -> ModuleType:
    return plugin("rerankers/qwen3_vl_reranker")


@pytest.fixture
def build(shelf: ModuleType, tiny_reranker: Path) -> Callable[..., Any]:
    def made(**options: Any) -> Any:
        return shelf.build(Models(), **{"model": str(tiny_reranker), "device": "cpu", **options})

    return made


@pytest.fixture
def recipe(tiny_reranker: Path) -> Callable[..., float]:
    """One pair at a time, step by step, with nothing of the harness: what the published recipe says."""
    load = transformers.AutoModelForImageTextToText.from_pretrained
    model = load(tiny_reranker, dtype=torch.float32).eval()
    tokenizer = transformers.AutoTokenizer.from_pretrained(tiny_reranker)
    eye = transformers.AutoImageProcessor.from_pretrained(tiny_reranker)
    special = tokenizer.convert_tokens_to_ids(
        ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|vision_start|>", "<|vision_end|>", "<|image_pad|>"]
    )

    def side(shown: Any, images: list[Image.Image]) -> str:
        if isinstance(shown, str):
            return shown
        # Every picture of this file is within the limits but for one: 20 x 30 becomes 64 x 96, as 32 x 32 is too small.
        width, height = shown["image"].size
        size = (64, 96) if width < 32 else (round(width / 32) * 32, round(height / 32) * 32)
        images.append(shown["image"].resize(size, Image.Resampling.BICUBIC))
        pads = "<|image_pad|>" * (size[0] * size[1] // 1024)
        return f"<|vision_start|>{pads}<|vision_end|>{shown['text']}"

    def score(query: Any, document: Any, max_length: int = 10_240) -> float:
        images: list[Image.Image] = []
        system = (
            "Judge whether the Document meets the requirements based on the Query and the Instruct provided. "
            'Note that the answer can only be "yes" or "no".'
        )
        user = "<Instruct>: Given a search query, retrieve relevant candidates that answer the query."
        user += f"<Query>:{side(query, images)}\n<Document>:{side(document, images)}"
        text = f"<|im_start|>system\n{system}<|im_end|>\n<|im_start|>user\n{user}<|im_end|>\n<|im_start|>assistant\n"
        ids = tokenizer(text).input_ids
        place = len(ids) - 6
        while len(ids) - 5 > max_length and place >= 0:
            if ids[place] not in special:
                del ids[place]
            place -= 1
        score.ids = ids
        row = torch.tensor([ids])
        seen = dict(eye(images, do_resize=False, return_tensors="pt")) if images else {}
        with torch.no_grad():
            logits = model(input_ids=row, mm_token_type_ids=(row == special[-1]).int(), **seen).logits[0, -1]
        yes, no = tokenizer.convert_tokens_to_ids(["yes", "no"])
        return float(torch.sigmoid(logits[yes] - logits[no]))

    return score


@pytest.mark.usefixtures("pil_processor")
@pytest.mark.parametrize("query", [QUERY, SEEN, ONLY_SEEN], ids=["text", "both", "image"])
def test_scores_are_those_of_sentence_transformers(query: Any, build: Callable[..., Any], tiny_reranker: Path) -> None:
    sentence_transformers = pytest.importorskip("sentence_transformers")
    golden = sentence_transformers.CrossEncoder(
        str(tiny_reranker), device="cpu", activation_fn=torch.nn.Sigmoid(), model_kwargs={"dtype": torch.float32}
    )
    sizes = {"image": {"size": {"shortest_edge": 4096, "longest_edge": 1843200}}}
    shown = [SMALL, *MIXED]
    expected = golden.predict([(query, document) for document in shown], processing_kwargs=sizes)
    assert build().rerank(query, shown) == pytest.approx(expected.tolist(), abs=1e-5)
    assert expected.std() > 0.05


@pytest.mark.parametrize("query", [QUERY, SEEN], ids=["text", "both"])
def test_scores_are_those_of_the_recipe(query: Any, build: Callable[..., Any], recipe: Callable[..., float]) -> None:
    expected = [recipe(query, document) for document in [*MIXED, ""]]
    assert build().rerank(query, [*MIXED, ""]) == pytest.approx(expected, abs=1e-5)


def test_a_batch_scores_as_singles_do(build: Callable[..., Any]) -> None:
    singles = [build().rerank(SEEN, [document])[0] for document in MIXED]
    for batch_tokens in (1, 400, 100_000):
        assert build(batch_tokens=batch_tokens).rerank(SEEN, MIXED) == pytest.approx(singles, abs=1e-5)


@pytest.mark.parametrize("max_length", [260, 200, 150])
@pytest.mark.parametrize("document", [TEXTS[3], SEEN | {"text": TEXTS[3]}], ids=["text", "both"])
def test_an_over_long_pair_loses_its_tail(
    document: Any, max_length: int, build: Callable[..., Any], recipe: Callable[..., float]
) -> None:
    whole = recipe(QUERY, document)
    expected = recipe(QUERY, document, max_length)
    assert len(recipe.ids) == max_length + 5
    assert abs(whole - expected) > 1e-4
    scores = build(max_length=max_length).rerank(QUERY, [document, TEXTS[4], document])
    assert scores[::2] == pytest.approx([expected] * 2, abs=1e-5)


def test_pictures_are_never_cut(build: Callable[..., Any], recipe: Callable[..., float]) -> None:
    """150 x 90 is 15 tokens: with room for 10, all ordinary ids go and the score is still finite."""
    scores = build(max_length=10).rerank(QUERY, [SEEN, TEXTS[0]])
    assert scores[0] == pytest.approx(recipe(QUERY, SEEN, 10), abs=1e-5)
    assert recipe.ids.count(recipe.ids[10]) == 15
    assert np.isfinite(scores).all()


def test_the_pixel_limits_are_options(build: Callable[..., Any]) -> None:
    [usual], [fewer] = build().rerank(QUERY, [SEEN]), build(max_pixels=8192).rerank(QUERY, [SEEN])
    assert abs(usual - fewer) > 1e-4


def test_the_instruction_is_an_option(build: Callable[..., Any]) -> None:
    usual, other = build().rerank(QUERY, TEXTS), build(instruction="같은 단원의 문항인가").rerank(QUERY, TEXTS)
    assert np.abs(np.subtract(usual, other)).max() > 1e-3


def test_out_of_memory_halves_the_batch_and_says_so(build: Callable[..., Any]) -> None:
    reranker = build()
    expected, network = reranker.rerank(QUERY, MIXED), reranker._network

    def small(**inputs: Any) -> Any:
        if len(inputs["input_ids"]) > 2:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return network(**inputs)

    reranker._network = small
    assert reranker.rerank(QUERY, MIXED) == pytest.approx(expected, abs=1e-5)
    assert len(reranker.remarks) == 1
    told = list(reranker.remarks)
    reranker._network = lambda **inputs: small(**inputs) if len(inputs["input_ids"]) <= 2 else pytest.fail("again")
    assert reranker.rerank(QUERY, MIXED) == pytest.approx(expected, abs=1e-5)
    assert reranker.remarks == told


def test_nothing_is_scored_for_no_candidates(build: Callable[..., Any]) -> None:
    assert list(build().rerank(QUERY, [])) == []


def test_a_tokenizer_must_know_yes_and_no(build: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    vocabulary = transformers.Qwen2Tokenizer.get_vocab
    monkeypatch.setattr(
        transformers.Qwen2Tokenizer,
        "get_vocab",
        lambda self: {word: at for word, at in vocabulary(self).items() if word != "yes"},
    )
    with pytest.raises(BadConfig, match="no single token 'yes', so no score can be read; is this a reranker"):
        build()


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ({"batch_tokens": 0}, "batch_tokens needs a whole number of 1 or more, not 0"),
        ({"max_length": "long"}, "max_length needs a whole number of 1 or more, not 'long'"),
        ({"dtype": "bf16"}, "unknown dtype 'bf16'"),
        ({"model": "./nowhere"}, "'./nowhere' does not exist"),
    ],
)
def test_a_mistake_is_one_line(option: dict[str, Any], message: str, build: Callable[..., Any]) -> None:
    with pytest.raises(HarnessError, match=message) as caught:
        build(**option)
    assert "\n" not in str(caught.value)


def test_another_architecture_is_refused(build: Callable[..., Any], tiny_cross_encoder: Path) -> None:
    with pytest.raises(BadConfig):
        build(model=str(tiny_cross_encoder))


@pytest.fixture
def empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    constants = pytest.importorskip("huggingface_hub.constants")
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)


@pytest.mark.usefixtures("empty_cache")
def test_absent_weights_are_not_measured(build: Callable[..., Any], shelf: ModuleType) -> None:
    with pytest.raises(NotMeasured, match=r"weights of Qwen/Qwen3-VL-Reranker-2B are not on this machine.* 4\.3 GB"):
        build(model=shelf.MODEL, revision=shelf.REVISION)


@pytest.mark.usefixtures("empty_cache")
def test_dummies_need_no_file(shelf: ModuleType, tiny_reranker: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The architecture of the released model at a tiny size; the rest is what stands in on any machine."""
    from harness.models import qwen3_vl

    tiny = transformers.AutoConfig.from_pretrained(tiny_reranker).to_dict()
    tiny["text_config"]["vocab_size"] = 151936
    kept = {key: tiny[key] for key in ("text_config", "vision_config", "tie_word_embeddings")}
    monkeypatch.setattr(qwen3_vl, "SHAPES", {shelf.MODEL: kept})
    reranker = shelf.build(Models(weights="dummy"), model=shelf.MODEL, revision=shelf.REVISION, device="cpu")
    scores = reranker.rerank(SEEN, MIXED)
    assert len(set(scores)) == len(MIXED)
    assert all(0 < score < 1 for score in scores)


def test_dummies_read_the_folder_that_is_there(
    shelf: ModuleType, build: Callable[..., Any], tiny_reranker: Path
) -> None:
    dummy = shelf.build(Models(weights="dummy"), model=str(tiny_reranker), device="cpu")
    assert np.abs(np.subtract(dummy.rerank(QUERY, MIXED), build().rerank(QUERY, MIXED))).max() > 1e-3


def test_what_is_registered(config_of: Callable[..., Config], tiny_reranker: Path) -> None:
    table = (
        f'[[reranker]]\nname = "mine"\nuses = "qwen3-vl-reranker-2b"\nmodel = "{tiny_reranker}"\ndepth = 30\nkeep = 0'
    )
    rerankers = collect(config_of(tables=table)).rerankers
    full, text, mine = (rerankers[name] for name in ("qwen3-vl-reranker-2b", "qwen3-vl-reranker-2b-text", "mine"))
    assert (full.depth, full.keep, full.modalities, full.dummy) == (20, 10, ("text", "image"), False)
    assert (text.depth, text.keep, text.modalities) == (20, 10, ("text",))
    assert (mine.depth, mine.keep) == (30, 0)
    assert len(full.revision) == 40


def test_the_text_variant_sees_no_picture(
    config_of: Callable[..., Config], build: Callable[..., Any], tmp_path: Path
) -> None:
    """Neither is the picture opened, which here is none, nor does it change the order."""
    rerankers = collect(config_of()).rerankers
    spec = rerankers["qwen3-vl-reranker-2b-text"]
    plain = [Item(f"d{at}", text) for at, text in enumerate(TEXTS)]
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"no picture")
    drawn = [Item(item.id, item.text, image=broken) for item in plain]
    reranker, query = build(), Query("q", QUERY)
    assert content(drawn[0], spec.modalities) == TEXTS[0]
    assert new_order(reranker, spec, query, drawn).tolist() == new_order(reranker, spec, query, plain).tolist()
