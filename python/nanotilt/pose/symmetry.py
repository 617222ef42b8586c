"""The shape's rotational order, from the data."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from nanotilt.pose.joint import Fit, JointFit
from nanotilt.pose.observations import Observations
from nanotilt.pose.search import anneal, rough_fit

ORDERS = (1, 2, 3, 4, 5, 6, 7, 8)
"""Orders that are looked for."""

_N_STARTS = 6
_NEAR = 1.3
_PRICE = 3.0

_FLOOR = 0.04
"""Residuals of this share of the contrast or less say nothing of the order: the model's fault.
Clean squares leave 0.012 as of order 2 and 0.014 as of order 4; a count of noise leaves 0.3."""


def found_symmetry(
    seen: Observations,
    rng: np.random.Generator,
    progress: Callable[[str, float], None],
) -> tuple[int, Fit]:
    """The order that explains pairs best for the coefficients it needs, as in Akaike 1974; its fit.

    Every order is annealed, and begun from the fits of its divisors, too: what is of order 2 is
    found by some starts as being of order 1, and its angles, half a turn forgotten, are right. All
    whose rough fit comes near the best are fitted finely, and compared by n log(residual) + 2 k: n
    values, and k coefficients that pairs tell. A shape of order 4 is one of orders 1 and 2, too,
    and fits as well with these; the coefficients decide. A shape that is within the noise the same
    after 1 / k of a turn is found to be of order k.
    """
    rough: dict[int, Fit] = {}
    for i, order in enumerate(ORDERS):
        progress(f"symmetry {order}", i / (2 * len(ORDERS)))
        divided = [fit.angles for lower, fit in rough.items() if order % lower == 0]
        rough[order] = rough_fit(seen, anneal(seen, order, _N_STARTS, rng), divided)
    lowest = min(fit.cost for fit in rough.values())
    likely = {order: fit for order, fit in rough.items() if fit.cost <= _NEAR * lowest}
    scores = {}
    for i, (order, fit) in enumerate(likely.items()):
        progress(f"symmetry {order}, fitted finely", 0.5 + i / (2 * len(likely)))
        scores[order] = _score(seen, JointFit(seen, order).fine(fit))
    best = min(scores, key=lambda order: scores[order])
    return best, rough[best]


def _score(seen: Observations, fit: Fit) -> float:
    residual = max(fit.cost, (_FLOOR * seen.contrast) ** 2)
    turns = 2 * len(seen.pairs) * math.log(fit.shape.symmetry)
    return seen.pairs.size * math.log(residual) + _PRICE * fit.n_told - turns
