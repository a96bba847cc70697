"""trec-run and trec-qrels: files of other programs, judged through harness.toml as anything else is."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest
from toys import Project

from harness.data.model import Corpus, Dataset, Provenance, Queries, Query
from harness.errors import BadConfig, BadData, NotMeasured
from harness.plugging.registry import Registry
from harness.session.opening import resolve
from harness.session.wishes import Wishes

Written = Callable[[str], Path]
Ranked = Callable[..., list[list[tuple[str, float]]]]


@pytest.fixture
def written(tmp_path: Path) -> Written:
    """`written(text)`: a file that holds it."""

    def write(text: str) -> Path:
        (tmp_path / "theirs.trec").write_text(text, encoding="utf-8")
        return tmp_path / "theirs.trec"

    return write


@pytest.fixture
def ranked(registry: Registry, corpus: Corpus) -> Ranked:
    """`ranked(path, queries)`: what each query gets of the run in a file."""

    def search(path: Path, queries: list[Query], top_k: int = 10) -> list[list[tuple[str, float]]]:
        retriever = registry.retrievers["trec-run"].build(path=str(path))
        retriever.index(corpus)
        run = retriever.search(Queries.against(corpus, queries), top_k)
        return [run.documents(row) for row in range(len(run))]

    return search


RUN = "q Q0 d01 1 0.5 x\nq Q0 d03 2 2.5 x\nq Q0 d02 3 0.5 x\nd07 Q0 d04 1 1 x\n"


def test_a_run_is_answered_by_score_and_cut_at_k(ranked: Ranked, written: Written) -> None:
    queries = [Query("q", "")]
    assert ranked(written(RUN), queries) == [[("d03", 2.5), ("d02", 0.5), ("d01", 0.5)]]
    assert ranked(written(RUN), queries, 2) == [[("d03", 2.5), ("d02", 0.5)]]


def test_a_query_is_found_by_its_id_else_by_the_item_that_it_is_else_gets_nothing(
    ranked: Ranked, written: Written
) -> None:
    queries = [Query("q", "", source="d07"), Query("w", "", source="d07"), Query("z", "", source="d08"), Query("y", "")]
    found = ranked(written(RUN), queries)
    assert [[name for name, _ in row] for row in found] == [["d03", "d02", "d01"], ["d04"], [], []]


def test_a_packed_run_is_unpacked(ranked: Ranked, tmp_path: Path) -> None:
    path = tmp_path / "run.gz"
    path.write_bytes(gzip.compress(RUN.encode()))
    assert len(ranked(path, [Query("q", "")])[0]) == 3


def test_a_document_that_does_not_exist_is_one_line(ranked: Ranked, written: Written) -> None:
    path = written(RUN + "q Q0 doc9 4 0.1 x\nq Q0 doc8 5 0.1 x\n")
    with pytest.raises(BadData) as caught:
        ranked(path, [Query("q", "")])
    assert str(caught.value) == (
        f"{path}: ranks document 'doc9', which does not exist among 16 items; 2 of its 6 documents do not"
    )


@pytest.mark.parametrize(("text", "others"), [(RUN, "2 others, such as 'q'"), ("", "0 others")])
def test_a_run_about_other_queries_is_one_line(ranked: Ranked, written: Written, text: str, others: str) -> None:
    path = written(text)
    with pytest.raises(BadData) as caught:
        ranked(path, [Query("a", ""), Query("b", "")])
    assert str(caught.value) == f"{path}: ranks none of the 2 queries, such as 'a'; it ranks {others}"


def test_judgements_are_taken_as_they_are(registry: Registry, written: Written, dataset: Dataset) -> None:
    path = written("q-d01 0 d02 2\nq-d01 0 d03 0\nq-d05 0 d04 1\n")
    source = registry.gt_sources["trec-qrels"]
    truth = source.build(path=str(path)).judge(dataset)
    assert truth.qrels == {"q-d01": {"d02": 2, "d03": 0}, "q-d05": {"d04": 1}}
    assert (truth.level, truth.pairs) == (1, 2)
    assert truth.provenance == Provenance(method="trec-qrels", note="theirs.trec")
    assert source.build(path=str(path), level=2).judge(dataset).pairs == 1


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("q-d01 0 d02 1\nx 0 d02 1\ny 0 d02 1\n", "judges queries that do not exist among 16: 'x', 'y'"),
        ("q-d01 0 d02 1\nq-d01 0 D3 1\n", "judges documents that do not exist among 16: 'D3'"),
        (
            "".join(f"q-d01 0 D{n} 1\n" for n in range(7)),
            "judges documents that do not exist among 16: 'D0', 'D1', 'D2', 'D3', 'D4' and 2 more",
        ),
    ],
    ids=["queries", "documents", "many"],
)
def test_judgements_about_strangers_name_them(
    registry: Registry, written: Written, dataset: Dataset, text: str, complaint: str
) -> None:
    path = written(text)
    with pytest.raises(BadData) as caught:
        registry.gt_sources["trec-qrels"].build(path=str(path)).judge(dataset)
    assert str(caught.value) == f"{path}: {complaint}"


def test_a_level_at_which_everything_is_relevant_is_refused(registry: Registry, written: Written) -> None:
    with pytest.raises(BadConfig, match=r"^trec-qrels: level 0 is not at least 1"):
        registry.gt_sources["trec-qrels"].build(path=str(written("q 0 d 0\n")), level=0)


SCIFACT = """\
dataset = "{data}"
criteria = "criteria.toml"

[grid]
retrievers = ["anserini"]
ground_truths = ["golden"]
metrics = ["ndcg@10", "recall@100"]
top_k = 1000

[[retriever]]
name = "anserini"
uses = "trec-run"
path = "{data}/golden/run.anserini-bm25-flat.trec.gz"

[[ground_truth]]
name = "golden"
uses = "trec-qrels"
path = "{data}/golden/qrels.trec"
"""


def test_anserinis_run_gets_the_figures_that_trec_eval_printed(shared: Callable[[str], Path], project: Project) -> None:
    project.toml = SCIFACT.format(data=shared("data/scifact"))
    memo = resolve(Wishes(project.write())).memo()
    scores = memo.scores("anserini", "golden")
    measured = [scores.measurement(metric) for metric in ("ndcg@10", "recall@100")]
    assert [(round(m.value or 0, 4), m.n) for m in measured] == [(0.6789, 300), (0.9253, 300)]
    assert memo.truth("golden").provenance.note == "qrels.trec"
    with pytest.raises(NotMeasured, match="'anserini' reads a stored run"):
        memo.latency("anserini")
