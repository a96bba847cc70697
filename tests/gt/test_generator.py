"""The generator: the same folder every time, larger banks around it, and a check that names differences."""
import json
import re
from collections import Counter

import pytest
from PIL import Image

SEED = 2026


@pytest.fixture(scope="module")
def larger(run, tmp_path_factory):
    folder = tmp_path_factory.mktemp("larger")
    run(str(folder), "--items", "2100")
    return folder


def test_it_writes_the_committed_folder_again(tmp_path, run, pixels, committed):
    run(str(tmp_path))
    for name in ("items.json", "ground_truth.json"):
        assert (tmp_path / name).read_bytes() == (committed.folder / name).read_bytes()
    assert {path.name for path in (tmp_path / "images").iterdir()} == {
        path.name for path in (committed.folder / "images").iterdir()}
    assert pixels(tmp_path) == pixels(committed.folder)
    assert run(str(tmp_path), "--check") == ""


def test_check_names_every_difference(tmp_path, run):
    run(str(tmp_path))
    items = tmp_path / "items.json"
    items.write_text(items.read_text("utf-8").replace("MATH_050", "MATH_O50"), "utf-8")
    truth = tmp_path / "ground_truth.json"
    truth.write_text(truth.read_text("utf-8") + " ", "utf-8")
    first, second, third = sorted((tmp_path / "images").iterdir())[:3]
    first.unlink()
    with Image.open(second) as image:
        image.transpose(Image.Transpose.ROTATE_180).save(second)
    third.write_bytes(b"no picture")
    lines = run(str(tmp_path), "--check", status=1).splitlines()
    assert len(lines) == 5
    assert "items.json: differs" in lines[0]
    assert "ground_truth.json: goes on" in lines[1]
    assert [re.search(r"math_\d+\.png: (\w+)", line)[1] for line in lines[2:]] == ["missing", "its", "cannot"]


@pytest.mark.parametrize(("arguments", "message"), [
    (("OUT", "--items", "99"), "--items 99: the judged items alone are 100; ask for 100 or more"),
    (("OUT", "--items", "many"), "argument --items: invalid int value: 'many'"),
    ((), "the following arguments are required: OUT"),
    (("missing", "--check"), "missing does not exist; nothing to check"),
    ((__file__,), f"{__file__} is a file; name a folder"),
    ((f"{__file__}/below",), f"[Errno 20] Not a directory: '{__file__}/below/images'"),
])
def test_a_wrong_argument_gives_one_line(arguments, message, run):
    assert run(*arguments, status=2) == f"generator: {message}\n"


def test_another_seed_changes_the_numbers_and_keeps_the_shape(rooms):
    one, other = rooms.bank.judged(1), rooms.bank.judged(2)
    assert {item.text for item in one} != {item.text for item in other}
    assert Counter(item.template.name for item in one) == Counter(item.template.name for item in other)


def test_a_larger_bank_keeps_the_judged_items_the_truth_and_the_pictures(larger, committed, pixels):
    items = json.loads((larger / "items.json").read_text("utf-8"))["items"]
    assert len(items) == 2100
    assert items[:100] == committed.items
    truths = [(folder / "ground_truth.json").read_bytes() for folder in (larger, committed.folder)]
    assert truths[0] == truths[1]
    assert pixels(larger) == pixels(committed.folder)
    assert len({item["id"] for item in items}) == 2100


def test_distractors_share_neither_unit_nor_code_nor_template_with_the_judged(rooms, judged):
    others = list(rooms.distractors.distractors(101, 3100, SEED))
    assert not {item.chapter.unit for item in judged} & {item.chapter.unit for item in others}
    assert not {item.concept.code for item in judged} & {item.concept.code for item in others}
    assert not {item.template.name for item in judged} & {item.template.name for item in others}


def test_distractors_are_of_six_subjects_without_pictures_and_a_quarter_is_latex(rooms):
    others = [rooms.items.record(item) for item in rooms.distractors.distractors(101, 10_100, SEED)]
    assert {item["subject"] for item in others} == {"수학", "과학", "국어", "사회", "영어", "역사"}
    assert not any(item["has_image"] for item in others)
    assert sum("$" in item["text"] for item in others) == 2300
    assert len({item["text"] for item in others}) > 9500
    assert all(re.fullmatch(r"(MATH|SCI|KOR|SOC|ENG|HIS)_\d{5}", item["id"]) for item in others)
    assert not any(re.search(r"\[\w", item["text"]) for item in others)


def test_a_distractor_hangs_on_its_own_number_only(rooms):
    alone = next(rooms.distractors.distractors(5000, 5000, SEED))
    among = list(rooms.distractors.distractors(4990, 5000, SEED))[-1]
    assert alone == among
