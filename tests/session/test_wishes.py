"""What is asked on a command line holds in another process: its words say the same again, and every path is absolute."""

from argparse import ArgumentParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.session.opening import resolve
from harness.session.wishes import JUDGING, OPTIONS, Wishes

ROOT, HERE = Path("/projects/mine"), Path("/where/i/am")


def parsed(words, here=HERE, root=ROOT):
    """The wishes that a command line makes."""
    parser = ArgumentParser()
    for flag, settings in OPTIONS.items():
        parser.add_argument(flag, **settings)
    given = vars(parser.parse_args([str(word) for word in words]))
    return Wishes.of(lambda flag: given[flag[2:].replace("-", "_")], here, root)


def judged(words):
    """The wishes of a command line that also judges."""
    parser = ArgumentParser()
    for flag, settings in {**OPTIONS, **JUDGING}.items():
        parser.add_argument(flag, **settings)
    given = vars(parser.parse_args(words))

    def look(flag):
        return given[flag[2:].replace("-", "_")]

    return Wishes.of(look, HERE, ROOT).judging(look)


@pytest.mark.parametrize(
    ("words", "points", "language"),
    [([], False, None), (["--point-estimates"], True, None), (["--report-language", "ko"], False, "ko"),
     (["--report-language=en", "--point-estimates"], True, "en")],
)  # fmt: skip
def test_how_it_is_judged_and_told_is_a_wish_too(words, points, language):
    wishes = judged([*words, "--dataset", "bank"])
    assert (wishes.point_estimates, wishes.language, wishes.dataset) == (points, language, HERE / "bank")


def test_a_report_in_a_language_that_nobody_wrote_is_refused(capsys):
    with pytest.raises(SystemExit):
        judged(["--report-language", "fr"])
    assert "invalid choice: 'fr'" in capsys.readouterr().err


def test_a_process_that_only_measures_is_not_told_how_to_judge():
    """Its command line would not know the words."""
    wishes = judged(["--point-estimates", "--report-language", "ko", "--dataset", "/bank"])
    assert parsed(wishes.words()) == Wishes(ROOT / "harness.toml", dataset=Path("/bank"))


def test_who_wishes_nothing_gets_the_file_in_the_root():
    assert parsed([]) == Wishes(ROOT / "harness.toml")
    assert list(Wishes(ROOT / "harness.toml").words()) == ["--harness-toml", "/projects/mine/harness.toml"]


@pytest.mark.parametrize(
    ("words", "wishes"),
    [
        (["--harness-toml", "mine.toml"], Wishes(HERE / "mine.toml")),
        (["--harness-toml", "../mine.toml"], Wishes(Path("/where/i/mine.toml"))),
        (["--harness-toml", "/else/mine.toml"], Wishes(Path("/else/mine.toml"))),
        (["--dataset", "gt/bank"], Wishes(ROOT / "harness.toml", dataset=HERE / "gt/bank")),
        (["--criteria", "./strict.toml"], Wishes(ROOT / "harness.toml", criteria=HERE / "strict.toml")),
        (
            ["--plugins-dir", "a", "--plugins-dir", "/b/"],
            Wishes(ROOT / "harness.toml", plugins=(HERE / "a", Path("/b"))),
        ),
        (["--download"], Wishes(ROOT / "harness.toml", models={"download": True})),
        (["--weights", "dummy"], Wishes(ROOT / "harness.toml", models={"weights": "dummy"})),
        (["--weights", "real"], Wishes(ROOT / "harness.toml", models={"weights": "real"})),
        (["--vram-limit", "8 GiB"], Wishes(ROOT / "harness.toml", models={"vram_limit": "8 GiB"})),
    ],
    ids=str,
)
def test_every_option_is_a_wish_and_relative_paths_are_meant_from_here(words, wishes):
    assert parsed(words) == wishes


def test_the_options_of_one_command_line_are_not_those_of_the_next():
    parsed(["--plugins-dir", "a"])
    assert parsed([]).plugins == ()


def test_weights_of_a_third_kind_are_refused(capsys):
    with pytest.raises(SystemExit):
        parsed(["--weights", "fake"])
    assert "invalid choice: 'fake'" in capsys.readouterr().err


NAMES = st.text("abzé 길-_=,'\"", min_size=1, max_size=8).filter(lambda name: name.strip())
PATHS = st.lists(NAMES, min_size=1, max_size=3).map(lambda names: Path("/", *names))
MODELS = st.fixed_dictionaries(
    {},
    optional={
        "download": st.just(True),
        "weights": st.sampled_from(["real", "dummy"]),
        "vram_limit": st.sampled_from(["8GiB", "8 GiB", "4,096 MiB", "0.5 GB"]),
    },
)


@given(
    st.builds(
        Wishes, PATHS, dataset=st.none() | PATHS, criteria=st.none() | PATHS,
        plugins=st.lists(PATHS, max_size=3).map(tuple), models=MODELS,
    )
)  # fmt: skip
def test_its_words_make_equal_wishes_wherever_they_are_said(wishes):
    assert parsed(wishes.words(), here=Path("/somewhere"), root=Path("/else")) == wishes


def test_the_words_of_relative_wishes_hold_elsewhere():
    wishes = parsed(["--dataset", "bank", "--plugins-dir", "../more"])
    assert parsed(wishes.words(), here=Path("/somewhere"), root=Path("/else")) == wishes
    assert all(Path(word).is_absolute() for word in wishes.words() if not word.startswith("-"))


def test_a_harness_toml_that_is_a_link_means_the_same_in_another_process(project, tmp_path):
    path = project.write()
    kept = tmp_path / "kept" / "common.toml"
    kept.parent.mkdir()
    path.rename(kept)
    path.symlink_to(kept)
    wishes = parsed([], root=path.parent)
    told = parsed(wishes.words(), root=Path("/else"))
    assert resolve(wishes).config.dataset == project.folder / "bank"
    assert resolve(told).config.dataset == project.folder / "bank"
