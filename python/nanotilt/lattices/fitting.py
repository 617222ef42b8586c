"""A perfect lattice fitted to images of atoms, without training."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from nanotilt import _core
from nanotilt._base import arrays
from nanotilt._base import checks as check
from nanotilt._base.arithmetic import in_ieee_mode
from nanotilt.lattices.templates import template_atoms
from nanotilt.ops.projection import thread_count
from nanotilt.scenes.lattice_terms import CRYSTALS
from nanotilt.scenes.lattices import Lattice

Numbers = npt.NDArray[np.float64]

SIDES = (32, 512)
"""Pixels on a side of an image."""

LEAST_PERIODS = 4
"""Rows of cells that a side must show at least."""

LEAST_PIXELS = 5
"""Pixels per lattice constant at least: fewer do not resolve the third shell of waves."""

MOST_PIXELS = 100
"""Pixels per lattice constant at most."""

LARGEST_COUNT = 1e9

FOUND_STRENGTH = 4.5
"""Strength above which a lattice is there: noise alone comes as far once in a thousand images."""


@dataclass(frozen=True, eq=False)
class LatticeFit:
    """What `lattice_fit` finds; arrays of the images' leading shape, float64 unless said otherwise.

    Where an image has no counts at all, `found` is False, scores and residuals are 0, and all else
    is NaN. Where `found` is False otherwise, figures are those of the likeliest lattice, which may
    be none.

    Attributes:
        found: Whether a lattice of that constant is in the image (bool): `strength` > 4.5, which
            one in a thousand images of noise alone exceeds.
        strength: Power of the three Fourier amplitudes where the fit started, over what noise alone
            gives at a wave vector on average.
        rotation_rad: Direction of the lattice's first vector, in [0, pi / 3), from x (columns)
            towards y (rows).
        scale: Lattice constant over the one that was given.
        strain: (..., 2, 2) strain in the image's axes x and y, symmetric, without trace (that is
            the scale's): a vector r of the perfect lattice is scale (1 + strain) R r, with R the
            rotation.
        origin: (..., 2) place (x, y) in pixels of the hollow of the cell (the middle of a ring)
            next to the image's middle; pixel (0, 0) has its middle at (0, 0).
        chi2: Mean square of residuals per degree of freedom: 1 for counts of a perfect lattice.
        residual: (..., height, width) float32, (counts - expected) / sqrt(expected).
        hole: Largest lack of counts under a Gaussian of `blob_angstrom`, in standard deviations.
        hole_place: (..., 2) where (x, y), in pixels.
        bump: Largest excess, likewise.
        bump_place: (..., 2) where.
        either: The larger of hole and bump.
        match: How well the template fits best, in standard deviations; 0 without a template.
        match_place: (..., 2) site (x, y) in pixels at which it does; NaN without a template.
        match_rad: Direction of the template's x axis there, in [0, 2 pi).
    """

    found: npt.NDArray[np.bool_]
    strength: Numbers
    rotation_rad: Numbers
    scale: Numbers
    strain: Numbers
    origin: Numbers
    chi2: Numbers
    residual: npt.NDArray[np.float32]
    hole: Numbers
    hole_place: Numbers
    bump: Numbers
    bump_place: Numbers
    either: Numbers
    match: Numbers
    match_place: Numbers
    match_rad: Numbers


@in_ieee_mode
def lattice_fit(
    images: npt.ArrayLike,
    lattice: Any,
    pixel_angstrom: float = 0.3125,
    *,
    template: str | npt.ArrayLike | None = None,
    blob_angstrom: float = 0.375,
    probe_angstrom: float = 0.47,
    n_threads: int | None = None,
) -> LatticeFit:
    """Fits a perfect lattice to each image of counts, and looks for what it does not explain.

    No training, and nothing to know beforehand but the lattice constant: any motif of atoms in a
    hexagonal cell, any probe. Rotation and scale (within 3.5 %) come from Fourier amplitudes on a
    grid; then steps of Gauss and Newton fit the two reciprocal vectors, 18 amplitudes of waves of
    the three shortest lengths, and 16 smooth terms for background and contamination, by least
    squares with weights 1 / (smooth part). A defect is what is left: the residual behind a matched
    filter.

    Args:
        images: (..., height, width) detected electrons, each number >= 0; sides from 32 to 512
            pixels that show 4 rows of cells. Batches of streams, (sample, 1, height, width), fit.
        lattice: Name of a crystal ("graphene", "hbn", "mos2", "ws2", "mose2", "wse2", "mote2"), a
            `nanotilt.Lattice`, of which only the crystal counts, or a lattice constant in angstrom.
        pixel_angstrom: Length of a pixel, at most a fifth of the lattice constant.
        template: What else to look for on the lattice's sites: "vacancy", "vacancy-5-9" (the
            relaxed vacancy of graphene), or (n, 3) atoms (x, y in angstrom from site A of the
            lattice, whose first vector lies along x; amplitude, negative where an atom is missing).
            It is tried in six directions at each site one lattice constant or more from the rim.
        blob_angstrom: Standard deviation of the matched filter of holes and bumps, which are looked
            for from five of them inside the rim on.
        probe_angstrom: Standard deviation of an atom's image, for the template.
        n_threads: Threads to use; None: see `nanotilt.build_info`. The result does not depend on
            it.

    Returns:
        Geometry, chi-square, residuals, scores and their places, image by image.

    Raises:
        TypeError: an argument is of the wrong kind.
        ValueError: an argument has a wrong value; counts are negative or not finite; pixels are too
            coarse, or the field of view too small, for the lattice.

    Example:
        >>> import numpy as np
        >>> import nanotilt as nt
        >>> y, x = np.indices((48, 48)) * 0.3125
        >>> g = 4 * np.pi / np.sqrt(3) / 2.46
        >>> waves = [np.cos(g * (x * np.cos(t) + y * np.sin(t))) for t in np.pi * np.arange(3) / 3]
        >>> nt.lattice_fit(9 - 2 * sum(waves), "graphene").scale.round(4)
        array(1.)
    """
    constant = _lattice_constant(lattice)
    pixel = check.real("pixel_angstrom", pixel_angstrom, above=0)
    counts = _checked_counts(images)
    _check_resolution(counts.shape[-2:], constant, pixel)
    blob = _checked_width("blob_angstrom", blob_angstrom, pixel)
    probe = _checked_width("probe_angstrom", probe_angstrom, pixel)
    margin = math.ceil(5 * blob - 1e-6)
    if 2 * margin >= min(counts.shape[-2:]):
        raise ValueError(
            "blob_angstrom must be so small that ten of it fit into an image's side. "
            f"{check.received('blob_angstrom', blob_angstrom)}, images of shape {counts.shape}, "
            f"{pixel_angstrom=}"
        )
    atoms = template_atoms(template, constant)
    atoms = atoms * [1 / pixel, 1 / pixel, 1.0]  # a copy: they may be the user's
    leading = counts.shape[:-2]
    figures, residuals = _core.fit_lattices(
        counts.reshape(math.prod(leading), *counts.shape[-2:]),
        constant / pixel,
        blob,
        margin,
        atoms,
        probe,
        constant / pixel,
        thread_count(n_threads),
    )
    return _result(figures.reshape(*leading, figures.shape[1]), residuals.reshape(counts.shape))


def _result(figures: Numbers, residual: npt.NDArray[np.float32]) -> LatticeFit:
    """The core's table, in the order of its `LatticeFigures`, by name."""
    (rotation, scale, xx, xy, origin_x, origin_y, chi2, strength, *scores) = np.moveaxis(
        figures, -1, 0
    )
    hole, hole_x, hole_y, bump, bump_x, bump_y, match, match_x, match_y, match_rad = scores

    def pair(x: Numbers, y: Numbers) -> Numbers:
        return np.stack([x, y], axis=-1)

    return LatticeFit(
        found=np.asarray(strength > FOUND_STRENGTH),
        strength=strength,
        rotation_rad=rotation,
        scale=scale,
        strain=np.stack([pair(xx, xy), pair(xy, -xx)], axis=-2),
        origin=pair(origin_x, origin_y),
        chi2=chi2,
        residual=residual,
        hole=hole,
        hole_place=pair(hole_x, hole_y),
        bump=bump,
        bump_place=pair(bump_x, bump_y),
        either=np.maximum(hole, bump),
        match=match,
        match_place=pair(match_x, match_y),
        match_rad=match_rad,
    )


