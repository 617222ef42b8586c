"""The bound from above: an oracle that is told all nuisance parameters."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from nanotilt.limits import variants
from nanotilt.recipes.recipe import Recipe

Floats = npt.NDArray[np.float64]

MOST_VALUES = 512
MOST_CLASSES = 32

_ROUGH_SEED_STEP = 0x9E3779B97F4A7C15
"""Roughness is redrawn from a stream that no sample of the recipe's stream has part in."""

_VALUES_AT_ONCE = 2**22


class Nuisance(NamedTuple):
    """What the oracle is told of n samples, as standard normals.

    Directions, offsets and start angles of features are told, too; redrawing finds them by the
    sample's index.

    Attributes:
        label: (n,) the true classes, for scoring alone.
        outline: (n, 3) radius, centre x, centre y.
        features: (n, n_features, 4) radius, straightness, widening, max_thickness of each.
        views: (n, n_views, 2) the detector's shift and the tilt.
    """

    label: npt.NDArray[np.int32]
    outline: npt.NDArray[np.float32]
    features: npt.NDArray[np.float32]
    views: npt.NDArray[np.float32]


def why_not(recipe: Recipe) -> str | None:
    """Why the oracle can't treat a recipe, or None if it can."""
    n_values = recipe.n_views * recipe.line_detector.n_bins
    for what, number, most in (
        ("n_views * n_bins", n_values, MOST_VALUES),
        ("the number of classes", len(recipe.classes), MOST_CLASSES),
    ):
        if number > most:
            return f"the oracle needs {what} <= {most}; here it is {number}"
    return None


def told(recipe: Recipe, seed: int, start: int, count: int) -> Nuisance:
    """The nuisance parameters of samples start ... start + count - 1.

    What a sample's class does not have (the size of a hole in a solid particle) is drawn here, from
    the distribution that it would have, so that it tells nothing of the class: the class is then
    independent of all that the oracle is told, and the best decision with it cannot be worse than
    the best one without.
    """
    label, outline, features, _, views = recipe._sampler.draws(seed, start, count)
    has = np.array([len(particle.features) for particle in recipe.particles.values()])
    missing = np.arange(features.shape[1]) >= has[label][:, None]
    random = np.random.default_rng([seed % 2**32, seed >> 32, start % 2**32, start >> 32])
    drawn = random.standard_normal(features.shape, np.float32)
    return Nuisance(label, outline, np.where(missing[..., None], drawn, features), views)


class Oracle:
    """Classifies samples whose nuisance parameters it is told.

    For each class it redraws the sample's roughness many times, all else as told; mean and
    covariance of these views, and the variance of the noise, make a Gaussian, and the class with
    the largest density at the sample is its answer. To first order in the roughness the covariance
    could be had from derivatives; but corners are moved by as much as they are apart, and near a
    particle's rim thickness is anything but linear in them: such an oracle is right on 86 % of
    "hole-stereo", less than a network.

    All classes get the same roughness (`variants.alike`), so that what a limited number of redraws
    leaves uncertain about their covariances mostly cancels.

    Args:
        recipe: A recipe for which `why_not` is None.
        seed: Stream of the samples.
        n_redraws: Redraws for each sample and class.
        n_threads: Threads.
    """

    def __init__(self, recipe: Recipe, seed: int, n_redraws: int, n_threads: int) -> None:
        self._detected = variants.as_detected(recipe)
        self._clean = variants.alike(variants.noise_free(self._detected, smooth=False))
        self._seed, self._n_redraws, self._threads = seed, n_redraws, n_threads
        self._shares = variants.class_shares(recipe)

    def right(
        self, start: int, count: int, progress: Callable[[int], None]
    ) -> npt.NDArray[np.bool_]:
        """(count,) which of samples start ... start + count - 1 it classifies rightly.

        Args:
            start: First sample.
            count: Number of samples.
            progress: Called with the number of samples that are done.
        """
        right = np.empty(count, np.bool_)
        n_values = self._detected.n_views * self._detected.line_detector.n_bins
        at_once = max(1, _VALUES_AT_ONCE // (self._n_redraws * n_values))
        for done in range(0, count, at_once):
            n = min(at_once, count - done)
            label, scores = self.log_likelihoods(start + done, n)
            right[done : done + n] = scores.argmax(axis=1) == label
            progress(done + n)
        return right

    def log_likelihoods(self, start: int, count: int) -> tuple[npt.NDArray[np.int32], Floats]:
        """True classes (n,) and log of share times density (n, n_classes), up to a constant."""
        views = self._detected.sample(self._seed, start, count, n_threads=self._threads).views
        rows = views.reshape(count, -1).astype(np.float64)
        given = told(self._detected, self._seed, start, count)
        scores = np.full((count, len(self._shares)), -np.inf)
        for label, share in enumerate(self._shares):
            if share > 0:
                density = self._log_density(rows, label, given, start)
                scores[:, label] = np.log(share) + density
        return given.label, scores

    def _log_density(self, rows: Floats, label: int, given: Nuisance, start: int) -> Floats:
        redrawn = self._clean._sampler.redraw(
            self._seed, start, label, given.outline, np.ascontiguousarray(given.features),
            given.views, (self._seed + _ROUGH_SEED_STEP) % 2**64, self._n_redraws, self._threads,
        ).reshape(len(rows), self._n_redraws, -1)  # fmt: skip
        mean = redrawn.mean(axis=1, dtype=np.float64)
        centred = redrawn - mean[:, None].astype(np.float32)
        covariance = (centred.transpose(0, 2, 1) @ centred).astype(np.float64)
        covariance /= self._n_redraws - 1
        places = np.arange(rows.shape[1])
        covariance[:, places, places] += self._noise_variance(mean)
        factor = np.linalg.cholesky(covariance)
        white = np.linalg.solve(factor, (rows - mean)[..., None])[..., 0]
        log_root = np.log(np.diagonal(factor, axis1=1, axis2=2)).sum(axis=1)
        density: Floats = -log_root - 0.5 * (white**2).sum(axis=1)
        return density

    def _noise_variance(self, mean: Floats) -> Floats:
        """Of relative noise, of counting (a count's variance is its mean), and of roundings."""
        d = self._detected.line_detector
        counting = np.maximum(mean, 0) / d.dose if d.dose else 0.0
        rounding = 1e-6 * (1.0 + np.abs(mean))
        variance: Floats = (d.noise * mean) ** 2 + counting + rounding**2
        return variance
