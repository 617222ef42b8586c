"""Provisional orientations of top-down images, from stereo pairs alone: no labels, no training.

A network that is to learn orientations from stereo pairs (Laurie 2024, the Difference Model) often
ends up answering one angle for all images. Pretrained on provisional angles it does not. They come
from the images' likenesses: images of one shape, seen from above at all orientations, lie on a
closed curve, and a diffusion map finds the angle along it (Coifman, Shkolnisky, Sigworth & Singer
2008, "Graph Laplacian tomography from unknown random projections"). NumPy is all it needs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from nanotilt._base import checks as check
from nanotilt._base.arrays import finite_array, same_contents
from nanotilt._base.symmetry import checked_order, stereo_angle_rad

Floats = npt.NDArray[np.floating[Any]]

_RADII = np.linspace(0.15, 1.2, 12)
"""In units of the square root of the shape's area: from its inside to beyond a square's corners."""

_FEWEST_ANGLES = 180
"""Directions around the centre of mass, before those that the symmetry makes alike are averaged."""

_NEIGHBOUR = 30
"""The distance to the neighbour of this rank is the kernel's width at an image."""

_N_EIGENVECTORS = 8
"""Leading eigenvectors among which the pair that tells the angle is looked for."""

_FEWEST_PAIRS = 32

_SMALLEST_WEIGHT = 1e-12
"""Smaller weights of the kernel count as 0: numbers too small for float32's normal range would make
products of matrices ten times slower."""


@dataclass(frozen=True, eq=False)
class ProvisionalAngles:
    """Orientations up to one angle that all share.

    Args:
        first_rad: (n_pairs,) float64, of the first images, in [0, 2 pi / symmetry) radians.
        second_rad: (n_pairs,) float64, of the second images.
        resultant_length: How well the steps from first to second agree with the known one: the
            mean cosine of symmetry x (step - stereo angle), 1 where they agree everywhere. Squares
            give 0.99; where it is far below, the angles are not to be trusted.
    """

    first_rad: npt.NDArray[np.float64]
    second_rad: npt.NDArray[np.float64]
    resultant_length: float

    def __eq__(self, other: object) -> bool:
        return same_contents(self, other)


def provisional_angles(
    first: npt.ArrayLike, second: npt.ArrayLike, *, stereo_deg: float, symmetry: int
) -> ProvisionalAngles:
    """Orientations of stereo pairs of top-down images, found by a diffusion map.

    1. Each image is resampled to polar coordinates about its centre of mass, with radii in units of
       the square root of its area, so that place and size drop out; directions that the symmetry
       makes alike are averaged.
    2. First and second images together become the nodes of a graph; a diffusion map, with the
       density of the nodes divided out, gives its slowest eigenvectors.
    3. For each two of them the angle of (one, other) is a candidate. The one whose step from first
       to second image agrees best with ``symmetry * stereo_deg`` is taken.

    The time and memory go with the square of the number of pairs: 1,500 take some seconds and
    200 MB.

    Args:
        first: (n_pairs, height, width) images, the background at 0 and the shape above it; negative
            values count as 0, booleans are 0 and 1. At least 32, at orientations from all of a
            period.
        second: (n_pairs, height, width), the same shapes turned by the stereo angle.
        stereo_deg: Angle from first to second image, in degrees. At half of 360 / symmetry the
            direction of turning cannot be known, and the angles may run backwards.
        symmetry: The shape's rotational order: 4 for a square.

    Returns:
        The angles of both images of each pair, and how well they agree with the stereo angle.

    Raises:
        TypeError: An argument is of the wrong kind.
        ValueError: An argument has a wrong value; an image is empty.
    """
    symmetry = checked_order(symmetry)
    step = symmetry * stereo_angle_rad(stereo_deg, symmetry)
    images = _checked_pairs(first, second)
    vectors = _diffusion_map(_polar(images, symmetry), _N_EIGENVECTORS)
    phase, agreement = _best_phase(vectors, step)
    angles = np.mod(phase, 2 * np.pi) / symmetry
    angles[angles >= 2 * np.pi / symmetry] = 0.0  # rounding up of what is just below 0
    n = len(images) // 2
    return ProvisionalAngles(angles[:n], angles[n:], agreement)


def _checked_pairs(first: Any, second: Any) -> Floats:
    """First, then second images: (2 n_pairs, height, width) float32, nothing below 0."""
    pair = [
        finite_array(field, images, np.float32, booleans=True)
        for field, images in (("first", first), ("second", second))
    ]
    if pair[0].ndim != 3 or pair[0].shape != pair[1].shape or len(pair[0]) < _FEWEST_PAIRS:
        raise ValueError(
            f"first and second must have the same shape (n_pairs, height, width), n_pairs >= "
            f"{_FEWEST_PAIRS}. {check.received('first.shape', pair[0].shape)}, "
            f"second.shape={pair[1].shape}"
        )
    images: Floats = np.maximum(np.concatenate(pair), 0)
    empty = np.flatnonzero(~images.any(axis=(1, 2)))
    if empty.size:
        field, i = ("first", empty[0]) if empty[0] < len(pair[0]) else ("second", empty[0])
        raise ValueError(
            f"{field}[{i % len(pair[0])}] must have pixels above 0. "
            f"Received: {empty.size} images without"
        )
    # Nothing below depends on an image's brightness, but squares of 1e20 overflow, and those of
    # 1e-30 vanish. By powers of two, no digit changes.
    _, exponent = np.frexp(images.max(axis=(1, 2), keepdims=True))
    normalised: Floats = np.ldexp(images, -exponent)
    return normalised


