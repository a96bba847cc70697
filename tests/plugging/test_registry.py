"""Plugins are found wherever they lie; a broken one costs what it would have registered, and nothing else."""

import re
import subprocess
import sys
import textwrap

import pytest
from toys import PLUGIN

from harness.config import load_config
from harness.errors import BadConfig, UnknownName
from harness.plugging import shelf
from harness.plugging.registry import collect

EMBEDDER = """\
from harness import EmbedderSpec, hookimpl
from toys import Letters

@hookimpl
def harness_register_embedders():
    return [EmbedderSpec("{name}", Letters)]
"""


def collected(project, *folders):
    return collect(load_config(project.write()), folders)


def origins(registry):
    return {spec.name: spec.origin for spec in registry.all()}


def test_plugins_of_a_folder_stand_beside_the_built_in_ones(project):
    registry = collected(project)
    assert origins(registry)["letters"] == "plugins/letters.py"
    assert origins(registry)["bm25"] == "built-in retrievers/bm25.py"
    assert registry.plugins["plugins/letters.py"] == [
        "harness_register_embedders", "harness_register_rerankers", "harness_register_retrievers",
    ]  # fmt: skip
    assert registry.broken == []


def test_a_hook_may_read_the_configuration_or_leave_it_out(project):
    project.plugins["asks.py"] = """\
from harness import EmbedderSpec, hookimpl

@hookimpl
def harness_register_embedders(config):
    return [EmbedderSpec("seen-" + name, dict) for name in config.grid.embedders]
"""
    assert "seen-letters" in collected(project).embedders


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("import no_such_module", r"plugin plugins/bad\.py failed at import: ModuleNotFoundError: No module named 'no_such_module'"),
        ("raise SystemExit('bye')", r"plugin plugins/bad\.py failed at import: SystemExit: bye"),
        ("def broken(:", r"plugin plugins/bad\.py failed at import: SyntaxError: .*"),
        ("x = 1", r"plugin plugins/bad\.py failed at registration: TypeError: no function in it is marked with @hookimpl"),
        (
            "from harness import hookimpl\n@hookimpl\ndef harness_register_embeder():\n    return []",
            r"plugin plugins/bad\.py failed at registration: UnknownName: unknown hook 'harness_register_embeder'\. "
            r"Did you mean 'harness_register_embedders'\? There are: harness_register_embedders, .*\.",
        ),
        (
            "from harness import hookimpl\n@hookimpl\ndef harness_register_embedders(settings):\n    return []",
            r"plugin plugins/bad\.py failed at registration: PluginValidationError: .*settings.*",
        ),
        (EMBEDDER.format(name="x").replace("[Embed", "1 / 0, [Embed"),
         r"plugin plugins/bad\.py failed at registration: ZeroDivisionError: division by zero"),
        (EMBEDDER.format(name="x").replace("return", "raise SystemExit #"),
         r"plugin plugins/bad\.py failed at registration: SystemExit: \(no message\)"),
        (EMBEDDER.format(name="x").replace("EmbedderSpec", "RetrieverSpec"),
         r"plugin plugins/bad\.py failed at registration: TypeError: expected EmbedderSpec, got RetrieverSpec"),
        (EMBEDDER.format(name="x").replace('[EmbedderSpec("x", Letters)]', 'EmbedderSpec("x", Letters)'),
         r"plugin plugins/bad\.py failed at registration: TypeError: "
         r"harness_register_embedders returned EmbedderSpec; it must return a list of specs"),
        (EMBEDDER.format(name="x").replace("return", "[]  #"), r"plugin plugins/bad\.py failed at registration: TypeError: "
         r"harness_register_embedders returned None; it must return a list of specs"),
        (EMBEDDER.format(name="Qwen 3"),
         r"plugin plugins/bad\.py failed at registration: BadConfig: embedder name 'Qwen 3' must be lower-case .*"),
        (EMBEDDER.format(name="x").replace("Letters)", "7)"),
         r"plugin plugins/bad\.py failed at registration: BadConfig: embedder 'x': `build` must be a function .*"),
    ],
)  # fmt: skip
def test_a_broken_plugin_is_one_line_and_the_others_go_on(project, text, sentence):
    project.plugins["bad.py"] = text
    registry = collected(project)
    (line,) = map(str, registry.broken)
    assert re.fullmatch(sentence, line), line
    assert not {"x", "qwen-3"} & {spec.name for spec in registry.all()}
    assert {"letters", "random"} <= {spec.name for spec in registry.embedders}


