"""What a suite records of one system: its figures beside those of chance, and every finding that follows from them."""

import dataclasses

import numpy as np
import pytest
from PIL import Image
from toys import ASKED, Letters, Longest, Words, bank, registry

from harness.config import Config, Grid, Models, Probes
from harness.data.model import Corpus, Pool, Provenance, Queries
from harness.errors import NotMeasured
from harness.grid.systems import cross
from harness.plugging.specs import EmbedderSpec, RerankerSpec, RetrieverSpec
from harness.policy import Criterion, Policy
from harness.probes.memory import Memory
from harness.report.recording import (
    accuracy_rows,
    canary_rows,
    latency_rows,
    memory_rows,
    scenario_rows,
    stability_rows,
    throughput_rows,
)
from harness.session.memo import Memo

BOTH = ("text", "image")


class Eyes(Letters):
    """Letters and the brightness of a picture."""

    def _counted(self, inputs):
        texts = [shown if isinstance(shown, str) else shown["text"] for shown in inputs]
        light = [0.0 if isinstance(shown, str) else np.asarray(shown["image"]).mean() / 255 for shown in inputs]
        return np.column_stack([super()._counted(texts), light]).astype(np.float32)


class Talks(Letters):
    def __init__(self):
        self.remarks = ["a batch did not fit; halved"]


class Same:
    """A reranker that changes no order: its first stage's scores again."""

    def rerank(self, query, documents, /):
        return [-n for n in range(len(documents))]


class Backwards(Words):
    """Worse than any chance: what shares fewest words stands first."""

    def score(self, queries, /):
        return 1 / (1 + super().score(queries))


class Moody(Words):
    """Fails at every fifth search, and gives another ranking at every seventh."""

    calls = 0

    def search(self, queries, k, /):
        self.calls += 1
        if self.calls % 5 == 0:
            raise RuntimeError("moody")
        run = super().search(queries, k)
        cut = 1 if self.calls % 7 == 0 else 0
        return dataclasses.replace(run, index=run.index[:, cut:], scores=run.scores[:, cut:])


PLUGGED = {
    "embedders": [
        EmbedderSpec("eyes", Eyes, modalities=BOTH),
        EmbedderSpec("talks", Talks),
        EmbedderSpec("dummy", Letters, dummy=True),
        EmbedderSpec("large", Letters, lighter="small"),
        EmbedderSpec("small", Letters),
    ],
    "retrievers": [
        RetrieverSpec("backwards", Backwards),
        RetrieverSpec("moody", Moody),
        RetrieverSpec("broken", lambda: 1 / 0),
        RetrieverSpec("spaces", Words, lexical=True),
    ],
    "rerankers": [RerankerSpec("same", Same, depth=4), RerankerSpec("guess", Longest, depth=3, dummy=True)],
}


def memo(
    tmp_path, chance=(), dataset=None, vram_limit=None, criteria=(), metrics=("mrr", "recall@3"), calls=8, **roles
):
    known = registry(**PLUGGED)
    grid = Grid(
        embedders=["letters", "eyes", "talks", "dummy", "large"], retrievers=["*"], chance=list(chance),
        rerankers=["none", "longest", "same", "guess"], metrics=list(metrics), **roles,
    )  # fmt: skip
    probes = Probes(latency_calls=calls, warmup_calls=0, throughput_seconds=0.001, stability_calls=35, batches=[2, 3])
    config = Config(
        folder=tmp_path, dataset="b", criteria="c", grid=grid, probes=probes, models=Models(vram_limit=vram_limit)
    )
    policy = Policy(name="p", criterion=[Criterion(id="stability", metric="stability", go="100 %"), *criteria])
    chosen = {system.name: system for system in cross(grid, known)}
    return Memo(config, policy, known, dataset or bank(), chosen)


def rows(kind, recorded, system=None):
    return [row for row in recorded if row["kind"] == kind and (system is None or row["system"] == system)]


def findings(recorded):
    return [(row["system"], row["sentence"]) for row in rows("finding", recorded)]


def test_accuracy_is_the_ranking_the_means_and_every_query(tmp_path):
    recorded = list(accuracy_rows(memo(tmp_path), "words", ["labels"]))
    assert len(rows("ranking", recorded)) == 1
    (queries,) = rows("queries", recorded)
    assert (queries["query_ids"], set(queries["values"])) == (list(ASKED), {"mrr", "recall@3"})
    assert queries["values"]["mrr"] == [1.0] * 4
    means = {row["metric"]: (row["value"], row["n"], row["scenario"]) for row in rows("measurement", recorded)}
    assert means == {"mrr": (1.0, 4, ""), "recall@3": (1.0, 4, "")}
    assert findings(recorded) == []


