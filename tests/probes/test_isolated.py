"""VRAM is asked of a process of its own: what it answers comes back, and how it dies is one clear line."""

import os
import subprocess
from pathlib import Path

import pytest
from toys import gpu

from harness.errors import BadConfig, NotMeasured, PluginFailed, UnknownName
from harness.probes import isolated
from harness.probes.isolated import ask, read, told
from harness.probes.memory import Memory
from harness.session.opening import resolve
from harness.session.wishes import Wishes

TESTS = Path(__file__).resolve().parents[1]
NO_GPU = "this machine has no NVIDIA GPU (or no driver), so there is no VRAM to measure"

DRIVER = """\
'''A driver of one GPU on which 100 MiB are taken before the first look, and 164 MiB after it.'''
import os
from types import SimpleNamespace

MIB = 2**20
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
    return SimpleNamespace(used=(100 if looks == 1 else 164) * MIB)

def nvmlDeviceGetComputeRunningProcesses(handle):
    return [SimpleNamespace(pid=os.getpid(), usedGpuMemory=48 * MIB)]
"""

NOTED = """\
from toys import Letters

class Noted(Letters):
    def _counted(self, inputs):
        with open("log", "a") as log:
            log.write("x" * len(inputs))
        return super()._counted(inputs)
"""


@pytest.fixture
def child(project, monkeypatch, tmp_path):
    """`child(system, plugin="", driver="")`: what a child process over the toy project answers."""
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    monkeypatch.chdir(tmp_path)

    def answer(system="letters+dot", plugin="", driver=""):
        if plugin:
            project.plugins["more.py"] = plugin
        stand_in = tmp_path / "driver"
        stand_in.mkdir()
        if driver:
            (stand_in / "pynvml.py").write_text(driver)
        monkeypatch.setenv("PYTHONPATH", os.pathsep.join(map(str, (stand_in, TESTS.parent, TESTS))))
        return ask([system, *Wishes(project.write()).words()])

    return answer


@pytest.mark.skipif(gpu(), reason="this machine has a GPU")
def test_without_a_gpu_the_child_says_that_it_is_not_measured(child):
    with pytest.raises(NotMeasured) as caught:
        child()
    assert str(caught.value) == NO_GPU


def test_figures_come_back_as_they_were_measured_and_what_is_unknown_stays_unknown(child):
    assert child(driver=DRIVER) == Memory(allocated=None, reserved=None, process=48.0, device=64.0)


def test_a_system_beside_the_grid_can_be_asked_for(child, project):
    project.toml = project.toml.replace('["words", "dot"]', '["words"]')
    assert child("letters+dot+longest", driver=DRIVER).device == 64.0


def test_all_stages_of_the_system_run_in_the_child(child, project, tmp_path):
    project.plugins["letters.py"] = project.plugins["letters.py"].replace('"letters", Letters', '"letters", Noted').replace(
        "from toys import", "from noted import Noted\nfrom toys import"
    )
    (tmp_path / "noted.py").write_text(NOTED)
    assert child(driver=DRIVER).device == 64.0
    assert len((tmp_path / "log").read_text()) == 8 + 4 + 4  # the bank, whether queries can be shown, and they alone


def test_a_failure_in_the_child_is_told_in_its_own_words(child):
    plugin = (
        "from harness import EmbedderSpec, hookimpl\n\n@hookimpl\ndef harness_register_embedders():\n"
        "    return [EmbedderSpec('bad', lambda: 1 / 0)]\n"
    )
    with pytest.raises(PluginFailed) as caught:
        child("bad+dot", plugin, DRIVER)
    assert str(caught.value) == "embedder 'bad' (plugins/more.py) failed at build: ZeroDivisionError: division by zero"


def test_a_name_that_the_child_does_not_know_is_told_with_what_was_meant(child):
    with pytest.raises(PluginFailed, match=r"^unknown system 'leters\+dot'. Did you mean 'letters\+dot'\?"):
        child("leters+dot")


