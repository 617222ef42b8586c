"""Recovered angles beside true ones."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from nanotilt._base import checks as check
from nanotilt._base.arrays import finite_angles

Floats = npt.NDArray[np.float64]


def angle_errors(recovered: npt.ArrayLike, true: npt.ArrayLike, symmetry: int = 1) -> Floats:
    """Errors of angles that are known up to the shape's symmetry and one common offset.

    Without truth, nothing tells which orientation of a shape is angle 0, nor which of its
    `symmetry` equal orientations is meant. The offset that is removed is the mean of errors
    within an eighth of a period of their circular median, so that a few pairs that are half a turn
    off do not move it.

    Args:
        recovered: (n,) angles in radians.
        true: (n,) angles in radians.
        symmetry: The shape looks the same after 1 / symmetry of a turn; >= 1.

    Returns:
        (n,) float64, in radians, within half a period: [-pi / symmetry, pi / symmetry].

    Raises:
        TypeError: an argument is of the wrong kind.
        ValueError: an argument has a wrong value.

    Example:
        >>> from nanotilt.pose import angle_errors
        >>> angle_errors([0.5, 1.5, 3.75], [0.0, 1.0, 2.0])
        array([0.  , 0.  , 1.25])
    """
    one, other = _angles("recovered", recovered), _angles("true", true)
    if one.shape != other.shape:
        raise ValueError(
            f"true must have as many angles as recovered, {one.size}. Received: shape {other.shape}"
        )
    period = 2 * math.pi / check.integer("symmetry", symmetry, at_least=1, below=2**16)
    return centred(one - other, period)


def centred(differences: Floats, period: float) -> Floats:
    """Differences of angles less what most of them have in common, within half a period."""
    offset = _circular_median(differences, period)
    wrapped = within(differences - offset, period)
    near = np.abs(wrapped) < period / 8
    return within(wrapped - wrapped[near].mean(), period) if near.any() else wrapped


def within(angles: Floats, period: float) -> Floats:
    """Angles brought to [-period / 2, period / 2]."""
    return angles - period * np.round(angles / period)


def _circular_median(angles: Floats, period: float) -> float:
    """The one of 64 offsets that is nearest to most angles, then the median about it."""
    candidates = np.arange(64) * (period / 64)
    distance = np.abs(within(angles[None] - candidates[:, None], period)).mean(axis=1)
    nearest = candidates[distance.argmin()]
    return float(nearest + np.median(within(angles - nearest, period)))


def _angles(field: str, value: Any) -> Floats:
    angles: Floats = finite_angles(field, value)
    if angles.ndim != 1 or angles.size == 0:
        raise ValueError(f"{field} must have shape (n,), n >= 1. Received: shape {angles.shape}")
    return angles
