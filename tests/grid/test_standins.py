"""A broken plugin costs the systems that its names stand in; everything else of the grid runs."""

import pytest
from toys import registry

from harness.config import Grid
from harness.errors import PluginFailed, UnknownName
from harness.grid.standins import ORIGIN, stand_in
from harness.grid.systems import cross, embeds
from harness.plugging.specs import RetrieverSpec

BROKEN = PluginFailed("plugin qwen.py failed at import: ModuleNotFoundError: No module named 'torch'")


def stood_in(broken=True, **grid):
    plugged = registry(retrievers=[RetrieverSpec("mix", dict, parts=("dot", "gone"))])
    plugged.broken = [BROKEN] if broken else []
    asked = Grid(**{"retrievers": ["words"], **grid})
    stand_in(plugged, asked, ["qwen+base"] if grid.pop("policy", False) else [])
    return plugged, asked


def names(plugged):
    return {spec.kind + " " + spec.name for spec in plugged.all() if spec.origin == ORIGIN}


def test_while_no_plugin_is_broken_nothing_stands_in():
    plugged, asked = stood_in(broken=False, embedders=["qwen"], retrievers=["dot"])
    assert names(plugged) == set()
    with pytest.raises(UnknownName, match="unknown embedder 'qwen'"):
        cross(asked, plugged)


def test_every_kind_of_name_that_the_grid_spells_out_gets_one():
    plugged, asked = stood_in(
        embedders=["qwen", "letters"], retrievers=["words", "dot", "colbert"], rerankers=["none", "jina"],
        ground_truths=["labels", "llm"],
    )  # fmt: skip
    assert names(plugged) == {"embedder qwen", "retriever colbert", "retriever gone", "reranker jina", "ground truth llm"}
    crossed = [system.name for system in cross(asked, plugged)]
    assert {"words", "words+jina", "letters+dot", "qwen+dot", "qwen+dot+jina", "letters+colbert"} <= set(crossed)


@pytest.mark.parametrize(
    ("system", "wanted"),
    [
        ("qwen+dot", {"embedder qwen"}),
        ("qwen+dot+longest", {"embedder qwen"}),
        ("letters+colbert", {"retriever colbert"}),
        ("colbert", {"retriever colbert"}),
        ("words+jina", {"reranker jina"}),
        ("colbert+longest", {"retriever colbert"}),
        ("qwen+colbert+jina", {"embedder qwen", "retriever colbert", "reranker jina"}),
    ],
)
def test_a_part_of_a_systems_name_gets_one_and_the_system_can_be_crossed(system, wanted):
    plugged, asked = stood_in(candidates=["words"], baselines=[system])
    assert names(plugged) - {"retriever gone"} == wanted
    assert {crossed.name: crossed.role for crossed in cross(asked, plugged)} == {"words": "candidate", system: "baseline"}


def test_the_stand_in_raises_what_broke_when_it_is_built():
    plugged, _ = stood_in(embedders=["qwen"])
    with pytest.raises(PluginFailed) as caught:
        plugged.embedders["qwen"].build()
    assert str(caught.value) == f"embedder 'qwen' is registered by no plugin; {BROKEN}"


def test_a_hybrid_whose_part_is_gone_still_has_its_name():
    plugged, asked = stood_in(embedders=["letters"], retrievers=["mix", "words"])
    assert embeds(plugged, "mix")
    assert [system.name for system in cross(asked, plugged)] == ["words", "letters+mix"]


def test_a_lost_retriever_that_a_role_names_alone_needs_no_embedder():
    plugged, asked = stood_in(embedders=["letters"], retrievers=["words", "colbert"], candidates=["colbert", "words"])
    assert [system.name for system in cross(asked, plugged)] == ["words", "colbert"]


def test_patterns_get_no_stand_in_and_known_names_stay_as_they_are():
    plugged, _ = stood_in(embedders=["qwen*", "letters"])
    assert names(plugged) == {"retriever gone"}
    assert plugged.embedders["letters"].origin == ""


def test_what_is_no_system_is_still_refused():
    plugged, asked = stood_in(candidates=["a+b+c+d"])
    with pytest.raises(UnknownName, match=r"unknown system 'a\+b\+c\+d'"):
        cross(asked, plugged)
