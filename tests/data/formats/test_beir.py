"""BEIR's layout: three data sets that nobody here wrote, every mistake by name, and back out again."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.data.formats import beir
from harness.data.model import Dataset, GroundTruth, Provenance, Query
from harness.errors import BadData

Lay = Callable[..., Path]

CORPUS = [{"_id": "d1", "title": "Area", "text": "of a square"}, {"_id": "d2", "text": "$x^2$", "source": "book"}]
QUERIES = [{"_id": "q1", "text": "square"}, {"_id": "q2", "text": "unjudged"}]
QRELS = "query-id\tcorpus-id\tscore\nq1\td1\t2\nq1\td2\t0\n"


@pytest.fixture
def lay(tmp_path: Path) -> Lay:
    """Lays down a dataset; rows may be given as the text of a file."""

    def lay_down(corpus: Any = CORPUS, queries: Any = QUERIES, **qrels: str) -> Path:
        (tmp_path / "qrels").mkdir(exist_ok=True)
        for name, rows in (("corpus.jsonl", corpus), ("queries.jsonl", queries)):
            text = rows if isinstance(rows, str) else "".join(json.dumps(row) + "\n" for row in rows)
            (tmp_path / name).write_text(text, encoding="utf-8")
        for split, text in (qrels or {"test": QRELS}).items():
            (tmp_path / "qrels" / f"{split}.tsv").write_text(text, encoding="utf-8")
        return tmp_path

    return lay_down


def test_a_dataset_arrives_whole(lay: Lay) -> None:
    folder = lay()
    data = beir.read(folder)
    assert [(item.id, item.text, item.category) for item in data.corpus.items] == [
        ("d2", "$x^2$", "latex"), ("d1", "Area of a square", "text"),
    ]  # fmt: skip
    assert data.corpus.items[0].facts == {"source": "book"}
    assert data.queries.queries == (Query("q1", "square", None, "text"),)
    assert data.truths == {"labels": GroundTruth("labels", {"q1": {"d1": 2, "d2": 0}}, 1, Provenance("not stated"))}


def test_other_splits_keep_their_names_and_the_heading_may_be_missing(lay: Lay) -> None:
    data = beir.read(lay(test=QRELS, Dev_2="q2\td2\t1\n"))
    assert list(data.truths) == ["labels", "dev-2"]
    assert data.truths["dev-2"].qrels == {"q2": {"d2": 1}}
    assert data.queries.ids == ("q1", "q2")


def test_without_judgements_every_query_is_kept(lay: Lay) -> None:
    folder = lay()
    (folder / "qrels" / "test.tsv").unlink()
    data = beir.read(folder)
    assert (data.queries.ids, data.truths) == (("q1", "q2"), {})


def test_pictures_and_subjects_are_read(lay: Lay) -> None:
    folder = lay([{"_id": "d1", "text": "", "image": "a.png", "subject": "수학"}], test="q1\td1\t1\n")
    (folder / "a.png").touch()
    (item,) = beir.read(folder).corpus.items
    assert (item.image, item.category, item.subject) == (folder / "a.png", "image", "수학")


@pytest.mark.parametrize(
    ("query", "judgement", "source"),
    [
        ({"text": "Area of a square"}, "d2", "d1"),  # the same id and text: the query is the item
        ({"text": "something else"}, "d2", None),  # ids that are equal by accident
        ({"text": "Area of a square"}, "d1", None),  # it is wanted: a known-item search
        ({"text": "something else", "source_item_id": "d2"}, "d1", "d2"),
    ],
)
def test_when_a_query_is_an_item(lay: Lay, query: dict[str, str], judgement: str, source: str | None) -> None:
    data = beir.read(lay(queries=[{"_id": "d1", **query}], test=f"d1\t{judgement}\t1\n"))
    assert data.queries.queries[0].source == source


def test_a_query_with_another_picture_is_another_thing(lay: Lay) -> None:
    folder = lay(queries=[{"_id": "d2", "text": "$x^2$", "image": "a.png"}], test="d2\td1\t1\n")
    (folder / "a.png").touch()
    assert beir.read(folder).queries.queries[0].source is None


D1 = '{"_id": "d1", "text": "a"}\n'
BAD_TEXTS = [
    ({"corpus": D1 + "{"},
     "corpus.jsonl:2: not JSON: Expecting property name enclosed in double quotes (column 2)"),
    ({"corpus": D1 + '{"text": "b"}'}, "corpus.jsonl:2: '_id' is missing; there are: text"),
    ({"corpus": D1 + '{"_id": 5, "text": "b"}'}, "corpus.jsonl:2: '_id' must be a string, got number"),
    ({"corpus": D1 + '{"_id": "", "text": "b"}'}, "corpus.jsonl:2: '_id' is empty"),
    ({"corpus": D1 + '{"_id": "d2", "title": "b"}'}, "corpus.jsonl:2: 'text' is missing; there are: _id, title"),
    ({"corpus": D1 + '{"_id": "d2", "text": ""}'}, "corpus.jsonl:2: has neither text nor picture"),
    ({"corpus": D1 + '{"_id": "d2", "text": "b", "image": "b.png"}'}, "corpus.jsonl:2: picture 'b.png' does not exist"),
    ({"corpus": D1 + '{"_id": "d2", "text": "b", "image": "/b.png"}'}, "corpus.jsonl:2: '/b.png' leads out of FOLDER"),
    ({"corpus": D1 + "\n" + D1}, "corpus.jsonl:3: '_id' 'd1' stands already at FOLDER/corpus.jsonl:1"),
    ({"corpus": "\n"}, "corpus.jsonl: is empty"),
    ({"queries": '{"_id": "q1", "text": " "}'}, "queries.jsonl:1: has neither text nor picture"),
    ({"queries": '{"_id": "q1", "text": "a", "source_item_id": "d9"}'},
     "queries.jsonl:1: source 'd9' does not exist among 2 items"),
    ({"test": "q1\td1\t1\nq7\td1\t1\n"}, "qrels/test.tsv:2: query 'q7' does not exist in queries.jsonl"),
    ({"test": "q1\td1\t1\nq1\td7\t1\n"}, "qrels/test.tsv:2: item 'd7' does not exist in corpus.jsonl"),
    ({"test": "q1\td1\t1\nq1\td1\t2\n"}, "qrels/test.tsv:2: query 'q1' and document 'd1' are judged twice"),
    ({"test": "q1\td1\t1\nq1\td2\thigh\n"}, "qrels/test.tsv:2: grade 'high' is not a whole number"),
    ({"test": "q1\td1\t32768\n"}, "qrels/test.tsv:1: document 'd1': grade 32768 is not a whole number "
     "from -32768 to 32767"),
    ({"queries": '{"_id": "q1", "text": "a", "source_item_id": "d1"}', "test": "q1\td2\t1\nq1\td1\t1\n"},
     "qrels/test.tsv:2: item 'd1' is the source of query 'q1', which never retrieves itself"),
    ({"test": "q1\td1\t1\nq1 d2 1\n"},
     "qrels/test.tsv:2: needs 3 columns with tabs between them (query-id, corpus-id, score), has 1"),
    ({"test": QRELS + QRELS.replace("q1", "q2")}, "qrels/test.tsv:4: query 'query-id' does not exist in queries.jsonl"),
    ({"test": "query-id\tcorpus-id\tscore\n"}, "qrels/test.tsv: holds no judgements that can be used"),
]  # fmt: skip


@pytest.mark.parametrize(("files", "message"), BAD_TEXTS)
def test_what_is_wrong_is_named(lay: Lay, files: dict[str, str], message: str) -> None:
    assert complaint(lay(**files)) == f"FOLDER/{message}"


def test_a_missing_file_is_named(lay: Lay) -> None:
    folder = lay()
    (folder / "queries.jsonl").unlink()
    assert complaint(folder) == "FOLDER/queries.jsonl: cannot be read: No such file or directory"


def test_all_problems_are_reported_at_once(lay: Lay) -> None:
    assert complaint(lay(corpus=D1 + "{}\n", queries="[]\n")).splitlines() == [
        "2 problems:",
        "  FOLDER/corpus.jsonl:2: '_id' is missing; there are: no keys",
        "  FOLDER/queries.jsonl:1: must be an object, got list",
    ]


def complaint(folder: Path) -> str:
    with pytest.raises(BadData) as raised:
        beir.read(folder)
    return str(raised.value).replace(str(folder), "FOLDER")


def test_an_id_that_a_qrels_file_cannot_hold_is_refused(lay: Lay, tmp_path_factory: pytest.TempPathFactory) -> None:
    truth = {"q\t1": {"d1": 1}}
    data = beir.read(lay())
    queries = type(data.queries).against(data.corpus, [Query("q\t1", "square")])
    named = Dataset(
        "x", data.path, data.corpus, queries, {"labels": GroundTruth("labels", truth, 1, Provenance(""))}, ""
    )
    with pytest.raises(BadData, match=r"test\.tsv: id 'q\\t1' holds a tab or a line break, which a qrels file has no"):
        beir.write(named, tmp_path_factory.mktemp("out"))


def contents(data: Dataset) -> tuple[Any, ...]:
    facts = [item.facts for item in data.corpus.items]
    return data.corpus.items, facts, data.queries.queries, dict(data.truths)


names = st.text(st.characters(exclude_characters="\t\r\n", exclude_categories=["Cs"]), min_size=1).filter(str.strip)
texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(str.strip)


@given(
    corpus=st.dictionaries(names, st.tuples(st.none() | texts, texts), min_size=1, max_size=4),
    queries=st.dictionaries(names, texts, min_size=1, max_size=4),
    data=st.data(),
)
def test_any_dataset_comes_back_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, corpus: Any, queries: Any, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("data")
    (folder / "qrels").mkdir()
    rows = [{"_id": name, "title": title, "text": text, "n": 1} for name, (title, text) in corpus.items()]
    (folder / "corpus.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    asked = [{"_id": name, "text": text} for name, text in queries.items()]
    (folder / "queries.jsonl").write_text("".join(json.dumps(row) + "\n" for row in asked))
    pairs = st.dictionaries(
        st.tuples(st.sampled_from(sorted(queries)), st.sampled_from(sorted(corpus))), st.integers(-1, 3), min_size=1
    )
    for split in data.draw(st.lists(st.sampled_from(["test", "dev", "train"]), unique=True)):
        lines = [f"{query}\t{item}\t{grade}\n" for (query, item), grade in data.draw(pairs).items()]
        (folder / "qrels" / f"{split}.tsv").write_bytes("".join(lines).encode())
    first, again = beir.read(folder), tmp_path_factory.mktemp("again")
    beir.write(first, again)
    assert contents(beir.read(again)) == contents(first)


def test_pictures_travel_along(lay: Lay, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = lay([{"_id": "d1", "text": "a", "image": "a.png"}], test="q1\td1\t1\n")
    (folder / "a.png").write_bytes(b"picture")
    again = tmp_path_factory.mktemp("again")
    beir.write(beir.read(folder), again)
    (item,) = beir.read(again).corpus.items
    assert item.image is not None
    assert item.image.is_relative_to(again)
    assert item.image.read_bytes() == b"picture"


def test_scifact(shared: Callable[[str], Path]) -> None:
    """Counts and lengths are those of MTEB's own statistics of SciFact."""
    data = beir.read(shared("data/scifact"))
    lengths = [len(text) for text in data.corpus.texts]
    assert (len(data.corpus), len(data.queries), data.truths["labels"].pairs) == (5183, 300, 339)
    assert (sum(lengths), min(lengths), max(lengths)) == (7_771_451, 221, 10_127)
    assert (data.queries.exclude == -1).all()


