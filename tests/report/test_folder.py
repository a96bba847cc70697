"""reports/<run>/ is there completely or not at all."""

import json
import resource
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import numpy as np
import pytest

from harness.data.formats.trec import read_run
from harness.data.run import Run
from harness.errors import HarnessError
from harness.report import environment, folder

ONE = "qwen3-vl-2b+hybrid-a0.5"
FILES = {"report.md", "accuracy.csv", "search_results.csv", "performance_results.csv", "results.jsonl",
         "samples.jsonl", "verdicts.json", "environment.json", "runs"}  # fmt: skip


def write(results, where):
    told = environment.capture(results.dataset, ["pytest"])
    return folder.write(results, results.runs, where, told, ["pytest"])


def rows(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_everything_is_there_and_can_be_read_back(results, tmp_path):
    place = write(results, tmp_path / "new" / "reports")
    assert {path.name for path in place.iterdir()} == FILES
    assert read_run(place / "runs" / f"{ONE}.trec") == {name: {"D3": 2.0, "D2": 1.0} for name in ("Q0", "Q1", "Q2")}
    assert [row["kind"] for row in rows(place / "results.jsonl")].count("measurement") == 16
    assert rows(place / "samples.jsonl")[0]["milliseconds"] == [20.0, 0.3]


def test_verdicts_json_says_decision_policy_and_dataset(results, tmp_path):
    told = json.loads((write(results, tmp_path) / "verdicts.json").read_text(encoding="utf-8"))
    assert [verdict["decision"] for verdict in told["verdicts"]] == ["GO", "NO-GO"]
    assert told["verdicts"][1]["criteria"][1] == {"criterion": "latency-p95", "state": "not measured", "value": None,
                                                  "sentence": "latency-p95: not asked in this run"}  # fmt: skip
    assert told["policy"]["criterion"][0]["go"] == "80 %"
    assert told["dataset"] == {"name": "tiny", "digest": "c0ffee", "synthetic": True}


def test_infinity_is_a_word_because_json_has_no_number_for_it(results, tmp_path):
    def refuse(name):
        raise AssertionError(f"{name} is no JSON")

    lines = (write(results, tmp_path) / "results.jsonl").read_text(encoding="utf-8").splitlines()
    assert "inf" in [json.loads(line, parse_constant=refuse).get("value") for line in lines]


def test_latest_is_a_relative_link_to_the_last_run(results, tmp_path):
    first, second = write(results, tmp_path), write(results, tmp_path)
    assert first != second
    assert (tmp_path / "latest").readlink().name == second.name
    assert not (tmp_path / "latest").readlink().is_absolute()
    assert (tmp_path / "latest" / "report.md").is_file()


def test_many_writers_at_once_keep_out_of_each_others_way(results, tmp_path):
    with ThreadPoolExecutor(8) as pool:
        places = list(pool.map(lambda _: write(results, tmp_path), range(16)))
    assert len(set(places)) == 16
    assert {path.name for path in tmp_path.iterdir()} == {"latest", *(place.name for place in places)}
    assert all({path.name for path in place.iterdir()} == FILES for place in places)


@contextmanager
def little_room():
    """A real limit of the kernel: meanwhile no file of this process may grow beyond 100 bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_disk_without_room_is_one_line_and_leaves_nothing_half_written(results, tmp_path):
    with pytest.raises(HarnessError) as told, little_room():
        write(results, tmp_path)
    assert str(told.value) == f"reports were not written: {tmp_path}: File too large; the summary above is complete"
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_a_folder_is_one_line(results, tmp_path):
    (tmp_path / "reports").write_text("I am a file")
    with pytest.raises(HarnessError, match=r"reports were not written: .*reports: Not a directory; the summary"):
        write(results, tmp_path / "reports")


def test_a_latest_that_cannot_be_moved_costs_only_itself(results, tmp_path):
    (tmp_path / "latest" / "kept").mkdir(parents=True)
    with pytest.raises(HarnessError, match=r"is complete, but latest does not point there: .*directory"):
        write(results, tmp_path)
    assert [path.name for path in tmp_path.glob("*Z-*/report.md")] == ["report.md"]


def test_ids_without_room_in_a_trec_file_cost_only_that_file(results, tmp_path):
    run = Run.of(("a query",), ("D0",), np.array([[0]]), np.array([[1.0]]))
    place = folder.write(results, {"bm25": run, **results.runs}, tmp_path, environment.capture(results.dataset, []), [])
    assert {path.name for path in (place / "runs").iterdir()} == {"bm25.txt", f"{ONE}.trec"}
    assert "holds white space" in (place / "runs" / "bm25.txt").read_text()
