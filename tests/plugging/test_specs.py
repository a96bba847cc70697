"""A spec says what it promises, cheaply; its variants keep to it, and what cannot be is refused in one line."""

import dataclasses
import json
from functools import partial

import pytest

from harness.engine.building import build
from harness.errors import BadConfig, UnknownName
from harness.plugging.specs import EmbedderSpec, GTSourceSpec, RerankerSpec, RetrieverSpec, Spec

KINDS = (EmbedderSpec, RetrieverSpec, RerankerSpec, GTSourceSpec)


def model(path, *, size=3, pooling="last"):
    return {"path": path, "size": size, "pooling": pooling}


@pytest.mark.parametrize("name", ["bm25", "qwen3-vl-2b", "hybrid-a0.7", "a", "0", "a.b-c.d"])
def test_names_are_lower_case_words(name):
    assert EmbedderSpec(name, dict).name == name


@pytest.mark.parametrize("name", ["", "BM25", "a b", "a_b", "a+b", "-a", "a-", "a--b", ".a", "한글", "a\n", "a/b"])
@pytest.mark.parametrize("kind", KINDS)
def test_other_names_are_refused_with_an_example(kind, name):
    with pytest.raises(BadConfig) as caught:
        kind(name, dict)
    assert str(caught.value).startswith(f"{kind.kind} name {name!r} must be lower-case ASCII words joined by '-' or '.'")


def test_what_is_no_function_cannot_build():
    with pytest.raises(BadConfig) as caught:
        RerankerSpec("r", [1, 2])
    assert str(caught.value) == "reranker 'r': `build` must be a function that builds it, not a list"


@pytest.mark.parametrize("kind", [EmbedderSpec, RerankerSpec])
def test_a_model_sees_texts_and_pictures_and_nothing_else(kind):
    assert kind("m", dict).modalities == ("text",)
    assert kind("m", dict, modalities=("image", "text")).modalities == ("image", "text")
    with pytest.raises(UnknownName) as caught:
        kind("m", dict, modalities=("text", "images"))
    assert str(caught.value) == f"unknown modality of {kind.kind} 'm' 'images'. Did you mean 'image'? There are: image, text."


def test_a_spec_is_frozen_and_building_it_is_left_to_others():
    spec = EmbedderSpec("e", lambda: 1 / 0)
    with pytest.raises(dataclasses.FrozenInstanceError):
        spec.name = "f"


def test_options_are_what_build_takes_and_required_what_has_no_default():
    spec = EmbedderSpec("e", model)
    assert (spec.options, spec.required) == (("path", "size", "pooling"), ("path",))
    assert (EmbedderSpec("e", dict).options, EmbedderSpec("e", lambda: 0).required) == ((), ())


def test_the_parts_that_the_engine_hands_over_are_no_option():
    assert RetrieverSpec("r", lambda parts, alpha=0.5: 0, parts=("a",)).options == ("alpha",)
    assert RetrieverSpec("r", lambda alpha=0.5: 0).options == ("alpha",)
    assert EmbedderSpec("e", lambda parts, shows: 0, parts=("a", "b")).required == ("shows",)


def test_a_variant_is_the_same_component_under_another_name_with_options_set():
    spec = EmbedderSpec("e", model, licence="MIT", origin="e.py", download=5)
    variant = spec.variant("mine", {"path": "x", "size": 4})
    assert build(variant) == {"path": "x", "size": 4, "pooling": "last"}
    assert (variant.name, variant.licence, variant.origin, variant.download) == ("mine", "MIT", "e.py", 5)
    assert (variant.required, variant.chosen) == ((), {"path": "x", "size": 4})
    assert (spec.name, spec.chosen, spec.required) == ("e", {}, ("path",))


def test_a_variant_of_a_variant_adds_and_overrides():
    second = EmbedderSpec("e", model).variant("one", {"path": "x", "size": 4}).variant("two", {"size": 5, "pooling": "mean"})
    assert build(second) == second.chosen == {"path": "x", "size": 5, "pooling": "mean"}


def test_what_a_plugin_has_set_already_is_chosen_too():
    assert EmbedderSpec("e", partial(model, path="x")).chosen == {"path": "x"}


@pytest.mark.parametrize("options", [{"sise": 4}, {"size": 4, "sise": 4}])
def test_a_stray_option_is_refused_with_what_was_meant(options):
    with pytest.raises(UnknownName, match="^unknown option of embedder 'e' 'sise'. Did you mean 'size'?"):
        EmbedderSpec("e", model).variant("mine", options)


