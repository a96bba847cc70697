"""Korean text from a wording: values into square brackets, and the particle that fits what is read aloud."""
import re
from random import Random

NAMES = ("서연이", "민준이", "지호", "하은이", "도윤이", "수아", "예준이", "지우", "은채", "현우")

ENDING_IN_RIEUL = frozenset("178lrLR")              # 일 칠 팔 엘 알
ENDING_IN_ANOTHER = frozenset("036mnMN")            # 영 삼 육 엠 엔
SLOT = re.compile(r"\[(\w+)(?::([^/\]]+)/([^\]]+))?\]")
LAST_WORD = re.compile(r"(\d|[A-Za-z]+|[가-힣])[^0-9A-Za-z가-힣%°²³]*$")
SQUARE = re.compile(r"[²³]$|\^\{?\w+$")             # a power is read ...제곱, whatever its exponent
UNIT = re.compile(r"\d ?(?:cm|km|m|mL|L|k?g)$")     # 그램 ends in a consonant; 미터 and 리터 in a vowel


def final(text: str) -> str:
    """The consonant that `text` ends in when read aloud: "ㄹ", "" for none, "ㅁ" for any other one."""
    read = text.rstrip(")} $")
    if SQUARE.search(read):
        return "ㅁ"
    if UNIT.search(read):
        return "ㅁ" if read.endswith("g") else ""
    found = LAST_WORD.search(read)
    last = found.group(1)[-1] if found else ""
    if "가" <= last <= "힣":
        return {0: "", 8: "ㄹ"}.get((ord(last) - ord("가")) % 28, "ㅁ")
    return "ㄹ" if last in ENDING_IN_RIEUL else "ㅁ" if last in ENDING_IN_ANOTHER else ""


def josa(text: str, after_final: str, after_vowel: str) -> str:
    """`text` with the particle that fits it: josa("7", "은", "는") is "7은".

    After ㄹ it is 로, not 으로: josa("7", "으로", "로") is "7로".
    """
    end = final(text)
    open_end = not end or (end == "ㄹ" and after_final.startswith("으로"))
    return text + (after_vowel if open_end else after_final)


def fill(wording: str, values: dict) -> str:
    """The wording with every [name] replaced by its value and every [name:은/는] by value and particle.

    Square brackets, because LaTeX needs its braces. Raises KeyError on a name that has no value.
    """
    def slot(match: re.Match) -> str:
        name, after_final, after_vowel = match.groups()
        value = str(values[name])
        return josa(value, after_final, after_vowel) if after_final else value
    return SLOT.sub(slot, wording)


def won(amount: int) -> str:
    """An amount of money as it stands on a price tag: 12,500."""
    return f"{amount:,}"


def steps(rng: Random, answer: int, step: int, unit: str = "") -> str:
    """Five numbers `step` apart, the answer somewhere among them and all of its sign."""
    below = rng.randint(0, min(4, (abs(answer) - 1) // step))
    first = abs(answer) - below * step
    sign = -1 if answer < 0 else 1
    numbers = sorted(sign * (first + k * step) for k in range(5))
    return choices([f"{number}{unit}".replace("-", "−") for number in numbers])


def choices(options: list) -> str:
    """Five options on one line, with the circled numbers of Korean examinations."""
    return "  ".join(f"{mark} {option}" for mark, option in zip("①②③④⑤", options, strict=True))
