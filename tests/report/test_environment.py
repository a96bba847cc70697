"""Where a run happened; keys, tokens and passwords of the command line stay out of it."""

import json
import subprocess
from types import SimpleNamespace

import numpy as np
import pynvml
import pytest

from harness.data.catalogue import describe
from harness.masking import masked
from harness.plugging.specs import EmbedderSpec, RetrieverSpec
from harness.report import environment
from harness.report.environment import capture


@pytest.fixture
def dataset(dataset):
    """What is said of the bank; of its items an environment says nothing."""
    return describe(dataset)


def test_it_is_plain_data_and_names_what_must_be_known(dataset):
    told = capture(dataset, ["pytest", "benchmarks/"])
    assert json.loads(json.dumps(told)) == told
    assert told["dataset"] == {
        "name": "tiny", "digest": "c0ffee", "items": 4, "queries": 3, "synthetic": True, "licence": "CC0",
    }  # fmt: skip
    assert told["packages"]["numpy"] == np.__version__
    assert told["command"] == ["pytest", "benchmarks/"]
    assert told["machine"]["cores"] >= 1
    assert told["machine"]["cpu"]


@pytest.mark.parametrize(
    "command",
    [
        ["--api-key=s3cr3t"],
        ["--api-key", "s3cr3t"],
        ["--hf-token", "s3cr3t"],
        ["OPENAI_API_KEY=s3cr3t"],
        ["--password=s3cr3t and more"],
        ["postgresql://user:s3cr3t@host/db"],
        ["--override", "embedder.api_key=s3cr3t"],
        ["Authorization: Bearer s3cr3t"],
        ["sk-s3cr3ts3cr3ts3cr3t"],
        ["x=hf_s3cr3ts3cr3ts3cr3t"],
    ],
)
def test_a_secret_is_masked(command):
    assert "s3cr3t" not in " ".join(masked(command))
    assert "***" in " ".join(masked(command))


@pytest.mark.parametrize("word", ["-k", "qwen3-vl-2b+dense", "benchmarks/test_accuracy.py", "--dataset", "gt/math100"])
def test_what_is_no_secret_stays(word):
    assert masked([word, "next"]) == [word, "next"]


def test_the_commit_and_whether_anything_differs_from_it(dataset, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert capture(dataset, [])["git"] is None
    git = ["git", "-c", "user.name=x", "-c", "user.email=x@example.org"]
    for words in (["init", "-q"], ["commit", "-q", "--allow-empty", "-m", "first"]):
        subprocess.run([*git, *words], check=True)
    commit = subprocess.run(["git", "rev-parse", "HEAD"], check=True, capture_output=True, text=True).stdout.strip()
    assert capture(dataset, [])["git"] == {"commit": commit, "dirty": False}
    (tmp_path / "new.txt").touch()
    assert capture(dataset, [])["git"] == {"commit": commit, "dirty": True}


def driver(**replaced):
    """Two GPUs of a driver that answers everything but what a test replaces."""
    answers = {
        "NVMLError": pynvml.NVMLError, "nvmlInit": lambda: None, "nvmlShutdown": lambda: None,
        "nvmlSystemGetDriverVersion": lambda: "550.1", "nvmlDeviceGetCount": lambda: 2,
        "nvmlDeviceGetHandleByIndex": lambda index: index, "nvmlDeviceGetName": lambda handle: f"GPU {handle}".encode(),
        "nvmlDeviceGetMemoryInfo": lambda handle: SimpleNamespace(total=24 * 2**30),
    }  # fmt: skip
    return SimpleNamespace(**{**answers, **replaced})


def refuses(*_):
    raise pynvml.NVMLError(pynvml.NVML_ERROR_NOT_SUPPORTED)


def only_the_second(handle):
    return "GPU 1" if handle == 1 else refuses()


FIRST, SECOND = ({"name": f"GPU {n}", "memory_mib": 24576, "driver": "550.1"} for n in (0, 1))


@pytest.mark.parametrize(
    ("replaced", "told"),
    [
        ({}, [FIRST, SECOND]),
        ({"nvmlDeviceGetName": only_the_second}, [SECOND]),
        ({"nvmlDeviceGetMemoryInfo": refuses}, []),
        ({"nvmlSystemGetDriverVersion": refuses}, []),
        ({"nvmlDeviceGetCount": refuses}, []),
        ({"nvmlShutdown": refuses}, [FIRST, SECOND]),
        ({"nvmlInit": refuses}, []),
    ],
)
def test_what_the_driver_refuses_to_tell_is_left_out(dataset, monkeypatch, replaced, told):
    monkeypatch.setattr(environment, "pynvml", driver(**replaced))
    assert capture(dataset, [])["gpus"] == told


def built(path, size=3, api_key=""):
    raise NotImplementedError


def test_each_component_is_told_with_its_revision_its_facts_and_its_options(dataset):
    spec = EmbedderSpec("qwen", built, revision="abc", licence="MIT", modalities=("text", "image"), dimensions=256)
    told = capture(dataset, [], [spec.variant("mine", {"path": "/models/x", "size": 4}), RetrieverSpec("bm25", dict)])
    assert json.loads(json.dumps(told))["components"] == json.loads(json.dumps(told["components"]))
    mine, bm25 = told["components"]
    assert (mine["kind"], mine["name"], mine["revision"], mine["dimensions"]) == ("embedder", "mine", "abc", 256)
    assert mine["options"] == {"path": "/models/x", "size": "4"}
    assert (bm25["kind"], bm25["options"]) == ("retriever", {})


def test_without_components_there_are_none(dataset):
    assert capture(dataset, [])["components"] == []


@pytest.mark.parametrize(
    ("option", "value"),
    [("path", "https://user:s3cr3t@host/model"), ("path", "hf_s3cr3ts3cr3ts3cr3t"), ("api_key", "s3cr3t-word")],
)
def test_a_secret_among_the_options_is_masked(dataset, option, value):
    spec = EmbedderSpec("qwen", built).variant("mine", {option: value})
    told = json.dumps(capture(dataset, [], [spec])["components"])
    assert "s3cr3t" not in told
    assert "***" in told
