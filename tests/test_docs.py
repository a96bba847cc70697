"""Every code block of the README and of docs/ is run: what a page shows has happened.

The blocks of one page share one copy of the project, in order. On the line before a block may stand a mark:

<!-- file: PATH -->      the block is written to that file of the project
<!-- append: PATH -->    the block is added to the end of that file
<!-- edit: PATH -->      each `key = value` line takes the place of that key's line in the file
<!-- exits: N -->        its command ends with this status instead of 0
<!-- paths -->           the first word of each line is a path that exists in the repository
<!-- needs: gpu -->      (or hub) it is listed by `test_blocks_that_wait_for_a_machine`, not run

A `text` block after a command is its output: numbers may differ, `...` stands for anything.
"""

from __future__ import annotations

import doctest
import json
import os
import re
import shutil
import subprocess
import sys
import textwrap
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

import harness
from harness.config import Config, Criterion, Policy

ROOT = Path(__file__).resolve().parent.parent
PAGES = [*sorted(ROOT.glob("README*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
COPIED = ("harness", "plugins", "benchmarks", "gt", "conftest.py", "harness.toml", "pyproject.toml")
NEEDS = {"gpu", "hub"}

FENCE = re.compile(
    r"(?P<marks>(?:^<!-- [^\n]* -->\n)*)^ *```(?P<language>\w*)\n(?P<text>.*?)^ *```$", re.MULTILINE | re.DOTALL
)
MARK = re.compile(r"<!-- (\w+)(?:: (.*?))? -->")
LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#\s]+)")

STAND_INS = (
    # What `make bench` does once its environment stands. The environment itself is the business of .ci/run.
    (re.compile(r'^make bench(?: ARGS="(.*)")?$', re.MULTILINE), r"python -m pytest benchmarks/ \1"),
    # Installing is tried where it is cheap to be wrong: .ci/run goes through both doors of the Makefile.
    (re.compile(r"^(make (test|lint|types|clean)|git clone \S+|cd retrieval-harness|.*\bpip install .*)$", re.MULTILINE), ":"),
)
VARYING = (
    (re.compile(r"\b[0-9a-f]{7,64}\b"), "#"),  # digests and commits
    (re.compile(r"[-+]?\d[\d,]*(?:\.\d+)?"), "#"),
    (re.compile(r"([=\-─━|:])\1+"), r"\1"),  # rules are as long as the widest number
)


@dataclass(frozen=True)
class Block:
    """A fenced code block and where it stands."""

    page: Path
    line: int
    language: str
    text: str
    marks: dict[str, str]

    @property
    def place(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def blocks(page: Path) -> Iterator[Block]:
    content = page.read_text(encoding="utf-8")
    for found in FENCE.finditer(content):
        line = content.count("\n", 0, found.end("marks")) + 1
        yield Block(page, line, found["language"], textwrap.dedent(found["text"]), dict(MARK.findall(found["marks"])))


@dataclass
class Project:
    """A copy of the project in which the blocks of one page happen, one after the other."""

    folder: Path
    output: str | None = field(default=None)

    def happen(self, block: Block) -> None:
        for mark in ("file", "append", "edit"):
            if mark in block.marks:
                getattr(self, f"_{mark}")(self.folder / block.marks[mark], block.text)
                return
        handler = getattr(self, f"_{block.language or 'text'}", None)
        assert handler, f"a {block.language!r} block needs a mark that says what to do with it"
        handler(block)

    def _file(self, path: Path, text: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def _append(self, path: Path, text: str) -> None:
        self._file(path, f"{path.read_text(encoding='utf-8')}\n{text}")

    def _edit(self, path: Path, text: str) -> None:
        content = path.read_text(encoding="utf-8")
        for line in text.splitlines():
            key = line.partition("=")[0].strip()
            content, count = re.subn(rf"^{re.escape(key)} *=.*$", lambda _, line=line: line, content, flags=re.MULTILINE)
            assert count == 1, f"{path.name} has {count} lines that set {key!r}"
        self._file(path, content)

    def _python(self, block: Block) -> None:
        self._run([sys.executable, "-"], block, block.text)

    def _bash(self, block: Block) -> None:
        self._run(["bash", "-euo", "pipefail"], block, _stood_in(block.text))

    def _console(self, block: Block) -> None:
        """`$ command` lines, each with the output that follows it."""
        for session in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
            command, _, output = session.partition("\n")
            self._run(["bash", "-uo", "pipefail"], block, _stood_in(command))
            if output.strip():
                self._compare(output)

    def _text(self, block: Block) -> None:
        if "paths" not in block.marks:
            self._compare(block.text)
            return
        missing = [line.split()[0] for line in block.text.splitlines() if line and not (ROOT / line.split()[0]).exists()]
        assert not missing, f"these paths do not exist: {missing}"

    def _json(self, block: Block) -> None:
        json.loads(block.text)

    def _toml(self, block: Block) -> None:
        """A policy, a criterion, a whole harness.toml or a piece of one; a pyproject.toml is only parsed."""
        content = tomllib.loads(block.text)
        if "criterion" in content and "name" in content:
            Policy.model_validate(content)
        elif "criterion" in content:
            assert [Criterion.model_validate(one) for one in content["criterion"]]
        elif "project" not in content:
            whole = tomllib.loads((self.folder / "harness.toml").read_text(encoding="utf-8"))
            Config.model_validate({**whole, **content, "folder": self.folder})

    def _run(self, command: list[str], block: Block, script: str) -> None:
        done = subprocess.run(
            command, input=script, cwd=self.folder, env=_environment(self.folder), text=True, encoding="utf-8",
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120, check=False,
        )  # fmt: skip
        self.output = done.stdout
        wanted = int(block.marks.get("exits", 0))
        assert done.returncode == wanted, f"{script.strip()}\nended with {done.returncode}, not {wanted}:\n{done.stdout}"

    def _compare(self, shown: str) -> None:
        assert self.output is not None, "no command stands before this output"
        flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
        same = doctest.OutputChecker().check_output(_masked(shown), _masked(self.output), flags)
        assert same, f"the page shows\n{shown}\nbut the command printed\n{self.output}"


def _environment(folder: Path) -> dict[str, str]:
    """As at a newcomer's terminal of 100 columns: nothing of the pytest that runs this test is passed on."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "COV_"))}
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    own = {"PATH": path, "PYTHONPATH": str(folder), "PYTHONUTF8": "1", "COLUMNS": "100", "NO_COLOR": "1"}
    return {**inherited, **own}


def _stood_in(script: str) -> str:
    for pattern, instead in STAND_INS:
        script = pattern.sub(instead, script)
    return script


def _masked(text: str) -> str:
    for pattern, mask in VARYING:
        text = pattern.sub(mask, text)
    return text


@pytest.fixture
def project(tmp_path: Path) -> Project:
    for name in COPIED:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, tmp_path / name)
    return Project(tmp_path)


def _title(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("page", PAGES, ids=_title)
def test_what_a_page_shows_happens(page, project):
    for block in blocks(page):
        if "needs" in block.marks:
            continue
        try:
            project.happen(block)
        except Exception as error:
            pytest.fail(f"{block.place}: {error}", pytrace=False)


@pytest.mark.parametrize("page", PAGES, ids=_title)
def test_no_block_escapes(page):
    fences = re.findall(r"^ *(?:```|~~~)", page.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(fences) == 2 * len(list(blocks(page)))


def test_blocks_that_wait_for_a_machine():
    waiting = {block.place: block.marks["needs"] for page in PAGES for block in blocks(page) if "needs" in block.marks}
    print("not run here:", *(f"{place} needs {need}" for place, need in waiting.items()), sep="\n")
    assert set(waiting.values()) <= NEEDS


@pytest.mark.parametrize("page", PAGES, ids=_title)
def test_links_lead_somewhere(page):
    links = LINK.findall(page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_the_changelog_tells_of_this_version():
    newest = re.search(r"^## \[?([^\]\s]+)", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert newest and newest[1] == harness.__version__
