"""lexical: a second stage without a model: how much of the rarer wording a query and a candidate share, both ways."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence

from harness import RerankerSpec, hookimpl

_FORMULA = re.compile(r"\\[A-Za-z]+|\d+(?:\.\d+)?|[A-Za-z]+(?:\^\{?\w+\}?)?|[<>=≤≥±√π∠△°²³]")


class Lexical:
    """The weighted Dice coefficient of character 2- and 3-grams and formula tokens, between 0 and 1.

    A feature in df of n texts (the query and its candidates) weighs log((n + 1) / (df + 0.5)): what all share, as
    the findings of one search do, decides next to nothing.
    """

    def rerank(self, query: str, documents: Sequence[str], /) -> list[float]:
        asked, shown = features(query), [features(document) for document in documents]
        seen = Counter(feature for counts in (asked, *shown) for feature in counts)
        weight = {feature: math.log((len(shown) + 2) / (df + 0.5)) for feature, df in seen.items()}
        return [_overlap(asked, counts, weight) for counts in shown]


def features(text: str) -> Counter[str]:
    """Counts of character 2- and 3-grams, spaces left out, and of formula tokens (marked, so that none is a gram)."""
    packed = "".join(text.lower().split())
    grams = (packed[at : at + n] for n in (2, 3) for at in range(len(packed) - n + 1))
    return Counter([*grams, *(f"={token}" for token in _FORMULA.findall(text))])


def _overlap(a: Counter[str], b: Counter[str], weight: dict[str, float]) -> float:
    shared = sum(weight[feature] * count for feature, count in (a & b).items())
    total = sum(weight[feature] * count for feature, count in (a + b).items())
    return 2.0 * shared / total if total > 0 else 0.0


@hookimpl
def harness_register_rerankers() -> list[RerankerSpec]:
    about = "weighted Dice overlap of character 2- and 3-grams and formula tokens"
    return [RerankerSpec("lexical", Lexical, revision="1", about=about, depth=20, on_device=False)]
