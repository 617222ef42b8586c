"""How particles lie on a support: density, coverage, and whether they cluster or keep apart."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from nanotilt._base import checks as check
from nanotilt._base.arrays import finite_array, same_contents
from nanotilt._base.optional import needed_for
from nanotilt.segmentation._arguments import Floats, check_same_shape

with needed_for("nanotilt.segmentation"):
    from scipy.spatial import cKDTree


@dataclass(frozen=True, eq=False)
class Dispersion:
    """What `dispersion` gives. Lengths are in the unit of x and y; what is undefined is NaN.

    Attributes:
        n: Number of particles.
        number_density: Particles for each unit of area.
        covered_share: Share of the field that particles cover; NaN if no areas were given.
        mean_nearest: Mean distance to the nearest other particle, from centre to centre.
        clark_evans: Mean nearest distance over that of particles anywhere: 1 if they lie at random,
            less if they cluster, more if they keep apart.
        clark_evans_z: The difference in standard deviations of particles at random.
        r: (n_bins,) middles of the bins of distance.
        g: (n_bins,) pair correlation: pairs at that distance over those of particles at random.
    """

    n: int
    number_density: float
    covered_share: float
    mean_nearest: float
    clark_evans: float
    clark_evans_z: float
    r: npt.NDArray[np.float64]
    g: npt.NDArray[np.float64]

    def __eq__(self, other: object) -> bool:
        return same_contents(self, other)

    __hash__ = None  # type: ignore[assignment]


def dispersion(
    x: npt.ArrayLike,
    y: npt.ArrayLike,
    area: npt.ArrayLike | None = None,
    *,
    width: float,
    height: float,
    rim: bool = True,
    r_max: float | None = None,
    n_bins: int = 20,
) -> Dispersion:
    """How particles lie in a rectangular field: at random, in clusters, or keeping apart.

    Clark and Evans (1954) compare the mean distance to the nearest neighbour with its expectation
    for points at random, 1 / (2 sqrt(n / A)). At the rim, neighbours outside are not seen, which
    makes distances larger; Donnelly (1978) adds what that does to random points in a field of
    perimeter P: 0.0514 P / n + 0.041 P / n^(3/2). The pair correlation weighs each pair by the
    share of the field in which it could be seen (translation correction; Illian 2008, section 4.3).

    Args:
        x: (n,) centres, in [0, width].
        y: (n,) centres, in [0, height].
        area: (n,) areas of the particles within the field, >= 0, in the unit of x squared; or None.
        width: Of the field, > 0, in the unit of x.
        height: Of the field, > 0, in the unit of x.
        rim: Whether Donnelly's terms are added; without them, the classical index.
        r_max: Largest distance of g, > 0 and at most half the shorter side; None: a quarter of it.
        n_bins: Number of bins of g, >= 1.

    Raises:
        ImportError: SciPy is not installed.
        TypeError: An argument is of the wrong kind.
        ValueError: An argument has a wrong value.
    """
    sides = (check.real("width", width, above=0), check.real("height", height, above=0))
    across, along = _row("x", x, sides[0]), _row("y", y, sides[1])
    check_same_shape(("x", "y"), across.shape, along.shape)
    points = np.stack([across, along], axis=1)
    n = len(points)
    corrected = check.flag("rim", rim)
    largest = min(sides) / 4 if r_max is None else check.real("r_max", r_max, above=0)
    if largest > min(sides) / 2:
        raise ValueError(
            f"r_max must be at most half the shorter side, {min(sides) / 2:g}. "
            f"{check.received('r_max', r_max)}"
        )
    bins = np.linspace(0, largest, check.integer("n_bins", n_bins, at_least=1) + 1)
    field = sides[0] * sides[1]
    covered = math.nan
    if area is not None:
        areas = _row("area", area)
        check_same_shape(("x", "area"), across.shape, areas.shape)
        covered = float(areas.sum() / field)
    tree = cKDTree(points)
    nearest = float(tree.query(points, 2)[0][:, 1].mean()) if n > 1 else math.nan
    expected, deviation = _at_random(n, field, 2 * sum(sides), corrected)
    return Dispersion(
        n=n,
        number_density=n / field,
        covered_share=covered,
        mean_nearest=nearest,
        clark_evans=nearest / expected,
        clark_evans_z=(nearest - expected) / deviation,
        r=(bins[1:] + bins[:-1]) / 2,
        g=_pair_correlation(points, tree, sides, bins),
    )


def _row(field: str, value: Any, limit: float = math.inf) -> Floats:
    """(n,) numbers from 0 to a limit."""
    row: Floats = finite_array(field, value, np.float64)
    if row.ndim != 1:
        raise ValueError(f"{field} must have shape (n,). Received: shape {row.shape}")
    wrong = (row < 0) | (row > limit)
    if wrong.any():
        bounds = ">= 0" if limit == math.inf else f"in [0, {limit:g}]"
        raise ValueError(f"{field} must be {bounds}. {check.received(field, float(row[wrong][0]))}")
    return row


def _at_random(n: int, field: float, perimeter: float, rim: bool) -> tuple[float, float]:
    """Expectation and standard deviation of the mean nearest distance of n random points."""
    if n < 2:
        return math.nan, math.nan
    mean, variance = 0.5 * math.sqrt(field / n), (4 - math.pi) / (4 * math.pi) * field / n**2
    if rim:
        mean += perimeter / n * (0.0514 + 0.041 / math.sqrt(n))
        variance = 0.0703 * field / n**2 + 0.037 * perimeter * math.sqrt(field / n**5)
    return mean, math.sqrt(variance)


def _pair_correlation(
    points: Floats, tree: Any, sides: tuple[float, float], bins: Floats
) -> Floats:
    n = len(points)
    if n < 2:
        return np.full(len(bins) - 1, math.nan)
    pairs = tree.query_pairs(bins[-1], output_type="ndarray")
    offsets = np.abs(points[pairs[:, 0]] - points[pairs[:, 1]])
    seen = (sides[0] - offsets[:, 0]) * (sides[1] - offsets[:, 1])
    share = seen / (sides[0] * sides[1])
    found, _ = np.histogram(np.hypot(*offsets.T), bins, weights=2 / share)
    rings = np.pi * np.diff(bins**2)
    return np.asarray(found / (n * (n - 1) * rings / (sides[0] * sides[1])))
