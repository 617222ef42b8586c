"""The gate for label images: 0 is background, every other whole number one particle."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from nanotilt._base import checks as check
from nanotilt._base.arrays import SIZE_LIMIT, finite_array

Labels: TypeAlias = npt.NDArray[np.int64]
Floats: TypeAlias = npt.NDArray[np.float64]

LARGEST_LABEL = 2**31 - 1


def image_stack(field: str, value: Any) -> tuple[Floats, bool]:
    """Finite values as a stack (n, height, width), and whether a single image was handed in.

    Raises:
        TypeError: They are no real numbers.
        ValueError: They have another shape, or are not finite.
    """
    values: Floats = finite_array(field, value, np.float64, booleans=True)
    return _stacked(field, values)


def label_stack(field: str, value: Any) -> tuple[Labels, bool]:
    """Label images as a stack (n, height, width), and whether a single one was handed in.

    Raises:
        TypeError: They are no real numbers.
        ValueError: They have another shape, or one is no whole number in [0, 2**31).
    """
    values, single = _whole_numbers(field, value, LARGEST_LABEL, "(background) to 2**31 - 1")
    return values.astype(np.int64), single


def mask_stack(field: str, value: Any) -> tuple[npt.NDArray[np.uint8], bool]:
    """Masks as a stack (n, height, width) of 0 and 1, and whether a single one was handed in.

    Raises:
        TypeError: They are no real numbers.
        ValueError: They have another shape, or a pixel is neither 0 nor 1.
    """
    values, single = _whole_numbers(field, value, 1, "to 1")
    return np.ascontiguousarray(values, np.uint8), single


def core_labels(field: str, value: Any) -> tuple[npt.NDArray[np.int32], bool]:
    """What `label_stack` gives, as the core takes it."""
    values, single = _whole_numbers(field, value, LARGEST_LABEL, "(background) to 2**31 - 1")
    return np.ascontiguousarray(values, np.int32), single


def _whole_numbers(
    field: str, value: Any, largest: int, upper: str
) -> tuple[npt.NDArray[Any], bool]:
    """Arrays of integers as they are, without the way through float64; others by their values."""
    is_plain = isinstance(value, np.ndarray) and value.dtype.kind in "iub"
    if is_plain:
        check.refuse_masked(field, value)
        values, single = _stacked(field, np.asarray(value))
    else:
        values, single = image_stack(field, value)
    if values.size and (values.min() < 0 or values.max() > largest):
        wrong = (values < 0) | (values > largest)
    elif is_plain:
        return values, single
    else:
        wrong = values != np.floor(values)
    if wrong.any():
        raise ValueError(
            f"{field} must hold whole numbers from 0 {upper}. "
            f"{check.received(field, float(values[wrong][0]))} in a pixel"
        )
    return values, single


def _stacked(field: str, values: npt.NDArray[Any]) -> tuple[npt.NDArray[Any], bool]:
    if values.ndim not in (2, 3) or 0 in values.shape[-2:]:
        raise ValueError(
            f"{field} must have shape (height, width) or (n, height, width), no side 0. "
            f"Received: shape {values.shape}"
        )
    if max(values.shape[-2:]) > SIZE_LIMIT:
        raise ValueError(f"{field} must have sides <= {SIZE_LIMIT}. Received: {values.shape}")
    single = values.ndim == 2
    return values[None] if single else values, single
