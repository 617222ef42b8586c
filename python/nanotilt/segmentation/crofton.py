"""Perimeters of particles in a label image, by Crofton's formula."""

from __future__ import annotations

import math

import numpy as np

from nanotilt.segmentation._arguments import Floats, Labels

_KNIGHT = math.atan(0.5)

DIRECTIONS = (
    *((dx, dy, _KNIGHT) for dx, dy in ((1, 0), (0, 1))),
    *((dx, dy, math.pi / 8) for dx, dy in ((2, 1), (1, 2), (-1, 2), (-2, 1))),
    *((dx, dy, math.pi / 4 - _KNIGHT) for dx, dy in ((1, 1), (-1, 1))),
)
"""Steps along the lines of each direction, and the angle that the direction stands for: from the
middle between it and one neighbour to the middle between it and the other; half a turn in all."""

LOST = 0.41
"""Share of the perimeter, times the area in pixels, that lines with steps longer than a pixel miss:
measured on discs, ellipses and capsules of 3 to 40 pixels' radius."""


def perimeters(labels: Labels, areas: Floats) -> Floats:
    """Perimeter of each particle, in pixels.

    The length of a curve is half the integral, over all straight lines, of how often they meet it
    (Crofton 1868). Here the lines are those through pixels' middles in eight directions; where two
    pixels that follow each other on a line differ, it meets the outlines of both. With four
    directions, as in scikit-image, the perimeters of rods and polygons scatter twice as much.

    Args:
        labels: (height, width) numbers of particles from 1; 0 is background. All must be there.
        areas: (n,) pixels of each.
    """
    padded = np.pad(labels, 2)
    height, width = padded.shape
    met = np.zeros(len(areas) + 1)
    for dx, dy, angle in DIRECTIONS:
        x = max(dx, 0), max(-dx, 0)  # where the later and the earlier pixels of the steps begin
        later = padded[dy:, x[0] : width - x[1]]
        earlier = padded[: height - dy, x[1] : width - x[0]]
        differ = earlier != later
        meetings = np.bincount(np.concatenate([earlier[differ], later[differ]]), minlength=len(met))
        apart = 1 / math.hypot(dx, dy)
        met += 0.5 * angle * apart * meetings
    lengths: Floats = met[1:] * (1 + LOST / areas)
    return lengths
