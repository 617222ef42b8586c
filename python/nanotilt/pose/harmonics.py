"""A shape's projections as harmonics of the angle, which fit one image by construction."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from nanotilt import _core

Floats = npt.NDArray[np.float64]

_DEGREES_PER_BIN = 2.6
"""Of the radius. Bins tell pi apart, but what is finer than 2.6 is lost in a count of noise."""
_MOST_DEGREES = 128


def highest_degree(radius: float, symmetry: int, share: float = 1.0) -> int:
    """Degree of the finest detail within a radius in bins, or a share of it."""
    fine = min(_DEGREES_PER_BIN * radius, _MOST_DEGREES)
    return max(round(share * fine), 2 * symmetry)


@dataclass(frozen=True)
class Harmonics:
    """The Radon transform on a disc in its own basis, where a turn only changes phases.

    A Zernike polynomial of degree N and harmonic m, |m| <= N, N - m even, projects to
    exp(i m angle) sin((N + 1) arccos(s / radius)) at s from the axis. So coefficients of these are
    an image, and any coefficients make projections that fit together (Cormack 1964). A shape of
    order n has harmonics 0, n, 2 n, ... only; of an even order, these make every projection its own
    mirror image, as it must be.

    Coefficients are (n_harmonics, 2, degree + 1) float64: of cos(m angle) and of -sin(m angle).

    Attributes:
        n_bins: Bins of a projection.
        axis_bin: Where the rotation axis is seen.
        radius: Of the disc, in bins.
        symmetry: The shape's order, n.
        degree: Highest N.
        orders: (n_harmonics,): m.
        rows: (degree + 1, n_bins): each degree's row; 0 outside the disc.
        free: (n_harmonics, 2, degree + 1): 1 for coefficients that are there, else 0.
    """

    n_bins: int
    axis_bin: float
    radius: float
    symmetry: int
    degree: int
    orders: Floats = field(init=False, repr=False)
    rows: Floats = field(init=False, repr=False)
    free: Floats = field(init=False, repr=False)

    def __post_init__(self) -> None:
        place = (np.arange(self.n_bins) - self.axis_bin) / self.radius
        towards = np.arccos(np.clip(place, -1, 1))
        degrees = np.arange(self.degree + 1)
        rows = np.where(np.abs(place) < 1, np.sin((degrees[:, None] + 1) * towards), 0.0)
        orders = np.arange(0, self.degree + 1, self.symmetry)
        there = (degrees >= orders[:, None]) & ((degrees - orders[:, None]) % 2 == 0)
        free = np.repeat(there[:, None].astype(np.float64), 2, axis=1)
        free[0, 1] = 0
        object.__setattr__(self, "orders", orders.astype(np.float64))
        object.__setattr__(self, "rows", np.ascontiguousarray(rows))
        object.__setattr__(self, "free", free)

    def phases(self, angles: Floats) -> Floats:
        """cos(m angle) and -sin(m angle): (n_angles, n_harmonics, 2)."""
        turn = angles[:, None] * self.orders
        return np.stack([np.cos(turn), -np.sin(turn)], axis=2)

    def turned(self, phases: Floats) -> Floats:
        """Derivatives of phases with respect to the angle."""
        slopes = np.stack([phases[:, :, 1], -phases[:, :, 0]], axis=2)
        slopes *= self.orders[:, None]
        return slopes

    def projected(self, phases: Floats, coefficients: Floats) -> Floats:
        """Projections (n_angles, n_bins) at the angles of these phases."""
        table = product(coefficients.reshape(-1, self.degree + 1), self.rows)
        return product(phases.reshape(len(phases), -1), table)

    def gathered(self, phases: Floats, rows: Floats) -> Floats:
        """The adjoint of `projected`: coefficients from rows (n_angles, n_bins)."""
        sums = product(np.ascontiguousarray(phases.reshape(len(phases), -1).T), rows)
        made = product(sums, np.ascontiguousarray(self.rows.T))
        return made.reshape(self.free.shape) * self.free

    def widened(self, coefficients: Floats) -> Floats:
        """Coefficients of a lower degree, as this one's."""
        made = np.zeros(self.free.shape)
        n_harmonics, _, n_degrees = coefficients.shape
        made[:n_harmonics, :, :n_degrees] = coefficients
        return made


def product(a: Floats, b: Floats) -> Floats:
    """Product of matrices, each bit the same on any machine.

    On one thread: these products take some milliseconds, less than threads lose on a busy machine.
    """
    return _core.matrix_product(a, b, 1)


def nearest(coefficients: Floats, shape: Harmonics, pairs: Floats, stereo_rad: float) -> Floats:
    """Angles (n,), of five per bin of the rim's way over one period, whose pair is nearest."""
    n_angles = max(24, math.ceil(2 * math.pi * shape.radius * 5 / shape.symmetry))
    grid: Floats = np.linspace(0, 2 * math.pi / shape.symmetry, n_angles, endpoint=False)
    phases = shape.phases(both_views(grid, stereo_rad))
    templates = shape.projected(phases, coefficients).reshape(n_angles, -1)
    likeness = product(pairs.reshape(len(pairs), -1), np.ascontiguousarray(templates.T))
    found: Floats = grid[np.argmin(np.sum(templates**2, axis=1) - 2 * likeness, axis=1)]
    return found


def both_views(angles: Floats, stereo_rad: float) -> Floats:
    """Angles of first and second projections, (2 n,), a pair's beside each other."""
    both: Floats = np.stack([angles, angles + stereo_rad], axis=1).ravel()
    return both
