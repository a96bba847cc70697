"""Writes a synthetic item bank with its truth: python gt/generator OUT [--items N] [--seed S] [--check]."""
import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

from dataset import differences, write

JUDGED, SEED = 100, 2026


class OneLine(ArgumentParser):
    """A parser that answers a wrong argument with one line, without the usage above it."""

    def error(self, message: str) -> None:
        self.exit(2, f"generator: {message}\n")


def arguments() -> Namespace:
    """The command line; exits with status 2 and one line where it is wrong."""
    parser = OneLine("generator", description="A synthetic bank of Korean items with its ground truth.")
    add = parser.add_argument
    add("out", type=Path, metavar="OUT", help="the dataset folder to write, or to check")
    add("--items", type=int, default=JUDGED, metavar="N", help="100 judged items, the rest distractors")
    add("--seed", type=int, default=SEED, metavar="S", help=f"other numbers in the same tasks ({SEED})")
    add("--check", action="store_true", help="compare OUT with what would be written; write nothing")
    chosen = parser.parse_args()
    if chosen.items < JUDGED:
        parser.error(f"--items {chosen.items}: the judged items alone are {JUDGED}; ask for {JUDGED} or more")
    if chosen.out.exists() and not chosen.out.is_dir():
        parser.error(f"{chosen.out} is a file; name a folder")
    if chosen.check and not chosen.out.is_dir():
        parser.error(f"{chosen.out} does not exist; nothing to check")
    return chosen


def main() -> int:
    """Writes or checks: 0, 1 where the check found a difference, 2 where the folder is out of reach."""
    chosen = arguments()
    try:
        if not chosen.check:
            write(chosen.out, chosen.items, chosen.seed)
            return 0
        found = differences(chosen.out, chosen.items, chosen.seed)
    except OSError as error:
        sys.stderr.write(f"generator: {error}\n")
        return 2
    sys.stdout.writelines(f"{line}\n" for line in found)
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
