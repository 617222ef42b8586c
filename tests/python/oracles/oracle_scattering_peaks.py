"""Orders of lattices: places over that of the first, and weights."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np

Floats: TypeAlias = Any

SQUARES = {
    0: (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24),
    1: (3, 4, 8, 11, 12, 16, 19, 20, 24, 27, 32, 35, 36, 40, 43, 44, 48, 51, 52, 56, 59, 68, 72),
}
WEIGHTS = {
    0: (1, .5, 2, 1, 2, 2 / 3, 4, .5, 3, 2, 2, 2, 6, 4, 1, 4, 2.5, 6, 2, 4, 2, 4, 2 / 3),
    1: (1, .75, 1.5, 3, 1, .75, 3, 3, 3, 4, 1.5, 6, 3.75, 3, 3, 3, 1, 3, 3, 6, 3, 3, 1.5),
    2: (1, 3, 6, 4, 6, 9, 6, 6, 1, 12),
    3: (1,) * 10,
}  # fmt: skip
HEXAGONAL = (
    1, 1.154700538, 1.527525232, 2, 2.236067977, 2.309401077, 2.516611478, 2.828427125, 3,
    3.055050463,
)  # fmt: skip


def peaks(lattice: int) -> tuple[Floats, Floats]:
    if lattice in SQUARES:
        squares = np.array(SQUARES[lattice], dtype=float)
        return np.sqrt(squares / squares[0]), np.array(WEIGHTS[lattice], dtype=float)
    x = HEXAGONAL if lattice == 2 else tuple(range(1, 11))
    return np.array(x, dtype=float), np.array(WEIGHTS[lattice], dtype=float)
