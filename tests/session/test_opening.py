"""What a user's folder asks for is resolved once, before anything is built or read."""

import itertools

import pytest

from harness.errors import BadConfig, BadData, HarnessError, NotMeasured, PluginFailed, UnknownName
from harness.session.opening import SUITES, resolve
from harness.session.wishes import Wishes

BROKEN = "import no_such_module"


def grid(project, old, new):
    assert old in project.toml
    project.toml = project.toml.replace(old, new)


def test_a_folder_is_resolved_into_systems_truths_and_a_policy(project):
    session = resolve(Wishes(project.write()))
    assert list(session.systems) == ["words", "words+longest", "letters+dot", "letters+dot+longest"]
    assert session.candidates == session.timed == list(session.systems)
    assert session.ground_truths == ("labels",)
    assert session.policy.name == "letters"
    assert session.memo().measurement("letters+dot", "recall@3", "labels").value == 1.0


def test_nothing_is_built_or_read_before_it_is_asked_for(project):
    project.plugins["letters.py"] = project.plugins["letters.py"].replace(
        '"letters", Letters', '"letters", lambda: 1 / 0'
    )
    path = project.write()
    (project.folder / "bank" / "queries.jsonl").write_text("no json")
    session = resolve(Wishes(path))
    assert "letters+dot" in session.systems
    with pytest.raises(BadData, match=r"queries\.jsonl"):
        session.memo()


def test_a_dataset_a_policy_and_plugins_may_be_given_beside_the_file(project, tmp_path):
    path = project.write()
    other = tmp_path / "other.toml"
    other.write_text(project.policy.replace('"letters"', '"other"'))
    more = tmp_path / "more"
    more.mkdir()
    text = project.plugins["letters.py"]
    for name in ("letters", "dot", "words", "longest"):
        text = text.replace(f'"{name}"', f'"{name}-2"')
    (more / "more.py").write_text(text)
    session = resolve(Wishes(path, dataset=project.folder / "bank", criteria=other, plugins=(more,)))
    assert session.policy.name == "other"
    assert {"letters", "letters-2"} <= {spec.name for spec in session.registry.embedders}


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('["words", "dot"]', '["wrds"]', "unknown retriever 'wrds'. Did you mean 'words'?"),
        ('["letters"]', '["letter"]', "unknown embedder 'letter'. Did you mean 'letters'?"),
        ('["labels"]', '["label"]', "unknown ground truth 'label'. Did you mean 'labels'?"),
    ],
)
def test_a_bad_name_is_refused_once_for_all(project, old, new, sentence):
    grid(project, old, new)
    with pytest.raises(HarnessError) as caught:
        resolve(Wishes(project.write()))
    assert str(caught.value).startswith(sentence)
    assert "\n" not in str(caught.value)


def test_a_baseline_of_a_criterion_is_measured_though_the_grid_does_not_name_it(project):
    grid(project, '["words", "dot"]', '["words"]')
    project.policy += (
        '\n[[criterion]]\nid = "d"\nmetric = "mrr"\nground_truth = "labels"\ngo = "-9 %"\nbaseline = "letters+dot"\n'
    )
    session = resolve(Wishes(project.write()))
    assert session.systems["letters+dot"].role == "baseline"
    assert "letters+dot" not in session.candidates
    assert session.memo().outcome("words", "d").value is not None


def test_a_baseline_may_be_a_hybrid_of_an_alpha_that_only_a_criterion_names(project):
    name = "char-hashing+hybrid-a0.35"
    project.policy += (
        f'\n[[criterion]]\nid = "d"\nmetric = "mrr"\nground_truth = "labels"\ngo = "-99 %"\nbaseline = "{name}"\n'
    )
    session = resolve(Wishes(project.write()))
    assert session.systems[name].role == "baseline"
    assert session.config.grid.baselines == []
    assert session.memo().outcome("words", "d").state == "met"


def test_a_baseline_that_nobody_has_leaves_its_criterion_unmeasured(project):
    project.policy += (
        '\n[[criterion]]\nid = "d"\nmetric = "mrr"\nground_truth = "labels"\ngo = "-9 %"\nbaseline = "kure+dot"\n'
    )
    outcome = resolve(Wishes(project.write())).memo().outcome("words", "d")
    assert (outcome.state, outcome.value) == ("not measured", None)
    assert outcome.sentence.startswith("mrr: kure+dot: unknown system 'kure+dot'.")


