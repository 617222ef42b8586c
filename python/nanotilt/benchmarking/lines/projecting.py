"""One polygon from many angles: ``nanotilt.project`` beside NumPy and beside scikit-image's radon.

A polygon of 1,000 corners, 180 angles over half a turn, 256 rays, one thread. Before anything is
timed, results are compared.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from nanotilt._base.optional import missing
from nanotilt.benchmarking.effort import Effort
from nanotilt.benchmarking.lines import sinogram_reference as reference
from nanotilt.benchmarking.results import Figure, Goal, GoalLine
from nanotilt.benchmarking.timing import best_seconds, calls
from nanotilt.ops.projection import project

N_CORNERS = 1000
N_ANGLES = 180

RAY_TOLERANCE = 1e-4
"""Largest difference between two ray tracers in float32, in mean radii; thickness goes to 2.3."""

IMAGE_TOLERANCE = 0.02
"""Mean difference between a ray tracer and an image of 256 x 256 pixels, over mean thickness."""

Sinogram = Callable[[], npt.NDArray[np.float32]]
Difference = Callable[[npt.NDArray[Any], npt.NDArray[Any]], float]


def projecting_lines(effort: Effort) -> list[GoalLine]:
    """How many times faster nanotilt is than broadcasting, than the best NumPy, than radon.

    Raises:
        RuntimeError: results differ by more than the tolerance.
    """
    ring, angles = reference.polygon(N_CORNERS), reference.half_turn(N_ANGLES)

    def own() -> npt.NDArray[np.float32]:
        return project(
            [ring],
            angles_rad=angles,
            n_bins=reference.N_BINS,
            lower=reference.LOWER,
            upper=reference.UPPER,
            n_threads=1,
        )

    lines = [
        compared_line(
            "project-by-broadcasting",
            "project: NumPy broadcast / nanotilt",
            Goal(">=", 50),
            ("NumPy", lambda: reference.broadcast_sinogram(ring, angles)),
            own,
            (largest_difference, RAY_TOLERANCE),
            effort,
        ),
        compared_line(
            "project-by-listing",
            "project: NumPy by lists / nanotilt",
            None,
            ("NumPy", lambda: reference.listed_sinogram(ring, angles)),
            own,
            (largest_difference, RAY_TOLERANCE),
            effort,
        ),
    ]
    key, what, goal = "project-by-radon", "project: image and radon / nanotilt", 200
    lacking = missing("skimage")
    if lacking:
        return [*lines, GoalLine(key, what, None, "", Goal(">=", goal), (), lacking)]
    radon = compared_line(
        key,
        what,
        Goal(">=", goal),
        ("radon", lambda: reference.radon_sinogram(ring, angles)),
        own,
        (relative_mean_difference, IMAGE_TOLERANCE),
        effort.with_fewer_rounds(),
    )
    return [*lines, radon]


def largest_difference(first: npt.NDArray[Any], second: npt.NDArray[Any]) -> float:
    """Largest difference of two arrays."""
    return float(np.abs(first - second).max())


def relative_mean_difference(first: npt.NDArray[Any], second: npt.NDArray[Any]) -> float:
    """Mean difference of two arrays over the mean of the first."""
    return float(np.abs(first - second).mean() / first.mean())


def compared_line(
    key: str,
    what: str,
    goal: Goal | None,
    beside: tuple[str, Sinogram],
    own: Sinogram,
    agreement: tuple[Difference, float],
    effort: Effort,
) -> GoalLine:
    """A goal line: how many times faster nanotilt does the same as something else.

    Args:
        key: The line's key.
        what: What it is called.
        goal: The goal, if any.
        beside: Name and work of the other.
        own: The work in nanotilt.
        agreement: How results are compared, and how much they may differ.
        effort: How long to measure.

    Raises:
        RuntimeError: results differ by more.
    """
    name, other = beside
    difference_of, tolerance = agreement
    difference = difference_of(own(), other())
    if not difference <= tolerance:
        raise RuntimeError(
            f"{key}: both results must agree within {tolerance}. Received: {difference=}"
        )
    seconds = best_seconds({"own": calls(own), "other": calls(other)}, effort)
    figures = (
        Figure(name, 1e3 * seconds["other"], "ms"),
        Figure("nanotilt", 1e3 * seconds["own"], "ms"),
    )
    return GoalLine(key, what, seconds["other"] / seconds["own"], "", goal, figures)
