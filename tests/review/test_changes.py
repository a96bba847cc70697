"""Two stored runs held against each other: who is compared in what, and what keeps a gate shut."""

import csv
from dataclasses import replace
from io import StringIO

import pytest
from runs import BASE, CRITERIA, ONE, SYSTEMS, TRIED, TRUTH, TWO, description, outcome, scores, stored, timed

from harness.errors import UnknownName
from harness.policy import Criterion
from harness.report.rows import QueryScores
from harness.review.changes import between
from harness.verdict.changes import Cell
from harness.verdict.measurement import Measurement
from harness.verdict.outcomes import Decision, State

GOOD, BAD = [1.0] * 20, [0.5] * 20


def cells(changes):
    return [(change.cell.system, change.cell.metric) for change in changes.found]


def test_queries_are_paired_by_their_ids():
    before = stored([scores(ONE, recall_5=[1.0, 0.5, 0.0])])
    shuffled = QueryScores(ONE, "labels", 2, ["Q2", "new", "Q0"], {"recall@5": [0.25, 1.0, 0.75]}, [])
    (found,) = between(before, stored([shuffled])).found
    assert (found.before, found.after) == (0.5, 0.5)
    assert (found.difference.wins, found.difference.losses) == (1, 1)
    assert [fall.query_id for fall in found.falls] == ["Q0"]


def test_a_query_that_does_not_count_in_one_run_is_left_out():
    (found,) = between(stored([scores(ONE, recall_5=[1.0, None])]), stored([scores(ONE, recall_5=[0.5, 1.0])])).found
    assert (found.difference.n, found.before, found.after) == (1, 1.0, 0.5)


def test_queries_of_one_source_stand_or_fall_together():
    one = [scores(ONE, recall_5=column, sources=["D1"] * 20) for column in (GOOD, BAD)]
    (found,) = between(stored(one[:1]), stored(one[1:])).found
    assert found.difference.p == 1.0


def test_candidates_and_baselines_are_compared_in_what_is_judged():
    things = [scores(name, mrr=[1.0], recall_5=[1.0]) for name in (ONE, TWO, BASE, TRIED)]
    run = stored(things)
    assert cells(between(run, run)) == [(ONE, "recall@5"), (TWO, "recall@5"), (BASE, "recall@5")]


def test_without_any_judged_accuracy_recall_at_5_is_compared():
    run = stored([scores(ONE, mrr=[1.0], recall_5=[1.0])], criteria=CRITERIA[1:])
    assert cells(between(run, run)) == [(ONE, "recall@5")]


def test_what_is_named_is_compared_and_nothing_else():
    run = stored([scores(name, mrr=[1.0], recall_5=[1.0], hit_5=[1.0]) for name in (ONE, TRIED)])
    assert cells(between(run, run, [TRIED], ["mrr", "hit@5"])) == [(TRIED, "mrr"), (TRIED, "hit@5")]


def test_a_gate_sees_what_is_judged_whatever_is_named():
    run = stored([scores(ONE, mrr=[1.0], recall_5=[1.0])])
    assert cells(between(run, run, metrics=["mrr"], gated=True)) == [(ONE, "mrr"), (ONE, "recall@5")]


def test_a_system_that_nobody_knows_is_refused():
    run = stored([scores(ONE, recall_5=[1.0])])
    with pytest.raises(
        UnknownName, match=r"^unknown system 'alpha\+dens'\. Did you mean 'alpha\+dense'\? There are: alpha\+dense\.$"
    ):
        between(run, run, ["alpha+dens"])


def test_a_metric_that_no_query_has_is_refused():
    run = stored([scores(ONE, recall_5=[1.0])])
    with pytest.raises(UnknownName, match=r"unknown metric 'mrr'\. There are: recall@5\."):
        between(run, run, metrics=["mrr"])
    with pytest.raises(UnknownName, match="Did you mean 'recall@5'"):
        between(run, run, metrics=["recal@5"])


def test_nothing_is_compared_across_banks_or_across_judgements():
    run = stored([scores(ONE, recall_5=[1.0])])
    assert between(run, stored([scores(ONE, recall_5=[1.0])], bank=description(digest="beef"))).found == ()
    anew = description(truths=(replace(TRUTH, pairs=9),))
    other = stored([scores(ONE, recall_5=[1.0]), scores(ONE, truth="tfidf", recall_5=[1.0])], bank=anew)
    both = stored([scores(ONE, recall_5=[1.0]), scores(ONE, truth="tfidf", recall_5=[1.0])])
    assert [change.cell.ground_truth for change in between(both, other).found] == ["tfidf"]


def test_levels_of_one_ground_truth_are_apart():
    run = stored([scores(ONE, recall_5=[1.0]), scores(ONE, level=3, recall_5=[0.5])])
    assert [(change.cell.level, change.before) for change in between(run, run).found] == [(2, 1.0), (3, 0.5)]


def worse(before, after, **how):
    return list(between(before, after, gated=True, **how).worse())


def test_a_candidate_that_is_worse_in_what_is_judged_shuts_the_gate():
    told = worse(stored([scores(ONE, recall_5=GOOD)]), stored([scores(ONE, recall_5=BAD)]))
    assert told == [f"recall@5 of {ONE} on labels is worse: 1.000 before, 0.500 now (p = 0.0003 after Holm)"]


