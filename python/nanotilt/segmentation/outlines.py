"""Particles from outlines and boxes that a network gives for every place: the best are kept."""

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
    rows, columns = (STAR_GRID * n for n in deep.shape[1:]) if shape is None else shape
    least = check.real("depth_above", depth_above)
    share = _share("overlap", overlap)
    smallest = check.integer("min_area_px", min_area_px, at_least=0)
    angle = 2 * np.pi * np.arange(distances.shape[-1]) / distances.shape[-1]
    found = np.zeros((len(deep), rows, columns), np.int32)
    for i, (depth_there, rays_there) in enumerate(zip(deep, distances, strict=True)):
        lengths = np.maximum(rays_there - RAY_BIAS_PX, 0.25)
        outlines = []
        for row, column in _peaks(depth_there, least):
            x = STAR_GRID * column + lengths[row, column] * np.cos(angle)
            y = STAR_GRID * row + lengths[row, column] * np.sin(angle)
            outlines.append(_filled(y, x, (rows, columns)))
        found[i] = _kept(outlines, (rows, columns), share, smallest)
    return found[0] if single else found


def boxes(
    centres: npt.ArrayLike,
    sides: npt.ArrayLike,
    *,
    centre_above: float = 0.3,
    overlap: float = 0.5,
) -> npt.NDArray[np.float32]:
    """The boxes of one image, read where a map of middles has its peaks.

    A peak is a pixel above `centre_above` that none of its eight neighbours exceeds. From the
    highest on, a box is kept unless its intersection over union with one kept before is above
    `overlap`.

    Args:
        centres: (height, width) how likely each pixel is a particle's middle, in [0, 1].
        sides: (height, width, 4) distances from each pixel's middle to the left, top, right and
            bottom of its particle's box, in pixels.
        centre_above: Smallest height of a peak.
        overlap: Largest intersection over union of two boxes, in [0, 1].

    Returns:
        (n, 5) float32: left, top, right, bottom, and the height of the peak; the highest first.

    Raises:
        ImportError: SciPy is not installed.
        TypeError: An argument is of the wrong kind.
        ValueError: An argument has a wrong value.
    """
    likely, distances = _one_image_of_boxes(centres, sides)
    least = check.real("centre_above", centre_above)
    share = _share("overlap", overlap)
    kept: list[Floats] = []
    for row, column in _peaks(likely, least):
        left, top, right, bottom = distances[row, column]
        x, y = column + 0.5, row + 0.5
        box = np.array([x - left, y - top, x + right, y + bottom, likely[row, column]])
        if not kept or _intersection_over_union(box, np.array(kept)).max() <= share:
            kept.append(box)
    return np.array(kept, np.float32).reshape(-1, 5)


def box_instances(
    foreground: npt.ArrayLike,
    centres: npt.ArrayLike,
    sides: npt.ArrayLike,
    *,
    foreground_above: float = 0.5,
    reach: float = 1.4,
    min_area_px: int = 8,
    centre_above: float = 0.3,
    overlap: float = 0.5,
) -> npt.NDArray[np.int32]:
    """Label image of boxes and a foreground: its pixels go to the box whose middle is nearest.

    Distances are counted in half sides of the box, so that its inscribed ellipse is at 1 and its
    corners at 1.41; pixels farther than `reach` from every box become background.

    Args:
        foreground: (height, width) or (n, height, width) probability that a pixel shows a particle.
        centres: Of the same shape, as for `boxes`.
        sides: The same with four distances for each pixel, as for `boxes`.
        foreground_above: Pixels of a higher probability belong to particles.
        reach: > 0.
        min_area_px: Smallest area of a particle, in pixels, >= 0.
        centre_above: As for `boxes`.
        overlap: As for `boxes`.

    Returns:
        int32, of the shape of `foreground`: 0 is background, particles are 1, 2, ..., anew in each
        image.

    Raises:
        ImportError: SciPy is not installed.
        TypeError: An argument is of the wrong kind.
        ValueError: An argument has a wrong value.
    """
    likely, single = image_stack("foreground", foreground)
    peaks, peaks_single = image_stack("centres", centres)
    check_same_shape(("foreground", "centres"), likely.shape[single:], peaks.shape[peaks_single:])
    distances = finite_array("sides", sides, np.float64)
    distances = distances[None] if single else distances
    if distances.ndim != 4 or len(distances) != len(likely):
        raise ValueError(
            f"sides must have shape (..., height, width, 4). Received: {distances.shape}"
        )
    least = check.real("foreground_above", foreground_above)
    farthest = check.real("reach", reach, above=0)
    smallest = check.integer("min_area_px", min_area_px, at_least=0)
    found = np.zeros(likely.shape, np.int32)
    for i, mask in enumerate(likely > least):
        listed = boxes(peaks[i], distances[i], centre_above=centre_above, overlap=overlap)
        found[i] = _shared_out(mask, listed.astype(np.float64), farthest, smallest)
    return found[0] if single else found


