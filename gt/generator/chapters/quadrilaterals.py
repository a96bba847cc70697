"""사각형의 성질: the parallelogram, and the diagonals of the rectangle and the rhombus."""
from random import Random

from PIL.Image import Image

from drawing import Sheet, between
from items import Chapter, Concept, Template
from korean import NAMES, steps
from notation import linear, plain


def parallelogram(rng: Random) -> dict:
    """Opposite sides ax+b and c, d and y+e."""
    x, y = rng.randint(2, 7), rng.randint(2, 9)
    a, b, e = rng.randint(2, 3), rng.randint(-3, 5), rng.randint(1, 5)
    b = b or 1
    return {"left": linear((a, "x"), (b, "")), "right": a * x + b, "upper": 14 + y,
            "lower": f"y+{14 + y - e}", "answer": x + e}


def draw_parallelogram(values: dict) -> Image:
    """The parallelogram with an expression or a number on each side."""
    sheet, inside = Sheet(250, 170), (125, 85)
    a, b, c, d = (75, 35), (35, 135), (175, 135), (215, 35)
    sheet.polygon({"A": a, "B": b, "C": c, "D": d})
    for start, end, name in ((a, b, "left"), (d, c, "right"), (a, d, "upper"), (b, c, "lower")):
        sheet.side(start, end, str(values[name]), inside)
    return sheet.finish()


def angle_ratio(rng: Random) -> dict:
    """Two neighbouring angles m : n, where m + n divides 180."""
    m, n = rng.choice(((2, 3), (1, 2), (4, 5), (3, 2), (5, 4), (7, 5), (2, 1), (5, 7), (7, 8), (4, 11)))
    return {"m": m, "n": n, "ratio": f"${m}:{n}$", "name": rng.choice(NAMES), "answer": 180 * m // (m + n)}


def rectangle(rng: Random) -> dict:
    """A rectangle whose diagonals meet in O: OA = ax+b, OD = cx-d, equal halves."""
    x, a, c = rng.randint(3, 8), 2, rng.choice((3, 4, 5))
    b = rng.randint(1, 6)
    d = (c - a) * x - b
    return rectangle(rng) if d <= 0 else {
        "one": linear((a, "x"), (b, "")), "other": linear((c, "x"), (-d, "")),
        "plain_one": plain(linear((a, "x"), (b, ""))), "plain_other": plain(linear((c, "x"), (-d, ""))),
        "x": x, "choices": steps(rng, 2 * (a * x + b), 2), "answer": 2 * (a * x + b)}


def draw_rectangle(values: dict) -> Image:
    """The rectangle, its diagonals, and the two halves that are given."""
    sheet = Sheet(250, 175)
    a, b, c, d = (30, 25), (30, 150), (220, 150), (220, 25)
    sheet.polygon({"A": a, "B": b, "C": c, "D": d})
    sheet.line(a, c, width=1.2)
    sheet.line(b, d, width=1.2)
    sheet.text((125, 104), "O", 14)
    for corner, name in ((a, "one"), (d, "other")):
        x, y = between(corner, (125, 87.5), 0.62)
        sheet.text((x, y - 16), values[name], 13, (25, 80, 170))
    return sheet.finish()


CHAPTER = Chapter("사각형의 성질", (
    Concept("평행사변형의 성질", "9수03-11", (
        Template("parallelogram-picture", "단답형", "하", "이해", parallelogram, (
            "오른쪽 그림과 같은 평행사변형 ABCD에서 두 쌍의 대변의 길이가 주어졌을 때, x + y의 값을 "
            "구하시오.",
            "그림의 사각형 ABCD는 두 쌍의 대변이 각각 평행하다. 변의 길이가 그림과 같이 주어졌을 때, "
            "x와 y를 더한 값은?",
        ), draw_parallelogram),
        Template("parallelogram-angles", "단답형", "중", "적용", angle_ratio, (
            r"평행사변형 $ABCD$에서 이웃하는 두 내각의 크기의 비가 $\angle A:\angle B=[m]:[n]$일 때, "
            r"$\angle C$의 크기를 구하시오.",
            r"$\square ABCD$는 두 쌍의 대변이 각각 평행하고 $\angle A:\angle B=[m]:[n]$이다. "
            r"$\angle A$와 마주 보는 $\angle C$는 몇 도인가?",
            r"[name]는 $\overline{AB}\parallel\overline{DC}$, $\overline{AD}\parallel\overline{BC}$가 "
            r"되도록 평행사변형을 그렸다. $\angle A$와 $\angle B$의 크기의 비가 [ratio:이/가] 되었다면 "
            r"$\angle C$의 크기는 얼마인지 구하시오.",
        )),
    )),
    Concept("직사각형과 마름모의 대각선", "9수03-11", (
        Template("rectangle-picture", "객관식", "중", "적용", rectangle, (
            "오른쪽 그림과 같은 직사각형 ABCD에서 두 대각선의 교점을 O라 할 때, 대각선 AC의 "
            "길이는?\n[choices]",
            "그림은 네 각의 크기가 모두 같은 사각형 ABCD에 두 대각선을 그은 것이다. 대각선 BD의 길이는 "
            "얼마인가?\n[choices]",
        ), draw_rectangle),
        Template("rectangle-diagonals", "서술형", "중", "추론", rectangle, (
            "직사각형 ABCD의 두 대각선이 만나는 점을 O라 하자. OA의 길이가 ([plain_one]) cm, OD의 "
            "길이가 ([plain_other]) cm일 때, 대각선 BD의 길이를 구하시오.",
            "네 내각이 모두 직각인 사각형 모양의 액자에 끈 두 개를 대각선으로 매고 그 교점을 O라 "
            "하였다. 꼭짓점 A와 D에서 O까지의 길이가 각각 [plain_one], [plain_other:으로/로] 나타내어질 "
            "때, 끈 한 개의 길이를 서술하시오.",
        )),
    )),
))
