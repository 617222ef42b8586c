"""The same numbers whatever rounding mode the caller has set.

Other libraries in a process may leave a thread rounding upwards, or flushing subnormal numbers to
zero (compilers' fast-math start-up code does). The core resets that for its own work; here it is
reset where Python and NumPy compute what recipes, arguments and results are made of: decimal text
to floats and back, too, depends on it.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterable
from typing import ParamSpec, TypeVar

from nanotilt import _core

P = ParamSpec("P")
R = TypeVar("R")


def in_ieee_mode(function: Callable[P, R]) -> Callable[P, R]:
    """Makes a function compute in the default mode; the caller's comes back afterwards."""

    @functools.wraps(function)
    def computing(*args: P.args, **kwargs: P.kwargs) -> R:
        mode = _core.enter_ieee_mode()
        try:
            return function(*args, **kwargs)
        finally:
            _core.restore_arithmetic_mode(mode)

    return computing


def radians(degrees: float) -> float:
    """An angle in radians.

    One multiplication, so that every machine rounds alike; math.radians promises no more.
    """
    return degrees * (math.pi / 180.0)


def tilts_rad(angles_deg: Iterable[float]) -> list[float]:
    """Angles in radians, less whole turns, which cost precision and change nothing."""
    return [radians(math.fmod(angle, 360.0)) for angle in angles_deg]
