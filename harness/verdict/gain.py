"""What pictures add to what is found: the same queries with and without them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from harness.statistics.bootstrap import guarded
from harness.statistics.intervals import Bounds
from harness.verdict.evaluation import Scores
from harness.verdict.measurement import Measurement

GAINED = "recall@5"


def gain(seen: Scores, read: Scores) -> dict[str, Measurement]:
    """`picture-gain` by stratum: `seen` with text and picture, less `read` with text alone, bounded by query.

    Without a value, where recall@5 was not asked for or a run is not that deep, the reason says so.
    """
    bounds = _bounds(seen, read)
    rows = {name: (seen.measurement(GAINED, name), read.measurement(GAINED, name)) for name in seen.strata}
    return {
        name: replace(
            own,
            metric="picture-gain",
            value=None if own.value is None or text.value is None else own.value - text.value,
            reason=own.reason or text.reason,
            ceiling=None,
            bounds=bounds.get(name),
        )
        for name, (own, text) in rows.items()
    }


def _bounds(seen: Scores, read: Scores) -> Mapping[str, Bounds | None]:
    if GAINED not in seen.values or GAINED not in read.values:
        return {}
    difference = seen.values[GAINED] - read.values[GAINED]
    columns = [np.where(queries, difference, np.nan) for queries in seen.strata.values()]
    return dict(zip(seen.strata, guarded(np.column_stack(columns), seen.clusters, least=-1.0), strict=True))
