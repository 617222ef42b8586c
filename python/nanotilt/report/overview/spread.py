"""A number that several runs have."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Spread:
    """A number that several runs have.

    Attributes:
        n: Number of runs.
        mean: Their mean.
        std: Standard deviation from run to run, n - 1 in the denominator; None for one run.
        lowest: The smallest.
        highest: The largest.
    """

    n: int
    mean: float
    std: float | None
    lowest: float
    highest: float

    @classmethod
    def of(cls, values: Iterable[float | None]) -> Spread | None:
        """The spread of the values that are known; None if none is."""
        known = [value for value in values if value is not None]
        if not known:
            return None
        n, mean = len(known), math.fsum(known) / len(known)
        squares = math.fsum((value - mean) ** 2 for value in known)
        std = math.sqrt(squares / (n - 1)) if n > 1 else None
        return cls(n, mean, std, min(known), max(known))
