"""Radial functions and waves that Fourier-Bessel series on a disc are made of."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from nanotilt import _core

Floats = npt.NDArray[np.float64]


def order_of_parts(orders: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Which order each part of coefficients is of: real ones of all, imaginary ones above 0."""
    numbers = np.arange(len(orders))
    return np.concatenate([numbers, numbers[orders > 0]])


def overlap_of_waves(cosines: Floats, sines: Floats, orders: npt.NDArray[Any]) -> Floats:
    """Sums of products of waves, (nodes, parts, parts), by sums (nodes, 2 orders - 1) of waves.

    Waves that parts are multiplied with are 1, 2 cos(m angle) and -2 sin(m angle).
    """
    i = np.arange(len(orders))
    above = i[:, None] + i
    apart = i[:, None] - i
    near, far = cosines[:, np.abs(apart)], cosines[:, above]
    cos_sin = (sines[:, above] - np.sign(apart) * sines[:, np.abs(apart)]) / 2
    waves = np.block([[(near + far) / 2, cos_sin], [cos_sin.transpose(0, 2, 1), (near - far) / 2]])
    kept = np.concatenate([np.ones(len(orders), bool), orders > 0])
    factor = np.concatenate([np.where(orders > 0, 2, 1), np.full(len(orders), -2)])[kept]
    made: Floats = waves[:, kept][:, :, kept] * factor * factor[:, None]
    return made


def wave_means(n_angles: int, orders: npt.NDArray[Any], half_turn: bool) -> Floats:
    """(n_angles, parts): means over cells of what parts of coefficients are multiplied with."""
    step = (math.pi if half_turn else 2 * math.pi) / n_angles
    middle = (np.arange(n_angles) + 0.5) * step
    m = orders.astype(np.float64)
    flat = np.sinc(m * step / (2 * np.pi))
    cosines = np.where(m > 0, 2, 1) * flat * np.cos(middle[:, None] * m)
    sines = -2 * flat * np.sin(middle[:, None] * m)
    return np.concatenate([cosines, sines[:, m > 0]], axis=1)


def radial_functions(r: Floats, n: int, orders: npt.NDArray[Any]) -> Floats:
    """(orders, len(r), n) radial functions of a disc of radius 1."""
    m_max = int(orders[-1])
    zeros = _core.bessel_zeros(m_max, n)
    step = 0.02
    grid = np.arange(int(zeros[orders].max() / step) + 2) * step
    values = np.array([_core.bessel_j(float(x), m_max + 1) for x in grid])
    made = np.empty((len(orders), len(r), n))
    for i, m in enumerate(orders):
        above = values[:, m + 1]
        below = values[:, m - 1] if m > 0 else -above
        slope = (below - above) / 2 * step
        height = values[:, m]
        for k, zero in enumerate(zeros[m]):
            end = _core.bessel_j(float(zero), m + 1)[m + 1]
            made[i, :, k] = _hermite(height, slope, zero * r / step) / (end * math.sqrt(math.pi))
    return made


def _hermite(height: Floats, slope: Floats, x: Floats) -> Floats:
    """Cubic between whole places x, by heights and slopes there."""
    whole = x.astype(np.int64)
    t = x - whole
    low, high = height[whole], height[whole + 1]
    from_low, to_high = slope[whole], slope[whole + 1]
    bend = 3 * (high - low) - 2 * from_low - to_high
    twist = 2 * (low - high) + from_low + to_high
    made: Floats = low + t * (from_low + t * (bend + t * twist))
    return made
