"""일차부등식: solving one, and how much can be bought for how much."""
from fractions import Fraction
from math import floor
from random import Random

from PIL.Image import Image

from drawing import BLUE, Sheet, table
from items import Chapter, Concept, Template
from korean import NAMES, won
from notation import linear, plain


def greatest(rng: Random) -> dict:
    """ax+b < cx+d with a > c: the greatest whole number below the bound."""
    a, c = rng.randint(4, 9), rng.randint(1, 3)
    b, d = rng.randint(-12, -1), rng.randint(2, 20)
    bound = Fraction(d - b, a - c)
    answer = floor(bound) - (bound.denominator == 1)
    inequality = f"${linear((a, 'x'), (b, ''))}<{linear((c, 'x'), (d, ''))}$"
    return {"inequality": inequality, "name": rng.choice(NAMES), "answer": answer}


def number_line(rng: Random) -> dict:
    """ax - k <= cx + e, with the bound of its solutions given by the picture: k is to be found."""
    a, c, bound, k = rng.randint(4, 8), rng.randint(1, 3), rng.randint(-4, 6), rng.randint(2, 15)
    right = (a - c) * bound - k
    return {"left": plain(linear((a, "x"), (-1, "k"))), "right": plain(linear((c, "x"), (right, ""))),
            "bound": bound, "answer": k}


def draw_number_line(values: dict) -> Image:
    """Everything up to the bound, the bound included."""
    sheet, bound = Sheet(240, 90), values["bound"]
    sheet.line((10, 60), (230, 60))
    sheet.line((224, 56), (230, 60), (224, 64))
    for step in range(-3, 4):
        sheet.line((120 + 30 * step, 56), (120 + 30 * step, 64))
    sheet.line((12, 30), (120, 30), (120, 60), colour=BLUE, width=2)
    sheet.line((19, 26), (12, 30), (19, 34), colour=BLUE, width=2)
    sheet.dot((120, 60), 4, BLUE)
    sheet.text((120, 77), str(bound))
    return sheet.finish()


def shopping(rng: Random) -> dict:
    """n things of two prices within a budget that is spent nearly, but for less than one step of price."""
    cheap, step = rng.choice((300, 400, 500, 600, 800)), rng.choice((200, 300, 400, 700))
    n = rng.randint(10, 20)
    most = rng.randint(3, n - 3)
    budget = cheap * n + step * most + rng.choice((0, 100))
    return {"cheap": won(cheap), "dear": won(cheap + step), "n": n, "budget": won(budget),
            "name": rng.choice(NAMES), "answer": most}


def draw_prices(values: dict) -> Image:
    """The price list of the two things."""
    return table([["", "A", "B"], ["1", values["dear"], values["cheap"]]])


CHAPTER = Chapter("일차부등식", (
    Concept("일차부등식의 풀이", "9수02-12", (
        Template("greatest-integer", "단답형", "중", "이해", greatest, (
            "일차부등식 [inequality:을/를] 만족시키는 정수 $x$ 중에서 가장 큰 수를 구하시오.",
            "부등식 [inequality]의 해 가운데 가장 큰 정수는?",
            "[name]는 [inequality:을/를] 풀고 있다. 이 식을 참이 되게 하는 $x$의 값 중 최대인 정수를 "
            "구하시오.",
        )),
        Template("number-line", "단답형", "상", "추론", number_line, (
            "일차부등식 [left] ≤ [right]의 해를 수직선 위에 나타내면 오른쪽 그림과 같다. 이때 상수 k의 "
            "값을 구하시오.",
            "그림은 x에 대한 부등식 [left] ≤ [right:을/를] 풀어 그 해를 수직선에 그린 것이다. k는 얼마인가?",
        ), draw_number_line),
    )),
    Concept("일차부등식의 활용", "9수02-12", (
        Template("shopping-limit", "서술형", "중", "적용", shopping, (
            "한 자루에 [dear]원인 볼펜과 한 자루에 [cheap]원인 연필을 합하여 [n]자루를 사려고 한다. "
            "전체 금액이 [budget]원을 넘지 않게 하려면 볼펜은 최대 몇 자루까지 살 수 있는지 구하시오.",
            "[name]는 [budget]원을 가지고 문구점에 갔다. [dear]원짜리 공책과 [cheap]원짜리 지우개를 "
            "섞어 모두 [n]개를 고르려고 할 때, 공책은 몇 권까지 고를 수 있겠는가?",
            "과일 가게에서 한 개에 [cheap]원 하는 귤과 [dear]원 하는 사과를 모두 [n]개 담아 [budget]원 "
            "이하로 값을 치르려고 한다. 사과를 가장 많이 담을 때, 그 개수를 풀이와 함께 쓰시오.",
        )),
        Template("shopping-prices", "단답형", "중", "적용", shopping, (
            "표는 매점에서 파는 빵 A와 우유 B의 한 개당 가격(원)을 나타낸 것이다. 빵과 우유를 합하여 "
            "[n]개 사는데 [budget]원을 넘지 않으려면 빵은 최대 몇 개까지 살 수 있는가?",
            "오른쪽 가격표를 보고, [name]가 두 간식 A, B를 섞어 [n]개 고르려고 한다. 가진 돈이 "
            "[budget]원일 때 A를 가장 많이 고르면 몇 개인지 구하시오.",
        ), draw_prices),
    )),
))
