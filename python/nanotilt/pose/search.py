"""From random images to the right basin, and from there to the angles."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from nanotilt.pose.joint import Fit, JointFit
from nanotilt.pose.observations import Observations
from nanotilt.pose.starts import random_images

Values = npt.NDArray[np.float32]
Floats = npt.NDArray[np.float64]

_N_ANNEALING_ROUNDS = 40
_FIRST_SIGMA = 3.5
_LAST_SIGMA = 0.35
_N_TRIED = 3
_N_IMAGE_ROUNDS = 100


@dataclass(frozen=True)
class Basins:
    """Where starts led to, at low resolution.

    Attributes:
        symmetry: The order that was assumed.
        images: (n_starts, n_pixels, n_pixels) float32.
        cost: (n_starts,) mean squared residual per bin.
        angles: (n_starts, n) angles in radians.
    """

    symmetry: int
    images: Values
    cost: Floats
    angles: Floats


@dataclass(frozen=True)
class Solution:
    """What is kept, at full resolution.

    Attributes:
        image: (n_bins, n_bins) float32.
        cost: Mean squared residual per bin of the joint fit.
        angles: (n,) angles in radians.
    """

    image: Values
    cost: float
    angles: Floats


def anneal(seen: Observations, symmetry: int, n_starts: int, rng: np.random.Generator) -> Basins:
    """Expectation-maximisation at low resolution, hot first.

    Rows are assigned with a standard deviation that falls from 3.5 to 0.35 times their contrast,
    never below the noise. Hot assignment makes all starts forget where they came from: beginning at
    1 times the contrast, 34 of 96 starts found the S, at 3.5 times 94.
    """
    matching = seen.coarse(symmetry)
    images = random_images(
        n_starts,
        matching.pairs.shape[2],
        matching.radius - 1,
        seen.mass / seen.coarseness,
        symmetry,
        rng,
    )
    floor = max(_LAST_SIGMA * seen.contrast, seen.noise / math.sqrt(seen.coarseness))
    first = max(_FIRST_SIGMA * seen.contrast, floor)
    sigma = np.geomspace(first, floor, _N_ANNEALING_ROUNDS)
    return Basins(symmetry, *matching.annealed(images, sigma))


def rough_fit(seen: Observations, basins: Basins, others: Sequence[Floats] = ()) -> Fit:
    """The best that the starts of lowest cost, and other angles of the same order, lead to."""
    joint = JointFit(seen, basins.symmetry)
    starts = [basins.angles[i] for i in np.argsort(basins.cost, kind="stable")[:_N_TRIED]]
    return min((joint.rough(angles) for angles in [*starts, *others]), key=lambda fit: fit.cost)


def solved(seen: Observations, fit: Fit) -> Solution:
    """All detail of a rough fit, and the image that its angles make."""
    symmetry = fit.shape.symmetry
    fit = JointFit(seen, symmetry).fine(fit)
    image, _ = seen.fine(symmetry).imaged(fit.angles, _N_IMAGE_ROUNDS)
    return Solution(image, fit.cost, fit.angles)
