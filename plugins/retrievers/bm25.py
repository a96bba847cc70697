r"""BM25 in two readings of a text: Korean morphemes with formulas kept apart, and words between spaces.

`bm25` reads prose by its morphemes and formulas by their parts. Particles and endings are dropped;
\frac{1}{2} gives itself whole and its parts, so that it matches another \frac{1}{2} fully and \frac{1}{3} in part.
"""

from __future__ import annotations

import logging
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from harness import RetrieverSpec, hookimpl
from harness.data.model import Corpus, FloatMatrix, Queries
from harness.data.run import Run
from harness.plugging.scoring import search_scores

Tokens = Callable[[str], list[str]]

SYMBOLS = str.maketrans({
    **{mark: rf"\{name} " for mark, name in zip("×÷·≤≦≥≧≠±π∠△∞∥⊥∽≡", (
        "times", "div", "cdot", "le", "le", "ge", "ge", "ne", "pm", "pi", "angle", "triangle", "infty", "parallel",
        "perp", "sim", "equiv"), strict=True)},
    **{mark: f"^{{{plain}}}" for mark, plain in zip("⁰¹²³⁴⁵⁶⁷⁸⁹ⁿ", "0123456789n", strict=True)},
    "㎠": "cm^{2} ", "㎡": "m^{2} ", "㎢": "km^{2} ", "㎤": "cm^{3} ", "㎥": "m^{3} ", "°": r"^{\circ}", "−": "-",
})  # fmt: skip
"""What Unicode writes in one character, as LaTeX writes it; before NFKC, which would make x² an x2."""

REWRITES = tuple((re.compile(pattern), plain) for pattern, plain in (
    (r"\\\\|\\[,;:! ]|&", " "),  # line breaks, thin spaces and columns of a formula
    (r"\\(?:left|right|big|Big|bigg|displaystyle|text|textrm|mathrm|rm|begin|end|limits|quad|qquad)(?![A-Za-z])", " "),
    (r"\\[dt]frac(?![A-Za-z])", r"\\frac"),
    (r"\\(?:leqq?|leqslant)(?![A-Za-z])", r"\\le"),
    (r"\\(?:geqq?|geqslant)(?![A-Za-z])", r"\\ge"),
    (r"\\neq(?![A-Za-z])", r"\\ne"),
    (r"(?<=\d),(?=\d{3}(?!\d))", ""),
    (r"\\frac\s*(\d)\s*(\d)", r"\\frac{\1}{\2}"),
    (r"(?<![\d.A-Za-z])(\d+|[A-Za-z])\s*[/⁄]\s*(\d+|[A-Za-z])(?![\d.A-Za-z])", r"\\frac{\1}{\2}"),
    (r"(?:√|\\sqrt)\s*(\d+|[A-Za-z])", r"\\sqrt{\1}"),
    (r"\{([A-Za-z]+)\}\s*(?=\^)", r"\1"),
    (r"(?<![A-Za-z])([ckm]?m)([23])(?!\d)", r"\1^{\2}"),
    (r"\^\s*(\d+|[A-Za-z]|\\circ)", r"^{\1}"),
))  # fmt: skip
"""Spellings that mean one thing, each brought to one."""

_GROUP = r"\{(?:[^{}]|\{[^{}]*\})*\}"
WHOLE = re.compile(rf"\\frac{_GROUP}{_GROUP}|\\sqrt{_GROUP}|(?:[A-Za-z]+|\d+|\))\^{_GROUP}|\d+[A-Za-z]+(?![A-Za-z^])")
"""Fractions, roots, powers, and a number with its letter or unit: each also a token of its own."""
PARTS = re.compile(r"\\[A-Za-z]+|\d+(?:\.\d+)?|[A-Za-z]+|[<>一-鿿]")
DROPPED = ("J", "E", "S")
"""Parts of speech (mecab-ko-dic) that say nothing of their own: particles, endings; and symbols, read as formulas."""
PROSE = re.compile(r"[가-힣ㄱ-ㅣ]+")
NO_PROSE = re.compile(r"[^가-힣ㄱ-ㅣ\s]+")


def plain(text: str) -> str:
    """One spelling for what means one thing: x² is x^{2}, 1/2 and \\dfrac12 are \\frac{1}{2}."""
    text = unicodedata.normalize("NFKC", text.translate(SYMBOLS))
    for pattern, replacement in REWRITES:
        text = pattern.sub(replacement, text)
    return text


