"""The house itself: one order of rooms, each of which can stand alone, is short, and says what it is."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

HOUSE = Path(__file__).parents[1] / "harness"
ORDER = """
masking errors
data
data.model data.images data.run
data.formats
data.formats.lines data.formats.content data.formats.truths data.formats.itemtruth
data.formats.itembank data.formats.beir data.formats.trec data.formats.npz
data.catalogue
ranking
ranking.measures ranking.units ranking.relevance ranking.metrics ranking.lengths ranking.topk ranking.fusion
statistics
statistics.clusters statistics.intervals statistics.percentiles statistics.bootstrap statistics.paired
statistics.selection statistics.power
toml words settings config policy
plugging
plugging.components plugging.specs plugging.scoring plugging.hookspecs plugging.names plugging.shelf plugging.registry
__init__
grid
grid.standins grid.systems grid.families grid.scenarios
engine
engine.once engine.building engine.device engine.holding engine.contents engine.embedding engine.reranking
engine.vectors engine.judging engine.pipeline engine.live engine.extras engine.choices engine.checkpoint engine.weights engine.batching engine.messages engine.server
models
models.loading models.dummies models.qwen3_vl models.sentences
probes
probes.canary probes.latency probes.throughput probes.memory probes.isolated probes.exercise probes.growth probes.stability probes.readings
verdict
verdict.measurement verdict.arithmetic verdict.ends verdict.audit verdict.evaluation verdict.gain verdict.similarity verdict.chance
verdict.outcomes verdict.criteria verdict.recorded verdict.comparison verdict.changes verdict.waivers
session
session.wishes session.asked session.timings session.memo session.remembered session.ladder session.opening
report
report.drawing
report.page
report.page.svg report.page.axes report.page.marks report.page.picture report.page.plot report.page.curves report.page.bars
report.page.latencies report.page.places report.page.pareto report.page.thumbnails report.page.passages
report.cases report.page.album report.page.sheets
report.rows report.results report.recording report.gate report.findings report.lines report.tables report.terminal
report.csv report.environment report.stored report.blocks
report.chapters
report.chapters.commands report.chapters.figures report.chapters.summary report.chapters.environment report.chapters.accuracy
report.chapters.performance report.chapters.comparing report.chapters.analysis report.chapters.recommendation
report.chapters.appendix
report.manuscript report.markdown report.html report.short
report.book
report.book.amounts report.book.timesheets report.book.worksheets report.book.workbook
report.folder report.closing
review
review.runs review.likeness review.changes review.contrast review.sidecar review.replay
review.sameness review.remembering review.completeness review.remade review.recheck
pytest_plugin
commands
commands.datasets commands.init commands.plugins commands.vram commands.gate commands.verify commands.compare commands.report
__main__
"""
"""Every room, in the order in which they may know each other: a room imports only rooms that stand before it."""

ROOMS = ORDER.split()
CARRIED = ("templates", "shelf", "suites")
"""Folders of files that the package carries and that are no rooms of it."""

LONGEST = 210


def path_of(room):
    folder = HOUSE / room.replace(".", "/")
    return folder / "__init__.py" if folder.is_dir() else folder.with_suffix(".py")


TREES = {room: ast.parse(path_of(room).read_text("utf-8")) for room in ROOMS if path_of(room).exists()}


def imports(tree):
    """The full names of everything that a room imports, with the line."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative import"
            yield from ((f"{node.module}.{alias.name}", node.lineno) for alias in node.names)


def rooms_in(name):
    """The room that an imported name lies in: `harness.data.model.Item` lies in data.model."""
    parts = name.split(".")[1:]
    return next((room for n in range(len(parts), 0, -1) if (room := ".".join(parts[:n])) in TREES), "__init__")


def test_the_list_is_the_house():
    files = {
        ".".join(path.relative_to(HOUSE).with_suffix("").parts)
        for path in HOUSE.rglob("*.py")
        if path.relative_to(HOUSE).parts[0] not in CARRIED
    }
    assert {name.removesuffix(".__init__") for name in files} == set(ROOMS)
    assert len(ROOMS) == len(set(ROOMS))


