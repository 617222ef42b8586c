"""Particles from outlines that a network gives for every place: the best are kept."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from nanotilt._base import checks as check
from nanotilt._base.arrays import finite_array
from nanotilt._base.optional import needed_for
from nanotilt.scenes.field_terms import STAR_GRID
from nanotilt.segmentation._arguments import Bits, Floats, check_same_shape, image_stack

with needed_for("nanotilt.segmentation"):
    from scipy import ndimage

RAY_BIAS_PX = 0.45
"""Rays end at the first step beyond the outline, half a pixel too far on average. Taking so much
off, true rays of rods, ellipsoids and polyhedra give the area of their mask within 1 %."""


def star_instances(
    depth: npt.ArrayLike,
    rays: npt.ArrayLike,
    shape: Sequence[int] | None = None,
    *,
    depth_above: float = 0.4,
    overlap: float = 0.4,
    min_area_px: int = 8,
) -> npt.NDArray[np.int32]:
    """Label image of star-shaped outlines: those of the deepest places, that overlap little.

    Places whose depth is above `depth_above` and no smaller than at their eight neighbours' are
    candidates. From the deepest on, each is kept unless it shares more than `overlap` of the
    smaller area with one kept before (Schmidt et al. 2018). Pixels in several belong to the deepest
    one.

    Args:
        depth: (height, width) or (n, height, width), on a grid of every second pixel: how deep
            inside a particle each place lies, in [0, 1].
        rays: (height, width, n_rays) or (n, height, width, n_rays) distances to the outline in
            pixels, direction k at the angle 2 pi k / n_rays from x towards y, as
            `nanotilt.labels.rays` gives them.
        shape: (rows, columns) of the images; None: twice that of `depth`.
        depth_above: Smallest depth of a candidate.
        overlap: Largest share of the smaller area that two outlines may have in common, in [0, 1].
        min_area_px: Smallest area of a particle, in pixels, >= 0.

    Returns:
        (rows, columns) or (n, rows, columns) int32: 0 is background, particles are 1, 2, ..., anew
        in each image.

    Raises:
        ImportError: SciPy or scikit-image is not installed.
        TypeError: An argument is of the wrong kind.
        ValueError: An argument has a wrong value.
    """
    deep, single = image_stack("depth", depth)
    distances = finite_array("rays", rays, np.float64)
    if distances.ndim != 4 - single or distances.shape[-1] < 3:
        raise ValueError(
            "rays must have the shape of depth and 3 directions or more. "
            f"Received: shape {distances.shape}"
        )
    distances = distances[None] if single else distances
    check_same_shape(("depth", "rays"), deep.shape[single:], distances.shape[single:-1])
    rows, columns = _sides(deep.shape[1:], shape)
    least = check.real("depth_above", depth_above)
    most = share("overlap", overlap)
    smallest = check.integer("min_area_px", min_area_px, at_least=0)
    angle = 2 * np.pi * np.arange(distances.shape[-1]) / distances.shape[-1]
    found = np.zeros((len(deep), rows, columns), np.int32)
    for i, (depth_there, rays_there) in enumerate(zip(deep, distances, strict=True)):
        lengths = np.maximum(rays_there - RAY_BIAS_PX, 0.25)
        outlines = []
        for row, column in peaks(depth_there, least):
            x = STAR_GRID * column + lengths[row, column] * np.cos(angle)
            y = STAR_GRID * row + lengths[row, column] * np.sin(angle)
            outlines.append(_filled(y, x, (rows, columns)))
        found[i] = _kept(outlines, (rows, columns), most, smallest)
    return found[0] if single else found


def _sides(grid: tuple[int, ...], shape: Sequence[int] | None) -> tuple[int, int]:
    """Rows and columns of images, of which the grid has every second one."""
    if shape is None:
        return STAR_GRID * grid[0], STAR_GRID * grid[1]
    sides = check.integers("shape", shape, at_least=1)
    if len(sides) != 2 or any(n > STAR_GRID * g + 1 for n, g in zip(sides, grid, strict=True)):
        raise ValueError(
            f"shape must be (rows, columns) of which depth, {grid}, has every second one. "
            f"{check.received('shape', shape)}"
        )
    return sides[0], sides[1]


def share(field: str, value: float) -> float:
    """A number in [0, 1].

    Raises:
        TypeError: It is no real number.
        ValueError: It is not in [0, 1].
    """
    number = check.real(field, value, at_least=0)
    if number > 1:
        raise ValueError(f"{field} must be <= 1. {check.received(field, value)}")
    return number


def peaks(values: Floats, least: float) -> list[tuple[int, int]]:
    """Rows and columns of the maxima among eight neighbours, above a value, the highest first."""
    top = (values == ndimage.maximum_filter(values, 3, mode="nearest")) & (values > least)
    rows, columns = np.nonzero(top)
    order = np.argsort(-values[rows, columns], kind="stable")
    return [(int(rows[k]), int(columns[k])) for k in order]


def _filled(y: Floats, x: Floats, shape: tuple[int, int]) -> tuple[slice, slice, Bits]:
    """The part of the image that a polygon lies in, and the polygon's pixels there.

    Places are counted from the middle of the first pixel.
    """
    with needed_for("Outlines"):
        from skimage.draw import polygon2mask
    top, left = (max(0, int(np.floor(places.min()))) for places in (y, x))
    bottom, right = (
        min(n, int(np.ceil(places.max())) + 1) for places, n in zip((y, x), shape, strict=True)
    )
    if bottom <= top or right <= left:
        return slice(0, 0), slice(0, 0), np.zeros((0, 0), np.bool_)
    corners = np.stack([y - top, x - left], axis=-1)
    inside = polygon2mask((bottom - top, right - left), corners)
    return slice(top, bottom), slice(left, right), np.asarray(inside, np.bool_)


def _kept(
    outlines: Sequence[tuple[slice, slice, Bits]],
    shape: tuple[int, int],
    overlap: float,
    min_area_px: int,
) -> npt.NDArray[np.int32]:
    """Outlines as a label image, each kept if it has little in common with those before it."""
    labels = np.zeros(shape, np.int32)
    kept: list[tuple[slice, slice, Bits]] = []
    sizes: list[int] = []
    limits = np.zeros((0, 4), np.int64)
    for rows, columns, inside in outlines:
        size = int(inside.sum())
        if size < max(1, min_area_px):
            continue
        mine = np.array([rows.start, rows.stop, columns.start, columns.stop])
        near = np.flatnonzero(
            (limits[:, 0] < mine[1]) & (mine[0] < limits[:, 1])
            & (limits[:, 2] < mine[3]) & (mine[2] < limits[:, 3])
        )  # fmt: skip
        whole = np.zeros(shape, np.bool_)
        whole[rows, columns] = inside
        shared = [int((whole[kept[k][:2]] & kept[k][2]).sum()) for k in near]
        if any(n > overlap * min(size, sizes[k]) for n, k in zip(shared, near, strict=True)):
            continue
        kept.append((rows, columns, inside))
        sizes.append(size)
        limits = np.concatenate([limits, mine[None]])
        part = labels[rows, columns]
        part[inside & (part == 0)] = len(kept)
    return numbered(labels, min_area_px)


def numbered(labels: npt.NDArray[np.int32], min_area_px: int) -> npt.NDArray[np.int32]:
    """Labels from 1 on, without small ones."""
    large = np.bincount(labels.ravel()) >= max(min_area_px, 1)
    large[0] = False
    return np.where(large, np.cumsum(large), 0).astype(np.int32)[labels]
