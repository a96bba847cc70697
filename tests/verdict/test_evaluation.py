"""A run held against judgements: per query, per stratum, and against somebody else's figures for a real collection."""

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import beta
from toys import RELEVANT, bank

from harness.data.catalogue import open_dataset
from harness.data.formats.trec import read_qrels, read_run
from harness.data.model import Corpus, GroundTruth, Provenance, Queries
from harness.data.run import Run
from harness.ranking.metrics import mean
from harness.statistics.bootstrap import guarded
from harness.verdict.evaluation import evaluate, sources

BANK = bank()


def run_of(ranked, dataset=BANK):
    """A run from {query: [documents, best first]}."""
    scores = {query: {name: float(-place) for place, name in enumerate(names)} for query, names in ranked.items()}
    return Run.from_dict(scores, dataset.corpus.ids)


def scored(ranked, metrics, dataset=BANK, level=None, truth=None):
    return evaluate(
        "s", replace(run_of(ranked, dataset), depth=100), dataset, truth or dataset.truths["labels"], metrics, level
    )


FOUND = {"q0": ["d1", "d2", "d0"], "q1": ["d0", "d3"], "q2": ["d0"], "q3": ["d6", "d5"]}


def test_values_are_per_query_and_their_mean_is_the_measurement():
    scores = scored(FOUND, ["recall@1", "recall@2", "hit@2", "mrr"])
    assert scores.query_ids == ("q0", "q1", "q2", "q3")
    assert {metric: values.tolist() for metric, values in scores.values.items()} == {
        "recall@1": [0.5, 0.0, 0.0, 0.5], "recall@2": [0.5, 0.5, 0.0, 1.0],
        "hit@2": [1.0, 1.0, 0.0, 1.0], "mrr": [1.0, 0.5, 0.0, 1.0],
    }  # fmt: skip
    row = scores.measurement("recall@2")
    assert (row.value, row.n, row.level, row.stratum, row.reason, row.ceiling) == (0.5, 4, 1, "all", "", 1.0)
    assert (row.system, row.dataset, row.ground_truth) == ("s", "letters", "labels")


def test_a_higher_level_asks_for_better_documents():
    scores = scored(FOUND, ["recall@3", "mrr"], level=2)
    assert scores.level == 2
    assert scores.values["recall@3"].tolist() == [1.0, 1.0, 0.0, 1.0]
    assert scored(FOUND, ["recall@3"]).values["recall@3"].tolist() == [1.0, 0.5, 0.0, 1.0]


def test_a_level_that_nothing_reaches_is_not_measured():
    row = scored(FOUND, ["recall@3"], level=3).measurement("recall@3")
    assert (row.value, row.n, row.reason) == (None, 0, "no judged query has an item of grade >= 3")


def test_a_judged_query_without_an_answer_counts_zero():
    scores = scored({"q0": FOUND["q0"], "q1": []}, ["hit@3", "mrr"])
    assert scores.values["hit@3"].tolist() == [1.0, 0.0, 0.0, 0.0]
    assert (scores.measurement("mrr").value, scores.measurement("mrr").n) == (0.25, 4)


def test_a_query_without_a_relevant_document_or_without_judgements_does_not_count():
    truth = GroundTruth("some", {"q0": {"d1": 1}, "q1": {"d1": 0}, "q3": {"d6": 1}}, 1, Provenance("by hand"))
    scores = scored(FOUND, ["hit@3"], truth=truth)
    assert scores.query_ids == ("q0", "q1", "q3")
    assert math.isnan(scores.values["hit@3"][1])
    assert (scores.measurement("hit@3").value, scores.measurement("hit@3").n) == (1.0, 2)


def test_the_ceiling_is_what_a_perfect_ranking_reaches():
    truth = GroundTruth("many", {"q0": dict.fromkeys(BANK.corpus.ids, 1), "q1": {"d1": 1}}, 1, Provenance("by hand"))
    scores = scored(FOUND, ["recall@2", "recall@8", "precision@2", "mrr", "ndcg@2"], truth=truth)
    ceilings = {metric: scores.measurement(metric).ceiling for metric in scores.values}
    assert ceilings == {"recall@2": (2 / 8 + 1) / 2, "recall@8": 1.0, "precision@2": 0.75, "mrr": 1.0, "ndcg@2": 1.0}


