"""Label images of discs, ellipses and polygons, for tests of segmentation and tracking."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import shapely

Labels: TypeAlias = npt.NDArray[np.int64]
Floats: TypeAlias = npt.NDArray[np.float64]


def middles(shape: tuple[int, int]) -> tuple[Floats, Floats]:
    """X and y of the pixels' middles, from the image's corner."""
    rows, columns = np.indices(shape)
    return np.asarray(columns + 0.5, np.float64), np.asarray(rows + 0.5, np.float64)


def inside(outline: shapely.Polygon, shape: tuple[int, int]) -> npt.NDArray[np.bool_]:
    """Pixels whose middle is inside an outline."""
    shapely.prepare(outline)
    return np.asarray(shapely.contains_xy(outline, *middles(shape)))


def random_discs(
    rng: np.random.Generator, n: int, size: int = 128, radius: tuple[float, float] = (3, 8)
) -> tuple[Labels, Floats]:
    """N discs, later ones over earlier ones, and their depth: 1 in the middle, 0 at the rim."""
    x, y = middles((size, size))
    labels, depth = np.zeros((size, size), np.int64), np.zeros((size, size))
    for k in range(n):
        r = rng.uniform(*radius)
        at = rng.uniform(0, size, 2)
        of_disc = 1 - np.hypot(x - at[0], y - at[1]) / r
        over = of_disc > depth
        labels[over], depth[over] = k + 1, of_disc[over]
    return labels, depth


def apart(size: int = 96, radius: float = 6, step: int = 16) -> tuple[Labels, Floats]:
    """Discs on a square grid, which neither touch each other nor the rim, and their depth."""
    x, y = middles((size, size))
    n = size // step
    column, row = (x // step).astype(int), (y // step).astype(int)
    depth = 1 - np.hypot(x % step - step / 2, y % step - step / 2) / radius
    labels = np.where(depth > 0, row * n + column + 1, 0)
    return labels, np.maximum(depth, 0)


def damaged(rng: np.random.Generator, labels: Labels) -> Labels:
    """What a poor network makes of it: moved by a pixel, particles merged, lost and invented."""
    found = np.roll(labels, rng.integers(-1, 2, 2), (0, 1))
    numbers = np.unique(found)[1:]
    for number in numbers[rng.random(len(numbers)) < 0.15]:
        found[found == number] = 0
    for number in numbers[rng.random(len(numbers)) < 0.15]:
        found[found == number] = rng.choice(numbers)
    extra, _ = random_discs(rng, 4, len(labels))
    free = (found == 0) & (extra > 0)
    found[free] = extra[free] + labels.max() + 1
    return found
