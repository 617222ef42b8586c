"""Label images of many kinds, and what follows from them, slowly: pixel by pixel."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.ndimage import distance_transform_edt

Labels = npt.NDArray[np.int32]
Array = npt.NDArray[Any]


def discs(shape: tuple[int, int], number: int, radius: float, seed: int) -> Labels:
    """Discs that overlap freely, so that many touch, some are split, and the rim cuts others."""
    rng = np.random.default_rng(seed)
    rows, columns = np.indices(shape) + 0.5
    image = np.zeros(shape, np.int32)
    for label in range(1, number + 1):
        y, x = rng.uniform(0, shape)
        r = radius * rng.uniform(0.5, 1.5)
        image[(rows - y) ** 2 + (columns - x) ** 2 < r * r] = label
    return image


def _with_hole() -> Labels:
    image = np.full((31, 33), 5, np.int32)
    image[14:17, 20] = 0
    return image


IMAGES: dict[str, Labels] = {
    "discs": discs((40, 57), 14, 5, 0),
    "large discs": discs((64, 64), 5, 18, 1),
    "scattered pixels": np.random.default_rng(2).integers(0, 3, (23, 30)).astype(np.int32),
    "sparse pixels": (np.random.default_rng(3).random((37, 20)) < 0.02).astype(np.int32),
    "no background": discs((30, 30), 9, 9, 4) + 1,
    "with a hole": _with_hole(),
    "one particle": np.full((9, 12), 3, np.int32),
    "background": np.zeros((7, 5), np.int32),
    "two halves": np.repeat([[1, 2]], 200, axis=0).repeat(4, axis=1).astype(np.int32),
    "a row": np.array([[1, 1, 0, 2, 2, 2, 1, 1]], np.int32),
    "a column": np.array([[4], [4], [4], [0], [4]], np.int32),
    "a pixel": np.array([[1]], np.int32),
    "longer than the table of steps": np.ones((6, 400), np.int32),
    "large numbers": np.array([[2**31 - 1, 2**31 - 1, 0], [7, 7, 2**31 - 1]], np.int32),
}


def slow_distance(image: Labels) -> Array:
    """Each particle by itself, with a rim around the image that is as if it went on."""
    made = np.zeros(image.shape)
    for label in np.unique(image[image > 0]):
        own = image == label
        made[own] = math.hypot(*image.shape) if own.all() else distance_transform_edt(own)[own]
    return made


def slow_rays(image: Labels) -> Array:
    height, width = image.shape
    made = np.zeros((height // 2, width // 2, 32))
    for row, column, k in np.ndindex(*made.shape):
        own = image[2 * row, 2 * column]
        angle = 2 * math.pi * k / 32
        while own:
            made[row, column, k] += 1
            x = math.floor(2 * column + 0.5 + made[row, column, k] * math.cos(angle))
            y = math.floor(2 * row + 0.5 + made[row, column, k] * math.sin(angle))
            if not (0 <= x < width and 0 <= y < height) or image[y, x] != own:
                break
    return made


def slow_centres(bodies: Array, n: int) -> Array:
    rows, columns = np.indices((n, n)) + 0.5
    made = np.zeros((n, n))
    for x, y, radius in bodies:
        sigma = max(1.0, radius / 4)
        inside = (abs(columns - x) <= 4 * sigma) & (abs(rows - y) <= 4 * sigma)
        peak = np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / (2 * sigma**2))
        made = np.maximum(made, np.where(inside & (radius > 0), peak, 0))
    return made
