"""Angles and shape from stereo pairs."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from nanotilt._base import checks as check
from nanotilt._base.arithmetic import in_ieee_mode
from nanotilt._base.arrays import finite_and_largest, must_fit, same_contents
from nanotilt.ops.projection import thread_count
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


@dataclass(frozen=True, eq=False)
class Recovery:
    """The result of `recover`: angles, the shape, and how far they can be trusted.

    Attributes:
        angle_rad: (n,) float64: angle of each pair's first projection, in radians within [0, 2 pi /
            symmetry), up to one offset common to all.
        shape: (n_bins, n_bins) float32: the image that, turned by these angles, projects as seen;
            density per bin of length, laid out as `nanotilt.rasterise` does (rows from +y down);
            the rotation axis is in its middle, (n_bins - 1) / 2, as with ``centre="middle"`` of
            `nanotilt.radon`.
        symmetry: The shape's rotational order, found or given.
        cost: (n_starts,) float64: mean squared residual per bin that each start ended with at low
            resolution. One of the three lowest is kept, if no other order's angles fit better.
        confidence: 0 to 1: share of the starts that ended where the kept one did, that is with
            angles within period / 36 of its own for most pairs. 0 where the shape explains no more
            of what differs between projections than as many free numbers would of mere noise.
            docs/orientation.md tells how often results of each confidence were right.
        residual: Root mean squared residual per bin at full resolution, in units of the pairs; near
            the standard deviation of their noise where all went well.
    """

    angle_rad: Floats
    shape: Values
    symmetry: int
    cost: Floats
    confidence: float
    residual: float

    def __eq__(self, other: object) -> bool:
        return same_contents(self, other)


@in_ieee_mode
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
    ``angles_rad``. Two projections of one image at different angles fit together only in one way
    (they are its Radon transform), and the sign of the step tells the shape from its mirror image.

    Projection matching: from `n_starts` random images at a quarter of the resolution, pairs are
    assigned to templates of all angles, ever less softly, and the image is improved by what its
    projections lack, clipped at 0 (expectation-maximisation with annealing). From the starts of
    lowest cost, all angles and the image are fitted together, at full resolution. The problem, with
    images instead of 1D projections and a neural network, is Laurie 2024's; recovering angles from
    projections without truth, Coifman, Shkolnisky, Sigworth & Singer 2008's.

    Args:
        pairs: (n, 2, n_bins), n >= 2, n_bins >= 4: first and second projection of each particle.
            Background must be 0 on average; noise may be of any strength. Angles must be spread
            over the whole turn, evenly or not, and n be some 100 or more for good results.
        stereo_deg: Angle from first to second projection, in degrees, with its sign; no multiple of
            180, where the second only repeats or mirrors the first.
        symmetry: The shape looks the same after 1 / symmetry of a turn: 1 ... 64. None: the order
            among 1 ... 8 that explains the pairs best for the detail it leaves free (Akaike's
            criterion).
        seed: Of the random images. The same seed gives the same result on the same machine.
        n_starts: Random images to begin with.
        axis_bin: Place of the rotation axis on the detector, in bins from the first bin's middle.
            None: the middle, (n_bins - 1) / 2.
        n_threads: Threads to use; None: see `nanotilt.build_info`. The result does not depend on
            it.
        progress: Called with the name of the present step (str) and the share that is done, in [0,
            1].

    Returns:
        A `Recovery`: angles, shape, confidence and residual.

    Raises:
        TypeError: an argument is of the wrong kind.
        ValueError: an argument has a wrong value.
    """
    values, largest = _checked_pairs(pairs)
    step = _checked_step(stereo_deg)
    rng = np.random.default_rng(check.seed_number(seed))
    n_starts = check.integer("n_starts", n_starts, at_least=1, below=2**16)
    axis = (values.shape[2] - 1) / 2 if axis_bin is None else check.real("axis_bin", axis_bin)
    if not 0 <= axis <= values.shape[2] - 1:
        raise ValueError(
            f"axis_bin must be on the detector. {check.received('axis_bin', axis_bin)}"
        )
    if progress is not None and not callable(progress):
        raise TypeError(f"progress must be callable. {check.received('progress', progress)}")
    tell = progress or (lambda _text, _share: None)
    unit = float(values.std(dtype=np.float64))
    seen = Observations((values / unit).astype(np.float32), step, axis, thread_count(n_threads))
    begun, others = 0.0, []
    if symmetry is None:
        begun = 0.6
        order, fit = found_symmetry(seen, rng, lambda text, share: tell(text, begun * share))
        others = [fit.angles]
    else:
        order = check.integer("symmetry", symmetry, at_least=1, below=HIGHEST_SYMMETRY + 1)
    tell("annealing", begun)
    basins = search.anneal(seen, order, n_starts, rng)
    tell("fitting", begun + (1 - begun) * 0.3)
    solution = search.solved(seen, search.rough_fit(seen, basins, others))
    tell("done", 1.0)
    period = 2 * math.pi / order
    return Recovery(
        angle_rad=np.mod(solution.angles, period),
        shape=must_fit(
            solution.image * np.float32(unit), "pairs", lambda: f"pairs up to {largest:g}"
        ),
        symmetry=order,
        cost=basins.cost * unit**2,
        confidence=_confidence(seen, basins, solution),
        residual=math.sqrt(solution.cost) * unit,
    )


def _confidence(seen: Observations, basins: search.Basins, solution: search.Solution) -> float:
    n_free = len(seen.pairs) + math.pi * seen.radius**2 / basins.symmetry
    explained = 1 - solution.cost / seen.contrast**2
    if explained <= n_free / seen.pairs.size:
        return 0.0
    period = 2 * math.pi / basins.symmetry
    differences = [centred(found - solution.angles, period) for found in basins.angles]
    return float(np.mean([np.median(np.abs(each)) < period / 36 for each in differences]))


def _checked_pairs(pairs: Any) -> tuple[Values, float]:
    values, largest = finite_and_largest("pairs", pairs, np.float32, booleans=True)
    if values.ndim != 3 or values.shape[1] != 2 or values.shape[0] < 2:
        raise ValueError(
            f"pairs must have shape (n, 2, n_bins), n >= 2. Received: shape {values.shape}"
        )
    if not 4 <= values.shape[2] <= MOST_BINS:
        raise ValueError(
            f"pairs must have n_bins in [4, {MOST_BINS}]. Received: shape {values.shape}"
        )
    mean, spread = values.mean(dtype=np.float64), values.std(dtype=np.float64)
    if mean <= 0 or spread < 1e-6 * mean:
        raise ValueError(
            "pairs must have a mean > 0, and not be all the same. "
            f"Received: pairs of mean {mean:g}, standard deviation {spread:g}"
        )
    return values, largest


def _checked_step(stereo_deg: Any) -> float:
    step = math.radians(math.fmod(check.real("stereo_deg", stereo_deg), 360))
    if abs(math.sin(step)) < 1e-6:
        raise ValueError(
            f"stereo_deg must not be a multiple of 180. {check.received('stereo_deg', stereo_deg)}"
        )
    return step
