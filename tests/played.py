"""A real run of the small project in toys, from a `pytest benchmarks/` of its own: what tests of stored runs begin with."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from toys import Project

ROOT = Path(__file__).resolve().parent.parent
MORE = """
[[criterion]]
id = "against"
metric = "recall@3"
ground_truth = "labels"
baseline = "words"
go = "-20 %"

[[criterion]]
id = "latency"
metric = "latency-p95"
go = "10 s"

[[criterion]]
id = "speed"
metric = "throughput"
go = "0.001 items/s"

[[criterion]]
id = "korean"
metric = "canary"
go = "100 %"
"""


def play(folder: Path, *args: str) -> Path:
    """The folder of the run, beside the project's other files; `args` are those of pytest."""
    project = Project(folder)
    project.policy += MORE
    project.toml = project.toml.replace(
        'ground_truths = ["labels"]',
        'ground_truths = ["labels"]\ncandidates = ["letters+dot", "letters+dot+longest"]\nbaselines = ["words"]\n'
        'chance = ["words+longest"]',
    )
    project.toml = project.toml.replace("batches = [4]", "batches = [1, 4]")
    project.write()
    shutil.copytree(ROOT / "benchmarks", folder / "benchmarks")
    (folder / "conftest.py").write_text('pytest_plugins = ("harness.pytest_plugin",)\n', encoding="utf-8")
    (folder / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    path = os.pathsep.join([str(ROOT), str(ROOT / "tests")])
    command = [sys.executable, "-m", "pytest", "benchmarks/", "-q", "-p", "no:cacheprovider", *args]
    env = {**os.environ, "PYTHONPATH": path, "NO_COLOR": "1"}
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return (folder / "reports" / "latest").resolve()
