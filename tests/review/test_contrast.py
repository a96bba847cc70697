"""What changed, as it is read."""

from dataclasses import replace

from runs import BASE, ENVIRONMENT, ONE, TRUTH, TWO, description, outcome, scores, stored, timed

from harness.review.changes import between
from harness.review.contrast import told
from harness.statistics.intervals import Bounds
from harness.verdict.measurement import Measurement
from harness.verdict.outcomes import State
from harness.words import Words

GOOD, BAD = [1.0] * 20, [0.5] * 20


def lines(before, after, **how):
    return told(between(before, after, **how)).splitlines()


def line(found, start):
    """The words of the one line that starts so."""
    (one,) = (each for each in found if each.startswith(start))
    return one.split()


def test_a_difference_stands_with_its_interval_and_its_p():
    before = stored([scores(ONE, recall_5=GOOD), scores(BASE, recall_5=GOOD)])
    after = stored([scores(ONE, recall_5=BAD), scores(BASE, recall_5=GOOD)])
    found = lines(before, after)
    assert found[:2] == [
        "- B - A is paired by query and stands beside its 95 % interval; p is that of a randomisation test; p (Holm) adjusts the",
        "  larger of it and the interval's own, over the 2 comparisons made here",
    ]
    assert found[3] == "recall@5 on labels (grade >= 2), over 20 queries"
    assert found[4].split() == ["system", "B", "-", "A", "p", "(Holm)", "better/same/worse", "A", "B", "p"]
    (change, same) = between(before, after).found
    ends = f"[{change.difference.bounds.low:+.3f},", f"{change.difference.bounds.high:+.3f}]"
    assert found[6].split() == [ONE, "-0.500", *ends, "0.0006", "0/0/20", "1.000", "0.500", "0.0001"]
    assert found[7] == f"the same for every query: {BASE}"
    assert same.same


def test_the_ten_worst_queries_are_named():
    falling = [1.0] * 12, [n / 100 for n in range(12)]
    found = lines(stored([scores(ONE, recall_5=falling[0])]), stored([scores(ONE, recall_5=falling[1])]))
    text = " ".join(" ".join(found).split())
    assert f"{ONE} recall@5 labels>=2 12 Q0 1.000→0.000, Q1 1.000→0.010, Q2" in text
    assert "Q9 1.000→0.090, …" in text
    assert "Q10 1.000" not in text


def test_that_nothing_changed_is_said():
    run = stored([scores(ONE, recall_5=GOOD), outcome(ONE, State.MET)])
    assert lines(run, run) == [
        "- every query is answered as well as before, in all 1 comparisons",
        "",
        "no verdict changed",
    ]


def test_verdicts_come_last_after_the_criteria_that_turned():
    before, after = (
        stored([scores(ONE, recall_5=GOOD), outcome(ONE, *how), outcome(TWO, State.MET)])
        for how in ((State.MET, 0.9), (State.RULED_OUT, 0.41))
    )
    found = lines(before, after)
    assert found[-1].split() == [ONE, "INCOMPLETE", "NO-GO"]
    assert line(found, f"{ONE}  recall-at-5") == [ONE, "recall-at-5", "0.900", "met", "0.410", "ruled", "out"]
    assert found.index("verdicts that changed") > found.index("criteria whose state changed")


def test_criteria_of_whom_nobody_asked_are_left_out():
    both = [scores(name, recall_5=GOOD) for name in (ONE, TWO)]
    before, after = stored([*both, outcome(TWO, State.MET)]), stored([*both, outcome(TWO, State.UNMET)])
    assert any("recall-at-5" in each for each in lines(before, after))
    assert not any("recall-at-5" in each for each in lines(before, after, systems=[ONE]))


def test_who_was_not_judged_is_said_to_be_so():
    same = scores(ONE, recall_5=GOOD)
    assert lines(stored([same, outcome(ONE, State.MET)]), stored([same]))[-1].split() == [
        ONE,
        "INCOMPLETE",
        "not",
        "judged",
    ]


