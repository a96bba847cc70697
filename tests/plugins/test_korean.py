r"""How `bm25` reads a text: one table of what becomes of prose, of formulas, and of both together."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType

import pytest

Plugin = Callable[[str], ModuleType]


@pytest.fixture(scope="module")
def tokens(plugin: Plugin) -> Callable[[str], list[str]]:
    return plugin("retrievers/bm25").korean()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # prose: particles and endings go, stems are one
        ("삼각형의 넓이", ["삼각형", "넓이"]),
        ("삼각형은 삼각형을", ["삼각형", "삼각형"]),
        ("넓이를 구하시오", ["넓이", "구하"]),
        ("넓이를 구하여라", ["넓이", "구하"]),
        ("최대공약수와", ["최대공약수", "공약수"]),
        # numbers beside Korean
        ("공 3개의 무게", ["3", "공", "개", "무게"]),
        ("1,000원", ["1000", "원"]),
        ("0.5배", ["0.5", "배"]),
        # formulas: whole first, then parts
        (r"\frac{1}{2}", [r"\frac{1}{2}", r"\frac", "1", "2"]),
        (r"\frac{1}{3}", [r"\frac{1}{3}", r"\frac", "1", "3"]),
        (r"\dfrac12", [r"\frac{1}{2}", r"\frac", "1", "2"]),
        ("1/2", [r"\frac{1}{2}", r"\frac", "1", "2"]),
        ("½", [r"\frac{1}{2}", r"\frac", "1", "2"]),
        ("x^2", ["x^{2}", "x", "2"]),
        ("x^{2}", ["x^{2}", "x", "2"]),
        ("x²", ["x^{2}", "x", "2"]),
        ("2x^2", ["x^{2}", "2", "x", "2"]),
        (r"\sqrt{2}", [r"\sqrt{2}", r"\sqrt", "2"]),
        ("√2", [r"\sqrt{2}", r"\sqrt", "2"]),
        (r"\frac{\sqrt{3}}{2}", [r"\frac{\sqrt{3}}{2}", r"\sqrt{3}", r"\frac", r"\sqrt", "3", "2"]),
        ("3x", ["3x", "3", "x"]),
        # what belongs to no word
        ("2-5", ["2", "5"]),
        (r"3+4=\\", ["3", "4"]),
        (r"\begin{cases}x+y=5\\x-y=1\end{cases}", ["cases", "x", "y", "5", "x", "y", "1", "cases"]),
        (r"\left(x+1\right)", ["x", "1"]),
        # one sign, several spellings
        (r"x\leq 3", ["x", r"\le", "3"]),
        ("x≤3", ["x", r"\le", "3"]),
        ("30°", [r"30^{\circ}", "30", r"\circ"]),
        (r"30^\circ", [r"30^{\circ}", "30", r"\circ"]),
        ("∠A", [r"\angle", "A"]),
        (r"\angle A", [r"\angle", "A"]),
        ("5cm²", ["cm^{2}", "5", "cm", "2"]),
        ("5cm2", ["cm^{2}", "5", "cm", "2"]),
        ("5㎠", ["cm^{2}", "5", "cm", "2"]),
        (r"5\,\mathrm{cm}^2", ["cm^{2}", "5", "cm", "2"]),
        # both together, with and without signs between them
        (r"$x$의 값", ["x", "값"]),
        (r"함수$y=x^2$의그래프", ["x^{2}", "y", "x", "2", "함수", "그래프"]),
        ("점 A와 점 B", ["A", "B", "점", "점"]),
        ("ABC와 abc", ["abc", "abc"]),
        ("", []),
        (" \n", []),
    ],
)
def test_tokens(tokens: Callable[[str], list[str]], text: str, expected: list[str]) -> None:
    assert tokens(text) == expected


@pytest.mark.parametrize(
    "text", ["{", r"\frac{", "^", "$", "\\", "\ud800", "\0", "𝑥²", "🙂", r"\frac{{{1}}}{2}", "^" * 999]
)
def test_nothing_breaks_it(tokens: Callable[[str], list[str]], text: str) -> None:
    assert isinstance(tokens(text), list)
