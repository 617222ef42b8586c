"""Fourier-Bessel series of images on a disc.

A real image on the disc r < a about a centre is the sum of c_nm Psi_nm over n >= 1 and all m, with

    Psi_nm = sqrt(2) / (a J_{m+1}(x_nm)) J_m(x_nm r / a) exp(i m angle) / sqrt(2 pi),

x_nm the n-th zero of the Bessel function J_m, lengths in pixels, and the angle atan2(y, x), y along
rows downwards. The Psi_nm are orthonormal on the disc; coefficients of -m are conjugate to those of
m and are left out. So the integral of the image's square is the sum of abs(c_n0)^2, and of
2 abs(c_nm)^2 for m > 0; and turning the image by t multiplies c_nm by exp(-i m t).

Source: Lashley, Meister, Guan, Sun and Yu 2017, who fitted them to x-ray scattering images.
"""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import numpy.typing as npt

from nanotilt import _core
from nanotilt._base import checks as check
from nanotilt._base.arithmetic import in_ieee_mode
from nanotilt._base.arrays import SIZE_LIMIT, finite_array
from nanotilt.ops.cell_series import CellSeries, checked_pairs, checked_terms
from nanotilt.ops.disc_fits import Method, PixelFit, checked_fit
from nanotilt.ops.polar import LARGEST_DISTANCE, PolarCells, checked_masked_images
from nanotilt.ops.projection import thread_count

_N_VALUES_LIMIT = 2**31


