"""A memo that answers from what another one left: the same numbers, and nothing measured."""

from dataclasses import fields, replace

import numpy as np
import pytest
from toys import ASKED, Labels, Longest, bank, registry

from harness import GTSourceSpec, RerankerSpec
from harness.config import Config, Grid, Probes
from harness.data.model import GroundTruth, Pool, Provenance
from harness.data.run import Run
from harness.errors import NotMeasured
from harness.grid.systems import cross
from harness.policy import Criterion, Policy
from harness.session.memo import Memo
from harness.session.remembered import NOT_STORED, Remembered
from harness.verdict.measurement import Measurement
from harness.verdict.outcomes import State

CRITERIA = [
    Criterion(id="recall", metric="recall@1", ground_truth="labels", go="40 %"),
    Criterion(id="against", metric="map", ground_truth="labels", baseline="words", go="-60 %"),
    Criterion(id="latency", metric="latency-p95", go="10 s"),
    Criterion(id="speed", metric="throughput", go="1 items/s"),
]
RELEVANT = {name: {f"d{n}": 1 for n in range(8)} for name in ASKED}  # more than any list of the grid holds


class Pooled(Labels):
    """Judgements that were picked from a system's own results."""

    def judge(self, dataset, /):
        labels = super().judge(dataset)
        return GroundTruth("pooled", labels.qrels, labels.level, Provenance("picked", pools=(Pool("letters+dot", 5),)))


@pytest.fixture(scope="module")
def memo(tmp_path_factory):
    known = registry(
        rerankers=[RerankerSpec("short", Longest, depth=3, keep=2, on_device=False)],
        gt_sources=[GTSourceSpec("pooled", Pooled)],
    )
    grid = Grid(
        embedders=["letters"],
        retrievers=["*"],
        rerankers=["*"],
        metrics=["recall@1", "mrr", "map", "recall@3"],
        top_k=4,
    )
    probes = Probes(latency_calls=9, warmup_calls=1, throughput_seconds=0.001, stability_calls=5, batches=[3])
    config = Config(folder=tmp_path_factory.mktemp("memo"), dataset="bank", criteria="c.toml", grid=grid, probes=probes)
    systems = {system.name: system for system in cross(grid, known)}
    return Memo(config, Policy(name="p", criterion=CRITERIA), known, bank(relevant=RELEVANT), systems)


def remembered(memo, **kept):
    """What a folder keeps of it: documents and scores by query, and which metrics were claimed."""
    whole = {name: memo.run(name).to_dict() for name in memo.systems}
    known = {field.name: getattr(memo, field.name) for field in fields(Memo)}
    runs = {name: Run.from_dict(ranked, memo.dataset.corpus.ids) for name, ranked in whole.items()}
    claimed = {name: list(memo.scores(name, "labels").values) for name in memo.systems}
    return Remembered(**known, **{"runs": runs, "claimed": claimed} | kept)


@pytest.mark.parametrize("name", ["words", "letters+dot", "words+longest", "letters+dot+longest", "words+short"])
@pytest.mark.parametrize("level", [None, 1])
def test_scores_are_those_that_were(memo, name, level):
    then, now = memo.scores(name, "labels", level), remembered(memo).scores(name, "labels", level)
    assert list(now.values) == list(then.values)
    for metric in then.values:
        np.testing.assert_array_equal(now.values[metric], then.values[metric])
        np.testing.assert_array_equal(now.ceilings[metric], then.ceilings[metric])
        assert now.measurement(metric) == then.measurement(metric)


def test_a_perfect_list_is_as_long_as_the_run_was(memo):
    """So its ceiling is not that of the deepest metric: recall is claimed up to 3, a run holds 4, one that was cut 2."""
    ceilings = {
        name: remembered(memo).scores(name, "labels").measurement("map").ceiling for name in ("words", "words+short")
    }
    assert ceilings == pytest.approx({"words": 4 / 8, "words+short": 2 / 8})


def test_what_was_struck_is_struck_again(memo):
    asked = remembered(memo)
    struck = {name for name in memo.systems if asked.scores(name, "pooled").struck}
    assert struck == {name for name in memo.systems if memo.scores(name, "pooled").struck}
    assert struck == {"letters+dot", "letters+dot+longest", "letters+dot+short"}


def test_of_a_scenario_no_ranking_is_stored(memo):
    with pytest.raises(NotMeasured, match=NOT_STORED):
        remembered(memo).scores("words", "labels", scenario="S1")


def test_what_is_not_there_is_neither_measured_nor_guessed(memo):
    bare = remembered(memo, runs={})
    for ask in (lambda: bare.run("words"), lambda: bare.scores("words", "labels"), lambda: bare.latency("words")):
        with pytest.raises(NotMeasured, match=NOT_STORED):
            ask()
    for criterion in CRITERIA:
        outcome = bare.outcome("letters+dot", criterion.id)
        assert outcome.state is State.NOT_MEASURED and NOT_STORED in outcome.reason


def test_percentiles_come_from_the_stored_samples(memo):
    samples = {"words": {"total": np.arange(1.0, 101.0), "search": np.full(100, 0.5)}}
    asked = remembered(memo, samples=samples)
    found = asked.measurement("words", "latency-p95")
    assert (found.value, found.n, found.bounds.at_most) == (95.0, 100, 99.0)
    assert asked.measurement("words", "latency-mean").value == pytest.approx(50.5)
    assert asked.measurement("words", "search-p95").value == 0.5
    assert asked.measurement("words", "encode-p95").reason == "the system has no encode stage"
    assert asked.outcome("words", "latency").state is State.MET


def test_what_was_measured_once_is_read(memo):
    row = Measurement("words", "throughput", 5.0, 3, "letters")
    asked = remembered(
        memo,
        rows={("words", "throughput", ""): row, ("letters+dot", "margin", "labels"): replace(row, metric="margin")},
    )
    assert asked.measurement("words", "throughput") == row
    assert asked.outcome("words", "speed").value == 5.0
    assert asked.measurement("letters+dot", "margin", "labels").value == 5.0
    assert asked.measurement("letters+dot", "margin", "pooled").reason == NOT_STORED


@pytest.mark.parametrize("criterion", ["recall", "against"])
def test_outcomes_of_accuracy_are_those_that_were(memo, criterion):
    for system in ("letters+dot", "letters+dot+longest"):
        assert remembered(memo).outcome(system, criterion) == memo.outcome(system, criterion)
