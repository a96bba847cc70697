"""Weights are found where they are, whole and of the pinned revision, or one line says what to do; nothing else passes."""

import json
import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple

import pytest
from huggingface_hub import constants

from harness.config import Models
from harness.engine.weights import Weights, amount
from harness.errors import BadConfig, NotMeasured

ROOT = Path(__file__).parents[2]
NAME, PINNED, OTHER = "owner/model-2B", "9f2f7e7d" * 5, "0123abcd" * 5
SHARDED = {
    "config.json": "{}",
    "model.safetensors.index.json": json.dumps({"weight_map": {"a": "one.safetensors", "b": "two.safetensors"}}),
    "one.safetensors": "1" * 3000,
    "two.safetensors": "2" * 5000,
}
SINGLE = {"config.json": "{}", "model.safetensors": "1"}


def lay(folder, files):
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content, encoding="utf-8")
    return folder


def without(files, *names):
    return {name: content for name, content in files.items() if name not in names}


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """Lays a snapshot into an empty Hugging Face cache."""
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    repository = tmp_path / "hub" / "models--owner--model-2B"

    def snapshot(files, revision=PINNED, main=False):
        if main:
            lay(repository, {"refs/main": revision})
        return lay(repository / "snapshots" / revision, files)

    return snapshot


def reason(kind=NotMeasured, weights=None, **models):
    with pytest.raises(kind) as caught:
        (weights or Weights(NAME, PINNED, 4_255_140_312)).folder(Models(**models))
    assert type(caught.value) is kind and "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("files", [SINGLE, SHARDED, {"config.json": "{}", "pytorch_model.bin": "1"}])
def test_the_pinned_snapshot_in_the_cache_is_found(cache, files):
    cache(SINGLE, OTHER)
    wanted = cache(files)
    assert Weights(NAME, PINNED).folder(Models()).samefile(wanted)


def test_without_a_pin_the_main_branch_is_found(cache):
    cache(SINGLE, OTHER)
    wanted = cache(SINGLE, PINNED, main=True)
    assert Weights(NAME).folder(Models()).samefile(wanted)


def test_weights_that_are_not_there_say_what_fetching_costs(cache):
    assert reason() == f"weights of {NAME} are not on this machine; `--download` fetches 4.3 GB"
    assert reason(weights=Weights(NAME)) == f"weights of {NAME} are not on this machine; `--download` fetches them"


def test_another_revision_is_not_the_pinned_one(cache):
    cache(SINGLE, OTHER, main=True)
    expected = f"weights of {NAME} are on this machine at revision 0123abc, not at the pinned 9f2f7e7; "
    assert reason() == expected + "`--download` fetches 4.3 GB"


@pytest.mark.parametrize(
    ("files", "missing"),
    [
        (without(SHARDED, "two.safetensors"), "1 of 2 files of weights are missing (two.safetensors)"),
        (
            without(SHARDED, "one.safetensors", "two.safetensors"),
            "2 of 2 files of weights are missing (one.safetensors)",
        ),
        (without(SINGLE, "config.json"), "it has no config.json"),
        (
            without(SINGLE, "model.safetensors"),
            "it has no weights (model.safetensors or model.safetensors.index.json or pytorch_model.bin)",
        ),
        (
            {**SINGLE, "model.safetensors": "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n"},
            "model.safetensors is only a pointer; `git lfs pull` fetches what it stands for",
        ),
    ],
)
def test_what_is_incomplete_is_not_measured_in_the_cache_and_refused_in_a_folder(cache, tmp_path, files, missing):
    cache(files)
    said = f"weights of {NAME} are incomplete on this machine: {missing}; `--download` fetches 4.3 GB"
    assert reason() == said
    own = str(lay(tmp_path / "own", files))
    assert reason(BadConfig, Weights(own)) == f"model {own!r} is not whole: {missing}"


def test_a_link_of_the_cache_to_nothing_is_a_missing_file(cache):
    folder = cache(without(SHARDED, "two.safetensors"))
    (folder / "two.safetensors").symlink_to(folder / "gone")
    assert "1 of 2 files of weights are missing (two.safetensors)" in reason()


