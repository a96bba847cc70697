"""국어: a short narrative passage, the parts of speech, and how words are built."""
from random import Random

from items import Chapter, Concept, Template
from korean import NAMES, choices

PLACES = (
    "바닷가", "골목길", "기차역", "다락방", "시장 어귀", "강둑", "운동장", "버스 정류장", "할머니 댁 마당",
    "산등성이", "오래된 서점", "빈 교실", "논두렁", "병원 복도", "놀이터", "우체국 앞")
FINDS = (
    "낡은 편지", "녹슨 열쇠", "빛바랜 사진", "작은 나무 상자", "짝 잃은 장갑", "부러진 우산",
    "손때 묻은 일기장", "은빛 단추", "깨진 도자기 조각", "종이배", "오래된 동전", "빨간 목도리", "낡은 시계",
    "이름 모를 꽃씨")
WEATHER = (
    "진눈깨비가 흩날리던", "안개가 자욱한", "매미 소리가 요란한", "노을이 붉게 번지던", "첫눈이 소복이 쌓인",
    "소나기가 막 그친", "바람이 몹시 불던", "햇살이 눈부신", "보름달이 환하던", "낙엽이 뒹굴던")
FEELINGS = (
    "가슴이 먹먹해져 한참 동안 말을 잇지 못했다", "저도 모르게 웃음이 새어 나왔다", "얼굴이 화끈 달아올랐다",
    "손끝이 가늘게 떨렸다", "까닭 모를 서운함이 밀려왔다", "오래 참았던 숨을 크게 내쉬었다",
    "눈시울이 뜨거워졌다", "마음 한구석이 따뜻해졌다", "괜히 돌멩이만 걷어찼다", "발걸음을 차마 떼지 못했다")
NOUNS = (
    "하늘", "나무", "사랑", "학교", "구름", "마음", "바다", "친구", "약속", "노래", "강물", "언덕", "책상",
    "우정", "이웃")
VERBS = (
    "달리다", "먹다", "웃다", "자라다", "읽다", "걷다", "부르다", "찾다", "던지다", "심다", "배우다",
    "흐르다")
ADJECTIVES = (
    "푸르다", "예쁘다", "높다", "고요하다", "달콤하다", "넓다", "차갑다", "젊다", "슬프다", "부드럽다")
COMPOUNDS = (
    "밤낮", "돌다리", "책가방", "논밭", "눈물", "봄비", "산나물", "물고기", "손발", "바닷물", "김밥", "꽃잎")
DERIVED = (
    "풋사과", "맨손", "햇밤", "개살구", "덧버선", "나무꾼", "지우개", "선생님", "장난꾸러기", "날고기",
    "헛수고", "군소리")


def story(rng: Random) -> dict:
    """Who, when, where, what was found, and what it did."""
    return {"name": rng.choice(NAMES), "place": rng.choice(PLACES), "find": rng.choice(FINDS),
            "weather": rng.choice(WEATHER), "feeling": rng.choice(FEELINGS), "answer": "인물의 심리"}


def odd_word(rng: Random) -> dict:
    """Four words of one class and one of another."""
    many, one = rng.sample((NOUNS, VERBS, ADJECTIVES), 2)
    return _odd(rng, many, one)


def odd_build(rng: Random) -> dict:
    """Four words built in one way and one in the other."""
    return _odd(rng, *rng.sample((COMPOUNDS, DERIVED), 2))


def _odd(rng: Random, many: tuple, one: tuple) -> dict:
    odd = rng.choice(one)
    words = [*rng.sample(many, 4), odd]
    rng.shuffle(words)
    return {"choices": choices(words), "name": rng.choice(NAMES), "answer": words.index(odd) + 1}


def chapter(unit: str, code: str, template: Template) -> Chapter:
    """A chapter of one template."""
    return Chapter(unit, (Concept(unit, code, (template,)),), "국어")


CHAPTERS = (
    chapter("문학 작품의 감상", "9국05-04", Template("passage", "서술형", "중", "추론", story, (
        "다음 글을 읽고 인물의 심리가 어떻게 드러나는지 서술하시오.\n[weather] 날, [name]는 [place]에서 "
        "[find:을/를] 주웠다. [feeling].",
        "[weather] 오후였다. [place] 쪽을 지나던 [name]는 문득 [find:을/를] 발견하고 걸음을 멈추었다. "
        "[feeling]. — 이 장면에서 소재가 하는 구실을 쓰시오.",
        "인물이 보인 반응의 까닭을 글의 흐름에 맞게 설명하시오.\n“이게 왜 여기 있지?” [place]에 놓인 "
        "[find:을/를] 본 [name]의 반응은 이러했다. [feeling]. 그날은 [weather] 저녁이었다."))),
    chapter("품사의 종류와 특성", "9국04-03", Template("odd-word", "객관식", "하", "이해", odd_word, (
        "다음 단어 가운데 품사가 나머지와 다른 하나는?\n[choices]",
        "[name]가 낱말 카드를 품사에 따라 나누었다. 잘못 넣은 낱말을 고르시오.\n[choices]"))),
    chapter("단어의 짜임", "9국04-04", Template("odd-build", "객관식", "중", "이해", odd_build, (
        "단어의 짜임이 나머지 넷과 다른 것은?\n[choices]",
        "합성어와 파생어를 구분할 때, [name]가 모은 낱말 중 성격이 다른 하나를 고르시오.\n[choices]"))),
)
