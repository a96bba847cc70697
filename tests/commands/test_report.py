"""python -m harness report, as it is typed: no dataset, no model, nothing but the run's folder."""

import json
import shutil
from datetime import datetime
from io import BytesIO

import openpyxl
import pytest
from runs import ONE, outcome, scores, stored, written

from harness.__main__ import main
from harness.config import Report
from harness.verdict.outcomes import State


@pytest.fixture
def run(tmp_path, monkeypatch):
    """A run's folder in reports/."""
    monkeypatch.chdir(tmp_path)
    kept = stored(
        [scores(ONE, recall_5=[1.0, 0.5]), outcome(ONE, State.MET)], report=Report(expected_saving="30 hours")
    )
    return written(kept, tmp_path / "reports")


@pytest.fixture
def report(capsys):
    """`report(*words)` gives the status and the lines of both streams."""

    def run(*words):
        status = main(["report", *map(str, words)])
        out, err = capsys.readouterr()
        return status, out.splitlines(), err.splitlines()

    return run


def test_the_pages_are_remade_in_place_byte_for_byte(run, report):
    pages = {path.name: path.read_bytes() for path in run.glob("report.*")}
    assert "report.md" in pages
    for name in pages:
        (run / name).write_text("lost")
    kept = {path.name for path in run.iterdir()}
    status, out, err = report("latest")
    assert (status, err) == (0, [])
    assert sorted(out) == sorted(str(run / name) for name in pages)
    assert {path.name: path.read_bytes() for path in run.glob("report.*")} == pages
    assert {path.name for path in run.iterdir()} == kept, "nothing else is left there"


def test_a_copy_of_the_folder_is_enough(run, report, tmp_path):
    shutil.copytree(run, tmp_path / "elsewhere")
    assert report(tmp_path / "elsewhere", "-o", "out.md")[0] == 0
    assert (tmp_path / "out.md").read_bytes() == (run / "report.md").read_bytes()


def test_language_and_saving_may_be_said_anew(run, report, tmp_path):
    before = (run / "report.md").read_bytes()
    assert report("latest", "-o", "out.md", "--report-language", "ko", "--saving", "연 1억 원")[0] == 0
    told = (tmp_path / "out.md").read_text(encoding="utf-8")
    assert "도입" in told
    assert "연 1억 원" in told
    assert "30 hours" not in told
    assert (run / "report.md").read_bytes() == before


def test_what_is_said_in_place_is_kept_with_the_run(run, report):
    pages = {path.name for path in run.glob("report.*")}
    status, out, _ = report("latest", "--report-language", "ko", "--saving", "연 1억 원")
    assert (status, set(out)) == (0, {str(run / name) for name in (*pages, "verdicts.json")})
    written = {path.name: path.read_bytes() for path in run.glob("report.*")}
    assert "연 1억 원" in written["report.md"].decode()
    assert report("latest")[0] == 0
    assert {path.name: path.read_bytes() for path in run.glob("report.*")} == written
    assert json.loads((run / "verdicts.json").read_text("utf-8"))["report"]["language"] == "ko"


def test_what_was_stated_stands_unless_it_is_said_anew(run, report, tmp_path):
    report("latest", "-o", "out.md")
    assert "30 hours" in (tmp_path / "out.md").read_text(encoding="utf-8")


def test_the_workbook_is_dated_by_the_run(run, report, tmp_path):
    assert report("latest", "-o", "out.xlsx") == (0, ["out.xlsx"], [])
    content = (tmp_path / "out.xlsx").read_bytes()
    made = openpyxl.load_workbook(BytesIO(content)).properties.created
    assert made == datetime.strptime(run.name[:16], "%Y%m%dT%H%M%SZ")  # noqa: DTZ007, openpyxl's is naive too
    report("latest", "-o", "out.xlsx")
    assert (tmp_path / "out.xlsx").read_bytes() == content


def test_the_workbook_speaks_korean(run, report, tmp_path):
    report("latest", "-o", "out.xlsx", "--report-language", "ko")
    workbook = openpyxl.load_workbook(tmp_path / "out.xlsx")
    assert workbook.worksheets[0]["A1"].value == "후보"


@pytest.mark.parametrize(("name", "end"), [("out.pdf", ".pdf"), ("out", "out")])
def test_another_suffix_is_one_line_with_those_there_are(run, report, tmp_path, name, end):
    status, out, (line,) = report("latest", "-o", name)
    assert (status, out) == (1, [])
    assert line.startswith(f"{name}: no report ends in {end!r}; there are: ")
    assert ".md" in line
    assert ".xlsx" in line
    assert not (tmp_path / name).exists()


def test_a_place_that_cannot_be_written_is_one_line_and_spoils_nothing(run, report, tmp_path):
    (tmp_path / "taken.md").mkdir()
    for name, reason in {"nowhere/out.md": "No such file or directory", "taken.md": "Is a directory"}.items():
        assert report("latest", "-o", name) == (1, [], [f"{name}: cannot be written: {reason}"])
    (tmp_path / "file").write_text("")
    assert report("latest", "-o", "file/out.md") == (1, [], ["file/out.md: cannot be written: Not a directory"])
    assert {path.name for path in tmp_path.iterdir()} == {"reports", "taken.md", "file"}


@pytest.mark.parametrize(
    "name", ["results.jsonl", "queries.jsonl", "samples.jsonl", "verdicts.json", "cases.json", "environment.json"]
)
@pytest.mark.parametrize("content", [None, b'{"kind', b"\xff\xfe", b"{}"])
def test_a_damaged_file_is_one_line_that_names_it(run, report, name, content):
    (run / name).unlink()
    if content is not None:
        (run / name).write_bytes(content)
    status, out, err = report("latest", "-o", "out.xlsx")
    assert (status, out, len(err)) == (1, [], 1)
    assert name in err[0]


def test_what_is_no_run_is_one_line(run, report, tmp_path):
    assert report(tmp_path) == (1, [], [f"{tmp_path} is no run: it has no results.jsonl"])
    assert report("nothing")[2][0].startswith("there is no run at nothing: unknown run 'nothing'. There are: ")
