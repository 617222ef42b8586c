"""What a camera's pixels and projections hold: against shapely's areas, and one another."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import shapely
from shapely import affinity

import nanotilt as nt

BOW_TIE = [(-0.7, -0.6), (0.8, 0.5), (0.8, -0.5), (-0.6, 0.7)]


@pytest.mark.parametrize("size", [0.9, 1.5, 4.0])
def test_pixels_hold_the_area_of_shapes_that_the_rim_cuts(size: float) -> None:
    """Whole, cut off on any side, and larger than the image; against shapely."""
    shape = nt.TShape(size=size, size_std=0.0, centre_std=(0.7, 0.7))
    n = 10
    camera = nt.Camera(n_pixels=n, noise="none", stereo_deg=33.0)
    recipe = nt.Recipe({"a": nt.Particle(shape)}, camera, normalise="none")
    batch = recipe.sample(2, count=15)
    pixel = camera.field_of_view / n
    edges = np.arange(n) * pixel - camera.field_of_view / 2
    left, upper = np.meshgrid(edges, -edges)
    pixels = shapely.box(left, upper - pixel, left + pixel, upper)
    cut = 0
    for i in range(15):
        (ring, _), = recipe.particle(2, i)  # fmt: skip
        for v, tilt in enumerate(camera.angles_deg):
            seen = affinity.rotate(shapely.Polygon(ring), -tilt, origin=(0, 0))
            covered = shapely.area(shapely.intersection(seen, pixels)) / pixel**2
            np.testing.assert_allclose(batch.views[i, v], covered, atol=1e-5)
            cut += covered.sum() * pixel**2 < 0.999 * seen.area
    assert cut > 3 or size < 1


@pytest.mark.parametrize(
    "particle",
    [
        nt.Particle(nt.SShape(centre_std=(0.2, 0.2))),
        nt.Particle(nt.Square(size=2.0, centre_std=(0.6, 0.6))),  # cut off now and then
        nt.Particle(nt.Polygon(BOW_TIE)),  # crosses itself
        nt.Particle(nt.Outline(), (nt.Hole(0.2), nt.Spiral("clockwise"))),
    ],
    ids=["S", "cut off", "crossing", "rings"],
)
def test_projections_are_sums_of_images(particle: nt.Particle) -> None:
    """Which are not drawn, but where a particle is cut off above or below."""
    camera = nt.Camera(n_pixels=48, noise="none", stereo_deg=(20, 140), background=0.25)
    images = nt.Recipe({"a": particle}, camera, normalise="none").sample(3, count=40).views
    projected = nt.Recipe(
        {"a": particle}, dataclasses.replace(camera, projected=True), normalise="none"
    )
    sums = (images.astype(np.float64) - 0.25).sum(axis=2) + 0.25
    np.testing.assert_allclose(projected.sample(3, count=40).views, sums, atol=2e-4)
