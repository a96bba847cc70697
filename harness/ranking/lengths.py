"""Vectors of length 1, so that their inner product is their cosine."""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

Float = TypeVar("Float", bound=np.floating[Any])


def normalised(vectors: npt.NDArray[Float]) -> npt.NDArray[Float]:
    """[n, d], every row of length 1; a zero row, which resembles nothing, stays zero."""
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    scaled: npt.NDArray[Float] = np.divide(vectors, length, out=np.zeros_like(vectors), where=length > 0)
    return scaled
