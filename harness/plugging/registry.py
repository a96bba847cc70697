"""Finds plugins and collects their specs; one that is broken costs what it would have registered, and no more."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Any

import pluggy

from harness.config import Config, Table
from harness.errors import PluginFailed, UnknownName
from harness.plugging import hookspecs, shelf
from harness.plugging.names import Names
from harness.plugging.specs import EmbedderSpec, GTSourceSpec, RerankerSpec, RetrieverSpec, Spec


class Registry:
    """Everything that can be plugged, and what went wrong while looking."""

    def __init__(self) -> None:
        self.embedders = Names[EmbedderSpec]("embedder")
        self.retrievers = Names[RetrieverSpec]("retriever")
        self.rerankers = Names[RerankerSpec]("reranker")
        self.gt_sources = Names[GTSourceSpec]("ground truth")
        self.broken: list[PluginFailed] = []
        self.plugins: dict[str, list[str]] = {}
        """origin -> names of the hooks it implements"""

    def all(self) -> Iterator[Spec]:
        return chain(self.gt_sources, self.embedders, self.retrievers, self.rerankers)


def collect(config: Config, folders: Iterable[Path] = ()) -> Registry:
    """The registry of the built-in shelf, `plugins` of harness.toml, `folders`, and installed packages.

    A plugin that raises is kept in `Registry.broken` and the others go on. Raises BadConfig for two components of one
    name, and UnknownName for a table in harness.toml that uses what does not exist.
    """
    manager = pluggy.PluginManager("harness")
    manager.add_hookspecs(hookspecs)
    registry = Registry()
    for origin, plugin in _found(config, folders, registry):
        _register(manager, registry, origin, plugin)
    _ask(manager, registry, config)
    _add_tables(registry, config)
    return registry


def _found(config: Config, folders: Iterable[Path], registry: Registry) -> Iterator[tuple[str, Any]]:
    for file in shelf.files([shelf.built_in(), *config.plugins, *folders]):
        origin = _shown(file, config.folder)
        try:
            yield origin, shelf.load(file, origin)
        except PluginFailed as error:
            registry.broken.append(error)
    for origin, plugin in shelf.installed():
        if isinstance(plugin, PluginFailed):
            registry.broken.append(plugin)
        else:
            yield origin, plugin


def _shown(file: Path, folder: Path) -> str:
    """The shortest honest path of a plugin file: relative to the project or to the package."""
    for base, prefix in ((folder, ""), (shelf.built_in(), "built-in ")):
        if file.resolve().is_relative_to(base.resolve()):
            return prefix + file.resolve().relative_to(base.resolve()).as_posix()
    return str(file)


def _register(manager: pluggy.PluginManager, registry: Registry, origin: str, plugin: Any) -> None:
    """A plugin with a misspelt or misshapen hook, or with none at all, is broken, and is taken out again."""
    try:
        manager.register(plugin, name=origin)
        _refuse_unknown_hooks(manager, plugin)
        registry.plugins[origin] = _implemented(manager, plugin)
    except (Exception, SystemExit) as error:
        if manager.has_plugin(origin):
            manager.unregister(name=origin)
        registry.broken.append(PluginFailed.during("registration", f"plugin {origin}", error))


def _refuse_unknown_hooks(manager: pluggy.PluginManager, plugin: Any) -> None:
    known = [name for name, caller in vars(manager.hook).items() if caller.has_spec()]
    for caller in manager.get_hookcallers(plugin) or []:
        mandatory = any(not impl.optionalhook for impl in caller.get_hookimpls() if impl.plugin is plugin)
        if mandatory and not caller.has_spec():
            raise UnknownName("hook", caller.name, known)


def _implemented(manager: pluggy.PluginManager, plugin: Any) -> list[str]:
    hooks = sorted(caller.name for caller in manager.get_hookcallers(plugin) or [])
    if not hooks:
        raise TypeError("no function in it is marked with @hookimpl")
    return hooks


def _ask(manager: pluggy.PluginManager, registry: Registry, config: Config) -> None:
    """Calls every hook plugin by plugin, so that one that raises costs only its own specs."""
    hooks: tuple[tuple[str, Names[Any], type[Spec]], ...] = (
        ("harness_register_gt_sources", registry.gt_sources, GTSourceSpec),
        ("harness_register_embedders", registry.embedders, EmbedderSpec),
        ("harness_register_retrievers", registry.retrievers, RetrieverSpec),
        ("harness_register_rerankers", registry.rerankers, RerankerSpec),
    )
    for hook, names, promised in hooks:
        for origin, plugin in sorted(manager.list_name_plugin()):
            others = [other for _, other in manager.list_name_plugin() if other is not plugin]
            caller = manager.subset_hook_caller(hook, remove_plugins=others)
            try:
                specs = _answers(caller, config, promised)
            except (Exception, SystemExit) as error:
                registry.broken.append(PluginFailed.during("registration", f"plugin {origin}", error))
                continue
            for spec in specs:
                names.add(replace(spec, origin=origin))


def _answers(caller: pluggy.HookCaller, config: Config, promised: type[Spec]) -> list[Spec]:
    answers = caller(config=config)
    if caller.get_hookimpls() and not answers:  # pluggy drops what is None
        raise TypeError(f"{caller.name} returned None; it must return a list of specs")
    for answer in answers:
        if not isinstance(answer, Iterable):
            raise TypeError(f"{caller.name} returned {type(answer).__name__}; it must return a list of specs")
    specs = [spec for answer in answers for spec in answer]
    for spec in specs:
        if not isinstance(spec, promised):
            raise TypeError(f"expected {promised.__name__}, got {type(spec).__name__}")
    return specs


def _add_tables(registry: Registry, config: Config) -> None:
    sections: tuple[tuple[list[Table], Names[Any]], ...] = (
        (config.embedder, registry.embedders),
        (config.retriever, registry.retrievers),
        (config.reranker, registry.rerankers),
        (config.ground_truth, registry.gt_sources),
    )
    for tables, names in sections:
        for table in tables:
            if registry.broken and table.uses not in names:
                continue  # a broken plugin would have had it, so the table's name gets a stand-in if anyone asks for it
            names.add(replace(names[table.uses].variant(table.name, _anchored(table, config)), origin="harness.toml"))


def _anchored(table: Table, config: Config) -> dict[str, Any]:
    """A table's options; `path`, and a `model` that starts with a dot, are relative to harness.toml, as every path."""
    options = table.options
    paths = [name for name in ("path", "model") if name == "path" or str(options.get(name)).startswith(".")]
    return {**options, **{name: str(config.folder / options[name]) for name in paths if name in options}}
