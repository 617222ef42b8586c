"""Label images of particles, and outlines whose sizes and shapes are known exactly."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import shapely
from shapely import affinity

from nanotilt.segmentation import measure

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


Make: TypeAlias = Callable[[np.random.Generator, float], shapely.Polygon]


def turned(rng: np.random.Generator, outline: shapely.Polygon) -> shapely.Polygon:
    return affinity.rotate(outline, rng.uniform(0, 360), origin=(0, 0))


def ellipse(rng: np.random.Generator, radius: float) -> shapely.Polygon:
    stretch = math.sqrt(rng.uniform(1, 2))
    disc = shapely.Point(0, 0).buffer(1, 64)
    return turned(rng, affinity.scale(disc, radius * stretch, radius / stretch))


def rod(rng: np.random.Generator, radius: float) -> shapely.Polygon:
    half = 0.7 * radius * (rng.uniform(2, 4) - 1)
    return turned(rng, shapely.LineString([(-half, 0), (half, 0)]).buffer(0.7 * radius, 64))


def polygon(rng: np.random.Generator, radius: float) -> shapely.Polygon:
    turns = 2 * np.pi * np.arange(n := rng.integers(4, 9)) / n
    return turned(rng, shapely.Polygon(radius * np.stack([np.cos(turns), np.sin(turns)], 1)))


MAKES: dict[str, Make] = {"ellipse": ellipse, "rod": rod, "polygon": polygon}
KINDS = tuple(MAKES)
RADII = (3, 5, 10, 20)


def expected(outline: shapely.Polygon) -> dict[str, float]:
    """By shapely, and the moments of polygons (Bourke)."""
    x, y = np.array(outline.exterior.coords).T
    x, y = x - outline.centroid.x, y - outline.centroid.y
    (x0, x1), (y0, y1) = (x[:-1], x[1:]), (y[:-1], y[1:])
    cross = x0 * y1 - x1 * y0
    area = cross.sum() / 2
    xx = (cross * (x0**2 + x0 * x1 + x1**2)).sum() / 12 / area
    yy = (cross * (y0**2 + y0 * y1 + y1**2)).sum() / 12 / area
    xy = (cross * (x0 * y1 + 2 * x0 * y0 + 2 * x1 * y1 + x1 * y0)).sum() / 24 / area
    (small, large), axes = np.linalg.eigh([[xx, xy], [xy, yy]])
    corners = np.array(outline.convex_hull.exterior.coords)
    edges = np.diff(corners, axis=0)
    normals = edges[:, ::-1] * [1, -1] / np.hypot(*edges.T)[:, None]
    return {
        "x": outline.centroid.x,
        "y": outline.centroid.y,
        "area": outline.area,
        "diameter": math.sqrt(4 * outline.area / math.pi),
        "major": 4 * math.sqrt(large),
        "minor": 4 * math.sqrt(small),
        "orientation_rad": math.atan2(axes[1, 1], axes[0, 1]),
        "perimeter": outline.length,
        "circularity": 4 * math.pi * outline.area / outline.length**2,
        "feret_max": max(float(np.hypot(*(corners - corner).T).max()) for corner in corners),
        "feret_min": float(np.ptp(corners @ normals.T, axis=0).min()),
    }


@cache
def measured(kind: str, radius: float) -> tuple[dict[str, Floats], dict[str, Floats]]:
    """What is measured of many particles, and the truth, by column."""
    rng = np.random.default_rng([round(radius), len(kind)])
    side = math.ceil(7 * radius) + 6
    rows: list[Any] = []
    truths = []
    for _ in range(100):
        at = side / 2 + rng.uniform(0, 1, 2)
        outline = affinity.translate(MAKES[kind](rng, radius), *at)
        rows.append(measure(inside(outline, (side, side)))[0])
        truths.append(expected(outline))
    names = list(truths[0])
    return (
        {name: np.array([row[name] for row in rows]) for name in names},
        {name: np.array([truth[name] for truth in truths]) for name in names},
    )
