"""Polygons to test with."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

S_SHAPE = [
    (-0.5, -0.8), (0.5, -0.8), (0.5, 0.1), (-0.2, 0.1), (-0.2, 0.5), (0.5, 0.5),
    (0.5, 0.8), (-0.5, 0.8), (-0.5, -0.2), (0.2, -0.2), (0.2, -0.5), (-0.5, -0.5),
]  # fmt: skip
T_SHAPE = [
    (-0.7, 0.8), (-0.7, 0.4), (-0.2, 0.4), (-0.2, -0.8),
    (0.2, -0.8), (0.2, 0.4), (0.7, 0.4), (0.7, 0.8),
]  # fmt: skip
SQUARE = [(-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5)]
BOW_TIE = [(-0.7, -0.6), (0.8, 0.5), (0.8, -0.5), (-0.6, 0.7)]


def rough_ring(seed: int, n: int = 40) -> npt.NDArray[np.floating[Any]]:
    rng = np.random.default_rng(seed)
    angle = 2 * np.pi * np.arange(n) / n
    radius = rng.normal(0.7, 0.1, n)
    return np.stack([radius * np.sin(angle), radius * np.cos(angle)], axis=-1) + rng.normal(
        0, 0.1, 2
    )
