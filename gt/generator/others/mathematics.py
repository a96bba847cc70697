"""Mathematics of other grades: with LaTeX and without, and no unit in common with the judged chapters."""
from fractions import Fraction
from math import factorial, gcd, lcm
from random import Random

from items import Chapter, Concept, Template
from korean import NAMES
from notation import frac, linear


def chapter(unit: str, grade: str, code: str, template: Template) -> Chapter:
    """A chapter of one template, which is all that a distractor needs."""
    return Chapter(unit, (Concept(unit, code, (template,)),), grade=grade)


def factors(rng: Random) -> dict:
    """A number from its prime factors."""
    a, b = rng.randint(2, 6), rng.randint(2, 4)
    p = rng.choice((5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47))
    return {"product": rf"$2^{a}\times 3^{b}\times {p}$", "value": 2 ** a * 3 ** b * p, "answer": (2, 3, p),
            "name": rng.choice(NAMES)}


def roots(rng: Random) -> dict:
    """Sums of square roots that share a radicand."""
    r, a, b, c = rng.choice((2, 3, 5, 6, 7)), *(rng.randint(2, 12) for _ in range(3))
    return {"sum": rf"${a}\sqrt{{{r}}}+\sqrt{{{b * b * r}}}-{c}\sqrt{{{r}}}$", "answer": a + b - c,
            "name": rng.choice(NAMES)}


def quadratic(rng: Random) -> dict:
    """(x-p)(x-q) = 0 multiplied out, by a factor k."""
    p, q, k = rng.randint(-12, 12), rng.randint(-12, 12), rng.randint(1, 4)
    left = linear((k, "x^2"), (-k * (p + q), "x"), (k * p * q, ""))
    return {"equation": f"${left}=0$", "expression": f"${left}$", "answer": (p, q), "name": rng.choice(NAMES)}


def parabola(rng: Random) -> dict:
    """y = a(x-p)^2+q multiplied out."""
    a, p, q = rng.choice((-3, -2, -1, 1, 2, 3)), rng.randint(-9, 9), rng.randint(-15, 15)
    return {"curve": f"$y={linear((a, 'x^2'), (-2 * a * p, 'x'), (a * p * p + q, ''))}$", "answer": (p, q),
            "move": p, "lift": q, "name": rng.choice(NAMES)}


def remainder(rng: Random) -> dict:
    """A cubic and the linear factor it is divided by."""
    a, b, c, r = rng.randint(1, 5), *(rng.randint(-9, 9) for _ in range(2)), rng.randint(1, 5)
    cubic = linear((a, "x^3"), (b, "x^2"), (c, "x"), (1, ""))
    return {"cubic": f"$P(x)={cubic}$", "divisor": f"$x-{r}$", "answer": a * r ** 3 + b * r * r + c * r + 1}


def imaginary(rng: Random) -> dict:
    """A product of two complex numbers."""
    a, b, c, d = (rng.randint(1, 15) for _ in range(4))
    left, right = linear((a, ""), (b, "i")), linear((c, ""), (-d, "i"))
    return {"product": f"$({left})({right})$", "name": rng.choice(NAMES),
            "answer": (a * c + b * d, b * c - a * d)}


def progression(rng: Random) -> dict:
    """An arithmetic progression, its first term and its difference."""
    a, d, n = rng.randint(-20, 40), rng.randint(2, 15), rng.randint(8, 40)
    return {"first": a, "difference": d, "n": n, "answer": a + (n - 1) * d, "name": rng.choice(NAMES)}


def logarithm(rng: Random) -> dict:
    """A sum of two logarithms that is a whole number."""
    base, k, f = rng.choice((2, 3, 5)), rng.randint(3, 5), rng.randint(2, 90)
    return {"sum": rf"$\log_{base} {frac(base ** k, f)}+\log_{base} {f}$", "answer": k,
            "name": rng.choice(NAMES)}