def test_a_metric_beyond_the_runs_depth_is_absent_and_says_so():
    scores = evaluate(
        "s", replace(run_of(FOUND), depth=2), BANK, BANK.truths["labels"], ["recall@2", "recall@3", "map"]
    )
    assert sorted(scores.values) == ["map", "recall@2"]
    assert scores.measurement("recall@3").reason == "the run says nothing beyond rank 2"


def strata_bank(**facets):
    queries = [replace(q, **{k: v[n] for k, v in facets.items()}) for n, q in enumerate(BANK.queries.queries)]
    return replace(BANK, queries=Queries.against(BANK.corpus, queries))


def test_strata_are_the_categories_and_subjects_that_differ():
    dataset = strata_bank(category=["image", "text", "image", ""], subject=["math"] * 4)
    scores = scored(FOUND, ["hit@2"], dataset)
    assert list(scores.strata) == ["all", "category=image", "category=text"]
    rows = {row.stratum: (row.value, row.n) for row in scores.measurements(["hit@2"])}
    assert rows == {"all": (0.75, 4), "category=image": (0.5, 2), "category=text": (1.0, 1)}


def test_without_facets_there_is_one_stratum():
    assert list(scored(FOUND, ["hit@2"]).strata) == ["all"]


def test_the_order_of_the_corpus_does_not_matter():
    shuffled = replace(BANK, corpus=Corpus(reversed(BANK.corpus.items)))
    assert (
        scored(FOUND, ["ndcg@3"], shuffled).values["ndcg@3"].tolist()
        == scored(FOUND, ["ndcg@3"]).values["ndcg@3"].tolist()
    )


def test_every_judged_document_counts_among_the_relevant():
    assert scored({"q0": ["d7"]}, ["recall@1"]).measurement("recall@1").value == 0.0
    perfect = {query: sorted(judged, key=judged.get, reverse=True) for query, judged in RELEVANT.items()}
    scores = scored(perfect, ["ndcg@10", "recall@2", "map"])
    assert all(scores.measurement(metric).value == 1.0 for metric in scores.values)


# What the queries prove.


def many(answers, sources=None, category=()):
    """A bank of as many queries as answers, d0 and d1 relevant to each, and the run that answers them."""
    names = [f"q{n:02}" for n in range(len(answers))]
    known = bank(asked=dict.fromkeys(names, "a"), relevant={name: {"d0": 1, "d1": 1} for name in names})
    queries = [
        replace(query, source=sources[n] if sources else None, category=category[n] if category else "")
        for n, query in enumerate(known.queries.queries)
    ]
    known = replace(known, queries=Queries.against(known.corpus, queries))
    return known, dict(zip(names, answers, strict=True))


BOTH, ONE, NEITHER = ["d0", "d1"], ["d3", "d1"], ["d3"]


def test_hits_have_clopper_and_pearsons_bounds():
    known, answers = many([ONE] * 52 + [NEITHER] * 9)
    row = scored(answers, ["hit@5", "recall@5"], known).measurement("hit@5")
    assert (row.value, row.n, row.struck) == (52 / 61, 61, "")
    bounds = row.bounds
    assert (bounds.at_least, bounds.at_most, bounds.low, bounds.high) == pytest.approx((
        beta.ppf(0.05, 52, 10), beta.ppf(0.95, 53, 9), beta.ppf(0.025, 52, 10), beta.ppf(0.975, 53, 9),
    ))  # fmt: skip


def test_means_have_bounds_of_their_own_that_are_narrower_and_still_guarded():
    known, answers = many([BOTH] * 20 + [ONE] * 20)
    scores = scored(answers, ["recall@5", "hit@5"], known)
    row = scores.measurement("recall@5")
    assert row.value == 0.75
    assert beta.ppf(0.05, 30, 11) < row.bounds.at_least < 0.75 < row.bounds.at_most < beta.ppf(0.95, 31, 10)
    perfect = scores.measurement("hit@5")
    assert (perfect.value, perfect.bounds.at_most) == (1.0, 1.0)
    assert perfect.bounds.at_least == pytest.approx(0.05 ** (1 / 40)), "forty of forty are no proof of all"


def test_every_stratum_is_bounded_by_its_own_queries():
    known, answers = many([BOTH] * 30 + [NEITHER] * 10, category=["text"] * 30 + ["image"] * 10)
    scores = scored(answers, ["recall@5", "hit@5"], known)
    text, image = (scores.measurement("hit@5", f"category={name}").bounds for name in ("text", "image"))
    assert (text.at_least, image.at_most) == pytest.approx((0.05 ** (1 / 30), 1 - 0.05 ** (1 / 10)))
    assert (
        scores.measurement("recall@5", "category=text").bounds.at_least > scores.measurement("recall@5").bounds.at_most
    )


