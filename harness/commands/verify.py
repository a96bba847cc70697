"""Check results: a run's folder is computed again, number by number; a results file is searched for what cannot be."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from harness.report import stored
from harness.report.drawing import printable
from harness.review.recheck import recheck
from harness.review.replay import is_run, recorded
from harness.review.sameness import Differences
from harness.session.opening import resolve
from harness.session.wishes import OPTIONS, Wishes
from harness.verdict.arithmetic import Contradiction, impossible, notes
from harness.verdict.ends import misplaced
from harness.verdict.measurement import Measurement

JUDGED_WITH = ("--harness-toml", "--dataset", "--criteria", "--plugins-dir")


def add_arguments(parser: ArgumentParser) -> None:
    """What to check; and, as pytest takes it, what the runs were judged with."""
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="a run's folder, or a results.jsonl")
    for flag in JUDGED_WITH:
        parser.add_argument(flag, **OPTIONS[flag])


def run(args: Namespace) -> int:
    """0, or 1 where a number differs from what it was computed from, or cannot be true beside the others."""
    folders = [path for path in args.paths if is_run(path)]
    files = [path for path in args.paths if path not in folders]
    clean = [_folder(folder, args) for folder in folders]
    if files:
        clean.append(_files(files))
    return int(not all(clean))


def _files(paths: list[Path]) -> bool:
    """All together: two files may tell one story in two ways."""
    rows = [thing for path in paths for thing in recorded(path) if isinstance(thing, Measurement)]
    clean = _possible(rows)
    _say("checked", f"{len(rows):,} measurements of {len(paths):,} {'file' if len(paths) == 1 else 'files'}")
    return clean


def _folder(folder: Path, args: Namespace) -> bool:
    kept = stored.read(folder)
    wishes = Wishes.of(lambda flag: getattr(args, flag[2:].replace("-", "_"), None), Path.cwd(), Path.cwd())
    found = recheck(folder, kept, resolve(wishes))
    for sentence in found.sentences:
        _say("wrong", sentence)
    clean = _possible(kept.results.measurements)
    _summary(folder, found)
    return clean and not found.sentences


def _possible(rows: Iterable[Measurement]) -> bool:
    """Whether all of the rows can be true together."""
    rows = list(rows)
    contradictions = [*impossible(rows), *misplaced(rows)]
    for kind, told in (("wrong", contradictions), ("note", notes(rows))):
        for found in told:
            _say(kind, f"{_whose(found)}: {found.sentence}")
    return not contradictions


def _whose(found: Contradiction) -> str:
    return f"{found.system} on {found.ground_truth}" if found.ground_truth else found.system


def _summary(folder: Path, found: Differences) -> None:
    _say("the same", f"{folder}: {_counted(found.same)}")
    for reason, count in found.left.items():
        if count:
            _say("not computed again", f"{count:,} {reason}")


def _counted(counts: Counter[str]) -> str:
    return ", ".join(f"{kind} {count:,}" for kind, count in counts.items())


def _say(kind: str, sentence: str) -> None:
    """One line each, so that they can be searched and counted."""
    sys.stdout.write(f"{kind}: {printable(sentence)}\n")
