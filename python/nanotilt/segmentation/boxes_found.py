"""Particles from boxes that a network gives for every pixel: those at the highest middles."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from nanotilt._base import checks as check
from nanotilt._base.arrays import finite_array
from nanotilt.segmentation._arguments import Bits, Floats, check_same_shape, image_stack
from nanotilt.segmentation.outlines import numbered, peaks, share


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
    most = share("overlap", overlap)
    kept: list[Floats] = []
    for row, column in peaks(likely, least):
        left, top, right, bottom = distances[row, column]
        x, y = column + 0.5, row + 0.5
        box = np.array([x - left, y - top, x + right, y + bottom, likely[row, column]])
        if not kept or _intersection_over_union(box, np.array(kept)).max() <= most:
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
    middles, middles_single = image_stack("centres", centres)
    check_same_shape(
        ("foreground", "centres"), likely.shape[single:], middles.shape[middles_single:]
    )
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
        listed = boxes(middles[i], distances[i], centre_above=centre_above, overlap=overlap)
        found[i] = _shared_out(mask, listed.astype(np.float64), farthest, smallest)
    return found[0] if single else found


def _one_image_of_boxes(centres: npt.ArrayLike, sides: npt.ArrayLike) -> tuple[Floats, Floats]:
    likely, single = image_stack("centres", centres)
    distances = finite_array("sides", sides, np.float64)
    if not single or distances.shape != (*likely.shape[1:], 4):
        raise ValueError(
            "centres must have shape (height, width), and sides (height, width, 4). "
            f"Received: centres.shape={np.shape(centres)}, sides.shape={distances.shape}"
        )
    return likely[0], distances


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
    return numbered(np.where(mask, labels, 0), min_area_px)


def _intersection_over_union(box: Floats, others: Floats) -> Floats:
    width = np.minimum(box[2], others[:, 2]) - np.maximum(box[0], others[:, 0])
    height = np.minimum(box[3], others[:, 3]) - np.maximum(box[1], others[:, 1])
    shared = np.maximum(width, 0) * np.maximum(height, 0)
    area = (box[2] - box[0]) * (box[3] - box[1])
    areas = (others[:, 2] - others[:, 0]) * (others[:, 3] - others[:, 1])
    return np.asarray(shared / np.maximum(area + areas - shared, 1e-12))
