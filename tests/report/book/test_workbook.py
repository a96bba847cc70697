"""report.xlsx, read back by openpyxl: another program, which knows nothing of the one that wrote it."""

import zipfile
from dataclasses import replace
from datetime import UTC, date, datetime
from io import BytesIO

import numpy as np
import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from runs import BASE, CRITERIA, ENVIRONMENT, ONE, SYSTEMS, TWO, description, outcome, scores, stored, timed

from harness.config import Report, Waiver
from harness.report.book.workbook import MOST_UNITS, book, fitting, limited
from harness.report.book.worksheets import sheets
from harness.report.drawing import printable
from harness.report.rows import Finding, Samples
from harness.statistics.intervals import Bounds
from harness.verdict.measurement import Measurement
from harness.verdict.outcomes import State
from harness.words import ENGLISH, Words, words

WHEN = datetime(2026, 11, 21, 5, 0, 29, tzinfo=UTC)
BOUNDS = Bounds(0.81, 0.97, 0.79, 0.98)
WAIVER = Waiver(
    id="W1", criterion="recall-at-5", system=TWO, owner="Kim", reason="until the new bank", expires=date(2027, 1, 31)
)
NAMES = [
    "verdicts",
    "criteria",
    "findings",
    "accuracy",
    "queries",
    "comparisons",
    "latency",
    "performance",
    "waivers",
    "environment",
]


def whole():
    return stored(
        [
            scores(ONE, recall_5=[1.0, None, 0.5], mrr=[1 / 3, None, 0.25]),
            scores(BASE, recall_5=[0.0, 1.0], sources=["D1", "D2"]),
            Measurement(ONE, "recall@5", 0.9, 4, "tiny", "labels", 2, "category=text", ceiling=0.95, bounds=BOUNDS),
            Measurement(BASE, "recall@5", None, 0, "tiny", "labels", 2, reason="says nothing", struck="its own"),
            timed(ONE, "latency-p95", 30.54, bounds=Bounds(29.0, 33.0, 28.0, float("inf"))),
            timed(ONE, "latency-p95", 41.0, stratum="query=picture"),
            timed(ONE, "vram-device", None, reason="no GPU"),
            timed(ONE, "vram-reserved", None, reason="no GPU"),
            timed(ONE, "stability", 1.0),
            timed(BASE, "throughput", 1843.25),
            outcome(ONE, State.MET, bounds=BOUNDS),
            outcome(TWO, State.RULED_OUT, -0.25, baseline=BASE, own=0.25, theirs=0.5),
            Samples(ONE, "total", [float(n) for n in range(200, 0, -1)]),
            Finding(ONE, "cannot read formulas"),
        ],
        waivers=[WAIVER],
        report=Report(expected_saving="30 hours a month"),
    )


def opened(kept, say=ENGLISH):
    return openpyxl.load_workbook(BytesIO(book(kept, say, WHEN)))


def rows(sheet):
    """Each row by its header; cells that are empty are left out."""
    header, *below = sheet.iter_rows(values_only=True)
    return [{name: cell for name, cell in zip(header, row, strict=True) if cell is not None} for row in below]


def test_there_is_a_sheet_for_every_kind_of_row():
    workbook = opened(whole())
    assert workbook.sheetnames == NAMES
    for sheet in workbook:
        assert sheet.freeze_panes == "A2"
        assert sheet.auto_filter.ref == sheet.dimensions
        assert all(cell.font.b for cell in sheet[1])


def test_a_run_of_nothing_has_its_headers():
    workbook = opened(stored([]))
    assert workbook.sheetnames == NAMES
    assert [sheet.max_row for sheet in workbook][:-1] == [1] * 9


def test_verdicts_say_on_what_and_by_what():
    bank = description(synthetic=True)
    told = rows(opened(stored([outcome(ONE, State.MET)], bank=bank, criteria=CRITERIA[:1]))["verdicts"])
    assert told == [{"candidate": ONE, "verdict": "GO", "what stands in the way": "every criterion is met",
                     "policy": "house", "dataset": "tiny (SYNTHETIC)"}]  # fmt: skip


def test_a_criterion_has_its_state_value_bounds_and_sentence():
    met, missing, ruled, _ = rows(opened(whole())["criteria"])
    numbers = {name: met[name] for name in ("value", "n", "at least", "at most", "low", "high", "go")}
    assert numbers == {"value": 0.9, "n": 4, "at least": 0.81, "at most": 0.97, "low": 0.79, "high": 0.98, "go": 0.8}
    assert (met["candidate"], met["criterion"], met["state"], met["metric"], met["ground truth"]) == (
        ONE, "recall-at-5", "met", "recall@5", "labels",
    )  # fmt: skip
    assert met["sentence"] == "recall@5 on labels is 0.900 (n = 4, at least 0.810): met, needs >= 0.800"
    assert (missing["state"], missing["unit"]) == ("not measured", "ms")
    assert "value" not in missing
    assert (ruled["value"], ruled["baseline"], ruled["own"], ruled["theirs"]) == (-0.25, BASE, 0.25, 0.5)


