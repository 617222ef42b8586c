"""One polygon seen from many angles, without nanotilt: in NumPy, and as an image through radon.

All of them give what ``nanotilt.project`` gives, (n_angles, n_bins), rays at ``LOWER + BIN * k``.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from nanotilt._base.optional import needed_for

N_BINS = 256
BIN = 3 / N_BINS
LOWER = -1.5
UPPER = LOWER + BIN * (N_BINS - 1)
"""The rays are the columns of an image of 256 x 256 pixels whose pixel 128 is the origin."""

FloatArray = npt.NDArray[np.float32]


def polygon(n_corners: int) -> FloatArray:
    """A wavy ring around the origin that does not cross itself, (n_corners, 2)."""
    angle = np.linspace(0, 2 * np.pi, n_corners, endpoint=False)
    radius = 1 + 0.1 * np.cos(5 * angle) + 0.05 * np.sin(11 * angle)
    ring = np.stack([radius * np.sin(angle), radius * np.cos(angle)], axis=1)
    return ring.astype(np.float32)


def half_turn(n_angles: int) -> npt.NDArray[np.float64]:
    """Angles spread evenly over half a turn, (n_angles,) in radians."""
    return np.linspace(0.0, np.pi, n_angles, endpoint=False)


def broadcast_sinogram(ring: FloatArray, angles_rad: npt.NDArray[np.float64]) -> FloatArray:
    """Every edge against every ray, angle by angle.

    What is broadcast is only the question whether a corner lies left of a ray; heights are then
    worked out for the pairs of edges and rays that meet. Of the ways to broadcast this is the
    fastest: heights for all pairs take six to sixteen times as long; a matrix product of crossings
    with the edges' straight lines takes a sixth more; and several angles at once fall out of the
    cache.
    """
    rays = _rays()
    x, y = ring[:, 0], ring[:, 1]
    views = np.empty((len(angles_rad), N_BINS), np.float32)
    for view, angle in zip(views, angles_rad, strict=True):
        cos, sin = np.float32(np.cos(angle)), np.float32(np.sin(angle))
        u, v = x * cos + y * sin, y * cos - x * sin
        left = u[:, None] <= rays
        pairs = np.flatnonzero(left != np.roll(left, -1, axis=0))
        edge, ray = np.divmod(pairs, N_BINS)
        next_edge = (edge + 1) % len(x)
        view[:] = _summed(u, v, edge, next_edge, rays[ray], ray, N_BINS)
    return views


def listed_sinogram(ring: FloatArray, angles_rad: npt.NDArray[np.float64]) -> FloatArray:
    """All angles at once, each edge only with the rays that it meets, found by binary search.

    This is not broadcasting, but the best that NumPy can do here.
    """
    rays = _rays()
    n_corners = len(ring)
    cos = np.cos(angles_rad).astype(np.float32)[:, None]
    sin = np.sin(angles_rad).astype(np.float32)[:, None]
    u = ring[:, 0] * cos + ring[:, 1] * sin
    v = ring[:, 1] * cos - ring[:, 0] * sin
    first = np.searchsorted(rays, u.ravel()).reshape(u.shape)
    last = np.roll(first, -1, axis=1)
    n_rays = np.abs(last - first).ravel()
    edge = np.repeat(np.arange(n_rays.size), n_rays)
    place = np.arange(edge.size) - np.repeat(np.cumsum(n_rays) - n_rays, n_rays)
    ray = np.minimum(first, last).ravel()[edge] + place
    angle, corner = np.divmod(edge, n_corners)
    next_edge = angle * n_corners + (corner + 1) % n_corners
    size = len(angles_rad) * N_BINS
    summed = _summed(u.ravel(), v.ravel(), edge, next_edge, rays[ray], angle * N_BINS + ray, size)
    return summed.reshape(len(angles_rad), N_BINS)


def radon_sinogram(ring: FloatArray, angles_rad: npt.NDArray[np.float64]) -> FloatArray:
    """Draws the polygon as an image of 256 x 256 pixels and gives it to scikit-image's radon.

    Raises:
        ImportError: scikit-image isn't installed.
    """
    with needed_for("The comparison"):
        from skimage.draw import polygon as pixels_inside
        from skimage.transform import radon

    image = np.zeros((N_BINS, N_BINS), np.float32)
    rows, columns = -ring[:, 1] / BIN + N_BINS // 2, ring[:, 0] / BIN + N_BINS // 2
    image[pixels_inside(rows, columns, image.shape)] = 1
    sums = radon(image, theta=np.degrees(angles_rad), circle=True)
    views: FloatArray = (sums.T * BIN).astype(np.float32)
    return views


def _rays() -> FloatArray:
    return np.linspace(LOWER, UPPER, N_BINS, dtype=np.float32)


def _summed(
    u: FloatArray, v: FloatArray, edge: Any, next_edge: Any, at: FloatArray, place: Any, size: int
) -> FloatArray:
    """Heights at which edges cross rays, signed by the edge's direction, summed by place."""
    rise = (v[next_edge] - v[edge]) / (u[next_edge] - u[edge])
    height = v[edge] + (at - u[edge]) * rise
    signed = np.where(u[next_edge] > u[edge], height, -height)
    return np.bincount(place, signed, size).astype(np.float32)
