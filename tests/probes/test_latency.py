"""Single queries, every sample kept; percentiles say what their samples prove."""

import time
from math import inf

import numpy as np
import pytest
from PIL import Image
from toys import Words, bank, registry

from harness.data.model import Query
from harness.engine.live import Live
from harness.engine.pipeline import Pipeline
from harness.errors import BadData, PluginFailed
from harness.grid.systems import System
from harness.plugging.specs import RetrieverSpec
from harness.probes.latency import Latency, cycled, measure
from harness.statistics.percentiles import percentile

WORDS = System("words")


def live(system=WORDS, **plugged):
    return Live(Pipeline(registry(**plugged), bank(), 100), system, 5)


@pytest.mark.parametrize("stage", ["total", "search"])
def test_a_percentile_is_that_of_its_stage_with_what_the_samples_prove(stage):
    samples = {"total": np.arange(100.0, 0, -1), "search": np.arange(0.5, 30, 0.5)}
    found = Latency(samples, np.zeros(100, bool), 8).percentile(95, stage)
    assert found == percentile(samples[stage], 95)
    assert (found.value, found.n) == ((95.0, 100) if stage == "total" else (28.5, 59))


def test_fifty_eight_calls_bound_no_95th_percentile():
    samples = np.full(58, 1.0)
    assert Latency({"total": samples}, np.zeros(58, bool), 8).percentile(95).bounds.at_most == inf
    assert Latency({"total": np.full(59, 1.0)}, np.zeros(59, bool), 8).percentile(95).bounds.at_most == 1.0


def test_without_a_call_there_is_no_percentile():
    with pytest.raises(BadData, match="^no call was timed$"):
        Latency({"total": np.array([])}, np.array([], bool), 8).percentile(95)


def test_the_calls_are_counted_and_warming_up_is_not():
    asked = []

    class Counted(Words):
        def search(self, queries, k, /):
            asked.extend(queries.ids)
            return super().search(queries, k)

    measured = measure(
        live(System("counted"), retrievers=[RetrieverSpec("counted", Counted)]),
        bank().queries.queries,
        calls=10,
        warmup=3,
    )
    assert len(measured) == 10
    assert set(measured.samples) == {"total", "search"}
    assert all(len(samples) == 10 for samples in measured.samples.values())
    assert asked == ["q0", "q1", "q2", *["q0", "q1", "q2", "q3"] * 2, "q0", "q1"]
    assert measured.corpus_size == 8


def test_a_slow_stage_is_seen_where_it_is():
    class Slow(Words):
        def search(self, queries, k, /):
            time.sleep(0.02)
            return super().search(queries, k)

    measured = measure(
        live(System("slow", None, "longest"), retrievers=[RetrieverSpec("slow", Slow)]), bank().queries.queries, 5, 0
    )
    assert measured.percentile(50, "search").value >= 20
    assert measured.percentile(50, "rerank").value < 20
    assert measured.mean() == pytest.approx(measured.mean("search") + measured.mean("rerank"))


def test_a_drive_may_call_less_often_than_it_is_asked_to():
    measured = measure(live(), bank().queries.queries, 10, 0, drive=lambda call, queries: call(queries[0]))
    assert (len(measured), len(measured.samples["total"])) == (1, 1)


def test_queries_with_and_without_a_picture_can_be_told_apart(tmp_path):
    Image.new("RGB", (2, 2)).save(tmp_path / "x.png")
    queries = [Query("a", "a b"), Query("b", "b c", image=tmp_path / "x.png"), Query("c", "c d")]
    measured = measure(live(), queries, 7, 0)
    assert measured.picture.tolist() == [False, True, False, False, True, False, False]
    assert (len(measured.only(picture=True)), len(measured.only(picture=False))) == (2, 5)
    assert measured.only(picture=True).samples["total"].tolist() == measured.samples["total"][[1, 4]].tolist()
    assert Latency(measured.samples, np.zeros(7, bool), 8).only(picture=True) is None


def test_without_a_query_or_with_a_failing_system_there_is_no_latency():
    with pytest.raises(BadData, match="^latency needs at least one query$"):
        measure(live(), [], 5, 0)

    class Fails(Words):
        def search(self, queries, k, /):
            raise RuntimeError("no")

    with pytest.raises(PluginFailed, match="^retriever 'fails' failed at search: RuntimeError: no$"):
        measure(live(System("fails"), retrievers=[RetrieverSpec("fails", Fails)]), bank().queries.queries, 5, 0)


def test_queries_are_asked_over_and_over():
    queries = bank().queries.queries
    assert [query.id for query in cycled(queries, 6)] == ["q0", "q1", "q2", "q3", "q0", "q1"]
    assert cycled(queries, 0) == []