def test_accuracy_is_long_with_bounds_and_reasons():
    told = rows(opened(whole())["accuracy"])
    (bounded,) = (row for row in told if row["stratum"] == "category=text")
    assert bounded == {"system": ONE, "role": "candidate", "dataset": "tiny", "ground truth": "labels", "level": 2,
                       "stratum": "category=text", "metric": "recall@5", "value": 0.9, "n": 4, "at least": 0.81,
                       "at most": 0.97, "low": 0.79, "high": 0.98, "ceiling": 0.95}  # fmt: skip
    (none,) = (row for row in told if row.get("reason"))
    assert (none["n"], none["reason"], none["struck"]) == (0, "says nothing", "its own")
    assert "value" not in none, "not measured is empty, never 0"


def test_queries_have_a_column_per_metric():
    told = rows(opened(whole())["queries"])
    assert told[0] == {
        "system": ONE,
        "ground truth": "labels",
        "level": 2,
        "query": "Q0",
        "recall@5": 1,
        "mrr": pytest.approx(1 / 3),
    }
    assert told[1] == {"system": ONE, "ground truth": "labels", "level": 2, "query": "Q1"}
    assert told[3] == {
        "system": BASE,
        "ground truth": "labels",
        "level": 2,
        "query": "Q0",
        "source item": "D1",
        "recall@5": 0,
    }


def test_comparisons_are_those_of_the_analysis():
    kept = stored([scores(ONE, recall_5=[1.0] * 20), scores(BASE, recall_5=[0.5] * 20)])
    (told,) = rows(opened(kept)["comparisons"])
    counted = {name: told[name] for name in ("difference", "n", "wins", "ties", "losses", "proven")}
    assert counted == {"difference": 0.5, "n": 20, "wins": 20, "ties": 0, "losses": 0, "proven": "better"}
    assert (told["system"], told["reference"], told["metric"], told["ground truth"]) == (
        ONE,
        BASE,
        "recall@5",
        "labels",
    )
    assert told["p"] == pytest.approx(1 / 10_001)
    assert told["p (Holm)"] == pytest.approx(3 / 10_001), "one system: the p of the bound, 1.5 ** -20"
    assert told["low"] < told["at least"] < 0.5 < told["at most"] < told["high"]


def test_latency_is_that_of_the_samples():
    """Nearest rank, as numpy's inverted_cdf."""
    (told,) = rows(opened(whole())["latency"])
    samples = np.arange(1.0, 201.0)
    golden = {f"p{p} (ms)": np.percentile(samples, p, method="inverted_cdf") for p in (50, 90, 95, 99)}
    assert told == {
        "system": ONE,
        "stage": "total",
        "calls": 200,
        "mean (ms)": 100.5,
        "min (ms)": 1,
        "max (ms)": 200,
        **golden,
    }


def test_performance_has_units_in_its_header():
    one, picture, base = rows(opened(whole())["performance"])
    assert one == {"system": ONE, "role": "candidate", "of": "all", "latency-p95 (ms)": 30.54, "latency-p95 low (ms)": 28,
                   "latency-p95 high (ms)": "∞", "latency-p95 n": 500, "stability": 1, "stability n": 500,
                   "not measured": "vram-device, vram-reserved: no GPU"}  # fmt: skip
    assert (picture["of"], picture["latency-p95 (ms)"]) == ("query=picture", 41)
    assert (base["role"], base["throughput (items/s)"]) == ("baseline", 1843.25)


def test_waivers_have_a_date_that_is_one():
    (told,) = rows(opened(whole())["waivers"])
    assert told.pop("until") == datetime(2027, 1, 31)  # noqa: DTZ001, openpyxl's
    assert told == {
        "waiver": "W1",
        "system": TWO,
        "criterion": "recall-at-5",
        "owner": "Kim",
        "reason": "until the new bank",
    }


def test_the_environment_is_whole():
    told = {row["name"]: row.get("value") for row in rows(opened(whole())["environment"])}
    assert told["machine.cores"] == 2
    assert told["machine.memory_gib"] == 8.5
    assert told["packages.numpy"] == "2.1.0"
    assert told["command.2"] == "benchmarks"
    assert told["git.dirty"] == "false"
    assert told["expected_saving"] == "30 hours a month"


def test_numbers_are_numbers_in_the_format_of_their_unit():
    workbook = opened(whole())
    shown = {cell.value: (cell.data_type, cell.number_format) for cell in workbook["performance"][2]}
    assert shown[30.54] == ("n", "#,##0.000")
    assert shown[500] == ("n", "#,##0")
    assert {cell.data_type for row in workbook["queries"]["F2:G6"] for cell in row} == {"n"}


FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)", "=HYPERLINK('http://x')", "http://x.org", "mailto:a@b", "{=1}", "<r>x</r>",
            "_x0041_", "007", "1e5", " lead", "&amp;", "TRUE")  # fmt: skip


def test_text_from_data_is_text_whatever_it_looks_like():
    kept = stored([Finding(text, text) for text in FORMULAS])
    sheet = opened(kept)["findings"]
    cells = [cell for row in sheet.iter_rows(min_row=2) for cell in row]
    assert [cell.value.strip() for cell in cells] == [text.strip() for text in FORMULAS for _ in range(2)]
    assert {cell.data_type for cell in cells} == {"s"}
    assert not any(cell.hyperlink for cell in cells)


def test_characters_that_no_file_can_hold_become_spaces():
    odd = WAIVER.model_copy(update={"owner": "a\x00b\x1b[31m\ud800c\ufffed", "reason": "two\nlines"})
    (told,) = rows(opened(stored([], waivers=[odd]))["waivers"])
    assert (told["owner"], told["reason"]) == ("a b [31m c d", "two lines")


def test_what_a_cell_cannot_hold_is_cut_and_never_lost_silently():
    (told,) = rows(opened(stored([Finding("한" * 40_000, "😀" * 20_000)]))["findings"])
    assert told["system"] == "한" * (MOST_UNITS - 1) + "…"
    assert told["finding"] == "😀" * (MOST_UNITS // 2) + "…"


def test_rows_that_do_not_fit_are_counted():
    every = ((n,) for n in range(10))
    assert list(limited(every, 4, ENGLISH)) == [(0,), (1,), (2,), ("7 more rows did not fit",)]
    assert list(limited(iter([(0,), (1,)]), 2, ENGLISH)) == [(0,), (1,)]


def test_the_same_run_gives_the_same_bytes():
    assert book(whole(), ENGLISH, WHEN) == book(whole(), ENGLISH, WHEN)
    properties = opened(whole()).properties
    assert properties.created == properties.modified == datetime(2026, 11, 21, 5, 0, 29)  # noqa: DTZ001, openpyxl's


def test_korean_headers_names_and_states():
    table = {
        "verdicts": "판정",
        "candidate": "후보",
        "verdict": "판정 결과",
        "every criterion is met": "모든 기준 충족",
    }
    sheet = opened(stored([outcome(ONE, State.MET)], criteria=CRITERIA[:1]), Words("ko", table))["판정"]
    assert [cell.value for cell in sheet[1]][:2] == ["후보", "판정 결과"]
    assert sheet["C2"].value == "모든 기준 충족"


@pytest.mark.parametrize("language", ["en", "ko"])
def test_names_of_sheets_are_such_that_excel_takes_them(language):
    names = [sheet.name for sheet in sheets(stored([]), words(language))]
    assert len({name.casefold() for name in names}) == len(NAMES)
    assert all(0 < len(name) <= 31 and not set(name) & set("[]:*?/\\") for name in names)


def test_columns_are_as_wide_as_what_they_hold_within_reason():
    sheet = opened(stored([Finding("한글" * 10, "x" * 500)]))["findings"]
    assert 40 <= sheet.column_dimensions["A"].width < 43
    assert 60 <= sheet.column_dimensions["B"].width < 62
    assert sheet["B2"].alignment.wrap_text


def test_numbers_beyond_those_of_a_spreadsheet_are_text_or_signs():
    odd = stored(
        [timed(ONE, "drift", float("inf")), timed(TWO, "memory-growth", float("-inf"))], packages={"big": 10**400}
    )
    workbook = opened(odd)
    assert [row.get("drift") for row in rows(workbook["performance"])] == ["∞", None]
    assert rows(workbook["performance"])[1]["memory-growth (KiB/call)"] == "-∞"
    told = {row["name"]: row.get("value") for row in rows(workbook["environment"])}
    assert told["packages.big"] == str(10**400)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.text(st.characters(codec=None), min_size=1, max_size=40), min_size=1, max_size=5))
def test_any_text_at_all_can_be_read_back(texts):
    bank = replace(description(), name=texts[0])
    systems = {**SYSTEMS, texts[0]: SYSTEMS[ONE]}
    kept = stored(
        [Finding("", text) for text in texts],
        bank=bank,
        systems=systems,
        machine={**ENVIRONMENT["machine"], texts[0]: texts[-1]},
    )
    content = book(kept, ENGLISH, WHEN)
    assert zipfile.ZipFile(BytesIO(content)).testzip() is None
    back = [row.get("finding") for row in rows(openpyxl.load_workbook(BytesIO(content))["findings"])]
    assert back == list(map(fitting, dict.fromkeys(map(printable, texts))))
