"""Scans that leave pixels out: masks of the pixels visited, and images filled in between.

Fewer pixels save time on the microscope; they save dose only where the beam does not stay longer on
each. Filled images are for people to look at, and a baseline for networks that are given the values
and the mask.
"""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
import numpy.typing as npt

from nanotilt import _core
from nanotilt._base import checks as check
from nanotilt._base.arithmetic import in_ieee_mode
from nanotilt._base.arrays import checked_images
from nanotilt._base.label_images import mask_stack
from nanotilt._base.sizes import BLUR_SIGMA_LIMIT
from nanotilt.ops.projection import gaussian_blur, thread_count

KINDS = ("random", "line_hop", "spiral", "rows")
"""Kinds of scans that leave pixels out."""

SMALLEST_FRACTION = 0.001
MOST_PIXELS = 2048
"""On a side of a scan."""


@in_ieee_mode
def mask(
    kind: Literal["random", "line_hop", "spiral", "rows"],
    fraction: float,
    n_pixels: int,
    seed: int,
    count: int | None = None,
    *,
    start: int = 0,
    n_threads: int | None = None,
) -> npt.NDArray[np.bool_]:
    """The pixels that a scan visits.

    Mask i is that of sample i of a stream with the same seed whose recipe has
    ``ScanningCamera(n_pixels, scan=kind, fraction=fraction)``: its target `scanned` of the first
    frame.

    Args:
        kind: "random": exactly the nearest whole number to fraction * n_pixels**2 pixels, each set
            of them equally often. "line_hop": in each band of 1 / fraction rows, to the nearest
            whole number, one path from left to right that hops up or down by a row or stays, at
            random, from column to column (Kovarik et al. 2016). "spiral": an Archimedean spiral
            about the middle, 1 / fraction pixels between turns, that starts in a random direction.
            "rows": every 1 / fraction-th row, to the nearest whole number, from a random one on.
        fraction: Share of the pixels that are visited, in (0, 1], >= 0.001, for "rows" >= 1 /
            n_pixels. Exact to half a pixel for "random"; "line_hop" and "rows" visit a share of 1 /
            (nearest whole number to 1 / fraction), but for a band that the lower edge cuts; a
            spiral visits about 0.95 of the share, and 0.91 of all pixels where the share is 1,
            because it comes to some pixels twice.
        n_pixels: Pixels on each side, <= 2048.
        seed: The masks' seed, in [0, 2**64).
        count: Number of masks; None: a single one, without the leading axis.
        start: Number of the first mask.
        n_threads: Threads to use; None: see `nanotilt.build_info`. The result does not depend on
            it.

    Returns:
        (n_pixels, n_pixels), or (count, n_pixels, n_pixels), of booleans.

    Raises:
        TypeError: an argument is of the wrong kind.
        ValueError: an argument has a wrong value.

    Example:
        >>> import nanotilt as nt
        >>> nt.scans.mask("random", 0.25, n_pixels=64, seed=7, count=3).sum(axis=(1, 2))
        array([1024, 1024, 1024])
    """
    number = KINDS.index(check.choice("kind", kind, KINDS)) + 1
    n_pixels = check.integer("n_pixels", n_pixels, at_least=1, below=MOST_PIXELS + 1)
    share = _checked_fraction(fraction, n_pixels if kind == "rows" else None)
    first, n_masks = check.sample_range(start, 1 if count is None else count)
    if n_masks * n_pixels**2 > 2**31:
        raise ValueError(
            "count must be so small that the result has <= 2**31 values. "
            f"{check.received('count', count)}, n_pixels={n_pixels}"
        )
    seed = check.seed_number(seed)
    threads = thread_count(n_threads)
    made = _core.scan_masks(number, share, n_pixels, seed, first, n_masks, threads).view(np.bool_)
    return made[0] if count is None else made


