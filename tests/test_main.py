"""python -m harness, as a user types it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
BROKEN = "raise ImportError('no such model')"
FAMILY = """
from harness import EmbedderSpec, hookimpl

def build(path, size=3):
    raise NotImplementedError

@hookimpl
def harness_register_embedders():
    return [EmbedderSpec("my-family", build, licence="Apache-2.0", about="reads a file")]
"""


def harness(*words, cwd=ROOT, **more):
    env = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1", **more}
    command = [sys.executable, "-m", "harness", *map(str, words)]
    return subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, check=False)


def test_plugins_lists_what_is_built_in_with_its_hooks():
    done = harness("plugins")
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert any(line.split() == ["bm25", "plugins/retrievers/bm25.py"] for line in lines)
    assert any(line.split() == ["plugins/retrievers/bm25.py", "harness_register_retrievers"] for line in lines)
    headings = [line for line in lines if line and not line.startswith(" ")]
    assert headings == ["ground truths", "embedders", "retrievers", "rerankers", "hooks"]


def test_plugins_needs_no_project(tmp_path):
    done = harness("plugins", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "char-hashing" in done.stdout


def test_plugins_shows_options_and_licence_and_marks_what_is_required(tmp_path):
    (tmp_path / "family.py").write_text(FAMILY)
    done = harness("plugins", "--plugins-dir", tmp_path)
    assert done.returncode == 0
    assert "options: path (required), size; licence: Apache-2.0" in done.stdout


def test_a_broken_plugin_is_one_line_and_the_others_are_listed(tmp_path):
    (tmp_path / "broken.py").write_text(BROKEN)
    done = harness("plugins", "--plugins-dir", tmp_path)
    assert done.returncode == 1
    assert done.stderr == f"broken: plugin {tmp_path / 'broken.py'} failed at import: ImportError: no such model\n"
    assert "char-hashing" in done.stdout


def test_a_harness_toml_that_was_asked_for_must_exist(tmp_path):
    done = harness("plugins", "--harness-toml", tmp_path / "other.toml")
    assert done.returncode == 1
    assert done.stderr.startswith(f"{tmp_path / 'other.toml'} does not exist")
    assert done.stderr.count("\n") == 1


def test_datasets_describes_the_banks_at_home(tmp_path):
    assert harness("init", tmp_path).returncode == 0
    done = harness("datasets", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("example  (SYNTHETIC)\n  items        12, 0 with a picture\n")
    told = "labels: 12 queries, 24 relevant pairs (grade >= 2), 2 to 2 per query, mean 2.0; at best recall@5 1.000"
    assert told in " ".join(done.stdout.split())


def test_a_bank_that_cannot_be_read_costs_only_itself(tmp_path):
    harness("init", tmp_path)
    done = harness("datasets", "gt/exmaple", "gt/example", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr == (
        "gt/exmaple does not exist: unknown item bank 'gt/exmaple'. Did you mean 'gt/example'? There are: gt/example.\n"
    )
    assert done.stdout.startswith("example")


def test_a_path_beside_nothing_is_told_of_the_banks_at_home(tmp_path):
    harness("init", tmp_path)
    done = harness("datasets", "exampel", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("exampel does not exist: ")
    assert done.stderr.endswith("Did you mean 'gt/example'? There are: gt/example.\n")


def test_every_picture_of_a_bank_is_opened(tmp_path):
    Image.new("RGB", (4, 4)).save(tmp_path / "whole.png")
    (tmp_path / "cut.png").write_bytes((tmp_path / "whole.png").read_bytes()[:40])
    items = [{"id": name, "text": "", "image_path": f"{name}.png"} for name in ("whole", "cut")]
    (tmp_path / "items.json").write_text(json.dumps({"items": items}))
    done = harness("datasets", tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith(f"{tmp_path / 'cut.png'}: ")
    assert done.stderr.count("\n") == 1
    assert "  pictures     2 opened, 1 of them broken\n" in done.stdout
    (tmp_path / "cut.png").write_bytes((tmp_path / "whole.png").read_bytes())
    mended = harness("datasets", tmp_path)
    assert (mended.returncode, mended.stderr) == (0, "")
    assert "  pictures     2 opened, 0 of them broken\n" in mended.stdout


def test_no_bank_at_home_is_said_in_one_line(tmp_path):
    done = harness("datasets", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"there is no item bank in {tmp_path / 'gt'}; name one: python -m harness datasets PATH\n"


def test_init_lays_a_project_and_overwrites_nothing(tmp_path):
    (tmp_path / "conftest.py").write_text("mine")
    done = harness("init", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "nothing was written: conftest.py exists already; move it away or name another folder\n"
    assert [path.name for path in tmp_path.iterdir()] == ["conftest.py"]
    assert (tmp_path / "conftest.py").read_text() == "mine"


def test_init_makes_the_folder_it_is_given(tmp_path):
    done = harness("init", "new/project", cwd=tmp_path)
    assert done.returncode == 0
    laid = {path.relative_to(tmp_path / "new/project").as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    assert laid == {"harness.toml", "conftest.py", "pytest.ini", "criteria.toml", "plugins/embedders/example.py",
                    "gt/example/items.json", "gt/example/ground_truth.json",
                    *(f"benchmarks/{suite.name}" for suite in (ROOT / "benchmarks").glob("test_*.py"))}  # fmt: skip


def test_what_a_checkout_lays_down_runs(tmp_path):
    assert harness("init", cwd=tmp_path).returncode == 0
    command = [sys.executable, "-m", "pytest", "-q", "-k", "example+dense and accuracy"]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert (tmp_path / "reports" / "latest" / "accuracy.csv").is_file()


def test_a_place_that_cannot_be_written_is_one_line(tmp_path):
    (tmp_path / "file").touch()
    done = harness("init", "file/project", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (1, "file/project: cannot be written: Not a directory\n")


def test_an_unknown_command_is_answered_with_the_one_that_was_meant():
    done = harness("plugin")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "unknown command 'plugin'. Did you mean 'plugins'? There are: compare, datasets, gate, init, plugins, report, verify, vram.\n"


@pytest.mark.parametrize("words", [[], ["plugins", "--strange"], ["--strange"]])
def test_asked_wrongly_is_status_2(words):
    done = harness(*words)
    assert done.returncode == 2
    assert "usage: python -m harness" in done.stderr


@pytest.mark.parametrize("words", [["--help"], ["plugins", "--help"], ["datasets", "-h"], ["init", "--help"]])
def test_help_is_everywhere_and_without_colour(words):
    done = harness(*words, NO_COLOR="1", FORCE_COLOR="1")
    assert done.returncode == 0
    assert done.stdout.startswith("usage: python -m harness")
    assert "\x1b" not in done.stdout


def test_a_reader_who_has_seen_enough_gets_no_traceback():
    command = f"{sys.executable} -m harness plugins | head -1"
    done = subprocess.run(command, shell=True, cwd=ROOT, capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("ground truths\n", "")


def test_it_starts_without_torch_or_scikit_learn():
    program = "import sys, harness.__main__; print({'torch', 'sklearn', 'pytest'} & sys.modules.keys())"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
