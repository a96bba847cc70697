"""Tiny checkpoints with random weights: the architectures, files and keys of the released folders, made in seconds.

They prove that loading and computing are right; what they find means nothing. `pytest_plugins = ("tiny",)` at the
head of a test file brings the fixtures.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

os.environ.setdefault("HF_HUB_OFFLINE", "1")

SENTENCES = (
    "system user assistant yes no",
    "삼각형 ABC의 넓이를 구하시오. 정삼각형의 둘레는 얼마인가?",
    "직사각형의 넓이가 24 cm²일 때 둘레를 구하여라.",
    r"$x^2-5x+6=0$의 두 근을 구하시오. 이차방정식 $x^2-3x+2=0$을 푸시오.",
    r"$\frac{1}{2}+\frac{1}{3}$을 계산하여라. $\sqrt{2}\times\sqrt{8}$의 값은?",
    "주사위 한 개를 던질 때 짝수가 나올 확률, 동전 두 개를 던질 때 모두 앞면일 확률",
    "함수 y=2x+1의 그래프의 기울기와 y절편, 일차함수의 그래프가 지나는 점",
    "Judge whether the Document meets the requirements based on the Query and the Instruct provided.",
    "Given a search query, retrieve relevant candidates that answer the query. Represent the user's input.",
)
QWEN_TOKENS = (
    "<|endoftext|>",
    "<|im_start|>",
    "<|im_end|>",
    "<|vision_start|>",
    "<|vision_end|>",
    "<|vision_pad|>",
    "<|image_pad|>",
    "<|video_pad|>",
)
SPREAD = 0.15
"""Of initial weights: with the usual 0.02, two layers hardly tell one text from another."""

CHAT = """{%- for message in messages -%}
<|im_start|>{{ message.role }}
{% if message.content is string %}{{ message.content }}{% else %}{% for part in message.content -%}
{%- if part.type == 'image' %}<|vision_start|><|image_pad|><|vision_end|>{% else %}{{ part.text }}{% endif -%}
{%- endfor %}{% endif %}<|im_end|>
{% endfor -%}
{%- if add_generation_prompt %}<|im_start|>assistant
{% endif -%}"""
RERANKER_CHAT = """{%- macro side(role) -%}
{%- for message in messages if message.role == role -%}
{%- if message.content is string %}{{ message.content }}{% else %}{% for part in message.content -%}
{%- if part.type == 'image' %}<|vision_start|><|image_pad|><|vision_end|>{% else %}{{ part.text }}{% endif -%}
{%- endfor %}{% endif -%}
{%- endfor -%}
{%- endmacro -%}
<|im_start|>system
Judge whether the Document meets the requirements based on the Query and the Instruct provided. \
Note that the answer can only be "yes" or "no".<|im_end|>
<|im_start|>user
<Instruct>: {{ side('system') or 'Given a search query, retrieve relevant candidates that answer the query.' }}\
<Query>:{{ side('query') or 'NULL' }}
<Document>:{{ side('document') or 'NULL' }}<|im_end|>
{% if add_generation_prompt %}<|im_start|>assistant
{% endif -%}"""

TEXT = {
    "model_type": "qwen3_vl_text",
    "hidden_size": 64,
    "intermediate_size": 128,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 16,
    "max_position_embeddings": 262144,
    "rms_norm_eps": 1e-6,
    "rope_theta": 5000000,
    "rope_scaling": {"mrope_interleaved": True, "mrope_section": [4, 2, 2], "rope_type": "default"},
    "initializer_range": SPREAD,
    "tie_word_embeddings": True,
}
VISION = {
    "model_type": "qwen3_vl",
    "depth": 4,
    "hidden_size": 64,
    "intermediate_size": 128,
    "num_heads": 4,
    "patch_size": 16,
    "spatial_merge_size": 2,
    "temporal_patch_size": 2,
    "out_hidden_size": 64,
    "num_position_embeddings": 256,
    "deepstack_visual_indexes": [1, 3],
    "initializer_range": SPREAD,
}


def qwen3_vl_embedding(folder: Path) -> Path:
    """As Qwen3-VL-Embedding: last token, normalised, 64 dimensions; its tokenizer ends every text with <|endoftext|>."""
    _qwen3_vl(folder, ends_with="<|endoftext|>")
    _write(folder / "1_Pooling/config.json", {"word_embedding_dimension": 64, "pooling_mode": "lasttoken"})
    (folder / "2_Normalize").mkdir()
    pooling = ("1_Pooling", "sentence_transformer.modules.pooling.Pooling")
    normalize = ("2_Normalize", "sentence_transformer.modules.normalize.Normalize")
    _modules(folder, ("", "base.modules.transformer.Transformer"), pooling, normalize)
    _write(folder / "config_sentence_transformers.json", {"model_type": "SentenceTransformer"})
    shown = {"method": "forward", "method_output_name": "last_hidden_state"}
    kinds = {"text": shown, "image": shown, "message": {**shown, "format": "structured"}}
    _transformer(folder, "feature-extraction", kinds, "token_embeddings", {"add_generation_prompt": True})
    return folder


def qwen3_vl_reranker(folder: Path) -> Path:
    """As Qwen3-VL-Reranker: a tied lm_head whose "yes" and "no" are single tokens, and a template for pairs."""
    tokenizer = _qwen3_vl(folder)
    (folder / "additional_chat_templates").mkdir()
    (folder / "additional_chat_templates/reranker.jinja").write_text(RERANKER_CHAT, encoding="utf-8")
    yes, no = tokenizer.convert_tokens_to_ids(["yes", "no"])
    _write(folder / "1_LogitScore/config.json", {"true_token_id": yes, "false_token_id": no})
    score = ("1_LogitScore", "cross_encoder.modules.logit_score.LogitScore")
    _modules(folder, ("", "base.modules.transformer.Transformer"), score)
    _write(folder / "config_sentence_transformers.json", {"model_type": "CrossEncoder"})
    kinds = {"message": {"method": "forward", "method_output_name": "logits", "format": "structured"}}
    template = {"chat_template": "reranker", "add_generation_prompt": True}
    _transformer(folder, "any-to-any", kinds, "causal_logits", template)
    return folder


def kure(folder: Path) -> Path:
    """As KURE-v1: XLM-R, the first token, normalised; modules under the names of older sentence-transformers."""
    from transformers import XLMRobertaModel

    _xlm_roberta(folder, XLMRobertaModel)
    _write(folder / "1_Pooling/config.json", {"word_embedding_dimension": 64, "pooling_mode_cls_token": True})
    (folder / "2_Normalize").mkdir()
    _modules(folder, ("", "models.Transformer"), ("1_Pooling", "models.Pooling"), ("2_Normalize", "models.Normalize"))
    _write(folder / "sentence_bert_config.json", {"max_seq_length": 8192, "do_lower_case": False})
    return folder


def cross_encoder(folder: Path) -> Path:
    """As most cross-encoders: XLM-R with one label."""
    from transformers import XLMRobertaForSequenceClassification

    _xlm_roberta(folder, XLMRobertaForSequenceClassification, num_labels=1)
    return folder


def siglip(folder: Path) -> Path:
    """As SigLIP: two towers of 64 dimensions, a sentencepiece tokenizer of 64 tokens that deletes punctuation."""
    import torch
    from transformers import SiglipConfig, SiglipModel, SiglipTokenizer

    folder.mkdir(parents=True)
    (folder / "spiece.model").write_bytes(_sentencepiece())
    tokenizer = SiglipTokenizer(str(folder / "spiece.model"), model_input_names=["input_ids"])
    tokenizer.save_pretrained(folder)
    tower = {"hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4}
    ids = {"vocab_size": tokenizer.vocab_size, "pad_token_id": 1, "bos_token_id": None, "eos_token_id": 1}
    vision = {**tower, "image_size": 64, "patch_size": 16}
    config = SiglipConfig(text_config={**tower, **ids, "max_position_embeddings": 64}, vision_config=vision)
    torch.manual_seed(4)
    model = SiglipModel(config).eval()
    with torch.no_grad():  # as they are, the last position hardly sees the text before it
        for weights in model.text_model.encoder.parameters():
            weights.mul_(3)
    model.save_pretrained(folder)
    half = [0.5, 0.5, 0.5]
    pixels = {"do_resize": True, "do_rescale": True, "do_normalize": True, "rescale_factor": 1 / 255, "resample": 3}
    shape = {"size": {"height": 64, "width": 64}, "image_mean": half, "image_std": half, **pixels}
    names = {"image_processor_type": "SiglipImageProcessor", "processor_class": "SiglipProcessor"}
    _write(folder / "preprocessor_config.json", {**shape, **names})
    return folder


def _qwen3_vl(folder: Path, ends_with: str = ""):
    """Writes model, tokenizer and processors; gives the tokenizer."""
    import torch
    from transformers import Qwen3VLConfig, Qwen3VLForConditionalGeneration

    tokenizer = _byte_pairs(ends_with)
    marks = {"image": "image_pad", "video": "video_pad", "vision_start": "vision_start", "vision_end": "vision_end"}
    config = {
        "architectures": ["Qwen3VLForConditionalGeneration"],
        "model_type": "qwen3_vl",
        "text_config": {**TEXT, "vocab_size": len(tokenizer)},
        "vision_config": VISION,
        "tie_word_embeddings": True,
        **{f"{name}_token_id": tokenizer.convert_tokens_to_ids(f"<|{mark}|>") for name, mark in marks.items()},
    }
    torch.manual_seed(1)
    model = Qwen3VLForConditionalGeneration(Qwen3VLConfig(**json.loads(json.dumps(config)))).eval()
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    _write(folder / "config.json", {**config, "dtype": "float32", "transformers_version": "4.57.1"})
    _write(folder / "preprocessor_config.json", _patches("Qwen2VLImageProcessorFast", 65536, 16777216))
    _write(folder / "video_preprocessor_config.json", _patches("Qwen3VLVideoProcessor", 4096, 25165824))
    return tokenizer


def _patches(kind: str, shortest: int, longest: int) -> dict:
    half = [0.5, 0.5, 0.5]
    sizes = {"size": {"shortest_edge": shortest, "longest_edge": longest}, "image_mean": half, "image_std": half}
    shape = {"patch_size": 16, "temporal_patch_size": 2, "merge_size": 2}
    key = "video_processor_type" if "Video" in kind else "image_processor_type"
    return {**sizes, **shape, key: kind, "processor_class": "Qwen3VLProcessor"}


def _byte_pairs(ends_with: str):
    """A byte-level BPE tokenizer with Qwen's special tokens behind its vocabulary, as the released ones have."""
    from tokenizers import Tokenizer, models, pre_tokenizers, processors, trainers
    from transformers import Qwen2Tokenizer

    learnt = Tokenizer(models.BPE())
    learnt.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    letters = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=1000, initial_alphabet=sorted(letters), show_progress=False)
    learnt.train_from_iterator([*SENTENCES, *SENTENCES[0].split()], trainer)
    model = json.loads(learnt.to_str())["model"]
    tokenizer = Qwen2Tokenizer(
        vocab={**model["vocab"], "<|endoftext|>": len(model["vocab"])},
        merges=[tuple(pair) for pair in model["merges"]],
        additional_special_tokens=list(QWEN_TOKENS[1:]),
        chat_template=CHAT,
        model_max_length=262144,
    )
    if ends_with:
        known = [(ends_with, tokenizer.convert_tokens_to_ids(ends_with))]
        added = processors.TemplateProcessing(single=f"$A {ends_with}", special_tokens=known)
        tokenizer.backend_tokenizer.post_processor = added
    return tokenizer


