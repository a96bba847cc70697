"""List every component that can be named in harness.toml: where it comes from, what it takes, who may use it."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from pathlib import Path

from harness.config import Config, Grid, load_config
from harness.plugging.registry import Registry, collect
from harness.plugging.specs import Spec
from harness.report.drawing import printable, wrapped

INDENT = " " * 4


def add_arguments(parser: ArgumentParser) -> None:
    """Which configuration, and which folders beside it."""
    parser.add_argument("--harness-toml", type=Path, metavar="FILE", help="instead of harness.toml in this folder")
    parser.add_argument(
        "--plugins-dir", type=Path, metavar="DIR", action="append", default=[], help="more plugins; may be repeated"
    )


def run(args: Namespace) -> int:
    """0, or 1 where a plugin is broken: one line says which and why."""
    registry = collect(_config(args.harness_toml), args.plugins_dir)
    sys.stdout.write("\n".join([*_components(registry), "", *_hooks(registry)]) + "\n")
    for error in registry.broken:
        sys.stderr.write(f"broken: {error}\n")
    return 1 if registry.broken else 0


def _config(asked: Path | None) -> Config:
    """Outside a project there is no harness.toml, and what is built in can be listed all the same."""
    file = asked or Path("harness.toml")
    if asked or file.is_file():
        return load_config(file)
    here = Path.cwd()
    return Config(folder=here, dataset=here, criteria=here, grid=Grid(retrievers=["*"]))


def _components(registry: Registry) -> Iterator[str]:
    width = max((len(spec.name) for spec in registry.all()), default=0)
    kind = ""
    for spec in registry.all():
        if spec.kind != kind:
            kind = spec.kind
            yield f"{kind}s"
        yield f"  {spec.name:<{width}}  {spec.origin}"
        yield from (wrapped(f"{INDENT}{line}", indent=INDENT * 2) for line in _facts(spec))


def _facts(spec: Spec) -> Iterator[str]:
    if spec.about:
        yield printable(spec.about)
    options = [f"{name} (required)" if name in spec.required else name for name in spec.options]
    facts = {"options": ", ".join(options), "licence": printable(spec.licence)}
    told = [f"{name}: {fact}" for name, fact in facts.items() if fact]
    if told:
        yield "; ".join(told)


def _hooks(registry: Registry) -> Iterator[str]:
    """Which hooks each plugin implements; harness.toml is no plugin and has none."""
    yield "hooks"
    width = max(map(len, registry.plugins), default=0)
    yield from (f"  {origin:<{width}}  {', '.join(hooks)}" for origin, hooks in registry.plugins.items())