def formula_tokens(text: str) -> Iterator[str]:
    """The whole fractions, roots and powers of a plain text, then its commands, numbers and letters."""
    formulas = PROSE.sub(" ", text)
    yield from ("".join(found.split()) for found in _nested(formulas))
    yield from (part if len(part) == 1 else part.lower() for part in PARTS.findall(formulas))


def _nested(formulas: str) -> Iterator[str]:
    """Whole pieces, and the whole pieces inside them."""
    for found in WHOLE.findall(formulas):
        yield found
        if "{" in found:
            yield from _nested(found[found.index("{") :])


def korean() -> Tokens:
    """A tokeniser of Korean prose mixed with formulas; loads mecab-ko once."""
    import mecab_ko

    tagger = mecab_ko.Tagger()

    def tokens(text: str) -> list[str]:
        text = plain(text)
        *morphemes, _ = tagger.parse(NO_PROSE.sub(_stand_in, text)).splitlines()
        words = (word for morpheme in morphemes for word in _words(*morpheme.split("\t", 1)))
        return [*formula_tokens(text), *words]

    return tokens


def _stand_in(run: re.Match[str]) -> str:
    """What stands in the sentence for a formula: something after which mecab reads a particle or a unit."""
    if run[0].isdecimal():
        return "1"
    return "A" if any(map(str.isalnum, run[0])) else " "


def _words(surface: str, feature: str) -> Iterator[str]:
    """A morpheme without its particle: a contraction as its members, a compound noun with its longer members.

    A feature of mecab-ko-dic reads "part of speech,meaning,final consonant,reading,type,first,last,members", and its
    members "surface/part of speech/meaning+...".
    """
    pos, _, _, _, kind, _, _, expression = feature.split(",", 7)
    members = [member.split("/") for member in expression.split("+")]
    if "+" in pos:
        yield from (name for name, tag, *_ in members if tag[0] not in DROPPED)
    elif pos[0] not in DROPPED:
        yield surface
        if kind == "Compound":
            yield from (name for name, *_ in members if len(name) > 2)


class BM25:
    """Lucene's BM25 (bm25s): the idf stays positive, so that every shared token counts for a document."""

    def __init__(self, tokens: Tokens, k1: float, b: float) -> None:
        self.tokens, self.k1, self.b = tokens, k1, b

    def index(self, corpus: Corpus, /) -> None:
        self._ids = corpus.ids
        documents = [self.tokens(text) for text in corpus.texts]
        # bm25s cannot divide by a mean length of nothing.
        self._scorer = self._indexed(documents) if any(documents) else None

    def search(self, queries: Queries, top_k: int, /) -> Run:
        """A document that shares no token is not retrieved."""
        return search_scores(self.score, queries, self._ids, top_k, zero_is_found=False)

    def score(self, queries: Queries, /) -> FloatMatrix:
        """[len(queries), N]; 0 where no token is shared."""
        scores = np.zeros((len(queries), len(self._ids)), np.float32)
        if self._scorer is not None:
            for row, text in enumerate(queries.texts):
                known = self._scorer.get_tokens_ids(self._asked(text))
                scores[row] = self._scorer.get_scores_from_ids(known)
        return scores

    def _asked(self, text: str) -> list[str]:
        """A query's tokens once each: a query that is an item repeats its names, which says nothing of its kind."""
        return list(dict.fromkeys(self.tokens(text)))

    def _indexed(self, documents: Sequence[list[str]]) -> Any:
        import bm25s

        logging.getLogger("bm25s").setLevel(logging.WARNING)  # it tells of every index it builds
        scorer = bm25s.BM25(method="lucene", k1=self.k1, b=self.b)
        scorer.index(documents, show_progress=False)
        return scorer


def build(k1: float = 1.5, b: float = 0.75) -> BM25:
    return BM25(korean(), k1, b)


def build_whitespace(k1: float = 1.5, b: float = 0.75) -> BM25:
    return BM25(str.split, k1, b)


@hookimpl
def harness_register_retrievers() -> list[RetrieverSpec]:
    return [
        RetrieverSpec(
            "bm25", build, lexical=True, revision="mecab-ko-dic+latex-1",
            about="BM25 with Lucene's idf over Korean morphemes (mecab-ko) and formula parts",
        ),
        RetrieverSpec(
            "bm25-whitespace", build_whitespace, lexical=True, revision="whitespace-1",
            about="BM25 with Lucene's idf over words between spaces",
        ),
    ]  # fmt: skip
