"""Images of polygons."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from nanotilt import _core
from nanotilt._base import checks as check
from nanotilt._base.arithmetic import in_ieee_mode
from nanotilt._base.arrays import (
    SIZE_LIMIT,
    checked_densities,
    checked_images,
    checked_rings,
    computed_in_range,
    largest_magnitude,
    must_fit,
)
from nanotilt.ops.projection import thread_count

SMALLEST_VIEW = 1e-30
"""Any float32 corner, counted in pixels of such a view, can be squared in float64."""

MOST_SAMPLES_PER_SIDE = 64

_SAMPLES_BY_NAME = {"exact": 0, "binary": 1}


@in_ieee_mode
def rasterise(
    rings: Sequence[npt.ArrayLike],
    densities: npt.ArrayLike | None = None,
    *,
    n_pixels: int,
    field_of_view: float,
    antialias: Literal["exact", "binary"] | int = "exact",
    angle_rad: float = 0.0,
) -> npt.NDArray[np.float32]:
    """Image of polygons: density times the share of each pixel that they cover.

    Each ring follows the even-odd rule, also where it crosses itself; rings add up. The origin is
    in the middle of the image, (n_pixels - 1) / 2 in rows and columns; rows run downwards from +y,
    columns from -x to +x, so that ``radon(rasterise(rings, ...), angles, centre="middle")`` shows
    what `tilt_series` gives for the same angles. (The default of radon turns about pixel
    n_pixels // 2, half a pixel away if n_pixels is even.)

    Args:
        rings: Polygons, each (n, 2) corners (x, y), n >= 3, closed implicitly.
        densities: One number for each ring. None: 1 for all.
        n_pixels: Pixels on each side.
        field_of_view: Length of a side, >= 1e-30, in the units of the corners.
        antialias: "exact": the covered area; "binary": whether the pixel's middle is inside; an
            integer s: mean over s x s points, spread evenly over the pixel.
        angle_rad: Angle that the rings are turned by first, as `project` turns them.

    Returns:
        (n_pixels, n_pixels) float32.

    Raises:
        TypeError: an argument is of the wrong kind.
        ValueError: an argument has a wrong value.

    Example:
        >>> import nanotilt as nt
        >>> nt.rasterise([[(-1, -1), (1, -1), (1, 1)]], n_pixels=2, field_of_view=2)
        array([[0. , 0.5],
               [0.5, 1. ]], dtype=float32)
    """
    checked = checked_rings(rings)
    checked_weights = checked_densities(densities, len(checked.corners))
    n_pixels = check.integer("n_pixels", n_pixels, at_least=1, below=SIZE_LIMIT + 1)
    field_of_view = check.real("field_of_view", field_of_view, at_least=SMALLEST_VIEW)
    made = _core.rasterise(
        checked.corners,
        checked_weights,
        n_pixels,
        field_of_view,
        math.fmod(check.real("angle_rad", angle_rad), 2 * math.pi),
        samples_per_side(antialias),
    )
    return must_fit(
        made,
        "densities",
        lambda: f"densities up to {largest_magnitude(checked_weights):g}",
    )


@in_ieee_mode
def remove_background(
    images: npt.ArrayLike, *, n_threads: int | None = None
) -> npt.NDArray[np.float32]:
    """Images less their background: what is no more than noise becomes 0.

    Of each image, the largest value of its outermost pixels, where no particle may be, is
    subtracted, and what is below is cut at 0 (Laurie 2024, section 2.1, whose noise is uniform).

    Args:
        images: (height, width), or (n, height, width) for several at once; booleans are 0 and 1.
        n_threads: Threads to use; None: see `nanotilt.build_info`. The result does not depend on
            it.

    Returns:
        As many images of the same shape, float32.

    Raises:
        TypeError: an argument is of the wrong kind.
        ValueError: an argument has a wrong value.

    Example:
        >>> import nanotilt as nt
        >>> nt.remove_background([[1, 0, 1], [0, 3, 2], [1, 2, 0]])
        array([[0., 0., 0.],
               [0., 1., 0.],
               [0., 0., 0.]], dtype=float32)
    """
    checked, largest, single = checked_images("images", images)
    threads = thread_count(n_threads)
    made = computed_in_range(
        "images", checked, largest, 2, lambda images: _core.remove_background(images, threads)
    )
    return made[0] if single else made


@in_ieee_mode
def centre_of_mass_roll(
    images: npt.ArrayLike, *, n_threads: int | None = None
) -> npt.NDArray[np.float32]:
    """Images rolled by whole pixels so that their centres of mass come to their middles.

    As close to (height - 1) / 2 and (width - 1) / 2 as whole pixels can; what leaves an image on
    one side comes in on the other (Laurie 2024, section 2.1). An image whose values do not add up
    to more than 0, or whose centre of mass lies outside because of negative ones, stays as it is.

    Args:
        images: (height, width), or (n, height, width) for several at once; booleans are 0 and 1.
        n_threads: Threads to use; None: see `nanotilt.build_info`. The result does not depend on
            it.

    Returns:
        As many images of the same shape, float32.

    Raises:
        TypeError: an argument is of the wrong kind.
        ValueError: an argument has a wrong value.

    Example:
        >>> import nanotilt as nt
        >>> nt.centre_of_mass_roll([[5, 0, 0], [0, 0, 0], [0, 0, 0]])
        array([[0., 0., 0.],
               [0., 5., 0.],
               [0., 0., 0.]], dtype=float32)
    """
    checked, _, single = checked_images("images", images)
    made = _core.centre_of_mass_roll(checked, thread_count(n_threads))
    return made[0] if single else made


def checked_antialias(antialias: Any) -> str | int:
    """How pixels at an edge are valued, as a plain Python value."""
    value = check.plain("antialias", antialias)
    if isinstance(value, str) and value in _SAMPLES_BY_NAME:
        return str.__str__(value)
    is_number = check.is_integer(value)
    if is_number and 1 <= value <= MOST_SAMPLES_PER_SIDE:
        return int(value)
    wrong = ValueError if is_number or isinstance(value, str) else TypeError
    raise wrong(
        f'antialias must be "exact", "binary", or an integer in [1, {MOST_SAMPLES_PER_SIDE}]. '
        f"{check.received('antialias', antialias)}"
    )


def samples_per_side(antialias: Any) -> int:
    """Sub-pixels on each side of a pixel; 0 for exact areas."""
    checked = checked_antialias(antialias)
    return _SAMPLES_BY_NAME[checked] if isinstance(checked, str) else checked
