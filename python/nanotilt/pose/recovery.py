"""Angles and shape from stereo pairs."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from nanotilt import _validation as check
from nanotilt._arrays import finite_array
from nanotilt.kernels import thread_count
from nanotilt.pose import search
from nanotilt.pose.comparison import centred
from nanotilt.pose.observations import Observations
from nanotilt.pose.symmetry import found_symmetry

Values = npt.NDArray[np.float32]
Floats = npt.NDArray[np.float64]
Progress: TypeAlias = Callable[[str, float], None]
"""Told what is being done, and the share that is done."""

HIGHEST_SYMMETRY = 64
MOST_BINS = 1024
_ORDERS = (1, 2, 3, 4, 5, 6, 7, 8)
_SEGMENTS = 3
_ROUNDS = 20


@dataclass(frozen=True)
class Recovery:
    """What was found.

    Attributes:
        angle_rad: (n,) float64: angle of each pair's first projection, in radians within [0, 2 pi /
            symmetry), up to one offset common to all.
        shape: (n_bins, n_bins) float32: the image that, turned by these angles, projects as seen;
            density per bin of length, laid out as `nanotilt.rasterise` does (rows from +y down).
        symmetry: The shape's rotational order, found or given.
        cost: (n_starts,) float64: mean squared residual per bin that each start ended with at low
            resolution. The lowest is the start that was kept.
        confidence: Share of the starts that ended where the kept one did, 0 to 1.
        residual: Root mean squared residual per bin at full resolution, in units of the pairs; near
            the standard deviation of their noise where all went well.
    """

    angle_rad: Floats
    shape: Values
    symmetry: int
    cost: Floats
    confidence: float
    residual: float


def recover(
    pairs: npt.ArrayLike,
    stereo_deg: float,
    symmetry: int | None = None,
    seed: int = 0,
    *,
    n_starts: int = 16,
    axis_bin: float | None = None,
    n_threads: int | None = None,
    progress: Progress | None = None,
) -> Recovery:
    """Finds the angles of stereo pairs of projections, and the shape, without any label.

    All pairs show one shape, turned by unknown angles about one axis; the second projection of a
    pair is `stereo_deg` further than the first, in the direction of `nanotilt.tilt_series`'
    ``angles_rad``.
    """
    values = _checked_pairs(pairs)
    n_bins = values.shape[2]
    stereo_rad = math.radians(check.real("stereo_deg", stereo_deg))
    order = symmetry
    if order is not None:
        order = check.integer("symmetry", symmetry, at_least=1, below=HIGHEST_SYMMETRY + 1)
    rng = np.random.default_rng(check.seed_number(seed))
    n_starts = check.integer("n_starts", n_starts, at_least=1, below=2**16)
    axis = (n_bins - 1) / 2 if axis_bin is None else check.real("axis_bin", axis_bin)
    tell = progress or (lambda _text, _share: None)
    seen = Observations(values, stereo_rad, axis, thread_count(n_threads))
    if order is None:
        order = found_symmetry(
            seen, _ORDERS, max(1, n_starts // 4), rng, lambda text, share: tell(text, 0.6 * share)
        )
    begun = 0.6 if symmetry is None else 0.0
    tell("annealing", begun)
    basins = search.anneal(seen, order, n_starts, rng)
    solution = None
    for i in range(_SEGMENTS):
        tell("refining", 1 - (1 - begun) * 0.6 * (1 - i / _SEGMENTS))
        if solution is None:
            solution = search.refine(seen, basins, basins.best, _ROUNDS)
        else:
            solution = search.again(seen, solution, _ROUNDS, 2*math.pi)
    tell("done", 1.0)
    period = 2 * math.pi / order
    return Recovery(
        angle_rad=np.mod(solution.angles, period),
        shape=solution.image,
        symmetry=order,
        cost=basins.cost,
        confidence=_agreement(basins, solution.angles, period),
        residual=math.sqrt(solution.cost),
    )


def _agreement(basins: search.Basins, angles: Floats, period: float) -> float:
    """Share of starts whose angles are mostly the same as these, up to an offset."""
    differences = [np.median(np.abs(centred(found - angles, period))) for found in basins.angles]
    return float(np.mean(np.array(differences) < period / 36))


def _checked_pairs(pairs: Any) -> Values:
    values: Values = finite_array("pairs", pairs, np.float32)
    if values.ndim != 3 or values.shape[1] != 2 or values.shape[0] < 1 or values.shape[2] < 4:
        raise ValueError(
            f"pairs must have shape (n, 2, n_bins), n >= 1, n_bins >= 4. Received: shape {values.shape}"
        )
    return values
