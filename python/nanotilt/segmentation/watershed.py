"""Particles as instances: from a network's maps of foreground and depth, by watershed."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from nanotilt._base import checks as check
from nanotilt._base.optional import needed_for
from nanotilt.segmentation._arguments import Bits, Floats, Labels, check_same_shape, image_stack

with needed_for("nanotilt.segmentation"):
    from scipy import ndimage


def instances(
    foreground: npt.ArrayLike,
    depth: npt.ArrayLike,
    borders: npt.ArrayLike | None = None,
    *,
    foreground_above: float = 0.5,
    depth_above: float = 0.35,
    prominence: float | None = None,
    smoothing_px: float = 0.7,
    min_area_px: int = 8,
) -> npt.NDArray[np.int32]:
    """Label image of the particles that a network sees: markers from depth, then a watershed.

    Connected pixels (4 neighbours) of the foreground whose depth is above `depth_above` mark a
    particle each. A connected part of the foreground without such pixels has one marker, its
    deepest pixel. From the markers, -depth is flooded within the foreground (Meyer's watershed, as
    scikit-image has it), and what is smaller than `min_area_px` becomes background.

    Args:
        foreground: (height, width) or (n, height, width) probability that a pixel shows a particle.
        depth: Of the same shape: 1 in a particle's middle, 0 at its outline and outside.
        borders: Of the same shape, or None: probability that a pixel lies at the border between two
            particles. The depth is multiplied by the square root of its complement before anything
            else.
        foreground_above: Pixels of a higher probability belong to particles.
        depth_above: Pixels of a larger depth are markers.
        prominence: If given, the markers are instead the maxima of depth that rise at least so far
            above the way to any deeper one, and above 0; > 0. That tells particles that overlap
            apart where a fixed depth cannot: 0.15 raises F1 of discs that overlap freely from 0.80
            to 0.94, given their true depth. Noisy maps want a larger one, such as 0.2.
        smoothing_px: Standard deviation, in pixels, of the Gaussian by which depth is smoothed
            before; >= 0. It takes away maxima of single pixels.
        min_area_px: Smallest area of a particle, in pixels, >= 0.

    Returns:
        int32, of the same shape: 0 is background, particles are 1, 2, ..., anew in each image.

    Raises:
        ImportError: SciPy or scikit-image is not installed.
        TypeError: An argument is of the wrong kind.
        ValueError: An argument has a wrong value.
    """
    likely, single = image_stack("foreground", foreground)
    deep, deep_single = image_stack("depth", depth)
    check_same_shape(("foreground", "depth"), likely.shape[single:], deep.shape[deep_single:])
    if borders is not None:
        between, apart = image_stack("borders", borders)
        check_same_shape(("foreground", "borders"), likely.shape[single:], between.shape[apart:])
        deep = deep * np.sqrt(1 - np.clip(between, 0, 1))
    least = check.real("foreground_above", foreground_above)
    marked = check.real("depth_above", depth_above)
    rise = None if prominence is None else check.real("prominence", prominence, above=0)
    sigma = check.real("smoothing_px", smoothing_px, at_least=0)
    smallest = check.integer("min_area_px", min_area_px, at_least=0)
    found = np.zeros(likely.shape, np.int32)
    for i, (of_image, depth_there) in enumerate(zip(likely, deep, strict=True)):
        smooth = ndimage.gaussian_filter(depth_there, sigma)
        mask = of_image > least
        if rise is None:
            markers, _ = ndimage.label(mask & (smooth > marked))
        else:
            top = mask & prominent(np.where(mask, smooth, 0.0), rise)
            markers, _ = ndimage.label(top, np.ones((3, 3)))
        markers = with_deepest_pixels(mask, smooth, markers)
        found[i] = flooded(mask, smooth, markers, smallest)
    return found[0] if single else found


def prominent(depth: Floats, rise: float) -> Bits:
    """Where depth rises at least so far above the way to a larger one, and above 0.

    What is smaller is cut off, and the flat tops that remain are maxima (h-maxima; Soille 2004,
    section 6.3.4). Twins with a shallow dip between them have one top in common.
    """
    with needed_for("A prominence"):
        from skimage.morphology import local_maxima, reconstruction
    cut = reconstruction(depth - rise, depth)
    return np.asarray(local_maxima(cut) & (cut >= 0))


def with_deepest_pixels(mask: Bits, depth: Floats, markers: Labels) -> Labels:
    """Numbered markers, and one more for each part of a mask without: its deepest pixel."""
    n = int(markers.max())
    parts, n_parts = ndimage.label(mask)
    marked = np.zeros(n_parts + 1, np.bool_)
    marked[parts[markers > 0]] = True
    lacking = np.flatnonzero(~marked[1:]) + 1
    if len(lacking):
        for row, column in ndimage.maximum_position(depth, parts, lacking):
            n += 1
            markers[row, column] = n
    return np.asarray(markers, np.int64)


def flooded(mask: Bits, depth: Floats, markers: Labels, min_area_px: int) -> Any:
    """The parts of a mask that belong to each marker, without small ones, numbered from 1."""
    with needed_for("A watershed"):
        from skimage.segmentation import watershed
    labels = np.asarray(watershed(-depth, markers, mask=mask), np.int64)
    large = np.bincount(labels.ravel()) >= max(min_area_px, 1)
    large[0] = False
    numbers = np.where(large, np.cumsum(large), 0)
    return numbers[labels]
