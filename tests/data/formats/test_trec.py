"""TREC's files: what trec_eval reads is read, what is wrong is named, what is written comes back bit by bit."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from harness.data.formats import beir, trec
from harness.data.run import Run
from harness.errors import BadData


def test_columns_may_be_parted_by_any_white_space_and_more_may_follow(tmp_path: Path) -> None:
    path = tmp_path / "a.run"
    path.write_bytes(b"q1\tQ0  d1 1 2.5 name\r\n\nq1 Q0 d2 1 -1e3 name and more\nq2 Q0 \xe3\x80\x80d 9 0 x\n")
    assert trec.read_run(path) == {"q1": {"d1": 2.5, "d2": -1000.0}, "q2": {"\u3000d": 0.0}}


def test_judgements(tmp_path: Path) -> None:
    path = tmp_path / "a.qrels"
    path.write_text("q1 0 d1 3\nq1 0 d2 0\nq2\t0\td1\t-1\n")
    assert trec.read_qrels(path) == {"q1": {"d1": 3, "d2": 0}, "q2": {"d1": -1}}


BAD = [
    (trec.read_run, "q Q0 d 1 0.5", "needs 6 columns (query Q0 document rank score name), has 5"),
    (trec.read_run, "q Q0 d 1 high name", "score 'high' is not a number"),
    (trec.read_run, "q Q0 d 1 nan name", "score 'nan' is not finite"),
    (trec.read_run, "q Q0 d0 2 0.5 name", "query 'q' holds document 'd0' twice"),
    (trec.read_qrels, "q 0 d", "needs 4 columns (query 0 document grade), has 3"),
    (trec.read_qrels, "q 0 d 1 more", "needs 4 columns (query 0 document grade), has 5"),
    (trec.read_qrels, "q 0 d 0.5", "grade '0.5' is not a whole number"),
    (trec.read_qrels, "q 0 d0 2", "query 'q' and document 'd0' are judged twice"),
]


@pytest.mark.parametrize(("read", "line", "message"), BAD)
def test_a_bad_line_is_named(tmp_path: Path, read: Callable[[Path], object], line: str, message: str) -> None:
    path = tmp_path / "a"
    path.write_text(("q 0 d0 1\n" if read is trec.read_qrels else "q Q0 d0 1 1.0 name\n") + "\n" + line)
    with pytest.raises(BadData) as raised:
        read(path)
    assert str(raised.value) == f"{path}:3: {message}"


def test_bytes_that_are_not_utf8_are_named(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"q 0 d 1\nq 0 \xb0 1\n")
    with pytest.raises(BadData, match=r"a:2: not UTF-8 \(byte 0xb0\)"):
        trec.read_qrels(tmp_path / "a")


RUN = Run.of(["q1", "q2"], ["d3", "d2", "d1"], np.array([[2, 0], [1, -1]]), np.array([[0.1, 1e20], [0.25, 0]]))


def test_a_run_is_written_as_trec_eval_wants_it(tmp_path: Path) -> None:
    trec.write_run(RUN, tmp_path / "a.run", "bm25+none")
    assert (tmp_path / "a.run").read_text() == (
        "q1 Q0 d3 1 1e+20 bm25+none\nq1 Q0 d1 2 0.1 bm25+none\nq2 Q0 d2 1 0.25 bm25+none\n"
    )


def test_gz_is_packed_and_unpacked(tmp_path: Path) -> None:
    trec.write_run(RUN, tmp_path / "a.run", "x")
    trec.write_run(RUN, tmp_path / "a.run.gz", "x")
    assert gzip.decompress((tmp_path / "a.run.gz").read_bytes()) == (tmp_path / "a.run").read_bytes()
    assert trec.read_run(tmp_path / "a.run.gz") == trec.read_run(tmp_path / "a.run")


@given(
    hnp.arrays(
        np.float32,
        st.tuples(st.integers(1, 4), st.just(5)),
        elements=st.floats(width=32, allow_nan=False, allow_infinity=False),
    ),
    st.data(),
)
def test_scores_come_back_bit_by_bit(
    tmp_path_factory: pytest.TempPathFactory, scores: np.ndarray, data: st.DataObject
) -> None:
    docs = ["e", "d", "c", "b", "a"]
    index = np.array([data.draw(st.permutations(range(5))) for _ in scores])
    index[:, 4] = data.draw(st.sampled_from([-1, index[0, 4]])) if len(index) == 1 else -1
    run = Run.of([f"q{row}" for row in range(len(scores))], docs, index, scores)
    path = tmp_path_factory.mktemp("runs") / "a.run"
    trec.write_run(run, path, "x")
    again = Run.from_dict(trec.read_run(path), docs)
    width = again.index.shape[1]
    np.testing.assert_array_equal(again.index, run.index[:, :width])
    np.testing.assert_array_equal(again.scores, run.scores[:, :width])
    assert again.query_ids == run.query_ids


ids = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zs"]), min_size=1)


@given(st.dictionaries(ids, st.dictionaries(ids, st.integers(-2, 5), min_size=1)))
def test_judgements_come_back(tmp_path_factory: pytest.TempPathFactory, qrels: dict[str, dict[str, int]]) -> None:
    path = tmp_path_factory.mktemp("qrels") / "a.gz"
    trec.write_qrels(qrels, path)
    assert trec.read_qrels(path) == qrels


@pytest.mark.parametrize(
    ("query", "document", "name", "what"),
    [("q 1", "d", "x", "query 'q 1'"), ("q", "", "x", "document ''"), ("q", "d", "a\tb", "run 'a\\tb'")],
)
def test_names_that_the_format_cannot_hold_are_refused(
    tmp_path: Path, query: str, document: str, name: str, what: str
) -> None:
    run = Run.of([query], [document], np.array([[0]]), np.array([[1.0]]))
    with pytest.raises(BadData) as raised:
        trec.write_run(run, tmp_path / "a", name)
    assert str(raised.value) == (
        f"{tmp_path / 'a'}: {what} is empty or holds white space, which a TREC file has no room for"
    )


def test_anserinis_own_run_and_judgements_of_scifact(shared: Callable[[str], Path]) -> None:
    golden = shared("data/scifact/golden")
    run = trec.read_run(golden / "run.anserini-bm25-flat.trec.gz")
    assert (len(run), sum(map(len, run.values()))) == (300, 294_041)
    assert list(run["1"].items())[:2] == [("10608397", 6.5988), ("34386619", 5.1707)]
    assert trec.read_qrels(golden / "qrels.trec") == beir.read(golden.parent).truths["labels"].qrels