@pytest.mark.parametrize("system", [BASE, TRIED])
def test_who_is_no_candidate_keeps_no_gate_shut(system):
    before, after = stored([scores(system, recall_5=GOOD)]), stored([scores(system, recall_5=BAD)])
    assert worse(before, after, systems=[system]) == []


def test_what_no_criterion_judges_keeps_no_gate_shut():
    before = stored([scores(ONE, mrr=GOOD, recall_5=GOOD), scores(ONE, level=3, recall_5=GOOD)])
    after = stored([scores(ONE, mrr=BAD, recall_5=GOOD), scores(ONE, level=3, recall_5=BAD)])
    assert worse(before, after, metrics=["mrr", "recall@5"]) == []


@pytest.mark.parametrize("strict", [0, 1])
def test_what_either_policy_judges_counts(strict):
    things = [scores(ONE, mrr=column, recall_5=GOOD) for column in (GOOD, BAD)]
    asked = Criterion(id="mrr", metric="mrr", ground_truth="labels", go="80 %")
    policies = [CRITERIA, CRITERIA]
    policies[strict] = (asked,)
    runs = [stored([own], criteria=criteria) for own, criteria in zip(things, policies, strict=True)]
    assert [told.split()[0] for told in worse(*runs)] == ["mrr"]


def test_a_criterion_names_its_own_level():
    criteria = [Criterion(id="strict", metric="recall@5", ground_truth="labels", relevance=3, go="80 %")]
    before = stored([scores(ONE, level=3, recall_5=GOOD)], criteria=criteria)
    after = stored([scores(ONE, level=3, recall_5=BAD)], criteria=criteria)
    assert len(worse(before, after)) == 1


def test_what_the_ground_truth_cannot_say_keeps_no_gate_shut():
    struck = Measurement(ONE, "recall@5", 0.5, 20, "tiny", "labels", 2, struck="picked from its own results")
    changes = between(stored([scores(ONE, recall_5=GOOD)]), stored([scores(ONE, recall_5=BAD), struck]), gated=True)
    assert changes.struck == {Cell(ONE, "labels", 2, "recall@5")}
    assert list(changes.worse()) == []


def test_what_cannot_be_compared_keeps_the_gate_shut():
    run = stored([scores(ONE, recall_5=GOOD)])
    other = stored([scores(ONE, recall_5=GOOD)], bank=description(digest="beef"))
    assert worse(run, other) == ["accuracy is not compared: the item banks differ (tiny is c0ffeec0ffee, tiny is beef)"]
    assert worse(stored([timed(ONE, "latency-p95", 3.0)]), stored([])) == ["no accuracy was compared"]
    anew = stored([scores(ONE, recall_5=GOOD)], bank=description(truths=(replace(TRUTH, pairs=9),)))
    assert worse(run, anew) == ["nothing on labels is compared: the ground truths differ (pairs 8 and 9)"]


def test_a_verdict_that_got_worse_keeps_the_gate_shut():
    same = scores(ONE, recall_5=GOOD)
    met = [outcome(ONE, State.MET), outcome(ONE, State.MET, 30.0, "latency-p95")]
    before, after = stored([same, *met]), stored([same, outcome(ONE, State.UNPROVEN), met[1]])
    assert worse(before, after) == [f"the verdict of {ONE} is worse: GO before, CONDITIONAL now"]
    assert worse(after, before) == []
    assert worse(before, stored([same])) == [f"the verdict of {ONE} is worse: GO before, not judged now"]


def test_verdicts_of_whom_nobody_asked_are_left_out():
    both = [scores(name, recall_5=GOOD) for name in (ONE, TWO)]
    before, after = stored([*both, outcome(TWO, State.MET)]), stored([*both, outcome(TWO, State.RULED_OUT)])
    assert between(before, after, [ONE]).turns == ()
    assert [turn.after for turn in between(before, after, [TWO]).turns] == [Decision.NO_GO]


def test_every_query_that_got_worse_stands_in_the_csv():
    before = stored([scores(ONE, recall_5=[1.0, 1 / 3, 0.0] + [1.0] * 12)])
    after = stored([scores(ONE, recall_5=[0.5, 0.0, 1.0] + [0.25] * 12)])
    rows = list(csv.DictReader(StringIO(between(before, after).csv())))
    assert len(rows) == 14
    assert rows[0] == {"system": ONE, "ground_truth": "labels", "level": "2", "metric": "recall@5", "query_id": "Q10",
                       "before": "1", "after": "0.25"}  # fmt: skip
    assert rows[-1] == {**rows[0], "query_id": "Q1", "before": "0.333333", "after": "0"}


def test_roles_are_looked_up_in_both_runs():
    was = {**SYSTEMS, TRIED: replace(SYSTEMS[TRIED], role="candidate")}
    before, after = stored([scores(TRIED, recall_5=GOOD)], systems=was), stored([scores(TRIED, recall_5=BAD)])
    assert cells(between(before, after)) == [(TRIED, "recall@5")]
