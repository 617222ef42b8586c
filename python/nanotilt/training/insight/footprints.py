"""Which values of a sample's views show its particle, and which show a feature of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from nanotilt.instruments.camera import Camera
from nanotilt.ops.images import rasterise
from nanotilt.recipes.measure import limits_of, name_of, shadows
from nanotilt.recipes.recipe import Recipe

Bools = npt.NDArray[np.bool_]

_LEAST_SHARE = 0.1
"""Of a pixel. Sums of signed areas leave some 1e-8 where a ring covers nothing."""


@dataclass(frozen=True)
class Footprint:
    """Where one feature of a particle is seen.

    Attributes:
        feature: "hole" or "spiral".
        inside: (n_views, ...) whether a value shows the feature.
        elsewhere: (n_views, ...) whether it shows the particle, but not the feature.
    """

    feature: str
    inside: Bools
    elsewhere: Bools


def footprints(
    recipe: Recipe, seed: int, index: int, label: int, angles: npt.NDArray[np.floating]
) -> list[Footprint]:
    """Where the first hole and the first spiral of a particle are seen, of those that it has.

    In a line of bins, it is the shadow, between the feature's lowest and highest place. In an
    image, all pixels of which the feature covers a tenth or more. A detector's random shift is not
    counted.

    Args:
        recipe: The recipe, whose views are not centred.
        seed: The stream.
        index: The sample.
        label: Its class.
        angles: (n_views,) tilts in radians.
    """
    if len(recipe.view_shape) == 2:
        return _in_images(recipe, seed, index, label, angles)
    cast = shadows(recipe, seed, index, label, angles.astype(np.float64))
    x = np.linspace(*limits_of(recipe), recipe.view_shape[0])

    def within(limits: npt.NDArray[np.float64]) -> Bools:
        inside: Bools = (x >= limits[:, :1]) & (x <= limits[:, 1:])
        return inside

    particle = within(cast.particle)
    return [
        Footprint(name, within(limits), particle & ~within(limits))
        for name, limits in cast.features.items()
    ]


def _in_images(
    recipe: Recipe, seed: int, index: int, label: int, angles: npt.NDArray[np.floating]
) -> list[Footprint]:
    camera = recipe.detector
    assert isinstance(camera, Camera)
    described = list(recipe.particles.values())[label].features
    if not described:
        return []
    rings = [ring for ring, _ in recipe.particle(seed, index)]

    def covered(ring: npt.NDArray[np.float32]) -> Bools:
        views = [
            rasterise(
                [ring],
                n_pixels=camera.n_pixels,
                field_of_view=camera.field_of_view,
                angle_rad=float(angle),
            )
            for angle in angles
        ]
        shown: Bools = np.stack(views) > _LEAST_SHARE
        return shown

    particle = covered(rings[0])
    found: dict[str, Footprint] = {}
    for feature, ring in zip(described, rings[1:], strict=True):
        name = name_of(feature)
        if name not in found:
            inside = covered(ring)
            found[name] = Footprint(name, inside, particle & ~inside)
    return list(found.values())
