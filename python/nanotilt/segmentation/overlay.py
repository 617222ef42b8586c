"""A picture of an image with coloured outlines of its particles."""

from __future__ import annotations

import colorsys
from typing import Any

import numpy as np
import numpy.typing as npt

from nanotilt._base import checks as check
from nanotilt.segmentation._arguments import Bits, Labels, check_same_shape, label_stack, one_image

GOLDEN = 0.618033988749895
"""Steps of this share of a turn keep the hues of numbers that follow each other far apart."""


def overlay(
    image: npt.ArrayLike,
    instances: npt.ArrayLike,
    *,
    contrast: tuple[float, float] = (0.5, 99.5),
    thickness_px: int = 1,
) -> npt.NDArray[np.uint8]:
    """RGB picture of an image in grey, each particle outlined in a colour of its own.

    Args:
        image: (height, width) brightness.
        instances: (height, width) label image; a label has the same colour in every picture.
        contrast: Percentiles of the image that become black and white, in [0, 100], increasing.
        thickness_px: Of the outlines, which lie within the particles, in pixels, >= 1.

    Returns:
        (height, width, 3) uint8.

    Raises:
        TypeError: An argument is of the wrong kind.
        ValueError: An argument has a wrong value.
    """
    values = one_image("image", image)
    stack, single = label_stack("instances", instances)
    check_same_shape(("image", "instances"), values.shape, stack.shape[single:])
    percentiles = _percentiles(contrast)
    n_layers = check.integer("thickness_px", thickness_px, at_least=1)
    low, high = np.percentile(values, percentiles)
    grey = np.clip((values - low) / (high - low), 0, 1) if high > low else np.zeros_like(values)
    picture = np.repeat(np.rint(255 * grey).astype(np.uint8)[:, :, None], 3, axis=2)
    labels = stack[0]
    edge = outline(labels, n_layers)
    numbers, inverse = np.unique(labels[edge], return_inverse=True)
    colours = np.array([colour(int(number)) for number in numbers], np.uint8).reshape(-1, 3)
    picture[edge] = colours[inverse]
    return picture


def outline(labels: Labels, n_layers: int) -> Bits:
    """Pixels of particles within so many steps of other pixels; beyond the rim is more of them."""
    inner = labels > 0
    kept = inner
    for _ in range(n_layers):
        padded_labels, padded = np.pad(labels, 1, mode="edge"), np.pad(kept, 1, mode="edge")
        kept = kept.copy()
        for dy, dx in ((0, 1), (2, 1), (1, 0), (1, 2)):
            rows, columns = slice(dy, dy + len(labels)), slice(dx, dx + labels.shape[1])
            kept &= padded[rows, columns] & (padded_labels[rows, columns] == labels)
    return np.asarray(inner & ~kept)


def colour(label: int) -> tuple[int, int, int]:
    """A bright colour for a label."""
    red, green, blue = colorsys.hsv_to_rgb(label * GOLDEN % 1.0, 0.85, 1.0)
    return round(255 * red), round(255 * green), round(255 * blue)


def _percentiles(value: Any) -> tuple[float, float]:
    low, high = check.reals("contrast", value, length=2, at_least=0)
    if not low < high <= 100:
        raise ValueError(
            "contrast must be two increasing percentiles, <= 100. "
            f"{check.received('contrast', value)}"
        )
    return low, high
