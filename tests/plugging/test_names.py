"""Names are found, selected by pattern, or refused with what was probably meant."""

import pytest

from harness.errors import BadConfig, UnknownName
from harness.plugging.names import Names, spelt_out
from harness.plugging.specs import EmbedderSpec, GTSourceSpec, RetrieverSpec


def retrievers(**parts):
    names = Names("retriever")
    for name, of in parts.items():
        names.add(RetrieverSpec(name, dict, parts=of))
    return names


@pytest.mark.parametrize(
    ("patterns", "selected"),
    [
        (["*"], ["b1", "a1", "a2"]),
        (["a*"], ["a1", "a2"]),
        (["a2", "a*"], ["a2", "a1"]),
        (["?1"], ["b1", "a1"]),
        (["[b]1", "a2"], ["b1", "a2"]),
        ([], []),
    ],
)
def test_patterns_select_in_their_order_each_name_once(patterns, selected):
    assert retrievers(b1=(), a1=(), a2=()).select(patterns) == selected


@pytest.mark.parametrize(
    ("pattern", "sentence"),
    [
        ("a3", "unknown retriever 'a3'. Did you mean 'a2'? There are: a1, a2."),
        ("z*", "unknown retriever 'z*'. There are: a1, a2."),
    ],
)
def test_a_pattern_without_a_match_is_refused(pattern, sentence):
    with pytest.raises(UnknownName) as caught:
        retrievers(a1=(), a2=()).select(["a1", pattern])
    assert str(caught.value) == sentence


def test_parts_are_followed_to_the_end_and_a_circle_is_refused():
    names = retrievers(a=("b", "c"), b=(), c=("b",), d=("e",), e=("d",), f=("nobody",))
    assert [spec.name for spec in names.with_parts("a")] == ["a", "b", "c", "b"]
    with pytest.raises(BadConfig, match="^retriever 'd' is a part of itself: d > e > d$"):
        list(names.with_parts("d"))
    with pytest.raises(UnknownName, match="^unknown retriever 'nobody'"):
        list(names.with_parts("f"))


def test_a_name_is_not_a_pattern():
    assert spelt_out("hybrid-a0.5")
    assert not any(map(spelt_out, ("*", "a?", "[ab]c")))


def test_a_family_is_there_but_not_ready():
    names = Names("ground truth")
    names.add(GTSourceSpec("meet", lambda parts, mode: None))
    assert "meet" in names
    with pytest.raises(BadConfig) as caught:
        names.ready("meet")
    assert str(caught.value) == (
        "ground truth 'meet' needs 'parts' and 'mode': give it in harness.toml as "
        '[[ground_truth]] name = "my-meet", uses = "meet", parts = ..., mode = ...'
    )


def test_what_the_engine_hands_over_is_no_option():
    spec = GTSourceSpec("meet", lambda parts, mode="and": None, parts=("a", "b"))
    assert (spec.options, spec.required) == (("mode",), ())
    assert EmbedderSpec("e", lambda *, size, kind="x", **more: None).options == ("size", "kind")