def test_a_file_is_called_the_same_whenever_it_breaks(project):
    more = project.folder / "more"
    more.mkdir(parents=True)
    (more / "one.py").write_text("1 / 0")
    (more / "two.py").write_text("x = 1")
    lines = [str(error).partition(":")[0] for error in collected(project, more.resolve()).broken]
    assert lines == ["plugin more/one.py failed at import", "plugin more/two.py failed at registration"]


def test_a_hook_that_the_plugin_calls_optional_may_be_unknown(project):
    project.plugins["asks.py"] = EMBEDDER.format(name="x") + """
@hookimpl(optionalhook=True)
def harness_register_judges():
    return []
"""
    registry = collected(project)
    assert registry.broken == []
    assert "x" in registry.embedders


def test_a_hook_that_raises_costs_only_its_own_specs(project):
    project.plugins["letters.py"] = PLUGIN.replace('    return [RerankerSpec("longest"', '    return [1 / 0, RerankerSpec("longest"')
    registry = collected(project)
    assert len(registry.broken) == 1
    assert "letters" in registry.embedders
    assert "longest" not in registry.rerankers


def test_two_components_of_one_name_are_refused_naming_both_files(project):
    project.plugins["one.py"] = EMBEDDER.format(name="letters")
    with pytest.raises(BadConfig) as caught:
        collected(project)
    assert str(caught.value) == "two embedders are named 'letters': in plugins/letters.py and in plugins/one.py"


def test_a_copied_built_in_that_keeps_its_name_is_refused_naming_both(project):
    project.plugins["embedders/random.py"] = (shelf.built_in() / "embedders" / "random.py").read_text("utf-8")
    with pytest.raises(BadConfig, match="'random': in built-in embedders/random.py and in plugins/embedders/random.py"):
        collected(project)


def test_a_folder_given_twice_is_loaded_once(project):
    registry = collected(project, project.folder / "plugins", project.folder / "plugins" / ".." / "plugins")
    assert origins(registry)["letters"] == "plugins/letters.py"
    assert registry.broken == []


def test_more_folders_may_hold_files_or_the_folders_of_the_shelf(project, tmp_path):
    more = tmp_path / "more"
    (more / "embedders").mkdir(parents=True)
    (more / "flat.py").write_text(EMBEDDER.format(name="flat"))
    (more / "embedders" / "deep.py").write_text(EMBEDDER.format(name="deep"))
    (more / "_helper.py").write_text("raise RuntimeError('never loaded')")
    registry = collected(project, more)
    assert origins(registry)["flat"] == str(more / "flat.py")
    assert origins(registry)["deep"] == str(more / "embedders" / "deep.py")
    assert registry.broken == []


def test_a_missing_plugins_folder_is_said(project, tmp_path):
    with pytest.raises(BadConfig, match=f"^plugins folder {re.escape(str(tmp_path / 'no'))} does not exist$"):
        collected(project, tmp_path / "no")


def install(folder, name, value, text):
    """A distribution as pip lays it down: a module, and the metadata that announces its entry point."""
    (folder / f"{name.replace('-', '_')}.py").write_text(text)
    info = folder / f"{name.replace('-', '_')}-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[harness]\n{name} = {value}\n")


def test_an_installed_package_is_found_by_its_entry_point(project, tmp_path, monkeypatch):
    site = tmp_path / "site"
    site.mkdir()
    install(site, "harness-test-good", "harness_test_good", EMBEDDER.format(name="installed"))
    install(site, "harness-test-bad", "harness_test_bad", "raise SystemExit(3)")
    monkeypatch.syspath_prepend(str(site))
    registry = collected(project)
    assert origins(registry)["installed"] == "package harness-test-good (harness_test_good)"
    assert [str(error) for error in registry.broken] == [
        "plugin package harness-test-bad (harness_test_bad) failed at import: SystemExit: 3"
    ]


