"""The bounds of a recipe's data set, measured on a stream that is reserved for this."""

from __future__ import annotations

import math
from functools import lru_cache

from nanotilt import _core
from nanotilt._base import checks as check

N_CALIBRATION_SAMPLES = 16_384
"""Samples of the reserved calibration stream that ``normalise="dataset"`` takes its bounds from."""


@lru_cache(maxsize=256)
def calibrated_bounds(packed: bytes) -> tuple[float, float]:
    """The values that ``normalise="dataset"`` takes to 0 and 1.

    Args:
        packed: The recipe as the core reads it, with bounds (0, 1).

    Raises:
        ValueError: no bounds can be had: values overflow, or are all too close together.
    """
    low, high = _core.Sampler(packed).calibrate(N_CALIBRATION_SAMPLES, _core.default_thread_count())
    if not (math.isfinite(low) and math.isfinite(high)):
        raise ValueError(
            'normalise must be "none" or (low, high), because some of the values that the detector '
            "gives overflow float32. Received: normalise='dataset'"
        )
    if not high > low:
        # A constant view (no particle in sight, no noise) would divide by zero.
        return (low, low + (1.0 if low + 1.0 > low else abs(low)))
    if 1.0 / (high - low) > check.FLOAT32_MAX:
        raise ValueError(
            'normalise must be "none" or (low, high), because all values that the detector gives '
            f"are too close together. Received: normalise='dataset', values {low!r} ... {high!r}"
        )
    return (low, high)