def multiples(rng: Random) -> dict:
    """Two buses that leave together."""
    a, b = rng.sample(range(6, 48), 2)
    return {"a": a, "b": b, "hour": rng.randint(5, 9), "minute": 5 * rng.randint(0, 11), "answer": lcm(a, b),
            "common": gcd(a, b), "name": rng.choice(NAMES)}


def ages(rng: Random) -> dict:
    """Two ages now; after how many years one is twice the other."""
    child, gap = rng.randint(6, 17), rng.randint(22, 38)
    return {"child": child, "parent": child + gap, "answer": gap - child, "name": rng.choice(NAMES),
            "who": rng.choice(("아버지", "어머니", "삼촌", "이모", "고모", "선생님"))}


def fan(rng: Random) -> dict:
    """A sector of a circle; the answer is its arc as a multiple of pi."""
    radius, angle = rng.randint(3, 60), rng.choice(range(20, 180, 5))
    return {"radius": radius, "angle": angle, "name": rng.choice(NAMES),
            "answer": Fraction(radius * angle, 180)}


def solid(rng: Random) -> dict:
    """A prism or a pyramid with a square base."""
    side, high = rng.randint(3, 40), rng.randint(4, 60)
    return {"side": side, "high": high, "name": rng.choice(NAMES), "answer": side * side * high,
            "thing": rng.choice(("상자", "수조", "기둥 모양의 비누", "나무토막", "화분"))}


def sample(rng: Random) -> dict:
    """Seven measured values."""
    data = [rng.randint(40, 100) for _ in range(7)]
    return {"data": ", ".join(map(str, data)), "answer": sorted(data)[3], "name": rng.choice(NAMES),
            "what": rng.choice(("제기차기 횟수", "평가 점수", "맥박 수", "줄넘기 횟수", "팔굽혀펴기 횟수"))}


def lineup(rng: Random) -> dict:
    """Permutations of people."""
    n, r = rng.randint(5, 30), rng.randint(2, 4)
    return {"n": n, "r": r, "answer": factorial(n) // factorial(n - r), "name": rng.choice(NAMES),
            "group": rng.choice(("합창단", "육상부", "독서 동아리", "연극반", "방송반", "봉사단"))}


LATEX = (
    chapter("소인수분해", "중1", "9수01-01",
            Template("prime-factors", "단답형", "하", "이해", factors, (
        "자연수 [value]의 소인수분해가 [product]일 때, 소인수를 모두 쓰시오.",
        "[name]는 [value:을/를] 소인수분해하여 [product:으로/로] 나타내었다. 이 수의 서로 다른 소인수를 "
        "말하시오."))),
    chapter("제곱근과 실수", "중3", "9수01-10",
            Template("square-roots", "단답형", "중", "이해", roots, (
        "근호를 포함한 식 [sum:을/를] 간단히 하시오.",
        "[name]가 계산한 제곱근의 덧셈과 뺄셈 [sum]의 결과를 쓰시오."))),
    chapter("이차방정식", "중3", "9수02-20",
            Template("quadratic-equation", "단답형", "중", "이해", quadratic, (
        "이차방정식 [equation]의 두 근을 구하시오.", "인수분해를 이용하여 [equation]의 근을 모두 찾으시오.",
        "[name]는 이차식 [expression]의 값이 0이 되는 $x$를 찾는다. 두 근의 합은?"))),
    chapter("이차함수", "중3", "9수02-22",
            Template("parabola-vertex", "단답형", "중", "이해", parabola, (
        "이차함수 [curve]의 그래프의 꼭짓점의 좌표를 구하시오.",
        "포물선 [curve]의 축의 방정식과 최댓값 또는 최솟값을 구하시오."))),
    chapter("다항식", "고1", "10공수1-01-02",
            Template("remainder-theorem", "단답형", "중", "적용", remainder, (
        "다항식 [cubic:을/를] 일차식 [divisor:으로/로] 나누었을 때의 나머지를 구하시오.",
        "나머지정리를 이용하여 [cubic]에 대하여 [divisor:으로/로] 나눈 나머지를 말하시오."))),
    chapter("복소수", "고1", "10공수1-02-01",
            Template("complex-product", "단답형", "하", "이해", imaginary, (
        "허수단위 $i$에 대하여 복소수 [product:을/를] $a+bi$의 꼴로 나타내시오.",
        "[name]는 복소수의 곱셈 [product:을/를] 계산한다. 실수부분과 허수부분을 각각 쓰시오."))),
    chapter("수열", "고2", "12대수03-02",
            Template("arithmetic-progression", "단답형", "하", "이해", progression, (
        "첫째항이 [first]이고 공차가 [difference]인 등차수열 $\\{a_n\\}$에서 $a_{[n]}$의 값을 구하시오.",
        "등차수열 $\\{a_n\\}$에서 $a_1=[first]$, $a_2-a_1=[difference]$일 때, 제[n]항은?"))),
    chapter("지수와 로그", "고2", "12대수01-04",
            Template("logarithm-sum", "단답형", "하", "이해", logarithm, (
        "로그의 성질을 이용하여 [sum]의 값을 구하시오.",
        "[name]가 칠판에 적은 로그의 합 [sum:은/는] 어떤 정수와 같은가?"))),
)