def _xlm_roberta(folder: Path, kind: Callable, **more: int) -> None:
    import torch
    from transformers import XLMRobertaConfig, XLMRobertaTokenizer

    words = sorted({f"▁{word}" for sentence in SENTENCES for word in sentence.split()})
    signs = sorted({"▁", *"".join(SENTENCES)} - {" "})
    special = [(token, 0.0) for token in ("<s>", "<pad>", "</s>", "<unk>")]
    pieces = [*special, *((word, -4.0) for word in words), *((sign, -9.0) for sign in signs), ("<mask>", 0.0)]
    tokenizer = XLMRobertaTokenizer(vocab=pieces, model_max_length=8192)
    tokenizer.save_pretrained(folder)
    layers = {"hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4}
    places = {"max_position_embeddings": 8194, "type_vocab_size": 1, "layer_norm_eps": 1e-5}
    torch.manual_seed(2)
    config = XLMRobertaConfig(vocab_size=len(tokenizer), initializer_range=2 * SPREAD, **layers, **places, **more)
    kind(config).eval().save_pretrained(folder)


def _sentencepiece() -> bytes:
    """A unigram model with SigLIP's way of special ids: none but <unk> and the end of a text, which also fills it up."""
    import io

    import sentencepiece

    model = io.BytesIO()
    plain = [sentence.lower() for sentence in SENTENCES]
    ids = {"pad_id": -1, "bos_id": -1, "unk_id": 0, "eos_id": 1}
    size = {"vocab_size": 300, "hard_vocab_limit": False, "minloglevel": 2}
    sentencepiece.SentencePieceTrainer.train(sentence_iterator=iter(plain), model_writer=model, **size, **ids)
    return model.getvalue()


def _modules(folder: Path, *modules: tuple[str, str]) -> None:
    """modules.json: for each module its folder and its place inside sentence_transformers."""
    rows = [
        {"idx": at, "name": str(at), "path": path, "type": f"sentence_transformers.{kind}"}
        for at, (path, kind) in enumerate(modules)
    ]
    _write(folder / "modules.json", rows)


def _transformer(folder: Path, task: str, kinds: dict, output: str, template: dict) -> None:
    """sentence_bert_config.json: what is called with which modality, and how conversations are rendered."""
    facts = {"transformer_task": task, "modality_config": kinds, "module_output_name": output}
    _write(
        folder / "sentence_bert_config.json",
        {**facts, "processing_kwargs": {"chat_template": template}, "unpad_inputs": False},
    )


def _write(path: Path, content: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, ensure_ascii=False, indent=2), encoding="utf-8")


