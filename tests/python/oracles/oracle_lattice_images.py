"""Images of atoms, summed atom by atom in NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

PIXEL_A = 0.3125
GRAPHENE_A = 2.46


def lattice_matrix(rotation_rad: float, scale: float, strain: tuple[float, float]) -> Array:
    """Rotation times (1 + strain) times scale; the strain in the crystal's axes."""
    c, s = np.cos(rotation_rad), np.sin(rotation_rad)
    e1, e2 = strain
    strained: Array = np.array([[c, -s], [s, c]]) @ np.array([[1 + e1, e2], [e2, 1 - e1]])
    return scale * strained


def expected_counts(
    n_pixels: int,
    *,
    constant_a: float = GRAPHENE_A,
    pixel_a: float = PIXEL_A,
    origin: tuple[float, float] = (20.3, 25.8),
    matrix: Array | None = None,
    amplitudes: tuple[float, float] = (1.0, 1.0),
    probe_a: float = 0.47,
    per_atom: float = 64.0,
    background: float = 0.25,
    removed: int = 0,
) -> Array:
    """Counts of a lattice, site A at `origin` (pixels): atoms are Gaussians of volume `per_atom`.

    `removed`: how many of the atoms at the sites next to the origin are missing, from A itself on.
    """
    matrix = np.eye(2) if matrix is None else matrix
    reach = int(2 * n_pixels * pixel_a / constant_a) + 4
    m, n = np.meshgrid(*[np.arange(-reach, reach + 1)] * 2)
    cells = np.stack([m + 0.5 * n, np.sqrt(0.75) * n], -1).reshape(-1, 2) * constant_a
    image = np.full((n_pixels, n_pixels), background * per_atom * pixel_a**2 / 2.62)
    y, x = np.indices(image.shape)
    width = probe_a / pixel_a
    shift = np.array([0.5, 0.5 / np.sqrt(3)]) * constant_a
    for amplitude, basis in zip(amplitudes, (np.zeros(2), shift), strict=True):
        places = (cells + basis) @ matrix.T / pixel_a + origin
        near = (np.abs(places - (n_pixels - 1) / 2) < n_pixels / 2 + 6 * width).all(axis=1)
        kept = places[near]
        if basis[0] == 0 and removed:
            order = np.argsort(((kept - origin) ** 2).sum(axis=1))
            kept = kept[order[removed:]]
        across = np.exp(-0.5 * ((x[0] - kept[:, :1]) / width) ** 2)
        down = np.exp(-0.5 * ((y[:, 0] - kept[:, 1:]) / width) ** 2)
        image = image + amplitude * per_atom / (2 * np.pi * width**2) * down.T @ across
    return image


def random_counts(seed: int, n: int, n_pixels: int = 48, **changes: Any) -> tuple[Array, Array]:
    """Images of counts of lattices placed, turned and strained at random; the matrices."""
    rng = np.random.default_rng(seed)
    images, matrices = [], []
    for _ in range(n):
        strain = (float(rng.normal(0, 0.005)), float(rng.normal(0, 0.005)))
        matrix = lattice_matrix(rng.uniform(0, 2 * np.pi), 1 + rng.normal(0, 0.01), strain)
        x, y = rng.uniform(10, n_pixels - 11, 2)
        expected = expected_counts(n_pixels, origin=(x, y), matrix=matrix, **changes)
        images.append(rng.poisson(expected))
        matrices.append(matrix)
    return np.array(images, np.float32), np.array(matrices)