PLAIN = (
    chapter("최대공약수와 최소공배수", "중1", "9수01-02",
            Template("common-multiple", "단답형", "중", "적용", multiples, (
        "두 버스가 각각 [a]분, [b]분 간격으로 출발한다. 오전 [hour]시 [minute]분에 동시에 출발하였다면 "
        "다음으로 동시에 출발하는 것은 몇 분 뒤인가?",
        "[name]가 사는 마을에는 [a]일마다 열리는 시장과 [b]일마다 열리는 시장이 있다. [hour]월의 같은 "
        "날 함께 열린 두 시장이 다시 같은 날 열리는 것은 며칠 후인지 최소공배수로 구하시오."))),
    chapter("일차방정식", "중1", "9수02-04",
            Template("ages", "단답형", "중", "적용", ages, (
        "올해 [who]의 나이는 [parent]살이고 [name]의 나이는 [child]살이다. [who]의 나이가 [name] 나이의 "
        "두 배가 되는 것은 몇 년 후인지 일차방정식을 세워 구하시오.",))),
    chapter("원과 부채꼴", "중1", "9수03-06",
            Template("sector", "단답형", "중", "적용", fan, (
        "반지름이 [radius] cm, 중심각이 [angle]°인 부채꼴의 호의 길이와 넓이를 원주율을 사용하여 나타내시오.",
        "[name]는 중심각이 [angle]°가 되도록 부채를 펼쳤다. 부챗살의 길이가 [radius] cm라면 부채꼴의 "
        "호는 몇 cm인가?"))),
    chapter("입체도형의 겉넓이와 부피", "중1", "9수03-08",
            Template("square-prism", "단답형", "하", "적용", solid, (
        "밑면이 한 변이 [side] cm인 정사각형이고 높이가 [high] cm인 사각기둥의 겉넓이를 구하시오.",
        "[name]가 만든 [thing:은/는] 밑면의 한 변이 [side] cm, 높이가 [high] cm인 정사각기둥이다. 그 "
        "겉넓이와 부피를 쓰시오."))),
    chapter("대푯값과 산포도", "중3", "9수04-01",
            Template("median", "단답형", "하", "이해", sample, (
        "다음 자료는 [name]네 모둠 학생 일곱 명의 [what:을/를] 조사한 것이다. 중앙값과 평균을 "
        "구하시오.\n[data]",
        "[what] 자료 [data]에서 중앙값을 구하고, 평균보다 큰지 작은지 말하시오."))),
    chapter("순열과 조합", "고1", "10공수1-03-02",
            Template("permutation", "단답형", "중", "적용", lineup, (
        "[group] 회원 [n]명 가운데 [r]명을 뽑아 일렬로 세우는 순열의 수를 구하시오.",
        "[name]를 포함한 [group] [n]명에서 서로 다른 역할 [r]가지를 맡을 사람을 정한다. 순열의 수로 "
        "나타내시오."))),
)
