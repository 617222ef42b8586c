"""Standard errors of scores that are functions of sums over samples."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def with_errors(
    sums: Floats, scores: Callable[[Floats], Floats]
) -> list[tuple[float, float | None]]:
    """Scores of all samples together, and their standard errors (jackknife; Efron & Stein 1981).

    Args:
        sums: (n, m) what the scores are functions of, for each sample.
        scores: Takes sums (..., m), returns scores (..., k).

    Returns:
        k values, each with its error; None of fewer than two samples, or where it is not finite.
    """
    total = sums.sum(axis=0)
    values = scores(total)
    n = len(sums)
    if n < 2:
        return [(float(value), None) for value in values]
    without = scores(total - sums)
    with np.errstate(invalid="ignore"):  # where nothing was found there is no score
        variance = (n - 1) / n * ((without - without.mean(axis=0)) ** 2).sum(axis=0)
        errors = np.sqrt(variance)
    return [
        (float(value), float(error) if np.isfinite(error) else None)
        for value, error in zip(values, errors, strict=True)
    ]