def _share(field: str, value: float) -> float:
    share = check.real(field, value, at_least=0)
    if share > 1:
        raise ValueError(f"{field} must be <= 1. {check.received(field, value)}")
    return share


def _one_image_of_boxes(centres: npt.ArrayLike, sides: npt.ArrayLike) -> tuple[Floats, Floats]:
    likely, single = image_stack("centres", centres)
    distances = finite_array("sides", sides, np.float64)
    if not single or distances.shape != (*likely.shape[1:], 4):
        raise ValueError(
            "centres must have shape (height, width), and sides (height, width, 4). "
            f"Received: centres.shape={np.shape(centres)}, sides.shape={distances.shape}"
        )
    return likely[0], distances


def _peaks(values: Floats, least: float) -> list[tuple[int, int]]:
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
    return _numbered(labels, min_area_px)


def _shared_out(
    mask: Bits, listed: Floats, reach: float, min_area_px: int
) -> npt.NDArray[np.int32]:
    """The pixels of a mask as instances, each of the box that it lies deepest in."""
    nearest = np.full(mask.shape, reach)
    labels = np.zeros(mask.shape, np.int32)
    for number, (left, top, right, bottom, _) in enumerate(listed, start=1):
        middle = (0.5 * (top + bottom), 0.5 * (left + right))
        half = (max(0.5 * (bottom - top), 0.5), max(0.5 * (right - left), 0.5))
        span = [
            slice(max(0, int(m - reach * h)), max(0, int(np.ceil(m + reach * h))))
            for m, h in zip(middle, half, strict=True)
        ]
        part = (span[0], span[1])
        y, x = ((np.arange(mask.shape[k])[span[k]] + 0.5 - middle[k]) / half[k] for k in range(2))
        distance = np.hypot(y[:, None], x)
        closer = distance < nearest[part]
        nearest[part][closer] = distance[closer]
        labels[part][closer] = number
    return _numbered(np.where(mask, labels, 0), min_area_px)


def _numbered(labels: npt.NDArray[np.int32], min_area_px: int) -> npt.NDArray[np.int32]:
    """Labels from 1 on, without small ones."""
    large = np.bincount(labels.ravel()) >= max(min_area_px, 1)
    large[0] = False
    return np.where(large, np.cumsum(large), 0).astype(np.int32)[labels]


def _intersection_over_union(box: Floats, others: Floats) -> Floats:
    width = np.minimum(box[2], others[:, 2]) - np.maximum(box[0], others[:, 0])
    height = np.minimum(box[3], others[:, 3]) - np.maximum(box[1], others[:, 1])
    shared = np.maximum(width, 0) * np.maximum(height, 0)
    area = (box[2] - box[0]) * (box[3] - box[1])
    areas = (others[:, 2] - others[:, 0]) * (others[:, 3] - others[:, 1])
    return np.asarray(shared / np.maximum(area + areas - shared, 1e-12))
