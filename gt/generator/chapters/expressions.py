"""식의 계산: the laws of exponents, and products of a monomial and a polynomial."""
from random import Random

from PIL.Image import Image

from drawing import Sheet
from items import Chapter, Concept, Template
from korean import NAMES
from notation import linear


def exponents(rng: Random) -> dict:
    """(a^m)^box x a^k = a^(m box + k)."""
    letter = rng.choice("abxy")
    power, hidden, extra = rng.randint(2, 6), rng.randint(2, 6), rng.randint(2, 9)
    total = power * hidden + extra
    start, end = rf"({letter}^{{{power}}})^", rf"\times {letter}^{{{extra}}}={letter}^{{{total}}}"
    return {"box": rf"${start}{{\square}}{end}$", "equation": f"${start}n{end}$", "name": rng.choice(NAMES),
            "answer": hidden}


def doubling(rng: Random) -> dict:
    """Something that doubles every few minutes, from a power of two to another one."""
    minutes, start, steps = rng.choice((5, 6, 10, 12)), rng.randint(3, 8), rng.randint(3, 9)
    return {"minutes": minutes, "start": start, "elapsed": minutes * steps, "answer": start + steps}


def product(rng: Random) -> dict:
    """ax(bx+cy) - dx(ex-fy), without a vanishing coefficient."""
    a, b, c, d, e, f = (rng.randint(2, 6) for _ in range(6))
    square, mixed = a * b - d * e, a * c + d * f
    if square == 0:
        return product(rng)
    expression = f"{a}x({linear((b, 'x'), (c, 'y'))})-{d}x({linear((e, 'x'), (-f, 'y'))})"
    return {"expression": f"${expression}$", "name": rng.choice(NAMES),
            "answer": linear((square, "x^2"), (mixed, "xy")), "coefficients": (square, mixed)}


def rectangle(rng: Random) -> dict:
    """A rectangle with the sides ka and ma+nb."""
    k, m, n = rng.randint(2, 6), rng.randint(2, 7), rng.randint(2, 7)
    return {"height": f"{k}a", "width": linear((m, "a"), (n, "b")),
            "answer": linear((k * m, "a²"), (k * n, "ab"))}


def draw_rectangle(values: dict) -> Image:
    """The rectangle with its two sides written beside it."""
    sheet = Sheet(240, 160)
    sheet.rectangle((50, 25), (225, 115), fill=(235, 245, 235))
    sheet.text((137, 134), values["width"], 16)
    sheet.text((25, 70), values["height"], 16)
    return sheet.finish()


CHAPTER = Chapter("식의 계산", (
    Concept("지수법칙", "9수02-08", (
        Template("exponent-blank", "단답형", "중", "이해", exponents, (
            r"[box]일 때, $\square$ 안에 알맞은 자연수를 구하시오.",
            "지수법칙을 이용하여 다음 식을 만족시키는 자연수 $n$의 값을 구하시오.\n[equation]",
            r"[name]가 거듭제곱의 곱셈을 하고 있다. 등식 [box:이/가] 성립하려면 빈칸 $\square$ 안에 "
            r"알맞은 수는 무엇인가?",
        )),
        Template("doubling", "단답형", "상", "적용", doubling, (
            "어떤 세균은 [minutes]분마다 그 수가 2배로 늘어난다. 처음에 2의 [start]제곱 마리였던 세균은 "
            "[elapsed]분 후에 몇 마리가 되는지 2의 거듭제곱으로 나타내시오.",
            "[minutes]분이 지날 때마다 파일의 개수가 두 배가 되는 프로그램이 있다. 파일이 2의 "
            "[start]제곱 개일 때 실행하여 [elapsed]분이 지났다면 파일의 개수는 2의 몇 제곱 개인가?",
        )),
    )),
    Concept("단항식과 다항식의 곱셈", "9수02-10", (
        Template("expand", "단답형", "중", "이해", product, (
            "다음 식을 전개하여 간단히 하시오.\n[expression]",
            "식 [expression:을/를] 괄호를 풀고 전개한 다음 동류항끼리 모아서 계산하시오.",
            "[name]는 단항식과 다항식의 곱셈을 연습하고 있다. [expression:을/를] 계산하면?",
        )),
        Template("rectangle-area", "단답형", "하", "적용", rectangle, (
            "오른쪽 그림과 같은 직사각형의 넓이를 a, b를 사용한 식으로 나타내고 전개하여 간단히 하시오.",
            "그림은 학교 텃밭의 가로와 세로의 길이를 문자로 나타낸 것이다. 단항식과 다항식의 곱셈을 "
            "하여 이 텃밭의 넓이를 나타내는 식을 구하시오.",
        ), draw_rectangle),
    )),
))
