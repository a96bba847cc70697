"""The distribution: what the wheel carries, that a foreign project runs from it, and that the lock holds."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
import xml.etree.ElementTree as ET
import zipfile
from pathlib import Path

import pytest

import harness

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """Built as a release would be, from this checkout."""
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (file,) = folder.glob("*.whl")
    return file


@pytest.fixture(scope="module")
def foreign(wheel, tmp_path_factory):
    """An empty folder elsewhere in which only the wheel's content can be imported as `harness`."""
    site, project = tmp_path_factory.mktemp("site"), tmp_path_factory.mktemp("project")
    zipfile.ZipFile(wheel).extractall(site)
    env = {**os.environ, "PYTHONPATH": str(site), "PYTHONDONTWRITEBYTECODE": "1"}

    def run(*words):
        command = [sys.executable, "-m", *words]
        done = subprocess.run(command, cwd=project, env=env, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout + done.stderr, project

    return run


def files(folder):
    return {path.relative_to(ROOT / folder).as_posix() for path in (ROOT / folder).rglob("*.py")} - {"__init__.py"}


def test_the_wheel_holds_one_package_with_shelf_suites_and_templates(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {name.split("/")[0] for name in names} == {"harness", f"retrieval_harness-{harness.__version__}.dist-info"}
    assert {f"harness/shelf/{name}" for name in files("plugins")} <= names
    assert {f"harness/suites/{name}" for name in files("benchmarks")} <= names
    assert {"harness/suites/criteria/plan.toml", "harness/suites/criteria/ci.toml"} <= names
    assert {"harness/templates/project/harness.toml", "harness/templates/project/gt/example/items.json",
            "harness/templates/report/page.html.jinja", "harness/templates/words/ko.toml"} <= names


def test_the_wheel_says_its_version_licence_and_extras(wheel):
    info = f"retrieval_harness-{harness.__version__}.dist-info"
    metadata = zipfile.ZipFile(wheel).read(f"{info}/METADATA").decode()
    assert f"\nVersion: {harness.__version__}\n" in metadata
    assert "\nLicense-Expression: MIT\n" in metadata
    assert {"models", "peers", "dev"} <= set(re.findall(r"^Provides-Extra: (.+)$", metadata, re.MULTILINE))
    assert f"{info}/licenses/LICENSE" in zipfile.ZipFile(wheel).namelist()


def test_init_then_pytest_works_in_a_foreign_folder(foreign):
    status, told, project = foreign("harness", "init")
    assert status == 0, told
    status, told, _ = foreign("pytest", "-q", "-k", "example+dense and not hybrid", "--junitxml=junit.xml")
    assert status == 0, told
    assert "verdicts under policy example on example" in told
    assert (project / "reports" / "latest" / "report.md").is_file()
    cases = {case.get("name") for case in ET.parse(project / "junit.xml").iter("testcase")}
    assert {"test_accuracy[example+dense]", "test_go_nogo[example+dense/recall-at-5]"} <= cases


def test_the_foreign_project_lists_the_shelf_of_the_wheel(foreign):
    foreign("harness", "init")
    status, told, _ = foreign("harness", "plugins")
    assert status == 0, told
    assert "built-in retrievers/bm25.py" in told
    assert "plugins/embedders/example.py" in told


def test_everything_that_is_depended_on_is_locked():
    """But for the extra `qwen`: torchvision has no build that fits the locked torch everywhere."""
    locked = {line.partition("==")[0].lower() for line in _locked()}
    asked = [*PROJECT["dependencies"], *(name for key, extra in PROJECT["optional-dependencies"].items() if key != "qwen" for name in extra)]
    names = {re.split(r"[\[<>=]", requirement)[0].lower().replace("_", "-") for requirement in asked}
    assert names <= {name.replace("_", "-") for name in locked}


def test_the_lock_names_one_version_each_and_pins_torch():
    lines = _locked()
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+==[\w.!-]+", line) for line in lines)
    assert len({line.partition("==")[0].lower() for line in lines}) == len(lines)
    assert "torch==2.13.0" in lines


def test_the_lean_set_is_without_torch():
    heavy = {"torch", "transformers", "sentence-transformers", "accelerate"}
    assert not heavy & {re.split(r"[\[<>=]", requirement)[0] for requirement in PROJECT["dependencies"]}


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        ("PYTHON=/nonexistent/python", "make: /nonexistent/python does not run, or is not a Python >= 3.11\n"),
        ("PYTHON=false", "make: false does not run, or is not a Python >= 3.11\n"),
        ("CANDIDATES=python2.7", "make: no Python >= 3.11 found (tried: python2.7); name one with PYTHON=...\n"),
    ],
)
def test_make_says_in_one_line_which_python_it_lacks(setting, told, tmp_path):
    for name in ("Makefile", "pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, tmp_path)
    command = ["make", "--no-print-directory", "bench", setting]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith(told)
    assert len(done.stderr.splitlines()) == 2, "that line, and make's own about the target"
    assert not (tmp_path / ".venv").exists()


def _locked():
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]
