"""Measurements are pulled: whatever is asked is there, measured once, or says why it is not."""

import pytest
from toys import Letters, Words, bank, registry

from harness.config import Config, Grid, Probes
from harness.errors import NotMeasured, PluginFailed, UnknownName
from harness.grid.systems import cross
from harness.plugging.specs import EmbedderSpec, RetrieverSpec
from harness.policy import Criterion, Policy
from harness.session.memo import Memo
from harness.verdict.criteria import State

CRITERIA = [
    Criterion(id="recall", metric="recall@3", ground_truth="labels", go="50 %"),
    Criterion(id="deep", metric="ndcg@7", ground_truth="labels", relevance=2, go="10 %"),
    Criterion(id="against", metric="recall@3", ground_truth="labels", baseline="letters+dot", go="-50 %"),
    Criterion(id="lost", metric="recall@3", ground_truth="labels", baseline="letters+dott", go="0 %"),
    Criterion(id="stability", metric="stability", go="100 %", at_least=20),
    Criterion(id="latency", metric="latency-p95", go="10 s"),
    Criterion(id="vram", metric="vram-device", go="8 GiB", when="on-device"),
    Criterion(id="korean", metric="canary", go="100 %", when="lexical"),
    Criterion(id="encode", metric="encode-p95", go="10 s", when="embeds"),
]


def memo(tmp_path, untimed="", dataset=None, **plugged):
    known = registry(**plugged)
    grid = Grid(
        embedders=[spec.name for spec in known.embedders], retrievers=["*"], rerankers=["none", "longest"], metrics=["mrr"]
    )
    probes = Probes(latency_calls=8, warmup_calls=1, throughput_seconds=0.001, stability_calls=20, batches=[3])
    config = Config(folder=tmp_path, dataset="bank", criteria="criteria.toml", grid=grid, probes=probes)
    systems = {system.name: system for system in cross(grid, known)}
    return Memo(config, Policy(name="p", criterion=CRITERIA), known, dataset or bank(), systems, untimed)


def test_scores_hold_the_metrics_of_the_grid_and_of_the_policy(tmp_path):
    scores = memo(tmp_path).scores("words", "labels")
    assert sorted(scores.values) == ["mrr", "ndcg@7", "recall@3"]


def test_what_was_measured_is_not_measured_again(tmp_path):
    asked = memo(tmp_path)
    for measure in (
        lambda: asked.run("words"), lambda: asked.scores("words", "labels"), lambda: asked.latency("words"),
        lambda: asked.stability("words"), lambda: asked.throughput("words"), lambda: asked.truth("labels"),
    ):  # fmt: skip
        assert measure() is measure()
    assert asked.scores("words", "labels", 2) is not asked.scores("words", "labels")


def test_a_drive_is_used_only_where_nothing_was_measured_yet(tmp_path):
    asked, driven = memo(tmp_path), []

    def drive(call, queries):
        driven.append(len(queries))
        for query in queries:
            call(query)

    first = asked.latency("words", drive)
    assert asked.latency("words", drive) is first
    assert asked.latency("words") is first
    assert driven == [8]


def test_an_unknown_system_or_truth_is_said(tmp_path):
    asked = memo(tmp_path)
    with pytest.raises(UnknownName, match="^unknown system 'wrds'. Did you mean 'words'?"):
        asked.run("wrds")
    row = asked.measurement("words", "mrr", "lables")
    assert (row.value, row.reason) == (None, "unknown ground truth 'lables'. Did you mean 'labels'? There are: labels.")


@pytest.mark.parametrize(
    ("metric", "n"), [("latency-p95", 8), ("latency-mean", 8), ("stability", 20), ("drift", 20), ("search-p95", 8)]
)
def test_a_value_of_a_probe_comes_with_its_count(tmp_path, metric, n):
    row = memo(tmp_path).measurement("words", metric)
    assert (row.system, row.metric, row.n, row.reason, row.dataset) == ("words", metric, n, "", "letters")
    assert row.value is not None


def test_where_nothing_may_be_timed_stability_and_accuracy_still_are(tmp_path):
    asked = memo(tmp_path, untimed="not here")
    rows = [asked.measurement("words", metric) for metric in ("latency-p95", "throughput", "vram-device")]
    assert [(row.value, row.reason) for row in rows] == [(None, "not here")] * 3
    assert asked.measurement("words", "stability").value == 1.0
    assert asked.measurement("words", "mrr", "labels").value > 0


