"""Images in polar coordinates: means over the cells of a polar grid, and over whole rings.

A centre (x, y) is in pixels, x along columns, y along rows downwards; the pixel in row i and column
j has its middle at (j, i), so that the true middle of an image of n columns is (n - 1) / 2. Angles
are counted from the columns' direction towards larger rows: atan2(y, x).
"""

from __future__ import annotations

import math
from typing import Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from nanotilt import _core
from nanotilt._base import checks as check
from nanotilt._base.arithmetic import in_ieee_mode
from nanotilt._base.arrays import SIZE_LIMIT, checked_images, finite_array
from nanotilt._base.label_images import mask_stack
from nanotilt.ops.projection import thread_count

Spacing = Literal["linear", "log"]
Radius = float | tuple[float, float] | None
Images = npt.NDArray[np.float32]

SPACINGS = ("linear", "log")
LARGEST_DISTANCE = 1e6
"""Pixels; of a centre from the image's corner, and of radii."""

_SMALLEST_RADIUS = 1e-3
_N_VALUES_LIMIT = 2**31


class PolarCells(NamedTuple):
    """Means over polar cells, and where these lie.

    Attributes:
        mean: (n_radii, n_angles) or (n, n_radii, n_angles) float32; 0 for cells without pixels.
        n_pixels: int32 of the same shape: pixels of each cell.
        radius: (inner, outer) radius of the grid in pixels.
        spacing: "linear" or "log": how borders between rings are spaced.
        half_turn: Whether the cells cover half a turn, opposite pixels sharing one.
    """

    mean: npt.NDArray[np.float32]
    n_pixels: npt.NDArray[np.int32]
    radius: tuple[float, float]
    spacing: Spacing
    half_turn: bool


class AzimuthalProfile(NamedTuple):
    """What rings of an image hold.

    Attributes:
        mean: (n_radii,) or (n, n_radii) float32: mean over the ring's pixels; 0 without pixels.
        maximum: float32 of the same shape: the largest mean of the cells that the ring is cut into.
        n_pixels: int32 of the same shape: pixels of each ring.
    """

    mean: npt.NDArray[np.float32]
    maximum: npt.NDArray[np.float32]
    n_pixels: npt.NDArray[np.int32]


