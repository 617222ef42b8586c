"""Fourier-Bessel series fitted to pixels or polar cells of a disc, of which a part may be hidden.

Where much of a disc is hidden, the functions that are orthonormal on the whole disc are nearly
dependent on what is seen: least squares alone would have a condition beyond 1e12, so that every fit
here holds coefficients down. The unknowns are the real and imaginary parts of c_nm, m >= 0. The
matrix of the normal equations is made from rings: products of radial functions times sums of
products of waves over each ring's cells, weighted with the numbers of their pixels.

Results come from NumPy's linear algebra and agree between machines to rounding, not bit by bit.
"""

from __future__ import annotations

import math
import warnings
from typing import Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from nanotilt import _core
from nanotilt._base import checks as check
from nanotilt.ops.disc_functions import (
    Floats,
    order_of_parts,
    overlap_of_waves,
    radial_functions,
    wave_means,
)

Method = Literal["direct", "ridge", "elastic_net"]

METHODS = ("direct", "ridge", "elastic_net")

_SMALLEST_NORM = 1e-3
"""Of the largest: functions that are seen less than this are not scaled up any further, so that
noise does not become huge coefficients."""

_SMALLEST_RIDGE = 1e-6
"""Sums over pixels are float32: eigenvalues of the normal equations are wrong by some 1e-8."""

_SWEEPS = 1000
_TOLERANCE = 1e-5


class Fit(NamedTuple):
    """How coefficients are found.

    Attributes:
        method: "direct", "ridge" or "elastic_net".
        ridge: Weight of the squares of coefficients, for "ridge".
        alpha: Weight of the penalty, for "elastic_net".
        l1_ratio: Share of magnitudes in the penalty, for "elastic_net".
    """

    method: str
    ridge: float
    alpha: float
    l1_ratio: float


def checked_fit(method: Any, ridge: Any, alpha: Any, l1_ratio: Any) -> Fit:
    """The arguments of a fit.

    Raises:
        TypeError: an argument is of the wrong kind.
        ValueError: an argument has a wrong value.
    """
    ratio = check.real("l1_ratio", l1_ratio, at_least=0)
    if ratio > 1:
        raise ValueError(f"l1_ratio must be <= 1. {check.received('l1_ratio', l1_ratio)}")
    return Fit(
        check.choice("method", method, METHODS),
        check.real("ridge", ridge, at_least=_SMALLEST_RIDGE),
        check.real("alpha", alpha, above=0),
        ratio,
    )


class NormalEquations:
    """Those of one geometry.

    Unknowns are the parts of coefficients: real ones of all orders first, then imaginary ones of
    orders above 0; of each part n.

    Args:
        radial: (orders, nodes, n) radial functions at places along the radius.
        overlap: (nodes, parts, parts) sums, over the pixels at a node, of products of the waves
            that parts are multiplied with.
        orders: Orders, rising.
    """

    def __init__(self, radial: Floats, overlap: Floats, orders: npt.NDArray[Any]) -> None:
        self._orders = orders
        self._inverse: tuple[float, Floats] | None = None
        parts = radial[order_of_parts(orders)]
        n_parts, n_nodes, n = parts.shape
        by_node = np.ascontiguousarray(parts.transpose(1, 0, 2))
        gram = np.empty((n_parts, n, n_parts * n))
        for part in range(n_parts):
            weighted = (overlap[:, part, :, None] * by_node).reshape(n_nodes, n_parts * n)
            gram[part] = parts[part].T @ weighted
        self._gram = gram.reshape(n_parts * n, n_parts * n)
        norm = np.sqrt(np.maximum(np.diagonal(self._gram), 0))
        self._scale = 1 / np.maximum(norm, _SMALLEST_NORM * norm.max())
        self._gram *= self._scale
        self._gram *= self._scale[:, None]

    def solve(self, asked: Floats, square: Floats, fit: Fit) -> npt.NDArray[np.complex64]:
        """Coefficients (n_images, n, orders).

        Args:
            asked: (n_images, parts, n) sums over pixels of images times functions.
            square: (n_images,) sums over pixels of images squared.
            fit: How to solve.
        """
        n_images, n_parts, n = asked.shape
        scaled = asked.reshape(n_images, n_parts * n) * self._scale
        if fit.method == "ridge":
            found = scaled @ self._inverse_of(fit.ridge)
        else:
            size = np.sqrt(np.where(square > 0, square, 1.0))[:, None]
            found = _elastic_net(self._gram, scaled / size, fit.alpha, fit.l1_ratio) * size
        found = (found * self._scale).reshape(asked.shape).transpose(0, 2, 1)
        n_orders = len(self._orders)
        made = np.zeros((n_images, n, n_orders), np.complex64)
        made.real = found[:, :, :n_orders]
        made.imag[:, :, self._orders > 0] = found[:, :, n_orders:]
        return made

    def _inverse_of(self, ridge: float) -> Floats:
        """Of the normal equations, whose condition is below their size over the ridge."""
        if self._inverse is None or self._inverse[0] != ridge:
            lower = np.linalg.cholesky(self._gram + ridge * np.eye(len(self._gram)))
            half = np.linalg.inv(lower)
            self._inverse = (ridge, half.T @ half)
        return self._inverse[1]