def test_a_folder_of_ones_own_is_taken_however_it_is_written(tmp_path, monkeypatch):
    folder = lay(tmp_path / "at" / "home", SHARDED)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    for written in (str(folder), "./at/home", "at/home", "~/at/home"):
        assert Weights(written).folder(Models()).samefile(folder)


def test_weights_may_lie_where_the_first_module_says(tmp_path):
    modules = json.dumps([{"idx": 0, "path": "0_Transformer"}, {"idx": 1, "path": "1_Pooling"}])
    folder = lay(tmp_path / "old", {"modules.json": modules, "0_Transformer/pytorch_model.bin": "1"})
    assert Weights(str(folder)).folder(Models()) == folder
    (folder / "0_Transformer" / "pytorch_model.bin").rename(folder / "pytorch_model.bin")
    assert "it has no weights" in reason(BadConfig, Weights(str(folder)))


@pytest.mark.parametrize("index", ["{", "[]", "{}", '{"weight_map"'])
def test_a_broken_index_is_one_line(tmp_path, index):
    folder = lay(tmp_path / "own", {**SHARDED, "model.safetensors.index.json": index})
    assert "model.safetensors.index.json cannot be read as a part of a model" in reason(BadConfig, Weights(str(folder)))


def test_what_is_no_name_of_a_model_is_refused(tmp_path):
    assert reason(BadConfig, Weights("kure")) == (
        "model 'kure' is neither a folder nor a repository such as 'nlpai-lab/KURE-v1'"
    )
    for name in ("한국/모형", "a/b/c", "owner/", "https://huggingface.co/a/b", "a/b--c", "a/b."):
        assert "is neither a folder nor a repository" in reason(BadConfig, Weights(name))
    assert reason(BadConfig, Weights("./nowhere")) == "model './nowhere' does not exist"
    file = lay(tmp_path, {"weights.gguf": ""}) / "weights.gguf"
    assert reason(BadConfig, Weights(str(file))) == f"model {str(file)!r} is a file, not a folder"


def test_fetching_in_offline_mode_is_one_line(cache):
    said = reason(download=True)
    assert (
        said.startswith(f"weights of {NAME} could not be fetched from https://huggingface.co: ")
        and "HF_HUB_OFFLINE" in said
    )


def test_dummy_weights_fetch_no_real_ones(cache):
    with pytest.raises(NotMeasured, match="are not on this machine; `--download` fetches 4.3 GB"):
        Weights(NAME, PINNED, 4_255_140_312).folder(Models(download=True, weights="dummy"))


def test_a_folder_has_no_revision(tmp_path):
    folder = str(lay(tmp_path / "own", SINGLE))
    said = f"model {folder!r} is a folder, which has no revision '9f2f7e7'; leave it out, or say revision = \"\""
    assert reason(BadConfig, Weights(folder, PINNED)) == said
    assert Weights(folder).folder(Models())


TEXT, SIGHT = json.dumps({"vocab_size": 9}), json.dumps({"text_config": {}, "vision_config": {}})


@pytest.mark.parametrize(
    ("config", "files", "missing"),
    [
        (TEXT, [], "it has no tokenizer"),
        (SIGHT, ["preprocessor_config.json"], "it has no tokenizer"),
        (SIGHT, ["tokenizer.json"], "it has no image processor"),
    ],
)
def test_a_snapshot_without_what_makes_its_inputs_is_incomplete(cache, config, files, missing):
    cache({"model.safetensors": "1", "config.json": config, **dict.fromkeys(files, "{}")})
    expected = f"weights of {NAME} are incomplete on this machine: {missing}; `--download` fetches 4.3 GB"
    assert reason() == expected


