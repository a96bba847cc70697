"""Measure the GPU memory of one system in this process, and of nothing else; the answer is one line of JSON."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

from harness.errors import HarnessError
from harness.grid.systems import parse
from harness.probes import isolated
from harness.probes.memory import Memory
from harness.session.opening import resolve
from harness.session.wishes import OPTIONS, Wishes


def add_arguments(parser: ArgumentParser) -> None:
    """The system, and the same options that pytest takes."""
    parser.add_argument("system", metavar="SYSTEM", help="such as bm25 or qwen3-vl-2b+dense")
    for flag, settings in OPTIONS.items():
        parser.add_argument(flag, **settings)


def run(args: Namespace) -> int:
    """0 with MiB by meaning (null: not available here), 1 with the reason why there is no answer."""
    answer = _measured(args)
    sys.stdout.write(isolated.told(answer) + "\n")
    return int(isinstance(answer, HarnessError))


def _measured(args: Namespace) -> Memory | HarnessError:
    try:
        wishes = Wishes.of(lambda flag: getattr(args, flag[2:].replace("-", "_")), Path.cwd(), Path.cwd())
        memo = resolve(wishes).memo()
        return memo.memory_here(parse(args.system, memo.registry, dict(memo.systems)))
    except HarnessError as error:
        return error
