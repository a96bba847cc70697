"""Every way in which a text file can be wrong has its sentence."""

from __future__ import annotations

import gzip
import hashlib
from pathlib import Path
from typing import Any

import pytest

from harness.data.formats.lines import Problems, Row, byte_lines, digest, json_document, json_lines
from harness.errors import BadData

ROW = Row(
    "items.json: item 3 (MATH_003)", {"text": 7, "n": "x", "none": None, "yes": 1, "half": "가\ud83d", "gap": " "}
)
TABLE = [
    ("text", str, "'text' must be a string, got number"),
    ("n", int, "'n' must be a whole number, got string"),
    ("none", list, "'none' must be a list, got null"),
    ("yes", bool, "'yes' must be true or false, got number"),
    ("n", dict, "'n' must be an object, got string"),
    ("half", str, "'half' holds half a character (a lone surrogate): the text was cut or decoded wrongly"),
    ("txt", str, "'txt' is missing; there are: text, n, none, yes, half, gap"),
]


@pytest.mark.parametrize(("key", "kind", "message"), TABLE)
def test_a_field_of_another_kind_is_named(key: str, kind: type[Any], message: str) -> None:
    with pytest.raises(BadData) as raised:
        ROW.need(key, kind)
    assert str(raised.value) == f"items.json: item 3 (MATH_003): {message}"


def test_true_is_no_whole_number() -> None:
    with pytest.raises(BadData, match="'n' must be a whole number, got true or false"):
        Row("f", {"n": True}).need("n", int)


def test_an_id_must_hold_something() -> None:
    with pytest.raises(BadData, match="'gap' is empty"):
        ROW.id("gap")


def test_null_and_absence_give_the_default_but_another_kind_does_not() -> None:
    assert (ROW.get("none", str, "d"), ROW.get("absent", str, "d")) == ("d", "d")
    with pytest.raises(BadData, match="'text' must be a string, got number"):
        ROW.get("text", str, "d")


def test_members_of_a_list_must_be_objects() -> None:
    with pytest.raises(BadData) as raised:
        Row("f.json: query 1", {"relevant": [{}, "MATH_1"]}).rows("relevant", "relevant item")
    assert str(raised.value) == "f.json: query 1, relevant item 2: must be an object, got string"


DOCUMENTS = [
    (b'{\n "a": 1,\n}', ":3: not JSON: Expecting property name enclosed in double quotes (column 1)"),
    (b"[\n 1, // one\n 2]", ":2: not JSON: comments are not part of JSON; remove them"),
    (b"[\n 1  // one\n]", ":2: not JSON: comments are not part of JSON; remove them"),
    (b"/* head */ {}", ":1: not JSON: comments are not part of JSON; remove them"),
    (b'{"a": NaN}', ":1: not JSON: NaN is no JSON value"),
    ('{\n"a": "가"}'.encode("cp949"), ":2: not UTF-8 (byte 0xb0); save the file as UTF-8"),
    (b"", ":1: not JSON: Expecting value (column 1)"),
    (b"[" * 100_000, ":1: not JSON: maximum recursion depth exceeded"),
]  # fmt: skip


@pytest.mark.parametrize(("content", "message"), DOCUMENTS)
def test_a_bad_document_is_named_with_its_line(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(content)
    with pytest.raises(BadData) as raised:
        json_document(path)
    assert str(raised.value).startswith(f"{path}{message}")
    assert "\n" not in str(raised.value)


def test_every_bad_line_is_named_and_the_good_ones_are_read(tmp_path: Path) -> None:
    path, problems = tmp_path / "a.jsonl", Problems()
    path.write_bytes(b'\xef\xbb\xbf{"n": 1}\n\n  \r\n[2]\n{"n": 3\n{"n": "\xb0"}\n{"n": 4}')
    assert [(row.place, row.content) for row in json_lines(path, problems)] == [
        (f"{path}:1", {"n": 1}),
        (f"{path}:7", {"n": 4}),
    ]
    with pytest.raises(BadData) as raised:
        problems.settle()
    assert str(raised.value).splitlines() == [
        "3 problems:",
        f"  {path}:4: must be an object, got list",
        f"  {path}:5: not JSON: Expecting ',' delimiter (column 8)",
        f"  {path}:6: not UTF-8 (byte 0xb0); save the file as UTF-8",
    ]


def test_a_byte_order_mark_is_tolerated(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(b'\xef\xbb\xbf{"a": 1}')
    assert json_document(tmp_path / "a.json") == {"a": 1}


@pytest.mark.parametrize("read", [json_document, lambda path: list(byte_lines(path)), lambda path: digest([path])])
def test_a_file_that_is_not_there_is_named(tmp_path: Path, read: Any) -> None:
    with pytest.raises(BadData) as raised:
        read(tmp_path / "a.json")
    assert str(raised.value) == f"{tmp_path / 'a.json'}: cannot be read: No such file or directory"


@pytest.mark.parametrize("content", [b"plain text", gzip.compress(b"1 0 2 3\n" * 1000)[:40]])
def test_a_broken_archive_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.gz").write_bytes(content)
    with pytest.raises(BadData, match=r"a\.gz: cannot be read: "):
        list(byte_lines(tmp_path / "a.gz"))


def test_at_most_ten_problems_are_shown() -> None:
    problems = Problems()
    for number in range(13):
        with problems:
            raise BadData(f"f:{number}: wrong")
    with pytest.raises(BadData) as raised:
        problems.settle()
    lines = str(raised.value).splitlines()
    assert (lines[0], lines[1], lines[10], lines[11:]) == (
        "13 problems:",
        "  f:0: wrong",
        "  f:9: wrong",
        ["  and 3 more"],
    )


def test_one_problem_is_one_line_and_none_is_silence() -> None:
    problems = Problems()
    problems.settle()
    with problems:
        raise BadData("f:1: wrong")
    with pytest.raises(BadData, match=r"^f:1: wrong$"):
        problems.settle()


def test_only_bad_data_is_collected() -> None:
    with pytest.raises(ZeroDivisionError), Problems():
        1 / 0  # noqa: B018


def test_the_digest_tells_contents_order_and_borders_apart(tmp_path: Path) -> None:
    def of(*contents: bytes) -> str:
        paths = [tmp_path / str(number) for number in range(len(contents))]
        for path, content in zip(paths, contents, strict=True):
            path.write_bytes(content)
        return digest(paths)

    assert of(b"ab", b"c") == hashlib.sha256(hashlib.sha256(b"ab").digest() + hashlib.sha256(b"c").digest()).hexdigest()
    assert len({of(b"ab", b"c"), of(b"a", b"bc"), of(b"c", b"ab"), of(b"abc")}) == 4