@pytest.mark.parametrize(
    ("spec", "options", "facts"),
    [
        (RerankerSpec("r", model), {"depth": 30, "keep": 10}, {"depth": 30, "keep": 10}),
        (RerankerSpec("r", model), {"modalities": ["text", "image"]}, {"modalities": ("text", "image")}),
        (EmbedderSpec("e", model), {"lighter": "e-nf4"}, {"lighter": "e-nf4"}),
        (EmbedderSpec("e", model), {"modalities": ["image"]}, {"modalities": ("image",)}),
        (RetrieverSpec("r", lambda parts: 0, parts=("a",)), {"parts": ["b", "c"]}, {"parts": ("b", "c")}),
        (GTSourceSpec("g", lambda parts: 0, parts=("a",)), {"parts": ["b"]}, {"parts": ("b",)}),
    ],
    ids=lambda value: value.kind if isinstance(value, Spec) else str(value),
)
def test_facts_that_a_table_may_set_are_facts_and_not_handed_to_build(spec, options, facts):
    variant = spec.variant("mine", options)
    assert {name: getattr(variant, name) for name in facts} == facts
    assert variant.chosen == {}


def test_an_option_that_is_also_a_fact_sets_both():
    spec = EmbedderSpec("e", lambda revision="main", dimensions=None: (revision, dimensions), revision="main")
    variant = spec.variant("cut", {"revision": "abc", "dimensions": 256})
    assert (variant.revision, variant.dimensions) == build(variant) == ("abc", 256)
    assert variant.variant("again", {"dimensions": 128}).dimensions == 128


def test_a_fact_that_build_does_not_take_is_a_stray_option():
    with pytest.raises(UnknownName, match="^unknown option of embedder 'e' 'dimensions'"):
        EmbedderSpec("e", model).variant("mine", {"dimensions": 3})


@pytest.mark.parametrize(
    ("spec", "option", "value", "sentence"),
    [
        (RerankerSpec("r", dict), "depth", "30", "'depth' of reranker 'r' needs a whole number, not '30'"),
        (RerankerSpec("r", dict), "depth", 2.5, "'depth' of reranker 'r' needs a whole number, not 2.5"),
        (RerankerSpec("r", dict), "keep", True, "'keep' of reranker 'r' needs a whole number, not True"),
        (RerankerSpec("r", dict), "modalities", "text", "'modalities' of reranker 'r' needs a list, not 'text'"),
        (EmbedderSpec("e", dict), "lighter", 4, "'lighter' of embedder 'e' needs a text in quotes, not 4"),
        (EmbedderSpec("e", lambda dimensions=None: 0), "dimensions", "512",
         "'dimensions' of embedder 'e' needs a whole number, not '512'"),
        (RetrieverSpec("r", lambda parts: 0, parts=("a",)), "parts", "b", "'parts' of retriever 'r' needs a list, not 'b'"),
    ],
)  # fmt: skip
def test_a_fact_of_another_type_is_refused(spec, option, value, sentence):
    with pytest.raises(BadConfig) as caught:
        spec.variant("mine", {option: value})
    assert str(caught.value) == sentence


@pytest.mark.parametrize("modality", ["sound", "pictures", ""])
def test_a_variant_cannot_see_what_nobody_sees(modality):
    with pytest.raises(UnknownName, match="^unknown modality of embedder 'mine'"):
        EmbedderSpec("e", dict).variant("mine", {"modalities": [modality]})


@pytest.mark.parametrize("fact", ["depth", "keep"])
def test_a_negative_number_of_candidates_is_refused(fact):
    with pytest.raises(BadConfig, match=fact):
        RerankerSpec("r", dict).variant("mine", {fact: -1})


@pytest.mark.parametrize("kind", KINDS)
def test_facts_are_plain_data_without_the_function(kind):
    facts = kind("x", dict, revision="1", licence="MIT", about="an x").facts()
    assert "build" not in facts
    assert {"name", "revision", "licence", "about", "origin"} <= facts.keys()
    assert json.loads(json.dumps(facts))["name"] == "x"


def test_only_models_run_on_a_device_unless_they_say_otherwise():
    assert [kind("x", dict).on_device for kind in (EmbedderSpec, RerankerSpec, RetrieverSpec)] == [True, True, False]
    assert [kind("x", dict).dummy for kind in (EmbedderSpec, RerankerSpec)] == [False, False]
    assert Spec.kind == "component"
