"""Any CrossEncoder: its own scores, and no head of random weights."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from harness.config import Config, Models
from harness.errors import BadConfig, HarnessError, NotMeasured
from harness.plugging.registry import collect

pytest_plugins = ("tiny",)
torch = pytest.importorskip("torch")
sentence_transformers = pytest.importorskip("sentence_transformers")

Plugin = Callable[[str], ModuleType]
QUERY = "삼각형 ABC의 넓이를 구하시오."
TEXTS = ["정삼각형의 둘레", "$x^2-5x+6=0$의 근", "", "주사위를 던질 때의 확률 " * 40, QUERY]


@pytest.fixture
def build(plugin: Plugin, tiny_cross_encoder: Path) -> Callable[..., Any]:
    def made(**options: Any) -> Any:
        chosen = {"model": str(tiny_cross_encoder), "device": "cpu", **options}
        return plugin("rerankers/cross_encoder").build(Models(), **chosen)

    return made


@pytest.fixture
def recipe(tiny_cross_encoder: Path) -> Callable[..., list[float]]:
    """The logits, pair by pair, by transformers alone."""
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    model = AutoModelForSequenceClassification.from_pretrained(tiny_cross_encoder, dtype=torch.float32).eval()
    tokenizer = AutoTokenizer.from_pretrained(tiny_cross_encoder)

    def logits(query: str, documents: list[str], max_length: int = 8192) -> list[float]:
        how = {"return_tensors": "pt", "truncation": True, "max_length": max_length}
        with torch.no_grad():
            return [float(model(**tokenizer([query], [text], **how)).logits) for text in documents]

    return logits


def test_scores_are_those_of_transformers(build: Callable[..., Any], recipe: Callable[..., list[float]]) -> None:
    expected = np.array(recipe(QUERY, TEXTS))
    assert build(activation="identity").rerank(QUERY, TEXTS) == pytest.approx(expected.tolist(), abs=1e-5)
    sigmoid = (1 / (1 + np.exp(-expected))).tolist()
    assert build().rerank(QUERY, TEXTS) == pytest.approx(sigmoid, abs=1e-5)
    assert build(activation="sigmoid", batch_size=2).rerank(QUERY, TEXTS) == pytest.approx(sigmoid, abs=1e-5)


def test_long_pairs_are_cut(build: Callable[..., Any], recipe: Callable[..., list[float]]) -> None:
    expected = recipe(QUERY, TEXTS, 32)
    assert abs(expected[3] - recipe(QUERY, TEXTS)[3]) > 1e-3
    assert build(activation="identity", max_length=32).rerank(QUERY, TEXTS) == pytest.approx(expected, abs=1e-5)


def test_out_of_memory_halves_the_batch_and_says_so(build: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    reranker = build()
    expected, predict, tried = reranker.rerank(QUERY, TEXTS), reranker._model.predict, list[int]()

    def small(pairs: list[Any], **how: Any) -> Any:
        tried.append(len(pairs))
        if len(pairs) > 2:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return predict(pairs, **how)

    monkeypatch.setattr(reranker._model, "predict", small)
    assert reranker.rerank(QUERY, TEXTS) == pytest.approx(expected, abs=1e-5)
    tried.clear()
    assert reranker.rerank(QUERY, TEXTS) == pytest.approx(expected, abs=1e-5)
    assert tried == [2, 2, 1]  # no query after the first has to find out
    assert reranker.remarks == ["batches of 32 pairs did not fit into memory; they were halved to 2"]


def test_an_embedder_is_no_cross_encoder(build: Callable[..., Any], tiny_kure: Path, tmp_path: Path) -> None:
    with pytest.raises(HarnessError, match="is a SentenceTransformer, not a CrossEncoder"):
        build(model=str(tiny_kure))
    bare = shutil.copytree(tiny_kure, tmp_path / "bare")
    (bare / "modules.json").unlink()
    with pytest.raises(HarnessError, match="no trained head for scores: its config.json names XLMRobertaModel"):
        build(model=str(bare))


def test_several_labels_are_no_score(build: Callable[..., Any], tmp_path: Path) -> None:
    import tiny
    from transformers import XLMRobertaForSequenceClassification

    tiny._xlm_roberta(tmp_path / "three", XLMRobertaForSequenceClassification, num_labels=3)
    with pytest.raises(HarnessError, match="gives 3 numbers per pair; a reranker needs one"):
        build(model=str(tmp_path / "three"))


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ({"activation": "sigmoidal"}, "unknown activation 'sigmoidal'. Did you mean 'sigmoid'"),
        ({"batch_size": 0}, "batch_size needs a whole number of 1 or more, not 0"),
        ({"max_length": "long"}, "max_length needs a whole number of 1 or more, not 'long'"),
        ({"dtype": "half"}, "unknown dtype 'half'"),
        ({"model": "./nowhere"}, "'./nowhere' does not exist"),
    ],
)
def test_a_mistake_is_one_line(option: dict[str, Any], message: str, build: Callable[..., Any]) -> None:
    with pytest.raises(HarnessError, match=message) as caught:
        build(**option)
    assert "\n" not in str(caught.value)


def test_a_broken_configuration_is_one_line(
    build: Callable[..., Any], tiny_cross_encoder: Path, tmp_path: Path
) -> None:
    folder = shutil.copytree(tiny_cross_encoder, tmp_path / "model")
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config)[:-5])
    with pytest.raises(HarnessError, match=r"config\.json cannot be read"):
        build(model=str(folder))


@pytest.mark.parametrize("file", ["config.json", "model.safetensors"])
def test_a_damaged_folder_is_one_line(
    file: str, build: Callable[..., Any], tiny_cross_encoder: Path, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(tiny_cross_encoder, tmp_path / "model"))
    (folder / file).write_bytes((folder / file).read_bytes()[:50])
    with pytest.raises(BadConfig) as caught:
        build(model=str(folder))
    assert str(caught.value).startswith(str(folder))
    assert "\n" not in str(caught.value)


def test_a_dummy_has_the_architecture_and_no_weight_of_the_folder(
    build: Callable[..., Any], plugin: Plugin, tiny_cross_encoder: Path
) -> None:
    dummy, real = (
        plugin("rerankers/cross_encoder").build(models, model=str(tiny_cross_encoder), device="cpu")
        for models in (Models(weights="dummy"), Models())
    )
    pairs = zip(dummy._model.named_parameters(), real._model.named_parameters(), strict=True)
    for (name, random), (same, trained) in pairs:
        assert (name, random.shape) == (same, trained.shape)
        assert random.ndim == 1 or not torch.equal(random, trained)
    scores = dummy.rerank(QUERY, TEXTS)
    assert np.isfinite(scores).all()
    assert np.abs(np.subtract(scores, real.rerank(QUERY, TEXTS))).max() > 1e-3


def test_a_dummy_of_a_model_that_is_not_here_is_not_measured(
    build: Callable[..., Any], plugin: Plugin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(NotMeasured, match="the shape of a/b is not known: random weights need its folder on this"):
        plugin("rerankers/cross_encoder").build(Models(weights="dummy"), model="a/b")


def test_it_is_a_family(config_of: Callable[..., Config], tiny_cross_encoder: Path) -> None:
    table = f'[[reranker]]\nname = "mine"\nuses = "cross-encoder"\nmodel = "{tiny_cross_encoder}"\ndepth = 30\nkeep = 5'
    rerankers = collect(config_of(tables=table)).rerankers
    assert rerankers["cross-encoder"].required == ("model",)
    assert (rerankers["mine"].depth, rerankers["mine"].keep) == (30, 5)
    assert len(rerankers["mine"].build().rerank(QUERY, TEXTS)) == 5
