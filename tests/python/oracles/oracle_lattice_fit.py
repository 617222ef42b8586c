"""A perfect lattice and a smooth field fitted to an image, the slow way: all columns in full."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

#: Pairs of a wave vector and its opposite: |G| is g for three, sqrt(3) g for three, 2 g for three.
HARMONICS = ((1, 0), (0, 1), (1, -1), (1, 1), (2, -1), (1, -2), (2, 0), (0, 2), (2, -2))
N_FIELD = 16


def grid(shape: tuple[int, int]) -> tuple[Array, Array]:
    """Places x and y of every pixel from the image's middle."""
    y, x = np.indices(shape).astype(float)
    return x - (shape[1] - 1) / 2, y - (shape[0] - 1) / 2


def field_columns(shape: tuple[int, int]) -> Array:
    """Products of cosines with up to three half waves along each side, (pixels, 16)."""
    y = [np.cos(np.pi * p * (np.arange(shape[0]) + 0.5) / shape[0]) for p in range(4)]
    x = [np.cos(np.pi * q * (np.arange(shape[1]) + 0.5) / shape[1]) for q in range(4)]
    return np.stack([np.outer(a, b).ravel() for a in y for b in x], axis=1)


def phases(waves: Array, shape: tuple[int, int]) -> list[Array]:
    x, y = grid(shape)
    out = []
    for h, k in HARMONICS:
        g = h * waves[0] + k * waves[1]
        out.append((g[0] * x + g[1] * y).ravel())
    return out


def columns(waves: Array, shape: tuple[int, int]) -> Array:
    harmonics = [f(p) for p in phases(waves, shape) for f in (np.cos, np.sin)]
    return np.concatenate([field_columns(shape), np.stack(harmonics, axis=1)], axis=1)


def slopes(waves: Array, coefficients: Array, shape: tuple[int, int]) -> Array:
    """Derivatives of the model in the four components of its two wave vectors."""
    x, y = grid(shape)
    out = np.zeros((x.size, 4))
    for s, ((h, k), p) in enumerate(zip(HARMONICS, phases(waves, shape), strict=True)):
        c, d = coefficients[N_FIELD + 2 * s : N_FIELD + 2 * s + 2]
        slope = -c * np.sin(p) + d * np.cos(p)
        for i, (order, at) in enumerate(((h, x), (h, y), (k, x), (k, y))):
            out[:, i] += order * slope * at.ravel()
    return out


def first_waves(image: Array, length: float) -> Array:
    """Two wave vectors at 60 degrees, where three Fourier amplitudes are largest on a fine grid."""
    x, y = grid(image.shape)
    rows, columns_ = (np.hanning(n + 2)[1:-1] for n in image.shape)
    window = np.outer(rows, columns_)
    signal = ((image - image.mean()) * window).ravel()
    best, found = -1.0, np.zeros((2, 2))
    for scale in (0.97, 0.985, 1.0, 1.015, 1.03):
        g = length / scale
        for angle in np.deg2rad(np.arange(0.0, 60.0, 2.0)):
            directions = angle + np.deg2rad([0.0, 60.0, 120.0])
            waves = g * np.stack([np.cos(directions), np.sin(directions)], axis=1)
            phase = waves[:, :1] * x.ravel() + waves[:, 1:] * y.ravel()
            power = float((np.abs(np.exp(-1j * phase) @ signal) ** 2).sum())
            if power > best:
                best, found = power, waves[:2]
    return found


def least_squares(design: Array, values: Array) -> Array:
    """Parameters of least squares, by the normal equations: the columns are far from dependent."""
    found: Array = np.linalg.solve(design.T @ design, design.T @ values)
    return found


def fit(image: Array, lattice_px: float, steps: int = 8) -> tuple[Array, Array, Array]:
    """Wave vectors in radians per pixel, the coefficients of all columns, and expected counts.

    Weighted least squares, weights 1 / (smooth field), each step with weights of the last.
    """
    counts = image.ravel().astype(float)
    waves = first_waves(image.astype(float), 4 * np.pi / np.sqrt(3) / lattice_px)
    coefficients = least_squares(columns(waves, image.shape), counts)
    for _ in range(steps):
        design = columns(waves, image.shape)
        field = design[:, :N_FIELD] @ coefficients[:N_FIELD]
        root = 1 / np.sqrt(np.maximum(field, 0.1 * counts.mean()))
        both = np.concatenate([design, slopes(waves, coefficients, image.shape)], axis=1)
        left = counts - design @ coefficients
        step = least_squares(both * root[:, None], left * root)
        reach = min(1.0, 1 / max(image.shape) / np.abs(step[-4:]).max())
        waves = waves + reach * step[-4:].reshape(2, 2)
        coefficients = coefficients + step[:-4]
    model = columns(waves, image.shape) @ coefficients
    return waves, coefficients, np.maximum(model, 0.05 * counts.mean()).reshape(image.shape)


def deformation(waves: Array, lattice_px: float) -> tuple[float, float, Array]:
    """Rotation modulo 60 degrees, scale, and the strain without trace in the image's axes."""
    perfect = 2 * np.pi / lattice_px * np.array([[1, -1 / np.sqrt(3)], [1, 1 / np.sqrt(3)]])
    matrix = np.linalg.inv(waves) @ perfect
    left, stretch, right = np.linalg.svd(matrix)
    turn = left @ right
    scale = stretch.sum() / 2
    strain = left @ np.diag(stretch) @ left.T / scale - np.eye(2)
    return float(np.arctan2(turn[1, 0], turn[0, 0]) % (np.pi / 3)), float(scale), strain


def hollow(waves: Array, coefficients: Array) -> Array:
    """The centre of threefold symmetry where the first shell is lowest, next to the middle."""
    c = coefficients[N_FIELD : N_FIELD + 6].reshape(3, 2)
    phase = np.arctan2(c[:, 1], c[:, 0])
    around = np.array([phase[0], -phase[2], -phase[1]])  # of G1, G2 - G1 and -G2
    best: tuple[float, Array] = (np.inf, np.zeros(2))
    for k in range(3):
        common = (around.sum() + 2 * np.pi * k) / 3
        if np.cos(common) < best[0]:
            best = (float(np.cos(common)), np.array([around[0] - common, common - around[2]]))
    turns = best[1] / (2 * np.pi)
    cell = np.linalg.inv(waves) * 2 * np.pi  # columns: the lattice's vectors
    near = [
        cell @ (turns - np.round(turns) + np.array([i, j])) for i in (-1, 0, 1) for j in (-1, 0, 1)
    ]
    return min(near, key=lambda r: float(r @ r))


def blur(image: Array, sigma: float) -> Array:
    """Gaussian blur with ends reflected, out to 4 sigma."""
    radius = int(4 * sigma + 0.5)
    weights = np.exp(-0.5 * (np.arange(-radius, radius + 1) / sigma) ** 2)
    weights /= weights.sum()
    for axis in (0, 1):
        wide = np.pad(
            image, [(radius, radius) if i == axis else (0, 0) for i in (0, 1)], "symmetric"
        )
        image = np.apply_along_axis(lambda row: np.convolve(row, weights, "valid"), axis, wide)
    return image


def smoothed(image: Array, model: Array, sigma: float) -> Array:
    """The residual behind the matched filter, in its standard deviations."""
    spread = np.maximum(blur(model, sigma / np.sqrt(2)), 1e-9) / (4 * np.pi * sigma**2)
    return blur(image - model, sigma) / np.sqrt(spread)
