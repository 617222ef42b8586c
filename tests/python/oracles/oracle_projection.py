"""Projection of polygons in float64.

The even-odd rule by sorting, and exact bins by cutting at every event.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Floats: TypeAlias = npt.NDArray[np.float64]


def turned(ring: npt.ArrayLike, angle: float, about: tuple[float, float] = (0.0, 0.0)) -> Floats:
    """(x, y) -> (x cos a + y sin a, y cos a - x sin a) about a point."""
    x, y = (np.asarray(ring, dtype=np.float64) - about).T
    c, s = math.cos(angle), math.sin(angle)
    return np.stack([x * c + y * s, y * c - x * s], axis=-1) + about


def edges_of(ring: npt.ArrayLike) -> tuple[Floats, Floats, Floats, Floats]:
    """Ends (xa, ya), (xb, yb) of all edges, the closing one included."""
    a = np.asarray(ring, dtype=np.float64)
    b = np.roll(a, -1, axis=0)
    return a[:, 0], a[:, 1], b[:, 0], b[:, 1]


def ray_thickness(ring: npt.ArrayLike, x: npt.ArrayLike) -> Floats:
    """Thickness along +y at each x: hits sorted, alternate differences summed.

    An edge is hit (Sullivan 2020, eq. 7) when x lies in the half-open interval between its ends, so
    a shared corner counts once, a vertical edge never.
    """
    xa, ya, xb, yb = edges_of(ring)
    at = np.asarray(x, dtype=np.float64)[:, None]
    hit = (np.minimum(xa, xb) <= at) & (at < np.maximum(xa, xb))
    with np.errstate(divide="ignore", invalid="ignore"):
        y = np.where(hit, ya + (at - xa) / (xb - xa) * (yb - ya), np.nan)
    y = np.sort(y, axis=1)  # NaN, no hit, comes last
    if y.shape[1] % 2:
        y = np.pad(y, ((0, 0), (0, 1)), constant_values=np.nan)
    result: Floats = np.nansum(y[:, 1::2] - y[:, ::2], axis=1)
    return result


def crossings_of(ring: npt.ArrayLike) -> Floats:
    """X of all points where two edges cross."""
    xa, ya, xb, yb = edges_of(ring)
    dx, dy = xb - xa, yb - ya
    cross = np.subtract.outer  # [i, j] = first[i] - second[j]
    ex, ey = -cross(xa, xa), -cross(ya, ya)  # from edge i's start to edge j's
    determinant = np.outer(dx, dy) - np.outer(dy, dx)
    with np.errstate(divide="ignore", invalid="ignore"):
        on_i = (ex * dy - ey * dx) / determinant
        on_j = (ex * dy[:, None] - ey * dx[:, None]) / determinant
    inside = (determinant != 0) & (on_i >= 0) & (on_i <= 1) & (on_j >= 0) & (on_j <= 1)
    i, _ = np.nonzero(inside)
    return np.asarray(xa[i] + on_i[inside] * dx[i])


def bin_thickness(ring: npt.ArrayLike, edges: Floats) -> Floats:
    """Mean thickness over each bin between neighbouring `edges`.

    Between corners, crossings and bin edges thickness is linear in x, so that its value in the
    middle is its mean.
    """
    events = np.concatenate([np.asarray(ring)[:, 0], crossings_of(ring), edges])
    events = np.unique(np.clip(events, edges[0], edges[-1]))
    middle = (events[1:] + events[:-1]) / 2
    area = ray_thickness(ring, middle) * np.diff(events)
    bins = np.searchsorted(edges, middle) - 1
    return np.bincount(bins, weights=area, minlength=len(edges) - 1) / np.diff(edges)


def corner_tolerance(ring: npt.ArrayLike, x: npt.ArrayLike, corner_error: float) -> Floats:
    """How much thickness can change when every corner moves by `corner_error`.

    An edge within reach of a ray moves its hit by corner_error * (1 + |slope|), and never by more
    than the edge is high.
    """
    xa, ya, xb, yb = edges_of(ring)
    at = np.asarray(x, dtype=np.float64)[:, None]
    reach = (np.minimum(xa, xb) - corner_error <= at) & (at <= np.maximum(xa, xb) + corner_error)
    with np.errstate(divide="ignore", invalid="ignore"):
        slope = np.abs((yb - ya) / (xb - xa))
    move = np.minimum(2 * corner_error * np.nan_to_num(slope, posinf=1e30), np.abs(yb - ya))
    tolerance: Floats = (reach * (move + 2 * corner_error)).sum(axis=1)
    return tolerance


def thickness(
    rings: Sequence[npt.ArrayLike],
    densities: Sequence[float],
    angle: float,
    x: Floats,
    about: tuple[float, float] = (0.0, 0.0),
) -> Floats:
    """Ray thickness of several rings with densities, turned."""
    total = np.zeros(len(x))
    for ring, density in zip(rings, densities, strict=True):
        total += density * ray_thickness(turned(ring, angle, about), x)
    return total