def test_values_come_with_what_their_queries_prove(tmp_path):
    recorded = list(accuracy_rows(memo(tmp_path), "words", ["labels"]))
    for row in rows("measurement", recorded):
        assert row["bounds"]["at_least"] == pytest.approx(0.05 ** (1 / 4), abs=0.01)
        assert (row["bounds"]["at_most"], row["struck"]) == (1.0, "")


def test_every_ground_truth_is_told_with_its_provenance(tmp_path):
    (truth,) = rows("truth", accuracy_rows(memo(tmp_path), "words", ["labels"]))
    assert (truth["name"], truth["queries"], truth["provenance"]["method"]) == ("labels", 4, "by hand")


def pooled():
    """Letters, judged among what `words` had found."""
    plain = bank()
    truth = dataclasses.replace(plain.truths["labels"], provenance=Provenance("llm", pools=(Pool("words", 10),)))
    return dataclasses.replace(plain, truths={"labels": truth})


def test_values_on_a_truth_that_was_picked_from_the_system_itself_are_struck_and_it_is_found(tmp_path):
    asked = memo(tmp_path, dataset=pooled())
    why = "by construction: its candidates were picked from the first 10 of words itself"
    recorded = list(accuracy_rows(asked, "words", ["labels"]))
    assert {(row["struck"], row["value"]) for row in rows("measurement", recorded)} == {(why, 1.0)}
    assert findings(recorded) == [("words", f"no metric on labels counts: {why}")]
    others = list(accuracy_rows(asked, "letters+dot", ["labels"]))
    assert {row["struck"] for row in rows("measurement", others)} == {""}
    assert findings(others) == []


MRR = Criterion(id="mrr", metric="mrr", ground_truth="labels", go="90 %")


def test_the_worst_queries_of_a_candidate_are_kept_by_the_metric_that_is_judged(tmp_path):
    asked = memo(tmp_path, criteria=[MRR], candidates=["words+longest", "words"])
    cases = rows("case", accuracy_rows(asked, "words+longest", ["labels"]))
    values = asked.scores("words+longest", "labels").values["mrr"]
    assert [case["value"] for case in cases] == sorted(value for value in values if value < 1)
    assert {(case["metric"], case["ground_truth"]) for case in cases} == {("mrr", "labels")}
    assert rows("case", accuracy_rows(asked, "words", ["labels"])) == [], "nothing of it went wrong"


def test_nobody_looks_into_the_cases_of_whoever_is_no_candidate_or_of_what_nobody_judges(tmp_path):
    asked = memo(tmp_path, criteria=[MRR], candidates=["words"])
    assert rows("case", accuracy_rows(asked, "words+longest", ["labels"])) == []
    assert rows("case", accuracy_rows(memo(tmp_path), "words+longest", ["labels"])) == []


def test_chance_stands_beside_whatever_was_selected_but_its_queries_do_not(tmp_path):
    recorded = list(accuracy_rows(memo(tmp_path, chance=["backwards"]), "words", ["labels"]))
    assert {row["system"] for row in rows("measurement", recorded)} == {"words", "backwards"}
    assert {row["system"] for row in rows("queries", recorded)} == {"words"}
    assert findings(recorded) == []


def test_what_is_no_better_than_chance_is_suspicious(tmp_path):
    recorded = list(accuracy_rows(memo(tmp_path, chance=["words"]), "letters+dot", ["labels"]))
    assert findings(recorded) == [
        ("letters+dot", "SUSPICIOUS: no better than chance on labels: mrr 1.000 against chance's 1.000 over 4 queries")
    ]


def test_chance_itself_is_not_suspicious(tmp_path):
    assert findings(accuracy_rows(memo(tmp_path, chance=["words"]), "words", ["labels"])) == []


def test_nor_is_one_chance_of_several(tmp_path):
    recorded = list(accuracy_rows(memo(tmp_path, chance=["words", "letters+dot"]), "words", ["labels"]))
    assert findings(recorded) == []


def test_a_chance_that_fails_costs_only_itself(tmp_path):
    recorded = list(accuracy_rows(memo(tmp_path, chance=["broken"]), "words", ["labels"]))
    assert findings(recorded) == [
        ("broken", "retriever 'broken' () failed at build: ZeroDivisionError: division by zero")
    ]
    assert len(rows("measurement", recorded, "words")) == 2


