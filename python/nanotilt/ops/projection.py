"""Projection, sinogram and Gaussian blur of your own polygons and arrays.

Arrays of other types and layouts are converted to float32 once, on the way in, each number rounded
to the nearest. Masked values are refused.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

import numpy as np
import numpy.typing as npt

from nanotilt import _core
from nanotilt._base import arrays
from nanotilt._base import checks as check
from nanotilt._base.arithmetic import in_ieee_mode
from nanotilt._base.sizes import (
    BLUR_SIGMA_LIMIT,
    N_BINS_LIMIT,
    N_VALUES_LIMIT,
    check_limits,
)

Sampling = Literal["ray", "bin"]


@in_ieee_mode
def project(
    rings: Sequence[npt.ArrayLike],
    densities: npt.ArrayLike | None = None,
    *,
    angles_rad: npt.ArrayLike = (0.0,),
    n_bins: int,
    lower: float,
    upper: float,
    about: tuple[float, float] = (0.0, 0.0),
    sampling: Sampling = "ray",
    n_threads: int | None = None,
) -> npt.NDArray[np.float32]:
    """Ray-traced projection of polygons at one or more angles.

    Turning by an angle a maps (x, y) to (x cos a + y sin a, y cos a - x sin a), about the point
    `about`; then rays run along +y. A ring counts where a ray passes through it an odd number of
    times (even-odd rule), times its density; rings add up (Sullivan 2020, section 3.1, eq. 7). An
    edge is hit when the ray lies in the half-open interval between its ends.

    Args:
        rings: Polygons, each (n, 2) corners (x, y), n >= 3, closed implicitly.
        densities: One number for each ring. None: 1 for all.
        angles_rad: Angles in radians, a number or (n_angles,).
        n_bins: Number of rays or bins.
        lower: Place of the first ray.
        upper: Place of the last ray, > lower: rays stand at ``numpy.linspace(lower, upper,
            n_bins)``. With ``lower = -upper`` the origin lies at (n_bins - 1) / 2.
        about: Point (x, y) that the rings are turned about.
        sampling: "ray": thickness along each ray; "bin": exact mean thickness over each bin, which
            reaches half a ray distance to both sides of its ray, so that its sum times (upper -
            lower) / (n_bins - 1) is the area seen.
        n_threads: Threads to use; None: see `nanotilt.build_info`. The result does not depend on
            it.

    Returns:
        (n_angles, n_bins) float32.

    Raises:
        TypeError: an argument is of the wrong kind.
        ValueError: an argument has a wrong value.

    Example:
        >>> import nanotilt as nt
        >>> square = [(-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5)]
        >>> nt.project([square], n_bins=5, lower=-1, upper=1)
        array([[0., 1., 1., 0., 0.]], dtype=float32)
    """
    checked = arrays.checked_rings(rings)
    checked_densities = arrays.checked_densities(densities, len(checked.corners))
    angles = arrays.checked_angles(angles_rad)
    n_bins = check.integer("n_bins", n_bins, at_least=1, below=N_BINS_LIMIT + 1)
    if angles.size * n_bins > 2**31:
        raise ValueError(
            f"the number of angles times n_bins must be <= 2**31. "
            f"{check.received('n_bins', n_bins)}, {angles.size} angles"
        )
    lower = check.real("lower", lower)
    upper = check.real("upper", upper)
    check_limits("lower", lower, "upper", upper)
    about_x, about_y = check.reals("about", about, length=2)
    by_bin = check.choice("sampling", sampling, ("ray", "bin")) == "bin"
    threads = thread_count(n_threads)
    made = _core.project(
        checked.corners,
        checked_densities,
        angles,
        n_bins,
        lower,
        upper,
        (about_x, about_y),
        by_bin,
        threads,
    )
    return arrays.must_fit(
        made,
        "rings, in units of a ray's distance to the next, and densities",
        lambda: (
            f"rings up to {checked.largest:g}, densities up to "
            f"{arrays.largest_magnitude(checked_densities):g}, rays over {upper - lower:g}"
        ),
    )


@in_ieee_mode
def sinogram(
    rings: Sequence[npt.ArrayLike],
    densities: npt.ArrayLike | None = None,
    *,
    n_angles: int | None = None,
    angles_rad: npt.ArrayLike | None = None,
    n_bins: int,
    lower: float,
    upper: float,
    about: tuple[float, float] = (0.0, 0.0),
    sampling: Sampling = "ray",
    n_threads: int | None = None,
) -> npt.NDArray[np.float32]:
    """Sinogram of polygons: their projections at many angles, as `project` makes them.

    Args:
        rings: As for `project`, like all arguments but `n_angles` and `angles_rad`.
        densities: One number for each ring. None: 1 for all.
        n_angles: Number of angles, spread evenly over half a turn from 0 on: i * pi / n_angles.
            Give this or `angles_rad`.
        angles_rad: The angles themselves, (n_angles,), in radians.
        n_bins: Number of rays or bins.
        lower: Place of the first ray.
        upper: Place of the last ray, > lower.
        about: Point (x, y) that the rings are turned about.
        sampling: "ray" or "bin".
        n_threads: Threads to use.

    Returns:
        (n_angles, n_bins) float32.

    Raises:
        TypeError: both or none of `n_angles` and `angles_rad` are given, or an argument is of the
            wrong kind.
        ValueError: an argument has a wrong value.
    """
    if (n_angles is None) == (angles_rad is None):
        raise TypeError(
            f"sinogram needs n_angles or angles_rad, and not both. "
            f"{check.received('n_angles', n_angles)}, "
            f"angles_rad={angles_rad!r}"
        )
    if angles_rad is None:
        number = check.integer("n_angles", n_angles, at_least=1, below=N_VALUES_LIMIT)
        angles_rad = np.arange(number) * (math.pi / number)
    return project(
        rings,
        densities,
        angles_rad=angles_rad,
        n_bins=n_bins,
        lower=lower,
        upper=upper,
        about=about,
        sampling=sampling,
        n_threads=n_threads,
    )


@in_ieee_mode
def gaussian_blur(
    x: npt.ArrayLike, sigma_px: float, axis: int = -1, *, n_threads: int | None = None
) -> npt.NDArray[np.float32]:
    """Blurs along one axis with a Gaussian.

    Edges are reflected (d c b a | a b c d | d c b a), weights are cut off at 4 sigma: the same as
    ``scipy.ndimage.gaussian_filter1d(x, sigma_px, axis)`` within float32. No value becomes larger
    than the largest there was.

    Args:
        x: Real array of one dimension or more, finite; booleans are 0 and 1.
        sigma_px: Standard deviation in elements, >= 0; 0 copies.
        axis: Axis to blur along.
        n_threads: Threads to use; None: see `nanotilt.build_info`. The result does not depend on
            it.

    Returns:
        float32 array of the shape of `x`.

    Raises:
        TypeError: an argument is of the wrong kind.
        ValueError: an argument has a wrong value.
    """
    values, largest = arrays.finite_and_largest("x", x, np.float32, booleans=True)
    if values.ndim == 0:
        raise ValueError(f"x must have one dimension at least. {check.received('x', x)}")
    axis = check.integer("axis", axis)
    if not -values.ndim <= axis < values.ndim:
        raise ValueError(
            f"axis must be in [{-values.ndim}, {values.ndim}). {check.received('axis', axis)}"
        )
    length = values.shape[axis]
    sigma_px = check.real("sigma_px", sigma_px, at_least=0)
    if sigma_px > min(100 * max(length, 1), BLUR_SIGMA_LIMIT):
        raise ValueError(
            "sigma_px must be <= 100 * length of the axis and <= 2**20. "
            f"{check.received('sigma_px', sigma_px)}"
        )
    rows = np.ascontiguousarray(np.moveaxis(values, axis, -1))
    if rows.size == 0:
        return np.array(values, dtype=np.float32)
    threads = thread_count(n_threads)
    blurred = arrays.computed_in_range(
        "x",
        rows.reshape(-1, length),
        largest,
        4,  # values are added in pairs before they are weighted
        lambda rows: _core.gaussian_blur(rows, sigma_px, threads),
        mean=True,
    )
    return np.ascontiguousarray(np.moveaxis(blurred.reshape(rows.shape), -1, axis))


def thread_count(n_threads: int | None) -> int:
    """The number of threads that an argument `n_threads` stands for."""
    if n_threads is None:
        return _core.default_thread_count()
    return check.integer("n_threads", n_threads, at_least=1, below=65537)
