"""Checks of rotational orders and of stereo angles, worded alike."""

from __future__ import annotations

import math
from typing import Any

from nanotilt._base.checks import integer, real, received

_SMALLEST_STEP = 1e-6
"""Turns of a shape's period below which a stereo angle leaves a pair of views identical."""


def checked_order(value: Any) -> int:
    """Checks a shape's order of rotational symmetry: 4 for a square, 1 for none.

    Raises:
        TypeError: It is not an integer.
        ValueError: It is below 1, or above 2**16.
    """
    return integer("symmetry", value, at_least=1, below=2**16 + 1)


def stereo_angle_rad(stereo_deg: Any, symmetry: int, field: str = "stereo_deg") -> float:
    """Checks a stereo angle in degrees, and gives it in radians.

    Args:
        stereo_deg: Angle from the first to the second view of a pair, in degrees.
        symmetry: The shape's rotational order, >= 1.
        field: Name of the argument.

    Raises:
        TypeError: It is not a real number.
        ValueError: It is not finite, or a multiple of 360 / symmetry degrees: the two views of such
            a pair are the same, and say nothing about the orientation.
    """
    angle = real(field, stereo_deg)
    periods = angle * symmetry / 360
    if abs(periods - round(periods)) < _SMALLEST_STEP:
        raise ValueError(
            f"{field} must not be a multiple of 360 / symmetry = {360 / symmetry:g} degrees: both "
            f"views of a pair would be the same. {received(field, stereo_deg)}, symmetry={symmetry}"
        )
    return math.radians(angle)