def test_reordering_is_about_a_reranker(tmp_path):
    asked = memo(tmp_path)
    assert 0 < asked.reordering("words+longest").share <= 1
    with pytest.raises(NotMeasured, match="^words has no reranker$"):
        asked.reordering("words")


def test_a_broken_system_fails_alone_with_the_same_error_each_time(tmp_path):
    asked = memo(tmp_path, embedders=[EmbedderSpec("bad", lambda: 1 / 0, origin="x.py")])
    for _ in range(2):
        row = asked.measurement("bad+dot", "stability")
        assert row.reason == "embedder 'bad' (x.py) failed at build: ZeroDivisionError: division by zero"
    with pytest.raises(PluginFailed):
        asked.run("bad+dot")
    assert asked.measurement("letters+dot", "stability").value == 1.0


def test_the_canary_sings_for_every_lexical_part(tmp_path):
    mix = RetrieverSpec("mix", lambda parts: parts["words"], parts=("dot", "words"))
    asked = memo(tmp_path, retrievers=[mix])
    assert asked.canary("letters+mix") == asked.canary("words")
    assert 0 < asked.canary("words").share < 1  # words between spaces: no particle, no notation
    with pytest.raises(NotMeasured, match="^retriever 'dot' matches no words, so the canary has nothing to sing$"):
        asked.canary("letters+dot")


def test_a_retriever_on_which_the_canary_dies_is_named(tmp_path):
    class Fragile(Words):
        def index(self, corpus, /):
            if len(corpus) > 8:
                raise RuntimeError("too many")
            super().index(corpus)

    asked = memo(tmp_path, retrievers=[RetrieverSpec("fragile", Fragile, lexical=True)])
    assert asked.measurement("fragile", "canary").reason == "retriever 'fragile' () failed at canary: RuntimeError: too many"


@pytest.mark.parametrize(
    ("system", "criterion", "state"),
    [
        ("words", "recall", State.MET),
        ("words", "deep", State.MET),
        ("words", "against", State.MET),
        ("words", "lost", State.NOT_MEASURED),
        ("words", "stability", State.MET),
        ("words", "latency", State.MET),
        ("words", "vram", State.NOT_APPLICABLE),
        ("words", "korean", State.UNMET),
        ("words", "encode", State.NOT_APPLICABLE),
        ("letters+dot", "korean", State.NOT_APPLICABLE),
        ("letters+dot", "encode", State.MET),
    ],
)
def test_any_criterion_of_any_system_can_be_asked_first(tmp_path, system, criterion, state):
    outcome = memo(tmp_path).outcome(system, criterion)
    assert (outcome.system, outcome.criterion) == (system, criterion)
    assert outcome.state is state, outcome.sentence


def test_a_baseline_that_does_not_exist_says_so(tmp_path):
    sentence = memo(tmp_path).outcome("words", "lost").sentence
    assert sentence.startswith("recall@3: letters+dott: unknown system 'letters+dott'. Did you mean 'letters+dot'?")


def test_what_a_criterion_asks_beyond_the_level_of_the_truth_is_asked_of_it(tmp_path):
    asked = memo(tmp_path)
    assert asked.measurement("words", "ndcg@7", "labels", 2).level == 2
    assert asked.measurement("words", "ndcg@7", "labels").level == 1


def test_loading_for_memory_builds_every_stage_anew(tmp_path):
    built = []
    asked = memo(tmp_path, embedders=[EmbedderSpec("x", lambda: built.append(1) or Letters())])
    asked.run("x+dot")
    asked.pipeline.release()
    asked.stability("x+dot")
    assert len(built) == 2


def test_the_margin_is_a_measurement_like_any_other(tmp_path):
    asked = memo(tmp_path)
    found = asked.similarity("letters+dot", "labels")
    values = {name: asked.measurement("letters+dot", name, "labels").value for name in ("margin", "cosine-relevant", "cosine-others")}
    assert values == {"margin": found.margin, "cosine-relevant": found.relevant, "cosine-others": found.others}
    assert found.margin > 0.3  # letters that are shared are what makes items relevant there
    row = asked.measurement("words", "margin", "labels")
    assert (row.value, row.reason) == (None, "words embeds nothing")
