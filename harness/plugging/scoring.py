"""For retrievers that can score every document: a search made of their `score`, in blocks of bounded memory."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from harness.data.model import FloatMatrix, Queries
from harness.data.run import Run
from harness.ranking.topk import top_k as best

CELLS = 2**22
"""Scores held at once: 16 MiB of float32."""


Score = Callable[[Queries], FloatMatrix]
"""[len(queries), N] float32; -inf where a document is not to be returned."""


def search_scores(score: Score, queries: Queries, ids: tuple[str, ...], top_k: int, *, zero_is_found: bool) -> Run:
    """The `top_k` best documents of each query by `score`; `ids` is the corpus in its order.

    `zero_is_found=False` is for systems in which a score of 0 means that nothing matched: such a document is not
    retrieved at all, rather than in the order of its id.
    """
    step = max(1, CELLS // max(len(ids), 1))
    blocks = [_block(score, queries.rows(slice(at, at + step)), top_k, zero_is_found=zero_is_found)
              for at in range(0, len(queries) or 1, step)]  # fmt: skip
    index, scores = (np.concatenate(found) for found in zip(*blocks, strict=True))
    return Run.of(queries.ids, ids, index, scores)


def _block(score: Score, queries: Queries, k: int, *, zero_is_found: bool) -> tuple[npt.NDArray[np.int32], FloatMatrix]:
    scores = score(queries)
    if not zero_is_found:
        scores = np.where(scores == 0, np.float32(-np.inf), scores)
    return best(scores, k, queries.exclude)
