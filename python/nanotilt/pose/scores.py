"""How well orientations were predicted: errors modulo a symmetry, without the one free offset.

A stereo pair tells how orientations differ, never where 0 is, so that all predictions share one
arbitrary offset; it is removed before anything is counted (Laurie 2024, section 4.1). NumPy alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from nanotilt._base import checks as check
from nanotilt._base.arrays import finite_angles
from nanotilt._base.symmetry import checked_order

Offset: TypeAlias = Literal["mean", "at_zero"] | float

LIMITS_DEG = (0.5, 1.0, 2.0, 3.0)
"""Errors within which samples are counted: the columns of the paper's figure 4.4."""


@dataclass(frozen=True)
class OrientationScores:
    """What the paper's figure 4.4 tells of one network, and the mean of the absolute errors.

    Args:
        n_samples: Number of samples, > 0.
        offset_rad: What was removed from all predictions, in radians.
        within: Share of samples, in [0, 1], whose absolute error is at most 0.5, 1, 2 and 3 degrees
            (``LIMITS_DEG``).
        mean_deg: Mean error, in degrees.
        std_deg: Standard deviation of the errors, in degrees.
        mean_absolute_deg: Mean absolute error, in degrees.
    """

    n_samples: int
    offset_rad: float
    within: tuple[float, ...]
    mean_deg: float
    std_deg: float
    mean_absolute_deg: float


def angle_errors_rad(
    predicted_rad: npt.ArrayLike,
    true_rad: npt.ArrayLike,
    symmetry: int,
    *,
    offset: Offset = "mean",
) -> npt.NDArray[np.float64]:
    """Errors of predicted orientations, the shorter way round, the shared offset removed.

    Args:
        predicted_rad: (n,) angles in radians, any multiple of 2 pi / symmetry added.
        true_rad: (n,) angles in radians.
        symmetry: The shape's rotational order: 4 for a square.
        offset: What all predictions share. "mean": the circular mean of predicted - true.
            "at_zero": predicted - true of the sample whose true angle is closest to 0, which is how
            the paper reads it off; its mean error is then not 0. A number: in radians.

    Returns:
        (n,) float64 radians in (-pi / symmetry, pi / symmetry].

    Raises:
        TypeError: An argument is of the wrong kind.
        ValueError: An argument has a wrong value.
    """
    return _errors(predicted_rad, true_rad, symmetry, offset)[0]


def orientation_scores(
    predicted_rad: npt.ArrayLike,
    true_rad: npt.ArrayLike,
    symmetry: int,
    *,
    offset: Offset = "mean",
) -> OrientationScores:
    """A row of the paper's figure 4.4. The arguments are those of `angle_errors_rad`.

    The paper leaves errors beyond 10 degrees out, as artefacts of its modulus. Here the modulus has
    none, and every sample counts.

    Raises:
        TypeError: An argument is of the wrong kind.
        ValueError: An argument has a wrong value.
    """
    errors, offset_rad = _errors(predicted_rad, true_rad, symmetry, offset)
    degrees = np.rad2deg(errors)
    absolute = np.abs(degrees)
    return OrientationScores(
        n_samples=len(errors),
        offset_rad=offset_rad,
        within=tuple(float((absolute <= limit).mean()) for limit in LIMITS_DEG),
        mean_deg=float(degrees.mean()),
        std_deg=float(degrees.std()),
        mean_absolute_deg=float(absolute.mean()),
    )


def _errors(
    predicted_rad: Any, true_rad: Any, symmetry: Any, offset: Any
) -> tuple[npt.NDArray[np.float64], float]:
    """The errors, and the offset that was removed."""
    predicted = finite_angles("predicted_rad", predicted_rad)
    true = finite_angles("true_rad", true_rad)
    order = checked_order(symmetry)
    if predicted.ndim != 1 or predicted.shape != true.shape or not predicted.size:
        raise ValueError(
            "predicted_rad and true_rad must have the same shape (n,), n >= 1. "
            f"{check.received('predicted_rad.shape', predicted.shape)}, true_rad.shape={true.shape}"
        )
    difference = predicted - true
    offset = check.plain("offset", offset)
    if isinstance(offset, str):
        if check.choice("offset", offset, ("mean", "at_zero")) == "mean":
            removed = float(np.angle(np.exp(1j * order * difference).mean()) / order)
        else:
            removed = float(difference[np.argmin(np.abs(_wrapped(true, order)))])
    else:
        removed = check.real("offset", offset)
    removed = float(_wrapped(np.array([removed]), order)[0])
    return _wrapped(difference - removed, order), removed


def _wrapped(angles: npt.NDArray[np.float64], order: int) -> npt.NDArray[np.float64]:
    """Angles brought into (-pi / order, pi / order] by whole periods."""
    period = 2 * np.pi / order
    return angles - period * np.ceil(angles / period - 0.5)
