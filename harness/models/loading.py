"""How a network comes to stand on a device: where, as which numbers, with which attention, real or random."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import torch
from accelerate import init_empty_weights
from safetensors import SafetensorError
from torch import nn
from transformers import BitsAndBytesConfig, PreTrainedConfig, integrations
from transformers.utils import is_flash_attn_2_available

from harness.config import Models
from harness.engine.choices import DTYPES, standing
from harness.engine.extras import need
from harness.errors import BadConfig, NotMeasured, one_line

OUT_OF_MEMORY: Final = torch.OutOfMemoryError

_DTYPES: Final = {name: getattr(torch, name) for name in DTYPES if name != "auto"}


@dataclass(frozen=True)
class Placement:
    """Where and how a network stands. `placement` makes one of the names that harness.toml may say."""

    device: torch.device
    dtype: torch.dtype
    attention: str = "sdpa"
    quantization: str = ""

    @property
    def arguments(self) -> dict[str, Any]:
        """What transformers' from_pretrained takes for it; with nf4, sums are computed in `dtype`."""
        common = {"dtype": self.dtype, "attn_implementation": self.attention, "device_map": {"": self.device}}
        return common | ({"quantization_config": self.bits} if self.quantization else {})

    @property
    def bits(self) -> BitsAndBytesConfig:
        """Four bits a weight, in blocks whose scales are quantised again (QLoRA, section 3)."""
        return BitsAndBytesConfig(
            load_in_4bit=True,
            bnb_4bit_quant_type=self.quantization,
            bnb_4bit_use_double_quant=True,
            bnb_4bit_compute_dtype=self.dtype,
        )


def placement(
    models: Models, device: str = "auto", dtype: str = "auto", attention: str = "sdpa", quantization: str = ""
) -> Placement:
    """The placement of these names, and the user's limit of VRAM set on its device.

    `device` is "auto" (the first GPU, else the CPU), "cpu", "cuda" (the first) or "cuda:1". `dtype` "auto" is bfloat16
    on a GPU, float16 there with nf4, and float32 on a CPU. Raises BadConfig for what is no such name, NotMeasured for
    what this machine lacks.
    """
    standing(dtype, attention, quantization)
    where = _device(device)
    if quantization:
        need("models", "bitsandbytes")
    if attention == "flash_attention_2" and not (where.type == "cuda" and is_flash_attn_2_available()):
        raise NotMeasured("attention 'flash_attention_2' needs a GPU and the package flash-attn; 'sdpa' needs neither")
    _limit(models, where)
    return Placement(where, _DTYPES.get(dtype) or _usual_dtype(where, quantization), attention, quantization)


@contextmanager
def opening(folder: Path) -> Iterator[None]:
    """What a library raises while it opens a folder becomes BadConfig in one line; OUT_OF_MEMORY passes.

    Raises NotMeasured where the model's own code asks for a library that is not installed.
    """
    try:
        yield
    except OUT_OF_MEMORY:
        raise
    except ImportError as error:
        raise NotMeasured(f"{folder}: the model needs a library: {one_line(error)}") from None
    except (OSError, ValueError, LookupError, RuntimeError, TypeError, SafetensorError) as error:
        raise BadConfig(f"{folder}: the model cannot be loaded: {one_line(error)}") from None


def load(cls: Any, folder: Path, place: Placement) -> nn.Module:
    """The network of a folder, by one of transformers' Auto classes, ready to infer.

    Raises BadConfig in one line where weights and configuration do not fit each other; OUT_OF_MEMORY passes.
    """
    with opening(folder):
        model, report = cls.from_pretrained(folder, local_files_only=True, output_loading_info=True, **place.arguments)
    if report["missing_keys"]:  # transformers fills them with random numbers and only warns
        lacking = sorted(report["missing_keys"])
        raise BadConfig(f"{folder}: {len(lacking)} weights are missing, such as {lacking[0]!r}; not the same model?")
    return _ready(model)


def dummy(cls: Any, config: PreTrainedConfig, place: Placement) -> nn.Module:
    """The network of a configuration with random weights, each made in its dtype on its device: no copy anywhere."""
    with init_empty_weights():  # only parameters are empty: buffers, such as rotary tables, are computed as ever
        model = cls.from_config(config, dtype=place.dtype, attn_implementation=place.attention)
    if place.quantization:
        model = integrations.replace_with_bnb_linear(model, ["lm_head"], place.bits)
    model.tie_weights()
    _fill(model, place)
    return _ready(model.to(place.device))


def scramble(model: nn.Module, place: Placement) -> None:
    """Puts the random numbers of `dummy` where the weights of a loaded model stand: for what a library must open."""
    source = torch.Generator(place.device).manual_seed(0)
    with torch.no_grad():
        for name, weights in model.named_parameters():
            _numbers(name, weights, source)


def _fill(model: nn.Module, place: Placement) -> None:
    """Random numbers, the same every time, for every empty parameter; tied ones are one parameter met twice."""
    source = torch.Generator(place.device).manual_seed(0)
    made: dict[nn.Parameter, nn.Parameter] = {}
    for module in model.modules():
        for name, empty in list(module.named_parameters(recurse=False)):
            if empty not in made:
                made[empty] = _random(name, empty, place, source)
            setattr(module, name, made[empty])


def _random(name: str, empty: nn.Parameter, place: Placement, source: torch.Generator) -> nn.Parameter:
    values = _numbers(name, torch.empty(empty.shape, dtype=place.dtype, device=place.device), source)
    if type(empty) is nn.Parameter:
        return nn.Parameter(values, requires_grad=False)
    # bitsandbytes' own kind of parameter is quantised where it is moved to its device.
    quantised: nn.Parameter = type(empty)(values, requires_grad=False, **empty.__dict__).to(place.device)
    return quantised


def _numbers(name: str, values: torch.Tensor, source: torch.Generator) -> torch.Tensor:
    """Small numbers in a matrix; ones and zeros in a norm's weight and bias, so that every answer is finite."""
    if values.ndim > 1:
        return values.normal_(std=0.02, generator=source)
    return values.fill_(0 if name.endswith("bias") else 1)


def _ready(model: nn.Module) -> nn.Module:
    return model.eval().requires_grad_(requires_grad=False)


def _device(name: str) -> torch.device:
    try:
        device = torch.device("cuda" if torch.cuda.is_available() else "cpu") if name == "auto" else torch.device(name)
    except (RuntimeError, TypeError):
        device = torch.device("meta")
    if device.type not in ("cpu", "cuda"):
        raise BadConfig(f"unknown device {name!r}. There are: auto, cpu, cuda, cuda:1 and so on.")
    if device.type == "cpu":
        return device
    if (device.index or 0) >= torch.cuda.device_count():
        raise NotMeasured(f"device {name!r} is asked for, and torch sees {torch.cuda.device_count()} GPUs")
    # By number: a device without one is refused where the limit of VRAM is set.
    return torch.device("cuda", device.index or 0)


def _usual_dtype(device: torch.device, quantization: str) -> torch.dtype:
    if device.type == "cpu":
        return torch.float32
    return torch.float16 if quantization else torch.bfloat16


def _limit(models: Models, device: torch.device) -> None:
    """Makes torch refuse what a smaller card could not hold; the driver's own part of a card is not counted."""
    if models.vram_mib is None or device.type != "cuda":
        return
    total = torch.cuda.get_device_properties(device).total_memory
    torch.cuda.set_per_process_memory_fraction(min(1.0, models.vram_mib * 2**20 / total), device)
