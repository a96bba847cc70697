"""The documents judged again from their own numbers: what they decided, and what those numbers prove."""

from datetime import date
from pathlib import Path

import pytest

from harness.__main__ import main
from harness.policy import load_policy
from harness.report.gate import ungated_by
from harness.review.replay import Replay
from harness.review.sidecar import origins, waivers
from harness.verdict.outcomes import Decision, State

REPLAY = Path(__file__).parents[2] / "gt" / "replay"
OURS, THEIRS, LARGER = "qwen3-vl-2b-meanpool+dense", "kure-v1-siglip-base+dense", "qwen3-vl-8b+dense"
REPORTED, LAST_DAY, NEXT_DAY = date(2026, 1, 27), date(2026, 2, 28), date(2026, 3, 1)
POOLED = f"by construction: its candidates were picked from the first 10 of {OURS} itself"


def judged(policy, *names, points=False, truths=False, waived=False, candidates=(OURS,)):
    """The recorded files `names` under `plan-<policy>.toml`."""
    declared = origins(REPLAY / "truths.toml") if truths else {}
    asked = load_policy(REPLAY / f"plan-{policy}.toml").model_copy(update={"point_estimates": points})
    answering = waivers(REPLAY / "waivers.toml") if waived else ()
    return Replay.of([REPLAY / f"{name}.jsonl" for name in names], declared).judged(asked, answering, candidates)


def outcomes(results, system=OURS):
    return {outcome.criterion: outcome for outcome in results.outcomes if outcome.system == system}


def states(results, system=OURS):
    return {name: outcome.state.value for name, outcome in outcomes(results, system).items()}


def typed(capsys, *words):
    """(exit status, standard output) of `python -m harness gate ...`, paths meant in the folder of the replay."""
    known = [str(REPLAY / word) if word.endswith((".jsonl", ".toml")) else word for word in words]
    status = main(["gate", *known])
    return status, capsys.readouterr().out


class TestReportOne:
    """v1, which said Conditional Go."""

    def test_by_the_plans_own_rule_it_is_no_go(self):
        results = judged("tfidf", "v1")
        [verdict] = results.verdicts
        assert verdict.decision is Decision.NO_GO
        found = outcomes(results)["recall-at-5"]
        assert (found.value, found.n, found.state) == (0.404, 100, State.RULED_OUT)
        assert found.bounds.at_most < 0.5 < found.no_go == 0.7

    def test_the_rest_of_the_plan(self):
        assert states(judged("tfidf", "v1")) == {
            "recall-at-5": "ruled out",
            "recall-at-10": "unmet",
            "mrr": "met",
            "against-kure-siglip": "unproven",
            "latency-p95": "met",
            "vram": "met",
            "stability": "met",
        }

    def test_point_estimates_change_nothing_about_it(self):
        results = judged("tfidf", "v1", points=True)
        assert results.verdicts[0].decision is Decision.NO_GO
        found = states(results)
        assert (found["recall-at-5"], found["recall-at-10"], found["against-kure-siglip"]) == (
            "ruled out",
            "unmet",
            "met",
        )

    def test_its_200_ms_are_proven_by_its_own_p99(self):
        found = outcomes(judged("tfidf", "v1"))["latency-p95"]
        assert (found.value, found.bounds.at_most, found.go) == (30.5, 39.1, 200.0)
        assert found.sentence == "latency-p95 is 30.5 ms (n = 100, at most 39.1 ms): met, needs <= 200.0 ms"

    def test_a_waiver_opens_the_gate_and_the_verdict_stays(self):
        waived, bare = judged("tfidf", "v1", waived=True), judged("tfidf", "v1")
        assert ungated_by("unproven", waived, REPORTED) == []
        assert waived.verdicts == bare.verdicts
        assert ungated_by("unproven", bare, REPORTED) == [f"gate: not GO or merely unproven: {OURS} (NO-GO)"]

    def test_nobody_answers_for_what_is_unproven(self):
        """So the strict gate stays shut; by point estimates, as the report judged, it opens."""
        assert ungated_by("go", judged("tfidf", "v1", waived=True), REPORTED) == [f"gate: not GO: {OURS} (NO-GO)"]
        assert ungated_by("go", judged("tfidf", "v1", waived=True, points=True), REPORTED) == []

    def test_a_waiver_that_has_expired_closes_it(self):
        waived = judged("tfidf", "v1", waived=True)
        assert ungated_by("unproven", waived, LAST_DAY) == []
        told = "\n".join(ungated_by("unproven", waived, NEXT_DAY))
        assert f"{OURS} (NO-GO)" in told
        assert told.count("expired on 2026-02-28") == 2

    def test_the_baseline_is_compared_with_and_not_judged(self):
        results = judged("tfidf", "v1", candidates=())
        assert {verdict.system for verdict in results.verdicts} == {
            OURS, "kure-v1+dense", "siglip-base+dense", f"{OURS}+qwen3-vl-reranker-2b-text"
        }  # fmt: skip
        assert results.systems[THEIRS].role == "baseline"
        assert {verdict.decision for verdict in results.verdicts} == {Decision.NO_GO}


