"""일차함수: slope and intercepts of a line, and things that grow less steadily."""
from fractions import Fraction
from random import Random

from PIL.Image import Image

from drawing import BLUE, FAINT, Sheet
from items import Chapter, Concept, Template
from korean import NAMES, steps
from notation import frac, linear


def line(rng: Random) -> dict:
    """A line through two points of the grid, its x-intercept among them."""
    root, intercept = rng.choice((-4, -3, -2, -1, 1, 2, 3, 4)), rng.choice((-4, -3, -2, 2, 3, 4))
    slope = Fraction(-intercept, root)
    return {"root": root, "intercept": intercept, "slope": slope, "answer": slope + intercept}


def draw_line(values: dict) -> Image:
    """The line on a grid of ten by ten, its two intercepts written on the side that the line leaves free."""
    sheet, unit, middle = Sheet(240, 240), 20, 120
    for k in range(-5, 6):
        sheet.line((middle + k * unit, 20), (middle + k * unit, 220), colour=FAINT, width=1)
        sheet.line((20, middle + k * unit), (220, middle + k * unit), colour=FAINT, width=1)
    sheet.line((15, middle), (225, middle))
    sheet.line((middle, 225), (middle, 15))
    slope, start, root = float(values["slope"]), values["intercept"], values["root"]
    free = -1 if slope > 0 else 1
    inside = [x / 20 for x in range(-100, 101) if abs(slope * x / 20 + start) <= 5]
    ends = [(middle + x * unit, middle - (slope * x + start) * unit) for x in (inside[0], inside[-1])]
    sheet.line(*ends, colour=BLUE, width=2)
    sheet.text((232, middle), "x")
    sheet.text((middle, 7), "y")
    sheet.text((middle - 8, middle + 10), "O", 13)
    sheet.text((middle + root * unit + 9 * free, middle - 9), str(root), 13)
    sheet.text((middle + 11, middle - start * unit - 9 * free), str(start), 13)
    return sheet.finish()


def intercepts(rng: Random) -> dict:
    """A line with a fraction for slope and whole numbers for intercepts."""
    p, q = rng.choice(((2, 3), (3, 2), (3, 4), (1, 2), (4, 3), (1, 3), (5, 2)))
    sign, k = rng.choice((1, -1)), rng.choice((-3, -2, -1, 1, 2, 3))
    constant, root = p * k, -sign * q * k
    total = root + constant
    if total == 0:
        return intercepts(rng)
    right = f"{frac(sign * p, q)}x{linear((constant, '')) if constant < 0 else f'+{constant}'}"
    return {"line": f"$y={right}$", "slope": Fraction(sign * p, q), "intercept": constant, "root": root,
            "choices": steps(rng, total, 1), "answer": total}


def draining(rng: Random) -> dict:
    """An amount that loses `drop` every `step` minutes, and what is left while something is left."""
    step, drop = rng.choice((2, 3, 4, 5)), rng.choice((1, 2, 3, 4))
    periods, after = rng.randint(8, 14), rng.randint(3, 6)
    return {"step": step, "drop": drop, "start": drop * periods, "time": step * after,
            "name": rng.choice(NAMES), "answer": drop * (periods - after)}


def emptying(rng: Random) -> dict:
    """A tank that is empty after `end` minutes."""
    rate, end = rng.choice((2, 3, 4, 5)), rng.choice((12, 15, 20, 24, 30))
    time = end // 3
    return {"start": rate * end, "end": end, "time": time, "answer": rate * (end - time)}


def draw_emptying(values: dict) -> Image:
    """The falling line between the two axes, its ends written out."""
    sheet = Sheet(230, 170)
    sheet.line((50, 145), (220, 145))
    sheet.line((50, 145), (50, 10))
    sheet.line((50, 40), (190, 145), colour=BLUE, width=2)
    sheet.text((28, 40), str(values["start"]))
    sheet.text((190, 158), str(values["end"]))
    sheet.text((217, 132), "x")
    sheet.text((38, 14), "y")
    sheet.text((42, 156), "O", 13)
    return sheet.finish()


CHAPTER = Chapter("일차함수", (
    Concept("일차함수의 그래프의 기울기와 절편", "9수02-16", (
        Template("line-picture", "단답형", "중", "이해", line, (
            "오른쪽 그림은 일차함수 y = ax + b의 그래프이다. 이때 상수 a, b에 대하여 a + b의 값을 구하시오.",
            "그림과 같은 직선을 그래프로 하는 일차함수의 식을 y = ax + b라 하자. 기울기 a와 y절편 b의 합은?",
            "좌표평면 위의 직선이 x축, y축과 만나는 점이 그림에 나타나 있다. 이 직선의 기울기와 y절편을 "
            "더한 값을 구하시오.",
        ), draw_line),
        Template("intercepts-latex", "객관식", "하", "이해", intercepts, (
            "일차함수 [line]의 그래프에서 $x$절편과 $y$절편의 합은?\n[choices]",
            "일차함수 [line]의 그래프가 $x$축과 만나는 점을 $(a, 0)$, $y$축과 만나는 점을 $(0, b)$라 할 "
            "때, $a+b$의 값은?\n[choices]",
        )),
    )),
    Concept("일차함수의 활용", "9수02-16", (
        Template("draining", "서술형", "중", "적용", draining, (
            "길이가 [start] cm인 양초에 불을 붙이면 [step]분마다 [drop] cm씩 짧아진다. 불을 붙인 지 "
            "[time]분 후에 남은 양초의 길이를 구하시오.",
            "[start] L의 물이 들어 있는 물통에서 일정하게 물을 빼내고 있다. [step]분 동안 [drop] L가 "
            "흘러나온다면 [time]분이 지났을 때 물통에 남아 있는 물은 몇 L인가?",
            "[name]네 자동차에는 휘발유가 [start] L 있고, [step] km를 달릴 때마다 [drop] L를 쓴다고 "
            "한다. 달린 거리와 남은 휘발유의 양 사이의 관계식을 세우고, [time] km를 달린 후에 남은 양을 "
            "구하시오.",
        )),
        Template("emptying-picture", "단답형", "중", "추론", emptying, (
            "오른쪽 그래프는 물통에서 물을 빼내기 시작한 지 x분 후에 남아 있는 물의 양을 y L라 할 때, "
            "x와 y 사이의 관계를 나타낸 것이다. [time]분 후에 남은 물의 양을 구하시오.",
            "불을 붙인 지 x분 후의 양초의 길이를 y mm라 하고 그 관계를 그림과 같이 직선으로 나타내었다. "
            "[time]분이 지났을 때 양초의 길이는 얼마인가?",
        ), draw_emptying),
    )),
))
