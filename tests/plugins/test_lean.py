"""Registering is cheap: whoever collects a suite waits for no model and no scientific library."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from harness.plugging import shelf

COLLECT = """
import sys
from pathlib import Path
from harness.config import load_config
from harness.plugging.registry import collect
registry = collect(load_config(Path(sys.argv[1])))
assert not registry.broken, registry.broken
assert len(list(registry.all())) >= 15
print(*sorted({name.partition(".")[0] for name in sys.modules}))
"""
HEAVY = {"torch", "transformers", "sentence_transformers", "sklearn", "scipy", "bm25s", "rank_bm25", "mecab_ko", "PIL"}


@pytest.fixture
def imported(tmp_path: Path) -> set[str]:
    file = tmp_path / "harness.toml"
    file.write_text('dataset = "bank"\ncriteria = "go.toml"\n[grid]\nretrievers = ["*"]\n')
    done = subprocess.run(
        [sys.executable, "-c", COLLECT, str(file)],
        cwd=shelf.built_in().parent,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


def test_collecting_imports_no_heavy_library(imported: set[str]) -> None:
    assert "numpy" in imported, "the list of modules was read"
    assert imported & (HEAVY - {"PIL"}) == set()


@pytest.mark.parametrize(
    "file", sorted(shelf.built_in().glob("*/*.py")), ids=lambda file: f"{file.parent.name}-{file.stem}"
)
def test_a_plugin_needs_only_the_public_harness(file: Path) -> None:
    """No plugin imports another, nor a private name, nor a room that only the engine or pytest may enter."""
    allowed = (
        "harness",
        "harness.config",
        "harness.data",
        "harness.engine", "harness.engine.batching", "harness.engine.extras", "harness.engine.weights",
        "harness.engine.messages", "harness.engine.server",
        "harness.errors",
        "harness.models", "harness.models.dummies", "harness.models.loading", "harness.models.qwen3_vl", "harness.models.sentences",
        "harness.plugging.components", "harness.plugging.scoring",
        "harness.ranking",
    )
    for line in file.read_text(encoding="utf-8").splitlines():
        words = line.split()
        if words[:1] == ["from"] and words[1].startswith("harness"):
            assert words[1] in allowed or words[1].startswith(("harness.data.", "harness.ranking.")), line
            assert " _" not in line.partition(" import ")[2], line
        assert "plugins" not in words[1:2], line