def test_queries_of_one_item_are_not_independent_and_prove_less():
    answers = [BOTH] * 30 + [NEITHER] * 10
    alone, apart = many(answers)
    known, together = many(answers, sources=[f"d{2 + n // 10}" for n in range(40)])
    for metric in ("hit@5", "recall@5"):
        single, shared = scored(apart, [metric], alone), scored(together, [metric], known)
        one, four = single.measurement(metric), shared.measurement(metric)
        assert (one.value, one.n) == (four.value, four.n) == (0.75, 40)
        assert four.bounds.at_least < one.bounds.at_least - 0.1
        (expected,) = guarded(shared.values[metric][:, None], shared.clusters)
        assert four.bounds.low == pytest.approx(expected.low, abs=1e-9)


def test_the_sources_are_labels_only_where_any_two_queries_share_one():
    known, _ = many([BOTH] * 3, sources=["d2", None, "d2"])
    ids = [query.id for query in known.queries.queries]
    labels = sources(known, ids)
    assert labels[0] == labels[2] != labels[1]
    assert sources(known, ids[:2]) is None
    apart, _ = many([BOTH] * 2, sources=["d2", "d3"])
    assert sources(apart, ["q00", "q01"]) is None
    unnamed, _ = many([BOTH] * 2)
    assert sources(unnamed, ["q00", "q01"]) is None, "two queries without a source are no copies of each other"


def test_a_query_without_anything_relevant_proves_nothing():
    truth = GroundTruth("some", {"q0": {"d1": 1}, "q1": {"d1": 0}, "q3": {"d6": 1}}, 1, Provenance("by hand"))
    row = scored(FOUND, ["hit@3"], truth=truth).measurement("hit@3")
    assert row.bounds.at_least == pytest.approx(0.05 ** (1 / 2))


def test_what_has_no_value_has_no_bounds():
    shallow = evaluate("s", replace(run_of(FOUND), depth=2), BANK, BANK.truths["labels"], ["recall@2", "recall@3"])
    assert shallow.measurement("recall@3").bounds is None
    assert shallow.measurement("mrr").reason == "mrr is not among the grid's metrics"
    assert scored(FOUND, ["recall@3"], level=3).measurement("recall@3").bounds is None
    assert scored(FOUND, []).bounds == {}


def test_a_struck_score_strikes_every_measurement_and_keeps_its_value():
    scores = evaluate("s", run_of(FOUND), BANK, BANK.truths["labels"], ["hit@2", "mrr"], struck="picked from itself")
    rows = list(scores.measurements(["hit@2", "mrr"]))
    assert [(row.value, row.struck) for row in rows] == [(0.75, "picked from itself"), (0.625, "picked from itself")]


def test_scifact_gives_the_figures_that_trec_eval_printed(shared):
    """Anserini's flat BM25 run of SciFact, `trec_eval -c`: four decimals of the mean over 300 claims."""
    golden = shared("data/scifact/golden")
    lines = [line.split() for line in (golden / "trec_eval-c.all.txt").read_text().splitlines()]
    printed = {name: float(value) for name, which, value in lines if which == "all" and name != "runid"}
    dataset = open_dataset(shared("data/scifact"))
    truth = GroundTruth("golden", read_qrels(golden / "qrels.trec"), 1, Provenance("SciFact"))
    run = Run.from_dict(read_run(golden / "run.anserini-bm25-flat.trec.gz"), dataset.corpus.ids)
    ours = {
        "ndcg@10": "ndcg_cut_10", "ndcg@100": "ndcg_cut_100", "recall@5": "recall_5", "recall@100": "recall_100",
        "recall@1000": "recall_1000", "precision@10": "P_10", "hit@5": "success_5", "mrr": "recip_rank", "map": "map",
    }  # fmt: skip
    scores = evaluate("anserini", run, dataset, truth, list(ours))
    assert {metric: round(scores.measurement(metric).value, 4) for metric in ours} == {
        metric: printed[name] for metric, name in ours.items()
    }
    assert printed["ndcg_cut_10"] == 0.6789
    assert printed["recall_100"] == 0.9253
    assert mean(scores.values["mrr"]).n == 300
    assert np.isfinite(scores.values["mrr"]).all()
