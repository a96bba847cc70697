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
from harness.report import environment, folder, stored

ONE = "qwen3-vl-2b+hybrid-a0.5"
DATA = {"accuracy.csv", "search_results.csv", "performance_results.csv", "results.jsonl", "queries.jsonl",
        "samples.jsonl", "verdicts.json", "cases.json", "environment.json", "runs"}  # fmt: skip


@pytest.fixture
def write(results, cases, dataset):
    """`write(where)` leaves the run there; gives its folder."""

    def written(where, **beside):
        runs = {ranking.system: ranking.run(dataset) for ranking in results.rankings} | beside
        return folder.write(
            results, runs, where, environment.capture(results.dataset, ["pytest", "benchmarks/"]), cases
        )

    return written


def rows(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_everything_is_there_and_can_be_read_back(write, tmp_path):
    place = write(tmp_path / "new" / "reports")
    names = {path.name for path in place.iterdir()}
    assert names == DATA | folder.pages(stored.read(place)).keys()
    assert "report.md" in names
    assert read_run(place / "runs" / f"{ONE}.trec") == {name: {"D3": 2.0, "D2": 1.0} for name in ("Q0", "Q1", "Q2")}
    kinds = [row["kind"] for row in rows(place / "results.jsonl")]
    assert {kind: kinds.count(kind) for kind in kinds} == {"measurement": 17, "outcome": 3, "finding": 3, "truth": 1}
    assert rows(place / "samples.jsonl")[0]["milliseconds"] == [20.0, 0.3]
    assert rows(place / "queries.jsonl")[0]["values"]["recall@5"] == [0.75, None]


def test_the_pages_made_again_from_the_folder_are_the_same_to_the_last_byte(write, tmp_path):
    place = write(tmp_path)
    for name, text in folder.pages(stored.read(place)).items():
        assert (place / name).read_bytes() == text.encode(), name


def test_verdicts_json_says_decision_policy_and_dataset(write, tmp_path):
    told = json.loads((write(tmp_path) / "verdicts.json").read_text(encoding="utf-8"))
    assert [verdict["decision"] for verdict in told["verdicts"]] == ["GO", "NO-GO"]
    first, second = told["verdicts"][1]["criteria"]
    assert (first["state"], first["value"], first["bounds"]["at_most"]) == ("ruled out", 2 / 3, 0.69)
    assert first["sentence"] == (
        "recall@5 on labels is 0.667 (n = 3, at most 0.690): ruled out, needs >= 0.800, and < 0.700 is no-go"
    )
    assert (second["state"], second["value"], second["sentence"]) == (
        "not measured", None, "latency-p95: not asked in this run",
    )  # fmt: skip
    assert told["policy"]["criterion"][0]["go"] == "80 %"
    assert [told["dataset"][key] for key in ("name", "digest", "synthetic", "items")] == ["tiny", "c0ffee", True, 4]
    assert (told["waivers"], told["report"]) == ([], {"language": "en", "expected_saving": ""})


def test_infinity_is_a_word_because_json_has_no_number_for_it(write, tmp_path):
    def refuse(name):
        raise AssertionError(f"{name} is no JSON")

    lines = (write(tmp_path) / "results.jsonl").read_text(encoding="utf-8").splitlines()
    told = [json.loads(line, parse_constant=refuse) for line in lines]
    assert "inf" in [row.get("value") for row in told]
    unbounded = {"at_least": "-inf", "at_most": "inf", "low": "-inf", "high": "inf"}
    assert unbounded in [row.get("bounds") for row in told]


def test_latest_is_a_relative_link_to_the_last_run(write, tmp_path):
    first, second = write(tmp_path), write(tmp_path)
    assert first != second
    assert (tmp_path / "latest").readlink().name == second.name
    assert not (tmp_path / "latest").readlink().is_absolute()
    assert (tmp_path / "latest" / "report.md").is_file()


def test_many_writers_at_once_keep_out_of_each_others_way(write, tmp_path):
    with ThreadPoolExecutor(8) as pool:
        places = list(pool.map(lambda _: write(tmp_path), range(16)))
    assert len(set(places)) == 16
    assert {path.name for path in tmp_path.iterdir()} == {"latest", *(place.name for place in places)}
    assert all({path.name for path in place.iterdir()} >= {*DATA, "report.md"} for place in places)


@contextmanager
def little_room():
    """A real limit of the kernel: meanwhile no file of this process may grow beyond 100 bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_disk_without_room_is_one_line_and_leaves_nothing_half_written(write, tmp_path):
    with pytest.raises(HarnessError) as told, little_room():
        write(tmp_path)
    assert str(told.value) == f"reports were not written: {tmp_path}: File too large; the summary above is complete"
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_a_folder_is_one_line(write, tmp_path):
    (tmp_path / "reports").write_text("I am a file")
    with pytest.raises(HarnessError, match=r"reports were not written: .*reports: Not a directory; the summary"):
        write(tmp_path / "reports")


def test_a_latest_that_cannot_be_moved_costs_only_itself(write, tmp_path):
    (tmp_path / "latest" / "kept").mkdir(parents=True)
    with pytest.raises(HarnessError, match=r"is complete, but latest does not point there: .*directory"):
        write(tmp_path)
    assert [path.name for path in tmp_path.glob("*Z-*/report.md")] == ["report.md"]


def test_ids_without_room_in_a_trec_file_cost_only_that_file(write, tmp_path):
    run = Run.of(("a query",), ("D0",), np.array([[0]]), np.array([[1.0]]))
    place = write(tmp_path, bm25=run)
    assert {path.name for path in (place / "runs").iterdir()} == {"bm25.txt", f"{ONE}.trec"}
    assert "holds white space" in (place / "runs" / "bm25.txt").read_text()