class CellFit:
    """Fits to means over polar cells.

    Args:
        n_pixels: (rings, angles) numbers of pixels of cells; rings are of equal width from the
            middle to the radius.
        half_turn: Whether angles cover half a turn.
        radius: Radius of the disc in pixels.
        n: Radial functions of each order.
        orders: Orders, rising; even ones alone if `half_turn`.
    """

    def __init__(
        self,
        n_pixels: npt.NDArray[Any],
        half_turn: bool,
        radius: float,
        n: int,
        orders: npt.NDArray[Any],
    ) -> None:
        self._weights = n_pixels.astype(np.float64)
        n_rings, n_angles = n_pixels.shape
        places, shares = np.polynomial.legendre.leggauss(5)
        r = (np.arange(n_rings)[:, None] + 0.5 + 0.5 * places) / n_rings
        shares = shares * r / (shares * r).sum(axis=1, keepdims=True)
        at_places = (
            radial_functions(r.ravel(), n, orders).reshape(len(orders), n_rings, 5, n) / radius
        )
        radial: Floats = np.einsum("orkn,rk->orn", at_places, shares)
        self._waves = wave_means(n_angles, orders, half_turn)
        overlap = (self._waves.T * self._weights[:, None]) @ self._waves
        self._equations = NormalEquations(radial, overlap, orders)
        self._parts = radial[order_of_parts(orders)]

    def coefficients(self, means: npt.NDArray[Any], fit: Fit) -> npt.NDArray[np.complex64]:
        """Coefficients (n_images, n, orders) of means (n_images, rings, angles)."""
        weighted = means * self._weights
        waves = (weighted @ self._waves).transpose(2, 0, 1)  # (parts, n_images, rings)
        asked = (waves @ self._parts).transpose(1, 0, 2)
        return self._equations.solve(asked, (weighted * means).sum(axis=(1, 2)), fit)


