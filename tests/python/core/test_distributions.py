"""Every random parameter of a particle follows its distribution (Sullivan 2020, tables 1, 3, 4).

Parameters are recovered from rings.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pytest
from scipy import stats

import nanotilt as nt
from distribution_checks import assert_follows, assert_uncorrelated

Floats = npt.NDArray[np.float64]

N = 25_000
FIXED = nt.Outline(radius_std=0.0, roughness=0.0, centre_std=(0.0, 0.0))
SMOOTH = nt.Outline(roughness=0.0, centre_std=(0.0, 0.0))


def drawn(
    outline: nt.Outline, *features: nt.Hole | nt.Spiral, n: int = N, seed: int = 1
) -> list[list[Floats]]:
    recipe = nt.Recipe({"a": nt.Particle(outline, features)}, nt.Detector(), normalise="none")
    return [[ring.astype(np.float64) for ring, _ in recipe.particle(seed, i)] for i in range(n)]


def centres(rings: list[Floats]) -> Floats:
    """Of smooth circles: the mean of the corners."""
    return np.array([ring.mean(axis=0) for ring in rings])


def radii(rings: list[Floats]) -> Floats:
    """Of smooth circles."""
    return np.array([np.hypot(*(ring - ring.mean(axis=0)).T).mean() for ring in rings])


def polar(points: Floats) -> tuple[Floats, Floats]:
    """Distance, and angle from +y clockwise in [0, 2 pi)."""
    return np.hypot(*points.T), np.arctan2(points[:, 0], points[:, 1]) % (2 * np.pi)


TURN = stats.uniform(0, 2 * np.pi)


def test_the_checks_can_fail() -> None:
    """Seen: a standard deviation 7 % off, a mean 0.05 standard deviations off, a wrong shape."""
    z = np.random.default_rng(0).standard_normal(N)
    assert_follows(z, stats.norm())
    for wrong in (stats.norm(0, 1.07), stats.norm(0.05, 1), stats.logistic(0, 3**0.5 / np.pi)):
        with pytest.raises(AssertionError):
            assert_follows(z, wrong)
    with pytest.raises(AssertionError):
        assert_uncorrelated(z, z + 20 * np.random.default_rng(1).standard_normal(N))


@pytest.mark.parametrize("seed", [0, 2**64 - 1])
def test_outline_radius(seed: int) -> None:
    outlines = [rings[0] for rings in drawn(SMOOTH, seed=seed)]
    assert_follows(radii(outlines), stats.norm(1.0, 0.1))


def test_roughness() -> None:
    """Each corner by itself: no corner knows of another, nor of the particle's radius."""
    rough = nt.Outline(radius_std=0.0, centre_std=(0.0, 0.0))
    corner_radii = np.array([np.hypot(*rings[0].T) for rings in drawn(rough, n=6000)])
    assert_follows(corner_radii[:, ::7], stats.norm(1.0, 0.05))
    for step in (1, 2, 16, 45, 89):
        assert_uncorrelated(corner_radii, np.roll(corner_radii, step, axis=1))
    assert_uncorrelated(corner_radii[1:], corner_radii[:-1])


def test_roughness_is_independent_of_the_radius() -> None:
    outline = nt.Outline(centre_std=(0.0, 0.0))
    corner_radii = np.array([np.hypot(*rings[0].T) for rings in drawn(outline, n=6000)])
    spread = corner_radii.std(axis=1)
    assert_uncorrelated(corner_radii.mean(axis=1), spread)
    assert spread.mean() == pytest.approx(0.05, rel=0.02)


def test_centre() -> None:
    outline = nt.Outline(roughness=0.0, centre=(0.5, -2.0), centre_std=(0.3, 0.1))
    outlines = [rings[0] for rings in drawn(outline)]
    x, y = centres(outlines).T
    assert_follows(x, stats.norm(0.5, 0.3))
    assert_follows(y, stats.norm(-2.0, 0.1))
    assert_uncorrelated(x, y)
    assert_uncorrelated(x, radii(outlines))
    assert_uncorrelated(y, radii(outlines))


def test_hole_radius_and_outline_radius() -> None:
    """The outline's own radius R comes from the grown one: R^2 = grown^2 - r^2 (eq. 9)."""
    outlines, holes = zip(*drawn(SMOOTH, nt.Hole(0.3, 0.03)), strict=True)
    grown, hole_radii = radii(list(outlines)), radii(list(holes))
    own = np.sqrt(grown**2 - hole_radii**2)
    assert_follows(hole_radii, stats.norm(0.3, 0.03))
    assert_follows(own, stats.norm(1.0, 0.1))
    assert_uncorrelated(own, hole_radii)


@pytest.mark.parametrize("feature", [nt.Hole(), nt.Spiral("clockwise", max_offset=0.4)])
def test_placement(feature: nt.Hole | nt.Spiral) -> None:
    """Uniform angle and uniform radius about the particle's centre."""
    outline = nt.Outline(radius_std=0.0, roughness=0.0, centre=(1.0, 2.0))
    outlines, rings = zip(*drawn(outline, feature), strict=True)
    places = (
        centres(list(rings)) if isinstance(feature, nt.Hole) else np.array([r[0] for r in rings])
    )
    offset, angle = polar(places - centres(list(outlines)))
    assert_follows(offset, stats.uniform(0, 0.4))
    assert_follows(angle, TURN)
    assert_uncorrelated(offset, angle)
    assert_uncorrelated(places[:, 0] - places[:, 0].mean(), centres(list(outlines))[:, 1])


