"""The ladder goes down from rung to rung as far as the first that fits, and measures nothing below it."""

import itertools

import pytest
from toys import Letters, bank, registry

from harness.config import Config, Grid, Models
from harness.errors import NotMeasured, PluginFailed, UnknownName
from harness.grid.systems import cross
from harness.plugging.specs import EmbedderSpec
from harness.policy import Criterion, Policy
from harness.probes.memory import Memory
from harness.session.ladder import Rung, limit, rungs
from harness.session.memo import Memo

SPECS = [
    EmbedderSpec("large", Letters, lighter="medium"),
    EmbedderSpec("medium", Letters, lighter="small"),
    EmbedderSpec("small", Letters),
    EmbedderSpec("lost", Letters, lighter="smal"),
    EmbedderSpec("ring", Letters, lighter="gnir"),
    EmbedderSpec("gnir", Letters, lighter="ring"),
    EmbedderSpec("self", Letters, lighter="self"),
]


class Weighed(Memo):
    """A memo whose systems take what a test says, MiB by embedder; `asked` keeps what was measured."""

    def memory_of(self, system):
        ASKED.append(system.name)
        found = SIZES[system.embedder]
        if isinstance(found, Exception):
            raise found
        return Memory(None, None, None, found)


SIZES, ASKED = {}, []
CRITERIA = [Criterion(id="stability", metric="stability", go="100 %")]


def memo(tmp_path, sizes, criteria=CRITERIA, vram_limit=None):
    SIZES.clear(), ASKED.clear()
    SIZES.update(sizes)
    known = registry(embedders=SPECS)
    grid = Grid(embedders=["large", "lost", "ring", "self"], retrievers=["dot", "words"], rerankers=["none", "longest"])
    models = Models(vram_limit=vram_limit)
    config = Config(folder=tmp_path, dataset="bank", criteria="criteria.toml", grid=grid, models=models)
    systems = {system.name: system for system in cross(grid, known)}
    return Weighed(config, Policy(name="p", criterion=criteria), known, bank(), systems)


def climbed(tmp_path, sizes, most=100.0, system="large+dot"):
    return [(rung.system, rung.mib, rung.fits(most)) for rung in rungs(memo(tmp_path, sizes), system, most)]


def test_what_fits_is_the_only_rung(tmp_path):
    assert climbed(tmp_path, {"large": 99.0}) == [("large+dot", 99.0, True)]
    assert ASKED == ["large+dot"]


def test_to_fit_exactly_is_to_fit(tmp_path):
    assert climbed(tmp_path, {"large": 100.0}) == [("large+dot", 100.0, True)]


def test_it_stops_at_the_first_rung_that_fits(tmp_path):
    found = climbed(tmp_path, {"large": 300.0, "medium": 80.0})
    assert found == [("large+dot", 300.0, False), ("medium+dot", 80.0, True)]
    assert ASKED == ["large+dot", "medium+dot"]


def test_where_nothing_fits_it_ends_with_the_lightest(tmp_path):
    found = climbed(tmp_path, {"large": 300.0, "medium": 200.0, "small": 150.0})
    assert found == [("large+dot", 300.0, False), ("medium+dot", 200.0, False), ("small+dot", 150.0, False)]


def test_a_rung_is_measured_only_when_it_is_asked_for(tmp_path):
    first = next(rungs(memo(tmp_path, {"large": 300.0}), "large+dot", 100.0))
    assert (first, ASKED) == (Rung("large+dot", 300.0), ["large+dot"])


def test_the_other_stages_of_a_system_stay(tmp_path):
    found = climbed(tmp_path, {"large": 300.0, "medium": 50.0}, system="large+dot+longest")
    assert [name for name, _, _ in found] == ["large+dot+longest", "medium+dot+longest"]


def test_a_system_without_an_embedder_has_one_rung(tmp_path):
    assert climbed(tmp_path, {None: 300.0}, system="words") == [("words", 300.0, False)]


@pytest.mark.parametrize(
    ("error", "reason", "failed"),
    [(NotMeasured("weights are not here"), "weights are not here", False),
     (PluginFailed("out of memory"), "out of memory", True)],
)  # fmt: skip
def test_a_rung_that_cannot_be_measured_says_why_and_the_next_is_tried(tmp_path, error, reason, failed):
    found = list(rungs(memo(tmp_path, {"large": error, "medium": 80.0}), "large+dot", 100.0))
    assert found == [Rung("large+dot", None, reason, failed), Rung("medium+dot", 80.0)]
    assert not found[0].fits(float("inf"))


def test_a_driver_that_does_not_tell_is_a_reason_and_no_0(tmp_path):
    (only,) = rungs(memo(tmp_path, {None: None}), "words", 100.0)
    assert only == Rung("words", None, "the driver does not tell")


def test_a_lighter_variant_that_nobody_has_is_an_unknown_name(tmp_path):
    with pytest.raises(UnknownName) as caught:
        list(rungs(memo(tmp_path, {"lost": 300.0}), "lost+dot", 100.0))
    assert str(caught.value).startswith("unknown lighter variant of 'lost' 'smal'. Did you mean 'small'?")


def test_a_lighter_variant_that_nobody_needs_is_not_looked_for(tmp_path):
    assert climbed(tmp_path, {"lost": 3.0}, system="lost+dot") == [("lost+dot", 3.0, True)]


def test_a_system_that_does_not_exist_is_said(tmp_path):
    with pytest.raises(UnknownName, match=r"^unknown system 'larg\+dot'. Did you mean 'large\+dot'"):
        list(rungs(memo(tmp_path, {}), "larg+dot", 100.0))


@pytest.mark.parametrize(("start", "names"), [("self", ["self"]), ("ring", ["ring", "gnir"])])
def test_a_ladder_that_leads_back_to_itself_ends(tmp_path, start, names):
    climbing = rungs(memo(tmp_path, dict.fromkeys(("self", "ring", "gnir"), 300.0)), f"{start}+dot", 100.0)
    assert [rung.system for rung in itertools.islice(climbing, 9)] == [f"{name}+dot" for name in names]


VRAM = [Criterion(id=f"v{n}", metric="vram-device", go=go) for n, go in enumerate(("8 GiB", "6 GiB"))]
OTHER = [Criterion(id="process", metric="vram-process", go="1 GiB")]


@pytest.mark.parametrize(
    ("criteria", "wished", "most"),
    [
        (CRITERIA, None, None),
        (OTHER, None, None),
        (VRAM, None, 6144.0),
        (VRAM, "24GiB", 24576.0),
        (CRITERIA, "4,096 MiB", 4096.0),
    ],
)
def test_the_limit_is_the_users_or_else_what_the_policy_asks_of_the_device(tmp_path, criteria, wished, most):
    assert limit(memo(tmp_path, {}, criteria, wished)) == most