@in_ieee_mode
def fill(
    values: npt.ArrayLike,
    mask: npt.ArrayLike,
    how: Literal["nearest", "gaussian"] = "nearest",
    *,
    sigma_px: float | None = None,
    n_threads: int | None = None,
) -> npt.NDArray[np.float32]:
    """Gives the pixels that a scan left out values of those that it visited.

    Visited pixels keep their values, and those of others are not looked at.

    Args:
        values: (height, width) or (n, height, width) images; booleans are 0 and 1.
        mask: 1 or True where the scan went; of the shape of `values`, or (height, width) for all
            images alike. One pixel of each image at least.
        how: "nearest": the value of the nearest visited pixel, exactly; of several as near, the
            leftmost, and in its column the upper one. "gaussian": the mean of visited pixels with
            Gaussian weights (normalised convolution), and the nearest one's value where none lies
            within 4 sigma.
        sigma_px: For "gaussian": the standard deviation in pixels, > 0. None: 0.8 times the mean
            distance of visited pixels, 1 / sqrt(share of the pixels visited).
        n_threads: Threads to use; None: see `nanotilt.build_info`. The result does not depend on
            it.

    Returns:
        float32 of the shape of `values`.

    Raises:
        TypeError: an argument is of the wrong kind.
        ValueError: an argument has a wrong value.

    Example:
        >>> import nanotilt as nt
        >>> nt.scans.fill([[1, 0, 0, 4]], [[1, 0, 0, 1]])
        array([[1., 1., 4., 4.]], dtype=float32)
    """
    images, _, single = checked_images("values", values)
    sampled, one_mask = mask_stack("mask", mask)
    n = len(images)
    if sampled.shape[1:] != images.shape[1:] or (not one_mask and (single or len(sampled) != n)):
        raise ValueError(
            "mask must have the shape of values, or of one of its images. "
            f"Received: mask of shape {np.shape(mask)}, values of shape {np.shape(values)}"
        )
    empty = ~sampled.any(axis=(1, 2))
    if empty.any():
        raise ValueError(
            "mask must mark a pixel of each image at least. "
            f"Received: none in image {int(empty.argmax())}"
        )
    by_gaussian = check.choice("how", how, ("nearest", "gaussian")) == "gaussian"
    sigma = _checked_sigma(sigma_px, by_gaussian, images.shape[1:])
    threads = thread_count(n_threads)
    size = images.shape[1] * images.shape[2]
    at = _core.nearest_marked(sampled, threads).reshape(len(sampled), size)
    flat = images.reshape(n, size)
    made = np.take_along_axis(flat, at, axis=1).reshape(images.shape)
    if by_gaussian:
        for i in range(n):
            _blend(images[i], sampled[0 if one_mask else i] > 0, sigma, threads, made[i])
    return made[0] if single else made


def _blend(
    image: npt.NDArray[np.float32],
    sampled: npt.NDArray[np.bool_],
    sigma: float | None,
    n_threads: int,
    out: npt.NDArray[np.float32],
) -> None:
    """Writes weighted means to the pixels left out, where there are weights."""
    if sigma is None:
        sigma = 0.8 * math.sqrt(sampled.size / np.count_nonzero(sampled))
        sigma = min(sigma, 100.0 * min(image.shape))
    zero = np.float32(0)
    both = np.stack([np.where(sampled, image, zero), sampled.astype(np.float32)])
    for axis in (1, 2):
        both = gaussian_blur(both, sigma, axis, n_threads=n_threads)
    todo = ~sampled & (both[1] > 0)
    known = image[sampled]
    with np.errstate(over="ignore"):  # rounding near the largest float32; cut in the next line
        means = both[0][todo] / both[1][todo]
    out[todo] = np.clip(means, known.min(), known.max())


def _checked_fraction(fraction: float, rows_of: int | None) -> float:
    share = check.real("fraction", fraction, above=0)
    if not SMALLEST_FRACTION <= share <= 1:
        raise ValueError(
            f"fraction must be in (0, 1], and >= {SMALLEST_FRACTION}. "
            f"{check.received('fraction', fraction)}"
        )
    if rows_of is not None and share * rows_of < 1:
        raise ValueError(
            "fraction must be >= 1 / n_pixels for a scan of rows, which may else visit none. "
            f"{check.received('fraction', fraction)}, n_pixels={rows_of}"
        )
    return share


def _checked_sigma(
    sigma_px: float | None, by_gaussian: bool, shape: tuple[int, ...]
) -> float | None:
    if sigma_px is None:
        return None
    if not by_gaussian:
        raise ValueError(
            f'sigma_px must be None unless how="gaussian". {check.received("sigma_px", sigma_px)}'
        )
    sigma = check.real("sigma_px", sigma_px, above=0)
    if sigma > min(100 * min(shape), BLUR_SIGMA_LIMIT):
        raise ValueError(
            "sigma_px must be <= 100 * the image's shorter side and <= 2**20. "
            f"{check.received('sigma_px', sigma_px)}"
        )
    return sigma