def test_a_ground_truth_that_does_not_exist_here_costs_only_itself(tmp_path):
    asked = memo(tmp_path)
    lacking = type("Lacking", (), {"judge": lambda self, dataset: (_ for _ in ()).throw(NotMeasured("no codes"))})
    asked.registry.gt_sources.add(dataclasses.replace(asked.registry.gt_sources["labels"], name="codes", build=lacking))
    recorded = list(accuracy_rows(asked, "words", ["codes", "labels"]))
    assert findings(recorded) == [("", "no codes")]
    assert len(rows("measurement", recorded)) == 2


def test_a_grade_of_its_own_that_a_criterion_asks_for_is_recorded_beside_chance(tmp_path):
    """Once, however many criteria ask for it, and not where it is the ground truth's own."""
    plain = bank()
    own = plain.truths["labels"].level
    graded = {query: dict.fromkeys(judged, own + 1) for query, judged in plain.truths["labels"].qrels.items()}
    truth = dataclasses.replace(plain.truths["labels"], qrels=graded)
    dataset = dataclasses.replace(plain, truths={"labels": truth})
    strict = [MRR.model_copy(update={"id": f"s{n}", "relevance": own + n}) for n in (0, 1)]
    again = strict[1].model_copy(update={"id": "again"})
    asked = memo(tmp_path, chance=["backwards"], dataset=dataset, criteria=[MRR, *strict, again])
    recorded = list(accuracy_rows(asked, "words", ["labels"]))
    assert [row["level"] for row in rows("queries", recorded)] == [own, own + 1]
    levels = [row["level"] for row in rows("measurement", recorded, "backwards") if row["metric"] == "mrr"]
    assert levels == [own, own + 1]


def test_what_a_model_remarked_is_found(tmp_path):
    asked = memo(tmp_path)
    said = [("talks+dot", "a batch did not fit; halved")]
    assert findings(accuracy_rows(asked, "talks+dot", ["labels"])) == said
    assert findings(latency_rows(asked, "talks+dot"))[:1] == said
    assert findings(accuracy_rows(asked, "letters+dot", ["labels"])) == []


def test_a_reranker_that_changes_no_order_is_at_fault(tmp_path):
    asked = memo(tmp_path)
    fault = "its reranker changed the order of no query: that is a fault"
    still = list(accuracy_rows(asked, "spaces+same", ["labels"]))
    assert findings(still) == [("spaces+same", fault)]
    (row,) = [row for row in rows("measurement", still) if row["metric"] == "reorders"]
    assert (row["value"], row["n"]) == (0.0, 4)
    assert findings(accuracy_rows(asked, "spaces+longest", ["labels"])) == []


# Random weights.


@pytest.mark.parametrize("system", ["dummy+dot", "letters+dot+guess"])
def test_random_weights_have_a_cost_and_no_accuracy(tmp_path, system):
    asked = memo(tmp_path)
    who = "embedder 'dummy'" if "dummy" in system else "reranker 'guess'"
    sentence = f"{who} has random weights (--weights dummy): what it costs is real, what it finds is not"
    for metric in ("mrr", "recall@3"):
        row = asked.measurement(system, metric, "labels")
        assert (row.value, row.reason) == (None, sentence)
    for metric in ("latency-p95", "throughput", "throughput-query", "stability", "drift"):
        assert asked.measurement(system, metric).value is not None
    with pytest.raises(NotMeasured) as caught:
        list(accuracy_rows(asked, system, ["labels"]))
    assert str(caught.value) == sentence


def test_random_weights_play_no_scenario(tmp_path):
    with pytest.raises(NotMeasured, match=r"^embedder 'dummy' has random weights \(--weights dummy\): "):
        list(scenario_rows(memo(tmp_path), "dummy+dot", "S1", ["labels"]))


# Pictures.


@pytest.fixture
def pictured(tmp_path):
    """The letters with a picture each; those of d3 and q1 are cut short."""

    def drawn(row):
        path = tmp_path / f"{row.id}.png"
        Image.new("L", (8, 8), 30 * int(row.id[1:])).save(path)
        if row.id in ("d3", "q1"):
            path.write_bytes(path.read_bytes()[:45])
        return dataclasses.replace(row, image=path)

    plain = bank()
    corpus = Corpus(map(drawn, plain.corpus.items))
    return dataclasses.replace(
        plain, corpus=corpus, queries=Queries.against(corpus, list(map(drawn, plain.queries.queries)))
    )


def test_what_could_not_be_shown_is_found_by_name(tmp_path, pictured):
    asked = memo(tmp_path, dataset=pictured)
    for recorded in (
        accuracy_rows(asked, "eyes+dot", ["labels"]),
        scenario_rows(asked, "eyes+dot", "S4", ["labels"]),
        stability_rows(asked, "eyes+dot"),
        throughput_rows(asked, "eyes+dot"),
    ):
        told = [sentence for system, sentence in findings(recorded) if system == "eyes+dot"]
        assert [sentence.split(": ")[:2] for sentence in told] == [
            ["d3 was not shown to eyes", str(tmp_path / "d3.png")],
            ["q1 was not shown to eyes", str(tmp_path / "q1.png")],
        ]