@pytest.mark.parametrize(
    ("config", "files"),
    [
        (TEXT, ["tokenizer.json"]),
        (TEXT, ["vocab.txt"]),
        (TEXT, ["spiece.model"]),
        (TEXT, ["0_Transformer/tokenizer_config.json"]),
        (SIGHT, ["tokenizer.json", "preprocessor_config.json"]),
        (SIGHT, ["tokenizer.json", "processor_config.json"]),
        ("{}", []),
    ],
)
def test_a_snapshot_with_what_is_known_to_be_needed_is_whole(cache, config, files):
    folder = cache({"model.safetensors": "1", "config.json": config, **dict.fromkeys(files, "{}")})
    assert Weights(NAME, PINNED).folder(Models()).samefile(folder)


def test_absent_weights_are_refused_before_anything_but_a_download(cache):
    absent = Weights(NAME, PINNED)
    with pytest.raises(NotMeasured, match="are not on this machine"):
        absent.refuse_absent(Models())
    absent.refuse_absent(Models(download=True))
    absent.refuse_absent(Models(weights="dummy"))
    with pytest.raises(BadConfig, match="does not exist"):
        Weights("./nowhere").refuse_absent(Models(weights="dummy"))
    cache(SINGLE)
    absent.refuse_absent(Models())


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (4_255_140_312, "4.3 GB"),
        (16_289_587_680, "16.3 GB"),
        (123_456_789_012, "123.5 GB"),
        (2_400_000_000_000, "2400.0 GB"),
        (850_000_000, "850.0 MB"),
        (12_345, "12.3 kB"),
        (0, "0.0 kB"),
    ],
)
def test_sizes_are_for_people(size, text):
    assert amount(size) == text


# From here on the library speaks to a hub of our own, in a process of its own: it reads HF_ENDPOINT at import.

TOKEN = "hf_" + "aB3" * 9
FETCH = """
import sys
from harness.config import Models
from harness.engine.weights import Weights
from harness.errors import NotMeasured
try:
    print(Weights(sys.argv[1], sys.argv[2], 99).folder(Models(download=True)))
except NotMeasured as reason:
    sys.exit(f"NOT MEASURED: {reason}")
"""


class Hub(BaseHTTPRequestHandler):
    """Answers as huggingface.co does, for one repository; `server.files` are there, `server.broken` fail."""

    def do_HEAD(self):
        self.do_GET()

    def do_GET(self):
        path = self.path.partition("?")[0]
        self.server.asked.append((self.command, path))
        files = {name: content.encode() for name, content in self.server.files.items()}
        if path == f"/api/models/{NAME}/revision/{PINNED}":
            siblings = [{"rfilename": name, "size": len(content)} for name, content in files.items()]
            siblings[0]["size"] += self.server.swollen
            self.answer({"id": NAME, "sha": PINNED, "siblings": siblings})
        elif path == f"/api/models/{NAME}/tree/{PINNED}":
            self.answer([{"type": "file", "path": n, "size": len(c), "oid": f"{n}-etag"} for n, c in files.items()])
        elif (name := path.removeprefix(f"/{NAME}/resolve/{PINNED}/")) in files and name not in self.server.broken:
            self.answer(files[name], **{"X-Repo-Commit": PINNED, "ETag": f'"{name}-etag"'})
        else:
            self.answer({"error": "Repository not found"}, 404, **{"X-Error-Code": "RepoNotFound"})

    def answer(self, content, status=200, **headers):
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.send_response(status)
        for key, value in {"Content-Length": len(body), **headers}.items():
            self.send_header(key, str(value))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    def log_message(self, *words):
        pass


class Fetched(NamedTuple):
    status: int
    said: str
    folder: Path


@pytest.fixture
def hub(tmp_path):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    server.files, server.broken, server.swollen, server.asked = {}, set(), 0, []
    threading.Thread(target=server.serve_forever, daemon=True).start()

    def fetch(model=NAME, endpoint=f"http://127.0.0.1:{server.server_port}"):
        kept = {
            key: value for key, value in os.environ.items() if not key.startswith("HF_") and "proxy" not in key.lower()
        }
        settings = {"HF_ENDPOINT": endpoint, "HF_HOME": str(tmp_path / "home"), "HF_TOKEN": TOKEN}
        command = [sys.executable, "-c", FETCH, model, PINNED]
        done = subprocess.run(
            command, env={**kept, **settings}, cwd=ROOT, capture_output=True, encoding="utf-8", timeout=60
        )
        return Fetched(done.returncode, done.stderr, Path(done.stdout.strip()))

    server.fetch = fetch
    yield server
    server.shutdown()
    server.server_close()


