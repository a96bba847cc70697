"""A user's mistake is one clear sentence."""

import pytest

from harness.errors import BadData, BadOutput, HarnessError, NotFinite, PluginFailed, UnknownName, blame, one_line


@pytest.mark.parametrize(
    ("asked", "known", "sentence"),
    [
        ("bm52", ["dense", "bm25"], "unknown retriever 'bm52'. Did you mean 'bm25'? There are: bm25, dense."),
        ("colbert", ["dense", "bm25"], "unknown retriever 'colbert'. There are: bm25, dense."),
        ("bm25", [], "unknown retriever 'bm25'. There is no retriever at all."),
    ],
)
def test_an_unknown_name_says_what_was_asked_meant_and_exists(asked, known, sentence):
    assert str(UnknownName("retriever", asked, known)) == sentence


def test_bad_data_names_file_and_line(tmp_path):
    assert str(BadData.at(tmp_path / "x.tsv", 7, "no grade")) == f"{tmp_path / 'x.tsv'}:7: no grade"
    assert str(BadData.at(tmp_path / "x.tsv", None, "is empty")) == f"{tmp_path / 'x.tsv'}: is empty"


def test_a_failed_plugin_is_named_with_the_moment_and_the_error_on_one_line():
    error = PluginFailed.during("build", "embedder 'x' (x.py)", OSError("no\n  such  file"))
    assert str(error) == "embedder 'x' (x.py) failed at build: OSError: no such file"


@pytest.mark.parametrize(
    ("message", "limit", "expected"),
    [("", 300, "(no message)"), ("a\n\tb", 300, "a b"), ("abcdef", 6, "abcdef"), ("abcdefg", 6, "abcde…")],
)
def test_one_line_folds_and_cuts(message, limit, expected):
    assert one_line(ValueError(message), limit) == expected


@pytest.mark.parametrize("raised", [ValueError("no"), SystemExit("no"), MemoryError("no")])
def test_whatever_a_plugin_raises_is_blamed_on_it(raised):
    with pytest.raises(PluginFailed, match=r"^plugin p failed at import: \w+: no$") as caught, blame("import", "plugin p"):
        raise raised
    assert caught.value.__cause__ is raised


def test_an_error_of_the_family_and_an_interrupt_are_not_blamed():
    for raised in (BadOutput("as it is"), KeyboardInterrupt()):
        with pytest.raises(type(raised)) as caught, blame("import", "plugin p"):
            raise raised
        assert caught.value is raised


def test_every_error_of_the_room_is_in_the_family_and_in_the_tree():
    import harness.errors as room

    family = [thing for thing in vars(room).values() if isinstance(thing, type) and issubclass(thing, Exception)]
    assert NotFinite in family
    assert all(issubclass(error, HarnessError) and error.__name__ in room.__doc__ for error in family)