def test_who_saw_no_picture_lost_none(tmp_path, pictured):
    asked = memo(tmp_path, dataset=pictured)
    assert findings(accuracy_rows(asked, "letters+dot", ["labels"])) == []
    assert findings(scenario_rows(asked, "eyes+dot", "S1", ["labels"])) == []


@pytest.mark.parametrize(("scenario", "n"), [("S1", 4), ("S2", 4), ("S3", 4), ("S4", 4)])
def test_scenarios_are_means_under_their_name_and_nothing_else(tmp_path, pictured, scenario, n):
    recorded = list(scenario_rows(memo(tmp_path, dataset=pictured), "eyes+dot", scenario, ["labels"]))
    assert {row["kind"] for row in recorded} <= {"measurement", "finding"}
    assert {(row["metric"], row["scenario"], row["n"]) for row in rows("measurement", recorded)} == {
        ("mrr", scenario, n), ("recall@3", scenario, n),
    }  # fmt: skip


def test_what_pictures_add_is_told_with_the_scenario_that_shows_both(tmp_path, pictured):
    asked = memo(tmp_path, dataset=pictured, metrics=["mrr", "recall@5"])
    recorded = {name: list(scenario_rows(asked, "eyes+dot", name, ["labels"])) for name in ("S1", "S3", "S4")}
    gains = {
        name: [row for row in rows("measurement", told) if row["metric"] == "picture-gain"]
        for name, told in recorded.items()
    }
    assert (gains["S1"], gains["S3"]) == ([], [])
    (gain,) = gains["S4"]
    values = {
        name: next(row["value"] for row in rows("measurement", recorded[name]) if row["metric"] == "recall@5")
        for name in ("S1", "S4")
    }
    assert gain["value"] == pytest.approx(values["S4"] - values["S1"])
    assert (gain["n"], gain["stratum"], gain["scenario"]) == (4, "all", "")
    assert gain["bounds"]["low"] <= gain["value"] <= gain["bounds"]["high"]


def test_without_recall_at_5_nothing_is_said_of_what_pictures_add(tmp_path, pictured):
    recorded = list(scenario_rows(memo(tmp_path, dataset=pictured), "eyes+dot", "S4", ["labels"]))
    assert "picture-gain" not in {row["metric"] for row in rows("measurement", recorded)}


def test_chance_plays_only_what_it_sees_and_suspicion_names_the_scenario(tmp_path):
    asked = memo(tmp_path, chance=["words"])
    (found,) = findings(scenario_rows(asked, "eyes+dot", "S1", ["labels"]))
    assert found[1].startswith(
        "SUSPICIOUS: no better than chance in S1 (text query, text of the items) on labels: mrr "
    )
    alone = list(scenario_rows(asked, "eyes+dot", "S4", ["labels"]))
    assert {row["system"] for row in rows("measurement", alone)} == {"eyes+dot"}
    assert findings(alone) == []


# Probes.


def test_latency_is_a_distribution_by_stage_with_every_sample(tmp_path):
    recorded = list(latency_rows(memo(tmp_path), "letters+dot+longest"))
    metrics = [row["metric"] for row in rows("measurement", recorded)]
    assert metrics == [
        "latency-mean",
        "latency-p50",
        "latency-p95",
        "latency-p99",
        "encode-p95",
        "search-p95",
        "rerank-p95",
    ]
    assert {row["stage"]: len(row["milliseconds"]) for row in rows("samples", recorded)} == {
        "encode": 8, "search": 8, "rerank": 8, "total": 8,
    }  # fmt: skip


