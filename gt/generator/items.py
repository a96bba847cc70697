"""What a bank is made of: chapters hold concepts, concepts hold templates, every template gives items."""
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from PIL.Image import Image

from korean import fill


@dataclass(frozen=True)
class Template:
    """One task in one representation. Each wording is one item: other words and other numbers.

    `numbers` draws the values that stand in the brackets of the wordings, "answer" among them, so that the
    task has exactly one answer; `draw` makes the picture of them, where the task has one.
    """
    name: str
    item_type: str
    difficulty: str
    cognitive_level: str
    numbers: Callable[[Random], dict]
    wordings: tuple[str, ...]
    draw: Callable[[dict], Image] | None = None


@dataclass(frozen=True)
class Concept:
    """What is understood by whoever solves the item, with its code in the curriculum of 2022."""
    name: str
    code: str
    templates: tuple[Template, ...]


@dataclass(frozen=True)
class Chapter:
    """A unit of a subject in one grade."""
    unit: str
    concepts: tuple[Concept, ...]
    subject: str = "수학"
    grade: str = "중2"


@dataclass(frozen=True)
class Item:
    """A finished item, with what the truth is made from: its chapter, its concept and its template."""
    id: str
    chapter: Chapter
    concept: Concept
    template: Template
    text: str
    values: dict = field(repr=False)

    @property
    def picture(self) -> Image | None:
        """The item's picture, drawn now; None for an item without one."""
        return self.template.draw(self.values) if self.template.draw else None

    @property
    def image_path(self) -> str | None:
        """Where the picture lies in the dataset folder: images/math_001.png."""
        return f"images/{self.id.lower()}.png" if self.template.draw else None

    @property
    def category(self) -> str:
        """image, latex or text, read off the item as any reader of items.json reads it."""
        return "image" if self.template.draw else "latex" if "$" in self.text else "text"


def make(
    item_id: str, chapter: Chapter, concept: Concept, template: Template, wording: int, rng: Random,
) -> Item:
    """The item that a template gives in its wording of that number, with the numbers `rng` draws."""
    values = template.numbers(rng)
    text = fill(template.wordings[wording], values)
    return Item(item_id, chapter, concept, template, text, values)


def record(item: Item) -> dict:
    """The item as it stands in items.json."""
    return {
        "id": item.id,
        "subject": item.chapter.subject, "grade": item.chapter.grade, "unit": item.chapter.unit,
        "item_type": item.template.item_type, "difficulty": item.template.difficulty, "text": item.text,
        "image_path": item.image_path, "has_image": item.image_path is not None,
        "metadata": {
            "curriculum_code": item.concept.code, "cognitive_level": item.template.cognitive_level},
    }
