"""Mathematical notation: fractions, terms and linear expressions, as LaTeX or as plain text."""
from fractions import Fraction


def frac(numerator: int, denominator: int) -> str:
    """A LaTeX fraction without dollar signs, its sign in front: -\\frac{2}{3}."""
    sign = "-" if numerator * denominator < 0 else ""
    return rf"{sign}\frac{{{abs(numerator)}}}{{{abs(denominator)}}}"


def number(value: Fraction) -> str:
    """A rational number in LaTeX: a whole number where it is one, a fraction where not."""
    if value.denominator == 1:
        return str(value.numerator)
    return frac(value.numerator, value.denominator)


def term(coefficient: int, letters: str) -> str:
    """A product: 1 and -1 are not written, term(-1, "x") is "-x"."""
    return {1: letters, -1: f"-{letters}"}.get(coefficient, f"{coefficient}{letters}")


def linear(*terms: tuple[int, str]) -> str:
    """A sum of terms: linear((3, "x"), (-5, "")) is "3x-5". Terms with coefficient 0 are left out."""
    written = [term(c, letters) if letters else str(c) for c, letters in terms if c]
    return "+".join(written).replace("+-", "-") or "0"


def plain(expression: str) -> str:
    """The same expression for a text without LaTeX: a minus sign of its own, and room around signs."""
    head, tail = expression[0], expression[1:]
    return head.replace("-", "−") + tail.replace("-", " − ").replace("+", " + ")
