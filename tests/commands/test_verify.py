"""python -m harness verify, as a user types it: files are searched for contradictions, folders are computed again."""

import json
import os
import shutil
from pathlib import Path

import pytest
from played import play

from harness.__main__ import main
from harness.report import stored
from harness.report.folder import pages
from harness.report.rows import to_row
from harness.review.remade import TABLES
from harness.statistics.intervals import Bounds
from harness.verdict.measurement import Measurement

REPLAY = Path(__file__).parents[2] / "gt" / "replay"
OURS = "qwen3-vl-2b-meanpool+dense"
IMPOSSIBLE = (
    f"{OURS} on hybrid: recall@10 0.896 is above hit@10 0.885: a query with a relevant item found is a hit",
    f"{OURS} on hybrid: recall@5 is 0.772 and 0.809: one cell has one value",
    f"{OURS} on llm: mrr 0.515 is above 0.500, the most that can be with hit@1 0.000",
)
"""What SEEDS calls arithmetic that cannot be, in its order."""
MORE = (
    f"{OURS} on hybrid: mrr is 0.542 and 0.544 and 0.569: one cell has one value",
    f"{OURS} on hybrid: mrr is 0.496 and 0.498: one cell has one value",
)
NOTES = (
    f"{OURS}: throughput 43.2 items/s is one over latency-mean 23.2 ms: a batch of one",
    f"{OURS}: throughput is 43.2 items/s on poc-100 and 3.8 items/s on poc-176443: not one speed",
)


def verify(capsys, *words):
    status = main(["verify", *map(str, words)])
    out, err = capsys.readouterr()
    return status, out.splitlines(), err


@pytest.fixture(scope="module")
def played(tmp_path_factory):
    return play(tmp_path_factory.mktemp("played") / "project")


@pytest.fixture
def run(played, tmp_path, monkeypatch):
    """A copy of the project with its run, in which the user stands: the run's folder, as it is typed."""
    project = Path(shutil.copytree(played.parents[1], tmp_path / "project", symlinks=True))
    monkeypatch.chdir(project)
    return Path("reports", played.name)


def test_all_that_cannot_be_in_the_documents_is_found(capsys):
    status, lines, err = verify(capsys, *sorted(REPLAY.glob("*.jsonl")))
    assert (status, err) == (1, "")
    assert {line for line in lines if line.startswith("wrong: ")} == {f"wrong: {told}" for told in (*IMPOSSIBLE, *MORE)}
    assert [line for line in lines if line.startswith("note: ")] == [f"note: {told}" for told in NOTES]
    assert lines[-1] == "checked: 136 measurements of 6 files"


@pytest.mark.parametrize("told", IMPOSSIBLE)
def test_each_takes_the_files_in_which_it_stands(capsys, told):
    """The two that need two documents are in no single file; the third is in v1.1 alone."""
    alone = [path for path in REPLAY.glob("*.jsonl") if f"wrong: {told}" in verify(capsys, path)[1]]
    assert [path.name for path in alone] == (["v1.1.jsonl"] if "llm" in told else [])


def test_a_file_that_can_be_true_is_status_0(capsys):
    status, lines, _ = verify(capsys, REPLAY / "v1.jsonl")
    assert (status, lines) == (0, [f"note: {NOTES[0]}", "checked: 48 measurements of 1 file"])


def test_bounds_that_cannot_be_are_status_1(tmp_path, capsys):
    row = Measurement("ours", "hit@5", 0.5, 60, ground_truth="labels", bounds=Bounds(0.8, 0.9, 0.7, 0.95))
    (tmp_path / "ours.jsonl").write_text(json.dumps(to_row(row)) + "\n", "utf-8")
    status, lines, _ = verify(capsys, tmp_path / "ours.jsonl")
    assert status == 1
    assert lines[0] == "wrong: ours on labels: hit@5: at_least 0.8 is above its value 0.5"


def test_a_run_as_it_was_left_is_status_0(run, capsys):
    status, lines, err = verify(capsys, run)
    assert (status, err) == (0, "")
    assert lines[0].startswith(f"the same: {run}: rankings 4, item banks 1, ground truths 1, measurements ")
    assert "not computed again: 36 values by scenario: their rankings are not stored" in lines
    assert not any(line.startswith("wrong") for line in lines)


