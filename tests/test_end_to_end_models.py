"""`pytest benchmarks/ -k qwen` in a user's folder whose models are tiny checkpoints: everything but their size is real."""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

pytest_plugins = ("tiny",)
for library in ("torch", "transformers", "sentence_transformers", "sentencepiece"):
    pytest.importorskip(library)

ROOT = Path(__file__).resolve().parent.parent
LEAN = {"HF_HUB_OFFLINE": "1", "CUDA_VISIBLE_DEVICES": "", "OMP_NUM_THREADS": "1"}
"""No hub, no GPU, and no threads for networks this small: they would wait for each other."""
ENVIRONMENT = {**os.environ, **LEAN, "PYTHONPATH": str(ROOT), "NO_COLOR": "1"}

TOML = """\
dataset = "bank"
criteria = "criteria.toml"

[grid]
embedders = ["qwen-small", "kure-small", "siglip-small", "joined"]
retrievers = ["dense"]
rerankers = ["none", "qwen-second"]
baselines = ["joined+dense"]

[probes]
latency_calls = 8
warmup_calls = 1
throughput_seconds = 0.02
stability_calls = 8
batches = [1, 4]

[[embedder]]
name = "qwen-small"
uses = "qwen3-vl-2b"
model = "./weights/tiny_qwen"
dimensions = 48
query_instruction = "Find similar items"

[[embedder]]
name = "kure-small"
uses = "kure-v1"
model = "./weights/tiny_kure"
max_length = 64

[[embedder]]
name = "siglip-small"
uses = "siglip-base"
model = "./weights/tiny_siglip"
shows = "mean"

[[embedder]]
name = "joined"
uses = "concat"
parts = ["kure-small", "siglip-small"]

[[reranker]]
name = "qwen-second"
uses = "qwen3-vl-reranker-2b"
model = "./weights/tiny_reranker"
depth = 6
keep = 5
"""
POLICY = """\
name = "small"

[[criterion]]
id = "recall"
metric = "recall@3"
ground_truth = "labels"
go = "0 %"

[[criterion]]
id = "against"
metric = "recall@3"
ground_truth = "labels"
baseline = "joined+dense"
go = "-100 %"

[[criterion]]
id = "latency"
metric = "latency-p95"
go = "60 s"

[[criterion]]
id = "stability"
metric = "stability"
go = "100 %"

[[criterion]]
id = "vram"
metric = "vram-device"
go = "8 GiB"
when = "on-device"
"""
TEXTS = [
    "그림의 삼각형의 넓이를 구하시오.",
    "그림의 직사각형의 둘레를 구하여라.",
    "그림에서 원의 반지름은?",
    "삼각형 ABC의 넓이를 구하시오.",
    "주사위 한 개를 던질 때 짝수가 나올 확률",
    "동전 두 개를 던질 때 모두 앞면일 확률",
    r"$x^2-5x+6=0$의 두 근을 구하시오.",
    "함수 y=2x+1의 그래프의 기울기",
]
SYSTEMS = {
    "qwen-small+dense",
    "qwen-small+dense+qwen-second",
    "kure-small+dense+qwen-second",
    "siglip-small+dense+qwen-second",
    "joined+dense+qwen-second",
}
"""What `-k qwen` selects."""

FOLDERS = {
    "qwen-small": "tiny_qwen",
    "kure-small": "tiny_kure",
    "siglip-small": "tiny_siglip",
    "qwen-second": "tiny_reranker",
}


@dataclass(frozen=True)
class Outcome:
    """What a run said, and the folder of its reports."""

    said: str
    folder: Path

    def rows(self, name: str) -> list[dict[str, str]]:
        with (self.folder / name).open(encoding="utf-8") as lines:
            return list(csv.DictReader(lines))

    def text(self, name: str) -> str:
        return (self.folder / name).read_text(encoding="utf-8")


def write_bank(folder: Path) -> None:
    """Eight items, three of them with a picture; four are asked, and each has two that are alike."""
    (folder / "images").mkdir(parents=True)
    for number, colour in enumerate(("red", "green", "blue")):
        image = Image.new("RGBA", (60 + 40 * number, 80), (0, 0, 0, 0))
        ImageDraw.Draw(image).rectangle((10, 10, 40, 50 + 5 * number), fill=colour)
        image.save(folder / f"images/{number}.png")
    pictures = [f"images/{number}.png" if number < 3 else None for number in range(8)]
    items = [{"id": f"M{n}", "text": text, "image_path": pictures[n]} for n, text in enumerate(TEXTS) if pictures[n]]
    items += [{"id": f"M{n}", "text": text} for n, text in enumerate(TEXTS) if not pictures[n]]
    alike = {0: (3, 1), 1: (0, 2), 4: (5, 6), 7: (6, 2)}
    asked = [
        {
            "query_id": f"Q{n}",
            "source_item_id": f"M{n}",
            "relevant_items": [{"id": f"M{m}", "relevance": 2} for m in near],
        }
        for n, near in alike.items()
    ]
    (folder / "items.json").write_text(json.dumps({"items": items}), encoding="utf-8")
    (folder / "ground_truth.json").write_text(json.dumps({"queries": asked}), encoding="utf-8")


