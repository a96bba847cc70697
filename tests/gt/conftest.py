"""The generator's modules, the committed bank, and the two things the tests do with a dataset folder."""
import hashlib
import importlib
import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from PIL import Image

ROOT = Path(__file__).parents[2]
GENERATOR = ROOT / "gt" / "generator"
ROOMS = ("bank", "distractors", "items", "korean")


@pytest.fixture(scope="session")
def rooms():
    """The generator's own modules: it is a script folder, so its folder is the path they are found on."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(GENERATOR))
        yield SimpleNamespace(**{name: importlib.import_module(name) for name in ROOMS})


@pytest.fixture(scope="session")
def judged(rooms):
    """The hundred judged items, with the values they were made from."""
    return rooms.bank.judged(2026)


@pytest.fixture(scope="session")
def committed():
    """The folder gt/math100, and what its two files hold."""
    folder = ROOT / "gt" / "math100"
    items = json.loads((folder / "items.json").read_text("utf-8"))["items"]
    queries = json.loads((folder / "ground_truth.json").read_text("utf-8"))["queries"]
    return SimpleNamespace(folder=folder, items=items, queries=queries)


@pytest.fixture(scope="session")
def run():
    """Runs the generator as its user does; gives what it says, and insists on its exit status."""
    def command(*arguments: str, status: int = 0) -> str:
        words = [sys.executable, "-B", str(GENERATOR), *arguments]
        done = subprocess.run(words, capture_output=True, text=True, encoding="utf-8", check=False)
        assert done.returncode == status, done.stderr or done.stdout
        return done.stdout + done.stderr
    return command


@pytest.fixture(scope="session")
def pixels():
    """The sha256 of all pictures of a folder, decoded, in the order of their names."""
    def digest(folder: Path) -> str:
        found = hashlib.sha256()
        for path in sorted((folder / "images").glob("*.png")):
            with Image.open(path) as image:
                found.update(image.convert("RGB").tobytes())
        return found.hexdigest()
    return digest
