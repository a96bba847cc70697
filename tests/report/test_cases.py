"""Error cases: which queries, in which order, beside what; each item and each picture once."""

import json
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pydantic import TypeAdapter, ValidationError

from harness.data.model import Corpus, Dataset, GroundTruth, Item, Provenance, Queries, Query
from harness.data.run import Run
from harness.report.cases import LONGEST_TEXT, NO_CASES, Case, Cases, Place, worst
from harness.report.page.thumbnails import thumbnail
from harness.verdict.evaluation import evaluate

RED, BLUE = ("red", "blue")


def dataset(items, queries, qrels, level=2):
    corpus = Corpus(items)
    truth = GroundTruth("labels", qrels, level, Provenance("by hand"))
    return Dataset("bank", Path("bank"), corpus, Queries.against(corpus, queries), {"labels": truth}, "0" * 64)


def bank(qrels, n_items=9, **fields):
    items = [Item(f"D{n}", f"text {n}", category="도형") for n in range(n_items)]
    return dataset(items, [Query(name, f"asked {name}", category="식") for name in qrels], qrels, **fields)


def run_of(bank, answers, depth=50):
    """`answers`: query id -> document ids, best first."""
    ranked = {query: {item: float(-rank) for rank, item in enumerate(items)} for query, items in answers.items()}
    run = Run.from_dict(ranked, bank.corpus.ids)
    return replace(run, depth=depth)


def cases_of(bank, run, metric="recall@5", **how):
    truth = bank.truths["labels"]
    return worst(
        evaluate("bm25", run, bank, truth, ["recall@2", "recall@5", "recall@50", "mrr"]), metric, run, truth, **how
    )


QRELS = {"Q0": {"D0": 3}, "Q1": {"D1": 3, "D2": 2, "D3": 1}, "Q2": {"D2": 1}, "Q3": {"D3": 2}, "Q4": {"D4": 2, "D5": 2}}
ANSWERS = {
    "Q0": ["D0", "D7"],
    "Q1": ["D8", "D7", "D6", "D2", "D3"],
    "Q2": ["D2"],
    "Q3": ["D0"],
    "Q4": ["D1", "D4", "D7", "D5"],
}


def test_the_lowest_come_first_and_the_perfect_and_the_unjudged_not_at_all():
    known = bank(QRELS)
    run = run_of(known, ANSWERS)
    assert [(case.query, case.value) for case in cases_of(known, run)] == [("Q3", 0.0), ("Q1", 0.5)]
    assert [(case.query, case.value) for case in cases_of(known, run, "mrr")] == [
        ("Q3", 0.0),
        ("Q1", 0.25),
        ("Q4", 0.5),
    ]
    assert [case.query for case in cases_of(known, run, "mrr", most=1)] == ["Q3"]


def test_of_equals_the_first_id_comes_first():
    known = bank({name: {"D0": 2} for name in ("Q10", "Q2", "Q1")})
    assert [case.query for case in cases_of(known, run_of(known, {}))] == ["Q1", "Q10", "Q2"]


def test_what_was_expected_and_what_came():
    known = bank(QRELS)
    case = cases_of(known, run_of(known, ANSWERS))[1]
    assert (case.system, case.ground_truth, case.level, case.metric) == ("bm25", "labels", 2, "recall@5")
    assert case.expected == (Place("D1", None, 3, True), Place("D2", 4, 2, True))
    assert case.retrieved == (
        Place("D8", 1, None, False), Place("D7", 2, None, False), Place("D6", 3, None, False),
        Place("D2", 4, 2, True), Place("D3", 5, 1, False),
    )  # fmt: skip


def test_of_many_expected_the_best_and_the_worst_found_are_listed():
    known = bank({"Q0": {"D7": 1, "D6": 2, "D5": 3, "D4": 2, "D3": 2, "D2": 3, "D1": 2, "D0": 2}})
    (case,) = cases_of(known, run_of(known, {"Q0": ["D2", "D0", "D8", "D3"]}))
    assert [(place.item, place.rank) for place in case.expected] == [
        ("D5", None),
        ("D2", 1),
        ("D1", None),
        ("D4", None),
        ("D6", None),
    ]
    assert case.unlisted == 2
    (case,) = cases_of(known, run_of(known, {"Q0": ["D5", "D2", "D0", "D8", "D3", "D1", "D6", "D4"]}))
    assert [(place.item, place.rank) for place in case.expected] == [
        ("D2", 2),
        ("D5", 1),
        ("D4", 8),
        ("D6", 7),
        ("D1", 6),
    ]
    assert len(case.retrieved) == 5


def test_as_good_as_can_be_is_no_mistake():
    """Three relevant items cannot stand in two places."""
    known = bank({"Q0": {"D0": 2, "D1": 2, "D2": 2}})
    assert cases_of(known, run_of(known, {"Q0": ["D0", "D2"]}), "recall@2") == []
    assert len(cases_of(known, run_of(known, {"Q0": ["D0", "D8"]}), "recall@2")) == 1


def test_a_query_without_an_answer_is_a_case():
    known = bank(QRELS)
    case = cases_of(known, run_of(known, {"Q0": ["D0"], "Q4": ["D4", "D5"]}))[0]
    assert (case.query, case.retrieved, case.expected[0]) == ("Q1", (), Place("D1", None, 3, True))


def test_rows_are_found_by_name_and_not_by_place():
    known = bank(QRELS)
    turned = run_of(known, dict(reversed(ANSWERS.items())))
    assert cases_of(known, turned) == cases_of(known, run_of(known, ANSWERS))


def test_beyond_its_depth_a_run_says_nothing():
    known = bank(QRELS)
    run = run_of(known, ANSWERS, depth=3)
    assert cases_of(known, run, "recall@5") == []
    case = next(case for case in cases_of(known, run, "recall@2") if case.query == "Q1")
    assert [place.rank for place in case.expected] == [None, None] and len(case.retrieved) == 3


