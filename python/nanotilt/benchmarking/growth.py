"""How a cost grows: a straight line through it, and whether growth picks up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class StraightLine:
    """fixed + per_unit * x.

    Attributes:
        fixed: Value at x = 0.
        per_unit: Growth for each unit of x.
    """

    fixed: float
    per_unit: float

    def at(self, x: float) -> float:
        """Value of the line at x."""
        return self.fixed + self.per_unit * x

    def largest_deviation(self, x: Sequence[float], y: Sequence[float]) -> float:
        """Largest distance of the points (x, y) from the line, as a share of y."""
        return max(abs(self.at(a) / b - 1) for a, b in zip(x, y, strict=True))


def straight_line(x: Sequence[float], y: Sequence[float]) -> StraightLine:
    """The line through points (x, y), two of them or more, y > 0, of least relative squares.

    Relative, since noise is: a microsecond out of ten counts as much as ten out of a hundred.
    """
    xs, ys = np.asarray(x, np.float64), np.asarray(y, np.float64)
    columns = np.stack([1 / ys, xs / ys], axis=1)
    (fixed, per_unit), *_ = np.linalg.lstsq(columns, np.ones_like(ys), rcond=None)
    return StraightLine(float(fixed), float(per_unit))


def marginal_growth(x: Sequence[float], y: Sequence[float]) -> float:
    """What one more unit of x costs between the last two points, over what it costs on average.

    1 on a straight line, whatever its fixed part, and < 1 where growth slows down. For x**p over a
    long row of doublings it is 2 - 2**(1 - p): 1.07 for p = 1.1, 1.29 for 1.5, 1.5 for 2.

    A slope in double logarithms would say less: the fixed part of a cost makes it small, and to
    take the fixed part off, one has to know it; a straight line's value at 0 is right only if the
    line is. Here nothing is taken off, and what counts is the end, where growth would show.

    Args:
        x: Three values or more, rising.
        y: What was measured at them.
    """
    last = (y[-1] - y[-2]) / (x[-1] - x[-2])
    return last / ((y[-1] - y[0]) / (x[-1] - x[0]))
