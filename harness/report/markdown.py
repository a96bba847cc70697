"""report.md: the manuscript as a page that GitHub shows. Everything that comes from data is escaped."""

from __future__ import annotations

from collections.abc import Iterator
from functools import singledispatchmethod
from itertools import groupby
from xml.etree.ElementTree import fromstring

from harness.report.blocks import (
    Block,
    Box,
    Bullets,
    Command,
    Examples,
    Field,
    Figure,
    Manuscript,
    Section,
    Text,
)
from harness.report.drawing import Table, escape, printable
from harness.words import Words, words


def report(manuscript: Manuscript) -> str:
    """The whole page, in the language of the manuscript."""
    writer = _Writer(words(manuscript.language))
    lines = [f"# {escape(manuscript.title)}"]
    for number, chapter in enumerate(manuscript.chapters, start=1):
        lines += ["", f"## {number}. {escape(chapter.title)}"]
        for section in chapter.sections:
            lines += writer.section(section)
    return "\n".join(lines) + "\n"


class _Writer:
    """Each block as a blank line and what follows it; nothing of what only a page can show."""

    def __init__(self, say: Words) -> None:
        self.say = say

    def section(self, section: Section) -> Iterator[str]:
        """Boxes that follow each other make one table; a section without blocks is none."""
        if section.blocks:
            yield from ("", f"### {escape(section.title)}")
        for kind, blocks in groupby(section.blocks, type):
            if kind is Box:
                yield from self.boxes([block for block in blocks if isinstance(block, Box)])
            else:
                yield from (line for block in blocks for line in self.lines(block))

    def boxes(self, boxes: list[Box]) -> list[str]:
        header = tuple(self.say(name) for name in ("candidate", "verdict", "what stands in the way"))
        table = Table("", header, tuple((box.system, box.word, box.why) for box in boxes), labels=3)
        whys = [Bullets(box.sentences, f"{box.system}: {box.word}") for box in boxes if box.sentences]
        return [*self.lines(table), *(line for why in whys for line in self.lines(why))]

    @singledispatchmethod
    def lines(self, block: Block) -> list[str]:
        raise NotImplementedError(type(block).__name__)

    @lines.register
    def _text(self, block: Text) -> list[str]:
        return ["", f"> **{escape(block.text)}**" if block.tone == "warning" else escape(block.text)]

    @lines.register
    def _bullets(self, block: Bullets) -> list[str]:
        head = ["", f"{escape(block.title)}:"] if block.title else []
        return [*head, "", *(f"- {escape(line)}" for line in block.lines)]

    @lines.register
    def _command(self, block: Command) -> list[str]:
        return ["", "```sh", printable(block.line), "```"]

    @lines.register
    def _figure(self, block: Figure) -> list[str]:
        """What the chart is called and shows, in words."""
        name = fromstring(block.svg).findtext("{*}title")  # noqa: S314, it is ours
        told = f"{name}: {block.caption}" if name else block.caption
        return ["", escape(f"{told} {self.say('(chart in report.html)')}")]

    @lines.register
    def _field(self, block: Field) -> list[str]:
        return ["", f"{escape(block.label)}: {escape(block.value) or '.' * 20}"]

    @lines.register
    def _table(self, block: Table) -> list[str]:
        head = ["", f"**{escape(block.title)}**"] if block.title else []
        return [*head, "", block.markdown()]

    @lines.register
    def _examples(self, block: Examples) -> list[str]:
        """In words; pictures and formulas stand in report.html."""
        lines = []
        for case in block.cases.cases:
            asked = block.cases.queries[case.query]
            expected = ", ".join(f"{place.item} ({self._rank(place.rank)})" for place in case.expected)
            found = ", ".join(place.item for place in case.retrieved)
            lines += [
                "",
                f"**{escape(case.system)}**, {escape(case.query)}: {escape(asked.text)}",
                "",
                f"- {escape(self.say('expected: {items}', items=expected))}",
                f"- {escape(self.say('found instead: {items}', items=found))}",
            ]
        return lines

    def _rank(self, rank: int | None) -> str:
        return self.say("not found") if rank is None else self.say("rank {rank}", rank=rank)