def test_a_broken_plugin_costs_its_systems_and_the_others_finish(project):
    project.plugins["qwen.py"] = BROKEN
    grid(project, 'embedders = ["letters"]', 'embedders = ["letters", "qwen"]')
    project.policy += (
        '\n[[criterion]]\nid = "d"\nmetric = "mrr"\nground_truth = "labels"\ngo = "-9 %"\nbaseline = "kure+dot"\n'
    )
    session = resolve(Wishes(project.write()))
    memo = session.memo()
    (broken,) = session.registry.broken
    assert list(session.systems) == [
        "words", "words+longest", "letters+dot", "letters+dot+longest", "qwen+dot", "qwen+dot+longest", "kure+dot",
    ]  # fmt: skip
    for name in ("qwen+dot", "qwen+dot+longest"):
        with pytest.raises(PluginFailed) as caught:
            memo.run(name)
        assert str(caught.value) == f"embedder 'qwen' is registered by no plugin; {broken}"
    assert memo.measurement("letters+dot+longest", "recall@3", "labels").value is not None
    assert str(broken) in memo.outcome("words", "d").sentence


def test_without_a_broken_plugin_the_same_name_is_a_mistake(project):
    grid(project, 'embedders = ["letters"]', 'embedders = ["letters", "qwen"]')
    with pytest.raises(UnknownName, match="^unknown embedder 'qwen'"):
        resolve(Wishes(project.write()))


def test_a_pattern_that_only_a_broken_plugin_would_match_is_refused_with_what_broke(project):
    project.plugins["qwen.py"] = BROKEN
    grid(project, 'embedders = ["letters"]', 'embedders = ["letters", "my-*"]')
    with pytest.raises(BadConfig) as caught:
        resolve(Wishes(project.write()))
    first, second = str(caught.value).splitlines()
    assert first.startswith("unknown embedder 'my-*'.")
    assert second.endswith("failed at import: ModuleNotFoundError: No module named 'no_such_module'")


def test_a_table_that_uses_what_a_broken_plugin_had_costs_its_systems_too(project):
    project.plugins["qwen.py"] = BROKEN
    grid(project, 'embedders = ["letters"]', 'embedders = ["letters", "mine"]')
    project.toml += '\n[[embedder]]\nname = "mine"\nuses = "qwen"\nsize = 3\n'
    memo = resolve(Wishes(project.write())).memo()
    assert memo.measurement("mine+dot", "mrr", "labels").reason.startswith(
        "embedder 'mine' is registered by no plugin; plugin "
    )
    assert memo.measurement("letters+dot", "mrr", "labels").value is not None


def test_tests_are_ordered_by_embedder_and_the_verdict_comes_last(project):
    session = resolve(Wishes(project.write()))
    turns = [(session.turn(system, suite), system, suite) for suite in reversed(SUITES) for system in session.systems]
    ordered = [(system, suite) for _, system, suite in sorted(turns, key=lambda turn: turn[0])]
    assert [session.systems[system].embedder for system, _ in ordered] == [None] * 14 + ["letters"] * 14
    assert [suite for system, suite in ordered if system == "words"] == list(SUITES)
    assert session.turn("words", "of_somebody_else")[-1] == len(SUITES)


def test_an_untimed_memo_says_why(project):
    memo = resolve(Wishes(project.write())).memo(untimed="xdist")
    with pytest.raises(NotMeasured, match="^xdist$"):
        memo.latency("words")


SEEING = """
from harness import EmbedderSpec, RerankerSpec, hookimpl
from toys import Letters, Longest

@hookimpl
def harness_register_embedders():
    return [EmbedderSpec("eyes", Letters, modalities=("text", "image"))]

@hookimpl
def harness_register_rerankers():
    return [RerankerSpec("shortest", Longest, depth=3)]
"""


def test_every_candidate_meets_every_criterion(project):
    grid(project, 'ground_truths = ["labels"]', 'ground_truths = ["labels"]\nbaselines = ["words"]')
    session = resolve(Wishes(project.write()))
    candidates = ["words+longest", "letters+dot", "letters+dot+longest"]
    assert list(session.values("candidate")) == [
        (name, rule) for name in candidates for rule in ("recall", "stability")
    ]


