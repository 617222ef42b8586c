"""Feret diameters: distances of parallel tangents at the outline that given pixels come from."""

from __future__ import annotations

import math

import numpy as np

from nanotilt.segmentation._arguments import Floats

N_DIRECTIONS = 180
"""Directions within half a turn, besides those of the axes."""

OUTERMOST_FOR_MAX = 6
"""Pixels at each end that the largest diameter is told by: few, since the ends may be corners."""

OUTERMOST_FOR_MIN = 1.5
"""The same for the smallest, times the root of the area. Many, because the smallest of 180 widths
is the one whose errors are most negative; sides are rarely sharper than those of a disc."""

_AT_ONCE = 2**20


def diameters(points: Floats, orientation_rad: float) -> tuple[float, float]:
    """Largest and smallest Feret diameter of the outline around pixels' middles, in pixels.

    The outermost middles lie inside the outline, up to a pixel. So the outline's reach in a
    direction is extrapolated: near a smooth end, the area beyond the depth h is proportional to
    h^(3/2), and holds as many pixels; so the i-th outermost middle (i = 0, 1, ...) is expected
    at a depth proportional to (i + 1/2)^(2/3), and a straight line through the first few,
    by least squares, gives the reach at depth 0. (Pixels' corners instead give 0.2 to 0.9 pixels
    too much.)

    Args:
        points: (n, 2) x and y of the pixels' middles, n >= 1.
        orientation_rad: Angle of the long axis, tried as well.
    """
    turn = np.arange(N_DIRECTIONS) * (math.pi / N_DIRECTIONS)
    turn = np.append(turn, [orientation_rad, orientation_rad + math.pi / 2])
    n = len(points)
    few = min(OUTERMOST_FOR_MAX, n)
    many = min(max(few, int(OUTERMOST_FOR_MIN * math.sqrt(n))), n)
    largest, smallest = 0.0, math.inf
    step = max(_AT_ONCE // n, 1)
    for start in range(0, len(turn), step):
        angles = turn[start : start + step]
        along = points @ np.stack([np.cos(angles), np.sin(angles)])
        outer, inner = _outermost(along, many), _outermost(-along, many)
        largest = max(largest, float((_reach(outer[:few]) + _reach(inner[:few])).max()))
        smallest = min(smallest, float((_reach(outer) + _reach(inner)).min()))
    # No outline of this area is narrower than a disc everywhere, or wider than it everywhere.
    disc = math.sqrt(4 / math.pi * n)
    return max(largest, disc), min(max(smallest, 1.0), max(largest, disc))


def _outermost(along: Floats, number: int) -> Floats:
    """The largest of each column, in falling order."""
    rest = len(along) - number
    part = along if rest == 0 else np.partition(along, rest, axis=0)[rest:]
    return np.sort(part, axis=0)[::-1]


def _reach(outermost: Floats) -> Floats:
    """How far the outline reaches beyond the middles, from their falling places."""
    depth = (np.arange(len(outermost)) + 0.5) ** (2 / 3)
    mean = outermost.mean(axis=0)
    centred = depth - depth.mean()
    spread = float((centred**2).sum())
    if spread == 0:
        return np.asarray(mean + 0.5)
    slope = centred @ (outermost - mean) / spread
    reach = mean - slope * depth.mean()
    # Beyond the outermost middle, and within its pixel.
    return np.asarray(np.clip(reach, outermost[0], outermost[0] + math.sqrt(0.5)))
