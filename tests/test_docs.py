"""Every code block of the README and of docs/ is run: what a page shows has happened, and a page leaves nothing out.

The blocks of one page share one copy of the project, in order. On the line before a block may stand a mark:

<!-- file: PATH -->      the block is written to that file of the project
<!-- append: PATH -->    the block is added to the end of that file
<!-- edit: PATH -->      each `key = value` line takes the place of that key's in the file
<!-- exits: N -->        its command ends with this status instead of 0
<!-- paths -->           the first word of each line is a path that exists in the repository
<!-- shows: PATH -->     the block stands in that file of the repository, word for word
<!-- needs: gpu -->      (or hub) it is listed by `test_blocks_that_wait_for_a_machine`, not run

A `text` block after a command is its output: numbers may differ, `...` stands for anything. The Korean README shows the
blocks of the English one, so they are run once.
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
from dataclasses import dataclass
from pathlib import Path

import pytest

import harness
from harness.config import Config, Grid, Models, Probes, load_config
from harness.errors import HarnessError
from harness.grid.scenarios import SCENARIOS
from harness.plugging.specs import EmbedderSpec
from harness.policy import Criterion, load_policy
from harness.ranking.measures import MEASURES
from harness.verdict.criteria import Decision, State

ROOT = Path(__file__).resolve().parent.parent
README, KOREAN = ROOT / "README.md", ROOT / "README.ko.md"
PAGES = [README, *sorted((ROOT / "docs").rglob("*.md"))]
FOLDERS = ("harness", "plugins", "benchmarks", "gt/math100", "gt/generator", "gt/replay", "reports/example")
FILES = ("conftest.py", "harness.toml", "pyproject.toml")
NEEDS = {"gpu", "hub"}

FENCE = re.compile(
    r"(?P<marks>(?:^<!-- [^\n]* -->\n)*)^ *```(?P<language>\w*)\n(?P<text>.*?)^ *```$", re.MULTILINE | re.DOTALL
)
MARK = re.compile(r"<!-- (\w+)(?:: (.*?))? -->")
LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#\s]+)")
COMMENT = re.compile(r" +# .*")

STAND_INS = (
    # What `make bench` does once its environment stands; .ci/run goes through the real doors of the Makefile.
    (re.compile(r'^make bench(?: ARGS="(.*)")?$', re.MULTILINE), r"python -m pytest benchmarks/ \1"),
    # The README has just run everything on this bank; that it can be named is shown without timing it all once more.
    (re.compile(r"^pytest benchmarks/ --dataset gt/math100(?=\s)", re.MULTILINE), r"\g<0> -k accuracy"),
    # What would fetch or install something is not done again.
    (re.compile(r"^(?:make (?:test|lint|types)|git clone .*|cd retrieval-harness|source \.venv/bin/activate|pip install .*)$", re.MULTILINE), ":"),
)
VARYING = (
    (re.compile(r"\b[0-9a-f]{7,64}\b"), "#"),  # digests and commits
    (re.compile(r"[-+]?\d[\d,]*(?:\.\d+)?"), "#"),
    (re.compile(r"([=\-─━|:])\1+"), r"\1"),  # rules are as long as the widest number
)


class WrongPage(Exception):
    """A block did not happen as the page shows it."""


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
    output: str | None = None

    def happen(self, block: Block) -> None:
        if "shows" in block.marks:
            self._shows(block)
            return
        for mark in ("file", "append", "edit"):
            if mark in block.marks:
                getattr(self, f"_{mark}")(self.folder / block.marks[mark], block.text)
        if "file" not in block.marks or block.language in ("json", "toml"):
            handler = getattr(self, f"_{block.language or 'text'}", None)
            if handler is None:
                raise WrongPage(f"a {block.language!r} block needs a mark that says what to do with it")
            handler(block)

    def _shows(self, block: Block) -> None:
        if block.text not in (ROOT / block.marks["shows"]).read_text(encoding="utf-8"):
            raise WrongPage(f"{block.marks['shows']} does not hold these lines")

    def _file(self, path: Path, text: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def _append(self, path: Path, text: str) -> None:
        self._file(path, f"{path.read_text(encoding='utf-8')}\n{text}")

    def _edit(self, path: Path, text: str) -> None:
        content = path.read_text(encoding="utf-8")
        for line in text.splitlines():
            key = line.partition("=")[0].strip()
            value = r"(?:\[\n(?:[^\]].*\n)*\]|.*)$"  # a list may stand in many lines
            there = re.findall(rf"^{re.escape(key)} *= *{value}", content, re.MULTILINE)
            if len(there) != 1:
                raise WrongPage(f"{path.name} has {len(there)} lines that set {key!r}")
            content = content.replace(there[0], line)
        self._file(path, content)

    def _python(self, block: Block) -> None:
        self._run([sys.executable, "-c", block.text], block)

    def _bash(self, block: Block) -> None:
        self._run(["bash", "-euo", "pipefail", "-c", _stood_in(block.text)], block)

    def _console(self, block: Block) -> None:
        """`$ command` lines, each with the output that follows it."""
        for session in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
            command, _, output = session.partition("\n")
            self._run(["bash", "-uo", "pipefail", "-c", _stood_in(command)], block)
            if output.strip():
                self._compare(output)

    def _text(self, block: Block) -> None:
        if "paths" not in block.marks:
            self._compare(block.text)
            return
        paths = [line.split()[0] for line in block.text.splitlines() if line]
        missing = [path for path in paths if not (ROOT / path).exists()]
        if missing:
            raise WrongPage(f"these paths do not exist: {missing}")

    def _json(self, block: Block) -> None:
        json.loads(block.text)

    def _toml(self, block: Block) -> None:
        """Read as what it is: a policy, some criteria, harness.toml; a pyproject.toml only has to be TOML."""
        content = tomllib.loads(block.text)
        changed = [block.marks[mark] for mark in ("append", "edit") if mark in block.marks]
        text = (self.folder / changed[0]).read_text(encoding="utf-8") if changed else block.text
        page = self.folder / "page.toml"
        if "criterion" in content:
            page.write_text(text if "name" in content else f'name = "page"\n{text}', encoding="utf-8")
            load_policy(page)
        elif "project" not in content:
            page.write_text(text, encoding="utf-8")
            load_config(page)

    def _run(self, command: list[str], block: Block) -> None:
        done = subprocess.run(
            command, cwd=self.folder, env=_environment(self.folder), text=True, encoding="utf-8", timeout=120,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
        )  # fmt: skip
        self.output = done.stdout
        wanted = int(block.marks.get("exits", 0))
        if done.returncode != wanted:
            raise WrongPage(f"{command[-1].strip()}\nended with {done.returncode}, not {wanted}:\n{done.stdout}")

    def _compare(self, shown: str) -> None:
        if self.output is None:
            raise WrongPage("no command stands before this output")
        flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
        if not doctest.OutputChecker().check_output(_masked(shown), _masked(self.output), flags):
            raise WrongPage(f"the page shows\n{shown}\nbut the command printed\n{self.output}")


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
    """In a folder of its own, so that a page may also go beside it (`../elsewhere`)."""
    folder = tmp_path / "retrieval-harness"
    folder.mkdir()
    for name in FOLDERS:
        shutil.copytree(ROOT / name, folder / name)
    for name in FILES:
        shutil.copy(ROOT / name, folder)
    return Project(folder)


def _problem(project: Project, block: Block) -> str:
    """What went wrong with a block, without the traceback: the page is at fault, or the program, not this file."""
    try:
        project.happen(block)
    except (WrongPage, HarnessError, ValueError, OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    return ""


def _title(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("page", PAGES, ids=_title)
def test_what_a_page_shows_happens(page, project):
    for block in blocks(page):
        if "needs" not in block.marks:
            problem = _problem(project, block)
            if problem:
                pytest.fail(f"{block.place}: {problem}", pytrace=False)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("```bash\nfalse\n```\n", "ended with 1, not 0"),
        ("<!-- exits: 1 -->\n```bash\ntrue\n```\n", "ended with 0, not 1"),
        ("```bash\necho 7 items\n```\n\n```text\n7 pictures\n```\n", "but the command printed"),
        ("```console\n$ echo 7 items\n7 pictures\n```\n", "but the command printed"),
        ("```text\n7 items\n```\n", "no command stands before"),
        ("```python\nimport nothing_of_that_name\n```\n", "ModuleNotFoundError"),
        ("```json\n{id: 1}\n```\n", "Expecting property name"),
        ("```toml\n[grid]\nretriever = []\n```\n", "retriever"),
        ("<!-- edit: harness.toml -->\n```toml\nembedder = []\n```\n", "0 lines that set 'embedder'"),
        ("<!-- paths -->\n```text\nharness/attic.py  old things\n```\n", "do not exist: ['harness/attic.py']"),
        ("<!-- shows: conftest.py -->\n```python\nimport pytest\n```\n", "does not hold these lines"),
        ("```yaml\non: push\n```\n", "needs a mark"),
    ],
)  # fmt: skip
def test_a_page_that_is_wrong_is_caught(project, text, complaint):
    page = project.folder / "page.md"
    page.write_text(text, encoding="utf-8")
    assert complaint in " ".join(_problem(project, block) for block in blocks(page))


@pytest.mark.parametrize("page", [*PAGES, KOREAN], ids=_title)
def test_no_block_escapes(page):
    fences = re.findall(r"^ *(?:```|~~~)", page.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(fences) == 2 * len(list(blocks(page)))


def test_blocks_that_wait_for_a_machine():
    """A skip, so that `pytest -rs` lists them."""
    waiting = [block for page in PAGES for block in blocks(page) if "needs" in block.marks]
    assert {block.marks["needs"] for block in waiting} <= NEEDS
    if waiting:
        pytest.skip("not run: " + ", ".join(f"{block.place} needs {block.marks['needs']}" for block in waiting))


@pytest.mark.parametrize("page", [*PAGES, KOREAN, ROOT / "gt" / "README.md", ROOT / "CHANGELOG.md"], ids=_title)
def test_links_lead_somewhere(page):
    links = LINK.findall(page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_the_korean_readme_shows_what_the_english_one_shows():
    """Commands, outputs, marks and links are the same; only comments are translated."""
    english, korean = (
        [(block.language, block.marks, COMMENT.sub("", block.text)) for block in blocks(page)]
        for page in (README, KOREAN)
    )
    assert korean == english
    there, here = (set(LINK.findall(page.read_text(encoding="utf-8"))) for page in (README, KOREAN))
    assert (here - there, there - here) == ({"README.md"}, {"README.ko.md"})


def test_architecture_shows_the_floors_in_the_order_of_the_house():
    rooms = re.search(r'ORDER = """(.*?)"""', (ROOT / "tests" / "test_house.py").read_text(encoding="utf-8"), re.DOTALL)
    shown = re.findall(r"^harness/(\w+)", (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert rooms and shown == list(dict.fromkeys(room.split(".")[0] for room in rooms[1].split()))


SHELF = ["qwen3-vl-2b", "qwen3-vl-8b", "kure-v1", "siglip-base", "siglip-so400m", "kure-v1-siglip-base",
         "qwen3-vl-reranker-2b", "qwen3-vl-reranker-2b-text", "sentence-transformers", "cross-encoder", "openai",
         "vllm-chat", "tei", "rerank-server", "rerank-server-vl", "concat"]  # fmt: skip


@pytest.mark.parametrize(
    ("page", "names"),
    [
        ("criteria.md", MEASURES),
        ("criteria.md", Criterion.model_fields),
        ("criteria.md", [*State, *Decision]),
        ("formats.md", [*Config.model_fields.keys() - {"folder"}, *Grid.model_fields, *Probes.model_fields,
                        *Models.model_fields]),
        ("models.md", SCENARIOS),
        ("models.md", SHELF),
        ("writing-a-plugin.md", EmbedderSpec("x", dict).facts().keys() - {"name", "origin"}),
        ("writing-a-plugin.md", ["uses_embedder", "lexical", "parts", "stored", "depth", "keep"]),
    ],
)  # fmt: skip
def test_a_page_leaves_no_name_out(page, names):
    """Each stands where a name stands: in a code span, in bold, in brackets, or at the beginning of a line of TOML."""
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    there = {name for name in names if re.search(rf"(?:[`*\[]|^){re.escape(name)}(?![\w-])", text, re.MULTILINE)}
    assert set(names) - there == set()


def test_formats_names_every_option_of_the_command_line():
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--help"], cwd=ROOT, env=_environment(ROOT), stdout=subprocess.PIPE,
        text=True, encoding="utf-8", check=True,
    )  # fmt: skip
    group = re.search(r"^retrieval benchmark.*?\n(.*?)\n\n", done.stdout, re.MULTILINE | re.DOTALL)
    options = re.findall(r"^ +(--[\w-]+)", group[1] if group else "", re.MULTILINE)
    text = (ROOT / "docs" / "formats.md").read_text(encoding="utf-8")
    assert options and [option for option in options if f"`{option}" not in text] == []


def test_the_changelog_tells_of_this_version():
    newest = re.search(r"^## \[?([^\]\s]+)", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert newest and newest[1] == harness.__version__