def test_the_level_decides_what_is_relevant():
    known = bank(QRELS, level=3)
    case = next(case for case in cases_of(known, run_of(known, ANSWERS)) if case.query == "Q1")
    assert [place.item for place in case.expected] == ["D1"]
    assert Place("D2", 4, 2, False) in case.retrieved


@pytest.fixture
def pictured(tmp_path):
    """D0 and D1 look the same, D2 is broken, D3 is missing; Q0 is the item D0, Q1 shares its name with nothing."""
    rng = np.random.default_rng(0)
    noise = Image.fromarray(rng.integers(0, 255, (60, 60, 3)).astype(np.uint8))
    noise.save(tmp_path / "a.png")
    noise.save(tmp_path / "b.png", compress_level=1)
    (tmp_path / "c.png").write_bytes(b"broken")
    Image.new("RGB", (9, 9), RED).save(tmp_path / "e.png")
    pictures = dict(zip(("D0", "D1", "D2", "D3", "D4"), "abcde", strict=True))
    items = [Item(name, f"text of {name}", tmp_path / f"{letter}.png", "도형") for name, letter in pictures.items()]
    queries = [
        Query("Q0", "text of D0", tmp_path / "a.png", "도형", source="D0"),
        Query("D1", "a query of an item's name"),
    ]
    return dataset(items, queries, {"Q0": {"D1": 2, "D2": 2}, "D1": {"D4": 2}})


def gathered(bank, **how):
    run = run_of(bank, {"Q0": ["D3", "D4"], "D1": ["D0", "D1"]})
    return Cases.of(bank, cases_of(bank, run), **how)


def test_everything_that_a_case_names_is_there_once(pictured):
    cases = gathered(pictured)
    assert [case.query for case in cases.cases] == ["D1", "Q0"]
    assert set(cases.queries) == {"Q0", "D1"} and set(cases.items) == {"D0", "D1", "D2", "D3", "D4"}
    assert (cases.queries["D1"].text, cases.items["D1"].text) == ("a query of an item's name", "text of D1")
    assert cases.items["D0"].category == "도형"


def test_the_same_picture_is_embedded_once(pictured):
    cases = gathered(pictured)
    names = [shown.picture for shown in (cases.queries["Q0"], cases.items["D0"], cases.items["D1"])]
    assert len(set(names)) == 1 and len(cases.pictures) == 2
    assert cases.pictures[names[0]].startswith("data:image/") and cases.items["D4"].picture in cases.pictures


def test_what_cannot_be_shown_says_why_and_not_where(pictured):
    cases = gathered(pictured)
    assert (cases.items["D2"].picture, cases.items["D2"].picture_problem) == (
        "",
        "c.png: not a picture that can be read",
    )
    assert (cases.items["D3"].picture, cases.items["D3"].picture_problem) == ("", "d.png: picture does not exist")
    assert (cases.queries["D1"].picture, cases.queries["D1"].picture_problem) == ("", "")


def test_pictures_take_no_more_than_their_share(pictured):
    small, large = sorted(gathered(pictured).pictures.values(), key=len)
    items = gathered(pictured, limit=len(small) + len(large)).items
    assert items["D0"].picture and items["D0"].picture == items["D1"].picture and items["D4"].picture
    cases = gathered(pictured, limit=len(small) + len(large) - 1)
    assert list(cases.pictures.values()) == [small]
    assert (
        cases.items["D0"].picture_problem == "a.png: left out, for the pictures of a report have to fit into one page"
    )
    assert gathered(pictured, limit=len(small) - 1).pictures == {}


def test_a_file_is_opened_once(pictured, monkeypatch):
    opened = []
    monkeypatch.setattr("harness.report.cases.thumbnail", lambda path: opened.append(path.name) or thumbnail(path))
    assert gathered(pictured).pictures
    assert sorted(opened) == ["a.png", "b.png", "c.png", "d.png", "e.png"]


def test_a_long_text_is_cut():
    known = dataset(
        [Item("D0", "가" * 9_999), Item("D1", "나" * LONGEST_TEXT)], [Query("Q0", "?")], {"Q0": {"D0": 2, "D1": 2}}
    )
    items = Cases.of(known, cases_of(known, run_of(known, {}))).items
    assert items["D0"].text == "가" * (LONGEST_TEXT - 1) + "…"
    assert items["D1"].text == "나" * LONGEST_TEXT


def test_cases_go_through_json_and_come_back(pictured):
    cases = gathered(pictured)
    stored = json.dumps(asdict(cases), ensure_ascii=False, allow_nan=False)
    assert TypeAdapter(Cases).validate_json(stored) == cases
    assert TypeAdapter(Cases).validate_json(json.dumps(asdict(NO_CASES))) == NO_CASES


@pytest.mark.parametrize(
    ("name", "picture"),
    [("p0123456789ab", "https://example.org/a.png"), ("p0123456789ab", "data:image/svg+xml;base64,AAAA"), ("p'{}<b>", "data:image/png;base64,AAAA"),
     ("p0123456789ab", "data:image/png;base64,AAAA\n<b>")],
)  # fmt: skip
def test_a_stored_picture_is_a_picture(name, picture):
    plain = {**asdict(NO_CASES), "pictures": {name: picture}}
    with pytest.raises(ValidationError):
        TypeAdapter(Cases).validate_python(plain)


def test_numbers_are_plain():
    known = bank(QRELS)
    for case in cases_of(known, run_of(known, ANSWERS)):
        assert isinstance(case, Case) and type(case.value) is float
        assert {type(place.rank) for place in case.retrieved} == {int}
