"""What is crossed: names, roles, and every system once."""

import pytest
from toys import Longest, Words, registry

from harness.config import Grid
from harness.errors import BadConfig, UnknownName
from harness.grid.systems import System, cross, embeds, lexical, on_device, parse
from harness.plugging.specs import EmbedderSpec, RerankerSpec, RetrieverSpec

PLUGGED = registry(
    embedders=[EmbedderSpec("other", dict), EmbedderSpec("family", lambda path: path)],
    retrievers=[RetrieverSpec("mix", dict, parts=("dot", "words")), RetrieverSpec("deep", dict, parts=("mix",))],
    rerankers=[RerankerSpec("gpu", Longest)],
)


def crossed(**grid):
    return {system.name: system.role for system in cross(Grid(**{"retrievers": ["words"], **grid}), PLUGGED)}


def test_everything_is_crossed_but_what_embeds_nothing_comes_once():
    grid = {"embedders": ["letters", "other"], "retrievers": ["dot", "words", "mix"], "rerankers": ["none", "longest"]}
    assert list(crossed(**grid)) == [
        "words", "words+longest",
        "letters+dot", "letters+dot+longest", "letters+mix", "letters+mix+longest",
        "other+dot", "other+dot+longest", "other+mix", "other+mix+longest",
    ]  # fmt: skip


def test_without_an_embedder_what_needs_one_is_not_crossed():
    assert crossed(retrievers=["dot", "words"]) == {"words": "candidate"}


def test_what_reranks_nothing_stands_in_no_name_whatever_it_is_called():
    copy, other = RerankerSpec("copy-none", Longest, depth=0), RerankerSpec("a-none", Longest, depth=3)
    plugged = registry(rerankers=[copy, other])
    grid = Grid(retrievers=["words"], rerankers=["none", "copy-none", "a-none"])
    assert [system.name for system in cross(grid, plugged)] == ["words", "words+a-none"]
    assert [system.name for system in cross(Grid(retrievers=["words"], rerankers=["copy-none"]), plugged)] == ["words"]
    with pytest.raises(UnknownName, match=r"^unknown system 'words\+copy-none'"):
        parse("words+copy-none", plugged)


def test_a_reranker_alone_leaves_out_the_first_stage():
    assert crossed(rerankers=["longest"]) == {"words+longest": "candidate"}


def test_roles_name_systems_of_the_grid_and_beyond_it():
    roles = crossed(
        embedders=["letters"], retrievers=["words", "dot"], rerankers=["none", "longest"],
        candidates=["letters+*"], baselines=["words"], chance=["other+dot"],
    )  # fmt: skip
    assert roles == {
        "words": "baseline", "words+longest": "other",
        "letters+dot": "candidate", "letters+dot+longest": "candidate", "other+dot": "chance",
    }  # fmt: skip


def test_baseline_and_chance_win_over_a_broad_candidate_pattern():
    roles = crossed(embedders=["other"], retrievers=["words", "dot"], candidates=["*"], baselines=["w*"], chance=["other*"])
    assert roles == {"words": "baseline", "other+dot": "chance"}


@pytest.mark.parametrize(
    ("grid", "sentence"),
    [
        ({"retrievers": ["word"]},
         "unknown retriever 'word'. Did you mean 'words'? There are: deep, dot, mix, words."),
        ({"embedders": ["leters"]}, "unknown embedder 'leters'. Did you mean 'letters'? There are: letters, other."),
        ({"rerankers": ["non"]}, "unknown reranker 'non'. Did you mean 'none'? There are: gpu, longest, none."),
        ({"candidates": ["wrds"]}, "unknown system 'wrds'. Did you mean 'words'? There are: words."),
        ({"baselines": ["dense*"]}, "unknown system 'dense*'. There are: words."),
        ({"chance": ["other+word"]}, "unknown system 'other+word'. Did you mean 'other+words'? There are: other+words, words."),
    ],
)  # fmt: skip
def test_a_name_that_nothing_answers_to_is_refused(grid, sentence):
    with pytest.raises(UnknownName) as caught:
        crossed(**grid)
    assert str(caught.value).replace("Did you mean 'words'? There are: words.", "There are: words.") == sentence.replace(
        "Did you mean 'words'? There are: words.", "There are: words."
    )


@pytest.mark.parametrize(
    ("name", "system"),
    [
        ("words", System("words")),
        ("words+longest", System("words", None, "longest")),
        ("letters+dot", System("dot", "letters")),
        ("letters+mix+longest", System("mix", "letters", "longest")),
    ],
)
def test_a_name_and_its_system_are_each_others_inverse(name, system):
    assert parse(name, PLUGGED) == system
    assert system.name == name


@pytest.mark.parametrize("name", ["", "+", "word", "words+", "words+none", "words+words", "letters+dot+longest+longest", "dot+letters"])
def test_what_is_no_system_is_refused(name):
    with pytest.raises((UnknownName, BadConfig)) as caught:
        parse(name, PLUGGED, ["words"])
    assert f"system {name!r}" in str(caught.value)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("dot", "system 'dot': retriever 'dot' needs an embedder, as in 'char-hashing+dot'"),
        ("mix+longest", "system 'mix+longest': retriever 'mix' needs an embedder, as in 'char-hashing+mix'"),
        ("letters+words", "system 'letters+words': retriever 'words' uses no embedder, so 'letters' has nothing to do"),
    ],
)
def test_an_embedder_too_few_or_too_many_is_explained(name, sentence):
    with pytest.raises(BadConfig) as caught:
        parse(name, PLUGGED)
    assert str(caught.value) == sentence


def test_a_family_in_a_systems_name_needs_its_options_first():
    with pytest.raises(BadConfig, match=r"^embedder 'family' needs 'path': give it in harness.toml as \[\[embedder\]\]"):
        parse("family+dot", PLUGGED)


def test_what_a_retriever_is_follows_from_its_parts():
    facts = {name: (embeds(PLUGGED, name), lexical(PLUGGED, name)) for name in ("dot", "words", "mix", "deep")}
    assert facts == {"dot": (True, False), "words": (False, True), "mix": (True, True), "deep": (True, True)}


def test_a_system_is_on_a_device_when_any_stage_may_be():
    assert not on_device(PLUGGED, System("words"))
    assert not on_device(PLUGGED, System("mix", "letters", "longest"))
    assert on_device(PLUGGED, System("dot", "other"))
    assert on_device(PLUGGED, System("words", None, "gpu"))
    plugged = registry(retrievers=[RetrieverSpec("gpu-words", Words, on_device=True), RetrieverSpec("two", dict, parts=("gpu-words",))])
    assert on_device(plugged, System("two"))


def test_only_what_is_judged_or_compared_with_is_timed():
    assert [System("words", role=role).timed for role in ("candidate", "baseline", "chance", "other")] == [True, True, False, False]
    assert System("dot", "letters", "longest", "candidate").first_stage == System("dot", "letters", None, "candidate")
