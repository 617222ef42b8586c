"""Particles as pictures: the density of self-crossing rings that overlap, point by point."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

SUPERSAMPLING = 2
"""Points per pixel and axis; their mean smooths the edges."""

Rings = Sequence[tuple[npt.NDArray[np.float32], float]]


def density_image(rings: Rings, half_width: float, n_pixels: int = 240) -> npt.NDArray[np.float64]:
    """The density of a particle on a square grid around the origin.

    A ring counts where a line to the outside crosses it an odd number of times (even-odd rule),
    with its density; rings add up.

    Args:
        rings: (ring, density) pairs, rings (n, 2), closed implicitly: what `Recipe.particle` gives.
        half_width: The grid covers x and y from -half_width to half_width.
        n_pixels: Pixels along each side.

    Returns:
        (n_pixels, n_pixels) float64; rows from the lowest y to the highest.
    """
    n = n_pixels * SUPERSAMPLING
    total = np.zeros((n, n))
    for ring, density in rings:
        total += density * _inside(np.asarray(ring, dtype=np.float64), half_width, n)
    shape = (n_pixels, SUPERSAMPLING, n_pixels, SUPERSAMPLING)
    image: npt.NDArray[np.float64] = total.reshape(shape).mean(axis=(1, 3))
    return image


def _inside(ring: npt.NDArray[np.float64], half_width: float, n: int) -> npt.NDArray[np.bool_]:
    """(n, n) grid points, rows along y: whether they lie within the ring (even-odd rule)."""
    step = 2.0 * half_width / n
    x = -half_width + (np.arange(n) + 0.5) * step
    start, end = ring, np.roll(ring, -1, axis=0)
    low = np.minimum(start[:, 0], end[:, 0])[:, None]
    high = np.maximum(start[:, 0], end[:, 0])[:, None]
    edge, column = np.nonzero((low <= x) & (x < high))  # half-open: a shared corner counts once
    slope = (end[edge, 1] - start[edge, 1]) / (end[edge, 0] - start[edge, 0])
    y = start[edge, 1] + (x[column] - start[edge, 0]) * slope
    first_row_above = np.clip(np.ceil((y + half_width) / step - 0.5), 0, n).astype(np.intp)
    crossings = np.zeros((n + 1, n), dtype=np.int64)
    np.add.at(crossings, (first_row_above, column), 1)
    odd: npt.NDArray[np.bool_] = np.cumsum(crossings, axis=0)[:n] % 2 == 1
    return odd


def material_image(
    density: npt.NDArray[np.float64],
    largest: float,
    colour: tuple[float, float, float],
    negative_colour: tuple[float, float, float],
) -> npt.NDArray[np.float64]:
    """Density as a see-through picture, which any background suits: the denser, the more opaque.

    Args:
        density: (n, n).
        largest: Density, > 0, that is drawn darkest, nearly opaque.
        colour: Red, green, blue in [0, 1] where density is positive.
        negative_colour: The same where it is negative.

    Returns:
        (n, n, 4) red, green, blue, opacity in [0, 1].
    """
    image = np.empty((*density.shape, 4))
    image[..., :3] = np.where((density >= 0)[..., None], colour, negative_colour)
    image[..., 3] = np.minimum(np.abs(density) / largest, 1.0) * 0.85
    return image
