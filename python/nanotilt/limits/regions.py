"""What a template's Gaussian looks like: the covariance of roughness and noise, by region."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from nanotilt.limits.alignment import Values
from nanotilt.limits.products import covariance as _covariance
from nanotilt.limits.products import product

Floats = npt.NDArray[np.float64]

_LEADING = 16
"""Directions in which regions are told apart: those in which templates differ most."""

_ROUNDS = 12
_FEW = 200
"""A region's own covariance counts for n / (n + this), that of all samples for the rest."""


@dataclass(frozen=True)
class Region:
    """The whitening of templates in one part of the space of views.

    Attributes:
        mean_residual: (n_values,) what roughness adds on average.
        middle: (n_values,) subtracted first, so that float32 keeps its digits.
        whiten: (n_values, n_values) float32; rows times it have the kernel's covariance 1.
        log_density: Minus the logarithm of the kernel's determinant's root.
    """

    mean_residual: Values
    middle: Values
    whiten: Values
    log_density: float

    def whitened(self, rows: Values) -> Values:
        """Samples as this region's templates see them."""
        return product(rows - self.middle, self.whiten).astype(np.float32, copy=False)


@dataclass(frozen=True)
class Partition:
    """Regions of templates: the nearest centre in a few leading directions."""

    directions: Values
    centres: Values

    @property
    def n_regions(self) -> int:
        """Number of regions."""
        return len(self.centres)

    def region_of(self, rows: Values) -> npt.NDArray[np.intp]:
        """(n,) region of each row."""
        if self.n_regions == 1:
            return np.zeros(len(rows), np.intp)
        near = rows @ self.directions
        offset = (self.centres**2).sum(axis=1)
        nearest: npt.NDArray[np.intp] = (offset - 2 * near @ self.centres.T).argmin(axis=1)
        return nearest


def partition(clean: Values, residual: Values, n_regions: int) -> Partition:
    """Regions of about equal spread, by k-means on the directions in which templates differ most.

    Args:
        clean: (n, n_values) templates.
        residual: (n, n_values) what roughness and noise add to them.
        n_regions: Number of regions, >= 1.
    """
    whiten = _whitening(_covariance(residual), 1e-6)[0]
    values, vectors = np.linalg.eigh(_covariance(product(clean, whiten).astype(np.float64)))
    leading = vectors[:, np.argsort(values)[::-1][:_LEADING]]
    directions = (whiten @ leading).astype(np.float32)
    near = clean @ directions
    random = np.random.default_rng(0)
    centres = near[random.choice(len(near), n_regions, replace=False)]
    for _ in range(_ROUNDS if n_regions > 1 else 1):
        region = Partition(np.eye(near.shape[1], dtype=np.float32), centres).region_of(near)
        centres = np.stack(
            [near[region == k].mean(0) if (region == k).any() else centres[k]
             for k in range(n_regions)]
        )  # fmt: skip
    return Partition(directions, centres)


def whitenings(
    clean: Values, residual: Values, parts: Partition, template_share: float
) -> tuple[Region, ...]:
    """The kernel of each region: covariance of residuals plus a share of the templates' own.

    The second part spreads each template along the directions in which templates of its region
    differ, and only there: what classic kernel density estimates call a bandwidth matrix.

    Args:
        clean: (n, n_values) templates.
        residual: (n, n_values) what roughness and noise add to them.
        parts: The regions.
        template_share: Standard deviation of that spread, relative to the region's.
    """
    region = parts.region_of(clean)
    overall = _covariance(residual)
    between = _covariance(clean)
    return tuple(
        _region(clean[region == k], residual[region == k], overall, between, template_share)
        for k in range(parts.n_regions)
    )


def _region(
    clean: Values, residual: Values, overall: Floats, between: Floats, share: float
) -> Region:
    trust = len(clean) / (len(clean) + _FEW)
    own = _covariance(residual) if len(clean) > 1 else overall
    spread = _covariance(clean) if len(clean) > 1 else between
    covariance = trust * own + (1 - trust) * overall + share**2 * spread
    whiten, log_density = _whitening(covariance, 1e-9)
    nothing = np.zeros(clean.shape[1], np.float32)
    shift = residual.mean(axis=0) * np.float32(trust) if len(clean) else nothing
    middle = clean.mean(axis=0) if len(clean) else nothing
    return Region(shift, middle, whiten, log_density)


def _whitening(covariance: Floats, floor: float) -> tuple[Values, float]:
    """W with (row W) of covariance 1, and minus half the logarithm of the determinant.

    Directions without any variance get `floor` times the mean one's, so that recipes without
    roughness and noise, too, have a kernel.
    """
    mean = float(np.trace(covariance)) / len(covariance)
    lifted = covariance + (floor * mean + 1e-12) * np.eye(len(covariance))
    values, vectors = np.linalg.eigh(lifted)
    values = np.maximum(values, floor * mean + 1e-12)
    return (vectors / np.sqrt(values)).astype(np.float32), -0.5 * float(np.log(values).sum())
