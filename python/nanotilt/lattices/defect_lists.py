"""Lists of defects: read from maps of what stands where, and true and found ones in pairs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from nanotilt._base import checks as check
from nanotilt._base.arrays import finite_array
from nanotilt.scenes.lattice_terms import DEFECTS

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

FOUND = np.dtype(
    [("kind", np.int32), ("x", np.float64), ("y", np.float64), ("probability", np.float64)]
)
"""A defect that was found: its kind's place in `nanotilt.scenes.lattice_terms.DEFECTS`, the place
of its core in pixels, (0, 0) in the middle of the first one, and how likely there is a defect."""

STRIDE = 2
"""Pixels from one place of a map to the next."""

LEAST = 0.3
"""At 64 and 256 electrons F1 is the largest at 0.2 to 0.4; as many defects are missed then as are made
up."""

RADIUS_PX = 3.2
"""One angstrom in pixels of 0.3125."""


def read_defects(
    maps: npt.ArrayLike,
    kinds: Sequence[str],
    *,
    least: float = LEAST,
    radius_px: float = RADIUS_PX,
) -> list[npt.NDArray[np.void]]:
    """The defects that maps of probabilities tell.

    The sum of a kind's probabilities over the places within a radius is the number of such defects
    to be expected there. Where that of all kinds together is at least `least`, there may be a
    defect. Of these places the one is taken that has most of it near by (weights fall as a Gaussian
    of half the radius, so that the middle between two defects is not taken): a defect of the kind
    that has most of the sum, at the mean place. What lies within the radius counts no more, and so
    on.

    Args:
        maps: (n, rows, columns, kinds + 1): for each place, `STRIDE` pixels from the next, the
            probabilities that the core of a defect of each kind lies there, and at last that none
            does.
        kinds: What the maps stand for, in their order.
        least: Smallest probability of a defect, in (0, 1].
        radius_px: How far probabilities are added up, in pixels, > 0.

    Returns:
        An array of dtype `FOUND` for each map, the likeliest defect first.

    Raises:
        TypeError: an argument is of the wrong kind.
        ValueError: an argument has a wrong value.
    """
    given = finite_array("maps", maps, np.float64, booleans=True)
    if given.ndim != 4 or given.shape[3] != len(kinds) + 1:
        raise ValueError(
            f"maps must have the shape (n, rows, columns, {len(kinds) + 1}). "
            f"Received: shape {given.shape}"
        )
    numbers = np.array([DEFECTS.index(check.choice("kinds", one, DEFECTS)) for one in kinds])
    least = check.real("least", least, above=0)
    if least > 1:
        raise ValueError(f"least must be <= 1. {check.received('least', least)}")
    reach = check.real("radius_px", radius_px, above=0) / STRIDE
    rows: list[list[tuple[Any, ...]]] = [[] for _ in given]
    offsets = _offsets(reach)
    margin = int(np.abs(offsets).max())
    # What lies beyond the frame holds nothing.
    left = np.pad(given[..., :-1], [(0, 0), (margin, margin), (margin, margin), (0, 0)])
    active = np.arange(len(given))
    # Each round takes a place of its own from every map that is left.
    for _ in range(given.shape[1] * given.shape[2]):
        if not active.size:
            break
        active = _take_largest(left, active, offsets, reach, margin, least, numbers, rows)
    return [
        np.array(sorted(each, key=lambda one: -one[3]), dtype=FOUND) if each else _none()
        for each in rows
    ]


def _take_largest(
    left: Floats,
    active: Integers,
    offsets: Integers,
    reach: float,
    margin: int,
    least: float,
    numbers: Integers,
    rows: list[list[tuple[Any, ...]]],
) -> Integers:
    """Moves the likeliest defect of each map to its rows; gives the maps that had one."""
    n_rows, n_columns = (side - 2 * margin for side in left.shape[1:3])
    near = left[active].sum(axis=-1)
    total = np.zeros((2, len(active), n_rows, n_columns))
    weights = np.exp(-0.5 * (offsets**2).sum(axis=1) / (0.5 * reach) ** 2)
    for (down, right), weight in zip(offsets + margin, weights, strict=True):
        shifted = near[:, down : down + n_rows, right : right + n_columns]
        total[0] += shifted
        total[1] += weight * shifted
    expected, peaked = total.reshape(2, len(active), -1)
    best = np.where(expected >= least, peaked, -1.0).argmax(axis=1)
    sure = expected[np.arange(len(active)), best]
    here = sure >= least
    active, best, sure = active[here], best[here], sure[here]
    for number, place, likely in zip(active, best, sure, strict=True):
        at = np.stack(divmod(place, n_columns)) + offsets
        down, right = (at + margin).T
        there = left[number, down, right]
        y, x = there.sum(axis=1) @ at / likely
        kind = numbers[there.sum(axis=0).argmax()]
        half = (STRIDE - 1) / 2
        rows[number].append((kind, STRIDE * x + half, STRIDE * y + half, min(likely, 1.0)))
        left[number, down, right] = 0
    return active


def _offsets(reach: float) -> Integers:
    """(n, 2) rows and columns of the places within a reach of one."""
    most = int(reach)
    down, right = np.mgrid[-most : most + 1, -most : most + 1]
    inside = np.hypot(down, right) <= reach + 1e-9
    return np.stack([down[inside], right[inside]], axis=1)


def _none() -> npt.NDArray[np.void]:
    return np.zeros(0, FOUND)


def pairs_within(true: Floats, found: Floats, distance: float) -> Integers:
    """Which found defect each true one is: nearest pairs first, one to one.

    Args:
        true: (n, 2) places.
        found: (m, 2) places.
        distance: How far apart they may be.

    Returns:
        (n,) indices of found ones, -1: none.
    """
    which = np.full(len(true), -1, dtype=np.int64)
    apart = np.hypot(*np.moveaxis(true[:, None] - found, -1, 0))
    pairs = np.argwhere(apart <= distance)
    taken = np.zeros(len(found), bool)
    for i, j in pairs[np.argsort(apart[tuple(pairs.T)], kind="stable")]:
        if which[i] < 0 and not taken[j]:
            which[i], taken[j] = j, True
    return which
