"""도형의 닮음: what the ratio of similarity does to area and volume, and parallels in a triangle."""
from random import Random

from PIL.Image import Image

from drawing import Sheet, between, centre
from items import Chapter, Concept, Template
from korean import NAMES, steps

RATIOS = ((2, 3), (3, 4), (3, 5), (2, 5), (4, 5), (1, 2), (1, 3))


def areas(rng: Random) -> dict:
    """Two similar triangles m : n and the area of the smaller one."""
    m, n = rng.choice(RATIOS)
    scale, k = rng.randint(2, 4), rng.randint(2, 4)
    return {"small": m * k, "large": n * k, "area": m * m * scale, "answer": n * n * scale,
            "choices": steps(rng, n * n * scale, scale)}


def draw_areas(values: dict) -> Image:
    """Two triangles of one shape, a pair of corresponding sides written below them."""
    sheet, share = Sheet(280, 170), min(0.72, max(0.55, values["small"] / values["large"]))
    large = {"D": (190, 25), "E": (145, 130), "F": (262, 130)}
    small = {letter: (25 + (x - 145) * share, 130 + (y - 130) * share)
             for letter, (x, y) in zip("ABC", large.values(), strict=True)}
    for corners, name in ((small, "small"), (large, "large")):
        sheet.polygon(corners)
        points = list(corners.values())
        sheet.side(points[1], points[2], f"{values[name]} cm", centre(points), 20)
    return sheet.finish()


def volumes(rng: Random) -> dict:
    """Two similar solids m : n and the volume of the smaller one."""
    m, n = rng.choice(RATIOS)
    k, scale = rng.randint(2, 4), rng.randint(2, 4)
    return {"m": m * k, "n": n * k, "volume": m ** 3 * scale, "name": rng.choice(NAMES),
            "answer": n ** 3 * scale}


def parallel(rng: Random) -> dict:
    """DE parallel to BC: AD : AB = DE : BC = m : n."""
    m, n = rng.choice(RATIOS)
    k, j = rng.randint(2, 4), rng.randint(2, 4)
    if k == j:
        j += 1
    return {"ad": m * k, "ab": n * k, "db": (n - m) * k, "bc": n * j, "name": rng.choice(NAMES),
            "answer": m * j}


def draw_parallel(values: dict) -> Image:
    """The triangle, the parallel to its base, and three lengths; x is the parallel."""
    sheet, top, left, right = Sheet(230, 190), (90, 25), (40, 150), (200, 150)
    share = min(0.7, max(0.4, values["ad"] / values["ab"]))
    d, e = between(top, left, share), between(top, right, share)
    sheet.polygon({"A": top, "B": left, "C": right})
    sheet.line(d, e)
    sheet.text((d[0] - 12, d[1]), "D")
    sheet.text((e[0] + 12, e[1]), "E")
    inside = (110, 110)
    sheet.side(top, d, str(values["ad"]), inside, 10)
    sheet.side(d, left, str(values["db"]), inside, 10)
    sheet.side(left, right, str(values["bc"]), inside)
    sheet.side(d, e, "x", top, 11)
    return sheet.finish()


CHAPTER = Chapter("도형의 닮음", (
    Concept("닮은 도형의 넓이의 비와 부피의 비", "9수03-12", (
        Template("similar-areas", "객관식", "중", "적용", areas, (
            "오른쪽 그림에서 삼각형 ABC와 삼각형 DEF는 서로 닮은 도형이다. 삼각형 ABC의 넓이가 [area] "
            "cm²일 때, 삼각형 DEF의 넓이는?\n[choices]",
            "그림과 같이 크기가 다른 두 삼각형이 서로 닮은 도형이다. 작은 삼각형의 넓이가 [area] cm²라면 "
            "닮음비를 이용하여 구한 큰 삼각형의 넓이는?\n[choices]",
        ), draw_areas),
        Template("similar-volumes", "단답형", "중", "적용", volumes, (
            "서로 닮은 두 원기둥 A, B의 밑면의 반지름의 길이가 각각 [m] cm, [n] cm이다. 원기둥 A의 "
            "부피가 [volume] cm³일 때, 원기둥 B의 부피를 구하시오.",
            "[name]네 반에서는 닮음인 두 개의 사각뿔 모형을 만들었다. 높이는 각각 [m] cm와 [n] cm이고 "
            "작은 모형의 부피는 [volume] cm³이다. 큰 모형의 부피는 얼마인가?",
            "모양이 같은 두 물통의 높이가 [m] cm와 [n] cm이다. 작은 물통에 물이 [volume] mL 들어간다면 "
            "큰 물통을 가득 채우는 데 필요한 물의 양은 몇 mL인지 구하시오.",
        )),
    )),
    Concept("평행선과 선분의 길이의 비", "9수03-14", (
        Template("parallel-picture", "단답형", "중", "적용", parallel, (
            "오른쪽 그림과 같은 삼각형 ABC에서 변 BC와 선분 DE가 평행할 때, x의 값을 구하시오.",
            "그림에서 두 점 D, E는 각각 변 AB, AC 위의 점이고 DE와 BC는 서로 평행하다. 선분 DE의 길이 "
            "x를 구하시오.",
        ), draw_parallel),
        Template("parallel-latex", "단답형", "중", "적용", parallel, (
            r"$\triangle ABC$에서 $\overline{BC}\parallel\overline{DE}$이고 $\overline{AD}=[ad]$, "
            r"$\overline{AB}=[ab]$, $\overline{BC}=[bc]$이다. 변 $AB$, $AC$ 위의 두 점 $D$, $E$를 이은 "
            r"$\overline{DE}$의 길이를 구하시오.",
            r"삼각형의 변 $BC$에 평행한 직선이 $\overline{AB}$, $\overline{AC}$와 만나는 점을 각각 $D$, "
            r"$E$라 하자. $\overline{AD}:\overline{DB}=[ad]:[db]$, $\overline{BC}=[bc]$일 때, 선분 "
            r"$DE$는 얼마인가?",
            r"[name]는 $\triangle ABC$ 안에 밑변과 평행한 선분 $DE$를 그었다. "
            r"$\frac{\overline{AD}}{\overline{AB}}=\frac{[ad]}{[ab]}$이고 밑변 $BC$의 길이가 $[bc]$이면 "
            r"$\overline{DE}$의 길이는 얼마인지 비례식을 세워 구하시오.",
        )),
    )),
))
