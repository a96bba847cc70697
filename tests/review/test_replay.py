"""Recorded rows from files and from folders, judged under a policy; a run is judged again as it was."""

import json
from pathlib import Path

import numpy as np
import pytest
from played import play

from harness.errors import BadConfig, BadData, UnknownName
from harness.policy import Criterion, Policy
from harness.report.rows import QueryScores, Samples, to_row
from harness.review.replay import Replay, recorded
from harness.statistics.bootstrap import guarded
from harness.statistics.intervals import Bounds
from harness.statistics.percentiles import samples_to_keep
from harness.verdict.measurement import Measurement
from harness.verdict.outcomes import State

POLICY = Policy(
    name="house",
    criterion=[
        Criterion(id="recall", metric="recall@5", ground_truth="labels", go="80 %"),
        Criterion(id="against", metric="recall@5", ground_truth="labels", go="-5 %", baseline="base"),
    ],
)


def row(system, value, dataset="bank"):
    return Measurement(system, "recall@5", value, 100, dataset, "labels", 1)


@pytest.fixture
def written(tmp_path):
    """`written("a", *rows)`: the path of a results file."""

    def write(name, *rows):
        path = tmp_path / f"{name}.jsonl"
        path.write_text("".join(json.dumps(to_row(one)) + "\n" for one in rows))
        return path

    return write


@pytest.fixture(scope="module")
def played(tmp_path_factory):
    return play(tmp_path_factory.mktemp("played") / "project")


def test_every_recorded_system_is_a_candidate_but_what_they_are_compared_with(written):
    path = written("a", row("ours", 0.9), row("base", 0.8), row("theirs", 0.85))
    results = Replay.of([path], {}).judged(POLICY, [])
    assert {name: system.role for name, system in results.systems.items()} == {
        "ours": "candidate", "base": "baseline", "theirs": "candidate"
    }  # fmt: skip
    assert [verdict.system for verdict in results.verdicts] == ["ours", "theirs"]
    assert results.dataset.name == "bank"


def test_candidates_may_be_named_by_patterns(written):
    path = written("a", row("our-1", 0.9), row("our-2", 0.9), row("base", 0.8), row("theirs", 0.85))
    results = Replay.of([path], {}).judged(POLICY, [], ["our-*"])
    assert [verdict.system for verdict in results.verdicts] == ["our-1", "our-2"]
    assert (results.systems["theirs"].role, results.systems["base"].role) == ("other", "baseline")
    with pytest.raises(UnknownName, match="unknown recorded system 'thiers'. Did you mean 'theirs'"):
        Replay.of([path], {}).judged(POLICY, [], ["our-*", "thiers"])


def test_files_are_one_recording(written):
    ours, base = written("a", row("ours", 0.9)), written("b", row("base", 0.8, dataset="other"))
    results = Replay.of([ours, base], {}).judged(POLICY, [])
    assert {outcome.criterion: outcome.value for outcome in results.outcomes} == pytest.approx(
        {"recall": 0.9, "against": 0.1}
    )
    assert results.dataset.name == "bank and other"


def test_no_row_replaces_another(written):
    path = written("a", row("ours", 0.9), row("ours", 0.8))
    assert len(recorded(path)) == 2
    assert (
        Replay.of([path], {}).judged(POLICY, []).outcomes[0].reason == "recorded as 0.9 and 0.8: one cell has one value"
    )


def test_every_wrong_line_is_named(written):
    path = written("a", row("ours", 0.9))
    path.write_text(path.read_text() + '{"kind": "measuremant"}\n[]\n{"kind": "measurement"}\nnot\n')
    with pytest.raises(BadData) as caught:
        recorded(path)
    told = str(caught.value)
    for line, what in ((2, "unknown kind of row 'measuremant'. Did you mean 'measurement'"), (3, "must be an object"),
                       (4, "measurement: system"), (5, "not JSON")):  # fmt: skip
        assert f"{path}:{line}: {what}" in told


def test_what_does_not_exist_is_one_line(tmp_path):
    with pytest.raises(BadData, match="none.jsonl: cannot be read"):
        Replay.of([tmp_path / "none.jsonl"], {})
    with pytest.raises(BadData, match="is no run"):
        Replay.of([tmp_path], {})


def test_a_run_judged_again_by_its_own_policy_comes_out_as_it_did(played):
    replay = Replay.of([played], {})
    [run] = replay.runs
    again = replay.judged(replay.policy(), run.waivers)
    assert len(run.outcomes) == 12
    assert again.outcomes == run.outcomes
    assert again.verdicts == run.verdicts
    roles = {name: run.systems[name].role for name in again.systems}
    assert {name: system.role for name, system in again.systems.items()} == roles


def test_a_run_judged_by_another_policy(played):
    strict = [Criterion(id="strict", metric="recall@1", ground_truth="labels", go="60 %", no_go="55 %")]
    results = Replay.of([played], {}).judged(Policy(name="strict", criterion=strict), [])
    assert {outcome.state for outcome in results.outcomes} == {State.NOT_MEASURED}
    assert results.outcomes[0].reason == "not measurable on this ground truth: a perfect ranking reaches 0.500"


