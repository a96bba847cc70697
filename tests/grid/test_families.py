"""Variants of one thing are told by how they are built: every alpha of a hybrid, whatever it is called."""

from functools import partial

import pytest
from toys import Words, registry

from harness.config import Grid, load_config
from harness.grid.families import Family, families
from harness.grid.systems import System, cross
from harness.plugging.registry import collect
from harness.plugging.specs import RetrieverSpec


def build(parts, *, alpha=0.5, depth=100):
    return parts


def build_otherwise(parts, *, alpha=0.5, depth=100):
    return parts


class Tuned(Words):
    """A class may be what builds."""

    def __init__(self, k=60, mode="sum", stop=()):
        self.k = k


class Maker:
    """So may an object, which no set can hold."""

    __hash__ = None

    def __call__(self, k=60):
        return Words()


def mixed(name, made=build, parts=("dot", "words"), **options):
    return RetrieverSpec(name, partial(made, **options), parts=parts)


def found(*retrievers, embedders=("letters",), rerankers=("none",)):
    grid = Grid(embedders=list(embedders), retrievers=[spec.name for spec in retrievers], rerankers=list(rerankers))
    plugged = registry(retrievers=retrievers)
    return families(cross(grid, plugged), plugged)


def test_the_alphas_of_the_shelf_are_one_family_per_embedder_and_reranker(project):
    """A table's alpha too, and the parts of another hybrid are another thing."""
    project.toml += """
[[retriever]]
name = "in-between"
uses = "hybrid-a0.5"
alpha = 0.25

[[retriever]]
name = "hybrid-a0.9-of-words"
uses = "hybrid-a0.5"
parts = ["dense", "bm25-okapi"]
alpha = 0.9
"""
    plugged = collect(load_config(project.write()))
    names = ["bm25", "hybrid-a*", "in-between", "rrf"]
    grid = Grid(embedders=["random", "char-hashing"], retrievers=names, rerankers=["none", "lexical"])
    alphas = {
        "hybrid-a0.0": 0.0,
        "in-between": 0.25,
        "hybrid-a0.3": 0.3,
        "hybrid-a0.5": 0.5,
        "hybrid-a0.7": 0.7,
        "hybrid-a1.0": 1.0,
    }
    assert families(cross(grid, plugged), plugged) == [
        Family(
            f"{embedder}+hybrid{reranker}", "alpha",
            {f"{embedder}+{name}{reranker}": alpha for name, alpha in alphas.items()},
        )
        for embedder in ("random", "char-hashing") for reranker in ("", "+lexical")
    ]  # fmt: skip


def test_members_come_by_their_settings_and_not_by_their_names():
    [family] = found(mixed("a", alpha=0.9), mixed("b", alpha=0.1), mixed("c", alpha=0.5))
    assert list(family.members.items()) == [("letters+b", 0.1), ("letters+c", 0.5), ("letters+a", 0.9)]


def test_names_alone_make_no_family():
    assert found(mixed("mix-a0.1", alpha=0.1), mixed("mix-a0.9", made=build_otherwise, alpha=0.9)) == []


def test_other_parts_make_another_thing():
    assert found(mixed("one", alpha=0.1), mixed("two", alpha=0.9, parts=("words", "dot"))) == []


def test_what_is_bound_to_a_place_makes_another_thing():
    first, second, third = (
        RetrieverSpec(name, partial(Tuned, place, **options))
        for name, place, options in (
            ("one", 1, {"mode": "sum"}),
            ("two", 2, {"mode": "max"}),
            ("three", 2, {"mode": "sum"}),
        )
    )
    assert found(first, second) == []
    [family] = found(first, second, third)
    assert (family.option, dict(family.members)) == ("mode", {"two": "max", "three": "sum"})


def test_an_option_that_nobody_set_stands_at_its_default():
    plain = RetrieverSpec("plain", Tuned)
    [family] = found(plain, plain.variant("ten", {"k": 10}))
    assert family == Family("test_families", "k", {"ten": 10, "plain": 60})


def test_a_variant_of_a_variant_belongs_to_it():
    plain = RetrieverSpec("plain", Tuned)
    ten = plain.variant("ten", {"k": 10})
    [family] = found(plain, ten, ten.variant("five", {"k": 5}))
    assert dict(family.members) == {"five": 5, "ten": 10, "plain": 60}


def test_two_options_that_differ_make_no_family_but_each_alone_does():
    four = [
        mixed(f"a{alpha}-d{depth}", alpha=alpha, depth=depth) for alpha in (0.1, 0.9) for depth in (10, 20)
    ]  # fmt: skip
    assert found(four[0], four[3]) == []
    assert sorted((family.option, *family.members) for family in found(*four)) == [
        ("alpha", "letters+a0.1-d10", "letters+a0.9-d10"), ("alpha", "letters+a0.1-d20", "letters+a0.9-d20"),
        ("depth", "letters+a0.1-d10", "letters+a0.1-d20"), ("depth", "letters+a0.9-d10", "letters+a0.9-d20"),
    ]  # fmt: skip


def test_of_equal_settings_the_first_stands_for_all():
    [family] = found(mixed("one", alpha=1.0), mixed("same", alpha=1), mixed("other", alpha=0.5))
    assert dict(family.members) == {"letters+other": 0.5, "letters+one": 1.0}
    assert found(mixed("one", alpha=1.0), mixed("same", alpha=1)) == []


def test_settings_are_numbers_and_texts_and_what_else_python_has():
    plain = RetrieverSpec("plain", Tuned)
    by_mode, by_stop = (
        found(plain, plain.variant("max", {"mode": "max"})),
        found(plain, plain.variant("stopped", {"stop": ["the", "a"]})),
    )
    assert [dict(family.members) for family in by_mode] == [{"max": "max", "plain": "sum"}]
    assert [dict(family.members) for family in by_stop] == [{"plain": "()", "stopped": "['the', 'a']"}]


def test_rankings_that_exist_already_are_no_settings_of_anything():
    runs = [RetrieverSpec(name, partial(Tuned, k=k), stored=True) for k, name in enumerate(("monday", "tuesday"))]
    assert found(*runs) == []


@pytest.mark.parametrize("made", [dict, Maker()])
def test_whatever_builds_is_taken(made):
    """`dict` says of no option that it takes it, and a name stands for a plugin that no file is known of."""
    specs = [RetrieverSpec("one", partial(made, k=1)), RetrieverSpec("two", partial(made, k=2))]
    [family] = found(*specs)
    assert (family.option, dict(family.members)) == ("k", {"one": 1, "two": 2})
    assert family.base == ("one" if made is dict else "test_families")


def test_no_system_no_family():
    assert families([], registry()) == []
    assert families([System("words"), System("dot", "letters")], registry()) == []
