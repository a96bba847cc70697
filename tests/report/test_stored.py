"""A stored run read back is the run that was written; what is wrong with a folder is one line with its place."""

import dataclasses
import json
from datetime import date
from math import inf

import pytest

from harness.config import Report, Waiver
from harness.errors import BadData
from harness.report import folder, stored
from harness.report.cases import NO_CASES
from harness.report.results import Results
from harness.report.rows import Samples, to_row
from harness.statistics.intervals import Bounds

WAIVER = Waiver(
    id="W-1", criterion="recall-at-5", system="bm25", owner="김", reason="시범 운영", expires=date(2030, 1, 31)
)


@pytest.fixture
def place(kept, tmp_path):
    """The run of `kept` in a folder."""
    return folder.write(kept.results, {}, tmp_path, kept.environment, kept.cases)


def test_every_row_is_read_back_as_it_was_written(place, kept):
    again = stored.read(place)
    assert again.results.told == kept.results.told
    assert again.results.queries == kept.results.queries
    assert again.results.verdicts == kept.results.verdicts
    assert again.results.truths == kept.results.truths
    assert (again.environment, again.cases) == (kept.environment, kept.cases)
    # A clock has nanoseconds; what follows is rounding of binary fractions.
    (total,) = kept.results.samples
    assert again.results.samples == [Samples(total.system, "total", [20.0, 0.3])]


def test_so_is_what_it_was_judged_by(place, kept):
    again = stored.read(place).results
    for name in ("dataset", "policy", "systems", "report"):
        assert getattr(again, name) == getattr(kept.results, name), name
    assert list(again.systems) == list(kept.results.systems), "in the grid's order"


def test_waivers_language_and_point_estimates_are_read_back(results, kept, tmp_path):
    points = results.policy.model_copy(update={"point_estimates": True})
    report = Report(language="ko", expected_saving="주 3시간")
    other = Results(results.dataset, points, results.systems, [WAIVER], report)
    other.add(map(to_row, results.told))
    again = stored.read(folder.write(other, {}, tmp_path, kept.environment, NO_CASES)).results
    assert (again.waivers, again.report, again.policy.point_estimates) == ([WAIVER], report, True)


def test_a_row_of_infinite_bounds_survives(place):
    rows = [row for row in stored.read(place).results.measurements if row.stratum == "query=picture"]
    assert [(row.value, row.bounds) for row in rows] == [(41.0, Bounds(-inf, inf, -inf, inf))]
    assert inf in [row.value for row in stored.read(place).results.measurements]


def test_numbers_lose_no_digit(results, kept, tmp_path):
    row = dataclasses.replace(results.measurements[0], value=0.1 + 0.2, bounds=Bounds(1 / 3, 2 / 3, 5e-324, 0.1 + 0.7))
    results.add([to_row(row)])
    again = stored.read(folder.write(results, {}, tmp_path, kept.environment, NO_CASES))
    assert row in again.results.measurements


def test_latest_may_be_a_link_or_a_line(place):
    latest = place.parent / "latest"
    assert stored.read(latest).results.told == stored.read(place).results.told
    latest.unlink()
    latest.write_text(f"{place.name}\n")
    assert stored.followed(latest) == place
    assert stored.read(latest).results.told == stored.read(place).results.told


def test_a_folder_that_is_no_run_says_so(tmp_path):
    with pytest.raises(BadData, match=r"^.* is no run: it has no results\.jsonl$"):
        stored.read(tmp_path)
    with pytest.raises(BadData, match=r"nowhere is no run: it has no results\.jsonl$"):
        stored.read(tmp_path / "nowhere")


def spoil(path, change):
    """A file of JSON with one thing changed."""
    content = json.loads(path.read_text("utf-8"))
    change(content)
    path.write_text(json.dumps(content), encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "line", "text", "said"),
    [
        ("results.jsonl", 2, "{", "results.jsonl:2: not JSON: "),
        ("results.jsonl", 1, "[]", "results.jsonl:1: needs an object"),
        ("results.jsonl", 3, '{"kind": "measurment"}', "results.jsonl:3: unknown kind of row 'measurment'. Did you mean"),
        ("queries.jsonl", 1, '{"kind": "queries"}', "queries.jsonl:1: queries: system: "),
        ("samples.jsonl", 1, '{"kind": "samples", "system": "a", "stage": "total", "milliseconds": ["x"]}',
         "samples.jsonl:1: samples: milliseconds.0: "),
    ],
)  # fmt: skip
def test_a_broken_line_is_named(place, name, line, text, said):
    lines = (place / name).read_text("utf-8").splitlines()
    lines[line - 1] = text
    (place / name).write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(BadData) as caught:
        stored.read(place)
    assert said in str(caught.value)
    assert str(place) in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "change", "said"),
    [
        ("verdicts.json", lambda told: told.pop("policy"), "verdicts.json: has no 'policy'; it was written by another version"),
        ("verdicts.json", lambda told: told["dataset"].update(items="many"), "verdicts.json: dataset.items: "),
        ("verdicts.json", lambda told: told["policy"]["criterion"][0].update(go="80 kg"), "verdicts.json: policy.criterion.0: "),
        ("verdicts.json", lambda told: told["waivers"].append({"id": "W"}), "verdicts.json: waivers.0.criterion: "),
        ("verdicts.json", lambda told: told["report"].update(language="fr"), "verdicts.json: report.language: "),
        ("cases.json", lambda told: told["cases"][0].pop("query"), "cases.json: cases.json.cases.0.query: "),
    ],
)  # fmt: skip
def test_what_another_version_wrote_is_one_line(place, name, change, said):
    spoil(place / name, change)
    with pytest.raises(BadData) as caught:
        stored.read(place)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["queries.jsonl", "samples.jsonl", "verdicts.json", "cases.json", "environment.json"])
def test_a_file_that_is_missing_or_no_text_is_named(place, name):
    (place / name).write_bytes(b"\xff\xfe")
    with pytest.raises(BadData, match=rf"{name}: cannot be read: "):
        stored.read(place)
    (place / name).unlink()
    with pytest.raises(BadData, match=rf"{name}: cannot be read: No such file or directory$"):
        stored.read(place)


def test_a_json_file_that_is_cut_short_is_named(place):
    path = place / "environment.json"
    path.write_text(path.read_text("utf-8")[:-20], encoding="utf-8")
    with pytest.raises(BadData, match=r"environment\.json: not JSON: "):
        stored.read(place)
