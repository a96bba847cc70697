"""What stands beside recorded results: read strictly, and pools inherited."""

import pytest

from harness.data.model import Pool
from harness.errors import BadConfig
from harness.review.sidecar import origins, waivers

PARENT = '[[truth]]\nname = "a"\nmethod = "picked"\njudge = "J"\npools = [{ system = "s+dense", depth = 10 }]\n'
CHILD = '[[truth]]\nname = "b"\nmethod = "both"\nparents = ["a"]\npools = [{ system = "t", depth = 5 }]\n'
WAIVER = '[[waiver]]\nid = "w"\ncriterion = "c"\nsystem = "s"\nowner = "o"\nreason = "r"\nexpires = 2026-01-31\n'


@pytest.fixture
def written(tmp_path):
    """The path of a file of this text."""

    def write(text):
        (tmp_path / "beside.toml").write_text(text)
        return tmp_path / "beside.toml"

    return write


def test_a_child_has_the_pools_of_its_parents_and_its_own(written):
    found = origins(written(PARENT + CHILD))
    assert found["a"].pools == (Pool("s+dense", 10),)
    assert found["b"].pools == (Pool("s+dense", 10), Pool("t", 5))
    assert (found["a"].method, found["a"].judge, found["b"].judge) == ("picked", "J", "")


def test_a_pool_of_two_parents_is_inherited_once(written):
    twin, both = PARENT.replace('"a"', '"c"'), CHILD.replace('["a"]', '["a", "c"]')
    assert origins(written(PARENT + twin + both))["b"].pools == (Pool("s+dense", 10), Pool("t", 5))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (CHILD + PARENT, "parent of 'b': unknown ground truth 'a'. There is no ground truth at all."),
        (PARENT + CHILD.replace('["a"]', '["aa"]'), "unknown ground truth 'aa'. Did you mean 'a'? There are: a."),
        (PARENT.replace("depth = 10", "depth = 0"), "truth[1].pools[1].depth"),
        (PARENT.replace("judge", "jugde"), "truth[1].jugde: unknown key 'jugde'. Did you mean 'judge'?"),
        ("", "truth: is missing"),
        ("truth = []", "truth: needs at least one entry"),
        ("[[truth", "not TOML"),
    ],
)
def test_a_mistake_in_the_origins_is_named(written, text, sentence):
    with pytest.raises(BadConfig) as caught:
        origins(written(text))
    assert "beside.toml" in str(caught.value)
    assert sentence in str(caught.value)


def test_waivers_are_those_of_harness_toml(written):
    [waiver] = waivers(written(WAIVER))
    assert (waiver.id, waiver.criterion, waiver.system, str(waiver.expires)) == ("w", "c", "s", "2026-01-31")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (WAIVER.replace('owner = "o"\n', ""), "waiver[1].owner: is missing"),
        (WAIVER.replace('"o"', '" "'), "waiver[1].owner"),
        (WAIVER.replace("2026-01-31", '"soon"'), "waiver[1].expires"),
        ("", "waiver: is missing"),
    ],
)
def test_a_waiver_without_owner_or_day_is_none(written, text, sentence):
    with pytest.raises(BadConfig) as caught:
        waivers(written(text))
    assert sentence in str(caught.value)
