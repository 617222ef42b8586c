"""The shape's rotational order, from the data."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from nanotilt.pose.observations import Observations
from nanotilt.pose.search import Basins, Solution, anneal, refine

_N_ROUNDS = 25
_FLOOR = 0.02
"""Residuals below this share of the contrast are the model's own: pixels, not orders, decide them."""


def found_symmetry(
    seen: Observations,
    orders: Sequence[int],
    n_starts: int,
    rng: np.random.Generator,
    progress: Callable[[str, float], None],
) -> int:
    """The order that explains pairs best for the numbers it needs (Akaike 1974).

    Every order is annealed; those whose residual is within twice the smallest are refined, and
    compared by n log(residual) + 2 k: n values, and k pixels that an image of that order is free to
    choose, 1 / order of those within the radius. A shape of order 4 is one of orders 1 and 2, too,
    and fits as well with these; the pixels decide. A shape that is within the noise the same after
    1 / k of a turn is found to be of order k.
    """
    basins: list[Basins] = []
    for order in orders:
        progress(f"symmetry {order}", len(basins) / (2 * len(orders)))
        basins.append(anneal(seen, order, n_starts, rng))
    lowest = min(found.cost.min() for found in basins)
    likely = [found for found in basins if found.cost.min() <= 2 * lowest]
    scores = {}
    for i, found in enumerate(likely):
        progress(f"symmetry {found.symmetry}, refined", 0.5 + i / (2 * len(likely)))
        solution = refine(seen, found, found.best, _N_ROUNDS)
        scores[found.symmetry] = _score(seen, solution)
    return min(scores, key=lambda order: scores[order])


def _score(seen: Observations, solution: Solution) -> float:
    n_free = math.pi * seen.radius**2 / solution.symmetry
    residual = solution.cost + (_FLOOR * seen.contrast) ** 2
    return seen.pairs.size * math.log(max(residual, 1e-300)) + 2 * n_free
