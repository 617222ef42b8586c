"""The one gate for arrays that users pass in, and the check of what is made of them.

Whatever NumPy makes an array of real numbers from is taken: any kind of integer or floating-point
number in any byte order and memory layout, lists, matrices, and objects that know how to become an
array. It is converted once, each number rounded to the nearest that the wanted kind has: integers
beyond 2**24, too, which float32 does not hold one by one. Booleans are 0 and 1 where an argument
holds values on a grid (images, sinograms, rows to blur, views), and refused where it holds places,
densities or angles. Masked values are refused: what lies under a mask is no measurement, and only
the user knows what should stand for it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from nanotilt import _core
from nanotilt._base import checks as check
from nanotilt._base.arithmetic import in_ieee_mode

SIZE_LIMIT = 2**14
"""Most pixels on a side of an image."""

_LARGEST_ANGLE = 1e15
"""Radians; of larger ones float64 holds no tenth."""


class Rings(NamedTuple):
    """Checked polygons.

    Attributes:
        corners: (n, 2) float32 of each.
        largest: Largest magnitude of all coordinates.
    """

    corners: list[npt.NDArray[np.float32]]
    largest: float


@in_ieee_mode
def finite_array(
    field: str,
    value: Any,
    dtype: type[np.float32] | type[np.float64],
    *,
    booleans: bool = False,
) -> npt.NDArray[Any]:
    """A contiguous array of finite numbers.

    Args:
        field: Name of the argument.
        value: What was handed in.
        dtype: float32 or float64.
        booleans: Whether booleans are taken, as 0 and 1.

    Raises:
        TypeError: the value does not hold real numbers.
        ValueError: it is no rectangular array, not finite, or values are masked.
    """
    return finite_and_largest(field, value, dtype, booleans=booleans)[0]


def finite_and_largest(
    field: str,
    value: Any,
    dtype: type[np.float32] | type[np.float64],
    *,
    booleans: bool = False,
) -> tuple[npt.NDArray[Any], float]:
    """What `finite_array` gives, and its largest magnitude: 0 if it is empty."""
    check.refuse_masked(field, value)
    try:
        array = np.asarray(value)
    except ValueError as error:  # ragged lists
        raise ValueError(
            f"{field} must be a rectangular array. {check.received(field, value)}"
        ) from error
    if array.dtype.kind not in ("fiub" if booleans else "fiu"):
        raise TypeError(f"{field} must hold real numbers. Received: {field} of dtype {array.dtype}")
    with np.errstate(over="ignore"):  # what does not fit becomes infinite, and is refused below
        converted = np.ascontiguousarray(array, dtype=dtype) if array.ndim else array.astype(dtype)
    largest = largest_magnitude(converted)
    if not math.isfinite(largest):
        raise ValueError(
            f"{field} must be finite and fit into {np.dtype(dtype)}. Received: "
            f"{np.count_nonzero(~np.isfinite(converted))} of {converted.size} values that are not"
        )
    return converted, largest


def largest_magnitude(values: npt.NDArray[Any]) -> float:
    """Of a contiguous array; not finite if one value is not, and 0 if there is none."""
    if values.dtype == np.float32:
        return _core.largest_magnitude(values)
    return float(np.abs(values).max(initial=0.0))


def same_contents(one: Any, other: Any) -> bool:
    """Whether two results (dataclasses, named tuples) are of one kind and hold the same values."""
    if type(one) is not type(other):
        return False
    names = getattr(one, "_fields", None) or tuple(one.__dataclass_fields__)
    return all(np.array_equal(getattr(one, name), getattr(other, name)) for name in names)


def must_fit(
    made: npt.NDArray[np.float32], what: str, received: Callable[[], str]
) -> npt.NDArray[np.float32]:
    """A result, if all of it is finite.

    Args:
        made: The result, contiguous.
        what: The arguments that it grows with, in words.
        received: Tells their largest magnitudes; called for an error only.

    Raises:
        ValueError: it is not.
    """
    if math.isfinite(_core.largest_magnitude(made)):
        return made
    raise ValueError(
        f"{what} must be so small that the result fits into float32. Received: {received()}"
    )


def computed_in_range(
    field: str,
    values: npt.NDArray[np.float32],
    largest: float,
    growth: float,
    compute: Callable[[npt.NDArray[np.float32]], npt.NDArray[np.float32]],
    *,
    mean: bool = False,
) -> npt.NDArray[np.float32]:
    """What a function makes of values, also where sums on the way would overflow.

    The result must be twice as large for values twice as large. Then, which is to say near 1e38,
    the function is given values that are smaller by a power of two, which changes no digit, and
    its result is made larger again.

    Args:
        field: Name of the argument.
        values: What is handed to the function.
        largest: Their largest magnitude.
        growth: No number that the function comes by is larger than so many times `largest`.
        compute: The function.
        mean: Whether it gives means of the values, which by rounding alone exceed all of them.

    Raises:
        ValueError: the result does not fit into float32.
    """
    if largest * growth <= check.FLOAT32_MAX:
        return compute(values)
    down = np.float32(2.0 ** -math.ceil(math.log2(largest / check.FLOAT32_MAX * growth)))
    made = compute(values * down)
    if mean:
        made = np.clip(made, -np.float32(largest) * down, np.float32(largest) * down)
    with np.errstate(over="ignore"):  # refused in the next line
        made = made / down
    return must_fit(made, field, lambda: f"{field} up to {largest:g}")


def checked_rings(rings: Any) -> Rings:
    """Polygons, each (n, 2).

    Raises:
        TypeError: they are no sequence, or do not hold real numbers.
        ValueError: one has another shape, or numbers that are not finite.
    """
    if isinstance(rings, np.ndarray):
        check.refuse_masked("rings", rings)
    if isinstance(rings, (str, bytes, dict)) or not isinstance(rings, Iterable):
        raise TypeError(
            f"rings must be a sequence of (n, 2) arrays. {check.received('rings', rings)}"
        )
    if isinstance(rings, np.ndarray) and rings.ndim in (0, 2):
        raise ValueError(
            f"rings must be a sequence of (n, 2) arrays; write [ring] for one. "
            f"Received: an array of shape {rings.shape}"
        )
    checked, largest = [], 0.0
    for i, ring in enumerate(rings):
        field = f"rings[{i}]"
        corners, of_ring = finite_and_largest(field, ring, np.float32)
        largest = max(largest, of_ring)
        if corners.ndim != 2 or corners.shape[1] != 2 or corners.shape[0] < 3:
            raise ValueError(
                f"{field} must have shape (n, 2) with n >= 3. Received: shape {corners.shape}"
            )
        checked.append(_without_repeats(corners))
    n_corners = sum(len(ring) for ring in checked)
    if n_corners > 2**24:
        raise ValueError(f"rings must have <= 2**24 corners together. Received: {n_corners}")
    return Rings(checked, largest)


def _without_repeats(corners: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """A ring without corners that repeat the one before, as the first at the end often is.

    Edges of no length are no part of any shape, but with one the core takes a ring for one that may
    cross itself, which makes projecting it 3 to 27 times slower.
    """
    new = np.empty(len(corners), np.bool_)
    new[:-1] = (corners[1:] != corners[:-1]).any(axis=1)
    new[-1] = (corners[0] != corners[-1]).any()
    if new.all() or np.count_nonzero(new) < 3:
        return corners
    return corners[new]


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


def finite_angles(field: str, value: Any) -> npt.NDArray[np.float64]:
    """Angles in radians, of any shape, of which float64 can tell the parts of a turn.

    Raises:
        TypeError: they are not real numbers.
        ValueError: one is not finite, or beyond 1e15.
    """
    angles, largest = finite_and_largest(field, value, np.float64)
    if largest > _LARGEST_ANGLE:
        raise ValueError(
            f"{field} must be within {_LARGEST_ANGLE:g} radians: beyond, float64 does not tell the "
            f"parts of a turn. Received: {field} up to {largest:g}"
        )
    return angles


def checked_images(
    field: str, value: Any, shape: str = "(height, width)"
) -> tuple[npt.NDArray[np.float32], float, bool]:
    """The value as a stack of images, its largest magnitude, and whether it was a single image.

    Raises:
        TypeError: it does not hold real numbers.
        ValueError: it has another shape, too long a side, or numbers that are not finite.
    """
    values, largest = finite_and_largest(field, value, np.float32, booleans=True)
    if values.ndim not in (2, 3) or 0 in values.shape[-2:]:
        raise ValueError(
            f"{field} must have shape {shape} or (n, {shape[1:]}, no side 0. Received: shape "
            f"{values.shape}"
        )
    if max(values.shape[-2:]) > SIZE_LIMIT:
        raise ValueError(f"{field} must have sides <= {SIZE_LIMIT}. Received: {values.shape}")
    single = values.ndim == 2
    return values[None] if single else values, largest, single