def taken(server):
    return {path.rpartition("/")[2] for command, path in server.asked if command == "GET" and "/resolve/" in path}


def test_download_tells_the_size_and_fetches_the_pinned_revision_without_what_is_not_needed(hub):
    extra = {"pytorch_model.bin": "old" * 99, "onnx/model.onnx": "x", "openvino/openvino_model.bin": "x", "README.md": "x",
             "tf_model.h5": "x", "tokenizer.json": "{}", "1_Pooling/config.json": "{}", "2_Dense/pytorch_model.bin": "x"}  # fmt: skip
    hub.files = SHARDED | extra
    done = hub.fetch()
    assert done.status == 0, done.said
    needed = {*SHARDED, "tokenizer.json", "1_Pooling/config.json", "2_Dense/pytorch_model.bin"}
    there = {path.relative_to(done.folder).as_posix() for path in done.folder.rglob("*") if path.is_file()}
    assert done.folder.name == PINNED and there == needed
    size = sum(len(hub.files[name]) for name in needed)
    assert f"fetching {amount(size)} of {NAME} into " in done.said


def test_pytorch_weights_are_fetched_where_there_are_no_others(hub):
    hub.files = {"config.json": "{}", "pytorch_model.bin": "weights"}
    done = hub.fetch()
    assert (done.folder / "pytorch_model.bin").read_text() == "weights"


def test_what_is_there_already_is_not_asked_for_again(hub):
    hub.files = SHARDED
    hub.fetch()
    hub.asked.clear()
    assert hub.fetch().status == 0
    assert hub.asked == []


def test_a_download_that_breaks_off_is_one_line_and_the_next_one_goes_on(hub):
    hub.files, hub.broken = SHARDED, {"two.safetensors"}
    broken = hub.fetch()
    last = broken.said.strip().splitlines()[-1]
    assert broken.status == 1 and last.startswith(
        f"NOT MEASURED: weights of {NAME} could not be fetched from http://127.0.0.1:"
    )
    assert "Traceback" not in broken.said
    hub.broken.clear()
    hub.asked.clear()
    again = hub.fetch()
    assert again.status == 0 and f"fetching {amount(len(SHARDED['two.safetensors']))} of {NAME} " in again.said
    assert "two.safetensors" in taken(hub) and "one.safetensors" not in taken(hub)


def test_a_small_file_that_a_download_left_out_is_missed_too(hub, cache, monkeypatch, tmp_path):
    hub.files = SINGLE | {"tokenizer.json": "{}", "README.md": "x"}
    (hub.fetch().folder / "tokenizer.json").unlink()
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "home" / "hub"))
    said = f"weights of {NAME} are incomplete on this machine: smaller files are missing; `--download` fetches 4.3 GB"
    assert reason() == said


def test_a_disk_that_is_too_full_is_said_before_anything_is_fetched(hub):
    hub.files, hub.swollen = SINGLE, 10**18
    done = hub.fetch()
    assert f"weights of {NAME} need 1000000000.0 GB, but " in done.said
    assert done.said.strip().endswith(" free; HF_HOME names another place")
    assert taken(hub) == set()


@pytest.mark.parametrize("fault", ["no such repository", "no network"])
def test_a_hub_that_has_or_says_nothing_is_one_line_without_the_token(hub, fault):
    done = hub.fetch(model="owner/none") if fault == "no such repository" else hub.fetch(endpoint="http://127.0.0.1:9")
    last = done.said.strip().splitlines()[-1]
    assert (
        done.status == 1
        and last.startswith("NOT MEASURED: weights of owner/")
        and "could not be fetched from http://127.0.0.1:" in last
    )
    assert TOKEN not in done.said and "Traceback" not in done.said
