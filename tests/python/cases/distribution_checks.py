"""Statistical checks at fixed seeds.

A right program passes whatever the seed, but for one time in 10,000.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import stats

SMALLEST_P = 1e-4


def assert_follows(values: npt.ArrayLike, distribution: Any) -> None:
    """Values are independent draws from a continuous distribution (a frozen one of scipy.stats)."""
    sample = np.asarray(values, dtype=np.float64).ravel()
    p = stats.kstest(sample, distribution.cdf).pvalue
    assert p > SMALLEST_P, (
        f"p = {p:.2g}; mean {sample.mean():.5g}, expected {distribution.mean():.5g}; "
        f"std {sample.std():.5g}, expected {distribution.std():.5g}"
    )


def largest_correlation(columns: npt.ArrayLike) -> float:
    """Largest correlation, in magnitude, between any two columns."""
    correlations = np.atleast_2d(np.corrcoef(np.transpose(columns)))
    np.fill_diagonal(correlations, 0)
    return float(np.abs(correlations).max())


def assert_uncorrelated(first: npt.ArrayLike, second: npt.ArrayLike) -> None:
    """Rank correlation within 4.5 standard errors of zero."""
    a, b = (stats.rankdata(np.ravel(values)) for values in (first, second))
    assert abs(np.corrcoef(a, b)[0, 1]) < 4.5 / np.sqrt(a.size)