class FourierBessel:
    """Fourier-Bessel coefficients for one geometry, made once for any number of images.

    Coefficients are sums over the pixels of the disc, each at its middle. No function is looked up
    pixel by pixel: the disc is cut into thin shells, on which radial functions are parabolas.

    Args:
        shape: (height, width) of images.
        centre: (x, y) of the disc in pixels: x along columns, y along rows downwards, pixel (row i,
            column j) in the middle (j, i). It may be outside the image.
        radius: Radius a of the disc in pixels. It may reach beyond the image.
        n: Radial functions of each order, n = 1 ... n, <= 256.
        m: Highest order m, <= 64; even unless `odd`.
        odd: Whether odd orders are wanted, too. Patterns that keep Friedel's law, I(angle) =
            I(angle + pi), have even ones alone.
        mask: (height, width), 1 or True for pixels that are seen. None: all are.
        friedel: Whether a pixel also stands for the opposite one where that is not seen (masked, or
            beyond the image). None: unless `odd`, for which it cannot. What neither shows is 0.

    Raises:
        TypeError: an argument is of the wrong kind.
        ValueError: an argument has a wrong value, or no pixel of the disc is seen.
    """

    @in_ieee_mode
    def __init__(
        self,
        shape: tuple[int, int],
        centre: npt.ArrayLike,
        radius: float,
        n: int = 40,
        m: int = 20,
        *,
        odd: bool = False,
        mask: npt.ArrayLike | None = None,
        friedel: bool | None = None,
    ) -> None:
        sides = check.integers("shape", shape, at_least=1, below=SIZE_LIMIT + 1)
        if len(sides) != 2:
            raise ValueError(f"shape must be (height, width). {check.received('shape', shape)}")
        at = finite_array("centre", centre, np.float64)
        if at.shape != (2,):
            raise ValueError(f"centre must be (x, y). Received: shape {at.shape}")
        if np.abs(at).max() > LARGEST_DISTANCE:
            raise ValueError(
                f"centre must be within {LARGEST_DISTANCE:g} pixels. "
                f"{check.received('centre', centre)}"
            )
        a = check.real("radius", radius, above=0)
        if not 1e-3 <= a <= LARGEST_DISTANCE:
            raise ValueError(
                f"radius must be in [0.001, {LARGEST_DISTANCE:g}]. "
                f"{check.received('radius', radius)}"
            )
        n, self.orders = checked_terms(n, m, odd)
        step = 1 if odd else 2
        fills = step == 2 if friedel is None else check.flag("friedel", friedel)
        if fills and step == 1:
            raise ValueError(
                "friedel must be False with odd=True: odd orders have opposite signs at opposite "
                f"pixels. {check.received('friedel', friedel)}"
            )
        self._mask = np.zeros((0, 0), np.uint8)
        if mask is not None:
            blank = np.zeros(sides, np.float32)
            self._mask = checked_masked_images(blank, mask)[1][0]
        self.shape = (sides[0], sides[1])
        self.centre = (float(at[0]), float(at[1]))
        self.radius = a
        self.n = n
        self._plan = _core.DiscPlan(
            *self.shape, *self.centre, a, n, len(self.orders), step == 2, fills, self._mask
        )
        self._pixel_fit: PixelFit | None = None
        self._cell_series = CellSeries(n, self.orders, a)
        if self._plan.n_seen == 0:
            raise ValueError(
                "radius and centre must leave a pixel of the disc that is seen. Received: "
                f"radius={a:g}, centre={self.centre}, shape={self.shape}, of whose pixels none is"
            )

    @in_ieee_mode
    def transform(
        self,
        images: npt.ArrayLike | PolarCells,
        method: Method = "direct",
        *,
        ridge: float = 1e-3,
        alpha: float = 1e-4,
        l1_ratio: float = 0.8,
        n_threads: int | None = None,
    ) -> npt.NDArray[np.complex64]:
        """Coefficients of images.

        "direct" sums over the disc, hidden parts as 0. The others fit the series to what is seen:
        "ridge" minimises the sum over pixels of (image - series)^2, plus `ridge` |b|^2, where b are
        the real and imaginary parts times the norms of their functions over what is seen.
        "elastic_net" divides image and b by the image's norm and minimises half of that sum plus
        `alpha` (`l1_ratio` |b|_1 + (1 - `l1_ratio`) |b|^2 / 2), as scikit-learn's `alpha` times the
        number of pixels does. Fits agree between machines to rounding, not bit by bit.

        Args:
            images: (height, width), or (n, height, width) for several at once. Pixels that the mask
                leaves out are not looked at, and may be NaN. Or `PolarCells` of linear spacing from
                0 to the plan's radius, which know no centre.
            method: "direct", "ridge" or "elastic_net".
            ridge: For "ridge", >= 1e-6.
            alpha: For "elastic_net", > 0.
            l1_ratio: For "elastic_net", in [0, 1].
            n_threads: Threads to use; None: see `nanotilt.build_info`. The result does not depend
                on it.

        Returns:
            (n, orders) complex64 coefficients c_nm, or (n_images, n, orders) for several images.

        Raises:
            TypeError: an argument is of the wrong kind.
            ValueError: an argument has a wrong value.
        """
        fit = checked_fit(method, ridge, alpha, l1_ratio)
        if isinstance(images, PolarCells):
            return self._cell_series.coefficients(images, fit, thread_count(n_threads))
        mask = self._mask if self._mask.size else None
        stack, _, single = checked_masked_images(images, mask, one_mask=True)
        if stack.shape[1:] != self.shape:
            raise ValueError(
                f"images must have the plan's shape {self.shape}. Received: shape {stack.shape[1:]}"
            )
        threads = thread_count(n_threads)
        if fit.method == "direct":
            made = self._plan.transform(stack, threads).view(np.complex64)[..., 0]
        else:
            if self._pixel_fit is None:
                self._pixel_fit = PixelFit(
                    self.shape, self.centre, self.radius, self.n, self.orders, self._mask
                )
            made = self._pixel_fit.coefficients(stack, fit, threads)
        if not np.isfinite(made).all():
            raise ValueError(
                "images must be so small that their coefficients fit into float32. Received: "
                f"images up to {np.abs(stack).max():g}"
            )
        return made[0] if single else made

    @in_ieee_mode
    def inverse(
        self, coefficients: npt.ArrayLike, *, n_threads: int | None = None
    ) -> npt.NDArray[np.float32]:
        """Images that coefficients describe, 0 beyond the disc.

        Args:
            coefficients: (n, orders) or (n_images, n, orders), complex or real.
            n_threads: Threads to use; None: see `nanotilt.build_info`. The result does not depend
                on it.

        Returns:
            (height, width) or (n_images, height, width) float32.

        Raises:
            TypeError: an argument is of the wrong kind.
            ValueError: an argument has a wrong value.
        """
        pairs, single = checked_pairs(coefficients, self.n, len(self.orders))
        if len(pairs) * self.shape[0] * self.shape[1] > _N_VALUES_LIMIT:
            raise ValueError(
                "coefficients must be so few that the result has <= 2**31 values. "
                f"Received: shape {np.shape(coefficients)} for images of {self.shape}"
            )
        made = self._plan.draw(pairs, thread_count(n_threads))
        if not np.isfinite(made).all():
            raise ValueError(
                "coefficients must be so small that the images fit into float32. Received: "
                f"coefficients up to {np.abs(pairs).max():g}"
            )
        return made[0] if single else made


