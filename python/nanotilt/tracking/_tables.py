"""The gates through which tables come: detections of a frame, tracks of a video, merge events."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from nanotilt._base import checks as check
from nanotilt._base.arrays import finite_array

Table: TypeAlias = npt.NDArray[np.void]
Floats: TypeAlias = npt.NDArray[np.float64]
Integers: TypeAlias = npt.NDArray[np.int64]

LARGEST_NUMBER = 2**31 - 1


def column(field: str, table: Table, name: str) -> Floats:
    """A column (n,) of finite numbers.

    Raises:
        TypeError: It does not hold real numbers.
        ValueError: The table has no such column, or one of its numbers is not finite.
    """
    names = table.dtype.names or ()
    if name not in names:
        raise ValueError(
            f"{field} must have the column {name!r}. {check.received(f'{field}.columns', names)}"
        )
    values: Floats = finite_array(f"{field}[{name!r}]", table[name], np.float64)
    return values


def numbers(field: str, table: Table, name: str) -> Integers:
    """A column (n,) of whole numbers in [0, 2**31).

    Raises:
        TypeError: It does not hold real numbers.
        ValueError: There is no such column, or one of its numbers is not a whole one in range.
    """
    values = column(field, table, name)
    wrong = (values != np.floor(values)) | (values < 0) | (values > LARGEST_NUMBER)
    if wrong.any():
        raise ValueError(
            f"{field}[{name!r}] must hold whole numbers in [0, 2**31). "
            f"{check.received(name, float(values[wrong][0]))}"
        )
    return values.astype(np.int64)


def structured(field: str, value: Any) -> Table:
    """A table: a structured array (n,).

    Raises:
        TypeError: It is none.
        ValueError: It has another shape.
    """
    if not isinstance(value, np.ndarray) or value.dtype.names is None:
        raise TypeError(
            f"{field} must be a structured array with named columns. {check.received(field, value)}"
        )
    check.refuse_masked(field, value)
    if value.ndim != 1:
        raise ValueError(f"{field} must have shape (n,). Received: shape {value.shape}")
    return value


def detections(field: str, value: Any) -> tuple[Floats, Floats | None]:
    """Places (n, 2) of one frame's particles, and their areas (n,) if there are any.

    Raises:
        TypeError: It is neither a table nor an array of real numbers.
        ValueError: A column is missing, a number is not finite, or an area is not positive.
    """
    if isinstance(value, np.ndarray) and value.dtype.names is not None and value.ndim == 1:
        table = structured(field, value)
        places = np.stack([column(field, table, name) for name in ("x", "y")], axis=1)
        areas = column(field, table, "area") if "area" in value.dtype.names else None
    else:
        array: Floats = finite_array(field, value, np.float64)
        if array.size == 0:
            return np.zeros((0, 2)), np.zeros(0)
        if array.ndim != 2 or array.shape[1] not in (2, 3):
            raise ValueError(
                f"{field} must have shape (n, 2), x and y, or (n, 3) with the area. "
                f"Received: shape {array.shape}"
            )
        places, areas = array[:, :2], array[:, 2] if array.shape[1] == 3 else None
    if areas is not None and (areas <= 0).any():
        wrong = float(areas[areas <= 0][0])
        raise ValueError(f"{field}: areas must be > 0. {check.received('area', wrong)}")
    return places, areas


def frames(field: str, value: Any) -> list[tuple[Floats, Floats | None]]:
    """Detections of each frame.

    Raises:
        TypeError: It is no sequence of tables.
        ValueError: One of them has a wrong value.
    """
    if not isinstance(value, Sequence) or isinstance(value, (str, bytes)):
        raise TypeError(
            f"{field} must be a list of tables, one a frame. {check.received(field, value)}"
        )
    return [detections(f"{field}[{t}]", table) for t, table in enumerate(value)]
