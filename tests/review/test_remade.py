"""Every report that lies in a run's folder is made again in its own language."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from played import play

from harness.report import stored
from harness.report.book.workbook import book
from harness.report.folder import pages
from harness.review.remade import files
from harness.review.runs import made
from harness.review.sameness import Differences
from harness.words import words


@pytest.fixture(scope="module")
def played(tmp_path_factory):
    """With a Korean page of each kind and a workbook beside the English ones."""
    folder = play(tmp_path_factory.mktemp("remade") / "project", "-k", "accuracy or latency or go_nogo")
    kept = stored.read(folder)
    report = kept.results.report.model_copy(update={"language": "ko"})
    korean = replace(kept, results=replace(kept.results, report=report))
    for name, text in pages(korean).items():
        (folder / name.replace("report.", "report.ko.")).write_text(text, "utf-8")
    (folder / "report.xlsx").write_bytes(book(korean, words("ko"), made(folder)))
    return folder


@pytest.fixture
def run(played, tmp_path):
    return Path(shutil.copytree(played, tmp_path / "run"))


def found(folder):
    differences = Differences()
    files(differences, stored.read(folder), folder)
    return differences


def test_all_are_the_same_whatever_the_folder_is_called(run):
    differences = found(run)
    assert differences.sentences == []
    assert differences.same["files"] == 3 + 4 + 1


@pytest.mark.parametrize("name", ["report.md", "report.html", "report.ko.md", "report.ko.html"])
def test_a_digit_in_any_language_is_told_beside_the_page_of_that_language(run, name):
    text = (run / name).read_text("utf-8")
    place = text.rindex("0.5")
    (run / name).write_text(f"{text[:place]}0.6{text[place + 3 :]}", "utf-8")
    (sentence,) = found(run).sentences
    assert sentence.startswith(f"{name}:") and "0.6" in sentence and "0.5" in sentence


def test_a_page_that_nobody_asked_for_is_read_too(run):
    (run / "report-final.html").write_text("<p>GO</p>")
    assert found(run).sentences[0].startswith("report-final.html:1: is '<p>GO</p>'")


def test_a_page_that_is_gone_is_missing(run):
    (run / "report.html").unlink()
    (run / "report.ko.html").unlink()
    assert found(run).sentences == ["report.html is missing"]


def test_another_workbook_is_told(run):
    kept = stored.read(run)
    report = kept.results.report.model_copy(update={"expected_saving": "all of it"})
    other = replace(kept, results=replace(kept.results, systems={}, report=report))
    (run / "report.xlsx").write_bytes(book(other, words("en"), made(run)))
    assert found(run).sentences == ["report.xlsx: its sheets are not those that are made again"]
    (run / "report.xlsx").write_bytes(b"PK")
    assert found(run).sentences == ["report.xlsx is no workbook"]
