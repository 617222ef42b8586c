"""Products of large matrices, in pieces that take a fraction of a second each.

Python answers Ctrl-C between calls into NumPy only.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

_MULTIPLICATIONS_AT_ONCE = 2**32

Matrix = npt.NDArray[Any]


def product(a: Matrix, b: Matrix) -> Matrix:
    """(n, k) times (k, m)."""
    n_pieces = -(-a.shape[0] * a.shape[1] * b.shape[1] // _MULTIPLICATIONS_AT_ONCE)
    if n_pieces <= 1:
        return a @ b
    return np.concatenate([rows @ b for rows in np.array_split(a, min(n_pieces, len(a)))])


def covariance(rows: Matrix) -> Matrix:
    """(n, n) in float64 of samples in rows, whose sums are taken in the rows' own precision."""
    centred = rows - rows.mean(axis=0)
    found: Matrix = product(centred.T, centred).astype(np.float64) / max(len(rows) - 1, 1)
    return found