@in_ieee_mode
def polar_bins(
    images: npt.ArrayLike,
    centre: npt.ArrayLike,
    n_radii: int,
    n_angles: int,
    radius: Radius = None,
    *,
    spacing: Spacing = "linear",
    half_turn: bool = False,
    mask: npt.ArrayLike | None = None,
    n_threads: int | None = None,
) -> PolarCells:
    """Means of images over the cells of a polar grid.

    Every pixel belongs to the cell that its middle is in, whole: counts stay Poisson counts,
    independent from cell to cell, which they would not be if pixels were split between cells; and
    cells that are smaller than pixels, near the centre, may hold none.

    Args:
        images: (height, width), or (n, height, width) for several at once; booleans are 0 and 1.
        centre: (x, y) in pixels, or (n, 2) for each image its own: x along columns, y along rows
            downwards, pixel (row i, column j) in the middle (j, i). It may be outside the image.
        n_radii: Rings of cells, <= 2**14.
        n_angles: Cells of a ring, <= 2**14. The first begins at angle 0, the columns' direction;
            angles grow towards larger rows: atan2(y, x).
        radius: (inner, outer) radius of the grid in pixels, or the outer one alone; the outer
            border itself is outside. None: all pixels are inside.
        spacing: Borders between rings are equally far apart in the radius ("linear") or in its
            logarithm ("log"; the inner radius is 1 pixel unless `radius` gives another).
        half_turn: Whether the cells cover half a turn, and opposite pixels share one: Friedel's
            law, I(angle) = I(angle + pi), gives each cell twice the counts, and shows what a
            beamstop hides.
        mask: 1 or True for pixels that count, (height, width) or one for each image; the others are
            not looked at, and may be NaN. None: all pixels count.
        n_threads: Threads to use; None: see `nanotilt.build_info`. The result does not depend on
            it.

    Returns:
        Means and numbers of pixels, each (n_radii, n_angles), or (n, n_radii, n_angles) for several
        images; and the grid's radii, spacing and half turn.

    Raises:
        TypeError: an argument is of the wrong kind.
        ValueError: an argument has a wrong value.

    Example:
        >>> import nanotilt as nt
        >>> cells = nt.polar_bins([[0, 1, 0], [2, 9, 4], [0, 3, 0]], (1, 1), 2, 1, radius=1.4)
        >>> cells.mean[:, 0], cells.n_pixels[:, 0]
        (array([9. , 2.5], dtype=float32), array([1, 4], dtype=int32))
    """
    stack, masks, single = checked_masked_images(images, mask)
    centres = _checked_centres(centre, len(stack), single)
    n_radii = check.integer("n_radii", n_radii, at_least=1, below=SIZE_LIMIT + 1)
    n_angles = check.integer("n_angles", n_angles, at_least=1, below=SIZE_LIMIT + 1)
    logarithmic = check.choice("spacing", spacing, SPACINGS) == "log"
    inner, outer = _checked_radii(radius, logarithmic, centres, stack.shape[1:])
    half_turn = check.flag("half_turn", half_turn)
    if len(stack) * n_radii * n_angles > _N_VALUES_LIMIT:
        raise ValueError(
            "n_radii and n_angles must be so small that the result has <= 2**31 values. "
            f"Received: n_radii={n_radii}, n_angles={n_angles} for {len(stack)} images"
        )
    mean, count = _core.polar_means(
        stack,
        centres,
        masks,
        n_radii,
        n_angles,
        inner,
        outer,
        logarithmic,
        half_turn,
        thread_count(n_threads),
    )
    shown: Spacing = "log" if logarithmic else "linear"
    where = ((inner, outer), shown, half_turn)
    if single:
        return PolarCells(mean[0], count[0], *where)
    count = count if len(count) == len(mean) else np.repeat(count, len(mean), 0)
    return PolarCells(mean, count, *where)


@in_ieee_mode
def azimuthal_profile(
    images: npt.ArrayLike,
    centre: npt.ArrayLike,
    n_radii: int,
    radius: Radius = None,
    *,
    spacing: Spacing = "linear",
    n_angles: int = 64,
    half_turn: bool = False,
    mask: npt.ArrayLike | None = None,
    n_threads: int | None = None,
) -> AzimuthalProfile:
    """Means and maxima of images over the azimuth, ring by ring.

    The mean counts every pixel of a ring alike. The maximum is that of the means of `n_angles`
    cells, because the brightest pixel of a noisy ring says little.

    Args:
        images: As for `polar_bins`, as all arguments but `n_angles` are.
        centre: (x, y) in pixels, or (n, 2) for each image its own.
        n_radii: Rings, <= 2**14.
        radius: (inner, outer) radius in pixels, or the outer one alone. None: all pixels.
        spacing: "linear" or "log".
        n_angles: Cells that a ring is cut into, of which the maximum is taken.
        half_turn: Whether opposite pixels share a cell.
        mask: 1 or True for pixels that count.
        n_threads: Threads to use; None: see `nanotilt.build_info`. The result does not depend on
            it.

    Returns:
        Mean, maximum and number of pixels, each (n_radii,), or (n, n_radii) for several images; 0
        for rings without pixels.

    Raises:
        TypeError: an argument is of the wrong kind.
        ValueError: an argument has a wrong value.

    Example:
        >>> import nanotilt as nt
        >>> nt.azimuthal_profile([[0, 1, 0], [2, 9, 4], [0, 3, 0]], (1, 1), 2, radius=1.4).mean
        array([9. , 2.5], dtype=float32)
    """
    mean, count, *_ = polar_bins(
        images,
        centre,
        n_radii,
        n_angles,
        radius,
        spacing=spacing,
        half_turn=half_turn,
        mask=mask,
        n_threads=n_threads,
    )
    total = count.sum(axis=-1, dtype=np.int32)
    sums = np.zeros(total.shape)
    for i in range(mean.shape[-1]):  # in this order everywhere; NumPy's sums depend on its build
        sums += mean[..., i] * count[..., i].astype(np.float64)
    maximum = np.where(count > 0, mean, -np.inf).max(axis=-1)
    maximum = np.where(total > 0, maximum, 0).astype(np.float32)
    return AzimuthalProfile((sums / np.maximum(total, 1)).astype(np.float32), maximum, total)


