"""과학: speed, density, current, and what the organs do."""
from fractions import Fraction
from random import Random

from items import Chapter, Concept, Template
from korean import NAMES, choices

SAMPLES = tuple(f"고체 {letter}" for letter in "ABCDEFGHJK")
MOVERS = (
    "장난감 자동차", "전동차", "드론", "자전거", "수레", "썰매", "축구 로봇", "모형 기차", "거북",
    "무선 보트")
LOADS = ("니크롬선", "꼬마전구", "저항체", "전열기", "발광 장치")
ORGANS = (
    ("심장", "혈액을 온몸으로 내보낸다"), ("폐", "산소와 이산화 탄소를 교환한다"),
    ("콩팥", "혈액 속의 노폐물을 걸러 낸다"), ("작은창자", "영양소를 흡수한다"),
    ("큰창자", "음식물 찌꺼기의 수분을 흡수한다"), ("간", "쓸개즙을 만든다"),
    ("이자", "소화액과 호르몬을 내보낸다"), ("위", "단백질의 소화를 시작한다"), ("방광", "오줌을 모아 둔다"),
    ("귀", "소리와 몸의 기울어짐을 느낀다"), ("소뇌", "몸의 균형을 유지한다"),
    ("척수", "뇌와 말초 신경을 이어 준다"))


def motion(rng: Random) -> dict:
    """A distance and a time."""
    speed, seconds = rng.randint(2, 45), rng.randint(4, 120)
    return {"distance": speed * seconds, "seconds": seconds, "mover": rng.choice(MOVERS),
            "name": rng.choice(NAMES), "answer": speed}


def density(rng: Random) -> dict:
    """A mass and a volume."""
    volume, mass = rng.randint(5, 120), rng.randint(10, 990)
    return {"mass": mass, "volume": volume, "material": rng.choice(SAMPLES), "name": rng.choice(NAMES),
            "answer": Fraction(mass, volume)}


def current(rng: Random) -> dict:
    """A resistance and a current, and the voltage that belongs to them."""
    ohm, milliampere = rng.randint(2, 200), 5 * rng.randint(2, 300)
    return {"ohm": ohm, "current": milliampere, "thing": rng.choice(LOADS), "name": rng.choice(NAMES),
            "answer": Fraction(ohm * milliampere, 1000)}


def organs(rng: Random) -> dict:
    """Five organs, four of them with the work of another one."""
    names, works = zip(*rng.sample(ORGANS, 5), strict=True)
    right = rng.randrange(5)
    others = [k for k in range(5) if k != right]
    moved = dict(zip(others, others[1:] + others[:1], strict=True)) | {right: right}
    return {"choices": choices([f"{names[k]} – {works[moved[k]]}" for k in range(5)]), "answer": right + 1,
            "name": rng.choice(NAMES)}


def chapter(unit: str, code: str, template: Template) -> Chapter:
    """A chapter of one template."""
    return Chapter(unit, (Concept(unit, code, (template,)),), "과학")


CHAPTERS = (
    chapter("운동과 에너지", "9과19-01", Template("average-speed", "단답형", "하", "적용", motion, (
        "[mover:이/가] [distance] m를 이동하는 데 [seconds]초가 걸렸다. 평균 속력은 몇 m/s인가?",
        "[name]가 출발선에 놓은 [mover:은/는] [seconds]초 동안 [distance] m만큼 움직였다. 운동을 시간 "
        "기록계로 분석할 때 속력을 쓰시오."))),
    chapter("물질의 특성", "9과14-02", Template("density", "단답형", "중", "이해", density, (
        "질량이 [mass] g이고 부피가 [volume] mL인 [material]의 밀도를 구하고, 물에 뜨는지 가라앉는지 쓰시오.",
        "[name]는 눈금실린더와 전자저울로 [material]의 부피 [volume] mL와 질량 [mass] g을 측정하였다. "
        "이 고체의 밀도는?"))),
    chapter("전기와 자기", "9과11-03", Template("ohms-law", "단답형", "중", "적용", current, (
        "저항이 [ohm] Ω인 [thing]에 [current] mA의 전류가 흐른다. 옴의 법칙에 따라 걸린 전압을 구하시오.",
        "[name]가 회로에 연결한 [thing]의 저항은 [ohm] Ω이다. 전류계가 [current] mA를 가리킬 때 "
        "전압계의 눈금은?"))),
    chapter("동물과 에너지", "9과13-01", Template("organs", "객관식", "하", "이해", organs, (
        "사람의 기관과 그 기능을 바르게 짝 지은 것은?\n[choices]",
        "[name]가 정리한 공책에서 우리 몸의 기관이 하는 일을 옳게 설명한 줄을 고르시오.\n[choices]"))),
)