def test_registering_builds_nothing_and_imports_nothing_heavy(project):
    code = f"""\
        import sys
        sys.path.insert(0, {str(textwrap.__file__)!r})
        from pathlib import Path
        from harness.config import load_config
        from harness.plugging.registry import collect
        registry = collect(load_config(Path({str(project.write())!r})))
        print(sorted({{"torch", "sklearn", "bm25s", "mecab_ko", "rank_bm25"}} & sys.modules.keys()))
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


# Tables of harness.toml.


def table(project, text, section="embedder"):
    project.toml += f"\n[[{section}]]\n{text}\n"
    return collected(project)


def test_a_table_is_a_variant_under_another_name(project):
    registry = table(project, 'name = "small"\nuses = "char-hashing"\ndimensions = 64')
    small = registry.embedders["small"]
    assert (small.origin, small.revision) == ("harness.toml", registry.embedders["char-hashing"].revision)
    assert small.build().dimensions == 64


def test_a_stray_option_is_refused(project):
    with pytest.raises(UnknownName) as caught:
        table(project, 'name = "small"\nuses = "char-hashing"\ndimension = 64')
    assert str(caught.value) == (
        "unknown option of embedder 'char-hashing' 'dimension'. Did you mean 'dimensions'? There are: dimensions, lighter, modalities."
    )


def test_a_table_that_uses_what_does_not_exist_is_refused(project):
    with pytest.raises(UnknownName, match="^unknown embedder 'char-hashin'. Did you mean 'char-hashing'?"):
        table(project, 'name = "small"\nuses = "char-hashin"')


@pytest.mark.parametrize(
    ("section", "text", "sentence"),
    [
        ("reranker", 'name = "x"\nuses = "longest"\ndepth = "ten"', "'depth' of reranker 'longest' needs a whole number, not 'ten'"),
        ("reranker", 'name = "x"\nuses = "longest"\ndepth = true', "'depth' of reranker 'longest' needs a whole number, not True"),
        ("retriever", 'name = "x"\nuses = "rrf"\nparts = "dense"', "'parts' of retriever 'rrf' needs a list, not 'dense'"),
        ("embedder", 'name = "letters"\nuses = "letters"', "two embedders are named 'letters': in plugins/letters.py and in harness.toml"),
    ],
)  # fmt: skip
def test_a_table_with_a_wrong_fact_is_refused(project, section, text, sentence):
    with pytest.raises(BadConfig) as caught:
        table(project, text, section)
    assert str(caught.value) == sentence


def test_facts_of_a_variant_are_set(project):
    project.toml += '\n[[reranker]]\nname = "x"\nuses = "longest"\ndepth = 7\n'
    registry = table(project, 'name = "y"\nuses = "rrf"\nparts = ["dot", "words"]\nk = 10', "retriever")
    assert registry.rerankers["x"].depth == 7
    assert registry.retrievers["y"].parts == ("dot", "words")
    assert registry.retrievers["y"].build({"dot": None, "words": None}).k == 10


FAMILY = """\
from harness import EmbedderSpec, hookimpl

def build(path, scale=1.0):
    return path, scale

@hookimpl
def harness_register_embedders():
    return [EmbedderSpec("stored", build)]
"""


def test_a_family_needs_its_options_before_it_can_be_named(project):
    project.plugins["family.py"] = FAMILY
    registry = collected(project)
    assert "stored" not in registry.embedders.select(["*"])
    with pytest.raises(BadConfig) as caught:
        registry.embedders.select(["stored"])
    assert str(caught.value) == (
        "embedder 'stored' needs 'path': give it in harness.toml as "
        '[[embedder]] name = "my-stored", uses = "stored", path = ...'
    )


def test_a_path_in_a_table_is_relative_to_harness_toml(project):
    project.plugins["family.py"] = FAMILY
    registry = table(project, 'name = "mine"\nuses = "stored"\npath = "x.npz"')
    assert registry.embedders["mine"].build() == (str(project.folder / "x.npz"), 1.0)
    assert "mine" in registry.embedders.select(["m*"])
