"""One ranking out of several: scores brought to one scale and weighed, or ranks alone."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from harness.errors import BadOutput, HarnessError, NotFinite

Scores = npt.NDArray[np.float32]
Index = npt.NDArray[np.int32]


def min_max(scores: Scores, exclude: Index | None = None) -> Scores:
    """Every row of [b, N] stretched to 0..1 over all its documents; a constant row becomes 0.

    The column that `exclude` [b] names (-1: none) and scores of -inf ("not retrieved") take no part in the
    extremes and become 0, so that weighing them never gives NaN. Raises BadOutput for NaN or +inf.
    """
    scores = np.asarray(scores, np.float32)
    if np.isnan(scores).any() or (scores == np.inf).any():
        raise NotFinite("scores are not finite (NaN or +inf)")
    taking_part = scores > -np.inf
    if exclude is not None:
        own = np.flatnonzero(exclude >= 0)
        taking_part[own, exclude[own]] = False
    low = np.min(scores, axis=1, keepdims=True, where=taking_part, initial=np.inf)
    high = np.max(scores, axis=1, keepdims=True, where=taking_part, initial=-np.inf)
    stretched = np.zeros_like(scores)
    np.subtract(scores, low, out=stretched, where=taking_part)
    np.divide(stretched, high - low, out=stretched, where=taking_part & (high > low))
    return stretched


def weighted(dense: Scores, lexical: Scores, alpha: float) -> Scores:
    """alpha x dense + (1 - alpha) x lexical, both [b, N] on one scale. Raises HarnessError, BadOutput."""
    if not 0.0 <= alpha <= 1.0:
        raise HarnessError(f"alpha {alpha:g}: the weight of the dense scores lies between 0 and 1")
    if dense.shape != lexical.shape:
        raise BadOutput(f"scores of shapes {list(dense.shape)} and {list(lexical.shape)} cannot be fused")
    return np.float32(alpha) * dense + np.float32(1.0 - alpha) * lexical


def reciprocal_rank_fusion(rankings: Sequence[Index], n_docs: int, k: int = 60) -> Scores:
    """Sum of 1 / (k + rank) over the rankings, [b, n_docs]; -inf for a document that no ranking holds.

    Each ranking is [b, depth] columns, best first, -1 where nothing was returned. The formula and its k = 60
    are those of Cormack, Clarke & Buettcher (SIGIR 2009). Raises HarnessError where there is nothing to fuse.
    """
    if not rankings:
        raise HarnessError("reciprocal rank fusion needs at least one ranking")
    # Summed in float64 and rounded once: documents with the same ranks in another order come out equal.
    fused = np.zeros((len(rankings[0]), n_docs))
    for ranking in rankings:
        row, place = np.nonzero(ranking >= 0)
        fused[row, ranking[row, place]] += 1.0 / (k + 1 + place)
    return np.where(fused > 0, fused, -np.inf).astype(np.float32)