def fourier_bessel(
    images: npt.ArrayLike | PolarCells,
    centre: npt.ArrayLike | None = None,
    radius: float | None = None,
    n: int = 40,
    m: int = 20,
    *,
    odd: bool = False,
    mask: npt.ArrayLike | None = None,
    method: Method = "direct",
    ridge: float = 1e-3,
    alpha: float = 1e-4,
    l1_ratio: float = 0.8,
    n_threads: int | None = None,
) -> npt.NDArray[np.complex64]:
    """Fourier-Bessel coefficients of images on the disc of a radius about a centre.

    ``FourierBessel(shape, centre, radius, n, m, odd=odd, mask=mask).transform(images, method)``;
    keep such a plan where more images with the same geometry follow.

    Args:
        images: (height, width), or (n, height, width) for several at once. Or `PolarCells`, which
            tell the radius themselves and for which centre and mask are left out.
        centre: (x, y) in pixels, pixel (row i, column j) in the middle (j, i).
        radius: Radius of the disc in pixels.
        n: Radial functions of each order.
        m: Highest order.
        odd: Whether odd orders are wanted, too.
        mask: (height, width), 1 or True for pixels that are seen.
        method: "direct", "ridge" or "elastic_net"; see `FourierBessel.transform`.
        ridge: For "ridge", >= 1e-6.
        alpha: For "elastic_net", > 0.
        l1_ratio: For "elastic_net", in [0, 1].
        n_threads: Threads to use; None: see `nanotilt.build_info`. The result does not depend on
            it.

    Returns:
        (n, orders) complex64, or (n_images, n, orders) for several images.

    Raises:
        TypeError: an argument is of the wrong kind.
        ValueError: an argument has a wrong value.

    Example:
        >>> import nanotilt as nt
        >>> nt.fourier_bessel([[0, 0, 0], [0, 1, 0], [0, 0, 0]], (1, 1), 2, n=2, m=4).shape
        (2, 3)
    """
    fit = checked_fit(method, ridge, alpha, l1_ratio)
    if isinstance(images, PolarCells):
        given = {"centre": centre, "radius": radius, "mask": mask}
        for field, value in given.items():
            if value is not None:
                raise ValueError(
                    f"{field} must be left out for polar cells. {check.received(field, value)}"
                )
        n, orders = checked_terms(n, m, odd)
        return CellSeries(n, orders).coefficients(images, fit, thread_count(n_threads))
    if radius is None:
        raise TypeError("radius must be a real number for images. Received: radius=None")
    stack, _, _ = checked_masked_images(images, mask, one_mask=True)
    shape = (stack.shape[1], stack.shape[2])
    plan = FourierBessel(shape, cast(Any, centre), radius, n, m, odd=odd, mask=mask)
    return plan.transform(
        images, method, ridge=ridge, alpha=alpha, l1_ratio=l1_ratio, n_threads=n_threads
    )
