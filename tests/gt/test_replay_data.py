"""The documents' numbers as rows: in the format of a run, each traceable, and each what it is called."""

import json
import os
import re
from collections import Counter
from math import isclose
from pathlib import Path

import pytest

from harness.ranking.measures import Metric
from harness.report.rows import to_row
from harness.verdict.measurement import Measurement

ROOT = Path(__file__).parents[2]
REPLAY = ROOT / "gt" / "replay"
FILES = {path.stem: path for path in sorted(REPLAY.glob("*.jsonl"))}
SEEDS = Path(os.environ.get("HARNESS_SHARED", ROOT.parent / "shared")) / "seeds"
PRINTED_IN = {
    "v1": "v1.0.0", "v1.1": "v2.0.0", "v1.1-bm25": "v2.0.0", "v2": "v2.0.0", "review": "", "review-reranker": ""
}  # fmt: skip
ELSEWISE = {
    "vram-allocated": "4.33GB", "stability": "| Successes | 1,000 |", "hit@1 of llm": "(0/100)",
    "throughput of v1": "**43.2**", "throughput of v2": "~12.8",
}  # fmt: skip
"""What is printed neither as a share in percent nor as milliseconds."""


def rows(name):
    lines = FILES[name].read_text("utf-8").splitlines()
    return [Measurement(**{key: value for key, value in json.loads(line).items() if key != "kind"}) for line in lines]


def test_the_files_are_those_of_the_table():
    assert set(FILES) == set(PRINTED_IN)


@pytest.mark.parametrize("name", FILES)
def test_a_line_is_what_a_run_would_write(name):
    written = "".join(f"{json.dumps(to_row(row), ensure_ascii=False)}\n" for row in rows(name))
    assert FILES[name].read_text("utf-8") == written
    for row in rows(name):
        measure = Metric.parse(row.metric).measure
        assert measure.low <= row.value <= measure.high and row.n > 0 and not row.reason
        assert bool(row.ground_truth) is (measure.kind == "accuracy") is (row.level == 1)


@pytest.mark.parametrize("name", FILES)
def test_no_cell_stands_twice_in_a_file(name):
    """What reads a run keeps the last row of a cell; of these none may be lost."""
    cells = Counter((r.system, r.metric, r.ground_truth, r.level, r.stratum, r.scenario) for r in rows(name))
    assert [cell for cell, times in cells.items() if times > 1] == []


def test_the_readme_accounts_for_every_row():
    table = re.findall(r"^\| `(.+?)\.jsonl` \|.* \| (\d+) \|$", (REPLAY / "README.md").read_text("utf-8"), re.MULTILINE)
    told = Counter()
    for name, count in table:
        told[name] += int(count)
    assert told == {name: len(rows(name)) for name in FILES}


def is_count(row):
    return abs(row.value - round(row.value * row.n) / row.n) <= 0.0005


@pytest.mark.parametrize("name", FILES)
def test_hits_are_whole_numbers_of_queries_and_recalls_are_not(name):
    """Top-5 was both. A table of recalls is one in which at least one column cannot be a count of queries."""
    tables = {}
    for row in rows(name):
        measure = Metric.parse(row.metric).measure.name
        assert measure != "hit" or is_count(row)
        if measure == "recall" and row.stratum == "all" and row.scenario != "S3":
            tables.setdefault((row.system, row.ground_truth), []).append(is_count(row))
    assert [table for table, counts in tables.items() if all(counts)] == []


def test_the_parts_of_a_whole_give_the_whole():
    """So the category sizes, of which the documents print only those of the 100 items, can be relied on."""
    compared = 0
    for name in FILES:
        every = rows(name)
        for whole in (row for row in every if row.stratum == "all" and row.ground_truth):
            parts = [
                r
                for r in every
                if "category=" in r.stratum
                and (r.system, r.metric, r.ground_truth) == (whole.system, whole.metric, whole.ground_truth)
            ]
            if parts:
                compared += 1
                assert sum(part.n for part in parts) == whole.n
                assert isclose(sum(r.n * r.value for r in parts) / whole.n, whole.value, abs_tol=0.00101)
    assert compared == 9


def documents():
    """The text of each version: a report names its own, the review none."""
    texts = [path.read_text("utf-8") for path in sorted(SEEDS.glob("*.txt"))]
    reports = [(re.search(r"\*\*버전\*\*: (v[\d.]+)", text), text) for text in texts if "POC-REPORT\n" in text]
    review = next(text for text in texts if "(Image-Only Query)" in text)
    return {version[1]: text for version, text in reports} | {"": review}


def printed(name, row):
    measure = Metric.parse(row.metric).measure
    if measure.unit == "ms":
        return [f"{row.value}ms"]
    for key in (row.metric, f"{row.metric} of {row.ground_truth}", f"{row.metric} of {name}"):
        if key in ELSEWISE:
            return [ELSEWISE[key]]
    return [f"{100 * row.value:.1f}%", f"{100 * row.value:.0f}%" if row.value == 1 else ""]


@pytest.mark.skipif(not SEEDS.is_dir(), reason="the documents are not here")
@pytest.mark.parametrize("name", FILES)
def test_every_value_is_printed_in_its_document(name):
    text = documents()[PRINTED_IN[name]]
    missing = [row for row in rows(name) if not any(way and way in text for way in printed(name, row))]
    assert missing == []
