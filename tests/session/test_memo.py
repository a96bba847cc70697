"""Measurements are pulled: whatever is asked is there, measured once, or says why it is not."""

import time
from dataclasses import replace

import pytest
from toys import Letters, Words, bank, registry

from harness.config import Config, Grid, Probes
from harness.data.model import Pool, Provenance, Queries
from harness.errors import NotMeasured, PluginFailed, UnknownName
from harness.grid.systems import cross
from harness.plugging.specs import EmbedderSpec, RetrieverSpec
from harness.policy import Criterion, Policy
from harness.session.memo import Memo
from harness.statistics.paired import compare
from harness.verdict.criteria import State

CRITERIA = [
    Criterion(id="recall", metric="recall@3", ground_truth="labels", go="40 %"),
    Criterion(id="half", metric="recall@3", ground_truth="labels", go="50 %"),
    Criterion(id="deep", metric="ndcg@7", ground_truth="labels", relevance=2, go="10 %"),
    Criterion(id="against", metric="recall@3", ground_truth="labels", baseline="letters+dot", go="-60 %"),
    Criterion(id="near", metric="recall@3", ground_truth="labels", baseline="letters+dot", go="-50 %"),
    Criterion(id="slower", metric="latency-p50", baseline="letters+dot", go="10 s"),
    Criterion(id="median", metric="latency-p50", go="10 s"),
    Criterion(id="lost", metric="recall@3", ground_truth="labels", baseline="letters+dott", go="0 %"),
    Criterion(id="stability", metric="stability", go="100 %", at_least=20),
    Criterion(id="latency", metric="latency-p95", go="10 s"),
    Criterion(id="vram", metric="vram-device", go="8 GiB", when="on-device"),
    Criterion(id="korean", metric="canary", go="100 %", when="lexical"),
    Criterion(id="encode", metric="encode-p95", go="10 s", when="embeds"),
]


def memo(tmp_path, untimed="", dataset=None, criteria=CRITERIA, points=False, **plugged):
    known = registry(**plugged)
    grid = Grid(
        embedders=[spec.name for spec in known.embedders],
        retrievers=["*"],
        rerankers=["none", "longest"],
        metrics=["mrr"],
    )
    probes = Probes(latency_calls=8, warmup_calls=1, throughput_seconds=0.001, stability_calls=20, batches=[3])
    config = Config(folder=tmp_path, dataset="bank", criteria="criteria.toml", grid=grid, probes=probes)
    systems = {system.name: system for system in cross(grid, known)}
    policy = Policy(name="p", criterion=criteria, point_estimates=points)
    return Memo(config, policy, known, dataset or bank(), systems, untimed)


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
    assert (
        asked.measurement("fragile", "canary").reason
        == "retriever 'fragile' () failed at canary: RuntimeError: too many"
    )


