"""How well an angle can be known: the Cramer-Rao bound."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from nanotilt._base import checks as check
from nanotilt._base.arithmetic import in_ieee_mode
from nanotilt._base.arrays import checked_angles
from nanotilt.ops.tomography import tilt_series

_STEP_RAD = 2e-3
"""Of the derivative: moves a rim 24 bins away by 0.05 bins. Projections are float32, good to 1e-6
of their thickness; of a thickness of 40 that makes 1e-2 counts per radian, against some 100."""


@in_ieee_mode
def cramer_rao_bound(
    rings: Sequence[npt.ArrayLike],
    densities: npt.ArrayLike | None = None,
    *,
    stereo_deg: float | None,
    noise_sigma: float,
    n_bins: int,
    lower: float,
    upper: float,
    angles_rad: npt.ArrayLike | None = None,
) -> npt.NDArray[np.float64]:
    """Smallest standard deviation that an unbiased estimate of a pair's angle can have.

    For a known shape and Gaussian noise, independent in every bin of both projections: with g the
    exact projections, sigma / sqrt(sum over bins and views of (dg / dangle)^2). An estimate
    that does not know the shape can only be worse. Compare root mean squares: of an estimate's
    errors, and of this over all orientations, ``np.sqrt(np.mean(bound**2))``.

    Args:
        rings: Polygons, as for `nanotilt.project`.
        densities: One number for each ring. None: 1 for all.
        stereo_deg: The second projection is so much further, in degrees. None: there is one only.
        noise_sigma: Standard deviation of the noise in each bin, in units of the projections.
        n_bins: Number of bins.
        lower: Middle of the first bin.
        upper: Middle of the last bin, > lower. With ``lower = -upper`` the origin, which the rings
            turn about, is seen at (n_bins - 1) / 2.
        angles_rad: Angles in radians that the bound is wanted at, a number or (n_angles,). None:
            720 angles, spread evenly over a turn.

    Returns:
        (n_angles,) float64, in radians; infinite where no bin depends on the angle.

    Raises:
        TypeError: an argument is of the wrong kind.
        ValueError: an argument has a wrong value.
    """
    steps_rad = [0.0]
    if stereo_deg is not None:
        steps_rad.append(math.radians(check.real("stereo_deg", stereo_deg)))
    sigma = check.real("noise_sigma", noise_sigma, at_least=0)
    if angles_rad is None:
        angles_rad = np.arange(720) * (2 * math.pi / 720)
    angles = checked_angles(angles_rad)

    def seen(at: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        series = tilt_series(
            rings, densities, angles_rad=at, n_bins=n_bins, lower=lower, upper=upper
        )
        return series.astype(np.float64)

    information = np.zeros(angles.shape)
    for step in steps_rad:
        at = angles + step
        slope = (seen(at + _STEP_RAD) - seen(at - _STEP_RAD)) / (2 * _STEP_RAD)
        information += (slope**2).sum(axis=1)
    bound = np.full(angles.shape, np.inf)
    np.divide(sigma, np.sqrt(information), out=bound, where=information > 0)
    return bound