def test_every_player_plays_what_it_sees_and_only_with_a_role(project):
    project.plugins["eyes.py"] = SEEING
    grid(project, '["letters"]', '["letters", "eyes"]')
    grid(project, 'ground_truths = ["labels"]', 'candidates = ["eyes*"]\nchance = ["letters+dot"]')
    session = resolve(Wishes(project.write()))
    assert session.systems["words"].role == "other"
    assert list(session.values("player")) == [
        ("letters+dot", "S1"), ("eyes+dot", "S1"), ("eyes+dot", "S2"), ("eyes+dot", "S3"), ("eyes+dot", "S4"),
        ("eyes+dot+longest", "S5"),
    ]  # fmt: skip


def test_each_pair_of_models_is_held_once_through_all_suites(project):
    """Sorted by turn, no embedder comes back after another one, nor a reranker within its embedder."""
    project.plugins["eyes.py"] = SEEING
    grid(project, '["letters"]', '["letters", "eyes"]')
    grid(project, '["none", "longest"]', '["none", "longest", "shortest"]')
    session = resolve(Wishes(project.write()))
    turns = sorted((session.turn(name, suite), name) for suite in SUITES for name in session.systems)
    held = [(session.systems[name].embedder, session.systems[name].reranker) for _, name in turns]
    changes = [after for before, after in itertools.pairwise(held) if before != after]
    assert len(changes) == len(set(changes)) == 3 * 3 - 1


@pytest.mark.parametrize(
    ("written", "wished", "has"),
    [
        ("", {}, ("real", False, None)),
        ("", {"weights": "dummy", "download": True, "vram_limit": "8GiB"}, ("dummy", True, 8192.0)),
        ('[models]\nweights = "dummy"\nvram_limit = "4 GiB"\n', {}, ("dummy", False, 4096.0)),
        ('[models]\nweights = "dummy"\nvram_limit = "4 GiB"\n', {"weights": "real"}, ("real", False, 4096.0)),
    ],
)
def test_what_is_wished_of_models_wins_over_what_is_written(project, written, wished, has):
    project.toml += f"\n{written}"
    models = resolve(Wishes(project.write(), models=wished)).config.models
    assert (models.weights, models.download, models.vram_mib) == has


@pytest.mark.parametrize("size", ["8", "eight GiB", "8 GiBs"])
def test_a_limit_that_is_no_amount_is_refused_in_one_line(project, size):
    with pytest.raises(BadConfig, match=f"command line: vram_limit: '{size}'") as caught:
        resolve(Wishes(project.write(), models={"vram_limit": size}))
    assert "\n" not in str(caught.value)


def test_models_that_are_no_table_are_refused_with_wishes_as_without(project):
    project.toml = f"models = 3\n{project.toml}"
    for wished in ({}, {"weights": "dummy"}):
        with pytest.raises(BadConfig, match="models"):
            resolve(Wishes(project.write(), models=wished))


def test_a_memo_knows_what_its_children_must_be_told(project):
    wishes = Wishes(project.write(), models={"weights": "dummy"})
    assert resolve(wishes).memo().wishes is wishes


WAIVED = """
[report]
language = "ko"
expected_saving = "3 hours a week"

[[waiver]]
id = "W-1"
criterion = "recall"
system = "words"
owner = "kim"
reason = "pilot only"
expires = 2030-01-31
"""


def test_how_it_is_judged_and_told_stands_in_the_files(project):
    session = resolve(Wishes(project.write()))
    assert (session.policy.point_estimates, session.config.report.language, session.config.waiver) == (False, "en", [])
    project.toml += WAIVED
    project.policy = project.policy.replace('name = "letters"', 'name = "letters"\npoint_estimates = true')
    session = resolve(Wishes(project.write()))
    assert session.policy.point_estimates is True
    assert (session.config.report.language, session.config.report.expected_saving) == ("ko", "3 hours a week")
    assert [(waiver.id, waiver.expires.isoformat()) for waiver in session.config.waiver] == [("W-1", "2030-01-31")]


def test_and_what_was_wished_on_the_command_line_wins(project):
    project.toml += WAIVED
    path = project.write()
    session = resolve(Wishes(path, point_estimates=True, language="en"))
    assert session.policy.point_estimates is True
    assert (session.config.report.language, session.config.report.expected_saving) == ("en", "3 hours a week")
    assert session.memo().outcome("words", "recall").bounds is None
    assert resolve(Wishes(path)).memo().outcome("words", "recall").bounds is not None
