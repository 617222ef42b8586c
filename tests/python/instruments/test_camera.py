"""Cameras and shapes: against slow versions in NumPy, and what users may rely on."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from scipy import ndimage, stats

import nanotilt as nt
from nanotilt.scenes.same_shape import rotational_order
from nanotilt.scenes.shapes import PolygonOutline

STILL: dict[str, Any] = {"size_std": 0.0, "centre_std": (0.0, 0.0)}
SHAPES: list[PolygonOutline] = [
    nt.Square(**STILL),
    nt.RegularPolygon(5, **STILL),
    nt.TShape(**STILL),
    nt.SShape(**STILL),
    nt.Polygon([(-0.7, -0.6), (0.8, 0.5), (0.8, -0.5), (-0.6, 0.7)], **STILL),
]


def alone(outline: PolygonOutline, observer: nt.Camera | nt.Detector) -> nt.Recipe:
    return nt.Recipe({"only": nt.Particle(outline)}, observer, normalise="none")


def oracle_view(
    rings: list[tuple[npt.NDArray[np.float32], float]], camera: nt.Camera, angle_rad: float
) -> npt.NDArray[np.float64]:
    """A view before noise and preprocessing."""
    image: npt.NDArray[Any] = nt.rasterise(
        [ring for ring, _ in rings],
        [density for _, density in rings],
        n_pixels=camera.n_pixels,
        field_of_view=camera.field_of_view,
        antialias=camera.antialias,
        angle_rad=angle_rad,
    )
    view = image.astype(np.float64)
    if camera.projected:
        view = view.sum(axis=0)
    blurred: npt.NDArray[np.float64] = ndimage.gaussian_filter(
        view + camera.background, camera.blur_sigma_px, mode="reflect", truncate=4.0
    )
    return blurred


@pytest.mark.parametrize("antialias", ["exact", "binary", 3])
@pytest.mark.parametrize("projected", [False, True])
@pytest.mark.parametrize(
    "particle",
    [
        *(nt.Particle(shape) for shape in SHAPES),
        nt.Particle(
            nt.Outline(roughness=0.3, n_corners=25),
            (nt.Hole(0.3, 0.1), nt.Spiral("clockwise", widening=0.2, density=0.5)),
        ),
    ],
    ids=lambda particle: type(particle.outline).__name__,
)
def test_views_are_the_rasters_of_the_rings(
    particle: nt.Particle, projected: bool, antialias: Any
) -> None:
    camera = nt.Camera(
        n_pixels=32,
        antialias=antialias,
        projected=projected,
        background=0.5,
        blur_sigma_px=0.7,
        noise="none",
        stereo_deg=(25.0, -100.0),
    )
    recipe = nt.Recipe({"only": particle}, camera, normalise=(0.5, 2.5))
    batch = recipe.sample(seed=4, start=10, count=5)
    for i in range(5):
        rings = recipe.particle(4, 10 + i)
        for v, tilt in enumerate(camera.angles_deg):
            view = oracle_view(rings, camera, math.radians(tilt))
            # A corner next to a sampled point may fall to its other side: rings are float32.
            scale = 32 if projected else 1
            np.testing.assert_allclose(batch.views[i, v], (view - 0.5) / 2, atol=2e-5 * scale)


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: type(shape).__name__)
def test_angle_is_what_the_shape_is_seen_turned_by(shape: PolygonOutline) -> None:
    """Its corners at size 1, turned by that angle alone, give the same view."""
    seen = dataclasses.replace(shape, size=1.3, orientation_deg=(20.0, 50.0))
    camera = nt.Camera(noise="none", stereo_deg=10.0)
    detector = nt.Detector(
        background=0, noise=0, blur_sigma_px=0, shift_std=0, angles_deg=(0, 10), sampling="bin"
    )
    corners = 1.3 * np.array(shape.corners)
    for observer in (camera, detector):
        batch = alone(seen, observer).sample(seed=1, count=4)
        np.testing.assert_allclose(np.diff(batch.angle_rad), math.radians(10), atol=1e-6)
        assert (batch.angle_rad[:, 0] >= math.radians(20)).all()
        assert (batch.angle_rad[:, 0] < math.radians(50)).all()
        for i in range(4):
            for v in range(2):
                angle = float(batch.angle_rad[i, v])
                if isinstance(observer, nt.Camera):
                    expected = oracle_view([(corners.astype(np.float32), 1.0)], camera, angle)
                else:
                    expected = nt.tilt_series(
                        [corners], angles_rad=angle, n_bins=32, lower=-1.5, upper=1.5
                    )[0].astype(np.float64)
                np.testing.assert_allclose(batch.views[i, v], expected, atol=3e-5)


def test_sizes_places_and_orientations_follow_their_distributions() -> None:
    square = nt.Square(
        size=1.5, size_std=0.2, centre=(0.4, -0.3), centre_std=(0.1, 0.3), orientation_deg=(-30, 45)
    )
    recipe = alone(square, nt.Camera(n_pixels=2, noise="none"))
    n = 4000
    angles = recipe.sample(seed=3, count=n).angle_rad[:, 0]
    corners = np.array([recipe.particle(3, i)[0][0] for i in range(n)], np.float64)
    centres = corners.mean(axis=1)
    sides = np.linalg.norm(corners[:, 0] - corners[:, 1], axis=-1)
    uniform = stats.uniform(math.radians(-30), math.radians(75))
    turned = np.where(angles > math.radians(45), angles - 2 * math.pi, angles)
    assert stats.kstest(turned, uniform.cdf).pvalue > 1e-4
    assert stats.kstest(sides, stats.norm(1.5, 0.2).cdf).pvalue > 1e-4
    assert stats.kstest(centres[:, 0], stats.norm(0.4, 0.1).cdf).pvalue > 1e-4
    assert stats.kstest(centres[:, 1], stats.norm(-0.3, 0.3).cdf).pvalue > 1e-4


def noise_of(**camera: Any) -> npt.NDArray[np.float64]:
    """100 images of 4 x 40 x 40 values each, less the square that they show."""
    kinds: dict[str, Any] = {"n_pixels": 40, "stereo_deg": (10, 20, 30), "background": 1.5}
    outline = nt.Square(**STILL)
    noisy = alone(outline, nt.Camera(**kinds, **camera)).sample(5, count=100).views
    clean = alone(outline, nt.Camera(**kinds, noise="none")).sample(5, count=100).views
    return noisy.astype(np.float64) - clean.astype(np.float64)


def test_noise_follows_its_distribution() -> None:
    uniform = noise_of(noise="uniform", noise_level=0.8)
    assert stats.kstest(uniform.ravel(), stats.uniform(0, 0.8).cdf).statistic < 2.5e-3
    assert uniform.min() > -1e-6
    assert uniform.max() < 0.8 + 1e-6
    normal = noise_of(noise="gaussian", noise_level=0.3)
    assert stats.kstest(normal.ravel(), stats.norm(0, 0.3).cdf).statistic < 2.5e-3
    assert 4 < np.abs(normal).max() / 0.3 < 6.7
    for drawn in (uniform, normal):
        flat = drawn.reshape(100, -1)
        correlation = np.corrcoef(flat[:, :-1].ravel(), flat[:, 1:].ravel())[0, 1]
        assert abs(correlation) < 6e-3  # 5 standard deviations
        assert abs(np.corrcoef(flat[::2].ravel(), flat[1::2].ravel())[0, 1]) < 9e-3


@pytest.mark.parametrize("counting", ["exact", "fast"])
def test_counting_noise_is_poisson(counting: Any) -> None:
    outline = nt.Square(size=10.0, **STILL)  # fills the view: every value is 2.5
    camera = nt.Camera(
        n_pixels=32, noise="poisson", noise_level=4.0, background=1.5, counting=counting
    )
    counts = alone(outline, camera).sample(1, count=50).views.ravel() * 4.0
    np.testing.assert_allclose(counts, np.rint(counts), atol=1e-4)
    found = np.bincount(np.rint(counts).astype(int), minlength=31)[:31]
    expected = stats.poisson(10).pmf(np.arange(31)) * counts.size
    usable = expected > 5
    chi_squared = ((found - expected)[usable] ** 2 / expected[usable]).sum()
    assert stats.chi2(usable.sum()).sf(chi_squared) > 1e-4


def test_preprocessing_is_that_of_the_functions() -> None:
    recipe = nt.recipes.square(stereo_deg=15)
    camera = recipe.detector
    assert isinstance(camera, nt.Camera)
    raw = dataclasses.replace(camera, remove_background=False, centring=False)
    images = nt.Recipe(recipe.classes, raw, normalise="none").sample(2, count=20).views
    flat = images.reshape(-1, 64, 64)
    expected = nt.centre_of_mass_roll(nt.remove_background(flat))
    made = recipe.sample(2, count=20).views.reshape(-1, 64, 64)
    np.testing.assert_array_equal(made, expected)
    middle = [ndimage.center_of_mass(image) for image in made]
    assert np.abs(np.array(middle) - 31.5).max() <= 0.5 + 1e-6
    assert (made[:, 0] > 0.02).mean() < 0.01  # noise above that of the rim's 252 pixels is rare


def test_remove_background_against_numpy() -> None:
    images = np.random.default_rng(0).normal(size=(7, 5, 9)).astype(np.float32)
    for image, made in zip(images, nt.remove_background(images), strict=True):
        rim = image.copy()
        rim[1:-1, 1:-1] = -np.inf
        np.testing.assert_array_equal(made, np.maximum(image - rim.max(), 0))
    np.testing.assert_array_equal(nt.remove_background(images[0]), nt.remove_background(images)[0])


def test_roll_against_numpy() -> None:
    images = np.random.default_rng(1).uniform(size=(9, 6, 11)).astype(np.float32) ** 8
    for image, made in zip(images, nt.centre_of_mass_roll(images, n_threads=2), strict=True):
        centre = np.array(ndimage.center_of_mass(image.astype(np.float64)))
        shift = np.floor((np.array(image.shape) - 1) / 2 - centre + 0.5).astype(int)
        np.testing.assert_array_equal(made, np.roll(image, shift, axis=(0, 1)))
    for unmoved in (np.zeros((3, 4)), -images[0]):
        assert (nt.centre_of_mass_roll(unmoved) == unmoved).all()


def test_symmetry() -> None:
    orders = [shape.symmetry for shape in SHAPES]
    assert orders == [4, 5, 1, 1, 1]
    assert nt.RegularPolygon(12).symmetry == 12
    assert nt.Polygon([(0, 0), (3, 0), (3, 1), (0, 1)]).symmetry == 2
    assert rotational_order(((0, 0), (1, 0), (0.5, math.sqrt(0.75)))) == 3


def test_no_two_orientations_of_the_s_project_alike() -> None:
    """Nor does any when mirrored, as half a turn mirrors every projection."""
    rings = [36 * np.array(nt.SShape().corners)]
    angles = np.radians(np.arange(0, 360, 2))
    seen = nt.tilt_series(rings, angles_rad=angles, n_bins=64, lower=-31.5, upper=31.5)
    assert 28 < seen.max() < 40
    difference = np.abs(seen[:, None] - seen[None]).mean(axis=-1)
    apart = np.abs((angles[:, None] - angles[None] + math.pi) % (2 * math.pi) - math.pi)
    assert difference[apart > math.radians(10)].min() > 0.5  # counts per bin, of up to 36


def test_the_t_needs_its_pairs() -> None:
    rings = [36 * np.array(nt.TShape().corners)]
    view: dict[str, Any] = {"n_bins": 64, "lower": -31.5, "upper": 31.5}
    for angle in (0.3, 1.1, 2.0):
        pair = nt.tilt_series(rings, angles_rad=[angle, angle + 0.2], **view)
        twin = nt.tilt_series(rings, angles_rad=[math.pi - angle, math.pi - angle + 0.2], **view)
        np.testing.assert_allclose(pair[0], twin[0], atol=1e-3)
        assert np.abs(pair[1] - twin[1]).mean() > 0.3


@pytest.mark.parametrize("antialias", ["exact", "binary", 3])
def test_sizes_beyond_float32_draw_nothing_and_crash_nothing(antialias: Any) -> None:
    far = nt.Square(size=3e38, size_std=3e38, centre_std=(3e38, 3e38))
    camera = nt.Camera(n_pixels=8, field_of_view=1e-30, antialias=antialias, noise="none")
    for projected in (False, True):
        observer = dataclasses.replace(camera, projected=projected, centring=True)
        views = alone(far, observer).sample(seed=1, count=300).views
        assert np.isfinite(views).all()


def test_json_keeps_cameras_and_shapes() -> None:
    for shape in SHAPES:
        recipe = alone(shape, nt.Camera(stereo_deg=(3, 4.5), antialias=4, noise="poisson"))
        again = nt.Recipe.from_json(recipe.to_json())
        assert again == recipe
        assert again.particles["only"].outline == shape
        assert again.detector == recipe.detector


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: nt.Camera(n_pixels=0), "n_pixels must be >= 1. Received: n_pixels=0"),
        (lambda: nt.Camera(field_of_view=0), "field_of_view must be >= 1e-30. Received"),
        (lambda: nt.Camera(antialias=0), "antialias must be .* Received: antialias=0"),
        (lambda: nt.Camera(noise="pink"), 'noise must be .* Received: noise=.pink.'),  # type: ignore[arg-type]
        (lambda: nt.Camera(noise_level=0), "noise_level must be > 0. Received: noise_level=0"),
        (lambda: nt.Camera(stereo_deg=()), "stereo_deg must hold one angle at least"),
        (
            lambda: nt.Camera(projected=True, remove_background=True),
            "remove_background is for images",
        ),
        (lambda: nt.Camera(n_pixels=4096, stereo_deg=(1, 2)), "values of all views must be <= 2"),
        (lambda: nt.Camera(stereo_deg=np.array([1, np.nan])), "stereo_deg.1. must be finite"),  # type: ignore[arg-type]
        (lambda: nt.Square(size=-1), "size must be > 0. Received: size=-1"),
        (lambda: nt.Square(orientation_deg=(90, 0)), "orientation_deg must be .low, high. with"),
        (lambda: nt.RegularPolygon(2), "n_sides must be >= 3. Received: n_sides=2"),
        (lambda: nt.Polygon([(0, 0), (1, 1)]), "vertices must hold 3 ... 1024 corners"),
        (lambda: nt.Particle(nt.Square(), (nt.Hole(),)), "features need an Outline"),
        (
            lambda: nt.Recipe({"a": nt.Particle(nt.Outline(n_corners=300))}, nt.Camera()),
            "a camera sees outlines of <= 256 corners.*n_corners.*=300",
        ),
        (lambda: nt.recipes.square().line_detector, "the recipe must have a Detector"),
        (lambda: nt.remove_background([1.0, 2.0]), "images must have shape .height, width."),
    ],
)  # fmt: skip
def test_wrong_values_are_named(make: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()