@pytest.mark.parametrize(
    ("system", "criterion", "state"),
    [
        ("words", "recall", State.MET),  # four of four prove 0.47
        ("words", "half", State.UNPROVEN),
        ("words", "deep", State.MET),
        ("words", "against", State.MET),  # four pairs that do not differ prove -0.53
        ("words", "near", State.UNPROVEN),
        ("words", "slower", State.MET),
        ("words", "lost", State.NOT_MEASURED),
        ("words", "stability", State.MET),
        ("words", "median", State.MET),
        ("words", "latency", State.UNPROVEN),  # eight calls bound a median, and no 95th percentile
        ("words", "vram", State.NOT_APPLICABLE),
        ("words", "korean", State.UNMET),
        ("words", "encode", State.NOT_APPLICABLE),
        ("letters+dot", "korean", State.NOT_APPLICABLE),
        ("letters+dot", "encode", State.UNPROVEN),
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
    values = {
        name: asked.measurement("letters+dot", name, "labels").value
        for name in ("margin", "cosine-relevant", "cosine-others")
    }
    assert values == {"margin": found.margin, "cosine-relevant": found.relevant, "cosine-others": found.others}
    assert found.margin > 0.3  # letters that are shared are what makes items relevant there
    row = asked.measurement("words", "margin", "labels")
    assert (row.value, row.reason) == (None, "words embeds nothing")


# What the samples prove.

HIT = Criterion(id="hit", metric="hit@5", ground_truth="labels", go="80 %", no_go="70 %")


def sixty_one(found=52, sources=None):
    """A bank of 61 queries, of which the first `found` share their word with what is relevant to them."""
    texts = {f"d{n:02}": f"w{n}" for n in range(61)} | {f"x{n:02}": "away" for n in range(13)}
    asked = {f"q{n:02}": f"w{n}" if n < found else "nothing" for n in range(61)}
    known = bank(texts, asked, {f"q{n:02}": {f"d{n:02}": 1} for n in range(61)})
    queries = [replace(query, source=sources and sources[n]) for n, query in enumerate(known.queries.queries)]
    return replace(known, queries=Queries.against(known.corpus, queries))


def test_52_of_61_hits_are_unproven_against_80_percent(tmp_path):
    outcome = memo(tmp_path, dataset=sixty_one(), criteria=[HIT]).outcome("words", "hit")
    assert outcome.state is State.UNPROVEN
    assert outcome.sentence == (
        "hit@5 on labels is 0.852 (n = 61, at least 0.757): unproven, needs >= 0.800; "
        "about 109 more queries with the same score would prove it"
    )


@pytest.mark.parametrize(
    ("found", "state"),
    [
        (55, State.MET),
        (54, State.UNPROVEN),
        (49, State.UNPROVEN),
        (48, State.UNMET),
        (37, State.UNMET),
        (36, State.RULED_OUT),
    ],
)
def test_of_61_queries_so_many_hits_prove_and_so_few_rule_out(tmp_path, found, state):
    """55 of 61 prove 80 %, 36 of 61 are proven to be below 70 %: the binomial tables."""
    assert memo(tmp_path, dataset=sixty_one(found), criteria=[HIT]).outcome("words", "hit").state is state


def test_point_estimates_judge_the_score_alone(tmp_path):
    asked = memo(tmp_path, dataset=sixty_one(), criteria=[HIT], points=True)
    assert asked.outcome("words", "hit").sentence == "hit@5 on labels is 0.852 (n = 61): met, needs >= 0.800"
    assert asked.measurement("words", "hit@5", "labels").bounds is not None, "what is known is told all the same"


def test_queries_of_one_item_prove_less_than_so_many_queries(tmp_path):
    sources = [f"x{n // 5:02}" for n in range(61)]
    alone, shared = (memo(tmp_path, dataset=sixty_one(58, told), criteria=[HIT]) for told in (None, sources))
    assert alone.outcome("words", "hit").state is State.MET
    other = shared.outcome("words", "hit")
    assert other.value == alone.outcome("words", "hit").value
    assert other.bounds.at_least < alone.outcome("words", "hit").bounds.at_least - 0.03


def test_a_difference_is_judged_on_its_pairs(tmp_path):
    """Equal on every query: 61 pairs prove that one is not 5 points worse, though each alone is only known to 12."""
    near = Criterion(id="near", metric="hit@5", ground_truth="labels", baseline="words+longest", go="-5 %")
    asked = memo(tmp_path, dataset=sixty_one(), criteria=[near.model_copy(update={"metric": "hit@3"})])
    outcome = asked.outcome("words", "near")
    values = [asked.scores(name, "labels").values["hit@3"] for name in ("words", "words+longest")]
    assert outcome.state is State.MET
    assert outcome.bounds == compare(*values).bounds
    assert (outcome.own, outcome.theirs, outcome.value) == (52 / 61, 52 / 61, 0.0)


def test_pairs_of_one_item_count_as_one(tmp_path):
    near = Criterion(id="near", metric="hit@3", ground_truth="labels", baseline="words+longest", go="-5 %")
    asked = memo(tmp_path, dataset=sixty_one(52, [f"x{n // 5:02}" for n in range(61)]), criteria=[near])
    outcome = asked.outcome("words", "near")
    assert (outcome.value, outcome.state) == (0.0, State.UNPROVEN), "61 pairs would do, 13 items do not"


def test_the_samples_are_those_of_the_stage_that_is_judged(tmp_path):
    class Slow(Words):
        def search(self, queries, k, /):
            time.sleep(0.06)
            return super().search(queries, k)

    limits = [Criterion(id=metric, metric=metric, go="50 ms") for metric in ("latency-p95", "rerank-p95")]
    asked = memo(tmp_path, criteria=limits, retrievers=[RetrieverSpec("slow", Slow)])
    rerank = asked.outcome("slow+longest", "rerank-p95")
    assert (rerank.state, rerank.more) == (State.UNPROVEN, 59 - 8)
    assert asked.outcome("slow+longest", "latency-p95").state is State.UNMET


def test_how_many_more_calls_would_do_is_read_off_the_samples(tmp_path):
    outcome = memo(tmp_path).outcome("words", "latency")
    assert (outcome.n, outcome.more) == (8, 59 - 8)
    assert outcome.sentence.endswith("(n = 8, too few to prove anything): unproven, needs <= 10,000 ms; "
                                     "about 51 more calls like these would prove it")  # fmt: skip


# Judges who were asked by the judged.


def pooled(*pools):
    """Letters, judged among what some systems had found."""
    plain = bank()
    truth = replace(plain.truths["labels"], provenance=Provenance("llm", pools=pools))
    return replace(plain, truths={"labels": truth})


@pytest.mark.parametrize("points", [False, True])
@pytest.mark.parametrize(
    ("pool", "struck"),
    [("words", {"words", "words+longest"}), ("words+longest", {"words+longest"}), ("letters+dot", {"letters+dot", "letters+dot+longest"})],
)  # fmt: skip
def test_no_metric_counts_of_a_system_that_the_truth_was_picked_from(tmp_path, pool, struck, points):
    asked = memo(tmp_path, dataset=pooled(Pool(pool, 10)), points=points)
    rows = {name: asked.measurement(name, "recall@3", "labels") for name in asked.systems}
    assert {name for name, row in rows.items() if row.struck} == struck
    assert all(row.value is not None for row in rows.values())
    outcomes = {name: asked.outcome(name, "recall") for name in asked.systems}
    assert {name for name, outcome in outcomes.items() if outcome.state is State.NOT_MEASURED} == struck
    assert outcomes[pool].sentence == (
        f"recall@3: by construction: its candidates were picked from the first 10 of {pool} itself"
    )


def test_nor_can_anybody_be_compared_with_one(tmp_path):
    outcome = memo(tmp_path, dataset=pooled(Pool("letters+dot", 10))).outcome("words", "against")
    assert outcome.state is State.NOT_MEASURED
    assert outcome.sentence.startswith("recall@3: letters+dot: by construction: ")


def test_without_pictures_there_is_no_gain_from_them(tmp_path):
    """Nothing differs between text alone and text with pictures that are not there."""
    rows = memo(tmp_path, criteria=[HIT.model_copy(update={"metric": "recall@5"})]).gains("words", "labels")
    assert (rows["all"].value, rows["all"].n, rows["all"].metric) == (0.0, 4, "picture-gain")
    row = memo(tmp_path).measurement("words", "picture-gain", "labels")
    assert (row.value, row.reason) == (None, "recall@5 is not among the grid's metrics")
