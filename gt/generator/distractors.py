"""Items irrelevant to every judged one: other units, other grades, other subjects, and no pictures."""
from collections.abc import Iterator
from random import Random

from items import Chapter, Item, make
from others import english, history, language, mathematics, science, society

SUBJECTS = (("SCI", science), ("KOR", language), ("SOC", society), ("ENG", english), ("HIS", history))

# Of a hundred distractors 23 carry LaTeX and 17 are mathematics without it; 12 come from each other subject.
KINDS: tuple[tuple[str, tuple[Chapter, ...]], ...] = (
    (("MATH", mathematics.LATEX),) * 23 + (("MATH", mathematics.PLAIN),) * 17
    + tuple((prefix, room.CHAPTERS) for prefix, room in SUBJECTS for _ in range(12)))


def distractors(first: int, last: int, seed: int) -> Iterator[Item]:
    """The items number `first` to `last`, one at a time: MATH_00101, SCI_00102, ... in a mixed order.

    An item hangs on the seed and its own number only: a smaller bank is the beginning of a larger one.
    """
    for number in range(first, last + 1):
        # 37 and 100 share no factor: every hundred numbers in a row meet every kind in its share.
        prefix, chapters = KINDS[number * 37 % len(KINDS)]
        rng = Random(f"{seed}/{number}")
        chapter = rng.choice(chapters)
        concept = chapter.concepts[0]
        template = concept.templates[0]
        wording = rng.randrange(len(template.wordings))
        yield make(f"{prefix}_{number:05d}", chapter, concept, template, wording, rng)
