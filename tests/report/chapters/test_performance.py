"""Chapter 4: what was timed on this machine, and whether it kept answering."""

from harness.report.blocks import Command, Figure, Text
from harness.report.chapters import performance
from harness.report.drawing import Table
from harness.report.results import Results
from harness.report.rows import to_row
from harness.verdict.measurement import Measurement

ONE = "qwen3-vl-2b+hybrid-a0.5"


def test_latency_and_memory_stand_beside_the_distribution_and_the_command(section):
    blocks = section(performance, "Latency, throughput and memory")
    latency, volume = (block for block in blocks if isinstance(block, Table))
    assert latency.title.startswith("latency of one query in ms (500 calls over 4 items")
    assert volume.note == "vram-device not measured: this machine has no GPU"
    assert [block.line.split()[1] for block in blocks if isinstance(block, Command)] == [
        "benchmarks/test_latency.py", "benchmarks/test_throughput.py", "benchmarks/test_vram.py",
    ]  # fmt: skip
    assert blocks[-3] == Command("pytest benchmarks/test_latency.py -k 'bm25 and not hybrid'")


def test_percentiles_have_their_intervals_and_a_dash_where_nothing_is_proven(section):
    latency, _ = (block for block in section(performance, "Latency, throughput and memory") if isinstance(block, Table))
    told = dict(zip(latency.header, latency.rows[0], strict=True))
    assert (told["p95"], told["picture"], told["mean"]) == ("30.5 [28.0, 32.0]", "41.0 [—, —]", "23.2")


def test_the_distribution_is_drawn_of_samples_and_only_of_them(section, kept, rerun):
    def drawn(run):
        return [
            block for block in section(performance, "Latency, throughput and memory", run) if isinstance(block, Figure)
        ]

    (figure,) = drawn(kept)
    assert ONE in figure.svg
    assert "threshold" in figure.svg
    alone = type(kept)(
        type(kept.results)(kept.results.dataset, kept.results.policy, kept.results.systems),
        kept.environment,
        kept.cases,
    )
    assert drawn(alone) == []


def test_stability_says_what_so_many_calls_prove(section):
    table, text, command = section(performance, "Stability")
    assert table.title.startswith("stability over 1,000 consecutive calls")
    assert isinstance(text, Text) and "0.30 % (95 %)" in text.text
    assert command.line.startswith("pytest benchmarks/test_stability.py ")


def test_what_failures_still_allow_is_said_once_for_each_number_of_them(section, rerun, kept):
    """Clopper and Pearson, one-sided 95 %: 0 of 1,000 is 1 - 0.05 ** (1 / 1000); 2 of 200 is 3.11 %."""
    more = [
        Measurement(name, "stability", value, n, "tiny")
        for name, value, n in (("bm25", 1.0, 1000), ("kure+rrf", 0.99, 200), ("random-walk", None, 0))
    ]
    texts = [block.text for block in section(performance, "Stability", rerun(*more)) if isinstance(block, Text)]
    assert texts == [
        "0 failures in 1,000 calls still allow a failure rate of 0.30 % (95 %).",
        "2 failures in 200 calls still allow a failure rate of 3.11 % (95 %).",
    ]
    drift = Results(kept.results.dataset, kept.results.policy, kept.results.systems)
    drift.add([to_row(Measurement("bm25", "canary", 1.0, 9, "tiny"))])
    told = section(performance, "Stability", type(kept)(drift, kept.environment, kept.cases))
    assert [type(block) for block in told] == [Table, Command]


def test_nothing_timed_is_nothing_to_read(section, empty):
    assert section(performance, "Latency, throughput and memory", empty) == ()
    assert section(performance, "Stability", empty) == ()
