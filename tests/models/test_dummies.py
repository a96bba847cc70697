"""The stand-in tokenizer: real texts become about as many tokens as they do with a released one."""

from __future__ import annotations

import pytest

pytest.importorskip("transformers")
pytest.importorskip("torch")

from harness.models.dummies import QWEN_TOKENS, qwen_tokenizer, stand_in_tokenizer

ITEM = r"넓이가 24 cm²인 직사각형에서 $\frac{1}{2}x+3\le 7$을 푸시오."


def tokens(text: str, **how: str) -> list[str]:
    tokenizer = qwen_tokenizer(**how)
    return tokenizer.convert_ids_to_tokens(tokenizer(text).input_ids)


def test_syllables_digits_and_signs_stand_alone() -> None:
    assert tokens("넓이가 24 cm²") == ["넓", "이", "가", "2", "4", "cm", "²"]
    assert tokens("①3√2\n정답") == ["①", "3", "√", "2", "\n", "정", "답"]


def test_words_are_put_together_from_pairs_of_letters() -> None:
    assert tokens("yes no assistant") == ["yes", "no", "assistant"]
    assert tokens(r"\frac{Sqrt}") == ["\\", "fr", "##ac", "{", "Sq", "##rt", "}"]
    assert len(tokens("a" * 5000)) == 2500


def test_no_korean_item_holds_anything_unknown() -> None:
    assert "<unk>" not in tokens(ITEM)
    assert tokens("漢") == ["<unk>"]


def test_different_words_get_different_ids() -> None:
    tokenizer = qwen_tokenizer()
    texts = ["slope", "slops", "Slope", "기울기", "기울이", "3", "8"]
    assert len({tuple(tokenizer(text).input_ids) for text in texts}) == len(texts)


def test_special_tokens_are_numbered_in_their_order() -> None:
    tokenizer = stand_in_tokenizer(["<s>", "<pad>", "</s>"], pad="<pad>", begins_with="<s>", ends_with="</s>")
    assert tokenizer.convert_tokens_to_ids(["<s>", "<pad>", "</s>", "<unk>"]) == [0, 1, 2, 3]
    batch = tokenizer(["가나", "가"], padding=True)
    assert [row[0] for row in batch.input_ids] == [0, 0]
    assert batch.input_ids[0][-1] == 2
    assert batch.input_ids[1][-2:] == [2, 1]
    assert batch.attention_mask[1] == [1, 1, 1, 0]


def test_special_tokens_stay_whole_between_other_text() -> None:
    ids = qwen_tokenizer()("가<|image_pad|><|image_pad|>나").input_ids
    assert ids[1] == ids[2] == QWEN_TOKENS.index("<|image_pad|>")
    assert len(ids) == 4
    assert tokens("가", ends_with="<|endoftext|>") == ["가", "<|endoftext|>"]


def test_a_conversation_reads_as_published() -> None:
    """The rendering that the model card of Qwen3-VL-Embedding prints."""
    shown = [{"type": "image", "image": "any"}, {"type": "text", "text": "넓이는?"}]
    talk = [{"role": "system", "content": "Represent the user's input."}, {"role": "user", "content": shown}]
    rendered = qwen_tokenizer().apply_chat_template(talk, add_generation_prompt=True, tokenize=False)
    assert rendered == (
        "<|im_start|>system\nRepresent the user's input.<|im_end|>\n<|im_start|>user\n"
        "<|vision_start|><|image_pad|><|vision_end|>넓이는?<|im_end|>\n<|im_start|>assistant\n"
    )


def test_it_is_about_as_many_tokens_as_syllables() -> None:
    """Released multilingual tokenizers need about 0.6 to 1.5 tokens per syllable or sign of such a text."""
    assert 0.6 <= len(tokens(ITEM)) / len(ITEM.replace(" ", "")) <= 1.5
