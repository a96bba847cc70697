"""The command line that gives a number again, typed once more by a shell's own reading of it."""

import dataclasses
import shlex

import pytest

from harness.report.chapters.commands import again


def run(kept, *command):
    return dataclasses.replace(kept, environment={**kept.environment, "command": list(command)})


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (["pytest", "benchmarks/"], ["pytest", "benchmarks/test_latency.py"]),
        (["pytest", "benchmarks"], ["pytest", "benchmarks/test_latency.py"]),
        (["pytest", "./benchmarks/"], ["pytest", "benchmarks/test_latency.py"]),
        (["pytest"], ["pytest", "benchmarks/test_latency.py"]),
        (["pytest", "benchmarks/test_latency.py"], ["pytest", "benchmarks/test_latency.py"]),
        (["pytest", "benchmarks/test_accuracy.py", "benchmarks/test_latency.py"], ["pytest", "benchmarks/test_latency.py"]),
        (["pytest", "benchmarks/test_go_nogo.py::test_go_nogo"], ["pytest", "benchmarks/test_latency.py"]),
        (["pytest", "benchmarks/", "-k", "bm25 and not 'x'"], ["pytest", "benchmarks/test_latency.py", "-k", "bm25 and not 'x'"]),
        (["pytest", "--criteria", "benchmarks/criteria/ci.toml", "benchmarks/"],
         ["pytest", "benchmarks/test_latency.py", "--criteria", "benchmarks/criteria/ci.toml"]),
        (["pytest", "benchmarks/", "--dataset", "other/test_bank.py"],
         ["pytest", "benchmarks/test_latency.py", "--dataset", "other/test_bank.py"]),
    ],
    ids=" ".join,
)  # fmt: skip
def test_the_suite_stands_in_the_place_of_those_that_were_named(kept, command, words):
    assert shlex.split(again(run(kept, *command), "test_latency.py")) == words


def test_without_a_suite_it_is_what_was_typed(kept):
    command = ["pytest", "benchmarks/", "-k", "a b", "--gate"]
    assert shlex.split(again(run(kept, *command))) == command


def test_a_secret_is_not_told_again(kept):
    told = again(run(kept, "pytest", "benchmarks/", "--api-key", "hunter22"), "test_latency.py")
    assert "hunter22" not in told
    assert "--api-key" in told