class PixelFit:
    """Fits to pixels of a disc, each at its own middle.

    Args:
        shape: (height, width) of images.
        centre: (x, y) of the disc.
        radius: Radius of the disc in pixels.
        n: Radial functions of each order.
        orders: Orders, rising.
        mask: (height, width) 1 for pixels that are seen, or empty: all are.
    """

    def __init__(
        self,
        shape: tuple[int, int],
        centre: tuple[float, float],
        radius: float,
        n: int,
        orders: npt.NDArray[Any],
        mask: npt.NDArray[np.uint8],
    ) -> None:
        even = len(orders) == 1 or int(orders[1]) == 2
        self._orders = orders
        self._plan = _core.DiscPlan(*shape, *centre, radius, n, len(orders), even, False, mask)
        # Products of two functions have sums of two orders as theirs, and twice the frequency.
        finer = _core.DiscPlan(
            *shape, *centre, radius, min(2 * n, 256), 2 * len(orders) - 1, even, False, mask
        )
        sums = finer.shell_sums(np.ones(shape, np.float32)).astype(np.float64)
        at = math.sqrt(3) / 2  # Chebyshev's nodes: 0 and those, on each shell
        first, second = sums[..., 1] / (2 * at), sums[..., 2] / (2 * at * at)
        of_nodes = np.stack([second - first, sums[..., 0] - 2 * second, second + first], axis=-1)
        n_shells = of_nodes.shape[2]
        places = (np.arange(n_shells)[:, None] + 0.5 + 0.5 * at * np.arange(-1, 2)) / n_shells
        of_nodes = of_nodes.reshape(*of_nodes.shape[:2], -1)
        self._equations = NormalEquations(
            radial_functions(places.ravel(), n, orders) / radius,
            overlap_of_waves(of_nodes[:, 0].T, -of_nodes[:, 1].T, orders),
            orders,
        )
        self._seen = np.zeros(shape, np.float32)
        y, x = np.ogrid[: shape[0], : shape[1]]
        self._seen[(x - centre[0]) ** 2 + (y - centre[1]) ** 2 < radius**2] = 1

    def coefficients(
        self, images: npt.NDArray[np.float32], fit: Fit, n_threads: int
    ) -> npt.NDArray[np.complex64]:
        """Coefficients (n_images, n, orders) of images, 0 where the mask leaves them out."""
        pairs = self._plan.transform(images, n_threads).astype(np.float64)
        twice = np.where(self._orders > 0, 2.0, 1.0)
        parts = [pairs[..., 0] * twice, 2 * pairs[..., self._orders > 0, 1]]
        asked = np.concatenate(parts, axis=-1).transpose(0, 2, 1)
        square = np.zeros(len(images))
        if fit.method == "elastic_net":
            for i, image in enumerate(images):
                square[i] = np.square(image * self._seen, dtype=np.float64).sum()
        return self._equations.solve(asked, square, fit)


def _elastic_net(gram: Floats, asked: Floats, alpha: float, l1_ratio: float) -> Floats:
    """Coordinate descent, image by image in parallel, from 0 on.

    Minimises c G c / 2 - c b + alpha (l1_ratio |c|_1 + (1 - l1_ratio) |c|^2 / 2).
    """
    found = np.zeros_like(asked)
    left = asked.copy()  # b - G c
    moving = np.arange(len(asked))
    threshold = alpha * l1_ratio
    diagonal = np.diagonal(gram)
    below = diagonal + alpha * (1 - l1_ratio)
    coordinates = np.flatnonzero(diagonal > 0)
    for _ in range(_SWEEPS):
        now, rest = found[moving], left[moving]
        largest = np.zeros(len(moving))
        for j in coordinates:
            before = now[:, j].copy()
            slope = rest[:, j] + diagonal[j] * before
            after = np.sign(slope) * np.maximum(np.abs(slope) - threshold, 0) / below[j]
            step = after - before
            if step.any():
                now[:, j] = after
                rest -= step[:, None] * gram[j]
                np.maximum(largest, np.abs(step), out=largest)
        found[moving], left[moving] = now, rest
        moving = moving[largest > _TOLERANCE * np.abs(now).max(axis=1)]
        if not len(moving):
            return found
    warnings.warn(
        f'method "elastic_net" has not converged after {_SWEEPS} sweeps for {len(moving)} of '
        f"{len(asked)} images; a larger alpha converges sooner. Received: alpha={alpha:g}",
        RuntimeWarning,
        stacklevel=2,
    )
    return found
