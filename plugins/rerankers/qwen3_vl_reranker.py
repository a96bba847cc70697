"""qwen3-vl-reranker-2b: reads a query and a candidate together, and how sure it is of "yes" is the score."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from harness import RerankerSpec, hookimpl
from harness.config import Config, Models
from harness.engine import choices
from harness.engine.batching import Batcher
from harness.engine.extras import need
from harness.engine.weights import Weights
from harness.errors import BadConfig
from harness.plugging.components import Content

MODEL, REVISION = "Qwen/Qwen3-VL-Reranker-2B", "4bd860ac4f15ad1897a214615cccc700f8f71818"
DOWNLOAD = 4_255_140_312

SYSTEM = (
    "Judge whether the Document meets the requirements based on the Query and the Instruct provided. "
    'Note that the answer can only be "yes" or "no".'
)
INSTRUCTION = "Given a search query, retrieve relevant candidates that answer the query."
ENDING = 5
"""How many ids the prompt ends with that are never cut: end of turn, line break, start, "assistant", line break."""

VARIANTS = (("", "pictures and texts", ("text", "image")), ("-text", "texts alone", ("text",)))
"""Ending of the name, and what it is shown; that is all in which they differ."""

PROMPT = 60
"""About how many tokens the prompt has beside the two contents."""


class YesOrNo:
    """sigmoid(logit of "yes" - logit of "no") of what the network would say next; between 0 and 1.

    `network` is the whole language model and `processor` pads on the left, so that the last place is the prompt's end.
    `max_length` bounds the prompt without its ending. `remarks` says where a batch of pairs did not fit.
    """

    def __init__(
        self, network: Any, processor: Any, pixels: Any, instruction: str, max_length: int, batcher: Batcher
    ) -> None:
        self.remarks = batcher.remarks
        self._network, self._processor, self._pixels = network.model, processor, pixels
        self._instruction, self._longest, self._batcher = instruction, max_length, batcher
        yes, no = (_single(processor.tokenizer, word) for word in ("yes", "no"))
        head = network.get_output_embeddings().weight
        # In float32, and two rows of the head alone: in bfloat16 many candidates would be of one score.
        self._yes_or_no = head[yes].float() - head[no].float()
        self._special = _special(processor)

    def rerank(self, query: Content, documents: Sequence[Content], /) -> list[float]:
        asked = self._pixels.parts(query)
        fixed = PROMPT + self._pixels.tokens(query)
        return self._batcher.rows(
            documents,
            lambda document: fixed + self._pixels.tokens(document),
            lambda batch: self._prepared([self._conversation(asked, document) for document in batch]),
            self._scores,
        )

    def _conversation(self, asked: list[dict[str, Any]], document: Content) -> list[dict[str, Any]]:
        """As published: no space after the colons, and a line break before the document only."""
        shown = [
            _text(f"<Instruct>: {self._instruction}"),
            _text("<Query>:"),
            *asked,
            _text("\n<Document>:"),
            *self._pixels.parts(document),
        ]
        return [{"role": "system", "content": [_text(SYSTEM)]}, {"role": "user", "content": shown}]

    def _prepared(self, conversations: list[list[dict[str, Any]]]) -> dict[str, Any]:
        """The network's inputs, over-long rows cut, and filled up on the left."""
        import torch

        from harness.models.qwen3_vl import inputs

        tensors = inputs(self._processor, conversations, truncation=False)
        there = tensors["attention_mask"].bool()
        rows = [self._cut(ids[real].tolist()) for ids, real in zip(tensors["input_ids"], there, strict=True)]
        width, filler = max(map(len, rows)), self._processor.tokenizer.pad_token_id
        ids = torch.tensor([[filler] * (width - len(row)) + row for row in rows])
        mask = torch.tensor([[0] * (width - len(row)) + [1] * len(row) for row in rows])
        # Which ids stand for pictures: transformers tells places in a picture apart by it, so it has to be cut too.
        kinds = (ids == self._processor.image_token_id).int()
        return {**tensors, "input_ids": ids, "attention_mask": mask, "mm_token_type_ids": kinds}

    def _cut(self, ids: list[int]) -> list[int]:
        """At most `max_length` ids and the ending. The last ordinary ids go first, special ones stay, as published."""
        body, ending = ids[:-ENDING], ids[-ENDING:]
        surplus = len(body) - self._longest
        ordinary = [place for place, token in enumerate(body) if token not in self._special]
        dropped = set(ordinary[-surplus:]) if surplus > 0 else set()
        return [token for place, token in enumerate(body) if place not in dropped] + ending

    def _scores(self, tensors: dict[str, Any]) -> list[float]:
        import torch

        with torch.inference_mode():
            device = self._yes_or_no.device
            there = {name: tensor.to(device, non_blocking=True) for name, tensor in tensors.items()}
            last = self._network(**there, use_cache=False).last_hidden_state[:, -1]
            logits = last.float() @ self._yes_or_no
        return logits.double().sigmoid().tolist()


