"""Shapes of every rotational order from 1 to 6 that pose is measured with, and what is possible."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

import nanotilt as nt
from nanotilt.pose.harmonics import Harmonics, both_views

Floats = npt.NDArray[np.float64]


def turned(corners: Any, order: int) -> Floats:
    """Corners (x, y) of one part, and of its turns by 1 / order of a turn: (order * n, 2)."""
    part, parts = np.array(corners, float), []
    for turn in range(order):
        c, s = math.cos(2 * math.pi * turn / order), math.sin(2 * math.pi * turn / order)
        parts.append(part @ np.array([[c, s], [-s, c]]))
    return np.concatenate(parts)


def wheel(radii: Any, order: int) -> Floats:
    """A polygon whose corners are at these distances, in turn, at even angles."""
    n = len(radii) * order
    at = 2 * math.pi * np.arange(n) / n
    distance = np.tile(radii, order)
    return np.stack([distance * np.cos(at), distance * np.sin(at)], axis=1)


def about_its_centre(corners: Any) -> Floats:
    """Moved so that its centre of mass is the origin."""
    ring = np.array(corners, float)
    x, y = ring.T
    next_x, next_y = np.roll(x, -1), np.roll(y, -1)
    cross = x * next_y - next_x * y
    centre = [((x + next_x) * cross).sum(), ((y + next_y) * cross).sum()]
    return ring - np.array(centre) / (3 * cross.sum())


# fmt: off
POLYGONS = {  # corners in bins, and order
    "F": (about_its_centre([(-10, -18), (-3, -18), (-3, -3), (7, -3), (7, 4), (-3, 4), (-3, 11),
                            (11, 11), (11, 18), (-10, 18)]), 1),
    "L": (about_its_centre([(-12, -18), (12, -18), (12, -10), (-4, -10), (-4, 18), (-12, 18)]), 1),
    "N": (turned([(-14, -18), (-7, -18), (-7, 6), (7, -18), (14, -18)], 2), 2),
    "Z": (turned([(-13, -18), (13, -18), (13, -11), (-3, -11), (13, 11)], 2), 2),
    "notched-parallelogram": (turned([(-20, -10), (0, -10), (2, -4), (5, -10), (10, -10)], 2), 2),
    "rectangle": (turned([(-17, -9), (17, -9)], 2), 2),
    "ellipse": (wheel([1], 60) * [18, 11], 2),
    "triangle": (wheel([22], 3), 3),
    "three-arms": (turned([(20, -3), (20, 4), (5, 4)], 3), 3),
    "plus": (turned([(18, -6), (18, 6), (6, 6)], 4), 4),
    "star-5": (wheel([21, 10], 5), 5),
    "hexagon": (wheel([20], 6), 6),
    "star-6": (wheel([20, 11], 6), 6),
}
# fmt: on


def bound_without_shape(
    ring: Floats, order: int, angles: Floats, stereo_deg: float, sigma: float, places: Any
) -> float:
    """Root mean square (radians) of the bound on angles where the image must be found as well.

    Of the Fisher information of angles and image together, the block that is left for angles once
    the image's coefficients are eliminated (its Schur complement), without the turn of all pairs.
    The image has harmonics to degree 60 and the prior that `nanotilt.pose.recover` gives it.
    """
    axis, radius = (places["n_bins"] - 1) / 2, 1.05 * float(np.hypot(*ring.T).max()) + 1.5
    shape = Harmonics(places["n_bins"], axis, radius, order, 60)
    step = math.radians(stereo_deg)
    at = both_views(angles, step)
    exact = [nt.tilt_series([ring], angles_rad=at + d, **places) for d in (-2e-3, 2e-3)]
    slopes = (exact[1].astype(float) - exact[0]) / 4e-3
    free = shape.free.ravel() > 0
    phases = shape.phases(at).reshape(len(at), -1)
    met = slopes @ shape.rows.T
    shared = (phases[:, :, None] * met[:, None]).reshape(len(angles), 2, -1).sum(axis=1)[:, free]
    degrees = np.tile(np.arange(61) + 1.0, len(shape.orders) * 2)[free]
    strength = 5000.0  # in counts squared, as recover finds it for letters and stars
    known = np.kron(phases.T @ phases, shape.rows @ shape.rows.T)[np.ix_(free, free)]
    known += np.diag(sigma**2 / strength * degrees**4)
    left = np.diag((slopes**2).sum(axis=1).reshape(-1, 2).sum(axis=1))
    left -= shared @ np.linalg.solve(known, shared.T)
    common = np.full(left.shape, 1 / len(angles))
    inverse = np.linalg.inv(left + common * np.trace(left))
    centred = np.eye(len(angles)) - common
    return float(sigma * math.sqrt(np.trace(centred @ inverse @ centred) / len(angles)))
