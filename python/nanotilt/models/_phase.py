"""Angles of (S, C), what networks of orientations answer: plain functions.

S and C stand for the sine and cosine of the phase, which is the symmetry times the orientation.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt
from keras import ops

from nanotilt._base.arrays import finite_array
from nanotilt._base.checks import integer

_SMALLEST_SQUARE = 1e-24
"""Of S and C together. Below, the phase counts as 0, with gradients of 0: at S = C = 0 arctan2 has
none, and its derivative as computed is 0 / 0."""


def phase(sine_cosine: Any) -> Any:
    """The phase arctan2(S, C) of (..., 2) numbers: (...,) float32 in [-pi, pi], gradients finite.

    In float32 also where the network computes in less, as half precision resolves 0.1 degrees.
    """
    sine_cosine = ops.cast(sine_cosine, "float32")
    sine, cosine = sine_cosine[..., 0], sine_cosine[..., 1]
    nothing = sine * sine + cosine * cosine < _SMALLEST_SQUARE
    return ops.arctan2(
        ops.where(nothing, ops.zeros_like(sine), sine),
        ops.where(nothing, ops.ones_like(cosine), cosine),
    )


def paper_difference(sine_cosine: Any, symmetry: int) -> Any:
    """Angles from the first view to the others as the paper takes them.

    The difference of two phases, 2 pi added where it is below 0, divided by the symmetry (Laurie
    2024, figure 2.2; there a Dense layer that is not trained divides). What falls below 0 jumps by
    a whole period: at a stereo angle close to 0 a small error becomes a large one.

    Args:
        sine_cosine: (..., n_views, 2).
        symmetry: The shape's rotational order.

    Returns:
        (..., n_views - 1) radians in [0, 2 pi / symmetry].
    """
    phases = phase(sine_cosine)
    difference = phases[..., 1:] - phases[..., :1]
    return ops.where(difference < 0, difference + 2 * math.pi, difference) / symmetry


def shortest_difference(sine_cosine: Any, symmetry: int) -> Any:
    """Angles from the first view to the others, the shorter way round.

    Continuous but for half a period, where both ways round are equally long.

    Args:
        sine_cosine: (..., n_views, 2).
        symmetry: The shape's rotational order.

    Returns:
        (..., n_views - 1) radians in [-pi / symmetry, pi / symmetry].
    """
    phases = phase(sine_cosine)
    difference = phases[..., 1:] - phases[..., :1]
    return phase(ops.stack([ops.sin(difference), ops.cos(difference)], axis=-1)) / symmetry


def predicted_angles(
    encoder: Any, views: npt.ArrayLike, symmetry: int, batch_size: int
) -> npt.NDArray[np.float64]:
    """Orientations of single views.

    Args:
        encoder: A built keras.Model from a view to (S, C).
        views: (..., *view_shape) real numbers.
        symmetry: The shape's rotational order.
        batch_size: Views that the network sees at once.

    Returns:
        (...,) float64 radians in [0, 2 pi / symmetry).

    Raises:
        TypeError: The views do not hold real numbers.
        ValueError: They have another shape, or are not finite.
    """
    array = finite_array("views", views, np.float32, booleans=True)
    shape = view_shape(encoder)
    leading = array.shape[: array.ndim - len(shape)]
    if not leading or array.shape[len(leading) :] != shape:
        wanted = "".join(f", {n}" for n in shape)
        raise ValueError(f"views must have shape (n{wanted}). Received: views.shape={array.shape}")
    size = integer("batch_size", batch_size, at_least=1)
    if not array.size:
        return np.zeros(leading)
    answers = encoder.predict(array.reshape(-1, *shape), batch_size=size, verbose=0)
    sine, cosine = np.asarray(answers, np.float64).T
    angles: npt.NDArray[np.float64] = np.mod(np.arctan2(sine, cosine), 2 * np.pi) / symmetry
    angles[angles >= 2 * np.pi / symmetry] = 0.0  # of phases just below 0, rounded up to 2 pi
    return angles.reshape(leading)


def view_shape(encoder: Any) -> tuple[int, ...]:
    """What one view must look like to an encoder; an axis of one channel at the end is left out."""
    shape = tuple(encoder.input_shape[1:])
    return shape[:-1] if len(shape) > 1 and shape[-1] == 1 else shape
