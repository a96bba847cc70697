"""How a network comes to stand on a device: where, as which numbers, with which attention, real or random."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import torch
from accelerate import init_empty_weights
from safetensors import SafetensorError
from torch import nn
from transformers import BitsAndBytesConfig, PreTrainedConfig, integrations
from transformers.utils import is_flash_attn_2_available

from harness.config import Models
from harness.engine.extras import need
from harness.errors import BadConfig, NotMeasured, UnknownName, one_line

OUT_OF_MEMORY: Final = torch.OutOfMemoryError

_DTYPES: Final = MappingProxyType({"bfloat16": torch.bfloat16, "float16": torch.float16, "float32": torch.float32})
_ATTENTIONS: Final = ("sdpa", "eager", "flash_attention_2")
_QUANTIZATIONS: Final = ("", "nf4")


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

    `device` is "auto" (the first GPU, else the CPU), "cpu", "cuda" or "cuda:1". `dtype` "auto" is bfloat16 on a GPU,
    float16 there with nf4, and float32 on a CPU. Raises BadConfig for what is no such name, NotMeasured for what this
    machine lacks.
    """
    _known("dtype", dtype, ("auto", *_DTYPES))
    _known("attention", attention, _ATTENTIONS)
    _known("quantization", quantization, _QUANTIZATIONS)
    where = _device(device)
    if quantization:
        need("models", "bitsandbytes")
    if attention == "flash_attention_2" and not (where.type == "cuda" and is_flash_attn_2_available()):
        raise NotMeasured("attention 'flash_attention_2' needs a GPU and the package flash-attn; 'sdpa' needs neither")
    _limit(models, where)
    return Placement(where, _DTYPES.get(dtype) or _usual_dtype(where, quantization), attention, quantization)


def load(cls: Any, folder: Path, place: Placement) -> nn.Module:
    """The network of a folder, by one of transformers' Auto classes, ready to infer.

    Raises BadConfig in one line where weights and configuration do not fit each other; OUT_OF_MEMORY passes.
    """
    try:
        model, report = cls.from_pretrained(folder, local_files_only=True, output_loading_info=True, **place.arguments)
    except OUT_OF_MEMORY:
        raise
    except (OSError, ValueError, KeyError, RuntimeError, SafetensorError) as error:
        raise BadConfig(f"{folder}: the model cannot be loaded: {one_line(error)}") from None
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
    """Small numbers in a matrix; ones and zeros in a norm's weight and bias, so that every answer is finite."""
    values = torch.empty(empty.shape, dtype=place.dtype, device=place.device)
    if empty.ndim > 1:
        values.normal_(std=0.02, generator=source)
    else:
        values.fill_(0 if name == "bias" else 1)
    if type(empty) is nn.Parameter:
        return nn.Parameter(values, requires_grad=False)
    # bitsandbytes' own kind of parameter is quantised where it is moved to its device.
    quantised: nn.Parameter = type(empty)(values, requires_grad=False, **empty.__dict__).to(place.device)
    return quantised


def _ready(model: nn.Module) -> nn.Module:
    return model.eval().requires_grad_(requires_grad=False)


def _known(option: str, given: Any, known: tuple[str, ...]) -> None:
    if given not in known:
        raise BadConfig(str(UnknownName(option, str(given), [name or '""' for name in known])))


def _device(name: str) -> torch.device:
    try:
        device = torch.device("cuda" if torch.cuda.is_available() else "cpu") if name == "auto" else torch.device(name)
    except (RuntimeError, TypeError):
        device = torch.device("meta")
    if device.type not in ("cpu", "cuda"):
        raise BadConfig(f"unknown device {name!r}. There are: auto, cpu, cuda, cuda:1 and so on.")
    if device.type == "cuda" and (device.index or 0) >= torch.cuda.device_count():
        raise NotMeasured(f"device {name!r} is asked for, and torch sees {torch.cuda.device_count()} GPUs")
    return device


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
