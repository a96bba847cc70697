"""유리수와 순환소수: which fractions end as decimals, and which fraction a repeating decimal is."""
from fractions import Fraction
from math import gcd
from random import Random

from items import Chapter, Concept, Template
from korean import NAMES, choices
from notation import frac

ENDING = (8, 16, 20, 25, 40, 50, 80, 125)       # only 2 and 5 in the denominator
ENDLESS = (6, 7, 9, 12, 14, 18, 22, 24, 30, 36)


def coprime(rng: Random, denominator: int) -> int:
    """A numerator below `denominator` that shares no factor with it."""
    return rng.choice([n for n in range(1, denominator) if gcd(n, denominator) == 1])


def ending_choice(rng: Random) -> dict:
    """Five fractions in lowest terms, of which one ends."""
    denominators = [rng.choice(ENDING), *rng.sample(ENDLESS, 4)]
    options = [f"${frac(coprime(rng, d), d)}$" for d in denominators]
    shown = rng.sample(options, 5)
    return {"choices": choices(shown), "answer": shown.index(options[0]) + 1}


def multiplier(rng: Random) -> dict:
    """A fraction whose denominator has one factor besides 2 and 5: that factor is the answer."""
    factor = rng.choice((3, 7, 9, 11))
    denominator = factor * rng.choice((4, 5, 8, 10, 20))
    return {"n": coprime(rng, denominator), "d": denominator, "name": rng.choice(NAMES), "answer": factor}


def repeating(rng: Random) -> dict:
    """A decimal with a block of two digits that repeats at once; the fraction is asked."""
    first, second = rng.sample(range(1, 10), 2)
    block, fraction = f"{first}{second}", Fraction(10 * first + second, 99)
    return {"decimal": rf"$0.\dot{{{first}}}\dot{{{second}}}$", "name": rng.choice(NAMES), "block": block,
            "digits": f"0.{block * 3}…", "fraction": fraction, "answer": fraction}


def repeating_difference(rng: Random) -> dict:
    """The same, asked for the difference of denominator and numerator."""
    values = repeating(rng)
    return values | {"answer": values["fraction"].denominator - values["fraction"].numerator}


CHAPTER = Chapter("유리수와 순환소수", (
    Concept("유한소수로 나타낼 수 있는 분수", "9수01-06", (
        Template("ending-choice", "객관식", "하", "이해", ending_choice, (
            "다음 분수 중에서 유한소수로 나타낼 수 있는 것은?\n[choices]",
            "다음 수를 소수로 고쳤을 때, 소수점 아래가 끝나는 것을 고르시오.\n[choices]",
        )),
        Template("ending-multiplier", "단답형", "중", "적용", multiplier, (
            "분수 [n]/[d]에 자연수 a를 곱하여 유한소수가 되도록 하려고 한다. 가장 작은 자연수 a의 값을 "
            "구하시오.",
            "[name]는 [n]/[d]에 어떤 자연수를 곱했더니 소수점 아래가 끝나는 수가 되었다. 곱한 수로 "
            "알맞은 것 중 가장 작은 것을 구하시오.",
            "[n]/[d] × x를 소수로 나타내면 유한소수가 된다고 할 때, x의 값이 될 수 있는 자연수 중에서 "
            "제일 작은 수는?",
        )),
    )),
    Concept("순환소수를 분수로 나타내기", "9수01-06", (
        Template("repeating-fraction", "단답형", "중", "이해", repeating, (
            "순환소수 [decimal:을/를] 기약분수로 나타내시오.",
            "[decimal:을/를] $x$라 하고 양변에 10의 거듭제곱을 곱하여 분수로 고치려고 한다. 이 수를 "
            "기약분수로 쓰면?",
            "[name]는 계산기에 나타난 소수 [decimal:과/와] 크기가 같은 분수를 찾고 있다. 더 이상 "
            "약분되지 않는 꼴로 구하시오.",
        )),
        Template("repeating-difference", "서술형", "상", "추론", repeating_difference, (
            "소수 [digits]을 더 이상 약분되지 않는 분수로 고쳤을 때, 분모와 분자의 차를 풀이 과정과 "
            "함께 구하시오.",
            "소수점 아래에서 [block:이/가] 한없이 되풀이되는 순환소수가 있다. 이 수를 기약분수로 "
            "나타내면 분모는 분자보다 얼마나 더 큰지 서술하시오.",
        )),
    )),
))
