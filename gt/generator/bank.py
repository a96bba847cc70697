"""The judged bank: one item for every wording of every chapter, in an order that tells nothing."""
from dataclasses import replace
from random import Random

from chapters import (
    equations,
    expressions,
    functions,
    inequalities,
    probability,
    pythagoras,
    quadrilaterals,
    rationals,
    similarity,
    triangles,
)
from items import Chapter, Concept, Item, Template, make

ROOMS = (rationals, expressions, inequalities, equations, functions, triangles, quadrilaterals, similarity,
         pythagoras, probability)
CHAPTERS: tuple[Chapter, ...] = tuple(room.CHAPTER for room in ROOMS)


def judged(seed: int) -> list[Item]:
    """The judged items MATH_001, MATH_002, ...; the numbers in them hang on the seed, the labels do not."""
    made = [item for chapter in CHAPTERS for concept in chapter.concepts for template in concept.templates
            for item in _siblings(chapter, concept, template, seed)]
    Random(f"{seed}/order").shuffle(made)
    return [replace(item, id=f"MATH_{n:03d}") for n, item in enumerate(made, 1)]


def _siblings(chapter: Chapter, concept: Concept, template: Template, seed: int) -> list[Item]:
    """One item per wording, no two of them with the same answer: other numbers, not only other words."""
    items: list[Item] = []
    for wording in range(len(template.wordings)):
        rng = Random(f"{seed}/{template.name}/{wording}")
        known = {str(item.values["answer"]) for item in items}
        item = make("", chapter, concept, template, wording, rng)
        while str(item.values["answer"]) in known:
            item = make("", chapter, concept, template, wording, rng)
        items.append(item)
    return items
