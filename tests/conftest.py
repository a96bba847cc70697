"""What tests of several floors share."""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

# One thread each: several tests at once on few cores wait for one another's threads, and take several times as long.
os.environ.setdefault("OMP_NUM_THREADS", "1")

if not importlib.util.find_spec("hypothesis"):
    pytest.exit("the tests need more than the benchmark does: run `make test` once", returncode=4)

# Test files are imported by path, so that two may bear one name; what they share has to be found by name.
sys.path.insert(0, str(Path(__file__).parent))

from toys import Project

_ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def shared() -> Callable[[str], Path]:
    """`shared("data/scifact")`: reference data that is no part of the project; the test is skipped where it is absent.

    It lies in the folder that HARNESS_SHARED names, or beside the repository.
    """
    folder = Path(os.environ.get("HARNESS_SHARED", _ROOT.parent / "shared"))

    def find(relative: str) -> Path:
        if not (folder / relative).exists():
            pytest.skip(f"{relative} is not among the shared data")
        return folder / relative

    return find


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A folder with a harness.toml, a policy, an item bank of letters and as many plugins as a test writes into it."""
    return Project(tmp_path / "project")
