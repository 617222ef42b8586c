"""The largest views there may be, and the ranges that views may span."""

from __future__ import annotations

import numpy as np

from nanotilt._base import checks as check

N_BINS_LIMIT = 2**20
N_VIEWS_LIMIT = 2**16
N_VALUES_LIMIT = 2**25
BLUR_SIGMA_LIMIT = 2**20


def check_number_of_views(field: str, n_views: int) -> None:
    """Raises ValueError where there are more views than a sample may have."""
    if n_views > N_VIEWS_LIMIT:
        raise ValueError(
            f"{field} must give <= {N_VIEWS_LIMIT} views. Received: {field} for {n_views} views"
        )


def check_limits(low_field: str, low: float, high_field: str, high: float) -> None:
    """Raises ValueError unless low < high, by a distance that float32 can work with."""
    if not low < high:
        raise ValueError(
            f"{high_field} must be > {low_field}. {check.received(high_field, high)}, "
            f"{low_field}={low!r}"
        )
    distance = high - low
    if not 1e-30 <= distance <= 1e38 or np.float32(low) == np.float32(high):
        raise ValueError(
            f"{high_field} must be at a distance from {low_field} that float32 can tell and span. "
            f"{check.received(high_field, high)}, {low_field}={low!r}"
        )
