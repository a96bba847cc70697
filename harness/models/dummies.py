"""A stand-in tokenizer: made on the spot, so that full-size random weights read real text and nothing is downloaded.

A Korean text becomes about as many tokens as with a released tokenizer, which is all that speed and memory ask for.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain, product
from string import ascii_letters, ascii_lowercase
from typing import Final

from tokenizers import AddedToken, Regex, Tokenizer, models, pre_tokenizers, processors
from transformers import PreTrainedTokenizerFast

QWEN_TOKENS: Final = (
    "<|endoftext|>",
    "<|im_start|>",
    "<|im_end|>",
    "<|vision_start|>",
    "<|vision_end|>",
    "<|vision_pad|>",
    "<|image_pad|>",
    "<|video_pad|>",
)

QWEN_CHAT: Final = (
    "{% for message in messages %}"
    "{{ '<|im_start|>' + message.role + '\n' }}"
    "{% if message.content is string %}{{ message.content }}{% else %}"
    "{% for part in message.content %}"
    "{% if part.type == 'image' %}{{ '<|vision_start|><|image_pad|><|vision_end|>' }}"
    "{% elif part.type == 'text' %}{{ part.text }}{% endif %}"
    "{% endfor %}{% endif %}"
    "{{ '<|im_end|>\n' }}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
"""Renders conversations as Qwen's own template does where there are neither tools nor videos."""

_UNKNOWN: Final = "<unk>"
_ATOM: Final = Regex(r"[A-Za-z]+|[^A-Za-z\s]|\n")
_WORDS: Final = ("system", "user", "assistant", "yes", "no")
_LONGEST: Final = 10_000
_SYMBOLS: Final = (
    (0x0021, 0x007E),  # ASCII
    (0x00A0, 0x00FF),  # Latin-1: ° ± × ÷
    (0x0391, 0x03C9),  # Greek
    (0x2010, 0x2044),  # dashes, quotes, primes
    (0x2190, 0x22FF),  # arrows and mathematical operators
    (0x2460, 0x2473),  # circled numbers, as choices have them
    (0x25A0, 0x25FF),  # geometric shapes
    (0x3000, 0x303F),  # CJK punctuation
    (0x3131, 0x318E),  # single jamo
    (0xAC00, 0xD7A3),  # Hangul syllables
)

_fast: Callable[..., PreTrainedTokenizerFast] = PreTrainedTokenizerFast  # its constructor carries no types


def stand_in_tokenizer(
    special_tokens: Sequence[str],
    *,
    pad: str,
    begins_with: str = "",
    ends_with: str = "",
    chat_template: str | None = None,
) -> PreTrainedTokenizerFast:
    """A token per Hangul syllable, digit, sign and line break, and one per two letters of an ASCII word.

    The special tokens get the ids 0, 1, 2, ... in the order given; `begins_with` and `ends_with` are those that stand
    around every text, `pad` the one that fills up. What it does not know becomes "<unk>".
    """
    names = list(dict.fromkeys([*special_tokens, _UNKNOWN]))
    vocabulary = {token: at for at, token in enumerate(dict.fromkeys(chain(names, _pieces())))}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token=_UNKNOWN, max_input_chars_per_word=_LONGEST))
    tokenizer.pre_tokenizer = pre_tokenizers.Split(_ATOM, "removed", invert=True)
    tokenizer.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in names])
    if begins_with or ends_with:
        around = [(token, vocabulary[token]) for token in (begins_with, ends_with) if token]
        single = f"{begins_with} $A {ends_with}".strip()
        tokenizer.post_processor = processors.TemplateProcessing(single=single, special_tokens=around)
    return _fast(tokenizer_object=tokenizer, pad_token=pad, unk_token=_UNKNOWN, chat_template=chat_template)


def qwen_tokenizer(*, ends_with: str = "") -> PreTrainedTokenizerFast:
    """The stand-in with Qwen's special tokens and conversations."""
    return stand_in_tokenizer(QWEN_TOKENS, pad="<|endoftext|>", ends_with=ends_with, chat_template=QWEN_CHAT)


def _pieces() -> chain[str]:
    """Whole tokens first, then what words are put together from: one or two letters, "##" where a word goes on."""
    symbols = (chr(code) for first, last in _SYMBOLS for code in range(first, last + 1))
    letters = [*ascii_letters, *("".join(pair) for pair in product(ascii_letters, ascii_lowercase))]
    return chain(_WORDS, "\n", symbols, letters, (f"##{piece}" for piece in letters))
