"""What changed from one run to another: accuracy query by query, verdicts, and timings where they can be compared."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

from harness.errors import HarnessError
from harness.review import contrast
from harness.review.changes import between
from harness.review.runs import located, opened
from harness.session.wishes import JUDGING
from harness.words import words

LANGUAGE = "--report-language"


def add_arguments(parser: ArgumentParser) -> None:
    """Two runs, and what of them."""
    parser.add_argument("before", metavar="RUN_A", help="folder of a run, or its name in reports/")
    parser.add_argument("after", metavar="RUN_B", help="the same of a later one, such as latest")
    parser.add_argument("--system", metavar="NAME", action="append", default=[], dest="systems",
                        help="only this one, may be repeated (default: candidates and baselines)")  # fmt: skip
    parser.add_argument("--metric", metavar="METRIC", nargs="+", action="extend", default=[], dest="metrics",
                        help="such as recall@5 mrr (default: those that the policies judge)")  # fmt: skip
    parser.add_argument(LANGUAGE, **JUDGING[LANGUAGE])
    parser.add_argument("--fail-if-worse", action="store_true",
                        help="exit with 1 where a candidate is significantly worse, or a verdict is")  # fmt: skip
    parser.add_argument("-o", dest="output", type=Path, metavar="FILE.csv", help="all queries that got worse")


def run(args: Namespace) -> int:
    """0; with --fail-if-worse 1 where anything is, or could not be told. Raises HarnessError."""
    if args.output and args.output.suffix != ".csv":
        raise HarnessError(f"{args.output}: queries that got worse are written as .csv only")
    folders = located(args.before), located(args.after)
    before, after = map(opened, folders)
    say = words(args.report_language or after.results.report.language)
    changes = between(before, after, args.systems, args.metrics, gated=args.fail_if_worse)
    runs = [f"{say(name)}: {folder.name}" for name, folder in zip("AB", folders, strict=True)]
    sys.stdout.write("\n".join([*runs, contrast.told(changes, say)]) + "\n")
    if args.output:
        _write(args.output, changes.csv())
    worse = list(changes.worse(say)) if args.fail_if_worse else []
    sys.stderr.writelines(f"{say('worse')}: {reason}\n" for reason in worse)
    return int(bool(worse))


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise HarnessError(f"{path}: cannot be written: {error.strerror or error}") from None