def fast(value, **more):
    return timed(ONE, "latency-p95", value, bounds=Bounds(value - 1, value + 1, value - 2, value + 2), **more)


def test_timings_stand_side_by_side_with_their_intervals():
    before = stored([fast(30.0), timed(ONE, "throughput", 50.0), fast(99.0, stratum="query=picture")])
    found = lines(before, stored([fast(45.0), timed(ONE, "throughput", 25.0)]))
    assert found[1:] != found
    assert line(found[found.index("latency-p95 in ms") :][:4], ONE) == [
        ONE,
        "30.0",
        "[28.0,",
        "32.0]",
        "45.0",
        "[43.0,",
        "47.0]",
        "1.50",
    ]
    assert line(found[found.index("throughput in items/s") :], ONE) == [ONE, "50.0", "25.0", "0.50"]


def test_what_was_measured_once_is_said_and_nothing_is_divided():
    missing = timed(ONE, "vram-device", None, reason="no GPU")
    found = lines(stored([missing]), stored([timed(ONE, "vram-device", 4000.0)]))
    assert line(found[found.index("vram-device in MiB") :], ONE) == [ONE, "not", "measured", "4,000"]
    assert not any("vram" in each for each in lines(stored([missing]), stored([missing])))


def test_other_machines_and_other_corpora_are_never_timed_together():
    run = stored([fast(30.0)])
    elsewhere = stored([fast(10.0)], machine={**ENVIRONMENT["machine"], "cores": 64})
    assert lines(run, elsewhere) == ["- timings are not compared: the machines differ (cores 2 and 64)"]
    larger = stored([fast(10.0)], bank=description(items=5))
    assert lines(run, larger) == ["- timings are not compared: 100 items were searched, then 5"]


def test_another_bank_is_one_line_and_no_table():
    found = lines(
        stored([scores(ONE, recall_5=GOOD)]), stored([scores(ONE, recall_5=BAD)], bank=description(digest="beef"))
    )
    assert found == ["- accuracy is not compared: the item banks differ (tiny is c0ffeec0ffee, tiny is beef)"]


def test_another_ground_truth_is_one_line():
    anew = description(truths=(replace(TRUTH, pairs=9),))
    found = lines(stored([scores(ONE, recall_5=GOOD)]), stored([scores(ONE, recall_5=BAD)], bank=anew))
    assert found == ["- nothing on labels is compared: the ground truths differ (pairs 8 and 9)"]


def test_what_the_ground_truth_cannot_say_stands_in_brackets():
    struck = Measurement(ONE, "recall@5", 0.5, 20, "tiny", "labels", 2, struck="picked from its own results")
    found = lines(stored([scores(ONE, recall_5=GOOD), struck]), stored([scores(ONE, recall_5=BAD)]))
    words = line(found[3:8], ONE)
    assert words[1] == "(-0.500"
    assert words[-3:-1] == ["(1.000)", "(0.500)"]


def test_another_language_is_spoken_throughout():
    table = {"no verdict changed": "판정은 그대로입니다", "better/same/worse": "상승/동일/하락", "system": "시스템"}
    before, after = (stored([scores(ONE, recall_5=column), outcome(ONE, State.MET)]) for column in (GOOD, BAD))
    text = told(between(before, after), Words("ko", table))
    assert text.endswith("판정은 그대로입니다")
    assert "상승/동일/하락" in text
    assert "\nsystem" not in text


def test_a_name_from_data_breaks_no_line():
    nasty = "alpha\n\x1b[31m"
    run = [scores(nasty, recall_5=column) for column in (GOOD, BAD)]
    found = lines(stored(run[:1]), stored(run[1:]), systems=[nasty])
    assert line(found[3:8], "alpha ")[:3] == ["alpha", "[31m", "-0.500"]
    assert "\x1b" not in "".join(found)
