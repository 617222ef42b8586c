"""The shape put together from its projections by angles that were found, against the truth.

Filtered back-projection of projections at scattered angles, and their error in decibels. Source of
the question: Laurie 2024, sections 1 and 2.1 (sinograms and back-projection of letters).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from nanotilt.ops.images import rasterise
from nanotilt.ops.tomography import filtered_back_projection
from nanotilt.pose.scores import angle_errors_rad
from nanotilt.recipes.recipe import Recipe

MOST_PROJECTIONS = 2000
"""Used for one picture. More than some 300 change it little at 64 bins."""

_SINOGRAM_ROWS = 180

Floats = npt.NDArray[np.floating[Any]]


@dataclass(frozen=True, eq=False)
class Reconstruction:
    """The shape as projections and their angles give it.

    Attributes:
        image: (n_bins, n_bins) float32, density.
        decibels: 10 log10(1 / mean squared difference to the true image), whose density is 1.
        sinogram: (180, n_bins) float32: the projections in the order of their angles, the nearest
            one for each of 180 angles spread evenly over a turn.
    """

    image: Floats
    decibels: float
    sinogram: Floats


def true_image(recipe: Recipe) -> Floats:
    """The shape at angle 0, as the camera sees it from above: (n_bins, n_bins), middle (n - 1) / 2.

    The recipe is one of projections of one shape that does not vary.
    """
    (particle,) = recipe.particles.values()
    camera: Any = recipe.detector
    outline: Any = particle.outline
    image: Floats = rasterise(
        [np.asarray(outline.corners) * outline.size],
        n_pixels=camera.n_pixels,
        field_of_view=camera.field_of_view,
    )
    return image


def reconstruct(projections: Floats, angles_rad: Floats, truth: Floats) -> Reconstruction:
    """Puts a shape together.

    Projections at half a turn or more are reversed to what they are half a turn earlier. Each
    counts as much as the angle that lies closer to it than to its neighbours; then they are
    filtered (Shepp-Logan: for anti-aliased views the same decibels as the ramp's, for binary ones
    1.1 more) and smeared back.

    Args:
        projections: (n, n_bins) thickness in pixels, turning about the middle of the bins,
            (n_bins - 1) / 2.
        angles_rad: (n,) radians.
        truth: What `true_image` gives.
    """
    angles = np.mod(angles_rad, 2 * np.pi)
    half = angles >= np.pi
    turned = np.where(half[:, None], projections[:, ::-1], projections)
    angles = angles - np.pi * half
    order = np.argsort(angles, kind="stable")
    angles, turned = angles[order], turned[order]
    gap = np.diff(angles, append=angles[0] + np.pi)
    weight = (gap + np.roll(gap, 1)) / 2 * len(angles) / np.pi
    image = filtered_back_projection(
        (turned * weight[:, None]).astype(np.float32),
        angles,
        filter="shepp-logan",
        centre="middle",
    )
    error = float(np.mean((image - truth) ** 2, dtype=np.float64))
    return Reconstruction(image, -10 * np.log10(error), _in_order(projections, angles_rad))


def with_offset_removed(found_rad: Floats, true_rad: Floats, symmetry: int) -> Floats:
    """Found angles turned by the one offset to the true ones that nothing can tell.

    Args:
        found_rad: (n,) radians within a period.
        true_rad: (n,) radians.
        symmetry: The rotational order.
    """
    aligned: Floats = true_rad + angle_errors_rad(found_rad, true_rad, symmetry)
    return aligned


def reconstructions(
    truth: Floats,
    symmetry: int,
    tested: tuple[Floats, Floats, Floats],
    recovered: tuple[Floats, Floats, Floats] | None,
) -> Mapping[str, Reconstruction]:
    """By true, predicted and, where there are, recovered angles.

    Args:
        truth: What `true_image` gives.
        symmetry: The rotational order.
        tested: Projections of the test (n, n_bins), their true angles and what the network read in
            each, radians.
        recovered: Projections of pairs, their true angles and what was recovered from the pairs
            without labels; or None.
    """
    views, true_rad, predicted_rad = (array[:MOST_PROJECTIONS] for array in tested)
    found = {
        "true": reconstruct(views, true_rad, truth),
        "predicted": reconstruct(
            views, with_offset_removed(predicted_rad, true_rad, symmetry), truth
        ),
    }
    if recovered is not None:
        views, true_rad, recovered_rad = (array[:MOST_PROJECTIONS] for array in recovered)
        angles = with_offset_removed(recovered_rad, true_rad, symmetry)
        found["recovered"] = reconstruct(views, angles, truth)
    return found


def _in_order(projections: Floats, angles_rad: Floats) -> Floats:
    """The nearest projection for each of angles spread evenly over a turn."""
    wanted = 2 * np.pi * np.arange(_SINOGRAM_ROWS) / _SINOGRAM_ROWS
    apart = np.abs(np.angle(np.exp(1j * (wanted[:, None] - angles_rad))))
    rows: Floats = projections[np.argmin(apart, axis=1)].astype(np.float32)
    return rows