def _text(text: str) -> dict[str, Any]:
    return {"type": "text", "text": text}


def _single(tokenizer: Any, word: str) -> int:
    """The id of a word. Raises BadConfig where the tokenizer would need several."""
    known = tokenizer.get_vocab()
    if word not in known:
        raise BadConfig(f"the tokenizer has no single token {word!r}, so no score can be read; is this a reranker?")
    return int(known[word])


def _special(processor: Any) -> frozenset[int]:
    added = processor.tokenizer.added_tokens_decoder.items()
    marked = {token_id for token_id, token in added if token.special}
    return frozenset({*marked, *processor.tokenizer.all_special_ids, processor.image_token_id})


def _network(models: Models, folder: Path | None, model: str, processor: Any, place: Any) -> Any:
    from transformers import AutoModelForImageTextToText

    from harness.models.loading import dummy, load
    from harness.models.qwen3_vl import checked_config, shape

    config = checked_config(folder) if folder else shape(model, processor)
    if models.dummy or folder is None:
        return dummy(AutoModelForImageTextToText, config, place)
    return load(AutoModelForImageTextToText, folder, place)


def build(
    models: Models,
    *,
    model: str,
    revision: str = "",
    instruction: str = INSTRUCTION,
    max_length: int = 10_240,
    min_pixels: int = 4_096,
    max_pixels: int = 1_843_200,
    dtype: str = "auto",
    quantization: str = "",
    attention: str = "sdpa",
    device: str = "auto",
    batch_tokens: int = 16_384,
) -> YesOrNo:
    choices.standing(dtype, attention, quantization)
    choices.numbers(1, max_length=max_length, batch_tokens=batch_tokens, min_pixels=min_pixels, max_pixels=max_pixels)
    weights = Weights(model, revision, DOWNLOAD if model == MODEL else 0)
    weights.refuse_absent(models)
    need("models", "torch", "transformers", "accelerate")
    from harness.models import qwen3_vl
    from harness.models.loading import OUT_OF_MEMORY, placement

    limits = qwen3_vl.Pixels(min_pixels, max_pixels)
    place = placement(models, device, dtype, attention, quantization)
    folder = weights.if_needed(models)
    processor = qwen3_vl.processor(folder, "left") if folder else qwen3_vl.stand_in_processor("left")
    network = _network(models, folder, model, processor, place)
    return YesOrNo(network, processor, limits, instruction, max_length, Batcher(batch_tokens, OUT_OF_MEMORY))


@hookimpl
def harness_register_rerankers(config: Config) -> list[RerankerSpec]:
    return [
        RerankerSpec(
            f"qwen3-vl-reranker-2b{ending}",
            partial(build, config.models, model=MODEL, revision=REVISION),
            revision=REVISION,
            licence="Apache-2.0",
            about=f"{MODEL.partition('/')[2]}, {shown}: how sure it is of a candidate",
            depth=20,
            keep=10,
            modalities=modalities,
            download=DOWNLOAD,
            dummy=config.models.dummy,
        )
        for ending, shown, modalities in VARIANTS
    ]