@pytest.mark.parametrize("link", [True, False])
def test_latest_is_followed(run, capsys, link):
    latest = run.parent / "latest"
    latest.unlink()
    if link:
        latest.symlink_to(run.name, target_is_directory=True)
    else:
        latest.write_text(f"{run.name}\n")
    assert verify(capsys, latest)[0] == 0


@pytest.mark.parametrize("name", ["accuracy.csv", "report.md", "report.html", "search_results.csv"])
def test_one_digit_in_a_page_is_status_1(run, capsys, name):
    text = (run / name).read_text("utf-8")
    assert "0.5" in text
    (run / name).write_text(text.replace("0.5", "0.6", 1), "utf-8")
    status, lines, _ = verify(capsys, run)
    wrong = [line for line in lines if line.startswith("wrong: ")]
    assert status == 1 and len(wrong) == 1
    assert (
        wrong[0].startswith(f"wrong: {name}:") and "0.6" in wrong[0] and "made again" in wrong[0] and "0.5" in wrong[0]
    )


def test_an_impossible_number_in_a_run_is_told_as_both(run, capsys):
    rows = (run / "results.jsonl").read_text("utf-8")
    old = '"system": "words", "metric": "hit@10", "value": 1.0'
    assert old in rows
    (run / "results.jsonl").write_text(rows.replace(old, old.replace("1.0", "0.75"), 1), "utf-8")
    status, lines, _ = verify(capsys, run)
    assert status == 1
    assert "wrong: results.jsonl: hit@10 of words on labels (all): value is 0.75, computed again 1.0" in lines
    assert any("recall@10 1.000 is above hit@10 0.750" in line for line in lines)


def test_what_nobody_can_compute_again_can_still_be_impossible(run, capsys):
    """A value by scenario, with every page made to agree."""
    rows = (run / "results.jsonl").read_text("utf-8").splitlines(keepends=True)
    place = next(i for i, line in enumerate(rows) if '"metric": "hit@10"' in line and '"scenario": "S1"' in line)
    rows[place] = rows[place].replace('"value": 1.0', '"value": 0.75')
    (run / "results.jsonl").write_text("".join(rows), "utf-8")
    kept = stored.read(run)
    made = {name: table(kept.results) for name, table in TABLES.items()} | pages(kept)
    for name, text in made.items():
        (run / name).write_text(text, "utf-8")
    status, lines, _ = verify(capsys, run)
    wrong = [line for line in lines if line.startswith("wrong: ")]
    assert status == 1
    assert any("recall@10 1.000 is above hit@10 0.750" in line for line in wrong)
    assert not any("computed again" in line or "made again" in line for line in wrong)


def test_files_and_folders_are_checked_side_by_side(run, capsys):
    status, lines, _ = verify(capsys, run, run / "results.jsonl", REPLAY / "v1.jsonl")
    assert status == 0
    assert lines[-1].startswith("checked: ") and lines[-1].endswith(" measurements of 2 files")
    assert verify(capsys, run, *REPLAY.glob("*.jsonl"))[0] == 1


def test_another_bank_is_one_line_until_it_is_named(run, capsys, tmp_path):
    shutil.copytree("bank", tmp_path / "kept")
    with Path("bank/corpus.jsonl").open("a", encoding="utf-8") as corpus:
        corpus.write('{"_id": "d9", "text": "a"}\n')
    status, lines, err = verify(capsys, run)
    assert (status, lines) == (1, [])
    assert "another item bank" in err and "name the right one: --dataset PATH" in err and err.count("\n") == 1
    (tmp_path / "bank").mkdir()
    shutil.copytree(tmp_path / "kept", tmp_path / "bank", dirs_exist_ok=True)
    assert verify(capsys, run, "--dataset", tmp_path / "bank")[0] == 0


def test_it_is_told_where_harness_toml_is(run, capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    folder = Path("project") / run
    assert "does not exist" in verify(capsys, folder)[2]
    assert verify(capsys, folder, "--harness-toml", "project/harness.toml")[0] == 0


def test_what_is_no_run_is_one_line(tmp_path, capsys):
    status, lines, err = verify(capsys, tmp_path)
    assert (status, lines, err) == (1, [], f"{tmp_path} is no run: it has no results.jsonl\n")
    status, _, err = verify(capsys, tmp_path / f"none{os.extsep}jsonl")
    assert status == 1 and "cannot be read" in err
