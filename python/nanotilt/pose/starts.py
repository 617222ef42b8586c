"""Beginnings: smooth random images."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

Values = npt.NDArray[np.float32]

_N_HILLS = 12


def disc(n_pixels: int, radius: float) -> Values:
    """1 within a radius (in pixels) of the image's middle, else 0."""
    x = np.arange(n_pixels) - (n_pixels - 1) / 2
    inside: Values = (np.hypot(x[:, None], x) <= radius).astype(np.float32)
    return inside


def random_images(
    n_images: int,
    n_pixels: int,
    radius: float,
    mass: float,
    symmetry: int,
    rng: np.random.Generator,
) -> Values:
    """Sums of a dozen Gaussian hills, a quarter of the radius wide, at random places in a disc.

    Annealing decides where a start leads, not the start: of 48 for the S, hills a quarter of the
    radius wide led to the right basin 46 times, whichever they were. Each hill stands `symmetry`
    times around the middle, because what is not symmetric in a start would never be seen, and stay.
    """
    x = np.arange(n_pixels) - (n_pixels - 1) / 2
    distance = radius * np.sqrt(rng.uniform(size=(n_images, _N_HILLS, 1)))
    direction = rng.uniform(0, 2 * math.pi, size=(n_images, _N_HILLS, 1))
    height = rng.uniform(size=(n_images, _N_HILLS, 1))
    images = np.zeros((n_images, n_pixels, n_pixels))
    for turn in range(symmetry):
        at = direction + 2 * math.pi * turn / symmetry
        along = np.exp(-(((x - distance * np.cos(at)) * 4 / radius) ** 2) / 2)
        down = np.exp(-(((x + distance * np.sin(at)) * 4 / radius) ** 2) / 2)
        images += np.einsum("ihy,ihx->iyx", height * down, along)
    images *= disc(n_pixels, radius)
    images *= mass / images.sum(axis=(1, 2), keepdims=True)
    return images.astype(np.float32)
