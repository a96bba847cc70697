"""사회: population, climate, and prices in a market, with invented figures for invented places."""
from random import Random

from items import Chapter, Concept, Template
from korean import NAMES, won

TOWN_NAMES = ("가람", "나래", "다솜", "마루", "바른", "새빛", "아름", "한울")
TOWNS = tuple(name + kind for name in TOWN_NAMES for kind in "시군읍")
GOODS = (
    "딸기", "감자", "배추", "고등어", "쌀", "달걀", "우산", "선풍기", "자전거", "운동화", "공연 관람권",
    "중고 책")
CAUSES = (
    "소비자의 소득이 늘었다", "원료의 값이 올랐다", "새로운 생산 기술이 나왔다",
    "대체할 수 있는 상품의 값이 내렸다", "생산자의 수가 줄었다", "그 상품이 몸에 좋다는 소식이 퍼졌다",
    "인구가 크게 늘었다", "기상 악화로 거두어들인 양이 줄었다")


def population(rng: Random) -> dict:
    """A population, and the part of it that is 65 or older."""
    people, old = 100 * rng.randint(80, 9000), rng.randint(5, 40)
    return {"people": won(people), "old": won(people * old // 100), "town": rng.choice(TOWNS),
            "year": rng.randint(1975, 2024), "name": rng.choice(NAMES), "answer": old}


def climate(rng: Random) -> dict:
    """The warmest and the coldest month, and the rain of a year."""
    warm, cold = rng.randint(15, 33), rng.randint(-25, 12)
    return {"warm": warm, "cold": str(cold).replace("-", "−"), "rain": won(10 * rng.randint(10, 280)),
            "town": rng.choice(TOWNS), "name": rng.choice(NAMES), "answer": warm - cold}


def market(rng: Random) -> dict:
    """A price, and why it will not stay."""
    return {"good": rng.choice(GOODS), "price": won(100 * rng.randint(10, 900)), "cause": rng.choice(CAUSES),
            "town": rng.choice(TOWNS), "name": rng.choice(NAMES), "answer": "수요와 공급"}


def chapter(unit: str, code: str, template: Template) -> Chapter:
    """A chapter of one template."""
    return Chapter(unit, (Concept(unit, code, (template,)),), "사회", "중1")


CHAPTERS = (
    chapter("인구 변화와 인구 문제", "9사(지리)07-02",
            Template("ageing", "서술형", "중", "적용", population, (
        "[year]년 [town]의 인구는 [people]명이고 그중 65세 이상은 [old]명이었다. 이 지역이 어떤 단계의 "
        "고령 사회인지 판단하고 대책을 쓰시오.",
        "[name]가 조사한 [town] 통계에 따르면 [year]년 총인구 [people]명 가운데 노년층이 [old]명이다. "
        "노인 인구 문제의 원인을 서술하시오."))),
    chapter("기후 환경", "9사(지리)02-01", Template("climate", "단답형", "중", "추론", climate, (
        "[town]에서 가장 더운 달의 평균 기온은 [warm]℃, 가장 추운 달은 [cold]℃이며 연 강수량은 [rain] "
        "mm이다. 이곳의 기후를 쓰시오.",
        "[name]는 [town]의 기후 자료를 정리하였다. 최난월 [warm]℃, 최한월 [cold]℃, 한 해 강수량 [rain] "
        "mm일 때 기온의 연교차와 주민 생활의 특징을 쓰시오."))),
    chapter("시장 경제와 가격", "9사(일사)09-02", Template("market-price", "서술형", "중", "추론", market, (
        "[town]에서 [good]의 균형 가격이 [price]원이었는데, [cause]. 수요와 공급의 변화를 들어 가격이 "
        "어떻게 달라질지 설명하시오.",
        "[name]는 [price]원에 거래되던 [good]에 대한 기사를 읽었다. [town]에서 ‘[cause]’고 한다. 시장 "
        "가격의 변동 방향을 예측하시오."))),
)