def test_percentiles_come_with_what_the_calls_prove_and_kinds_of_query_with_their_own(tmp_path, pictured):
    """Every other query carries a picture; of 60 calls the greatest is the upper end of what they prove."""
    first, _, second, _ = pictured.queries.queries
    queries = [dataclasses.replace(first, image=None), second]
    mixed = dataclasses.replace(pictured, queries=Queries.against(pictured.corpus, queries), truths={})
    recorded = list(latency_rows(memo(tmp_path, dataset=mixed, calls=120), "letters+dot"))
    told = {(row["metric"], row["stratum"]): row for row in rows("measurement", recorded)}
    for p, row in ((p, told[f"latency-p{p}", "all"]) for p in (50, 95)):
        bounds = row["bounds"]
        assert 0 < bounds["low"] <= bounds["at_least"] <= row["value"] <= bounds["at_most"] < float("inf"), p
    assert told["latency-p99", "all"]["bounds"]["at_most"] == float("inf"), "120 calls are too few"
    assert told["latency-mean", "all"]["bounds"] is None
    text, picture = (told["latency-p95", f"query={kind}"] for kind in ("text", "picture"))
    assert (text["n"], picture["n"]) == (60, 60)
    assert max(text["value"], picture["value"]) >= told["latency-p95", "all"]["value"]
    (samples,) = (row["milliseconds"] for row in rows("samples", recorded) if row["stage"] == "total")
    assert (text["bounds"]["at_most"], picture["bounds"]["at_most"]) == (max(samples[::2]), max(samples[1::2]))


def test_throughput_is_that_of_the_last_batch_and_the_others_stand_beside_it(tmp_path):
    recorded = list(throughput_rows(memo(tmp_path), "letters+dot"))
    assert [(row["metric"], row["stratum"]) for row in rows("measurement", recorded)] == [
        ("throughput", "all"), ("throughput-query", "all"), ("throughput", "batch=2"), ("throughput-query", "batch=2"),
    ]  # fmt: skip
    assert all(row["value"] > 0 for row in rows("measurement", recorded))


def test_what_went_wrong_in_many_calls_is_found(tmp_path):
    recorded = list(stability_rows(memo(tmp_path), "moody"))
    assert findings(recorded) == [
        ("moody", "failed while being called repeatedly: retriever 'moody' failed at search: RuntimeError: moody"),
        ("moody", "ranked otherwise than before in 4 of 35 calls"),
    ]
    values = {row["metric"]: row["value"] for row in rows("measurement", recorded)}
    assert values["stability"] == pytest.approx(28 / 35)
    assert {"stability", "non-finite", "drift", "memory-growth", "vram-growth"} == set(values)
    assert findings(stability_rows(memo(tmp_path), "words")) == []


def test_the_canary_sings_where_words_are_matched_and_what_it_misses_is_found(tmp_path):
    asked = memo(tmp_path)
    ((system, sentence),) = findings(canary_rows(asked, "spaces"))
    assert (system, sentence.split(":")[0]) == ("spaces", "cannot read Korean and formulas")
    assert list(canary_rows(asked, "letters+dot")) == []


# VRAM.


def weighed(monkeypatch, sizes):
    def memory_of(self, system):
        size = sizes[system.name]
        if isinstance(size, Exception):
            raise size
        return Memory(None, None, None, size)

    monkeypatch.setattr(Memo, "memory_of", memory_of)


VRAM = Criterion(id="vram", metric="vram-device", go="6 GiB")


@pytest.mark.parametrize(
    ("sizes", "told"),
    [
        ({"large+dot": 5000.0}, ["VRAM rung 1, large+dot: 5,000 MiB fits 6,144 MiB"]),
        (
            {"large+dot": 9000.0, "small+dot": 3201.0},
            [
                "VRAM rung 1, large+dot: 9,000 MiB does not fit 6,144 MiB",
                "VRAM rung 2, small+dot: 3,201 MiB fits 6,144 MiB",
            ],
        ),
        (
            {"large+dot": 9000.0, "small+dot": NotMeasured("no weights")},
            [
                "VRAM rung 1, large+dot: 9,000 MiB does not fit 6,144 MiB",
                "VRAM rung 2, small+dot: not measured: no weights",
            ],
        ),
        ({"large+dot": NotMeasured("no GPU")}, []),
    ],
)
def test_the_rungs_of_the_ladder_are_found(tmp_path, monkeypatch, sizes, told):
    weighed(monkeypatch, sizes)
    recorded = list(memory_rows(memo(tmp_path, criteria=[VRAM]), "large+dot"))
    assert [sentence for _, sentence in findings(recorded)] == told
    (device,) = [row for row in rows("measurement", recorded) if row["metric"] == "vram-device"]
    size = sizes["large+dot"]
    assert (device["value"], device["reason"]) == ((None, "no GPU") if isinstance(size, NotMeasured) else (size, ""))


def test_without_a_limit_or_a_device_there_is_no_ladder(tmp_path, monkeypatch):
    weighed(monkeypatch, {"large+dot": 9000.0, "words": 1.0})
    assert findings(memory_rows(memo(tmp_path), "large+dot")) == []
    assert findings(memory_rows(memo(tmp_path, criteria=[VRAM]), "words")) == []
    assert len(findings(memory_rows(memo(tmp_path, vram_limit="24 GiB"), "large+dot"))) == 1
