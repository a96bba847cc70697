"""python -m harness COMMAND, beside `pytest benchmarks/`. Exit status: 0 done, 1 something is wrong, 2 misused."""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from types import ModuleType

from harness.commands import compare, datasets, gate, init, plugins, report, verify, vram
from harness.errors import HarnessError, UnknownName

COMMANDS: dict[str, ModuleType] = {
    "plugins": plugins,
    "datasets": datasets,
    "init": init,
    "report": report,
    "compare": compare,
    "gate": gate,
    "verify": verify,
    "vram": vram,
}
OK, WRONG, MISUSED = 0, 1, 2


def main(words: Sequence[str]) -> int:
    """Dispatches; what a user can mend is one line on stderr."""
    if words and not words[0].startswith("-") and words[0] not in COMMANDS:
        sys.stderr.write(f"{UnknownName('command', words[0], COMMANDS)}\n")
        return MISUSED
    args = _parser().parse_args(words)
    try:
        status: int = args.run(args)
        sys.stdout.flush()
    except HarnessError as error:
        sys.stderr.write(f"{error}\n")
        return WRONG
    except BrokenPipeError:
        # The reader has seen enough (`| head`); what is still buffered must not complain at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK
    return status


def _parser() -> ArgumentParser:
    parser = ArgumentParser("python -m harness", description="Go, or No-Go? What surrounds `pytest benchmarks/`.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, room in COMMANDS.items():
        about = room.__doc__ or ""
        command = commands.add_parser(name, help=about, description=about)
        room.add_arguments(command)
        command.set_defaults(run=room.run)
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
