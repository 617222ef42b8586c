"""Means over polar cells and Fourier-Bessel series, in NumPy and SciPy, one pixel like another."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt


def polar_coordinates(
    shape: tuple[int, ...], centre: Any
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Radius and angle in [0, 2 pi) of every pixel's middle."""
    y, x = np.mgrid[: shape[0], : shape[1]].astype(np.float64)
    x, y = x - centre[0], y - centre[1]
    return np.sqrt(x**2 + y**2), np.mod(np.arctan2(y, x), 2 * np.pi)


def polar_means(
    image: npt.NDArray[Any],
    centre: Any,
    n_radii: int,
    n_angles: int,
    radius: tuple[float, float],
    *,
    log: bool = False,
    half_turn: bool = False,
    mask: npt.NDArray[Any] | None = None,
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64]]:
    """Means and numbers of pixels, cell by cell."""
    r, angle = polar_coordinates(image.shape, centre)
    inner, outer = radius
    place = np.log(np.maximum(r, 1e-9) / inner) / np.log(outer / inner) if log else (
        (r - inner) / (outer - inner)
    )  # fmt: skip
    turn = np.pi if half_turn else 2 * np.pi
    ring = np.floor(place * n_radii)
    sector = np.floor(np.mod(angle, turn) / turn * n_angles)
    seen = (r >= inner) & (r < outer) & (True if mask is None else np.asarray(mask) > 0)
    mean, count = np.zeros((n_radii, n_angles)), np.zeros((n_radii, n_angles), np.int64)
    for i in range(n_radii):
        for j in range(n_angles):
            inside = seen & (ring == i) & (sector == j)
            count[i, j] = inside.sum()
            if count[i, j]:
                mean[i, j] = image[inside].astype(np.float64).mean()
    return mean, count