class TestReportTwo:
    """v2, which said Go."""

    def test_its_100_percent_is_a_hit_rate_and_its_recall_is_between_no_go_and_go(self):
        found = outcomes(judged("image", "v1", "v2", "review"))
        hits, recall = found["hit-at-5"], found["recall-at-5"]
        assert (hits.metric, hits.value, hits.n, hits.state) == ("hit@5", 1.0, 27, State.MET)
        assert (recall.metric, recall.value, recall.n, recall.state) == ("recall@5", 0.777, 27, State.UNMET)
        assert recall.no_go < recall.value < recall.go
        assert recall.bounds.at_most > recall.no_go

    def test_report_two_alone_has_no_recall_at_all(self):
        assert states(judged("image", "v2"))["recall-at-5"] == "not measured"

    def test_27_queries_do_not_prove_its_recall_at_10(self):
        found = outcomes(judged("image", "v1", "v2", "review"))["recall-at-10"]
        assert (found.value, found.state, found.n) == (0.949, State.UNPROVEN, 27)
        assert found.more

    def test_nobody_measured_the_baseline_there(self):
        results = judged("image", "v1", "v2", "review")
        missing = outcomes(results)["against-kure-siglip"]
        assert (missing.state, missing.reason) == (State.NOT_MEASURED, f"{THEIRS}: nothing is recorded of it")
        assert results.verdicts[0].decision is Decision.INCOMPLETE

    def test_61_queries_cannot_prove_80_percent(self):
        found = outcomes(judged("hybrid", "v2"))["hit-at-5"]
        assert (found.n, found.state) == (61, State.UNPROVEN)
        assert found.value == pytest.approx(52 / 61)
        assert found.more == 109
        assert found.bounds.at_least == pytest.approx(0.757, abs=0.0005)
        assert (found.bounds.low, found.bounds.high) == pytest.approx((0.738, 0.930), abs=0.0005)

    def test_by_point_estimates_52_of_61_pass(self):
        assert states(judged("hybrid", "v2", points=True))["hit-at-5"] == "met"

    def test_the_review_and_its_reranker_page_do_not_tell_one_recall(self):
        found = outcomes(judged("hybrid", "review", "review-reranker"))["recall-at-5"]
        assert (found.state, found.reason) == (
            State.NOT_MEASURED,
            "recorded as 0.809 and 0.772: one cell has one value",
        )


class TestGroundTruths:
    """Which of them can say anything about the system."""

    @pytest.mark.parametrize("points", [False, True])
    def test_the_llm_truth_is_struck_out_as_picked_from_the_systems_own_first_ten(self, points):
        results = judged("llm", "v1.1", truths=True, points=points)
        assert {outcome.state for outcome in results.outcomes} == {State.NOT_MEASURED}
        assert {outcome.reason for outcome in results.outcomes} == {POOLED}
        assert results.verdicts[0].decision is Decision.INCOMPLETE

    def test_without_that_knowledge_its_99_percent_would_pass(self):
        found = outcomes(judged("llm", "v1.1"))["recall-at-10"]
        assert (found.value, found.state) == (0.993, State.MET)

    def test_the_hybrid_truth_inherits_the_pool(self):
        results = judged("hybrid", "v1.1", truths=True)
        asked = {name: outcome.reason for name, outcome in outcomes(results).items() if name != "hit-at-5"}
        assert set(asked.values()) == {POOLED} and len(asked) == 3

    def test_what_was_reranked_began_with_the_same_ten(self):
        reranked = f"{OURS}+qwen3-vl-reranker-2b"
        results = judged("hybrid", "review-reranker", truths=True, candidates=(reranked,))
        assert outcomes(results, reranked)["recall-at-5"].reason == POOLED

    def test_another_system_is_judged_on_it(self):
        found = outcomes(judged("hybrid", "v2", truths=True, candidates=(LARGER,)), LARGER)["hit-at-5"]
        assert found.state is State.UNMET
        assert found.value == pytest.approx(43 / 61)

    def test_the_other_truths_stand(self):
        stated = origins(REPLAY / "truths.toml")
        assert {name for name, provenance in stated.items() if provenance.pools} == {"llm", "hybrid"}
        assert states(judged("tfidf", "v1", truths=True)) == states(judged("tfidf", "v1"))
        assert states(judged("image", "v2", truths=True))["hit-at-5"] == "met"


def test_every_policy_asks_the_plans_amounts_of_its_own_truth():
    plan = load_policy(REPLAY.parents[1] / "benchmarks" / "criteria" / "plan.toml")
    amounts = {criterion.id: (criterion.go, criterion.no_go) for criterion in plan.criterion}
    for path in sorted(REPLAY.glob("plan-*.toml")):
        policy = load_policy(path)
        assert policy.name == path.stem
        assert {criterion.ground_truth for criterion in policy.criterion} <= {path.stem.removeprefix("plan-"), None}
        for criterion in policy.criterion:
            assert (criterion.go, criterion.no_go) == amounts[criterion.id.replace("hit-at-5", "recall-at-5")]


def test_typed_at_a_terminal(capsys):
    asked = ["v1.jsonl", "--criteria", "plan-tfidf.toml", "--candidate", OURS]
    status, out = typed(capsys, *asked)
    assert status == 1
    assert "recall-at-5                     0.404 ruled out" in out
    assert out.endswith(f"gate: not GO: {OURS} (NO-GO)\n")
    answered = [*asked, "--gate=unproven", "--waivers", "waivers.toml"]
    status, out = typed(capsys, *answered, "--today", "2026-01-27")
    assert (status, out.splitlines()[-1]) == (0, "gate: open")
    assert "NO-GO" in out
    assert "head of the task force, report v1 answers until 2026-02-28" in " ".join(out.split())
    status, out = typed(capsys, *answered, "--today", "2026-03-01")
    assert status == 1 and "expired on 2026-02-28" in out and "answers until" not in out
