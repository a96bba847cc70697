"""The k best of many scores, exactly: ties go to the lower column, the same input gives the same ranking."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from harness.errors import BadOutput, NotFinite

Index = npt.NDArray[np.int32]
Scores = npt.NDArray[np.float32]

# Products of other block sizes round differently: these are fixed, so that a ranking repeats.
# One block of scores is 128 x 32,768 float32 = 16 MiB.
_QUERIES, _DOCUMENTS = 128, 32_768

# Groups of columns per wanted rank: with 8, about 7 % more candidates than needed pass the screen.
_GROUPS_PER_RANK = 8


def top_k(scores: Scores, k: int, exclude: Index | None = None) -> tuple[Index, Scores]:
    """The k best columns of every row: [b, N] -> columns and scores [b, min(k, N)], best first.

    Equal scores stand in ascending order of columns: in a corpus in descending order of ids that is the rule
    of trec_eval. `exclude` [b] names a column per row that is never returned (-1: none). A score of -inf is
    "not retrieved"; places left over hold column -1 and score -inf. Raises BadOutput for NaN or +inf.
    """
    scores = np.ascontiguousarray(scores, dtype=np.float32)
    _check(scores)
    n_rows, n_columns = scores.shape
    width = min(k, n_columns)
    index = np.full((n_rows, width), -1, np.int32)
    best = np.full((n_rows, width), -np.inf, np.float32)
    if scores.size and width:
        # One more than asked for is enough, whatever single column a row excludes.
        row, column = _candidates(scores, width if exclude is None else min(width + 1, n_columns))
        if exclude is not None:
            allowed = column != exclude[row]
            row, column = row[allowed], column[allowed]
        row, column, place = _ranked(scores, row, column)
        kept = place < width
        index[row[kept], place[kept]] = column[kept]
        best[row[kept], place[kept]] = scores[row[kept], column[kept]]
    return index, best


def dense_top_k(
    queries: npt.NDArray[np.floating],
    corpus: npt.NDArray[np.floating],
    k: int,
    exclude: Index | None = None,
) -> tuple[Index, Scores]:
    """`top_k` of the inner products of queries [Q, d] and corpus [N, d], in blocks of bounded memory.

    Both become float32 once, here: a float64 query would make every product convert the whole corpus again.
    Raises BadOutput where dimensions differ or a product is not finite.
    """
    queries, corpus = np.asarray(queries, np.float32), np.asarray(corpus, np.float32)
    if queries.ndim != 2 or corpus.ndim != 2 or queries.shape[1] != corpus.shape[1]:
        shapes = f"queries {list(queries.shape)} and corpus {list(corpus.shape)}"
        raise BadOutput(f"{shapes} are not vectors of one length")
    own = np.full(len(queries), -1, np.int32) if exclude is None else exclude
    index = np.empty((len(queries), min(k, len(corpus))), np.int32)
    best = np.empty(index.shape, np.float32)
    for first in range(0, len(queries), _QUERIES):
        block = slice(first, first + _QUERIES)
        index[block], best[block] = _block_top_k(queries[block], corpus, k, own[block])
    return index, best


def _block_top_k(queries: Scores, corpus: Scores, k: int, exclude: Index) -> tuple[Index, Scores]:
    """The best of each stretch of the corpus, then the best of those; stretches ascend, so ties stay put."""
    parts = []
    for first in range(0, max(1, len(corpus)), _DOCUMENTS):
        index, scores = top_k(queries @ corpus[first : first + _DOCUMENTS].T, k, exclude - first)
        parts.append((np.where(index < 0, -1, index + np.int32(first)), scores))
    if len(parts) == 1:
        return parts[0]
    columns = np.concatenate([part[0] for part in parts], axis=1)
    place, scores = top_k(np.concatenate([part[1] for part in parts], axis=1), k)
    return np.where(place < 0, -1, np.take_along_axis(columns, place, axis=1)), scores


def _check(scores: Scores) -> None:
    if scores.ndim != 2:
        raise BadOutput(f"scores are a matrix of queries x documents, not of shape {list(scores.shape)}")
    # NaN wins every maximum, so one pass finds it and +inf; a maximum of -inf is a row that found nothing.
    highest = scores.max(initial=-np.inf)
    if np.isnan(highest) or highest == np.inf:
        raise NotFinite("scores are not finite (NaN or +inf)")


def _candidates(scores: Scores, k: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Rows and columns, ascending, of a superset of every row's k best."""
    bound = _lower_bound(scores, k)
    passing = scores >= np.maximum(bound, np.finfo(np.float32).min)
    # Many equal scores at the bound (zeros of a lexical search): only the first k of them can be returned.
    crowded = np.flatnonzero(np.count_nonzero(passing, axis=1) > 2 * k)
    tied = scores[crowded] == bound[crowded]
    passing[crowded] &= ~tied | (np.cumsum(tied, axis=1, dtype=np.int32) <= k)
    row, column = np.divmod(np.flatnonzero(passing), scores.shape[1])
    return row, column


def _lower_bound(scores: Scores, k: int) -> Scores:
    """A score [b, 1] that at least k of each row reach: the k-th largest of the maxima of groups of columns.

    Maxima of groups cost one pass over the scores; partitioning them all costs many.
    """
    n_rows, n_columns = scores.shape
    groups = _GROUPS_PER_RANK * k
    if n_columns >= 2 * groups:
        depth = n_columns // groups
        scores = scores[:, : depth * groups].reshape(n_rows, depth, groups).max(axis=1)
    return np.partition(scores, -k, axis=1)[:, -k, None]


def _ranked(
    scores: Scores, row: npt.NDArray[np.int64], column: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """The candidates by row and descending score (stable: columns ascend), each with its place in its row."""
    order = np.lexsort((-scores[row, column], row))
    row, column = row[order], column[order]
    start = np.searchsorted(row, np.arange(len(scores)))
    return row, column, np.arange(len(row)) - start[row]
