"""The programs of tests/perf run and print their tables; how fast anything is, is nobody's business here."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ROW = re.compile(r"^([a-z]\S*(?: \S+)*) {2,}([-+]?\d.*)$", re.MULTILINE)


@pytest.fixture(scope="module")
def printed() -> str:
    """The comparison on the tiny checkpoint, with as little of everything as fills every row."""
    for library in ("torch", "transformers", "sentence_transformers"):
        pytest.importorskip(library)
    small = ["--items", "9", "--rounds", "2", "--queries", "9", "--threads", "1", "--device", "cpu"]
    paths = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        [sys.executable, ROOT / "tests/perf/qwen_throughput.py", *small], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        env={**os.environ, "PYTHONPATH": paths, "PYTHONUTF8": "1"}, text=True, encoding="utf-8",
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    return done.stdout


def test_the_same_vectors_come_before_any_speed(printed):
    least = re.search(r"least cosine ([\d.]+) \(two different items: ([\d.]+)", printed)
    assert least and float(least[1]) > 0.999 and float(least[2]) < 0.95


def test_it_says_what_was_embedded(printed):
    assert "9 items, 2 with pictures" in printed
    assert "torch.float32, cpu, 1 threads" in printed


def test_every_row_of_both_tables_is_there(printed):
    rows = {name: re.split(r" {2,}", numbers) for name, numbers in ROW.findall(printed)}
    assert list(rows) == ["harness", "sentence-transformers", "ratio", "text", "picture and text", "all"]
    for name in ("harness", "sentence-transformers", "ratio"):
        median, spread, busy = rows[name]
        least, most = (float(number.replace(",", "")) for number in spread.split(" to "))
        assert 0 < least <= float(median.replace(",", "")) <= most and float(busy) > 0
    for name in ("text", "picture and text", "all"):
        stage, preparing, passing, added, share = rows[name]
        assert float(stage) > 0 and float(preparing) > 0 and float(passing) > 0
        assert added[0] == share[0] and share.endswith(" %")


def test_sides_that_differ_end_the_program(monkeypatch):
    for library in ("torch", "transformers", "sentence_transformers"):
        pytest.importorskip(library)
    import numpy as np

    monkeypatch.syspath_prepend(ROOT / "tests" / "perf")
    from qwen_throughput import agreement

    same, other = np.eye(3, dtype=np.float32), np.roll(np.eye(3, dtype=np.float32), 1, axis=0)
    assert "1.000000" in agreement(same, same)
    with pytest.raises(SystemExit, match="different vectors"):
        agreement(same, other)