@pytest.mark.parametrize(
    ("name", "items", "images", "grades"),
    [("formalgeo", 1500, 1500, {1: 10_299, 2: 3_582}), ("komwp", 2800, 0, {1: 69_342, 2: 658})],
)
def test_math_that_nobody_here_wrote(
    shared: Callable[[str], Path], name: str, items: int, images: int, grades: dict[int, int]
) -> None:
    data = beir.read(shared(f"data/{name}"))
    found = [grade for judged in data.truths["labels"].qrels.values() for grade in judged.values()]
    assert (len(data.corpus), len(data.queries)) == (items, 200)
    assert sum(item.image is not None for item in data.corpus.items) == images
    assert {grade: found.count(grade) for grade in set(found)} == grades
    assert (data.queries.exclude == -1).all()


def test_the_digest_follows_the_pictures_of_items_and_queries(lay: Lay) -> None:
    def digest(item: bytes, query: bytes) -> str:
        (folder / "a.png").write_bytes(item)
        (folder / "b.png").write_bytes(query)
        return beir.read(folder).digest

    item, query = {"_id": "d1", "text": "a", "image": "a.png"}, {"_id": "q1", "text": "b", "image": "b.png"}
    folder = lay([item], [query], test="q1\td1\t1\n")
    assert len({digest(b"1", b"1"), digest(b"2", b"1"), digest(b"1", b"2"), digest(b"2", b"2")}) == 4
    assert digest(b"1", b"2") == digest(b"1", b"2")
