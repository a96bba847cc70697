"""The committed bank: what it promises about its items, its pictures and its truth."""
import hashlib
import json
import re
from collections import Counter

import pytest
from PIL import Image


def test_hundred_items_of_three_categories(committed):
    categories = Counter("image" if item["has_image"] else "latex" if "$" in item["text"] else "text"
                         for item in committed.items)
    assert categories == {"image": 35, "text": 35, "latex": 30}
    assert [item["id"] for item in committed.items] == [f"MATH_{n:03d}" for n in range(1, 101)]


def test_the_bank_says_that_it_is_synthetic_and_free(committed):
    bank = json.loads((committed.folder / "items.json").read_text("utf-8"))
    assert bank == {"items": committed.items, "licence": "MIT", "synthetic": True}


def test_every_item_keeps_the_schema(committed):
    for item in committed.items:
        assert set(item) == {"id", "subject", "grade", "unit", "item_type", "difficulty", "text",
                             "image_path", "has_image", "metadata"}
        assert set(item["metadata"]) == {"curriculum_code", "cognitive_level"}
        assert (item["subject"], item["grade"]) == ("수학", "중2")
        assert item["item_type"] in {"객관식", "단답형", "서술형"}
        assert item["difficulty"] in {"상", "중", "하"}
        assert re.fullmatch(r"9수0[1-4]-\d\d", item["metadata"]["curriculum_code"])
        assert item["has_image"] is (item["image_path"] is not None)
        assert ("①" in item["text"]) is (item["item_type"] == "객관식")


def test_a_picture_is_there_where_the_text_speaks_of_one_and_nowhere_else(committed):
    for item in committed.items:
        speaks = re.search(r"그림|그래프는 |표는 |가격표|표의", item["text"]) is not None
        assert speaks is item["has_image"], item["text"]
        if item["has_image"]:
            with Image.open(committed.folder / item["image_path"]) as image:
                assert image.format == "PNG"
                assert image.convert("L").getextrema()[0] < 100 < image.convert("L").getextrema()[1]
            assert (committed.folder / item["image_path"]).stat().st_size < 12_000


def test_latex_is_balanced_and_stands_only_in_latex_items(committed):
    for item in committed.items:
        assert item["text"].count("$") % 2 == 0
        assert item["text"].count("{") == item["text"].count("}")
        assert "\\" not in re.sub(r"\$[^$]*\$", "", item["text"])
    assert len({item["text"] for item in committed.items}) == 100


def test_no_wording_keeps_an_unfilled_slot_or_an_undecided_particle(committed):
    for item in committed.items:
        assert not re.search(r"\[\w|은\(는\)|이\(가\)|을\(를\)", item["text"])


def test_every_item_is_a_query_with_three_to_five_similar_items(committed):
    ids = {item["id"] for item in committed.items}
    assert [query["query_id"] for query in committed.queries] == [f"Q{n:03d}" for n in range(1, 101)]
    assert {query["source_item_id"] for query in committed.queries} == ids
    for query in committed.queries:
        grades = {row["id"]: row["relevance"] for row in query["relevant_items"]}
        assert query["source_item_id"] not in grades
        assert len(grades) == len(query["relevant_items"])
        assert grades.keys() <= ids
        assert 3 <= sum(grade >= 2 for grade in grades.values()) <= 5
        assert {3, 2, 1} == set(grades.values())


def test_relevance_is_symmetric(committed):
    grades = {(query["source_item_id"], row["id"]): row["relevance"]
              for query in committed.queries for row in query["relevant_items"]}
    assert all(grades[other, one] == grade for (one, other), grade in grades.items())


def test_the_grade_of_a_pair_is_what_its_two_items_share(committed):
    units = {item["id"]: item["unit"] for item in committed.items}
    codes = {item["id"]: item["metadata"]["curriculum_code"] for item in committed.items}
    for query in committed.queries:
        source = query["source_item_id"]
        grades = {row["id"]: row["relevance"] for row in query["relevant_items"]}
        assert set(grades) == {other for other in units if units[other] == units[source] and other != source}
        assert all(codes[other] == codes[source] for other, grade in grades.items() if grade >= 2)


def test_the_readme_states_the_checksums(committed, pixels):
    readme = (committed.folder / "README.md").read_text("utf-8")
    assert hashlib.sha256((committed.folder / "items.json").read_bytes()).hexdigest() in readme
    assert hashlib.sha256((committed.folder / "ground_truth.json").read_bytes()).hexdigest() in readme
    assert pixels(committed.folder) in readme


def test_the_readme_states_what_words_alone_find(committed):
    bm25s = pytest.importorskip("bm25s")
    mecab = pytest.importorskip("mecab_ko").Tagger("-Owakati")
    systems = (("BM25, whitespace", str.split, 0.001), ("BM25, morphemes", lambda text: mecab.parse(text).split(), 0.02))
    texts = [item["text"] for item in committed.items]
    for system, tokenise, tolerance in systems:
        tokens = [tokenise(text) for text in texts]
        index = bm25s.BM25(method="lucene", k1=1.5, b=0.75)
        index.index(tokens, show_progress=False)
        found = mean_recall(committed, [index.get_scores(query) for query in tokens])
        assert found == pytest.approx(stated(committed, system), abs=tolerance)
        assert 5 / 99 + 0.25 < found < 0.65


def mean_recall(committed, scores, k: int = 5) -> float:
    """Grade 2 and 3 are relevant, the query itself is left out, ties go to the greater id as in trec_eval."""
    place = {item["id"]: n for n, item in enumerate(committed.items)}
    recalls = []
    for query in committed.queries:
        own = scores[place[query["source_item_id"]]]
        others = sorted((own[n], n) for n in place.values() if n != place[query["source_item_id"]])
        relevant = {place[row["id"]] for row in query["relevant_items"] if row["relevance"] >= 2}
        recalls.append(len(relevant & {n for _, n in others[-k:]}) / len(relevant))
    return sum(recalls) / len(recalls)


def stated(committed, system: str) -> float:
    readme = (committed.folder / "README.md").read_text("utf-8")
    return float(re.search(rf"\| {re.escape(system)} *\| *([\d.]+)", readme)[1])
