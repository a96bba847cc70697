"""Rows of a session: they cross borders as plain data, come twice without harm, and become verdicts."""

import dataclasses
import json
import pickle

import pytest

from harness.data.catalogue import TruthDescription
from harness.data.model import Pool
from harness.errors import BadData, HarnessError
from harness.report.results import Results
from harness.report.rows import Finding, QueryScores, Samples, failure_row, from_row, to_row
from harness.statistics.intervals import Bounds
from harness.verdict.measurement import Measurement
from harness.verdict.outcomes import Decision, Outcome, State

ONE, TWO = "qwen3-vl-2b+hybrid-a0.5", "qwen3-vl-2b+hybrid-a0.5+lexical"


def everything(results):
    return [*results.told, *results.queries, *results.samples, *results.rankings, *results.cases]


def test_every_row_is_the_same_thing_again_on_the_other_side_of_a_border(results):
    things = everything(results)
    assert {type(thing).__name__ for thing in things} == {
        "Measurement", "Outcome", "Finding", "TruthDescription", "QueryScores", "Samples", "Ranking", "Case",
    }  # fmt: skip
    for thing in things:
        row = to_row(thing)
        assert from_row(pickle.loads(pickle.dumps(row))) == thing


def test_a_row_is_of_no_class_of_ours(results):
    """A worker process sends what any other can read."""

    def plain(value):
        if isinstance(value, dict):
            return all(plain(inner) for pair in value.items() for inner in pair)
        if isinstance(value, list | tuple):
            return all(map(plain, value))
        return type(value) in (str, int, float, bool, bytes, type(None))

    assert all(plain(to_row(thing)) for thing in everything(results))


def test_what_json_made_of_a_row_is_read_all_the_same(results):
    for thing in (thing for thing in everything(results) if "Ranking" not in type(thing).__name__):
        assert from_row(json.loads(json.dumps(to_row(thing)))) == thing


def test_a_truth_keeps_its_provenance_and_its_numbers(results):
    (truth,) = (thing for thing in results.told if isinstance(thing, TruthDescription))
    again = from_row(json.loads(json.dumps(to_row(truth))))
    assert (again.provenance.pools, again.ceilings, again.grades) == ((Pool("bm25", 20),), {5: 1.0, 10: 1.0}, {1: 1})
    assert [told.name for told in results.truths] == ["labels", "llm"]


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ({"kind": "measurment"}, "unknown kind of row 'measurment'. Did you mean 'measurement'? "),
        ({}, "unknown kind of row 'None'. "),
        ({"kind": "finding", "system": "a"}, "finding: sentence: "),
        ({"kind": "measurement", "system": "a", "metric": "mrr", "value": "much", "n": 3}, "measurement: value: "),
        ({"kind": "outcome", "system": "a", "criterion": "c", "state": "good", "metric": "mrr"}, "outcome: state: "),
        ({"kind": "queries", "system": "a", "ground_truth": "g", "level": 1, "query_ids": ["q"],
          "values": {"mrr": ["x"]}, "sources": []}, "queries: values.mrr.0: "),
    ],
)  # fmt: skip
def test_a_row_that_was_never_made_here_is_one_line(row, sentence):
    with pytest.raises(BadData) as caught:
        from_row(row)
    assert str(caught.value).startswith(sentence)
    assert "\n" not in str(caught.value)


def test_a_row_that_comes_twice_stands_once_and_the_last_one_counts(results):
    before = len(results.told)
    first = next(row for row in results.measurements if row.metric == "mrr")
    results.add([to_row(dataclasses.replace(first, value=0.123, bounds=Bounds(0, 1, 0, 1)))])
    assert len(results.told) == before
    assert [row.value for row in results.measurements if (row.system, row.metric) == (first.system, "mrr")] == [0.123]
    results.add([to_row(Outcome(ONE, "latency-p95", State.UNMET, "latency-p95", value=300.0, n=500, go=200))])
    assert [verdict.decision for verdict in results.verdicts] == [Decision.CONDITIONAL, Decision.NO_GO]


@pytest.mark.parametrize(
    "change",
    [{"system": "x"}, {"metric": "map"}, {"ground_truth": "llm"}, {"level": 3}, {"stratum": "subject=x"}, {"scenario": "S1"}],
    ids=str,
)  # fmt: skip
def test_rows_of_another_place_stand_beside_it(results, change):
    row = Measurement(ONE, "mrr", 0.5, 3, "tiny", "labels", 2)
    results.add([to_row(row)])
    before = len(results.measurements)
    results.add([to_row(dataclasses.replace(row, **change))])
    assert len(results.measurements) == before + 1


def test_queries_of_two_levels_and_samples_of_two_stages_stand_beside_each_other(results):
    results.add(to_row(QueryScores(ONE, "labels", level, ["q"], {"mrr": [1.0]}, [])) for level in (1, 3))
    results.add(to_row(Samples(ONE, stage, [1.0])) for stage in ("search", "encode"))
    assert [scores.level for scores in results.queries] == [2, 1, 3]
    assert [samples.stage for samples in results.samples] == ["total", "search", "encode"]


def test_a_verdict_has_every_criterion_of_the_policy_asked_or_not(results):
    first, second = results.verdicts
    assert (first.system, first.decision, second.system, second.decision) == (ONE, Decision.GO, TWO, Decision.NO_GO)
    assert [outcome.criterion for outcome in second.outcomes] == ["recall-at-5", "latency-p95"]
    assert second.outcomes[1].sentence == "latency-p95: not asked in this run"


def test_who_was_judged_beside_the_grid_has_a_verdict_too(results):
    results.add([to_row(Outcome("stranger", "latency-p95", State.MET, "latency-p95", value=1.0, n=99))])
    assert [verdict.system for verdict in results.verdicts] == [ONE, TWO, "stranger"]
    assert results.verdicts[-1].decision is Decision.INCOMPLETE


def test_nothing_recorded_is_nothing(results):
    empty = Results(results.dataset, results.policy, results.systems)
    assert not empty
    assert (empty.verdicts, empty.told, [truth.name for truth in empty.truths]) == ([], [], ["labels"])
    assert results


def test_what_went_wrong_is_a_finding():
    assert from_row(failure_row("bm25", HarnessError("it broke"))) == Finding("bm25", "it broke")