def _lattice_constant(lattice: Any) -> float:
    """In angstrom, of a crystal by name or of a scene, or a number."""
    if isinstance(lattice, Lattice):
        lattice = lattice.crystal
    if isinstance(lattice, str):
        return CRYSTALS[check.choice("lattice", lattice, tuple(CRYSTALS))].a
    if not check.is_real(check.plain("lattice", lattice)):
        raise TypeError(
            "lattice must be the name of a crystal, a nanotilt.Lattice, or a lattice constant in "
            f"angstrom. {check.received('lattice', lattice)}"
        )
    constant = check.real("lattice", lattice, above=0)
    if not 0.1 <= constant <= 1000:
        raise ValueError(
            f"lattice must be in [0.1, 1000] angstrom. {check.received('lattice', lattice)}"
        )
    return constant


def _checked_counts(images: Any) -> npt.NDArray[np.float32]:
    counts, largest = arrays.finite_and_largest("images", images, np.float32, booleans=True)
    if counts.ndim < 2 or not all(SIDES[0] <= side <= SIDES[1] for side in counts.shape[-2:]):
        raise ValueError(
            f"images must have shape (..., height, width), sides from {SIDES[0]} to {SIDES[1]}. "
            f"Received: shape {counts.shape}"
        )
    lowest = float(counts.min(initial=0.0))
    if lowest < 0:
        raise ValueError(
            "images must hold counts >= 0, not normalised ones. Received: values down to "
            f"{lowest:g}"
        )
    if largest > LARGEST_COUNT:
        raise ValueError(
            f"images must hold counts <= {LARGEST_COUNT:g}. Received: values up to {largest:g}"
        )
    return counts


def _check_resolution(sides: tuple[int, ...], constant: float, pixel: float) -> None:
    """Whether pixels resolve the lattice, and the image shows enough of it."""
    if pixel * LEAST_PIXELS > constant * (1 + 1e-9) or pixel * MOST_PIXELS < constant:
        raise ValueError(
            f"pixel_angstrom must be from 1/{MOST_PIXELS} to 1/{LEAST_PIXELS} of the lattice "
            f"constant, {constant:g} angstrom, so that waves of the third shell are resolved. "
            f"{check.received('pixel_angstrom', pixel)}"
        )
    needed = LEAST_PERIODS * constant * math.sqrt(0.75) / pixel
    if min(sides) < needed:
        raise ValueError(
            f"images must show {LEAST_PERIODS} rows of cells: sides >= {math.ceil(needed)} pixels "
            f"of {pixel:g} angstrom. Received: {sides[0]} x {sides[1]} pixels"
        )


def _checked_width(field: str, value: Any, pixel: float) -> float:
    """A standard deviation, in pixels."""
    width = check.real(field, value, above=0) / pixel
    if not 0.3 <= width <= 60:
        raise ValueError(
            f"{field} must be from 0.3 to 60 pixels of {pixel:g} angstrom. "
            f"{check.received(field, value)}"
        )
    return width