@pytest.mark.parametrize("room", TREES)
def test_a_room_knows_only_rooms_before_it(room):
    later = [
        f"line {line}: {name}"
        for name, line in imports(TREES[room])
        if name.split(".")[0] == "harness" and ROOMS.index(rooms_in(name)) >= ROOMS.index(room)
    ]
    assert later == []


@pytest.mark.parametrize("room", [room for room in TREES if room != "__init__"])
def test_no_room_imports_the_house(room):
    """`import harness` inside the house makes one ring of all rooms."""
    ours = [(name, line) for name, line in imports(TREES[room]) if name.split(".")[0] == "harness"]
    assert [f"line {line}: {name}" for name, line in ours if rooms_in(name) == "__init__"] == []


@pytest.mark.parametrize("room", TREES)
def test_imports_stand_at_the_top(room):
    hidden = [
        inner.lineno
        for node in ast.walk(TREES[room])
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        for inner in ast.walk(node)
        if isinstance(inner, (ast.Import, ast.ImportFrom))
    ]
    assert hidden == []


@pytest.mark.parametrize("room", TREES)
def test_a_room_is_short(room):
    assert len(path_of(room).read_text("utf-8").splitlines()) <= LONGEST


@pytest.mark.parametrize("room", TREES)
def test_a_room_says_what_it_is_and_what_it_offers(room):
    tree = TREES[room]
    assert ast.get_docstring(tree)
    silent = [
        node.name
        for node in tree.body
        if isinstance(node, (ast.FunctionDef, ast.ClassDef))
        and not node.name.startswith(("_", "pytest_"))
        and not ast.get_docstring(node)
    ]
    assert silent == []


def test_only_the_door_knows_pytest():
    assert [room for room in TREES if any(name.split(".")[0] == "pytest" for name, _ in imports(TREES[room]))] == ["pytest_plugin"]


def test_only_the_shelf_stands_on_models():
    """The floor that knows torch: whoever else imported it would bring torch to everybody."""
    above = [room for room in TREES if not room.startswith("models")]
    users = [room for room in above if any(name.startswith("harness.models") for name, _ in imports(TREES[room]))]
    assert users == []
    knowing = [room for room in above if any(name.split(".")[0] == "torch" for name, _ in imports(TREES[room]))]
    assert knowing == []


@pytest.mark.parametrize("room", TREES)
def test_no_room_asserts_or_prints(room):
    """What a user must hear is an error of the family, or written by the commands and pytest's own reporter."""
    told = [
        node.lineno
        for node in ast.walk(TREES[room])
        if isinstance(node, ast.Assert) or (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print")
    ]
    assert told == []


ALONE = """
import os, sys, warnings
import numpy, pluggy, pydantic, PIL.Image, pynvml, pytest, tabulate

for n, room in enumerate(sys.argv[1:]):
    if n >= 8:
        os.wait()
    if os.fork() == 0:
        warnings.simplefilter("error")
        try:
            __import__(room)
        except BaseException as error:
            sys.stdout.write(f"{room}: {type(error).__name__}: {error}\\n")
        sys.stdout.flush()
        os._exit(0)
for _ in sys.argv[1:9]:
    os.wait()
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_every_room_can_be_imported_first_and_alone():
    """Each in a process of its own, warnings being errors; what is not ours is loaded beforehand."""
    names = ["harness" if room == "__init__" else f"harness.{room}" for room in ROOMS if room != "__main__"]
    done = subprocess.run(
        [sys.executable, "-c", ALONE, *names], capture_output=True, text=True, cwd=HOUSE.parent, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_the_door_loads_nothing_heavy():
    heavy = ("torch", "sklearn", "bm25s", "rank_bm25", "mecab", "scipy.stats", "pandas", "transformers")
    code = f"import sys, harness.pytest_plugin; print(sorted({set(heavy)} & sys.modules.keys()))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=HOUSE.parent, check=True)
    assert done.stdout.strip() == "[]"