def checked_masked_images(
    images: Any, mask: Any, *, one_mask: bool = False
) -> tuple[Images, npt.NDArray[np.uint8], bool]:
    """Images as a stack, masks as (0, 1 or n, height, width), and whether it was one image.

    Pixels that the mask leaves out become 0, whatever they hold.
    """
    if mask is None:
        stack, _, single = checked_images("images", images)
        return stack, np.zeros((0, *stack.shape[1:]), np.uint8), single
    masks, alone = mask_stack("mask", mask)
    check.refuse_masked("images", images)
    try:
        shape = np.shape(images)
    except ValueError:  # ragged lists, which the check of images words
        shape = ()
    own = not alone and not one_mask and shape[:-2] == masks.shape[:1]
    if shape and (shape[-2:] != masks.shape[1:] or not (alone or own)):
        raise ValueError(
            f"mask must have the shape of images{', or' * (not one_mask)} of one of its images. "
            f"Received: mask of shape {np.shape(mask)}, images of shape {shape}"
        )
    seen = masks > 0
    values = np.asarray(images) if shape else images
    if shape and values.dtype.kind in "fiub":
        values = np.where(seen[0] if alone else seen, values, values.dtype.type(0))
    stack, _, single = checked_images("images", values)
    return stack, masks, single


def _checked_centres(centre: Any, n_images: int, single: bool) -> npt.NDArray[np.float64]:
    centres = finite_array("centre", centre, np.float64)
    wanted = centres.shape == (2,) or (not single and centres.shape == (n_images, 2))
    if not wanted:
        raise ValueError(
            "centre must be (x, y)"
            f"{'' if single else f', or (n, 2) with n = {n_images} images'}. "
            f"Received: shape {centres.shape}"
        )
    if np.abs(centres).max(initial=0.0) > LARGEST_DISTANCE:
        raise ValueError(
            f"centre must be within {LARGEST_DISTANCE:g} pixels. {check.received('centre', centre)}"
        )
    return centres.reshape(-1, 2)


def _checked_radii(
    radius: Any, logarithmic: bool, centres: npt.NDArray[np.float64], shape: tuple[int, ...]
) -> tuple[float, float]:
    least = 1.0 if logarithmic else 0.0
    radius = check.plain("radius", radius)
    if radius is None:
        corners = np.array([(x, y) for x in (0, shape[1] - 1) for y in (0, shape[0] - 1)])
        far = (centres[:, None] - corners) ** 2
        farthest = math.sqrt((far[..., 0] + far[..., 1]).max(initial=0.0))
        return least, max(farthest, 1.0) * (1 + 1e-6)
    if check.is_real(radius):
        inner, outer = least, check.real("radius", radius, above=0)
    else:
        inner, outer = check.reals("radius", radius, length=2)
    lowest = _SMALLEST_RADIUS if logarithmic else 0.0
    if inner < lowest or outer > LARGEST_DISTANCE or outer - inner < 1e-5 * outer:
        raise ValueError(
            f"radius must be an outer radius, or (inner, outer), in pixels, with {lowest:g} <= "
            f"inner < outer <= {LARGEST_DISTANCE:g}. {check.received('radius', radius)}"
        )
    return inner, outer
