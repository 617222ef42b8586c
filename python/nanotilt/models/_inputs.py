"""Checks of what a network is shown, before Keras or its backend see it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from nanotilt._base.checks import received

Shape = tuple[int | None, ...]

_NO_DATA_SETS = (list, tuple, int, float, str, bytes)


def checked_views(views: Any, shape: Shape, note: str = "", name: str = "views") -> Any:
    """Views of the shape that a network takes.

    Args:
        views: An array or a tensor of any backend, symbolic ones too, or nested lists of numbers.
        shape: What it takes, without the batch; None stands for any number of views.
        note: What else must hold, for the error.
        name: What they are called there.

    Returns:
        The same, without an axis of one channel at the end; lists as float32.

    Raises:
        TypeError: They are not real numbers.
        ValueError: They have another shape.
    """
    views = _as_array(views, name)
    _check_dtype(views, name)
    found = shape_of(views)
    if found is None or (_fits(found[1:], shape) and len(found) == len(shape) + 1):
        return views
    if len(found) == len(shape) + 2 and found[-1] == 1 and _fits(found[1:-1], shape):
        return ops.squeeze(views, axis=-1)
    raise wrong_shape(found, shape, note, name)


def wrong_shape(
    found: Sequence[int | None], shape: Shape, note: str = "", name: str = "views"
) -> ValueError:
    """The error for views of a shape that a network does not take.

    Args:
        found: Their shape.
        shape: What the network takes, without the batch; None stands for the number of views.
        note: What else must hold.
        name: What they are called.
    """
    wanted = ", ".join("n_views" if n is None else str(n) for n in shape)
    return ValueError(
        f"{name} must have shape (batch, {wanted}){note}. Received: shape {_of(found)}"
    )


def check_data(data: Any, check: Any) -> Any:
    """Checks what `fit`, `evaluate` or `predict` are given, as far as it tells its shape.

    Generators and data sets of unknown shape are left to the network's own call.

    Args:
        data: Arrays, or a data set of (views, targets) batches.
        check: Takes views, returns what the network is to see.

    Raises:
        TypeError: There is nothing, or it does not hold real numbers.
        ValueError: It has another shape.
    """
    if data is None:
        raise TypeError(f"views must be an array or a data set. {received('views', data)}")
    specification = getattr(data, "element_spec", None)
    if specification is not None:
        views = specification[0] if type(specification) is tuple else specification
        _check_specification(views, check)
        return data
    is_array = hasattr(data, "shape") and hasattr(data, "dtype")
    return check(data) if is_array or isinstance(data, _NO_DATA_SETS) else data


def _check_specification(views: Any, check: Any) -> None:
    """Checks what a tf.data.Dataset says of its views, unless it leaves their shape open."""
    parts = list(views.values()) if isinstance(views, dict) else views
    parts = parts if isinstance(parts, (list, tuple)) else [parts]
    shapes = [shape_of(part) if hasattr(part, "shape") else None for part in parts]
    if None in shapes:
        return
    symbols = [
        keras.KerasTensor(shape, dtype=part.dtype.name)
        for shape, part in zip(shapes, parts, strict=True)
    ]
    check(symbols[0] if len(symbols) == 1 else tuple(symbols))


def has_its_own_order(data: Any) -> bool:
    """Whether Keras can't shuffle it: a tf.data.Dataset, an iterator or a loader of PyTorch."""
    return isinstance(data, Iterator) or any(
        hasattr(data, name) for name in ("element_spec", "batch_sampler")
    )


def shape_of(views: Any) -> tuple[int | None, ...] | None:
    """The shape of an array or a tensor; None if it is not known."""
    try:
        return tuple(views.shape)
    except ValueError:  # TensorFlow's words for an unknown number of axes
        return None


def _as_array(views: Any, name: str) -> Any:
    if hasattr(views, "shape") and hasattr(views, "dtype"):
        return views
    try:
        array = np.asarray(views)
    except ValueError as error:  # ragged lists
        raise ValueError(f"{name} must be a rectangular array: {error}") from error
    return array.astype(np.float32) if array.dtype.kind in "fiu" else array


def _check_dtype(views: Any, name: str) -> None:
    try:
        dtype = str(keras.backend.standardize_dtype(views.dtype))
    except ValueError:  # such as a NumPy array of strings
        dtype = str(views.dtype)
    if not dtype.startswith(("float", "bfloat", "int", "uint", "bool")):
        raise TypeError(f"{name} must hold real numbers. Received: {name} of dtype {dtype}")


def _fits(found: Sequence[int | None], shape: Shape) -> bool:
    return len(found) == len(shape) and all(
        n is None or wanted in (None, n) for n, wanted in zip(found, shape, strict=True)
    )


def _of(shape: Sequence[int | None]) -> str:
    return str(tuple(shape)).replace("None", "batch", 1) if shape[:1] == (None,) else str(shape)
