"""The same work as the C++ core, in vectorised NumPy.

Whole batches at a time, float32, no Python loop over samples. Rings are projected by broadcasting
every edge against every ray and adding heights with the edge's sign, which is the thickness of a
ring that does not cross itself; the few rings that do (small holes, overlapping spirals) come out
slightly wrong here, which favours NumPy: the exact rule would need sorting.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float32]


def project(x: Array, y: Array, angle: float, rays: Array) -> Array:
    """Thickness of closed, clockwise rings (..., n) along rays (..., n_bins)."""
    cos, sin = np.float32(np.cos(angle)), np.float32(np.sin(angle))
    u = x * cos + y * sin
    v = y * cos - x * sin
    a, b = u[..., :, None], np.roll(u, -1, axis=-1)[..., :, None]
    va, vb = v[..., :, None], np.roll(v, -1, axis=-1)[..., :, None]
    at = np.broadcast_to(rays, (*x.shape[:-1], rays.shape[-1]))[..., None, :]
    hit = (a <= at) != (b <= at)
    with np.errstate(divide="ignore", invalid="ignore"):
        height = va + (at - a) / (b - a) * (vb - va)
    signed: Array = np.where(hit, np.where(a <= b, height, -height), np.float32(0))
    thickness: Array = signed.sum(axis=-2)
    return thickness


def gaussian_blur(x: Array, sigma_px: float) -> Array:
    """Blur along the last axis, edges reflected."""
    radius = int(4 * sigma_px + 0.5)
    offsets = np.arange(-radius, radius + 1)
    weights = np.exp(-0.5 * (offsets / sigma_px) ** 2)
    weights = (weights / weights.sum()).astype(np.float32)
    padded = np.pad(x, [(0, 0)] * (x.ndim - 1) + [(radius, radius)], mode="symmetric")
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * radius + 1, axis=-1)
    blurred: Array = windows @ weights
    return blurred


def rough_circles(rng: np.random.Generator, radius: Array, n: int) -> tuple[Array, Array]:
    """Corners (count, n) of outlines around the origin."""
    angle = np.linspace(0, 2 * np.pi, n, endpoint=False, dtype=np.float32)
    corner = radius[:, None] + np.float32(0.05) * rng.standard_normal((len(radius), n), np.float32)
    return corner * np.sin(angle), corner * np.cos(angle)


def spirals(rng: np.random.Generator, turn: Array, n: int) -> tuple[Array, Array]:
    """Corners (count, 2 n + 2) of the chirality task's spirals, always clockwise in ring order."""
    count = len(turn)
    z = rng.standard_normal((4, count, 1), np.float32)
    radius, straightness = 0.5 + 0.05 * z[0], 0.04 + 0.008 * z[1]
    widening, thickest = 0.01 + 0.002 * z[2], 0.1 + 0.02 * z[3]
    angle = np.linspace(0, 1, n + 1, dtype=np.float32) * radius / straightness
    inner = straightness * angle
    outer = inner + np.minimum(widening * angle, thickest)
    direction = turn[:, None] * angle + np.float32(2 * np.pi) * rng.random((count, 1), np.float32)
    sin, cos = np.sin(direction), np.cos(direction)
    x = np.concatenate([inner * sin, (outer * sin)[:, ::-1]], axis=1)
    y = np.concatenate([inner * cos, (outer * cos)[:, ::-1]], axis=1)
    return x, y


def detect(rng: np.random.Generator, thickness: Array) -> Array:
    """Background 20, blur 0.5, noise 0.001, then all to [0, 1]."""
    view = gaussian_blur(thickness + np.float32(20), 0.5)
    view += np.float32(0.001) * np.abs(view) * rng.standard_normal(view.shape, np.float32)
    low, high = view.min(), view.max()
    scaled: Array = (view - low) / np.float32(high - low)
    return scaled


def shifted_rays(rng: np.random.Generator, count: int, n_bins: int) -> Array:
    """Ray positions (count, n_bins), each row shifted by N(0, 0.05)."""
    shift = np.float32(0.05) * rng.standard_normal((count, 1), np.float32)
    return np.linspace(-1.5, 1.5, n_bins, dtype=np.float32) + shift


def chirality_batch(rng: np.random.Generator, count: int) -> tuple[Array, npt.NDArray[np.int64]]:
    """`count` labelled samples of the chirality recipe: views (count, 2, 64)."""
    label = np.arange(count) % 2
    turn = np.where(label == 0, 1, -1).astype(np.float32)
    radius = 1 + np.float32(0.1) * rng.standard_normal(count, np.float32)
    x, y = rough_circles(rng, radius, 90)
    offset = np.float32(0.1) * rng.random((count, 1), np.float32)
    towards = np.float32(2 * np.pi) * rng.random((count, 1), np.float32)
    sx, sy = spirals(rng, turn, 90)
    sx, sy = sx + offset * np.sin(towards), sy + offset * np.cos(towards)
    views = []
    for angle in (0.0, np.pi / 2):
        rays = shifted_rays(rng, count, 64)
        spiral = -turn[:, None] * project(sx, sy, angle, rays)
        views.append(project(x, y, angle, rays) + spiral)
    return detect(rng, np.stack(views, axis=1)), label


def hole_batch(rng: np.random.Generator, count: int) -> tuple[Array, npt.NDArray[np.int64]]:
    """`count` labelled samples of the hole recipe, one view: views (count, 1, 32).

    Every hole has 9 corners here, the usual number; NumPy has no ragged arrays.
    """
    label = np.arange(count) % 2
    radius = 1 + np.float32(0.1) * rng.standard_normal(count, np.float32)
    hole_radius = 0.1 + np.float32(0.01) * rng.standard_normal(count, np.float32)
    grown = np.sqrt(radius**2 + label.astype(np.float32) * hole_radius**2)
    centre = np.float32(0.3) * rng.standard_normal((2, count, 1), np.float32)
    offset = np.float32(0.4) * rng.random((count, 1), np.float32)
    towards = np.float32(2 * np.pi) * rng.random((count, 1), np.float32)
    x, y = rough_circles(rng, grown, 90)
    hx, hy = rough_circles(rng, hole_radius, 9)
    rays = shifted_rays(rng, count, 32)
    outline = project(x + centre[0], y + centre[1], 0.0, rays)
    hx, hy = hx + centre[0] + offset * np.sin(towards), hy + centre[1] + offset * np.cos(towards)
    hole = label.astype(np.float32)[:, None] * project(hx, hy, 0.0, rays)
    return detect(rng, (outline - hole)[:, None]), label
