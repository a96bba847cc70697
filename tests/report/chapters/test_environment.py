"""Chapter 2: which bank, whose judgements, which systems made of which parts, and what machine."""

import dataclasses

import pytest

from harness.report.blocks import Bullets
from harness.report.chapters import environment
from harness.report.drawing import Table

ONE, TWO = "qwen3-vl-2b+hybrid-a0.5", "qwen3-vl-2b+hybrid-a0.5+lexical"

COMPONENTS = [
    {"kind": "embedder", "name": "qwen3-vl-2b", "revision": "abc", "licence": "Apache-2.0", "dummy": True,
     "options": {"pooling": "last", "device": "", "max_pixels": "1,003,520|x"}},
    {"kind": "retriever", "name": "dense", "revision": "1", "licence": "", "options": {}},
]  # fmt: skip


def rows(table):
    assert isinstance(table, Table)
    return {row[0]: dict(zip(table.header, row, strict=True)) for row in table.rows}


def test_the_dataset_is_told_in_numbers_with_its_licence_and_digest(section):
    counts, licence, _ = section(environment, "Dataset")
    assert counts.text == (
        "tiny (SYNTHETIC): 4 items (0 with a picture), 3 queries; by category: text 4; median length 6 characters."
    )
    assert licence.text == "Licence: CC0. sha256: c0ffee."


def test_what_is_not_stated_is_said_not_to_be(section, rerun, kept):
    dataset = dataclasses.replace(kept.results.dataset, licence="", synthetic=False, categories={"": 4})
    counts, licence, _ = section(environment, "Dataset", rerun(dataset=dataset))
    assert licence.text.startswith("Licence: not stated.")
    assert counts.text.startswith("tiny: 4 items") and "by category: none 4;" in counts.text


def test_every_ground_truth_says_who_judged_what_was_picked_from_whom(section):
    *_, table = section(environment, "Dataset")
    told = rows(table)
    assert list(told) == ["labels", "llm"]
    assert told["llm"] == {
        "ground truth": "llm", "judged how": "llm, a model", "picked from": "bm25 @20", "relevant from grade": "1",
        "queries": "1", "pairs": "1", "relevant per query": "1 to 1, mean 1.0", "best recall@5 / @10": "1.000 / 1.000",
    }  # fmt: skip
    assert (told["labels"]["judged how"], told["labels"]["picked from"]) == ("by hand", "not stated")


def part(name, kind, on_device=False, parts=()):
    return {"name": name, "kind": kind, "revision": "1", "licence": "", "options": {}, "on_device": on_device,
            "parts": list(parts)}  # fmt: skip


def test_how_many_models_and_stages_a_system_has_is_counted(section, rerun, kept):
    """Two encoders side by side are two models; a hybrid searches twice and fuses; words need no model."""
    components = [
        part("qwen3-vl-2b", "embedder", parts=("kure", "siglip")), part("kure", "embedder", on_device=True),
        part("siglip", "embedder", on_device=True), part("bm25", "retriever"), part("dense", "retriever"),
        part("hybrid-a0.5", "retriever", parts=("dense", "bm25")), part("lexical", "reranker"),
    ]  # fmt: skip
    run = rerun(environment={**kept.environment, "components": components})
    told = rows(section(environment, "Systems", run)[0])
    assert {name: (row["models"], row["stages"]) for name, row in told.items()} == {
        "bm25": ("0", "1"), ONE: ("2", "4"), TWO: ("2", "5"),
        "kure+rrf": ("", ""), "random-walk": ("", ""),  # not in this run
    }  # fmt: skip
    assert [told[TWO][part] for part in ("role", "embedder", "retriever", "reranker")] == [
        "candidate", "qwen3-vl-2b", "hybrid-a0.5", "lexical",
    ]  # fmt: skip


def test_components_say_which_they_were_and_that_random_weights_were_random(section, rerun, kept):
    assert len(section(environment, "Systems")) == 1
    known = rerun(environment={**kept.environment, "components": COMPONENTS})
    told = rows(section(environment, "Systems", known)[1])
    assert told["qwen3-vl-2b"] == {
        "component": "qwen3-vl-2b", "kind": "embedder", "revision": "abc (random weights)",
        "options": "pooling=last, max_pixels=1,003,520|x", "licence": "Apache-2.0",
    }  # fmt: skip
    assert told["dense"]["revision"] == "1"


def machine(section, kept, **changed):
    (bullets,) = section(environment, "Machine", dataclasses.replace(kept, environment={**kept.environment, **changed}))
    assert isinstance(bullets, Bullets)
    return dict(line.split(": ", 1) for line in bullets.lines)


def test_the_machine_is_told_with_its_gpus_and_its_commit(section, kept):
    assert machine(section, kept) == {
        "python": "3.12.1", "platform": "Linux", "processor": "A <fast> one, 8 cores", "memory": "31.2 GiB",
        "GPU": "H200 (143,771 MiB, driver 570.1)", "commit": "abc123 and uncommitted changes",
        "packages": "1, in environment.json",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "name", "told"),
    [
        ({"gpus": []}, "GPU", "none"),
        ({"git": None}, "commit", "not a repository"),
        ({"git": {"commit": "abc", "dirty": False}}, "commit", "abc"),
        ({"packages": {"a": "1", "b": "2"}}, "packages", "2, in environment.json"),
    ],
)
def test_what_there_is_not_is_said(section, kept, changed, name, told):
    assert machine(section, kept, **changed)[name] == told
