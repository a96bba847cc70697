"""What a user's folder asks for is resolved once, before anything is built or read."""

import pytest

from harness.errors import BadConfig, BadData, HarnessError, NotMeasured, PluginFailed, UnknownName
from harness.session.opening import SUITES, resolve

BROKEN = "import no_such_module"


def grid(project, old, new):
    assert old in project.toml
    project.toml = project.toml.replace(old, new)


def test_a_folder_is_resolved_into_systems_truths_and_a_policy(project):
    session = resolve(project.write())
    assert list(session.systems) == ["words", "words+longest", "letters+dot", "letters+dot+longest"]
    assert session.candidates == session.timed == list(session.systems)
    assert session.ground_truths == ("labels",)
    assert session.policy.name == "letters"
    assert session.memo().measurement("letters+dot", "recall@3", "labels").value == 1.0


def test_nothing_is_built_or_read_before_it_is_asked_for(project):
    project.plugins["letters.py"] = project.plugins["letters.py"].replace('"letters", Letters', '"letters", lambda: 1 / 0')
    path = project.write()
    (project.folder / "bank" / "queries.jsonl").write_text("no json")
    session = resolve(path)
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
    session = resolve(path, dataset=project.folder / "bank", criteria=other, plugins=[more])
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
        resolve(project.write())
    assert str(caught.value).startswith(sentence)
    assert "\n" not in str(caught.value)


def test_a_baseline_of_a_criterion_is_measured_though_the_grid_does_not_name_it(project):
    grid(project, '["words", "dot"]', '["words"]')
    project.policy += '\n[[criterion]]\nid = "d"\nmetric = "mrr"\nground_truth = "labels"\ngo = "-9 %"\nbaseline = "letters+dot"\n'
    session = resolve(project.write())
    assert session.systems["letters+dot"].role == "baseline"
    assert "letters+dot" not in session.candidates
    assert session.memo().outcome("words", "d").value is not None


def test_a_baseline_may_be_a_hybrid_of_an_alpha_that_only_a_criterion_names(project):
    name = "char-hashing+hybrid-a0.35"
    project.policy += f'\n[[criterion]]\nid = "d"\nmetric = "mrr"\nground_truth = "labels"\ngo = "-99 %"\nbaseline = "{name}"\n'
    session = resolve(project.write())
    assert session.systems[name].role == "baseline"
    assert session.config.grid.baselines == []
    assert session.memo().outcome("words", "d").state == "met"


def test_a_baseline_that_nobody_has_leaves_its_criterion_unmeasured(project):
    project.policy += '\n[[criterion]]\nid = "d"\nmetric = "mrr"\nground_truth = "labels"\ngo = "-9 %"\nbaseline = "kure+dot"\n'
    outcome = resolve(project.write()).memo().outcome("words", "d")
    assert (outcome.state, outcome.value) == ("not measured", None)
    assert outcome.sentence.startswith("mrr: kure+dot: unknown system 'kure+dot'.")


def test_a_broken_plugin_costs_its_systems_and_the_others_finish(project):
    project.plugins["qwen.py"] = BROKEN
    grid(project, 'embedders = ["letters"]', 'embedders = ["letters", "qwen"]')
    project.policy += '\n[[criterion]]\nid = "d"\nmetric = "mrr"\nground_truth = "labels"\ngo = "-9 %"\nbaseline = "kure+dot"\n'
    session = resolve(project.write())
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
        resolve(project.write())


def test_a_pattern_that_only_a_broken_plugin_would_match_is_refused_with_what_broke(project):
    project.plugins["qwen.py"] = BROKEN
    grid(project, 'embedders = ["letters"]', 'embedders = ["letters", "qwen*"]')
    with pytest.raises(BadConfig) as caught:
        resolve(project.write())
    first, second = str(caught.value).splitlines()
    assert first.startswith("unknown embedder 'qwen*'.")
    assert second.endswith("failed at import: ModuleNotFoundError: No module named 'no_such_module'")


def test_a_table_that_uses_what_a_broken_plugin_had_costs_its_systems_too(project):
    project.plugins["qwen.py"] = BROKEN
    grid(project, 'embedders = ["letters"]', 'embedders = ["letters", "mine"]')
    project.toml += '\n[[embedder]]\nname = "mine"\nuses = "qwen"\nsize = 3\n'
    memo = resolve(project.write()).memo()
    assert memo.measurement("mine+dot", "mrr", "labels").reason.startswith("embedder 'mine' is registered by no plugin; plugin ")
    assert memo.measurement("letters+dot", "mrr", "labels").value is not None


def test_tests_are_ordered_by_embedder_and_the_verdict_comes_last(project):
    session = resolve(project.write())
    turns = [(session.turn(system, suite), system, suite) for suite in reversed(SUITES) for system in session.systems]
    ordered = [(system, suite) for _, system, suite in sorted(turns, key=lambda turn: turn[0])]
    assert [session.systems[system].embedder for system, _ in ordered] == [None] * 12 + ["letters"] * 12
    assert [suite for system, suite in ordered if system == "words"] == list(SUITES)
    assert session.turn("words", "of_somebody_else")[1] == len(SUITES)


def test_an_untimed_memo_says_why(project):
    memo = resolve(project.write()).memo(untimed="xdist")
    with pytest.raises(NotMeasured, match="^xdist$"):
        memo.latency("words")