def _polar(images: Floats, symmetry: int) -> Floats:
    """Images around their centres of mass: (n, radii x directions within a period) float32."""
    n, height, width = images.shape
    rows, columns = np.arange(height, dtype=np.float32), np.arange(width, dtype=np.float32)
    mass = images.sum(axis=(1, 2))
    middle_row = images.sum(axis=2) @ rows / mass
    middle_column = images.sum(axis=1) @ columns / mass
    # The area of a shape of even brightness, whatever the brightness.
    size = mass / np.sqrt((images**2).sum(axis=(1, 2)))
    per_period = -(-_FEWEST_ANGLES // symmetry)
    direction = 2 * np.pi * np.arange(symmetry * per_period) / (symmetry * per_period)
    found = np.empty((n, len(_RADII), per_period), np.float32)
    for i, image in enumerate(images):
        radius = size[i] * _RADII[:, None]
        values = _interpolated(
            image,
            middle_row[i] - radius * np.sin(direction),  # rows run downwards
            middle_column[i] + radius * np.cos(direction),
        )
        found[i] = values.reshape(len(_RADII), symmetry, per_period).mean(axis=1) / image.max()
    return found.reshape(n, -1)


def _interpolated(image: Floats, row: Floats, column: Floats) -> Floats:
    """The image's values between pixels, bilinear; 0 outside."""
    height, width = image.shape
    padded = np.pad(image, 1)
    row, column = np.clip(row + 1, 0, height + 0.999), np.clip(column + 1, 0, width + 0.999)
    top, left = row.astype(int), column.astype(int)
    down, right = row - top, column - left
    upper = padded[top, left] * (1 - right) + padded[top, left + 1] * right
    lower = padded[top + 1, left] * (1 - right) + padded[top + 1, left + 1] * right
    values: Floats = upper * (1 - down) + lower * down
    return values


def _diffusion_map(points: Floats, n_vectors: int) -> Floats:
    """Slowest eigenvectors of diffusion on the points, without the constant one: (n, n_vectors).

    The kernel is exp(-d^2 / sqrt(s_i s_j)), d being the distance of two points and s_i the squared
    distance of point i to its 30th neighbour. It is divided by the density of points at both ends
    (Coifman & Lafon 2006), so that the vectors tell of the curve and not of how often it was seen.
    """
    squares = np.einsum("ij,ij->i", points, points)
    kernel = points @ points.T
    kernel *= -2
    kernel += squares[:, None]
    kernel += squares
    np.maximum(kernel, 0, out=kernel)
    width = np.sqrt(np.partition(kernel, _NEIGHBOUR, axis=1)[:, _NEIGHBOUR])
    width = np.maximum(width, np.finfo(np.float32).tiny)
    kernel /= -width[:, None]
    kernel /= width
    np.exp(kernel, out=kernel)
    kernel[kernel < _SMALLEST_WEIGHT] = 0
    for power in (1.0, 0.5):  # out goes the density; then rows as of a chance to move, symmetric
        share = kernel.sum(axis=1) ** -power
        kernel *= share[:, None]
        kernel *= share
    vectors = _leading_eigenvectors(kernel, n_vectors + 1) * share[:, None]
    slowest: Floats = vectors[:, 1:] / np.sqrt((vectors[:, 1:] ** 2).mean(axis=0))
    return slowest


def _leading_eigenvectors(matrix: Floats, n_vectors: int) -> Floats:
    """Of a symmetric matrix with eigenvalues within [-1, 1], the largest first.

    Subspace iteration with Chebyshev polynomials in place of powers (Zhou & Saad 2007): degree 12
    enlarges 0.99 against 0.9 as much as the 40th power would.
    """
    block = np.random.default_rng(0).standard_normal((len(matrix), 3 * n_vectors))
    block = np.linalg.qr(block)[0].astype(matrix.dtype)
    edge = 0.5  # eigenvalues within [-edge, edge] are not enlarged
    for _ in range(6):
        before, now = block, matrix @ block / edge
        for _ in range(11):
            before, now = now, 2 / edge * (matrix @ now) - before
            scale = np.abs(now).max()
            before, now = before / scale, now / scale
        block = np.linalg.qr(now)[0]
        values, turn = np.linalg.eigh(block.T @ (matrix @ block))
        block = block @ turn[:, ::-1]
        edge = min(max(0.3, float(values[0])), 0.9)
    found: Floats = block[:, :n_vectors].astype(np.float64)
    return found


def _best_phase(vectors: Floats, step: float) -> tuple[npt.NDArray[np.float64], float]:
    """The angle of the pair of vectors that steps best from first to second half, and how well."""
    n = len(vectors) // 2
    best, highest = np.zeros(len(vectors)), -np.inf
    for a in range(vectors.shape[1]):
        for b in range(a):
            phase = np.arctan2(vectors[:, a], vectors[:, b])
            for turned in (phase, -phase):
                agreement = float(np.cos(turned[n:] - turned[:n] - step).mean())
                if agreement > highest:
                    best, highest = turned, agreement
    return best, highest
