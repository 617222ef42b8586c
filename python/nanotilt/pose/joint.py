"""Angles and image at once, by maximum likelihood, where turns of both would not arrive."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from nanotilt.pose.harmonics import Harmonics, both_views, highest_degree, nearest
from nanotilt.pose.observations import Observations

Floats = npt.NDArray[np.float64]

_ROUGH_STAGES = ((1 / 6, 4), (1 / 3, 4))
_N_FINE_ROUNDS = 4
"""Share of the highest degree, and rounds. Few degrees first: a warp of the angles by several
degrees is undone before there is detail that was found with it and would hold it."""

_N_ITERATIONS = 20
_TOLERANCE = 1e-3
_FIRST_STRENGTH = 40.0
"""In units of the contrast's square; letters, stars and gears end at 15 to 100."""
_MATCHING_STEPS = 2
_OUTWARD = np.concatenate([np.arange(0.5, 4, 0.5), np.arange(4, 17)])
_NODES = np.concatenate([-_OUTWARD[::-1], [0.0], _OUTWARD])
"""Where likelihoods are looked at, in standard deviations from the likeliest angle."""


@dataclass(frozen=True)
class Fit:
    """An image and angles.

    Attributes:
        shape: What the coefficients mean.
        coefficients: See `Harmonics`.
        angles: (n,) in radians.
        strength: Variance of a coefficient of degree N, times (N + 1)^4.
        noise: Standard deviation of a bin.
        cost: Mean squared residual per bin.
        n_told: Coefficients that the pairs tell, rather than the prior.
    """

    shape: Harmonics
    coefficients: Floats
    angles: Floats
    strength: float
    noise: float
    cost: float
    n_told: float


