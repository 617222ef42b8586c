"""The shape's rotational order, from the data."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from nanotilt.pose.observations import Observations
from nanotilt.pose.search import Basins, Solution, anneal, begin, refine

ORDERS = (1, 2, 3, 4, 5, 6, 7, 8)
"""Orders that are looked for."""

_N_ROUNDS = 30
_PRICE = 4
"""Of each free pixel. With Akaike's 2, one of two noisy squares was found to be of order 2:
refinement stops before its end, at residuals that differ by some 2 %."""

_FLOOR = 0.2
"""Residuals of this share of the contrast or less say nothing of the order: they are pixels' fault.
With 0.1, half of the clean squares were found to be of order 2; the S, whose arms differ by 10 % of
its height, is told from one of order 2 still."""


def found_symmetry(
    seen: Observations,
    n_starts: int,
    rng: np.random.Generator,
    progress: Callable[[str, float], None],
) -> int:
    """The order that explains pairs best for the pixels it needs, as in Akaike 1974.

    Every order is annealed; those whose residual is within 1.5 times the smallest are refined, and
    compared by n log(residual) + 4 k: n values, and k pixels that an image of that order is free to
    choose, 1 / order of those within the radius. A shape of order 4 is one of orders 1 and 2, too,
    and fits as well with these; the pixels decide. A shape that is within the noise the same after
    1 / k of a turn is found to be of order k.
    """
    basins: list[Basins] = []
    for order in ORDERS:
        progress(f"symmetry {order}", len(basins) / (2 * len(ORDERS)))
        basins.append(anneal(seen, order, n_starts, rng))
    lowest = min(found.cost.min() for found in basins)
    likely = [found for found in basins if found.cost.min() <= 1.5 * lowest]
    scores = {}
    for i, found in enumerate(likely):
        progress(f"symmetry {found.symmetry}, refined", 0.5 + i / (2 * len(likely)))
        solution = refine(seen, begin(seen, found), _N_ROUNDS)
        scores[found.symmetry] = _score(seen, solution)
    return min(scores, key=lambda order: scores[order])


def _score(seen: Observations, solution: Solution) -> float:
    n_free = math.pi * seen.radius**2 / solution.symmetry
    residual = solution.cost + (_FLOOR * seen.contrast) ** 2
    return seen.pairs.size * math.log(max(residual, 1e-300)) + _PRICE * n_free
