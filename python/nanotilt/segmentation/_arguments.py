"""The gates through which arguments of segmentation come: label images, maps, and grey images."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from nanotilt._base import checks as check
from nanotilt._base.arrays import SIZE_LIMIT, finite_array

Labels: TypeAlias = npt.NDArray[np.int64]
Floats: TypeAlias = npt.NDArray[np.float64]
Bits: TypeAlias = npt.NDArray[np.bool_]

LARGEST_LABEL = 2**31 - 1


def image_stack(field: str, value: Any) -> tuple[Floats, bool]:
    """Finite values as a stack (n, height, width), and whether a single image was handed in.

    Raises:
        TypeError: They are no real numbers.
        ValueError: They have another shape, or are not finite.
    """
    values: Floats = finite_array(field, value, np.float64, booleans=True)
    if values.ndim not in (2, 3) or 0 in values.shape[-2:]:
        raise ValueError(
            f"{field} must have shape (height, width) or (n, height, width), no side 0. "
            f"Received: shape {values.shape}"
        )
    if max(values.shape[-2:]) > SIZE_LIMIT:
        raise ValueError(f"{field} must have sides <= {SIZE_LIMIT}. Received: {values.shape}")
    single = values.ndim == 2
    return values[None] if single else values, single


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


def label_stack(field: str, value: Any) -> tuple[Labels, bool]:
    """Label images as a stack (n, height, width), and whether a single one was handed in.

    Raises:
        TypeError: They are no real numbers.
        ValueError: They have another shape, or one is no whole number in [0, 2**31).
    """
    values, single = image_stack(field, value)
    wrong = (values < 0) | (values > LARGEST_LABEL) | (values != np.floor(values))
    if wrong.any():
        raise ValueError(
            f"{field} must hold whole numbers from 0 (background) to 2**31 - 1. "
            f"{check.received(field, float(values[wrong][0]))} in a pixel"
        )
    return values.astype(np.int64), single


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
