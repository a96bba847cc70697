"""python -m harness vram, as a user and as another process of the harness types it: one line of JSON, and a status."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from toys import gpu

from harness.session.wishes import OPTIONS

TESTS = Path(__file__).resolve().parents[1]
DRIVER = """\
from types import SimpleNamespace
import os

looks = 0

class NVMLError(Exception):
    pass

def nvmlInit():
    pass

def nvmlShutdown():
    pass

def nvmlDeviceGetHandleByIndex(index):
    return index

def nvmlDeviceGetMemoryInfo(handle):
    global looks
    looks += 1
    return SimpleNamespace(used=(10 if looks == 1 else 42) * 2**20)

def nvmlDeviceGetComputeRunningProcesses(handle):
    raise NVMLError("a container hides processes")
"""


@pytest.fixture
def vram(project, tmp_path):
    """`vram(*words)` in the project's folder, in a process of its own."""
    folder = project.write().parent
    drivers = tmp_path / "drivers"
    drivers.mkdir()

    def run(*words, driver=DRIVER, cwd=folder):
        if driver:
            (drivers / "pynvml.py").write_text(driver)
        path = os.pathsep.join(map(str, (drivers, TESTS.parent, TESTS)))
        kept = {name: value for name, value in os.environ.items() if name != "CUDA_VISIBLE_DEVICES"}
        env = {**kept, "PYTHONPATH": path, "NO_COLOR": "1"}
        command = [sys.executable, "-m", "harness", "vram", *map(str, words)]
        return subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, check=False)

    return run


def answer(done):
    """The one line, read."""
    assert done.stderr == ""
    assert done.stdout.count("\n") == 1
    return json.loads(done.stdout)


def test_what_was_measured_is_one_line_and_status_0(vram):
    done = vram("letters+dot")
    assert done.returncode == 0
    assert answer(done)["content"] == {"allocated": None, "reserved": None, "process": None, "device": 32.0}


@pytest.mark.skipif(gpu(), reason="this machine has a GPU")
def test_without_a_gpu_the_answer_is_why_and_status_1(vram):
    done = vram("letters+dot", driver="")
    assert done.returncode == 1
    assert answer(done) == {
        "kind": "not measured",
        "content": "this machine has no NVIDIA GPU (or no driver), so there is no VRAM to measure",
    }


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["leters+dot"], "unknown system 'leters+dot'. Did you mean 'letters+dot'?"),
        (["dot"], "system 'dot': retriever 'dot' needs an embedder, as in 'char-hashing+dot'"),
        (["words", "--harness-toml", "none.toml"], "does not exist; `python -m harness init` writes one"),
        (["words", "--dataset", "bnak"], "bnak"),
        (["words", "--vram-limit", "8"], "'8' has no unit; write '5 MiB' or"),
    ],
)
def test_a_mistake_is_told_in_one_line_and_status_1(vram, words, sentence):
    done = vram(*words)
    assert done.returncode == 1
    told = answer(done)
    assert told["kind"] == "failed"
    assert sentence in told["content"]


def test_paths_are_meant_from_where_it_is_typed(vram, project, tmp_path):
    done = vram("letters+dot", "--harness-toml", "project/harness.toml", "--dataset", "project/bank", cwd=tmp_path)
    assert answer(done)["kind"] == "measured"


def test_a_system_beside_the_grid_is_measured_too(vram, project):
    project.toml = project.toml.replace('embedders = ["letters"]', "embedders = []").replace('["words", "dot"]', '["words"]')
    project.write()
    assert answer(vram("letters+dot+longest"))["kind"] == "measured"


@pytest.mark.parametrize("words", [[], ["words", "--strange"], ["words", "--weights", "fake"]])
def test_asked_wrongly_is_status_2_and_no_answer(vram, words):
    done = vram(*words)
    assert (done.returncode, done.stdout) == (2, "")
    assert "usage: python -m harness" in done.stderr


def test_it_takes_every_option_that_pytest_takes(vram):
    done = vram("--help")
    assert done.returncode == 0
    for flag in OPTIONS:
        assert flag in done.stdout


def test_a_bug_of_a_model_is_named_with_its_file_and_no_traceback(vram, project):
    project.plugins["letters.py"] = project.plugins["letters.py"].replace('"letters", Letters', '"letters", lambda: 1 / 0')
    project.write()
    done = vram("letters+dot")
    assert (done.returncode, answer(done)["kind"]) == (1, "failed")
    sentence = "embedder 'letters' (plugins/letters.py) failed at build: ZeroDivisionError: division by zero"
    assert answer(done)["content"] == sentence