def _fixture(make: Callable[[Path], Path], name: str, needs: tuple[str, ...] = ("torch", "transformers")):
    @pytest.fixture(scope="session", name=name)
    def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
        for library in needs:
            pytest.importorskip(library)
        return make(tmp_path_factory.mktemp("tiny") / name)

    return tiny


tiny_qwen = _fixture(qwen3_vl_embedding, "tiny_qwen")
tiny_reranker = _fixture(qwen3_vl_reranker, "tiny_reranker")
tiny_kure = _fixture(kure, "tiny_kure")
tiny_cross_encoder = _fixture(cross_encoder, "tiny_cross_encoder")
tiny_siglip = _fixture(siglip, "tiny_siglip", ("torch", "transformers", "sentencepiece", "google.protobuf"))


@pytest.fixture
def pil_processor(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets sentence-transformers load the Qwen3-VL folders where there is no torchvision, which only videos need."""
    qwen3_vl = pytest.importorskip("transformers.models.qwen3_vl")

    class ImagesAndTexts(qwen3_vl.Qwen3VLProcessor):
        def __init__(self, image_processor=None, tokenizer=None, chat_template=None, **more):
            super().__init__(image_processor, tokenizer, None, chat_template, **more)

    monkeypatch.setattr(qwen3_vl, "Qwen3VLProcessor", ImagesAndTexts)
