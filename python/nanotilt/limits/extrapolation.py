"""Where the accuracy of ever larger banks leads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from nanotilt.limits.results import Accuracy

Floats = npt.NDArray[np.float64]

FEWEST_POINTS = 4
WIDEST_INTERVAL = 0.05
"""Beyond this the curve does not tell where it leads, and nothing is given."""

FURTHEST = 0.5
"""Nor when more than this share of the rise that was seen is said to come yet: the fit led
"chirality-off-centre" from 90.8 to 99.7 %."""

MOST_AT_SLOWEST = 0.25
"""Nor is anything given when more of the resampled curves than this are as slow as can be."""

_POWERS = np.geomspace(0.08, 1.0, 24)
"""Slower than the smallest power no limit can be told from a logarithm's endless growth."""

_FLAT = 0.002
"""A curve that has so little left to rise fits any power."""

_RESAMPLES = 500


def extrapolated(
    sizes: Sequence[int] | npt.NDArray[Any], right: npt.NDArray[np.bool_]
) -> Accuracy | None:
    """The limit of accuracy = a - b * size**-p, with its interval by bootstrap over samples.

    Args:
        sizes: (n_points,) sizes of banks.
        right: (n_points, n_samples) which samples each bank classified rightly.

    Returns:
        a, between the largest bank's accuracy and 1; None with fewer than four points, when the
        interval is wider than five percentage points, when it would lead much further than the
        curve has risen, or when accuracy may as well grow with the logarithm of the size. The
        interval holds the uncertainty of samples and power, not that accuracy might follow another
        law.
    """
    if len(right) < FEWEST_POINTS:
        return None
    n = right.shape[1]
    random = np.random.default_rng(0)
    patterns, counts = np.unique(right.T, axis=0, return_counts=True)
    drawn = random.multinomial(n, counts / n, size=_RESAMPLES) / n
    logs = np.log(np.asarray(sizes, dtype=np.float64))
    limits, slowest = _limits(logs, drawn @ patterns)
    accuracies = right.mean(axis=1)
    value = float(_limits(logs, accuracies[None])[0][0])
    if value - accuracies[-1] > FURTHEST * (accuracies[-1] - accuracies[0]) + _FLAT:
        return None
    low, high = np.quantile(limits, (0.025, 0.975))
    if high - low > WIDEST_INTERVAL or slowest.mean() > MOST_AT_SLOWEST:
        return None
    return Accuracy(value, (float(min(low, value)), float(max(high, value))))


def _limits(logs: Floats, accuracies: Floats) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Least-squares a of each row of accuracies, and which rows rise with the smallest power.

    For each power the fit is a straight line; the power with the smallest misfit counts.
    """
    best = np.full(len(accuracies), np.inf)
    limits = accuracies[:, -1].copy()
    powers = np.full(len(accuracies), np.inf)
    for power in _POWERS:
        x = np.exp(-power * (logs - logs[-1]))
        centred = x - x.mean()
        slope = np.minimum(accuracies @ centred / (centred @ centred), 0.0)
        limit = accuracies.mean(axis=1) - slope * x.mean()
        misfit = ((limit[:, None] + slope[:, None] * x - accuracies) ** 2).sum(axis=1)
        better = misfit < best
        best, limits = np.where(better, misfit, best), np.where(better, limit, limits)
        powers = np.where(better, power, powers)
    limits = np.clip(limits, accuracies[:, -1], 1.0)
    rising = limits > accuracies[:, -1] + _FLAT
    return limits, rising & (powers == _POWERS[0])
