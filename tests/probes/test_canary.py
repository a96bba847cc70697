"""The canary sings for who reads Korean and formulas, and falls silent for who splits at spaces."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import pytest

from harness.data.model import Corpus, Queries
from harness.data.run import Run
from harness.plugging import shelf
from harness.probes import canary

bm25 = shelf.load(shelf.built_in() / "retrievers" / "bm25.py")
okapi = shelf.load(shelf.built_in() / "retrievers" / "bm25_okapi.py")
BY_SPACES = [bm25.build_whitespace, okapi.build]


def test_bm25_finds_every_phrase() -> None:
    assert canary.run(bm25.build()) == canary.CanaryResult(1.0, ())


@pytest.mark.parametrize("build", BY_SPACES)
def test_spaces_alone_find_only_unchanged_words(build: Callable[[], canary.Searches]) -> None:
    result = canary.run(build())
    assert set(result.missed) == canary.CASES.keys() - {"words-unchanged"}
    assert result.share == pytest.approx(1 / len(canary.CASES))


def rules(without: str) -> object:
    """The rewrites of formulas but those in which a text stands."""
    kept = tuple(rule for rule in bm25.REWRITES if without not in rule[0].pattern + rule[1])
    assert len(kept) < len(bm25.REWRITES)
    return kept


@pytest.mark.parametrize(
    ("room", "worse", "case"),
    [
        ("REWRITES", rules(r"\^\s*"), "power"),
        ("REWRITES", rules(r"\frac{\1}"), "fraction-in-two-notations"),
        ("REWRITES", rules("sqrt"), "root"),
        ("REWRITES", rules(r"(?<=\d),"), "number-with-comma"),
        ("REWRITES", rules("geq"), "inequality"),
        ("REWRITES", rules(r"\}\s*(?=\^)"), "area-unit"),
        ("SYMBOLS", {}, "power-in-two-notations"),
        ("SYMBOLS", {}, "inequality"),
        ("WHOLE", re.compile("(?!)"), "fraction"),
        ("DROPPED", (), "particle-after-short-word"),
    ],
)
def test_it_falls_silent_when_the_reading_gets_worse(
    room: str, worse: object, case: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bm25, room, worse)
    assert case in canary.run(bm25.build()).missed


class Told:
    """Knows every answer, and returns it and its decoy with the given scores."""

    def __init__(self, *scores: float) -> None:
        self.scores = scores

    def index(self, corpus: Corpus, /) -> None:
        self.corpus = corpus

    def search(self, queries: Queries, top_k: int, /) -> Run:
        own = [[self.corpus.positions[name], self.corpus.positions[f"{name}-decoy"]] for name in queries.ids]
        scores = np.tile(np.asarray(self.scores, np.float32), (len(queries), 1))
        return Run.of(queries.ids, self.corpus.ids, np.asarray(own, np.int32), scores)


@pytest.mark.parametrize(("scores", "share"), [((2, 1), 1.0), ((1, 1), 0.0), ((1, 2), 0.0)])
def test_only_who_stands_alone_on_top_is_found(scores: tuple[float, float], share: float) -> None:
    assert canary.run(Told(*scores)).share == share


def test_a_retriever_that_returns_nothing_finds_nothing() -> None:
    class Silent(Told):
        def search(self, queries: Queries, top_k: int, /) -> Run:
            nothing = np.full((len(queries), 2), -1, np.int32)
            return Run.of(queries.ids, self.corpus.ids, nothing, np.full(nothing.shape, -np.inf, np.float32))

    assert canary.run(Silent()).share == 0.0
