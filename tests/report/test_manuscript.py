"""Seven chapters, in the language that was asked for; every report that was judged by points says so."""

import dataclasses

import pytest

from harness.report import folder
from harness.report.blocks import Text
from harness.report.manuscript import CHAPTERS, written
from harness.report.results import Results
from harness.report.stored import Stored
from harness.words import words


def run(kept, **facts):
    """The same run, judged or told otherwise."""
    return Stored(dataclasses.replace(kept.results, **facts), kept.environment, kept.cases)


def in_language(kept, language):
    return run(kept, report=kept.results.report.model_copy(update={"language": language}))


def test_the_plans_seven_chapters_in_their_order(kept):
    manuscript = written(kept)
    assert manuscript.title == "Go, or No-Go? tiny under policy house"
    assert [chapter.title for chapter in manuscript.chapters] == [
        "Summary", "Environment", "Accuracy", "System performance", "Analysis", "Recommendation", "Appendix",
    ]  # fmt: skip
    assert len(CHAPTERS) == 7


def test_a_run_of_nothing_is_still_a_report(kept):
    nothing = Results(kept.results.dataset, kept.results.policy, kept.results.systems)
    manuscript = written(Stored(nothing, kept.environment, kept.cases))
    assert [bool(chapter.sections) for chapter in manuscript.chapters] == [True] * 7


def test_in_korean_every_title_is_korean_and_numbers_and_names_stay(kept):
    english, korean = written(kept), written(in_language(kept, "ko"))
    assert (english.language, korean.language) == ("en", "ko")
    titles = [(c.title, *(s.title for s in c.sections)) for c in korean.chapters]
    assert all(any("가" <= mark <= "힣" for mark in title) for chapter in titles for title in chapter)
    assert [len(s.blocks) for c in korean.chapters for s in c.sections] == [
        len(s.blocks) for c in english.chapters for s in c.sections
    ]
    told = "\n".join(folder.pages(in_language(kept, "ko")).values())
    for fact in ("qwen3-vl-2b", "0.900", "recall@5", "2030" if kept.results.waivers else "0.667"):
        assert fact in told


def sentences(manuscript):
    return [
        block.text for c in manuscript.chapters for s in c.sections for block in s.blocks if isinstance(block, Text)
    ]


@pytest.mark.parametrize("language", ["en", "ko"])
def test_every_page_of_a_run_that_was_judged_by_points_says_so(kept, language):
    say = words(language)
    points = say("Judged by point estimates, as --point-estimates asks: no sampling error is reckoned with.")
    plain = in_language(kept, language)
    other = run(plain, policy=kept.results.policy.model_copy(update={"point_estimates": True}))
    assert points in sentences(written(other))
    assert points not in sentences(written(plain))
    for page, text in folder.pages(other).items():
        assert points[:20] in text, page
    for page, text in folder.pages(plain).items():
        assert points[:20] not in text, page


def test_the_same_run_gives_the_same_pages(kept):
    assert folder.pages(kept) == folder.pages(kept)
