"""none keeps, lexical reorders."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType

import pytest

Plugin = Callable[[str], ModuleType]
CANDIDATES = (
    "다음 원의 넓이를 구하시오.",
    r"다음 이차방정식 $x^2-5x+6=0$의 근을 구하시오.",
    "다음 삼각형의 넓이를 구하시오.",
)


def order(scores: list[float]) -> list[int]:
    return sorted(range(len(scores)), key=lambda place: -scores[place])


def test_none_keeps_the_order(plugin: Plugin) -> None:
    assert order(plugin("rerankers/none").KeepsOrder().rerank("q", list("abcdef"))) == [0, 1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    ("query", "expected"),
    [("삼각형의 넓이", [2, 0, 1]), (r"$x^2-3x+2=0$을 푸시오", [1, 2, 0]), (CANDIDATES[0], [0, 2, 1])],
)
def test_lexical_reorders(plugin: Plugin, query: str, expected: list[int]) -> None:
    scores = plugin("rerankers/lexical").Lexical().rerank(query, CANDIDATES)
    assert order(scores)[0] == expected[0]
    assert all(0 <= score <= 1 for score in scores)


def test_lexical_is_symmetric_and_1_for_the_same_text(plugin: Plugin) -> None:
    lexical = plugin("rerankers/lexical").Lexical()
    assert lexical.rerank(CANDIDATES[1], [CANDIDATES[1]]) == [pytest.approx(1)]
    assert lexical.rerank(*("가나다 x^2", ["나다라 x^2"])) == lexical.rerank(*("나다라 x^2", ["가나다 x^2"]))


def test_lexical_weighs_the_rare(plugin: Plugin) -> None:
    """Both candidates share three syllables with the query; one shares those that no other candidate has."""
    scores = (
        plugin("rerankers/lexical").Lexical().rerank("구하라점근선", ["구하라바사아", "자차카점근선", "구하라타파하"])
    )
    assert order(scores)[0] == 1


def test_lexical_bears_empty_texts(plugin: Plugin) -> None:
    lexical = plugin("rerankers/lexical").Lexical()
    assert lexical.rerank("", ["", "가"]) == [0, 0]
    assert lexical.rerank("가나", []) == []
