"""The plan's item bank: both forms of truth, every mistake by name, and back out again."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.data.formats import itembank
from harness.data.model import Dataset, GroundTruth, Pool, Provenance, Query
from harness.errors import BadData

Lay = Callable[..., Path]

PLAN_ITEM = {
    "id": "MATH_001", "subject": "수학", "grade": "고1", "unit": "이차함수", "item_type": "객관식", "difficulty": "중",
    "text": "이차함수 y = x² - 4x + 3의 그래프를...", "image_path": "images/math_001.png", "has_image": True,
    "metadata": {"curriculum_code": "10수학01-02", "cognitive_level": "적용"},
}  # fmt: skip
LATEX = {
    "id": "MATH_042",
    "subject": "수학",
    "text": "함수 $y = x^2$의 최솟값은?",
    "image_path": None,
    "has_image": False,
}
PLAIN = {"id": "MATH_015", "text": "철수는 사과를 세 개 가지고 있다."}
ITEMS = [PLAN_ITEM, LATEX, PLAIN]


@pytest.fixture
def lay(tmp_path: Path) -> Lay:
    """Lays down a bank: a list of items or the whole of items.json, and truth files by name."""

    def lay_down(items: Any = ITEMS, /, **truths: Any) -> Path:
        (tmp_path / "images").mkdir(exist_ok=True)
        (tmp_path / "images" / "math_001.png").touch()
        files = {"items": {"items": items} if isinstance(items, list) else items, **truths}
        for name, content in files.items():
            text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
            (tmp_path / f"{name}.json").write_text(text, encoding="utf-8")
        return tmp_path

    return lay_down


def entry(query_id: str = "Q001", /, **keys: Any) -> dict[str, Any]:
    return {"query_id": query_id, "source_item_id": "MATH_001", "relevant_items": [_relevant("MATH_042", 3)]} | keys


def _relevant(item_id: Any, relevance: Any = 1) -> dict[str, Any]:
    return {"id": item_id, "relevance": relevance}


def test_the_plans_item_arrives_whole(lay: Lay) -> None:
    folder = lay({"items": ITEMS, "synthetic": True, "licence": "CC0-1.0"})
    bank = itembank.read(folder)
    item = bank.corpus.items[bank.corpus.positions["MATH_001"]]
    assert (item.text, item.subject, item.category) == (PLAN_ITEM["text"], "수학", "image")
    assert item.image == folder / "images" / "math_001.png"
    assert item.facts == {key: PLAN_ITEM[key] for key in ("grade", "unit", "item_type", "difficulty", "metadata")}
    assert (bank.synthetic, bank.licence, bank.name, bank.path) == (True, "CC0-1.0", folder.name, folder)
    assert [item.category for item in bank.corpus.items] == ["latex", "text", "image"]


def test_without_a_truth_every_item_is_a_query_and_its_own_source(lay: Lay) -> None:
    bank = itembank.read(lay())
    ids = ["MATH_001", "MATH_015", "MATH_042"]
    assert [(query.id, query.source) for query in bank.queries.queries] == [(item_id, item_id) for item_id in ids]
    assert [bank.corpus.ids[column] for column in bank.queries.exclude] == list(bank.queries.ids)
    assert bank.truths == {}


def test_form_12_1(lay: Lay) -> None:
    relevant = [_relevant("MATH_042", 3), _relevant("MATH_015", 2)]
    bank = itembank.read(lay(ground_truth={"queries": [entry(query_type="similar_item", relevant_items=relevant)]}))
    (query,) = bank.queries.queries
    image = bank.path / "images" / "math_001.png"
    assert query == Query("Q001", str(PLAN_ITEM["text"]), image, "image", "수학", "MATH_001")
    assert bank.truths == {
        "labels": GroundTruth("labels", {"Q001": {"MATH_042": 3, "MATH_015": 2}}, 2, Provenance("not stated"))
    }


FORM_4_4 = {
    "query_id": "MATH_001",
    "query_text": "이차함수 y = x² - 4x + 3의 그래프를 그리시오.",
    "query_image": "math_001.png",
    "relevant_items": [_relevant("MATH_042", 3)],
}


@pytest.mark.parametrize("wrap", [lambda one: one, lambda one: [one], lambda one: {"queries": [one]}])
def test_form_4_4_alone_in_a_list_or_under_queries(lay: Lay, wrap: Callable[[Any], Any]) -> None:
    bank = itembank.read(lay(ground_truth=wrap(FORM_4_4)))
    (query,) = bank.queries.queries
    assert (query.text, query.source) == (FORM_4_4["query_text"], "MATH_001")
    assert query.image == bank.path / "images" / "math_001.png"


@pytest.mark.parametrize(
    ("own", "text", "has_image", "category"),
    [
        ({}, PLAN_ITEM["text"], True, "image"),
        ({"query_text": "그래프"}, "그래프", True, "image"),
        ({"query_image": None}, PLAN_ITEM["text"], False, "text"),
        ({"query_text": None}, "", True, "image"),
        ({"query_text": "$x$", "query_image": ""}, "$x$", False, "latex"),
    ],
)
def test_an_items_own_query_inherits_what_it_does_not_give(
    lay: Lay, own: dict[str, Any], text: str, has_image: bool, category: str
) -> None:
    truth = {"query_id": "MATH_001", "relevant_items": [], **own}
    (query,) = itembank.read(lay(ground_truth=truth)).queries.queries
    assert (query.text, query.image is not None, query.category, query.source) == (
        text,
        has_image,
        category,
        "MATH_001",
    )


def test_a_query_that_is_no_item_has_no_source(lay: Lay) -> None:
    truth = [{"query_id": "free", "query_text": "자유로운 질의", "relevant_items": [_relevant("MATH_015")]}]
    bank = itembank.read(lay(ground_truth=truth))
    assert bank.queries.queries == (Query("free", "자유로운 질의", None, "text", "", None),)
    assert bank.queries.exclude.tolist() == [-1]


@pytest.mark.parametrize(
    ("shown", "judged", "source"),
    [
        ({"query_text": PLAIN["text"]}, {"MATH_042": 1}, "MATH_015"),
        ({"query_text": f" {PLAIN['text']}\n"}, {"MATH_042": 1}, "MATH_015"),
        ({"query_text": PLAIN["text"]}, {"MATH_015": 0}, "MATH_015"),
        ({"query_text": PLAIN["text"]}, {"MATH_015": 1}, None),  # it is wanted: a known-item search
        ({"query_text": PLAIN["text"], "query_image": "math_001.png"}, {}, None),
        ({"query_text": PLAN_ITEM["text"]}, {}, None),
        ({"query_text": PLAN_ITEM["text"], "query_image": "math_001.png"}, {}, "MATH_001"),
    ],
)
def test_a_query_that_shows_what_an_item_shows_is_that_item(
    lay: Lay, shown: dict[str, str], judged: dict[str, int], source: str | None
) -> None:
    relevant = [_relevant(item_id, grade) for item_id, grade in judged.items()]
    folder = lay(ground_truth=[{"query_id": "W1", **shown, "relevant_items": relevant}])
    bank = itembank.read(folder)
    assert bank.queries.queries[0].source == source
    itembank.write(bank, folder)
    assert contents(itembank.read(folder)) == contents(bank)


def test_of_two_alike_the_one_that_no_truth_wants_is_the_query(lay: Lay) -> None:
    alike = [PLAIN, PLAIN | {"id": "MATH_016"}, LATEX]
    worded = {"query_id": "W1", "query_text": PLAIN["text"]}
    first = [{**worded, "relevant_items": [_relevant("MATH_042")]}]
    second = [{**worded, "relevant_items": [_relevant("MATH_015")]}]
    bank = itembank.read(lay(alike, ground_truth=first, ground_truth_llm=second))
    assert [query.source for query in bank.queries.queries] == ["MATH_016"]


def test_several_truths_share_their_queries(lay: Lay) -> None:
    bank = itembank.read(
        lay(
            ground_truth={"queries": [entry("Q1"), entry("Q2")]},
            ground_truth_LLM_v2={"queries": [entry("Q2"), entry("Q3")]},
            ground_truth_image={"queries": [entry("Q3")]},
        )
    )
    assert list(bank.truths) == ["labels", "image", "llm-v2"]
    assert bank.queries.ids == ("Q1", "Q2", "Q3")
    assert {name: set(truth.qrels) for name, truth in bank.truths.items()} == {
        "labels": {"Q1", "Q2"}, "llm-v2": {"Q2", "Q3"}, "image": {"Q3"},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("grades", "stated", "level"), [([3, 1], {}, 2), ([2], {}, 2), ([1, 0], {}, 1), ([], {}, 1), ([3], {"level": 1}, 1)]
)
def test_the_level_follows_the_grades_unless_it_is_stated(
    lay: Lay, grades: list[int], stated: dict[str, int], level: int
) -> None:
    relevant = [_relevant(item_id, grade) for item_id, grade in zip(["MATH_042", "MATH_015"], grades, strict=False)]
    bank = itembank.read(lay(ground_truth={**stated, "queries": [entry(relevant_items=relevant)]}))
    assert bank.truths["labels"].level == level


def test_provenance_is_kept(lay: Lay) -> None:
    stated = {
        "method": "llm", "judge": "gpt-4o-mini", "pools": [{"system": "qwen3-vl-2b+dense", "depth": 10}],
        "date": "2026-01-15", "shown": "top 10", "note": "sample",
    }  # fmt: skip
    bank = itembank.read(lay(ground_truth_llm={"provenance": stated, "queries": [entry()]}))
    assert bank.truths["llm"].provenance == Provenance(
        "llm", "gpt-4o-mini", (Pool("qwen3-vl-2b+dense", 10),), "2026-01-15", "top 10", "sample"
    )


def test_the_digest_follows_items_and_truths(lay: Lay) -> None:
    digests = {
        itembank.read(lay()).digest,
        itembank.read(lay([PLAIN, LATEX])).digest,
        itembank.read(lay([PLAIN, LATEX, PLAN_ITEM], ground_truth=[entry()])).digest,
        itembank.read(lay([PLAIN, LATEX, PLAN_ITEM], ground_truth=[entry(relevant_items=[])])).digest,
    }
    assert len(digests) == 4


def test_the_digest_follows_the_bytes_of_a_picture(lay: Lay) -> None:
    folder = lay()
    before = itembank.read(folder).digest
    (folder / "images" / "math_001.png").write_bytes(b"other")
    assert itembank.read(folder).digest != before


BAD_ITEMS = [
    ([7], "item 1: must be an object, got number"),
    ([{"text": "a"}], "item 1: 'id' is missing; there are: text"),
    ([{"id": "", "text": "a"}], "item 1: 'id' is empty"),
    ([{"id": 5, "text": "a"}], "item 1: 'id' must be a string, got number"),
    ([{"id": "A"}], "item 1 (A): 'text' is missing; there are: id"),
    ([PLAIN, {"id": "A", "text": 5}], "item 2 (A): 'text' must be a string, got number"),
    ([{"id": "A", "text": "  "}], "item 1 (A): has neither text nor picture"),
    ([{"id": "A", "text": "a", "subject": []}], "item 1 (A): 'subject' must be a string, got list"),
    ([{"id": "A", "text": "a", "has_image": True}], "item 1 (A): 'has_image' is true, but there is no 'image_path'"),
    ([{"id": "A", "text": "a", "has_image": "yes"}], "item 1 (A): 'has_image' must be true or false, got string"),
    ([PLAN_ITEM | {"has_image": False}],
     "item 1 (MATH_001): 'has_image' is false, but 'image_path' names 'images/math_001.png'"),
    ([{"id": "A", "text": "a", "image_path": "b.png"}], "item 1 (A): picture 'b.png' does not exist"),
    ([{"id": "A", "text": "a", "image_path": "images"}], "item 1 (A): picture 'images' does not exist"),
    ([{"id": "A", "text": "a", "image_path": "../b.png"}], "item 1 (A): '../b.png' leads out of FOLDER"),
    ([PLAIN, LATEX, PLAIN], "item 3 (MATH_015): item 1 has the same id"),
    ([], "'items' is empty"),
    ({"questions": []}, "'items' is missing; there are: questions"),
    ({"items": {}}, "'items' must be a list, got object"),
    ({"items": [PLAIN], "synthetic": "yes"}, "'synthetic' must be true or false, got string"),
    ("[]", "must be an object, got list"),
]  # fmt: skip


@pytest.mark.parametrize(("items", "message"), BAD_ITEMS)
def test_a_bad_item_is_named(lay: Lay, items: Any, message: str) -> None:
    folder = lay(items)
    assert complaint(folder) == f"FOLDER/items.json: {message}"


BAD_TRUTHS = [
    ([7], ": query 1: must be an object, got number"),
    ([{"relevant_items": []}], ": query 1: 'query_id' is missing; there are: relevant_items"),
    ([entry(source_item_id="MATH_01")],
     ": query 1 (Q001): source 'MATH_01' does not exist among 3 items; did you mean 'MATH_015'?"),
    ([{"query_id": "Q1", "relevant_items": []}], ": query 1 (Q1): has neither text nor picture"),
    ([entry(query_text="", query_image="")], ": query 1 (Q001): has neither text nor picture"),
    ([entry(query_image="b.png")], ": query 1 (Q001): picture 'b.png' does not exist"),
    ([{"query_id": "Q1", "query_text": "a"}],
     ": query 1 (Q1): 'relevant_items' is missing; there are: query_id, query_text"),
    ([entry(relevant_items=["MATH_042"])], ": query 1 (Q001), relevant item 1: must be an object, got string"),
    ([entry(relevant_items=[_relevant("X")])],
     ": query 1 (Q001), relevant item 1: item 'X' does not exist among 3 items"),
    ([entry(relevant_items=[_relevant("math_042")])],
     ": query 1 (Q001), relevant item 1: item 'math_042' does not exist among 3 items; did you mean 'MATH_042'?"),
    ([entry(relevant_items=[_relevant("MATH_042", "3")])],
     ": query 1 (Q001), relevant item 1: 'relevance' must be a whole number, got string"),
    ([entry(relevant_items=[_relevant("MATH_042", 2.5)])],
     ": query 1 (Q001), relevant item 1: 'relevance' must be a whole number, got number"),
    ([entry(relevant_items=[_relevant("MATH_042", -32769)])],
     ": query 1 (Q001), relevant item 1: item 'MATH_042': grade -32769 is not a whole number from -32768 to 32767"),
    ([entry(relevant_items=[_relevant("MATH_042"), _relevant("MATH_042")])],
     ": query 1 (Q001), relevant item 2: item 'MATH_042' stands twice"),
    ([entry(relevant_items=[_relevant("MATH_001")])],
     ": query 1 (Q001), relevant item 1: item 'MATH_001' is the query itself, which never retrieves itself"),
    ([entry(), entry()], ": query 2 (Q001): the query stands twice in this file"),
    ({"level": 0, "queries": [entry()]}, ": 'level' must be at least 1, got 0"),
    ({"provenance": {}, "queries": [entry()]}, ": provenance: 'method' is missing; there are: no keys"),
    ({"provenance": {"method": "llm", "pools": [{"system": "a"}]}, "queries": [entry()]},
     ": provenance, pool 1: 'depth' is missing; there are: system"),
    ({"provenance": {"method": "llm", "pools": [{"system": "a", "depth": 0}]}, "queries": [entry()]},
     ": provenance, pool 1: 'depth' must be at least 1, got 0"),
    ({"answers": []}, ": needs 'queries' or a 'query_id'; there are: answers"),
    ([], ": holds no queries"),
    ('{\n"queries": [],  // none yet\n}', ":2: not JSON: comments are not part of JSON; remove them"),
]  # fmt: skip


@pytest.mark.parametrize(("truth", "message"), BAD_TRUTHS)
def test_a_bad_truth_is_named(lay: Lay, truth: Any, message: str) -> None:
    assert complaint(lay(ground_truth=truth)) == f"FOLDER/ground_truth.json{message}"


def test_the_plans_own_example_is_told_that_json_has_no_comments(lay: Lay) -> None:
    example = (
        '{\n  "query_id": "MATH_001",\n  "relevant_items": [\n    {"id": "MATH_042", "relevance": 3},  // 매우 유사\n'
    )
    assert complaint(lay(ground_truth=example)) == (
        "FOLDER/ground_truth.json:4: not JSON: comments are not part of JSON; remove them"
    )


def test_two_files_may_not_disagree_about_a_query(lay: Lay) -> None:
    folder = lay(ground_truth=[entry()], ground_truth_llm=[entry(query_text="다른 질의")])
    assert complaint(folder) == (
        "FOLDER/ground_truth_llm.json: query 1 (Q001): differs from the query of this id in FOLDER/ground_truth.json"
    )


def test_two_files_may_not_bear_one_name(lay: Lay) -> None:
    folder = lay(**{"ground_truth_a_b": [entry()], "ground_truth_A-B": [entry()]})
    assert complaint(folder) == (
        "FOLDER/ground_truth_a_b.json: its ground truth would be named 'a-b', as that of ground_truth_A-B.json is"
    )


def test_a_truth_needs_a_name_that_can_be_typed(lay: Lay) -> None:
    assert complaint(lay(ground_truth_수동=[entry()])) == (
        "FOLDER/ground_truth_수동.json: '_수동' cannot name a ground truth; use ASCII letters and digits"
    )


def test_all_problems_are_reported_at_once(lay: Lay) -> None:
    assert complaint(lay([{"id": "A"}, PLAIN, {"id": "B", "text": ""}])).splitlines() == [
        "2 problems:",
        "  FOLDER/items.json: item 1 (A): 'text' is missing; there are: id",
        "  FOLDER/items.json: item 3 (B): has neither text nor picture",
    ]
    bad = entry(relevant_items=[_relevant("X"), _relevant("Y")])
    assert complaint(lay(ground_truth=[bad], ground_truth_llm="{")).splitlines() == [
        "3 problems:",
        "  FOLDER/ground_truth.json: query 1 (Q001), relevant item 1: item 'X' does not exist among 3 items",
        "  FOLDER/ground_truth.json: query 1 (Q001), relevant item 2: item 'Y' does not exist among 3 items",
        "  FOLDER/ground_truth_llm.json:1: not JSON: Expecting property name enclosed in double quotes (column 2)",
    ]


def complaint(folder: Path) -> str:
    with pytest.raises(BadData) as raised:
        itembank.read(folder)
    return str(raised.value).replace(str(folder), "FOLDER")


def test_a_bank_of_both_forms_comes_back_as_it_was(lay: Lay, tmp_path_factory: pytest.TempPathFactory) -> None:
    provenance = {"method": "llm", "pools": [{"system": "bm25", "depth": 5}]}
    folder = lay(
        {"items": ITEMS, "synthetic": True, "licence": "MIT"},
        ground_truth=[entry(), FORM_4_4, entry("Q3", query_image=None)],
        ground_truth_llm={"level": 3, "provenance": provenance, "queries": [entry()]},
    )
    first = itembank.read(folder)
    itembank.write(first, folder)
    assert contents(itembank.read(folder)) == contents(first)
    written = json.loads((folder / "items.json").read_text(encoding="utf-8"))
    assert [item["id"] for item in written["items"]] == ["MATH_001", "MATH_015", "MATH_042"]
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    itembank.write(first, elsewhere)
    second = itembank.read(elsewhere)
    assert [item.image is None for item in second.corpus.items] == [item.image is None for item in first.corpus.items]
    assert second.truths == first.truths


def contents(bank: Dataset) -> tuple[Any, ...]:
    facts = [item.facts for item in bank.corpus.items]
    return bank.corpus.items, facts, bank.queries.queries, dict(bank.truths), bank.synthetic, bank.licence


words = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8).filter(str.strip)
json_values = st.recursive(st.none() | st.booleans() | st.integers() | words, lambda inner: st.lists(inner, max_size=2))
facts = st.dictionaries(st.sampled_from(["grade", "unit", "metadata", "x"]), json_values, max_size=3)


@st.composite
def banks(draw: st.DrawFn) -> tuple[Any, dict[str, Any]]:
    """items.json and truth files that are in order."""
    ids = draw(st.lists(words, min_size=2, max_size=5, unique=True))
    items = [{"id": item_id, "text": draw(words), "subject": draw(words), **draw(facts)} for item_id in ids]
    names = draw(st.lists(st.sampled_from(["ground_truth", "ground_truth_llm", "ground_truth_b-1.5"]), unique=True))
    sources = {query_id: draw(st.sampled_from(ids)) for query_id in draw(st.lists(words, min_size=1, unique=True))}
    return {"items": items, "licence": draw(words)}, {name: draw(truths(ids, sources)) for name in names}


@st.composite
def truths(draw: st.DrawFn, ids: list[str], sources: dict[str, str]) -> dict[str, Any]:
    entries = [
        {
            "query_id": query_id,
            "source_item_id": sources[query_id],
            "relevant_items": [
                _relevant(item_id, draw(st.integers(-1, 3)))
                for item_id in draw(st.lists(st.sampled_from(ids), unique=True))
                if item_id != sources[query_id]
            ],
        }
        for query_id in draw(st.lists(st.sampled_from(sorted(sources)), min_size=1, unique=True))
    ]
    level = draw(st.none() | st.integers(1, 3))
    return {"level": level, "provenance": {"method": draw(words), "note": draw(words)}, "queries": entries}


@given(banks())
def test_any_bank_comes_back_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, bank: tuple[Any, dict[str, Any]]
) -> None:
    items, files = bank
    folder = tmp_path_factory.mktemp("bank")
    for name, content in {"items": items, **files}.items():
        (folder / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")
    first = itembank.read(folder)
    again = tmp_path_factory.mktemp("again")
    itembank.write(first, again)
    assert contents(itembank.read(again)) == contents(first)
