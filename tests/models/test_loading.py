"""Where a network stands and how it comes there; real weights are read, random ones are made in place."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from harness.config import Models
from harness.errors import BadConfig, NotMeasured

pytest.importorskip("torch")
pytest.importorskip("transformers")

import torch
import transformers

from harness.models import loading

pytest_plugins = ("tiny",)

CPU = loading.Placement(torch.device("cpu"), torch.float32)
NF4 = loading.Placement(torch.device("cpu"), torch.float32, quantization="nf4")


@pytest.fixture
def card(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """A machine with two cards of 80 GiB; what the driver is told of them, below all that torch itself checks."""
    told: list[Any] = []
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(torch.cuda, "get_device_properties", lambda _: SimpleNamespace(total_memory=80 * 2**30))
    monkeypatch.setattr("torch.cuda.memory._lazy_init", lambda: None)
    monkeypatch.setattr(torch._C, "_cuda_setMemoryFraction", lambda *told_now: told.append(told_now), raising=False)
    return told


@pytest.fixture
def config(tiny_qwen: Path) -> Any:
    return transformers.AutoConfig.from_pretrained(tiny_qwen)


# Placement


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has a GPU")
def test_without_a_gpu_everything_is_float32_on_the_cpu() -> None:
    assert loading.placement(Models()) == CPU
    pytest.importorskip("bitsandbytes")
    assert loading.placement(Models(), quantization="nf4") == NF4
    with pytest.raises(NotMeasured, match="device 'cuda' is asked for, and torch sees 0 GPUs"):
        loading.placement(Models(), device="cuda")


@pytest.mark.parametrize(
    ("options", "device", "dtype"),
    [
        ({}, "cuda:0", torch.bfloat16),
        ({"device": "cuda"}, "cuda:0", torch.bfloat16),
        ({"quantization": "nf4"}, "cuda:0", torch.float16),
        ({"quantization": "nf4", "dtype": "bfloat16"}, "cuda:0", torch.bfloat16),
        ({"device": "cuda:1", "dtype": "float32"}, "cuda:1", torch.float32),
        ({"device": "cpu"}, "cpu", torch.float32),
        ({"device": "cpu", "dtype": "float16"}, "cpu", torch.float16),
    ],
)
def test_a_gpu_is_used_where_there_is_one(options: dict[str, str], device: str, dtype: Any, card: list[Any]) -> None:
    if options.get("quantization"):
        pytest.importorskip("bitsandbytes")
    found = loading.placement(Models(), **options)
    assert (found.device, found.dtype) == (torch.device(device), dtype)
    assert card == []


def test_a_card_that_is_not_there_is_not_measured(card: list[Any]) -> None:
    with pytest.raises(NotMeasured, match="device 'cuda:2' is asked for, and torch sees 2 GPUs"):
        loading.placement(Models(), device="cuda:2")


def test_a_large_card_behaves_like_a_small_one(card: list[Any]) -> None:
    loading.placement(Models(vram_limit="8 GiB"))
    loading.placement(Models(vram_limit="100 GiB"), device="cuda")
    loading.placement(Models(vram_limit="40 GiB"), device="cuda:1")
    loading.placement(Models(vram_limit="8 GiB"), device="cpu")
    assert card == [(0.1, 0), (1.0, 0), (0.5, 1)]


def test_flash_attention_asks_for_a_gpu_and_its_package() -> None:
    with pytest.raises(NotMeasured, match="'flash_attention_2' needs a GPU and the package flash-attn"):
        loading.placement(Models(), device="cpu", attention="flash_attention_2")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"device": "gpu"}, "unknown device 'gpu'. There are: auto, cpu, cuda, cuda:1 and so on."),
        ({"device": 0.5}, "unknown device 0.5."),
        ({"device": "mps"}, "unknown device 'mps'."),
        ({"dtype": ["float16"]}, "unknown dtype \"['float16']\""),
        ({"attention": "spda"}, "unknown attention 'spda'. Did you mean 'sdpa'?"),
        ({"quantization": "int8"}, "unknown quantization 'int8'. There are: \"\", nf4."),
    ],
)
def test_unknown_names_are_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(BadConfig) as error:
        loading.placement(Models(), **options)
    assert str(error.value).startswith(message)


# Real weights


def test_real_weights_are_those_of_the_file(tiny_qwen: Path) -> None:
    from safetensors.torch import load_file

    model = loading.load(transformers.AutoModel, tiny_qwen, CPU)
    stored = load_file(tiny_qwen / "model.safetensors")
    name = next(name for name in stored if name.endswith("layers.1.mlp.up_proj.weight"))
    assert torch.equal(model.language_model.layers[1].mlp.up_proj.weight, stored[name].float())
    assert not model.training
    assert not any(parameter.requires_grad for parameter in model.parameters())


def damaged(folder: Path, copy: Path, damage: str) -> Path:
    shutil.copytree(folder, copy)
    weights, config = copy / "model.safetensors", copy / "config.json"
    if damage == "cut short":
        weights.write_bytes(weights.read_bytes()[:5000])
        return copy
    content = json.loads(config.read_text())
    key, value = {"other width": ("intermediate_size", 96), "more layers": ("num_hidden_layers", 3)}[damage]
    content["text_config"][key] = value
    content["text_config"].pop("layer_types", None)
    config.write_text(json.dumps(content))
    return copy


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        ("cut short", "the model cannot be loaded: "),
        ("other width", "the model cannot be loaded: "),
        ("more layers", "11 weights are missing, such as 'language_model.layers.2."),
    ],
)
def test_a_folder_whose_parts_do_not_fit_is_refused(damage: str, message: str, tiny_qwen: Path, tmp_path: Path) -> None:
    folder = damaged(tiny_qwen, tmp_path / "copy", damage)
    with pytest.raises(BadConfig) as error:
        loading.load(transformers.AutoModel, folder, CPU)
    assert str(error.value).startswith(f"{folder}: {message}")
    assert "\n" not in str(error.value)


def test_no_memory_is_not_a_mistake_of_the_folder(tiny_qwen: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any, **__: Any) -> Any:
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(transformers.AutoModel, "from_pretrained", full)
    with pytest.raises(loading.OUT_OF_MEMORY):
        loading.load(transformers.AutoModel, tiny_qwen, CPU)


@pytest.mark.parametrize(
    ("raised", "kind", "message"),
    [
        (ImportError("needs\nTorchvision"), NotMeasured, "{folder}: the model needs a library: needs Torchvision"),
        (ValueError("odd\nshape"), BadConfig, "{folder}: the model cannot be loaded: odd shape"),
        (KeyError("width"), BadConfig, "{folder}: the model cannot be loaded: "),
    ],
)
def test_what_a_library_raises_while_it_opens_a_folder_is_one_line(
    raised: Exception, kind: type[Exception], message: str, tmp_path: Path
) -> None:
    with pytest.raises(kind) as error, loading.opening(tmp_path):
        raise raised
    assert type(error.value) is kind
    assert str(error.value).startswith(message.format(folder=tmp_path))
    assert "\n" not in str(error.value)


# Random weights


def test_scrambled_weights_are_those_of_a_dummy(config: Any, tiny_qwen: Path) -> None:
    model = loading.load(transformers.AutoModel, tiny_qwen, CPU)
    before = {name: value.clone() for name, value in model.named_parameters()}
    loading.scramble(model, CPU)
    dummy = dict(loading.dummy(transformers.AutoModel, config, CPU).named_parameters())
    for name, value in model.named_parameters():
        if value.ndim > 1:
            assert not torch.equal(value, before[name])
            assert value.std() == pytest.approx(0.02, rel=0.2)
        else:
            assert torch.equal(value, dummy[name])
    again = loading.load(transformers.AutoModel, tiny_qwen, CPU)
    loading.scramble(again, CPU)
    assert all(torch.equal(*pair) for pair in zip(model.parameters(), again.parameters(), strict=True))


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_random_weights_are_whole_and_of_their_dtype(dtype: Any, config: Any) -> None:
    model = loading.dummy(transformers.AutoModel, config, loading.Placement(torch.device("cpu"), dtype))
    real = transformers.AutoModel.from_config(config)
    shapes = [{name: value.shape for name, value in one.state_dict().items()} for one in (model, real)]
    assert shapes[0] == shapes[1]
    assert {value.dtype for value in model.parameters()} == {dtype}
    assert not any(value.is_meta for value in model.state_dict().values())
    spread = model.language_model.layers[0].mlp.up_proj.weight.float().std()
    assert spread == pytest.approx(0.02, rel=0.1)


def test_rotary_tables_are_computed_not_random(config: Any) -> None:
    place = loading.Placement(torch.device("cpu"), torch.bfloat16)
    models = loading.dummy(transformers.AutoModel, config, place), transformers.AutoModel.from_config(config)
    ours, theirs = (dict(model.named_buffers()) for model in models)
    assert ours.keys() == theirs.keys() != set()
    assert all(torch.equal(ours[name], theirs[name]) for name in ours)
    assert ours["language_model.rotary_emb.inv_freq"].dtype is torch.float32


def test_random_weights_repeat_themselves(config: Any) -> None:
    first, second = (loading.dummy(transformers.AutoModel, config, CPU).state_dict() for _ in range(2))
    assert all(torch.equal(first[name], second[name]) for name in first)
    layers = [first[f"language_model.layers.{number}.mlp.up_proj.weight"] for number in (0, 1)]
    assert not torch.equal(*layers)


def test_tied_weights_stay_tied(tiny_reranker: Path) -> None:
    config = transformers.AutoConfig.from_pretrained(tiny_reranker)
    model = loading.dummy(transformers.AutoModelForImageTextToText, config, CPU)
    assert model.lm_head.weight is model.model.language_model.embed_tokens.weight


def test_random_weights_are_quantised_too(config: Any) -> None:
    bitsandbytes = pytest.importorskip("bitsandbytes")
    model = loading.dummy(transformers.AutoModel, config, NF4)
    linear = [part for part in model.modules() if isinstance(part, torch.nn.Linear)]
    assert {type(part) for part in linear} == {bitsandbytes.nn.Linear4bit}
    state = linear[0].weight.quant_state
    assert (linear[0].weight.dtype, state.quant_type, state.nested) == (torch.uint8, "nf4", True)
    ids = torch.tensor([[1, 2, 3]])
    assert torch.isfinite(model(ids).last_hidden_state).all()
