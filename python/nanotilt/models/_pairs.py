"""What pairs of views have in common: products of numbers whose scale is bounded."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Any

from keras import ops


def bounded(parts: Sequence[Any], axes: Sequence[int]) -> list[Any]:
    """Divides all parts of each sample by one number, so that their root mean square stays below 1.

    The number is sqrt(1 + mean square): what is small stays nearly as it is, what is large comes to
    a root mean square of 1. Signs and ratios stay, so even numbers stay even and odd ones odd.

    Without it, products of what grows in step grow with its square, and an optimizer whose steps
    are of one size whatever the gradient overshoots.

    Args:
        parts: Tensors (batch, ...) of one shape.
        axes: What the mean is taken over, besides the parts.

    Returns:
        The parts, of the same shapes and dtypes.
    """
    # In float32 also under mixed precision: half precision ends at 65,504, squares at 256.
    whole = [ops.cast(part, "float32") for part in parts]
    square = sum(ops.mean(ops.square(part), axis=tuple(axes), keepdims=True) for part in whole)
    scale = ops.rsqrt(1.0 + square / len(parts))
    return [ops.cast(w * scale, p.dtype) for w, p in zip(whole, parts, strict=True)]


def products(x: Any) -> list[Any]:
    """Products of each pair of views: (n_views, units) to several (units,).

    Each number of one view times the same one and times another one of the other view. Of
    perpendicular views, products of the same numbers alone cannot tell the turn of a spiral:
    a quarter turn of the particle makes d' of d and -d of d', which gives d d' the other sign.
    """
    return [
        x[:, a] * other
        for a, b in combinations(range(x.shape[1]), 2)
        for other in (x[:, b], _rolled(x[:, b]))
    ]


def _rolled(x: Any) -> Any:
    """The two halves of the last axis change places."""
    half = x.shape[-1] // 2
    return ops.concatenate([x[..., half:], x[..., :half]], axis=-1)
