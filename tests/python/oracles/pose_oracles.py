"""Projection matching as its definition says, slow and obvious, in double precision."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.floating[Any]]


@dataclass
class Oracle:
    """Pairs and all that belongs to them; the arguments of the core's functions, by their names."""

    pairs: Floats
    stereo_rad: float
    symmetry: int
    axis_bin: float
    support: Floats
    filter: Floats
    pixel: float
    _matrices: dict[float, Floats] = field(default_factory=dict)

    @property
    def n_bins(self) -> int:
        return int(self.pairs.shape[2])

    @property
    def period(self) -> float:
        return 2 * math.pi / self.symmetry

    def matrix(self, angle: float) -> Floats:
        """As `_matrix`, made once for each angle."""
        if angle not in self._matrices:
            self._matrices[angle] = self._matrix(angle)
        return self._matrices[angle]

    def _matrix(self, angle: float) -> Floats:
        """Weights (n_bins, n_pixels, n_pixels) that make a projection of an image."""
        n = len(self.support)
        middle = (n - 1) / 2
        cos, sin = math.cos(angle), math.sin(angle)
        by_rows = abs(cos) >= abs(sin)
        scale, slope = (cos, sin / cos) if by_rows else (-sin, cos / sin)
        made = np.zeros((self.n_bins, n, n))

        def line(u: int) -> Floats:
            """Weights of the line that is u from the middle in the middle row (or column)."""
            weights = np.zeros((n, n))
            for r in range(n):
                at = middle + u + (r - middle) * slope
                weights[r] = np.maximum(0, 1 - np.abs(np.arange(n) - at))
            return weights if by_rows else weights.T

        for b in range(self.n_bins):
            at = (b - self.axis_bin) / (scale * self.pixel)
            whole = math.floor(at)
            four = np.array([-1.0, 0.0, 1.0, 2.0])
            for i, u in enumerate(four):
                others = np.delete(four, i)  # Lagrange's polynomial
                weight = np.prod((at - whole - others) / (u - others))
                made[b] += weight * line(whole + int(u)) * self.pixel / abs(scale)
        return made

    def projected(self, image: Floats, angle: float) -> Floats:
        """Both views (2, n_bins)."""
        views = (self.matrix(angle), self.matrix(angle + self.stereo_rad))
        return np.stack([np.tensordot(view, image, 2) for view in views])

    def spread(self, residual: Floats, angle: float) -> Floats:
        """What one pair's residual (2, n_bins) asks for."""
        total = np.zeros_like(self.support, dtype=np.float64)
        n = self.n_bins
        for view in range(2):
            filtered = [self.filter[n - 1 + b - np.arange(n)] @ residual[view] for b in range(n)]
            for turn in range(self.symmetry):
                at = angle + view * self.stereo_rad + turn * self.period
                total += np.tensordot(np.array(filtered), self.matrix(at), 1)
        return total

    def stepped(
        self,
        image: Floats,
        before: Floats,
        total: Floats,
        n: int,
        relaxation: float,
        momentum: float,
    ) -> Floats:
        """The image after one update."""
        factor = relaxation * math.pi / (2 * 2 * n * self.symmetry * self.pixel**2)
        moved = image + factor * total + momentum * (image - before)
        stepped: Floats = np.maximum(moved, 0) * self.support
        return stepped

    def annealed(
        self, image: Floats, n_angles: int, sigma: Floats, relaxation: float, momentum: float
    ) -> tuple[Floats, float, Floats]:
        """Image, cost, angles."""
        grid = np.arange(n_angles) * self.period / n_angles
        before, n = image, len(self.pairs)
        distance = np.zeros((n, n_angles))
        for s in sigma:
            templates = np.stack([self.projected(image, angle) for angle in grid])
            distance = ((self.pairs[:, None] - templates[None]) ** 2).sum(axis=(2, 3))
            weights = np.exp(-(distance - distance.min(axis=1, keepdims=True)) / (2 * s**2))
            weights /= weights.sum(axis=1, keepdims=True)
            weights[weights < 1e-5] = 0
            total = np.zeros_like(image)
            for k, angle in enumerate(grid):
                lacking = np.tensordot(weights[:, k], self.pairs - templates[k], 1)
                total += self.spread(lacking / max(weights[:, k].sum(), n / n_angles), angle)
            image, before = (
                self.stepped(image, before, total, n_angles, relaxation, momentum),
                image,
            )
        return image, distance.min(axis=1).mean() / (2 * self.n_bins), grid[distance.argmin(axis=1)]

    def refined(
        self, image: Floats, n_angles: int, n_rounds: int, relaxation: float, momentum: float
    ) -> tuple[Floats, float, Floats]:
        """Image, cost, angles; all angles of the grid are tried."""
        spacing = self.period / n_angles
        before, cost, angles = image, 0.0, np.zeros(len(self.pairs))
        for _ in range(n_rounds):
            templates = np.stack([self.projected(image, k * spacing) for k in range(n_angles)])
            costs = []
            for i, pair in enumerate(self.pairs):
                distance = ((pair - templates) ** 2).sum(axis=(1, 2))
                best = int(distance.argmin())
                three = distance[[best - 1, best, (best + 1) % n_angles]]
                curve = np.polyfit([-1, 0, 1], three, 2)
                shift = np.clip(-curve[1] / (2 * curve[0]), -1, 1)
                angles[i] = (best + shift) * spacing
                costs.append(np.polyval(curve, shift))
            cost = float(np.mean(costs)) / (2 * self.n_bins)
            total = np.zeros_like(image)
            for pair, angle in zip(self.pairs, angles, strict=True):
                total += self.spread(pair - self.projected(image, angle), angle)
            image, before = (
                self.stepped(image, before, total, len(angles), relaxation, momentum),
                image,
            )
        return image, cost, angles
