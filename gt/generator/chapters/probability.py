"""확률: in how many ways something can be done, and how probable an event is."""
from fractions import Fraction
from math import cos, radians, sin
from random import Random

from PIL.Image import Image

from drawing import FAINT, Sheet
from items import Chapter, Concept, Template
from korean import NAMES, steps
from notation import number


def pairs(rng: Random) -> dict:
    """One out of a, and one out of b."""
    a, b = rng.sample(range(3, 8), 2)
    return {"a": a, "b": b, "name": rng.choice(NAMES), "answer": a * b,
            "choices": steps(rng, a * b, 2)}


def roads(rng: Random) -> dict:
    """a roads from A to B, b roads from B to C: as many as the picture shows."""
    a, b = rng.sample((2, 3, 4, 5), 2)
    return {"a": a, "b": b, "name": rng.choice(NAMES), "answer": a * b}


def draw_roads(values: dict) -> Image:
    """Three places in a row, joined by as many curves as there are roads."""
    sheet, places = Sheet(280, 130), {"A": (30, 65), "B": (140, 65), "C": (250, 65)}
    for start, end, count in (("A", "B", values["a"]), ("B", "C", values["b"])):
        for k in range(count):
            _road(sheet, places[start], places[end], (k - (count - 1) / 2) * 24)
    for letter, place in places.items():
        sheet.dot(place, 4)
        sheet.text((place[0], place[1] + (24 if letter == "B" else 18)), letter)
    return sheet.finish()


def _road(sheet: Sheet, start: tuple[int, int], end: tuple[int, int], bulge: float) -> None:
    width = end[0] - start[0]
    path = [(start[0] + width * t / 20, start[1] + bulge * sin(radians(9 * t))) for t in range(21)]
    sheet.line(*path, width=1.2)


def balls(rng: Random) -> dict:
    """Red and blue things; the probability of a blue one."""
    red, blue = rng.sample(range(3, 10), 2)
    return {"red": red, "blue": blue, "name": rng.choice(NAMES), "answer": Fraction(blue, red + blue)}


def spinner(rng: Random) -> dict:
    """A disc of equal sectors and the multiples of a number on it."""
    sectors, factor = rng.choice((8, 10, 12)), rng.choice((3, 4, 5))
    return {"sectors": sectors, "factor": factor, "answer": Fraction(sectors // factor, sectors)}


def draw_spinner(values: dict) -> Image:
    """The disc with its numbers from the top, clockwise."""
    sheet, count, middle = Sheet(190, 190), values["sectors"], (95, 95)
    sheet.dot(middle, 80, FAINT)
    sheet.arc(middle, 80)
    for k in range(count):
        edge, label = radians(360 * k / count - 90), radians(360 * (k + 0.5) / count - 90)
        sheet.line(middle, (95 + 80 * cos(edge), 95 + 80 * sin(edge)), width=1)
        sheet.text((95 + 62 * cos(label), 95 + 62 * sin(label)), str(k + 1))
    return sheet.finish()


def unknown(rng: Random) -> dict:
    """White things and x black ones; the probability of a white one is given."""
    p, q = rng.choice(((2, 5), (3, 4), (3, 5), (2, 3), (1, 4), (3, 8)))
    k = rng.choice((2, 3, 4))
    return {"white": p * k, "chance": f"${number(Fraction(p, q))}$", "all": q * k, "name": rng.choice(NAMES),
            "answer": (q - p) * k}


CHAPTER = Chapter("확률", (
    Concept("경우의 수", "9수04-05", (
        Template("pairs", "객관식", "하", "이해", pairs, (
            "서로 다른 빵 [a]종류와 우유 [b]종류가 있다. 빵과 우유를 각각 한 종류씩 고르는 경우의 "
            "수는?\n[choices]",
            "[name]는 티셔츠 [a]벌과 바지 [b]벌을 가지고 있다. 이 중에서 티셔츠와 바지를 하나씩 짝 지어 "
            "입는 방법은 모두 몇 가지인가?\n[choices]",
            "필통에 색이 다른 볼펜 [a]자루와 연필 [b]자루가 들어 있다. 볼펜 한 자루와 연필 한 자루를 "
            "동시에 꺼낼 수 있는 모든 경우는 몇 가지인가?\n[choices]",
        )),
        Template("roads-picture", "단답형", "중", "적용", roads, (
            "오른쪽 그림과 같이 세 지점 A, B, C를 잇는 길이 있다. A 지점에서 B 지점을 거쳐 C 지점까지 "
            "가는 경우의 수를 구하시오. (단, 같은 지점을 두 번 지나지 않는다.)",
            "그림은 [name]네 집 A, 도서관 B, 학교 C 사이의 길을 나타낸 것이다. 집에서 도서관에 들렀다가 "
            "학교로 가는 방법은 모두 몇 가지인가?",
        ), draw_roads),
    )),
    Concept("확률의 계산", "9수04-06", (
        Template("balls", "단답형", "하", "이해", balls, (
            "모양과 크기가 같은 빨간 공 [red]개와 파란 공 [blue]개가 들어 있는 주머니에서 공 한 개를 "
            "꺼낼 때, 파란 공이 나올 확률을 구하시오.",
            "바구니에 사과 맛 사탕 [red]개, 귤 맛 사탕 [blue]개가 섞여 있다. [name]가 보지 않고 하나를 "
            "집었을 때 귤 맛 사탕이 나올 확률은 얼마인가?",
        )),
        Template("spinner-picture", "단답형", "중", "적용", spinner, (
            "오른쪽 그림과 같이 [sectors]등분된 원판에 화살을 한 번 쏠 때, [factor]의 배수가 적힌 "
            "부분을 맞힐 확률을 구하시오. (단, 화살이 원판을 벗어나거나 경계선에 맞는 경우는 없다.)",
            "그림의 원판을 돌려 멈추었을 때 바늘이 가리키는 수가 [factor]의 배수가 될 확률을 구하시오. "
            "(단, 바늘이 경계선을 가리키는 경우는 없다.)",
        ), draw_spinner),
        Template("unknown-count", "서술형", "상", "추론", unknown, (
            "주머니에 흰 공 [white]개와 검은 공 $x$개가 들어 있다. 한 개의 공을 꺼낼 때 흰 공이 나올 "
            "확률이 [chance]일 때, $x$의 값은 얼마인지 구하시오.",
            "당첨 제비 [white]개가 포함된 제비 $n$개 중에서 [name]가 하나를 뽑는다. 당첨될 확률이 "
            "[chance]일 때, 당첨되지 않는 제비의 개수를 풀이와 함께 쓰시오.",
        )),
    )),
))
