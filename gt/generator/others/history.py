"""역사: events in their order, and who is remembered for what."""
from random import Random

from items import Chapter, Concept, Template
from korean import NAMES, choices

EVENTS = (
    (372, "고구려의 태학 설립"), (384, "백제의 불교 수용"), (433, "나제 동맹 체결"),
    (475, "백제의 웅진 천도"), (562, "신라의 대가야 정복"), (612, "살수 대첩"), (660, "백제 멸망"),
    (668, "고구려 멸망"), (676, "신라의 삼국 통일"), (698, "발해 건국"), (828, "청해진 설치"),
    (918, "고려 건국"), (936, "고려의 후삼국 통일"), (958, "과거제 실시"), (1019, "귀주 대첩"),
    (1135, "묘청의 서경 천도 운동"), (1170, "무신 정변"), (1232, "강화 천도"), (1392, "조선 건국"),
    (1446, "훈민정음 반포"), (1519, "기묘사화"), (1592, "임진왜란 발발"), (1623, "인조반정"),
    (1636, "병자호란"), (1811, "홍경래의 난"), (1866, "병인양요"), (1876, "강화도 조약"), (1884, "갑신정변"),
    (1894, "갑오개혁"), (1897, "대한 제국 수립"), (1907, "신민회 조직"), (1919, "3·1 운동"))
DEEDS = (
    ("광개토 대왕", "영락이라는 연호를 썼다"), ("진흥왕", "북한산에 순수비를 세웠다"),
    ("장보고", "청해진을 근거지로 해상 무역을 이끌었다"), ("대조영", "동모산 근처에서 나라를 세웠다"),
    ("서희", "거란과 담판하여 강동 6주를 얻었다"), ("강감찬", "귀주에서 거란군을 물리쳤다"),
    ("김부식", "삼국사기를 편찬하였다"), ("일연", "삼국유사를 지었다"),
    ("정도전", "조선 건국의 기틀을 마련하였다"), ("세종", "훈민정음을 만들었다"),
    ("이순신", "한산도에서 왜군을 크게 무찔렀다"), ("허준", "동의보감을 펴냈다"),
    ("정약용", "목민심서를 저술하였다"), ("김정호", "대동여지도를 만들었다"),
    ("전봉준", "동학 농민군을 이끌었다"), ("안중근", "하얼빈에서 이토 히로부미를 처단하였다"))


def order(rng: Random) -> dict:
    """Five events in no order."""
    events = rng.sample(EVENTS, 5)
    marks = dict(zip(events, "ㄱㄴㄷㄹㅁ", strict=True))
    return {"events": "  ".join(f"{mark}. {event[1]}" for event, mark in marks.items()),
            "name": rng.choice(NAMES), "answer": "".join(marks[event] for event in sorted(events))}


def deed(rng: Random) -> dict:
    """One deed and five people, one of whom it belongs to."""
    people = rng.sample(DEEDS, 5)
    right = rng.randrange(5)
    return {"deed": people[right][1], "choices": choices([who for who, _ in people]),
            "name": rng.choice(NAMES), "answer": right + 1}


def chapter(unit: str, code: str, template: Template) -> Chapter:
    """A chapter of one template."""
    return Chapter(unit, (Concept(unit, code, (template,)),), "역사")


CHAPTERS = (
    chapter("한국사의 흐름", "9역10-01", Template("event-order", "단답형", "상", "이해", order, (
        "다음 사건을 일어난 순서대로 나열하시오.\n[events]",
        "[name]는 연표를 만들면서 다음 사건들을 조사하였다. 가장 먼저 일어난 일부터 차례로 기호를 "
        "쓰시오.\n[events]",
        "보기의 역사적 사건 중 세 번째로 일어난 것을 고르시오.\n[events]"))),
    chapter("역사 속의 인물", "9역09-02", Template("deed", "객관식", "중", "이해", deed, (
        "‘[deed]’와 관련 있는 인물은?\n[choices]",
        "[name]가 역사 인물 카드 뒷면에 ‘[deed]’라고 적었다. 카드 앞면에 들어갈 이름을 "
        "고르시오.\n[choices]"))),
)
