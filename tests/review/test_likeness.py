"""Whether two runs may be compared at all."""

from dataclasses import replace

import pytest
from runs import ENVIRONMENT, ONE, SYSTEMS, TRUTH, TWO, description, scores, stored

from harness.data.model import Pool, Provenance
from harness.grid.systems import System
from harness.policy import Criterion
from harness.report.environment import flat
from harness.review.likeness import accuracy_apart, measured, remarks, timings_apart, truths_apart
from harness.words import Words

RUN = stored([scores(ONE, recall_5=[1.0])])


def test_leaves_bear_the_path_to_them():
    told = dict(flat({"machine": {"cores": 2}, "gpus": [{"name": "A"}, {"name": "B"}], "git": None}))
    assert told == {"machine.cores": 2, "gpus.1.name": "A", "gpus.2.name": "B", "git": None}


def test_another_bank_refuses_accuracy_and_names_both():
    other = stored([], bank=description(name="large", digest="0123456789abcdef"))
    told = accuracy_apart(RUN.results, other.results)
    assert told == "accuracy is not compared: the item banks differ (tiny is c0ffeec0ffee, large is 0123456789ab)"
    assert accuracy_apart(RUN.results, stored([], bank=description(digest="beef")).results) != ""
    assert accuracy_apart(RUN.results, stored([], bank=description(name="moved")).results) == ""


def test_a_ground_truth_that_was_judged_anew_is_another_one():
    anew = replace(TRUTH, pairs=9, provenance=Provenance("by hand", pools=(Pool("bm25", 10),), date="2026-01-01"))
    other = stored([], bank=description(truths=(anew,)))
    assert truths_apart(RUN.results, other.results) == {
        "labels": "nothing on labels is compared: the ground truths differ (pairs 8 and 9, "
        "provenance.pools.1.system none and bm25, provenance.pools.1.depth none and 10)"
    }


def test_a_remark_in_its_file_makes_no_other_ground_truth():
    remarked = replace(TRUTH, provenance=replace(TRUTH.provenance, note="typo mended"))
    assert truths_apart(RUN.results, stored([], bank=description(truths=(remarked,))).results) == {}


@pytest.mark.parametrize(
    ("changed", "facts"),
    [
        ({"machine": {**ENVIRONMENT["machine"], "cores": 16}}, "cores 2 and 16"),
        ({"machine": {**ENVIRONMENT["machine"], "cpu": "another"}}, "cpu a processor and another"),
        (
            {"gpus": [{"name": "H200", "memory_mib": 143771}]},
            "gpu.1.name none and H200, gpu.1.memory_mib none and 143771",
        ),
    ],
)
def test_another_machine_refuses_timings_and_says_what_differs(changed, facts):
    assert timings_apart(RUN, stored([], **changed)) == f"timings are not compared: the machines differ ({facts})"


def test_another_corpus_size_refuses_timings():
    other = stored([], bank=description(items=176_443))
    assert timings_apart(RUN, other) == "timings are not compared: 100 items were searched, then 176,443"


def test_the_same_machine_may_be_timed():
    assert timings_apart(RUN, stored([])) == ""


def test_equal_runs_have_no_remarks():
    assert list(remarks(RUN, RUN)) == []


def test_what_stands_in_one_run_only_is_told():
    second = replace(TRUTH, name="llm")
    other = stored([scores(TWO, recall_5=[1.0])], bank=description(truths=(TRUTH, second)))
    assert list(remarks(RUN, other)) == [f"only in A: {ONE}", f"only in B: {TWO}, llm"]


def test_the_order_and_the_words_of_a_policy_are_no_difference():
    one = Criterion(id="one", metric="mrr", ground_truth="labels", go="50 %")
    two = Criterion(id="two", metric="stability", go="100 %")
    said = one.model_copy(update={"about": "the plan's"})
    assert list(remarks(stored([], criteria=[one, two]), stored([], criteria=[two, said]))) == []


def test_another_threshold_is_another_measure():
    lower = Criterion(id="recall-at-5", metric="recall@5", ground_truth="labels", go="70 %", no_go="50 %")
    other = stored([scores(ONE, recall_5=[1.0])], criteria=[lower, RUN.results.policy.criterion[1]])
    told = "the policies differ, so verdicts are not of one measure: recall-at-5.go 80 % and 70 %"
    assert list(remarks(RUN, other)) == [told]


def test_revisions_options_and_versions_are_told():
    bm25 = {**ENVIRONMENT["components"][0], "revision": "mecab-2", "options": {"k1": "1.5"}}
    new = {"kind": "reranker", "name": "lexical", "revision": "1"}
    other = stored([scores(ONE, recall_5=[1.0])], components=[bm25, new], packages={"numpy": "2.2.0"}, git=None)
    assert list(remarks(RUN, other)) == [
        "components differ: retriever bm25.revision mecab-1 and mecab-2, retriever bm25.options.k1 1.2 and 1.5",
        "what ran differs: commit 0123abc and none, numpy 2.1.0 and 2.2.0",
    ]


def test_a_long_list_is_cut_and_says_so():
    other = stored([scores(ONE, recall_5=[1.0])], packages={f"package-{n}": "1" for n in range(11)})
    (told,) = remarks(RUN, other)
    assert told.endswith("package-6 none and 1, 4 more")


def test_systems_are_those_of_which_something_was_measured():
    systems = {**SYSTEMS, "never": System("never")}
    kept = stored([scores("unknown", mrr=[1.0]), scores(TWO, mrr=[1.0])], systems=systems)
    assert measured(kept.results) == [TWO, "unknown"]


def test_another_language_has_its_own_sentences():
    korean = Words(
        "ko", {"timings are not compared: {before} items were searched, then {after}": "문항 {before} → {after}"}
    )
    assert timings_apart(RUN, stored([], bank=description(items=5)), korean) == "문항 100 → 5"
