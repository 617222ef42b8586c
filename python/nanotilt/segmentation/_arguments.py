"""The gates through which arguments of segmentation come: label images, maps, and grey images."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from nanotilt._base.label_images import Floats, Labels, image_stack, label_stack

__all__ = [
    "Bits",
    "Floats",
    "Labels",
    "check_same_shape",
    "image_stack",
    "label_stack",
    "one_image",
    "touches_rim",
]

Bits: TypeAlias = npt.NDArray[np.bool_]


def one_image(field: str, value: Any) -> Floats:
    """The values of one image.

    Raises:
        TypeError: They are no real numbers.
        ValueError: They have another shape, or are not finite.
    """
    images, single = image_stack(field, value)
    if not single:
        raise ValueError(f"{field} must have shape (height, width). Received: {images.shape}")
    image: Floats = images[0]
    return image


def check_same_shape(names: tuple[str, str], one: tuple[int, ...], other: tuple[int, ...]) -> None:
    """Two arrays belong together.

    Raises:
        ValueError: Their shapes differ.
    """
    if one != other:
        raise ValueError(
            f"{names[0]} and {names[1]} must have the same shape. "
            f"Received: {names[0]}.shape={one}, {names[1]}.shape={other}"
        )


def touches_rim(labels: Labels) -> Bits:
    """For each label from 0 on, whether it has a pixel in the first or last row or column."""
    touching = np.zeros(int(labels.max()) + 1, np.bool_)
    for edge in (labels[0], labels[-1], labels[:, 0], labels[:, -1]):
        touching[edge] = True
    return touching
