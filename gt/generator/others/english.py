"""영어: a blank to fill, a short passage, and a dialogue to put in order."""
from random import Random

from items import Chapter, Concept, Template
from korean import choices

PEOPLE = (
    "Minho", "Jane", "Sora", "Tom", "Yuna", "David", "Emily", "Junseo", "Lucas", "Hana", "Kevin", "Mina")
PLACES = (
    "library", "museum", "park", "bakery", "beach", "farm", "stadium", "zoo", "market", "art room", "village",
    "station")
DEEDS = (
    ("visit", "visited", ("her grandmother", "an old friend", "a famous painter", "the science teacher")),
    ("clean", "cleaned", ("the windows", "the whole floor", "the wooden boxes", "a dirty bicycle")),
    ("paint", "painted", ("a small bird", "the brown fence", "three old chairs", "a picture of the sea")),
    ("cook", "cooked", ("some vegetables", "a pot of soup", "dinner for everyone", "fresh fish")),
    ("watch", "watched", ("a long movie", "the school band", "a soccer game", "the noisy birds")),
    ("help", "helped", ("his younger brother", "a lost child", "the new student", "two tourists")),
    ("plant", "planted", ("a cherry tree", "some tomatoes", "many sunflowers", "a row of potatoes")),
    ("carry", "carried", ("the heavy bags", "two paper lanterns", "a large map", "several chairs")),
    ("wash", "washed", ("the lost puppy", "all the dishes", "a pair of shoes", "the red apples")),
    ("call", "called", ("the police", "a close friend", "her parents", "the front desk")))
TIMES = ("yesterday", "last weekend", "two days ago", "last summer", "this morning", "on Monday afternoon",
         "after school last Friday", "during the holidays")
MOODS = ("proud", "tired", "excited", "nervous", "surprised", "grateful", "disappointed", "relieved")


def blank(rng: Random) -> dict:
    """A sentence in the past with its verb left out."""
    bare, past, things = rng.choice(DEEDS)
    forms = [past, bare, f"{bare}ing", f"to {bare}", f"will {bare}"]
    rng.shuffle(forms)
    return {"who": rng.choice(PEOPLE), "thing": rng.choice(things), "place": rng.choice(PLACES),
            "when": rng.choice(TIMES), "choices": choices(forms), "answer": forms.index(past) + 1}


def passage(rng: Random) -> dict:
    """Two people, a place, what they did, and how one of them felt."""
    (one, other), deeds, when = rng.sample(PEOPLE, 2), rng.sample(DEEDS, 2), rng.choice(TIMES)
    first, second = (f"{past} {rng.choice(things)}" for _, past, things in deeds)
    return {"one": one, "other": other, "first": first, "second": second, "place": rng.choice(PLACES),
            "when": when[0].upper() + when[1:], "mood": rng.choice(MOODS), "answer": "main idea"}


def chapter(unit: str, code: str, template: Template) -> Chapter:
    """A chapter of one template."""
    return Chapter(unit, (Concept(unit, code, (template,)),), "영어")


CHAPTERS = (
    chapter("과거 시제", "9영03-05", Template("past-blank", "객관식", "하", "이해", blank, (
        "빈칸에 들어갈 말로 알맞은 것은?\n[who] ______ [thing] at the [place] [when].\n[choices]",
        "다음 문장의 밑줄 친 곳에 어법상 옳은 형태를 고르시오.\nAt the [place], [who] ______ [thing] "
        "[when].\n[choices]"))),
    chapter("짧은 글 읽기", "9영03-03", Template("short-passage", "단답형", "중", "추론", passage, (
        "다음 글을 읽고 글의 요지를 우리말로 쓰시오.\n[when], [one] met [other] at the [place]. They "
        "[first] and then [second]. [one] felt [mood] because [other] was very kind.",
        "글의 내용과 일치하도록 질문에 영어로 답하시오.\n[one] and [other] went to the [place]. First, "
        "[one] [first]. Later, [other] [second]. In the end, both of them felt [mood].\nQ: What did "
        "[other] do at the [place]?"))),
    chapter("대화의 흐름", "9영01-05", Template("dialogue", "단답형", "중", "이해", passage, (
        "대화의 빈칸에 알맞은 응답을 쓰시오.\nA: Hi, [one]. You look [mood]. What happened at the "
        "[place]?\nB: I [first] with [other].\nA: ______",
        "다음 대화가 자연스럽게 이어지도록 순서를 배열하시오.\n- [one]: You were at the [place], right? "
        "You looked [mood].\n- [other]: Yes, I [first] there.\n- [one]: I see. I [second] at home."))),
)
