"""From random images to the right basin, and from there to the angles."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from nanotilt.pose.observations import Observations
from nanotilt.pose.starts import magnified, random_images

Values = npt.NDArray[np.float32]
Floats = npt.NDArray[np.float64]

_N_ANNEALING_ROUNDS = 40
_FIRST_SIGMA = 3.5
_LAST_SIGMA = 0.35


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

    @property
    def best(self) -> int:
        """The start of lowest cost."""
        return int(self.cost.argmin())


@dataclass(frozen=True)
class Solution:
    """One start at full resolution.

    Attributes:
        symmetry: The order that was assumed.
        image: (n_bins, n_bins) float32.
        cost: Mean squared residual per bin.
        angles: (n,) angles in radians.
    """

    symmetry: int
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


def begin(seen: Observations, basins: Basins) -> Solution:
    """The best start at full resolution, not yet refined."""
    factor = seen.coarseness
    image = magnified(basins.images[basins.best], seen.n_bins, factor) / np.float32(factor)
    return Solution(basins.symmetry, image, math.inf, basins.angles[basins.best])


def refine(seen: Observations, solution: Solution, n_rounds: int) -> Solution:
    """Image and angles polished together, all angles of the grid tried in every round.

    Trying only those near the present one would leave pairs that annealing got wrong by half a turn
    where they are: 1 in 100 of the S with 1 count of noise.
    """
    images, cost, angles = seen.fine(solution.symmetry).refined(
        solution.image[None], solution.angles[None], n_rounds, 2 * math.pi
    )
    return Solution(solution.symmetry, images[0], float(cost[0]), angles[0])