class JointFit:
    """Gauss-Newton steps of image and angles together, for pairs of one shape.

    Alternating between both is slow where one can make up for the other: a warp of all angles that
    varies slowly over the turn, with the image that goes with it, changes the residual little. Of
    the N-shaped letter's variance, a third was a warp of one wave per period after 60 rounds, and
    the parallelogram's 0.7, which 480 rounds did not undo. Here, angles are eliminated: what an
    angle of its own could explain is taken out of every pair's residual, and the image solves for
    the rest (variable projection: Golub & Pereyra 1973; Kaufman 1975).

    Coefficients of degree N have a Gaussian prior of variance strength / (N + 1)^4, that of shapes
    with edges, whose power falls with the third power of the frequency. Its strength and the noise
    are found from the pairs (MacKay 1992).
    """

    def __init__(self, seen: Observations, symmetry: int) -> None:
        self.pairs = seen.pairs.astype(np.float64)
        self.stereo_rad = seen.stereo_rad
        self.n = len(self.pairs)
        self.rows = self.pairs.reshape(2 * self.n, -1)
        self.symmetry = symmetry
        self.seen = seen
        self.least_noise = 1e-4 * seen.contrast

    def rough(self, angles: Floats) -> Fit:
        """The fit without fine detail that these angles lead to."""
        noise = max(self.seen.noise, self.least_noise)
        shape = self._harmonics(_ROUGH_STAGES[0][0])
        strength = _FIRST_STRENGTH * self.seen.contrast**2
        fit = Fit(shape, np.zeros(shape.free.shape), angles, strength, noise, math.inf, 0.0)
        for share, n_rounds in _ROUGH_STAGES:
            fit = self._rounds(fit, share, n_rounds)
        return fit

    def fine(self, fit: Fit) -> Fit:
        """The fit with all detail that a rough one leads to; angles are means over likelihoods."""
        fit = self._rounds(fit, 1.0, _N_FINE_ROUNDS)
        return replace(fit, angles=self._means(fit))

    def _harmonics(self, share: float) -> Harmonics:
        seen = self.seen
        degree = highest_degree(seen.radius, self.symmetry, share)
        return Harmonics(seen.n_bins, seen.axis_bin, seen.radius, self.symmetry, degree)

    def _rounds(self, fit: Fit, share: float, n_rounds: int) -> Fit:
        shape = self._harmonics(share)
        fit = replace(fit, shape=shape, coefficients=shape.widened(fit.coefficients))
        fit = self._stepped(fit, angles_too=False)
        for _ in range(n_rounds):
            fit = self._round(fit)
        return fit

    def _round(self, fit: Fit) -> Fit:
        fit = self._stepped(fit, angles_too=True)
        angles = nearest(fit.coefficients, fit.shape, self.pairs, self.stereo_rad)
        return self._weighed(replace(fit, angles=self._matched(fit, angles)))

    def _phases(self, shape: Harmonics, angles: Floats) -> Floats:
        return shape.phases(both_views(angles, self.stereo_rad))

    def _stepped(self, fit: Fit, angles_too: bool) -> Fit:
        """The image improved by conjugate gradients."""
        shape = fit.shape
        phases = self._phases(shape, fit.angles)
        residual = self.rows - shape.projected(phases, fit.coefficients)
        slopes = np.zeros((self.n, self.rows.size // self.n))
        if angles_too:
            slopes = shape.projected(shape.turned(phases), fit.coefficients).reshape(self.n, -1)
            length = np.sqrt(np.sum(slopes**2, axis=1, keepdims=True))
            slopes = slopes / np.maximum(length, 1e-12 * max(float(length.max()), 1e-300))

        def left(rows: Floats) -> Floats:
            """What angles cannot explain."""
            each = rows.reshape(self.n, -1)
            rest: Floats = each - np.sum(each * slopes, axis=1, keepdims=True) * slopes
            return rest.reshape(self.rows.shape)

        penalty = fit.noise**2 / fit.strength * _price(shape)
        inverses = self._inverses(fit)
        lacking = shape.gathered(phases, left(residual)) - penalty * fit.coefficients
        change = np.zeros_like(lacking)
        wanted = _preconditioned(inverses, lacking)
        along = wanted
        power = first = float(np.sum(lacking * wanted))
        for _ in range(_N_ITERATIONS):
            if not power > _TOLERANCE**2 * first:
                break
            bent = shape.gathered(phases, left(shape.projected(phases, along))) + penalty * along
            size = power / float(np.sum(along * bent))
            change += size * along
            lacking = lacking - size * bent
            wanted = _preconditioned(inverses, lacking)
            before, power = power, float(np.sum(lacking * wanted))
            along = wanted + power / before * along
        return replace(fit, coefficients=fit.coefficients + change)

    def _matched(self, fit: Fit, angles: Floats) -> Floats:
        """Angles moved to where their pair is nearest, by at most a fifth of a bin a step."""
        shape, most = fit.shape, 0.2 / fit.shape.radius
        for _ in range(_MATCHING_STEPS):
            phases = self._phases(shape, angles)
            residual = (self.rows - shape.projected(phases, fit.coefficients)).reshape(self.n, -1)
            slopes = shape.projected(shape.turned(phases), fit.coefficients).reshape(self.n, -1)
            bend = np.maximum(np.sum(slopes**2, axis=1), 1e-300)
            angles = angles + np.clip(np.sum(residual * slopes, axis=1) / bend, -most, most)
        return angles

    def _weighed(self, fit: Fit) -> Fit:
        """Cost, noise and the prior's strength as the residual and the coefficients tell."""
        shape = fit.shape
        phases = self._phases(shape, fit.angles)
        total = float(np.sum((self.rows - shape.projected(phases, fit.coefficients)) ** 2))
        penalty = fit.noise**2 / fit.strength * _price(shape)
        kept = 1 - penalty[:, 0] * np.einsum("jaa->ja", self._inverses(fit))
        told = float(np.sum(shape.free * kept[:, None]))
        power = float(np.sum(_price(shape) * fit.coefficients**2))
        n_left = max(self.rows.size - told - self.n, 0.1 * self.rows.size)
        return replace(
            fit,
            cost=total / self.rows.size,
            noise=max(math.sqrt(total / n_left), self.least_noise),
            strength=max(power / max(told, 1.0), 1e-12),
            n_told=told,
        )

    def _inverses(self, fit: Fit) -> Floats:
        """Inverse of what the image's coefficients are known by, were angles spread evenly."""
        shape = fit.shape
        overlap = np.sum(shape.rows[:, None] * shape.rows[None], axis=2)
        there = shape.free[:, 0]
        views = np.where(shape.orders == 0, 2 * self.n, self.n)[:, None, None]
        known = views * overlap * there[:, :, None] * there[:, None]
        penalty = fit.noise**2 / fit.strength * _price(shape)[:, 0]
        known += np.einsum("ja,ab->jab", np.where(there > 0, penalty, 1.0), np.eye(there.shape[1]))
        inverses: Floats = np.linalg.inv(known)
        return inverses

    def _means(self, fit: Fit) -> Floats:
        """Mean of each angle over its likelihood, within a tenth of a period.

        Where a pair tells little of its angle, or two angles are nearly as likely, the mean errs
        less than the likeliest angle: by 1.17 instead of 1.25 times the bound for an ellipse.
        """
        shape, most = fit.shape, 0.1 * 2 * math.pi / fit.shape.symmetry
        phases = self._phases(shape, fit.angles)
        slopes = shape.projected(shape.turned(phases), fit.coefficients).reshape(self.n, -1)
        width = fit.noise / np.sqrt(np.maximum(np.sum(slopes**2, axis=1), 1e-300))
        width = np.minimum(width, most / 2)
        shifts = _NODES[:, None] * width
        distance = np.empty(shifts.shape)
        for i, shift in enumerate(shifts):
            at = self._phases(shape, fit.angles + shift)
            residual = (self.rows - shape.projected(at, fit.coefficients)).reshape(self.n, -1)
            distance[i] = np.sum(residual**2, axis=1)
        weights = np.exp(-(distance - distance.min(axis=0)) / (2 * fit.noise**2))
        weights *= np.gradient(_NODES)[:, None] * (np.abs(shifts) < most)
        mean: Floats = np.sum(weights * shifts, axis=0) / np.sum(weights, axis=0)
        return fit.angles + mean


def _price(shape: Harmonics) -> Floats:
    """(N + 1)^4 for each coefficient, 0 where there is none."""
    made: Floats = shape.free * (np.arange(shape.degree + 1) + 1.0) ** 4
    return made


def _preconditioned(inverses: Floats, coefficients: Floats) -> Floats:
    made: Floats = np.einsum("jab,jcb->jca", inverses, coefficients)
    return made
