"""Chapter 7: for whoever checks."""

from harness.policy import Criterion
from harness.report.blocks import Bullets, Command, Text
from harness.report.chapters import appendix
from harness.words import Words


def criteria(blocks):
    *_, table = blocks
    return {row[0]: dict(zip(table.header, row, strict=True)) for row in table.rows}


def test_the_policy_says_thresholds_with_their_direction(section):
    told = criteria(section(appendix, "What Go means here"))
    assert told["recall-at-5"] == {
        "criterion": "recall-at-5", "metric": "recall@5", "on": "labels", "go": ">= 80 %", "no-go": "< 70 %",
        "asked of": "always", "about": "",
    }  # fmt: skip
    assert (told["latency-p95"]["go"], told["latency-p95"]["no-go"], told["latency-p95"]["on"]) == ("<= 200 ms", "", "")
    assert section(appendix, "What Go means here")[0] == Text("Good enough to ship.")


def test_a_criterion_names_its_baseline_its_grade_and_whom_it_is_asked_of(section, rerun, kept):
    more = [
        Criterion(
            id="d", metric="recall@5", ground_truth="labels", relevance=2, baseline="bm25", go="-5 %", about="points"
        ),
        Criterion(id="v", metric="vram-device", go="8 GiB", no_go="8 GiB", when="on-device"),
    ]
    policy = kept.results.policy.model_copy(update={"criterion": more, "about": ""})
    blocks = section(appendix, "What Go means here", rerun(policy=policy))
    told = criteria(blocks)
    assert len(blocks) == 1
    assert [told["d"][name] for name in ("metric", "on", "go", "about")] == [
        "recall@5 minus bm25's",
        "labels (>= 2)",
        ">= -5 %",
        "points",
    ]
    assert (told["v"]["asked of"], told["v"]["no-go"]) == ("on-device", "> 8 GiB")
    korean = Words("ko", {"on-device": "장치에서", "What Go means here": "기준", "criterion": "항목"})
    translated = section(appendix, "What Go means here", rerun(policy=policy), korean)[0]
    assert (translated.header[0], translated.rows[1][5]) == ("항목", "장치에서")


def test_what_was_not_measured_says_why_once(section, empty):
    assert section(appendix, "What was not measured, and why") == (Bullets(("vram-device: this machine has no GPU",)),)
    assert section(appendix, "What was not measured, and why", empty) == ()


def test_how_sure_the_numbers_are_names_the_methods(section):
    (text,) = section(appendix, "How sure the numbers are")
    for method in ("Clopper and Pearson", "Gaffke", "order statistics", "randomisation test", "Holm"):
        assert method in text.text


def test_the_whole_run_can_be_had_again(section):
    assert section(appendix, "Reproduce") == (Command("pytest benchmarks/ -k 'bm25 and not hybrid'"),)