@pytest.fixture(scope="module")
def outcome(
    tmp_path_factory: pytest.TempPathFactory, tiny_qwen: Path, tiny_reranker: Path, tiny_kure: Path, tiny_siglip: Path
) -> Outcome:
    """One run for all tests of this file."""
    folder = tmp_path_factory.mktemp("project")
    for weights in (tiny_qwen, tiny_reranker, tiny_kure, tiny_siglip):
        shutil.copytree(weights, folder / "weights" / weights.name)
    write_bank(folder / "bank")
    shutil.copytree(ROOT / "benchmarks", folder / "benchmarks")
    files = {"harness.toml": TOML, "criteria.toml": POLICY, "pytest.ini": "[pytest]\n"}
    files["conftest.py"] = 'pytest_plugins = ("harness.pytest_plugin",)\n'
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "benchmarks/", "-k", "qwen", "-rs", "-p", "no:cacheprovider"]
    done = subprocess.run(command, cwd=folder, env=ENVIRONMENT, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    return Outcome(done.stdout + done.stderr, folder / "reports" / "latest")


def test_everything_selected_is_measured_judged_and_reported(outcome: Outcome) -> None:
    judged = json.loads(outcome.text("verdicts.json"))["verdicts"]
    assert {verdict["system"] for verdict in judged} == SYSTEMS
    assert {verdict["decision"] for verdict in judged} == {"INCOMPLETE"}, "there is no GPU whose memory could be met"
    assert outcome.said.count("vram-device: this machine has no NVIDIA GPU") > 0
    for system in SYSTEMS:
        assert (outcome.folder / "runs" / f"{system}.trec").is_file()
        assert system in outcome.text("report.md")


def test_accuracy_is_that_of_real_weights(outcome: Outcome) -> None:
    rows = [row for row in outcome.rows("accuracy.csv") if row["stratum"] == "all" and not row["scenario"]]
    values = {(row["system"], row["metric"]): row["value"] for row in rows if row["ground_truth"] == "labels"}
    assert {system for system, _ in values} == SYSTEMS
    for system in SYSTEMS:
        assert 0 <= float(values[system, "recall@5"]) <= 1
    assert values["qwen-small+dense", "recall@10"] == "1", "eight items are all found"
    assert not values.get(("qwen-small+dense+qwen-second", "recall@10")), "five candidates are handed on"


def test_models_play_the_scenarios_that_they_can_see(outcome: Outcome) -> None:
    rows = [row for row in outcome.rows("accuracy.csv") if row["metric"] == "recall@5" and row["stratum"] == "all"]
    asked = {
        (row["system"], row["scenario"]): row["n"]
        for row in rows
        if row["scenario"] and row["ground_truth"] == "labels"
    }
    alone = {("qwen-small+dense", f"S{number}") for number in (1, 2, 3, 4)}
    reranked = {(f"{name}+dense+qwen-second", "S5") for name in ("qwen-small", "siglip-small", "joined")}
    assert asked.keys() == alone | reranked
    assert (asked["qwen-small+dense", "S3"], asked["qwen-small+dense", "S4"]) == ("2", "4"), (
        "two queries have a picture"
    )
    for scenario in ("S1", "S2", "S3", "S4", "S5"):
        assert f"| {scenario} (" in outcome.text("report.md")


def test_each_system_is_timed_and_stable(outcome: Outcome) -> None:
    measured = {row["model"]: row for row in outcome.rows("performance_results.csv")}
    assert measured.keys() == SYSTEMS
    for system, row in measured.items():
        stages = ["encode_p95", "search_p95", *(["rerank_p95"] if system.endswith("qwen-second") else [])]
        for column in ("latency_p95", "throughput", "throughput_query", *stages):
            assert float(row[column]) > 0, (system, column)
        assert (row["stability"], row["non_finite"], row["drift"]) == ("1", "0", "0")
        assert row["vram_gb"] == "", "without a GPU it is not measured, which is not 0"


def test_a_baseline_that_k_leaves_out_is_compared_with_all_the_same(outcome: Outcome) -> None:
    table = outcome.text("report.md").partition("| against ")[2].splitlines()[0]
    assert table.count(" met |") == len(SYSTEMS)


def test_the_report_names_folders_revisions_and_options(outcome: Outcome) -> None:
    lines = outcome.text("report.md").replace("\\_", "_").splitlines()
    told = {
        name: next(line for line in lines if line.startswith(f"| {name} ") and "weights/" in line) for name in FOLDERS
    }
    for name, folder in FOLDERS.items():
        assert f"weights/{folder}" in told[name]
        assert told[name].split("|")[3].strip() == "", "a folder has no revision, and not that of another model"
    assert "max_length=64" in told["kure-small"]
    assert "dimensions=48" in told["qwen-small"]
    assert "query_instruction=Find similar items" in told["qwen-small"]
    assert "shows=mean" in told["siglip-small"]


def test_what_the_models_remark_reaches_the_reader(outcome: Outcome) -> None:
    assert "the tokenizer deletes punctuation: '2x+3=7' is read as '2x37'" in outcome.text("report.md")
