"""Whether the bounds keep their promise: systems of known quality, judged as the harness judges them.

    python tests/perf/honesty.py [--quick]

Prints the tables of docs/statistics.md. Figures are percentages (a bias is in points), each with its Monte-Carlo
standard error. Where a limit is broken by more than three of these errors, the cells are named, and the status is 1.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterable, Sequence

import numpy as np
from choices import of_choice, of_families, of_ties
from figures import ERRORS, Effort, Table, broken, spared, worst
from gates import (
    of_clusters,
    of_differences,
    of_drift,
    of_hits,
    of_latency,
    of_means,
    of_recorded,
    of_related_sizes,
)
from powers import of_power
from worlds import Random

SEED = 20_261_121
TABLES: tuple[Callable[[Effort, Random], Table], ...] = (
    of_hits,
    of_means,
    of_clusters,
    of_related_sizes,
    of_differences,
    of_recorded,
    of_latency,
    of_drift,
    of_families,
    of_ties,
    of_choice,
    of_power,
)
FULL, QUICK = Effort(runs=2_000, many=100_000), Effort(runs=40, many=2_000)


def simulated(effort: Effort, makers: Iterable[Callable[[Effort, Random], Table]] = TABLES) -> list[Table]:
    """The tables, printed as they are made; each has its own seed, so that one can be left out."""
    tables = []
    for maker in makers:
        started = time.perf_counter()
        seed = [SEED, *maker.__name__.encode()]
        tables.append(maker(effort, np.random.default_rng(seed)))
        sys.stdout.write(f"{tables[-1]}\n({time.perf_counter() - started:.0f} s)\n\n")
        sys.stdout.flush()
    return tables


def closing(tables: Iterable[Table]) -> int:
    """Prints the worst cells, the broken ones, and what was claimed and what not; the exit status."""
    tables = list(tables)
    lines = broken(tables)
    told = "\n".join(lines) or f"no limit is broken by more than {ERRORS} standard errors"
    sys.stdout.write(f"{worst(tables)}\n{told}\n{scope(tables)}\n")
    return 1 if lines else 0


def scope(tables: Iterable[Table]) -> str:
    """What was claimed, where that holds only within the simulation's own error, and of what nothing is claimed."""
    claims = {table.title: len(list(table.claims())) for table in tables}
    claimed = ", ".join(f"{title} ({cells})" for title, cells in claims.items() if cells)
    unclaimed = ", ".join(title for title, cells in claims.items() if not cells)
    within = "; ".join(spared(tables))
    return f"claimed: {claimed or 'nothing'}\nwithin error only: {within or 'nothing'}\nnot claimed: {unclaimed or 'nothing'}"


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help=f"{QUICK.runs} runs a cell instead of {FULL.runs:,}")
    effort = QUICK if parser.parse_args(arguments).quick else FULL
    sys.stdout.write(f"{effort.runs:,} runs a cell; {effort.many:,} for hits.\n\n")
    return closing(simulated(effort))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