def test_what_plugins_chatter_before_the_answer_is_not_the_answer(child):
    assert child(plugin="print('loading ...')\nprint('{}')\nfrom harness import hookimpl\n", driver=DRIVER).device == 64.0


@pytest.mark.parametrize(
    ("plugin", "sentence"),
    [
        ("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)", "ended with status -9: it said nothing"),
        ("import os\nos._exit(3)", "ended with status 3: it said nothing"),
        ("import os\nos.write(2, b'first\\nout of memory\\n')\nos.abort()", "ended with status -6: out of memory"),
        ("import os\nos.write(1, b'rubbish\\n')\nos._exit(0)", "ended with status 0: it said nothing"),
        ("raise KeyboardInterrupt", "ended with status -2: KeyboardInterrupt"),
    ],
    ids=["killed", "exits", "aborts", "rubbish", "interrupted"],
)
def test_a_child_that_dies_without_an_answer_is_one_line(child, plugin, sentence):
    with pytest.raises(PluginFailed) as caught:
        child(plugin=plugin)
    assert str(caught.value) == f"the process that measured VRAM {sentence}"


def test_a_child_that_gives_no_answer_is_given_up(child, monkeypatch):
    monkeypatch.setattr(isolated, "LONGEST", 0.5)
    with pytest.raises(NotMeasured, match=r"^the process that measured VRAM gave no answer within 0\.0\d+ hours$"):
        child(plugin="import time\ntime.sleep(60)")


@pytest.mark.parametrize("rubbish", ["42", "null", "[1, 2]", '"done"', "true", "[]", '{"loss": 3}', "{}", "NaN",
                                     '{"kind": "measured"}', '{"kind": "measured", "content": {"loss": 3}}'])  # fmt: skip
def test_rubbish_that_happens_to_be_json_is_one_line_too(rubbish):
    with pytest.raises(PluginFailed) as caught:
        read(f"{rubbish}\n", "first\nSegmentation fault\n", -11)
    assert str(caught.value) == "the process that measured VRAM ended with status -11: Segmentation fault"


def test_a_secret_among_the_last_words_is_masked():
    with pytest.raises(PluginFailed) as caught:
        read("", "ValueError: 401 for api_key=s3cr3t-s3cr3t\n", 1)
    assert "s3cr3t" not in str(caught.value)


@pytest.mark.parametrize(
    "memory", [Memory(1.5, 2.0, 3.25, 4.0), Memory(None, None, None, 0.5), Memory(1.0, 2.0, None, None)]
)
def test_figures_survive_the_way(memory):
    line = told(memory)
    assert "\n" not in line
    assert read(f"chatter\n{line}\n", "", 0) == memory


@pytest.mark.parametrize(
    ("error", "arrives"),
    [
        (NotMeasured("no GPU"), NotMeasured("no GPU")),
        (PluginFailed("it broke"), PluginFailed("it broke")),
        (BadConfig("harness.toml: two\nmistakes, 둘"), PluginFailed("harness.toml: two\nmistakes, 둘")),
        (UnknownName("system", "a", ["b"]), PluginFailed("unknown system 'a'. There are: b.")),
    ],
)
def test_errors_survive_the_way_in_one_line(error, arrives):
    line = told(error)
    assert "\n" not in line
    with pytest.raises(type(arrives)) as caught:
        read(line, "warnings\n", 1)
    assert (type(caught.value), str(caught.value)) == (type(arrives), str(arrives))


@pytest.mark.skipif(gpu(), reason="this machine has a GPU")
def test_a_session_of_its_own_starts_no_child_where_there_is_no_gpu(project, monkeypatch):
    def refuses(*_, **__):
        raise AssertionError("a child was started")

    monkeypatch.setattr(subprocess, "run", refuses)
    row = resolve(Wishes(project.write())).memo().measurement("letters+dot", "vram-device")
    assert (row.value, row.reason) == (None, NO_GPU)
