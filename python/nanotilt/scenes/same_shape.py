"""Whether two polygons are one shape, however their corners are listed, and a shape's symmetry.

A shape is what the even-odd rule fills. Its boundary is where a ring's edges lie an odd number of
times: edges that lie on one another an even number of times, as those of a spike, of a bridge to an
inner ring, or of a ring gone round twice, have the inside or the outside on both sides. So two
lists of corners are one shape exactly if the edges of both, taken together, lie everywhere on one
another an even number of times. That does not ask which corner comes first, which way they run,
whether one is repeated, or stands in the middle of a side.
"""

from __future__ import annotations

import math
from functools import lru_cache
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from nanotilt._base.arithmetic import in_ieee_mode

Points = npt.NDArray[np.complex128]

_SHAPE_TOLERANCE = 1e-6
"""Of a shape's size, its largest distance from its middle: what rounding corners to float32 moves a
boundary by at most is a tenth of that, and nothing that a picture shows is as small."""

_ROUNDING = 2.0**-22
"""Of the largest coordinate: four float32 roundings, which count for shapes far from (0, 0)."""

_EDGES_AT_ONCE = 128


@lru_cache(maxsize=256)
@in_ieee_mode
def rotational_order(corners: tuple[tuple[float, float], ...]) -> int:
    """The largest k such that a shape turned by 360 / k degrees about its middle is the same.

    Its middle is the centre of mass of its boundary. Boundaries are compared to a millionth of the
    shape's size. A ring that fills nothing has order 1.
    """
    points = np.array(corners) @ np.array([1, 1j])
    size = float(np.abs(points - points.mean()).max())
    tolerance = max(_SHAPE_TOLERANCE * size, _ROUNDING * float(np.abs(np.array(corners)).max()))
    edges = boundary(np.stack([points, np.roll(points, -1)], axis=1), tolerance)
    if not len(edges):
        return 1
    length = np.abs(edges[:, 1] - edges[:, 0])
    edges = edges - (edges.mean(axis=1) * length).sum() / length.sum()
    for order in _likely_orders(edges, tolerance):
        turned = edges * np.exp(2j * math.pi / order)
        if _even_everywhere(np.concatenate([edges, turned]), tolerance):
            return order
    return 1


def boundary(edges: Points, tolerance: float) -> Points:
    """The parts of edges that bound a shape: (n, 2) ends.

    Args:
        edges: (n, 2) ends.
        tolerance: Edges this close count as lying on one another; shorter ones as points.
    """
    edges = edges[np.abs(edges[:, 1] - edges[:, 0]) > tolerance]
    kept: list[Points] = []
    for first in range(0, len(edges), _EDGES_AT_ONCE):
        block = edges[first : first + _EDGES_AT_ONCE]
        low, high = _overlaps(block, edges, tolerance)
        for i, edge in enumerate(block):
            kept += _own_odd_parts(edge, low[i], high[i], first + i, tolerance)
    return np.array(kept, dtype=np.complex128).reshape(-1, 2)


def _own_odd_parts(
    edge: Points,
    low: npt.NDArray[np.float64],
    high: npt.NDArray[np.float64],
    own: int,
    tolerance: float,
) -> list[Points]:
    """Parts of an edge where an odd number of edges lie, of which it is the first."""
    others = np.flatnonzero(high - low > tolerance)
    if len(others) == 1:  # nothing lies on it
        return [edge]
    length = float(np.abs(edge[1] - edge[0]))
    places = np.unique(np.clip([0.0, length, *low[others], *high[others]], 0.0, length))
    direction = (edge[1] - edge[0]) / length
    parts = []
    for start, end in pairwise(places):
        if end - start > 4 * tolerance:
            middle = 0.5 * (start + end)
            there = others[(low[others] < middle) & (middle < high[others])]
            if len(there) % 2 and there[0] == own:
                parts.append(edge[0] + direction * np.array([start, end]))
    return parts


def _even_everywhere(edges: Points, tolerance: float) -> bool:
    """Whether an even number of edges lies wherever one lies."""
    for first in range(0, len(edges), _EDGES_AT_ONCE):
        block = edges[first : first + _EDGES_AT_ONCE]
        low, high = _overlaps(block, edges, tolerance)
        if not all(_is_even(low[i], high[i], tolerance) for i in range(len(block))):
            return False
    return True


def _is_even(low: npt.NDArray[np.float64], high: npt.NDArray[np.float64], tolerance: float) -> bool:
    others = high - low > tolerance
    places = np.concatenate([low[others], high[others]])
    steps = np.concatenate([np.ones(others.sum(), int), -np.ones(others.sum(), int)])
    order = np.argsort(places)
    odd = np.cumsum(steps[order])[:-1] % 2 == 1
    return not (np.diff(places[order])[odd] > 4 * tolerance).any()


def _overlaps(
    block: Points, edges: Points, tolerance: float
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Where along each edge of a block each other one lies on it: (n_block, n) from and to.

    An edge that comes closer and goes away again, or begins where the other ends, does not lie on
    it: both distances are then 0.
    """
    length = np.abs(block[:, 1] - block[:, 0])[:, None]
    direction = ((block[:, 1] - block[:, 0]) / length[:, 0])[:, None]
    # Along the edge and across it, as seen from its beginning.
    start = (edges[None, :, 0] - block[:, :1]) * np.conj(direction)
    end = (edges[None, :, 1] - block[:, :1]) * np.conj(direction)
    swap = start.real > end.real
    start, end = np.where(swap, end, start), np.where(swap, start, end)
    low, high = np.maximum(start.real, 0.0), np.minimum(end.real, length)
    along = end.real - start.real
    slope = (end.imag - start.imag) / np.where(along > 0, along, 1.0)
    across = np.maximum(
        np.abs(start.imag + slope * (low - start.real)),
        np.abs(start.imag + slope * (high - start.real)),
    )
    on_it = (along > 0) & (high > low) & (across <= tolerance)
    return np.where(on_it, low, 0.0), np.where(on_it, high, 0.0)


def _likely_orders(edges: Points, tolerance: float) -> list[int]:
    """Orders, largest first, whose turn takes the furthest corner to one as far out."""
    ends = edges.ravel()
    radius = np.abs(ends)
    furthest = ends[radius.argmax()]
    ends = ends[radius > radius.max() - 4 * tolerance]
    turns = np.exp(2j * math.pi / np.arange(len(edges), 1, -1))
    near = [bool((np.abs(furthest * turn - ends) <= 8 * tolerance).any()) for turn in turns]
    return [len(edges) - int(i) for i in np.flatnonzero(near)]