def test_a_criterion_that_a_system_was_spared_stays_so(tmp_path):
    folder = play(tmp_path / "spared", "-k", "go_nogo", "--criteria", str(_policy(tmp_path, "lexical")))
    replay = Replay.of([folder], {})
    assert {outcome.state for outcome in replay.runs[0].outcomes} == {State.NOT_APPLICABLE}
    asked = Criterion(id="other", metric="canary", go="50 %", when="lexical")
    results = replay.judged(Policy(name="other", criterion=[asked]), [])
    assert {outcome.state for outcome in results.outcomes} == {State.NOT_APPLICABLE}
    always = asked.model_copy(update={"when": "on-device"})
    results = replay.judged(Policy(name="other", criterion=[always]), [])
    assert {outcome.state for outcome in results.outcomes} == {State.NOT_MEASURED}


def test_an_outcome_whose_row_was_not_kept_holds_for_the_same_criterion_alone(tmp_path):
    """`pytest -k go_nogo` keeps outcomes, and neither rankings nor most rows."""
    replay = Replay.of([play(tmp_path / "judged", "-k", "go_nogo")], {})
    [run], policy = replay.runs, replay.policy()
    assert replay.judged(policy, []).outcomes == run.outcomes
    assert {outcome.value for outcome in run.outcomes if outcome.criterion == "recall"} == {1.0}
    higher = [criterion.model_copy(update={"go": "60 %"}) if criterion.id == "recall" else criterion
              for criterion in policy.criterion]  # fmt: skip
    for other in (
        policy.model_copy(update={"criterion": higher}),
        policy.model_copy(update={"point_estimates": True}),
    ):
        found = {outcome.criterion: outcome.state for outcome in replay.judged(other, []).outcomes}
        assert found["recall"] is State.NOT_MEASURED


def queries(system, values, ids=("a", "b", "c", "d"), sources=()):
    return QueryScores(system, "labels", 1, list(ids), {"recall@5": values}, list(sources))


OURS, BASE = [1.0, 1.0, 0.5, None], [0.5, 0.0, 0.5, None]


@pytest.mark.parametrize("sources", [(), ("x", "x", "y", "y")])
def test_what_a_run_kept_of_each_query_bounds_the_difference(written, sources):
    """Better than by its two parts; and with the sign of candidate minus baseline."""
    rows = row("ours", 2.5 / 3), row("base", 1 / 3)
    path = written("a", *rows, queries("ours", OURS, sources=sources), queries("base", BASE, sources=sources))
    found = {one.criterion: one for one in Replay.of([path], {}).judged(POLICY, []).outcomes}["against"]
    difference = np.array([[0.5], [1.0], [0.0], [np.nan]])
    clusters = np.array(sources) if sources else None
    assert [found.bounds] == guarded(difference, clusters, least=-1.0)
    assert found.value == pytest.approx(0.5)


def test_other_queries_are_no_pairs(written):
    rows = row("ours", 2.5 / 3), row("base", 1 / 3)
    path = written("a", *rows, queries("ours", OURS), queries("base", BASE, ids=("a", "b", "c", "e")))
    found = {one.criterion: one for one in Replay.of([path], {}).judged(POLICY, []).outcomes}["against"]
    alone = Replay.of([written("b", *rows)], {}).judged(POLICY, []).outcomes
    assert found.bounds == {one.criterion: one for one in alone}["against"].bounds


def test_how_many_calls_more_follows_from_the_calls_that_were_over(written):
    slow = Samples("ours", "total", [300.0] * 4 + [20.0] * 96)
    bounds = Bounds(20.0, 300.0, 20.0, 300.0)
    timed = Measurement("ours", "latency-p95", 20.0, 100, "bank", bounds=bounds)
    asked = Policy(name="fast", criterion=[Criterion(id="p95", metric="latency-p95", go="200 ms")])
    [found] = Replay.of([written("a", timed, slow, Samples("ours", "encode", [1.0]))], {}).judged(asked, []).outcomes
    assert (found.state, found.more) == (State.UNPROVEN, samples_to_keep(0.04, 95) - 100)


def test_runs_that_were_judged_differently_need_a_policy(tmp_path, played):
    other = play(tmp_path / "other", "-k", "go_nogo", "--criteria", str(_policy(tmp_path, "always")))
    assert Replay.of([played, played], {}).policy().name == "letters"
    with pytest.raises(BadConfig, match="judged by different policies: letters, other; name one: --criteria"):
        Replay.of([played, other], {}).policy()
    assert Replay.of([], {}).policy() is None


def _policy(folder: Path, when: str) -> Path:
    path = folder / "other.toml"
    path.write_text(f'name = "other"\n[[criterion]]\nid = "korean"\nmetric = "canary"\ngo = "100 %"\nwhen = "{when}"\n')
    return path