def test_features_are_placed_independently() -> None:
    hole = nt.Hole(0.2, 0.02)
    particles = drawn(FIXED, hole, nt.Spiral("clockwise"), hole)
    first, second = (centres([rings[k] for rings in particles]) for k in (1, 3))
    spiral = np.array([rings[2][0] for rings in particles])
    for a, b in ((first, second), (first, spiral), (spiral, second)):
        for of_a, of_b in zip(polar(a), polar(b), strict=True):
            assert_uncorrelated(of_a, of_b)
    sizes = [radii([rings[k] for rings in particles]) for k in (1, 3)]
    assert_follows(sizes[1], stats.norm(0.2, 0.02))
    assert_uncorrelated(*sizes)


class SpiralShapes(NamedTuple):
    """Parameters of spirals, recovered from their rings.

    `thickness` and `angle` are (n, n_corners + 1).
    """

    radius: Floats
    straightness: Floats
    start: Floats
    thickness: Floats
    angle: Floats


def spiral_shapes(turn: Any = "clockwise", **changes: Any) -> SpiralShapes:
    rings = np.array(
        [rings[1] for rings in drawn(FIXED, nt.Spiral(turn, max_offset=0.0, **changes))]
    )
    inner, outer = rings[:, :91], rings[:, 91:][:, ::-1]
    sign = 1 if turn == "clockwise" else -1
    inner_radius = np.hypot(inner[..., 0], inner[..., 1])
    direction = np.unwrap(np.arctan2(inner[:, 1:, 0], inner[:, 1:, 1]), axis=1)
    last_angle = sign * (direction[:, -1] - direction[:, 0]) * 90 / 89
    angle = last_angle[:, None] * np.linspace(0, 1, 91)
    return SpiralShapes(
        radius=inner_radius[:, -1],
        straightness=inner_radius[:, -1] / last_angle,
        start=direction[:, 0] - sign * angle[:, 1],
        thickness=np.hypot(outer[..., 0], outer[..., 1]) - inner_radius,
        angle=angle,
    )


@pytest.mark.parametrize("turn", ["clockwise", "anticlockwise"])
def test_spiral_radius_straightness_and_start(turn: Any) -> None:
    shapes = spiral_shapes(turn)
    start = shapes.start % (2 * np.pi)
    assert_follows(shapes.radius, stats.norm(0.5, 0.05))
    assert_follows(shapes.straightness, stats.norm(0.04, 0.008))
    assert_follows(start, TURN)
    assert_uncorrelated(shapes.radius, shapes.straightness)
    assert_uncorrelated(start, shapes.straightness)
    assert_uncorrelated(start, shapes.radius)


def test_spiral_widening() -> None:
    """Seen where the thickness is not yet at its largest."""
    shapes = spiral_shapes(max_thickness=50.0)
    widening = shapes.thickness[:, -1] / shapes.angle[:, -1]
    assert_follows(widening, stats.norm(0.01, 0.002))
    assert_uncorrelated(widening, shapes.straightness)


def test_spiral_max_thickness() -> None:
    """Seen at the end of spirals that widen at once."""
    shapes = spiral_shapes(widening=10.0)
    assert_follows(shapes.thickness[:, -1], stats.norm(0.1, 0.02))
    assert_uncorrelated(shapes.thickness[:, -1], shapes.straightness)


def test_both_limits_of_the_thickness_are_drawn_independently() -> None:
    shapes = spiral_shapes(widening=0.05, widening_std=0.01, max_thickness_std=0.01)
    assert_uncorrelated(shapes.thickness[:, 1] / shapes.angle[:, 1], shapes.thickness[:, -1])


def test_start_angle_and_placement_are_independent() -> None:
    rings = [rings[1] for rings in drawn(FIXED, nt.Spiral("clockwise", 0.5, 0.0, 0.05, 0.0))]
    offset, direction = polar(np.array([ring[0] for ring in rings]))
    _, start = polar(np.array([ring[1] - ring[0] for ring in rings]))
    assert_uncorrelated(start, direction)
    assert_uncorrelated(start, offset)


def test_seeds_and_indices_are_unrelated() -> None:
    """Samples of neighbouring indices, and one index under neighbouring seeds."""
    by_index = radii([rings[0] for rings in drawn(SMOOTH)])
    assert_uncorrelated(by_index[1:], by_index[:-1])
    recipe = nt.Recipe({"a": nt.Particle(SMOOTH)}, nt.Detector(), normalise="none")
    by_seed = radii([recipe.particle(seed, 0)[0][0].astype(np.float64) for seed in range(N)])
    assert_follows(by_seed, stats.norm(1.0, 0.1))
    assert_uncorrelated(by_seed[1:], by_seed[:-1])
    assert_uncorrelated(by_seed, by_index)
