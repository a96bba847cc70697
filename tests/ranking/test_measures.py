import pytest

from harness.errors import HarnessError, UnknownName
from harness.ranking.measures import ADVICE, MEASURES, Metric
from harness.ranking.metrics import ACCURACY
from harness.ranking.units import to_unit


@pytest.mark.parametrize(
    "text", ["recall@5", "hit@1", "mrr", "mrr@10", "map", "ndcg", "ndcg@10", "latency-p95"]
)
def test_a_metric_reads_as_it_is_written(text: str) -> None:
    assert str(Metric.parse(text)) == text


def test_equal_metrics_are_one_key() -> None:
    assert {Metric.parse("recall@5"): 1}[Metric(MEASURES["recall"], 5)] == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("recall", "recall needs a cutoff, e.g. recall@5"),
        ("stability@5", "stability takes no cutoff (asked: stability@5)"),
        ("recall@0", "recall@0: a cutoff is at least 1"),
        ("recall@-3", "recall@-3: a cutoff is at least 1"),
        ("recall@", "'recall@': the cutoff '' is not a whole number"),
        ("ndcg@1.5", "'ndcg@1.5': the cutoff '1.5' is not a whole number"),
        ("hit_rate@5", "unknown metric 'hit_rate@5'. Did you mean 'hit@5'?"),
        ("success@5", "unknown metric 'success@5'. Did you mean 'hit@5'?"),
        ("top_5", "unknown metric 'top_5'. Did you mean 'hit@5' or 'recall@5'?"),
        ("ndcg_cut_10", "unknown metric 'ndcg_cut_10'. Did you mean 'ndcg@10'?"),
        ("ndcg_10", "unknown metric 'ndcg_10'. Did you mean 'ndcg@10'?"),
        ("Recall@5", "unknown metric 'Recall@5'. Did you mean 'recall@5'?"),
        ("MRR", "unknown metric 'MRR'. Did you mean 'mrr'?"),
        ("P@5", "unknown metric 'P@5'. Did you mean 'precision@5'?"),
    ],
)
def test_a_wrong_metric_is_one_clear_line(text: str, message: str) -> None:
    with pytest.raises(HarnessError) as raised:
        Metric.parse(text)
    assert str(raised.value) == message


@pytest.mark.parametrize(
    ("text", "meant"), [("recal@5", "recall"), ("latency_p95", "latency-p95"), ("trouput", "throughput")]
)
def test_an_unknown_measure_names_the_nearest_and_all(text: str, meant: str) -> None:
    with pytest.raises(UnknownName, match=f"Did you mean '{meant}'") as raised:
        Metric.parse(text)
    assert all(name in str(raised.value) for name in MEASURES)


def test_nothing_at_all_is_an_unknown_measure() -> None:
    with pytest.raises(UnknownName):
        Metric.parse("")


def test_the_vocabulary_is_sound() -> None:
    for name, measure in MEASURES.items():
        assert name == measure.name
        assert measure.low < measure.high
        assert measure.summary and not measure.summary.endswith(".")
        assert measure.kind != "accuracy" or (measure.low, measure.high, measure.unit) == (0, 1, "")


@pytest.mark.parametrize("name", MEASURES)
def test_every_unit_can_be_written_in_a_criterion(name: str) -> None:
    unit = MEASURES[name].unit
    written = "3" if unit in ("", "count", "score") else f"3 {unit}"
    assert to_unit(written, unit) == 3


def test_every_accuracy_measure_can_be_computed_and_no_other() -> None:
    assert set(ACCURACY) == {name for name, measure in MEASURES.items() if measure.kind == "accuracy"}


def test_advice_is_about_names_that_do_not_exist_and_leads_to_ones_that_do() -> None:
    assert not set(ADVICE) & set(MEASURES)
    assert set().union(*ADVICE.values()) <= set(MEASURES)
