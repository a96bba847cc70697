"""The four hooks: what they are called and what they take is what the documentation says."""

import inspect
import re
from pathlib import Path

import pytest

from harness.plugging import hookspecs

HOOKS = {name: hook for name, hook in vars(hookspecs).items() if name.startswith("harness_")}
PAGE = Path(__file__).parents[2] / "docs" / "writing-a-plugin.md"


def test_there_are_four():
    assert sorted(HOOKS) == [
        "harness_register_embedders", "harness_register_gt_sources",
        "harness_register_rerankers", "harness_register_retrievers",
    ]  # fmt: skip


@pytest.mark.parametrize("name", HOOKS)
def test_every_hook_says_what_it_is_for(name):
    assert inspect.getdoc(HOOKS[name])
    assert list(inspect.signature(HOOKS[name]).parameters) == ["config"]


@pytest.mark.skipif(not PAGE.exists(), reason="docs/writing-a-plugin.md is not written yet")
@pytest.mark.parametrize("name", HOOKS)
def test_every_hook_has_a_heading_with_its_exact_arguments(name):
    arguments = ", ".join(inspect.signature(HOOKS[name]).parameters)
    headings = re.findall(r"^#+ (.*)$", PAGE.read_text("utf-8"), re.MULTILINE)
    assert f"{name}({arguments})" in [heading.strip("`") for heading in headings]
