"""Judge results that were recorded, by whomever, under a policy of your own; nothing is run."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from datetime import UTC, date, datetime
from itertools import chain
from pathlib import Path

from harness.config import Config, Waiver, load_config
from harness.errors import BadConfig
from harness.policy import Policy, load_policy
from harness.report import tables
from harness.report.drawing import wrapped
from harness.report.gate import ungated_by, waived
from harness.review import sidecar
from harness.review.replay import Replay
from harness.session.wishes import named

TOML = Path("harness.toml")


def add_arguments(parser: ArgumentParser) -> None:
    """What was recorded, by what it is judged, and what stands beside it."""
    parser.add_argument("paths", nargs="+", type=Path, metavar="RECORDED", help="a results.jsonl, or a run's folder")
    parser.add_argument("--criteria", type=Path, metavar="FILE", help="policy instead of the run's own")
    parser.add_argument("--point-estimates", action="store_true", help="judge point estimates alone")
    parser.add_argument("--gate", nargs="?", const="go", type=named, default="go", metavar="unproven",
                        help="with 'unproven', let pass what only lacks proof")  # fmt: skip
    parser.add_argument("--candidate", action="append", default=[], metavar="NAME", help="judge these alone; a pattern")
    parser.add_argument("--truths", type=Path, metavar="FILE", help="where the ground truths come from: [[truth]]")
    parser.add_argument("--waivers", type=Path, metavar="FILE", help="[[waiver]] instead of the run's own")
    parser.add_argument("--today", type=date.fromisoformat, metavar="DATE", help="the day on which waivers must hold")


def run(args: Namespace) -> int:
    """0 where every candidate is GO, or let through; 1 where one is not."""
    replay = Replay.of(args.paths, sidecar.origins(args.truths) if args.truths else {})
    results = replay.judged(_policy(args, replay), _waivers(args, replay), args.candidate)
    criteria, verdicts = tables.criteria(results), tables.verdicts(results)
    drawn = chain((table.blocks() for table in criteria), (table.text() for table in verdicts))
    today = args.today or datetime.now(UTC).date()
    shut = ungated_by(args.gate, results, today)
    last = [*waived(results, today), *(shut or ["gate: open"])]
    sys.stdout.write("\n\n".join([*drawn, "\n".join(map(wrapped, last))]) + "\n")
    return int(bool(shut))


def _policy(args: Namespace, replay: Replay) -> Policy:
    """The one that was named, the runs' own, or that of harness.toml. Raises BadConfig where there is none."""
    policy = load_policy(args.criteria) if args.criteria else replay.policy() or _of_project()
    return policy.model_copy(update={"point_estimates": True}) if args.point_estimates else policy


def _of_project() -> Policy:
    config = _config()
    if config is None:
        raise BadConfig("by which criteria? Name a policy: --criteria FILE")
    return load_policy(config.criteria)


def _waivers(args: Namespace, replay: Replay) -> list[Waiver]:
    """Those of the file that was named, of the runs, or of harness.toml."""
    if args.waivers:
        return sidecar.waivers(args.waivers)
    if replay.runs:
        return [waiver for run in replay.runs for waiver in run.waivers]
    config = _config()
    return config.waiver if config else []


def _config() -> Config | None:
    """Recorded results may be judged outside of any project."""
    return load_config(TOML) if TOML.is_file() else None
