"""Whether a system can be told from chance: a broken pipeline finds as much as a random one, and says nothing."""

from __future__ import annotations

from math import sqrt

import numpy as np

from harness.verdict.evaluation import Scores

TOLD_BY = ("ndcg@10", "mrr", "recall@10", "recall@5", "hit@10", "hit@5")
"""The first of these that both sides have is compared: what looks at ten places sees more than what looks at one."""

ONE_SIDED_95 = 1.6449
"""The 95th percentile of the normal distribution."""


def at_chance(system: Scores, chance: Scores) -> str:
    """ "mrr 0.051 against chance's 0.049 over 35 queries" where the two cannot be told apart; empty where they can.

    They are told apart where the mean paired difference is more than 1.64 standard errors above 0 (a one-sided z test
    at 5 %). Both must be scored on the same queries of the same ground truth.
    """
    told_by = TOLD_BY if system.depth == chance.depth else [name for name in TOLD_BY if "@" in name]
    metric = next((name for name in told_by if name in system.values and name in chance.values), None)
    if metric is None or system.query_ids != chance.query_ids:
        return ""
    own, floor = system.values[metric], chance.values[metric]
    counted = np.isfinite(own) & np.isfinite(floor)
    n, gains = int(counted.sum()), (own - floor)[counted]
    if n < 2 or gains.mean() > ONE_SIDED_95 * gains.std(ddof=1) / sqrt(n):
        return ""
    means = f"{own[counted].mean():.3f} against chance's {floor[counted].mean():.3f}"
    return f"{metric} {means} over {n:,} queries"
