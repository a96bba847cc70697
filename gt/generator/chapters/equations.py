"""연립일차방정식: solving a pair of equations, and finding two numbers from two facts."""
from random import Random

from PIL.Image import Image

from drawing import table
from items import Chapter, Concept, Template
from korean import NAMES, won
from notation import linear


def system(rng: Random) -> dict:
    """Two equations with one solution in whole numbers."""
    x, y = rng.randint(-4, 6), rng.randint(-4, 6)
    a, b, c, d = rng.randint(1, 5), rng.randint(1, 5), rng.randint(1, 4), -rng.randint(1, 5)
    first, second = linear((a, "x"), (b, "y")), linear((c, "x"), (d, "y"))
    equations = rf"\begin{{cases}} {first}={a * x + b * y} \\ {second}={c * x + d * y} \end{{cases}}"
    return {"system": f"${equations}$", "name": rng.choice(NAMES), "answer": (x, y)}


def two_numbers(rng: Random) -> dict:
    """Two natural numbers, the greater one first, told in words."""
    small = rng.randint(3, 15)
    large, k = small + rng.randint(2, 12), rng.randint(2, 4)
    return {"total": large + small, "k": k, "sum": k * large + small,
            "difference": large - small, "answer": (large, small)}


def counting(rng: Random) -> dict:
    """n things of two prices, and what they cost together."""
    dear, cheap = rng.choice((900, 1200, 1500, 2000)), rng.choice((400, 500, 600, 800))
    n = rng.randint(9, 20)
    many = rng.randint(2, n - 2)
    return {"dear": won(dear), "cheap": won(cheap), "n": n, "total": won(dear * many + cheap * (n - many)),
            "name": rng.choice(NAMES), "answer": (many, n - many)}


def receipts(rng: Random) -> dict:
    """Two receipts for other numbers of the same two things."""
    bread, milk = rng.choice((1200, 1500, 1800)), rng.choice((700, 900, 1000))
    rows = [(2, 3), (4, 1)] if rng.random() < 0.5 else [(3, 2), (1, 4)]
    totals = [won(a * bread + b * milk) for a, b in rows]
    buyers = rng.sample(NAMES, 2)
    return {"rows": rows, "totals": totals, "one": buyers[0], "other": buyers[1], "answer": (bread, milk)}


def draw_receipts(values: dict) -> Image:
    """How many of A and of B, and the sum below the sign of money."""
    rows = [[str(i), str(a), str(b), total]
            for i, ((a, b), total) in enumerate(zip(values["rows"], values["totals"], strict=True), 1)]
    return table([["", "A", "B", "A + B"], *rows])


CHAPTER = Chapter("연립일차방정식", (
    Concept("연립방정식의 풀이", "9수02-13", (
        Template("solve-system", "단답형", "하", "이해", system, (
            "다음 연립방정식을 푸시오.\n[system]",
            "두 일차방정식을 동시에 만족시키는 $x$, $y$의 순서쌍 $(x, y)$를 구하시오.\n[system]",
            "[name]는 가감법을 이용하여 한 미지수를 없애려고 한다. 연립방정식 [system]의 해를 구하시오.",
        )),
        Template("two-numbers", "단답형", "하", "이해", two_numbers, (
            "x의 [k]배에 y를 더하면 [sum]이고, x에서 y를 빼면 [difference]이다. 두 일차방정식을 함께 "
            "만족시키는 x, y의 값을 구하시오.",
            "합이 [total]인 두 자연수 x, y가 있다. x에서 y를 뺀 값이 [difference]일 때, 연립방정식을 "
            "세워 해를 구하시오.",
        )),
    )),
    Concept("연립방정식의 활용", "9수02-13", (
        Template("count-two-kinds", "서술형", "중", "적용", counting, (
            "입장료가 어른은 [dear]원, 청소년은 [cheap]원인 박물관에 [n]명이 입장하고 모두 [total]원을 "
            "냈다. 입장한 어른은 몇 명인지 구하시오.",
            "[name]는 한 자루에 [cheap]원 하는 연필과 [dear]원 하는 볼펜을 합하여 [n]자루 사고 "
            "[total]원을 치렀다. 연필과 볼펜을 각각 몇 자루씩 샀는지 구하시오.",
            "사과는 한 개에 [dear]원, 귤은 한 개에 [cheap]원이다. 두 과일을 섞어 [n]개를 담은 바구니의 "
            "값이 [total]원일 때, 바구니에 담긴 사과의 개수를 풀이와 함께 쓰시오.",
        )),
        Template("two-receipts", "서술형", "상", "적용", receipts, (
            "표는 [one]와 [other]가 매점에서 산 빵 A와 우유 B의 개수와 전체 금액(원)을 차례로 나타낸 "
            "것이다. 빵 한 개의 가격과 우유 한 개의 가격을 각각 구하시오.",
            "같은 문구점에서 공책 A와 지우개 B를 두 번 샀다. 표의 마지막 칸이 그때마다 치른 금액(원)일 "
            "때, 연립방정식을 세워 공책 한 권과 지우개 한 개의 값을 각각 구하시오.",
        ), draw_receipts),
    )),
))
