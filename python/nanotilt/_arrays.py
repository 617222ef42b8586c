"""Checks of arrays that users pass in."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

from nanotilt import _validation as check
from nanotilt._arithmetic import in_ieee_mode

SIZE_LIMIT = 2**14
"""Most pixels on a side of an image."""


@in_ieee_mode
def finite_array(
    field: str, value: Any, dtype: type[np.float32] | type[np.float64]
) -> npt.NDArray[Any]:
    """A contiguous array of finite numbers.

    Raises:
        TypeError: the value does not hold real numbers.
        ValueError: it is no rectangular array, or not finite.
    """
    try:
        array = np.asarray(value)
    except ValueError as error:  # ragged lists
        raise ValueError(
            f"{field} must be a rectangular array. {check.received(field, value)}"
        ) from error
    if array.dtype.kind not in "fiu":
        raise TypeError(f"{field} must hold real numbers. Received: {field} of dtype {array.dtype}")
    with np.errstate(over="ignore"):  # what does not fit becomes infinite, and is refused below
        converted = np.ascontiguousarray(array, dtype=dtype) if array.ndim else array.astype(dtype)
    if not np.isfinite(converted).all():
        raise ValueError(
            f"{field} must be finite and fit into {np.dtype(dtype)}. Received: "
            f"{np.count_nonzero(~np.isfinite(converted))} of {converted.size} values that are not"
        )
    return converted


def checked_rings(rings: Any) -> list[npt.NDArray[np.float32]]:
    """Polygons, each (n, 2).

    Raises:
        TypeError: they are no sequence, or do not hold real numbers.
        ValueError: one has another shape, or numbers that are not finite.
    """
    if isinstance(rings, (str, bytes, dict)) or not isinstance(rings, Iterable):
        raise TypeError(
            f"rings must be a sequence of (n, 2) arrays. {check.received('rings', rings)}"
        )
    if isinstance(rings, np.ndarray) and rings.ndim == 2:
        raise ValueError(
            f"rings must be a sequence of (n, 2) arrays; write [ring] for one. "
            f"Received: an array of shape {rings.shape}"
        )
    checked = []
    for i, ring in enumerate(rings):
        field = f"rings[{i}]"
        corners = finite_array(field, ring, np.float32)
        if corners.ndim != 2 or corners.shape[1] != 2 or corners.shape[0] < 3:
            raise ValueError(
                f"{field} must have shape (n, 2) with n >= 3. Received: shape {corners.shape}"
            )
        checked.append(corners)
    if sum(len(ring) for ring in checked) > 2**24:
        raise ValueError("rings must have <= 2**24 corners together")
    return checked


def checked_densities(densities: Any, n_rings: int) -> npt.NDArray[np.float32]:
    """One density for each ring; None: 1 for all.

    Raises:
        TypeError: they are not real numbers.
        ValueError: there are not as many as rings, or one is not finite.
    """
    if densities is None:
        return np.ones(n_rings, dtype=np.float32)
    checked = finite_array("densities", densities, np.float32)
    if checked.shape != (n_rings,):
        raise ValueError(
            f"densities must have one entry per ring, {n_rings}. Received: shape {checked.shape}"
        )
    return checked


@in_ieee_mode
def checked_angles(angles_rad: Any) -> npt.NDArray[np.float64]:
    """Angles (n_angles,) within a turn.

    Raises:
        TypeError: they are not real numbers.
        ValueError: they are neither a number nor a row of numbers, or not finite.
    """
    angles = np.atleast_1d(finite_array("angles_rad", angles_rad, np.float64))
    if angles.ndim != 1:
        raise ValueError(
            f"angles_rad must be a number or (n_angles,). Received: shape {angles.shape}"
        )
    return np.ascontiguousarray(np.fmod(angles, 2 * np.pi))


def checked_images(
    field: str, value: Any, shape: str = "(height, width)"
) -> tuple[npt.NDArray[np.float32], bool]:
    """The value as a stack of images, and whether it was a single one.

    Raises:
        TypeError: it does not hold real numbers.
        ValueError: it has another shape, too long a side, or numbers that are not finite.
    """
    values = finite_array(field, value, np.float32)
    if values.ndim not in (2, 3) or 0 in values.shape[-2:]:
        raise ValueError(
            f"{field} must have shape {shape} or (n, {shape[1:]}, no side 0. Received: shape "
            f"{values.shape}"
        )
    if max(values.shape[-2:]) > SIZE_LIMIT:
        raise ValueError(f"{field} must have sides <= {SIZE_LIMIT}. Received: {values.shape}")
    return (values, False) if values.ndim == 3 else (values[None], True)
