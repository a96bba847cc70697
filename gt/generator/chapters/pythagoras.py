"""피타고라스 정리: the sides of a right triangle, on paper and out of doors."""
from random import Random

from PIL.Image import Image

from drawing import Sheet, centre
from items import Chapter, Concept, Template
from korean import NAMES, steps

TRIPLES = (
    (3, 4, 5), (5, 12, 13), (8, 15, 17), (7, 24, 25), (6, 8, 10), (9, 12, 15), (12, 16, 20), (10, 24, 26))


def right_triangle(rng: Random) -> dict:
    """A leg and the hypotenuse are given, the other leg is asked."""
    short, long, hypotenuse = rng.choice(TRIPLES)
    given, asked = rng.sample((short, long), 2)
    return {"leg": given, "hypotenuse": hypotenuse, "name": rng.choice(NAMES), "answer": asked,
            "choices": steps(rng, asked, 1, " m")}


def draw_right_triangle(values: dict) -> Image:
    """The triangle with its right angle at C; x is the side AC."""
    sheet, b, c = Sheet(240, 180), (35, 145), (195, 145)
    a = (195, 145 - min(115, max(55, 160 * values["answer"] / values["leg"])))
    sheet.polygon({"A": a, "B": b, "C": c})
    sheet.right_angle(c, a, b)
    inside = centre((a, b, c))
    sheet.side(b, c, f"{values['leg']} cm", inside)
    sheet.side(a, b, f"{values['hypotenuse']} cm", inside)
    sheet.side(c, a, "x", inside)
    return sheet.finish()


def screen(rng: Random) -> dict:
    """The two sides of a rectangle; its diagonal is asked."""
    high, wide, diagonal = rng.choice(TRIPLES[:3] + TRIPLES[4:7])
    k = rng.choice((2, 3))
    return {"high": high * k, "wide": wide * k, "name": rng.choice(NAMES), "answer": diagonal * k}


def draw_screen(values: dict) -> Image:
    """The rectangle with its diagonal drawn broken."""
    sheet = Sheet(250, 175)
    high = min(110, max(75, 190 * values["high"] / values["wide"]))
    sheet.rectangle((20, 20), (210, 20 + high), fill=(240, 245, 250))
    sheet.dashed((20, 20 + high), (210, 20))
    sheet.text((115, 38 + high), str(values["wide"]), 15)
    sheet.text((228, 20 + high / 2), str(values["high"]), 15)
    return sheet.finish()


CHAPTER = Chapter("피타고라스 정리", (
    Concept("직각삼각형의 변의 길이", "9수03-15", (
        Template("right-triangle-picture", "단답형", "하", "이해", right_triangle, (
            "오른쪽 그림과 같이 ∠C = 90°인 직각삼각형 ABC에서 변 AC의 길이 x를 구하시오.",
            "그림의 삼각형 ABC는 ∠C가 직각이다. 빗변의 길이와 직각을 낀 한 변의 길이가 그림과 같을 때, "
            "나머지 한 변의 길이를 구하시오.",
        ), draw_right_triangle),
        Template("right-triangle-latex", "단답형", "중", "이해", right_triangle, (
            r"$\angle C=90^\circ$인 직각삼각형 $ABC$에서 $\overline{AB}=[hypotenuse]$, "
            r"$\overline{BC}=[leg]$일 때, $\overline{AC}$의 길이를 구하시오.",
            r"직각을 낀 두 변의 길이를 $a$, $b$라 하고 빗변의 길이를 $c$라 하면 $a^2+b^2=c^2$이다. "
            r"$a=[leg]$, $c=[hypotenuse]$일 때, $b$의 값을 구하시오.",
            r"[name]는 $\overline{AB}^2=\overline{BC}^2+\overline{CA}^2$인 삼각형을 그렸다. "
            r"$\overline{BC}=[leg]$이고 빗변의 길이가 $[hypotenuse]$이면 나머지 한 변 $CA$의 길이는 "
            r"얼마인가?",
        )),
    )),
    Concept("피타고라스 정리의 활용", "9수03-15", (
        Template("ladder", "객관식", "중", "적용", right_triangle, (
            "길이가 [hypotenuse] m인 사다리를 벽에 비스듬히 기대어 놓았다. 벽에서 사다리의 아래쪽 "
            "끝까지의 거리가 [leg] m일 때, 사다리가 닿은 곳의 높이는? (단, 벽은 지면과 "
            "수직이다.)\n[choices]",
            "[name]가 [hypotenuse] m의 실을 모두 풀어 연을 날리고 있다. 연에서 땅에 내린 수선의 발이 "
            "[name]에게서 [leg] m 떨어져 있다면 연은 지면에서 몇 m 높이에 있는가? (단, 실은 "
            "팽팽하다.)\n[choices]",
            "지면에 수직으로 선 전봇대의 꼭대기와 땅을 [hypotenuse] m 길이의 줄로 팽팽하게 연결하였다. "
            "줄을 묶은 땅의 지점과 전봇대 사이의 거리가 [leg] m이면 전봇대의 높이는 얼마인가?\n[choices]",
        )),
        Template("screen-picture", "단답형", "하", "적용", screen, (
            "오른쪽 그림과 같이 가로와 세로의 길이(cm)가 주어진 직사각형 모양의 화면을 벽에 걸었다. 이 "
            "화면의 대각선의 길이를 구하시오.",
            "그림은 직사각형 모양의 공원을 나타낸 것으로, 단위는 m이다. [name]가 점선을 따라 한 "
            "꼭짓점에서 마주 보는 꼭짓점까지 곧바로 걸었다면 걸은 거리는 몇 m인지 구하시오.",
        ), draw_screen),
    )),
))
