"""Ground truth sources judge once, parents before children."""

from dataclasses import replace

import pytest
from toys import Labels, bank, registry

from harness.engine.judging import Judgements
from harness.errors import BadConfig, BadOutput, NotMeasured, PluginFailed, UnknownName
from harness.plugging.specs import GTSourceSpec


class Meet:
    """What both parts call relevant."""

    def __init__(self, parts):
        self.parts = parts

    def judge(self, dataset, /):
        one, two = self.parts.values()
        shared = {q: {d: g for d, g in docs.items() if d in two.qrels[q]} for q, docs in one.qrels.items() if q in two.qrels}
        return replace(one, name="meet", qrels=shared)


class First(Labels):
    """The labels of the first query alone."""

    def judge(self, dataset, /):
        truth = super().judge(dataset)
        return replace(truth, name="first", qrels={"q0": truth.qrels["q0"]})


class Fails:
    def __init__(self, error):
        self.error = error

    def judge(self, dataset, /):
        raise self.error


def judgements(*specs):
    return Judgements(registry(gt_sources=specs), bank())


def test_parts_are_judged_first_and_handed_over():
    meet = judgements(GTSourceSpec("first", First), GTSourceSpec("meet", Meet, parts=("labels", "first"))).truth("meet")
    assert dict(meet.qrels) == {"q0": {"d0": 1, "d1": 2}}


def test_a_source_judges_once():
    asked = []

    class Counted(Labels):
        def judge(self, dataset, /):
            asked.append(1)
            return super().judge(dataset)

    several = judgements(GTSourceSpec("counted", Counted), GTSourceSpec("meet", Meet, parts=("counted", "labels")))
    assert several.truth("counted") is several.truth("counted")
    several.truth("meet")
    assert len(asked) == 1


@pytest.mark.parametrize(
    ("spec", "kind", "sentence"),
    [
        (GTSourceSpec("x", lambda: Fails(OSError("no file")), origin="x.py"), PluginFailed,
         "ground truth 'x' (x.py) failed at judge: OSError: no file"),
        (GTSourceSpec("x", lambda: 1 / 0, origin="x.py"), PluginFailed,
         "ground truth 'x' (x.py) failed at build: ZeroDivisionError: division by zero"),
        (GTSourceSpec("x", lambda: Fails(NotMeasured("no curriculum"))), NotMeasured, "no curriculum"),
        (GTSourceSpec("x", Meet, parts=("labels", "x")), BadConfig, "ground truth 'x' is a part of itself: x > x"),
        (GTSourceSpec("x", Meet, parts=("labels", "lables")), UnknownName,
         "unknown ground truth 'lables'. Did you mean 'labels'? There are: labels, x."),
    ],
)  # fmt: skip
def test_what_cannot_judge_says_why(spec, kind, sentence):
    with pytest.raises(kind) as caught:
        judgements(spec).truth("x")
    assert str(caught.value) == sentence


class Says:
    def __init__(self, **qrels):
        self.qrels = qrels

    def judge(self, dataset, /):
        return replace(dataset.truths["labels"], qrels=self.qrels)


@pytest.mark.parametrize(
    ("qrels", "sentence"),
    [
        ({"q9": {"d0": 1}}, "judges query 'q9', which does not exist"),
        ({"q0": {"d99": 1}}, "of query 'q0' names item 'd99', which does not exist among 8 items"),
        ({"q0": {"d1": 1}}, "of query 'q0' names item 'd1', which is the query itself and never found by it"),
        ({"q0": {"d2": 0.5}},
         "of query 'q0' gives item 'd2' the grade 0.5, which is not a whole number from -32768 to 32767"),
    ],
)  # fmt: skip
def test_judgements_that_cannot_be_are_the_sources_fault(qrels, sentence):
    spec = GTSourceSpec("says", lambda: Says(**qrels), origin="says.py")
    with pytest.raises(BadOutput) as caught:
        Judgements(registry(gt_sources=[spec]), bank(sources={"q0": "d1"})).truth("says")
    assert str(caught.value) == f"ground truth 'says' (says.py) {sentence}"
