"""삼각형의 성질: the isosceles triangle, and the two centres of a triangle."""
from math import cos, radians, sin, tan
from random import Random

from PIL.Image import Image

from drawing import Sheet
from items import Chapter, Concept, Template
from korean import NAMES, steps


def isosceles(rng: Random) -> dict:
    """The angle at the base is given, the angle at the apex is asked."""
    base = rng.randint(48, 74)
    return {"base": base, "name": rng.choice(NAMES), "answer": 180 - 2 * base,
            "choices": steps(rng, 180 - 2 * base, 4, "°")}


def draw_isosceles(values: dict) -> Image:
    """The triangle with its two equal sides ticked."""
    sheet, half = Sheet(), 62
    left, right = (120 - half, 160), (120 + half, 160)
    apex = (120, 160 - min(130, half * tan(radians(values["base"]))))
    sheet.polygon({"A": apex, "B": left, "C": right})
    for foot in (left, right):
        x, y = (apex[0] + foot[0]) / 2, (apex[1] + foot[1]) / 2
        sheet.line((x - 5, y - 2), (x + 5, y + 2), width=1.2)
    sheet.angle(left, apex, right, f"{values['base']}°", 15)
    sheet.angle(apex, left, right, "x", 14)
    return sheet.finish()


def bisected(rng: Random) -> dict:
    """The angle at the apex, a multiple of four, and the bisector of the base angle B meeting AC in D."""
    apex = 4 * rng.randint(7, 22)
    base = (180 - apex) // 2
    return {"apex": apex, "name": rng.choice(NAMES), "answer": 180 - base - base // 2}


def incentre(rng: Random) -> dict:
    """The angle at A is even and given; the angle BIC is asked."""
    angle = 2 * rng.randint(25, 44)
    return {"angle": angle, "name": rng.choice(NAMES), "answer": 90 + angle // 2}


def draw_incentre(values: dict) -> Image:
    """A triangle with its incentre I, joined to B and C; C is ten degrees less than B."""
    sheet, width = Sheet(), 180
    at_b = (190 - values["angle"]) / 2
    at_c = 180 - values["angle"] - at_b
    shrink = min(1, 125 / _height(width, at_b, at_c))
    left, right = (30, 165), (30 + width * shrink, 165)
    top, middle = (_meet(left, width * shrink, b, c) for b, c in ((at_b, at_c), (at_b / 2, at_c / 2)))
    sheet.polygon({"A": top, "B": left, "C": right})
    sheet.line(left, middle, right, width=1.2)
    sheet.angle(top, left, right, f"{values['angle']}°", 15)
    sheet.angle(middle, left, right, "x", 11)
    sheet.text((middle[0], middle[1] - 11), "I", 14)
    return sheet.finish()


def _height(width: float, one: float, other: float) -> float:
    return width * sin(radians(one)) * sin(radians(other)) / sin(radians(one + other))


def _meet(left: tuple[float, float], width: float, one: float, other: float) -> tuple[float, float]:
    high = _height(width, one, other)
    return left[0] + high * cos(radians(one)) / sin(radians(one)), left[1] - high


def circumcentre(rng: Random) -> dict:
    """An acute angle A; the angle BOC at the circumcentre is twice as large."""
    angle = rng.randint(40, 75)
    return {"angle": angle, "answer": 2 * angle}


CHAPTER = Chapter("삼각형의 성질", (
    Concept("이등변삼각형의 성질", "9수03-09", (
        Template("isosceles-picture", "객관식", "하", "이해", isosceles, (
            "오른쪽 그림과 같이 AB = AC인 이등변삼각형 ABC에서 ∠x의 크기는?\n[choices]",
            "그림의 삼각형 ABC는 두 변 AB와 AC의 길이가 같다. 밑각의 크기가 그림과 같을 때, 꼭지각 x는 "
            "몇 도인가?\n[choices]",
            "[name]가 색종이를 오려 그림과 같은 이등변삼각형을 만들었다. 같은 표시를 한 두 변의 길이가 "
            "서로 같을 때, ∠A의 크기는?\n[choices]",
        ), draw_isosceles),
        Template("isosceles-bisector", "서술형", "상", "추론", bisected, (
            "AB = AC인 이등변삼각형 ABC에서 ∠A = [apex]°이다. ∠B의 이등분선이 변 AC와 만나는 점을 D라 "
            "할 때, ∠BDC의 크기를 구하시오.",
            "꼭지각 A의 크기가 [apex]°인 이등변삼각형 ABC가 있다. 밑각 B를 이등분하는 직선과 변 AC의 "
            "교점이 D이면 ∠BDC는 몇 도인지 풀이 과정을 쓰시오.",
        )),
    )),
    Concept("삼각형의 외심과 내심", "9수03-10", (
        Template("incentre-picture", "단답형", "중", "적용", incentre, (
            "오른쪽 그림에서 점 I는 삼각형 ABC의 내심이다. ∠x의 크기를 구하시오.",
            "그림과 같이 삼각형 ABC의 내심을 I라 하자. ∠A의 크기가 [angle]°일 때, ∠BIC의 크기는?",
            "그림에서 두 선분 BI와 CI는 각각 ∠B와 ∠C를 이등분하고, 점 I에서 세 변까지의 거리는 모두 "
            "같다. x는 몇 도인지 구하시오.",
        ), draw_incentre),
        Template("circumcentre-text", "단답형", "중", "적용", circumcentre, (
            "예각삼각형 ABC의 외심을 O라 하자. ∠A = [angle]°일 때, ∠BOC의 크기를 구하시오.",
            "점 O는 예각삼각형 ABC의 세 꼭짓점을 지나는 원의 중심이다. ∠BAC의 크기가 [angle]°이면 "
            "∠BOC는 몇 도인가?",
        )),
    )),
))
