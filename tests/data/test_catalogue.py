"""Item banks by path, and what is said of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.data.catalogue import Spread, TruthDescription, describe, describe_truth, open_dataset, truth_names
from harness.data.model import GroundTruth, Pool, Provenance
from harness.errors import BadData

ITEMS = [
    {"id": "a", "text": "12", "subject": "수학"},
    {"id": "b", "text": "$x^2$", "subject": "수학"},
    {"id": "c", "text": "1234", "image_path": "c.png", "subject": "과학"},
]


PROVENANCE = {
    "method": "llm",
    "judge": "a model",
    "pools": [{"system": "bm25", "depth": 20}],
    "date": "2025-01-31",
}


def relevant(**grades: int) -> list[dict[str, object]]:
    return [{"id": item_id, "relevance": grade} for item_id, grade in grades.items()]


TRUTH = {
    "level": 1,
    "provenance": PROVENANCE,
    "queries": [
        {"query_id": "q1", "query_text": "x", "relevant_items": relevant(a=3, b=1)},
        {"query_id": "q2", "query_text": "y", "relevant_items": relevant(a=1, b=0)},
        {"query_id": "q3", "query_text": "z", "relevant_items": relevant(a=0)},
    ],
}


@pytest.fixture
def bank(tmp_path: Path) -> Path:
    folder = tmp_path / "math100"
    folder.mkdir()
    (folder / "c.png").touch()
    (folder / "items.json").write_text(json.dumps({"items": ITEMS, "licence": "CC0"}))
    (folder / "ground_truth.json").write_text(json.dumps(TRUTH))
    (folder / "ground_truth_Image.json").write_text("never read")
    return folder


@pytest.fixture
def beir(tmp_path: Path) -> Path:
    folder = tmp_path / "scifact"
    (folder / "qrels").mkdir(parents=True)
    (folder / "corpus.jsonl").write_text('{"_id": "d1", "text": "a"}\n')
    (folder / "queries.jsonl").write_text('{"_id": "q1", "text": "b"}\n')
    (folder / "qrels" / "test.tsv").write_text("q1\td1\t1\n")
    return folder


def test_the_format_is_known_by_what_lies_there(bank: Path, beir: Path) -> None:
    (bank / "ground_truth_Image.json").unlink()
    assert open_dataset(bank).corpus.ids == ("c", "b", "a")
    assert open_dataset(beir).corpus.ids == ("d1",)


def test_truths_are_listed_without_being_read(bank: Path, beir: Path, tmp_path: Path) -> None:
    assert truth_names(bank) == ["labels", "image"]
    assert truth_names(beir) == ["labels"]
    assert truth_names(tmp_path / "missing") == truth_names(tmp_path) == []


def test_a_path_that_does_not_exist_is_told_what_does(bank: Path, beir: Path) -> None:
    asked = bank.parent / "math10"
    (bank.parent / "math11").mkdir()
    with pytest.raises(BadData) as raised:
        open_dataset(asked)
    assert str(raised.value) == (
        f"{asked}: unknown item bank 'math10'. Did you mean 'math100'? There are: math100, scifact."
    )


def test_a_path_in_a_folder_that_does_not_exist(tmp_path: Path) -> None:
    with pytest.raises(BadData) as raised:
        open_dataset(tmp_path / "a" / "b")
    assert str(raised.value) == f"{tmp_path / 'a' / 'b'} does not exist"


@pytest.mark.parametrize(
    ("files", "holds"),
    [
        ([], "nothing"),
        (["b.csv", "a.txt"], "a.txt, b.csv"),
        (
            [f"{n}.txt" for n in range(1, 10)] + ["a"],
            "1.txt, 2.txt, 3.txt, 4.txt, 5.txt, 6.txt, 7.txt, 8.txt and 2 more",
        ),
    ],
)
def test_a_folder_of_something_else_is_told_apart(tmp_path: Path, files: list[str], holds: str) -> None:
    for name in files:
        (tmp_path / name).touch()
    with pytest.raises(BadData) as raised:
        open_dataset(tmp_path)
    assert str(raised.value) == (f"{tmp_path}: not an item bank: needs items.json or corpus.jsonl; it holds: {holds}")


def test_a_file_is_no_item_bank(bank: Path) -> None:
    with pytest.raises(BadData, match=r"not an item bank: needs items\.json or corpus\.jsonl; it is a file$"):
        open_dataset(bank / "items.json")


def test_a_description_counts(bank: Path) -> None:
    (bank / "ground_truth_Image.json").unlink()
    told = describe(open_dataset(bank), cutoffs=(1, 5))
    assert (told.name, told.items, told.queries, told.images) == ("math100", 3, 3, 1)
    assert told.characters == Spread(2, 4.0, 11 / 3, 5)
    assert told.categories == {"image": 1, "latex": 1, "text": 1}
    assert list(told.subjects.items()) == [("수학", 2), ("과학", 1)]
    assert told.truths == (
        TruthDescription(
            name="labels",
            level=1,
            queries=3,
            pairs=3,
            relevant=Spread(1, 1.5, 1.5, 2),
            ceilings={1: 0.75, 5: 1.0},  # q1 has two relevant items, q2 one, q3 none: it does not count
            grades={0: 2, 1: 2, 3: 1},
            provenance=Provenance("llm", judge="a model", pools=(Pool("bm25", 20),), date="2025-01-31"),
        ),
    )
    assert (told.synthetic, told.licence) == (False, "CC0")
    assert told.digest == open_dataset(bank).digest


def test_a_truth_from_elsewhere_is_told_like_one_of_the_bank() -> None:
    """A ground truth source need not lie beside the items."""
    qrels = {"q1": {"a": 2, "b": 1, "c": 1}, "q2": {"a": 1}, "q3": {"a": 0}}
    source = Provenance("tf-idf", pools=(Pool("tf-idf", 5),))
    assert describe_truth(GroundTruth("tf-idf", qrels, 1, source), (2,)) == TruthDescription(
        name="tf-idf",
        level=1,
        queries=3,
        pairs=4,
        relevant=Spread(1, 2.0, 2.0, 3),
        ceilings={2: (2 / 3 + 1) / 2},
        grades={0: 1, 1: 3, 2: 1},
        provenance=source,
    )


def test_a_truth_without_a_relevant_item_has_no_spread(bank: Path) -> None:
    (bank / "ground_truth_Image.json").unlink()
    (bank / "ground_truth.json").write_text(json.dumps(TRUTH | {"level": 9}))
    (truth,) = describe(open_dataset(bank)).truths
    assert (truth.pairs, truth.relevant, truth.ceilings) == (0, Spread(0, 0.0, 0.0, 0), {5: 0.0, 10: 0.0})


def test_komwp_can_hardly_be_recalled(shared: Callable[[str], Path]) -> None:
    """Its own page warns of about 350 relevant items per query."""
    (truth,) = describe(open_dataset(shared("data/komwp"))).truths
    assert (truth.queries, truth.pairs, truth.relevant.mean) == (200, 70_000, 350.0)
    assert truth.ceilings[10] == pytest.approx(10 / 350)
