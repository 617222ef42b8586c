"""Series on a disc: their checked terms and coefficients, and those of means over polar cells."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from nanotilt import _core
from nanotilt._base import checks as check
from nanotilt._base.arrays import SIZE_LIMIT, finite_array
from nanotilt.ops.disc_fits import CellFit, Fit
from nanotilt.ops.polar import PolarCells

MOST_TERMS = 256
HIGHEST_ORDER = 64

_MOST_PIXELS = 2**31 - 1


def checked_terms(n: Any, m: Any, odd: Any) -> tuple[int, npt.NDArray[np.int64]]:
    """Radial functions of each order, and the orders."""
    n = check.integer("n", n, at_least=1, below=MOST_TERMS + 1)
    m = check.integer("m", m, at_least=0, below=HIGHEST_ORDER + 1)
    step = 1 if check.flag("odd", odd) else 2
    if m % step:
        raise ValueError(f"m must be even unless odd=True. {check.received('m', m)}")
    return n, np.arange(0, m + 1, step, dtype=np.int64)


def has_odd(orders: npt.NDArray[Any]) -> bool:
    """Whether odd orders are among them."""
    return len(orders) > 1 and int(orders[1]) == 1


class CellSeries:
    """Coefficients of means over polar cells; remembers the geometry that it saw last.

    Args:
        n: Radial functions of each order.
        orders: Orders, rising.
        radius: Radius of the disc in pixels; None: that of the cells.
    """

    def __init__(self, n: int, orders: npt.NDArray[Any], radius: float | None = None) -> None:
        self._n = n
        self._orders = orders
        self._radius = radius
        self._last: tuple[Any, CellFit] | None = None
        self._disc: tuple[Any, _core.CellDisc] | None = None

    def coefficients(
        self, cells: PolarCells, fit: Fit, n_threads: int
    ) -> npt.NDArray[np.complex64]:
        """(n, orders), or (n_images, n, orders) for several images.

        Raises:
            TypeError: the cells hold no numbers.
            ValueError: the cells have a wrong grid, wrong values, or no pixel.
        """
        self._check_grid(cells)
        mean = finite_array("images.mean", cells.mean, np.float32)
        count = finite_array("images.n_pixels", cells.n_pixels, np.float64)
        if mean.ndim not in (2, 3) or mean.shape != count.shape or 0 in mean.shape[-2:]:
            raise ValueError(
                "images.mean and images.n_pixels must have the same shape (n_radii, n_angles) or "
                f"(n, n_radii, n_angles). Received: shapes {mean.shape} and {count.shape}"
            )
        wrong = (count < 0) | (count > _MOST_PIXELS) | (count != np.floor(count))
        if wrong.any():
            raise ValueError(
                "images.n_pixels must hold whole numbers from 0 to 2**31 - 1. "
                f"Received: images.n_pixels={count[wrong][0]:g} in a cell"
            )
        if max(mean.shape[-2:]) > SIZE_LIMIT:
            raise ValueError(
                f"images.mean must have sides <= {SIZE_LIMIT}. Received: shape {mean.shape}"
            )
        means, counts = (one.reshape(-1, *one.shape[-2:]) for one in (mean, count))
        empty = np.flatnonzero(counts.sum(axis=(1, 2)) == 0)
        if len(empty):
            raise ValueError(
                "images.n_pixels must have a cell with pixels for each image. Received: "
                f"none for image {empty[0]}"
            )
        if fit.method == "direct":
            disc = self._disc_of((means.shape[1], means.shape[2]), cells.half_turn)
            pairs = disc.transform(means, counts.astype(np.int32), cells.radius[1], n_threads)
            return self._answer(pairs.view(np.complex64)[..., 0], mean)
        made = np.empty((len(means), self._n, len(self._orders)), np.complex64)
        at = 0
        while at < len(means):  # images in a row that share a geometry are solved together
            same = (counts[at:] == counts[at]).all(axis=(1, 2))
            end = at + (len(same) if same.all() else int(np.argmin(same)))
            made[at:end] = self._fit_of(counts[at], cells).coefficients(means[at:end], fit)
            at = end
        return self._answer(made, mean)

    @staticmethod
    def _answer(
        made: npt.NDArray[np.complex64], mean: npt.NDArray[Any]
    ) -> npt.NDArray[np.complex64]:
        if not np.isfinite(made).all():
            raise ValueError(
                "images.mean must be so small that coefficients fit into float32. Received: "
                f"means up to {np.abs(mean).max():g}"
            )
        return made[0] if mean.ndim == 2 else made

    def _disc_of(self, shape: tuple[int, int], half_turn: bool) -> _core.CellDisc:
        key = (shape, half_turn)
        if self._disc is None or self._disc[0] != key:
            even = not has_odd(self._orders)
            disc = _core.CellDisc(*shape, half_turn, self._n, len(self._orders), even)
            self._disc = (key, disc)
        return self._disc[1]

    def _fit_of(self, count: npt.NDArray[np.float64], cells: PolarCells) -> CellFit:
        key = (count.tobytes(), count.shape, cells.half_turn, cells.radius[1])
        if self._last is None or self._last[0] != key:
            fit = CellFit(count, cells.half_turn, cells.radius[1], self._n, self._orders)
            self._last = (key, fit)
        return self._last[1]

    def _check_grid(self, cells: PolarCells) -> None:
        inner, outer = check.reals("images.radius", cells.radius, length=2)
        wanted = self._radius
        if inner != 0 or outer <= 0 or (wanted is not None and abs(outer - wanted) > 1e-6 * wanted):
            raise ValueError(
                "images.radius must be (0, radius of the disc). "
                f"{check.received('images.radius', cells.radius)}"
                f"{'' if wanted is None else f' for a disc of radius {wanted:g}'}"
            )
        if cells.spacing != "linear":
            raise ValueError(
                'images.spacing must be "linear". '
                f"{check.received('images.spacing', cells.spacing)}"
            )
        if check.flag("images.half_turn", cells.half_turn) and has_odd(self._orders):
            raise ValueError(
                "images.half_turn must be False for odd orders. "
                f"{check.received('images.half_turn', cells.half_turn)}"
            )


def checked_pairs(coefficients: Any, n: int, n_orders: int) -> tuple[npt.NDArray[np.float32], bool]:
    """Coefficients as (n_images, n, orders, real and imaginary part)."""
    check.refuse_masked("coefficients", coefficients)
    try:
        values = np.asarray(coefficients)
    except ValueError as error:  # ragged lists
        raise ValueError(
            "coefficients must be a rectangular array. "
            f"{check.received('coefficients', coefficients)}"
        ) from error
    if values.dtype.kind not in "fiuc":
        raise TypeError(
            f"coefficients must hold numbers. Received: coefficients of dtype {values.dtype}"
        )
    wanted = (n, n_orders)
    if values.ndim not in (2, 3) or values.shape[-2:] != wanted:
        raise ValueError(
            f"coefficients must have shape {wanted} or (n, {wanted[0]}, {wanted[1]}). "
            f"Received: shape {values.shape}"
        )
    with np.errstate(over="ignore"):
        pairs = np.stack([values.real, values.imag], axis=-1).astype(np.float32)
    if not np.isfinite(pairs).all():
        raise ValueError(
            "coefficients must be finite and fit into float32. Received: "
            f"{np.count_nonzero(~np.isfinite(pairs).all(-1))} of {values.size} values that are "
            "not"
        )
    single = values.ndim == 2
    return np.ascontiguousarray(pairs[None] if single else pairs), single
