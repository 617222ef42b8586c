"""Outlines, holes and spirals as Sullivan 2020 describes them (section 3)."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nanotilt as nt
import oracle_random
import oracles
from stream_cases import DETECTOR_CASES

Floats = npt.NDArray[np.float64]

STILL: dict[str, Any] = {"radius_std": 0.0, "centre_std": (0.0, 0.0)}
SMOOTH: dict[str, Any] = {**STILL, "roughness": 0.0}


def rings_of(outline: nt.Outline, *features: nt.Hole | nt.Spiral, index: int = 0) -> list[Floats]:
    recipe = nt.Recipe({"a": nt.Particle(outline, features)}, nt.Detector())
    return [ring.astype(np.float64) for ring, _ in recipe.particle(seed=3, index=index)]


def area(ring: Floats) -> float:
    """Signed: positive for clockwise rings, which follow polar angles as counted here."""
    x, y = ring.T
    return float(np.sum(y * np.roll(x, -1) - x * np.roll(y, -1)) / 2)


@pytest.mark.parametrize("name", DETECTOR_CASES)
def test_oracle(name: str) -> None:
    """Every ring of the first samples, against the same ring in float64."""
    recipe = DETECTOR_CASES[name]
    batch = recipe.sample(seed=21, start=5, count=40)
    for index, label in enumerate(batch.label, start=5):
        rings = recipe.particle(21, index)
        expected, _ = oracles.particle(recipe, oracle_random.Position(21, index), int(label))
        assert [density for _, density in rings] == [density for _, density in expected]
        for (ring, _), (expected_ring, _) in zip(rings, expected, strict=True):
            assert ring.dtype == np.float32
            np.testing.assert_allclose(ring, expected_ring, atol=1e-5)


def test_outline_corners_stand_at_regular_clockwise_angles() -> None:
    (ring,) = rings_of(nt.Outline(n_corners=8, radius=2.0, centre=(0.5, -1.0), **SMOOTH))
    half = math.sqrt(2)
    right = [(0, 2), (half, half), (2, 0), (half, -half)]
    expected = [*right, *((-x, -y) for x, y in right)]
    np.testing.assert_allclose(ring - (0.5, -1.0), expected, atol=1e-6)


def test_roughness_moves_corners_along_their_radii() -> None:
    (ring,) = rings_of(nt.Outline(roughness=0.2, **STILL))
    angles = np.arctan2(ring[:, 0], ring[:, 1])
    steps = np.diff(np.unwrap(angles))
    np.testing.assert_allclose(steps, 2 * math.pi / 90, atol=1e-5)
    assert np.hypot(*ring.T).std() > 0.1


@pytest.mark.parametrize(
    ("hole_radius", "outline_radius", "n_corners", "expected"),
    [
        (0.1, 1.0, 90, 9),
        (0.05, 1.0, 90, 5),
        (0.5, 2.0, 90, 23),
        (0.1, 1.0, 20, 3),
        (0.01, 1.0, 90, 3),
    ],
)
def test_hole_keeps_corner_spacing(
    hole_radius: float, outline_radius: float, n_corners: int, expected: int
) -> None:
    """Eq. 8: round(n_corners * hole radius / particle radius), 3 at least (a half rounds up)."""
    outline = nt.Outline(radius=outline_radius, n_corners=n_corners, **SMOOTH)
    _, hole = rings_of(outline, nt.Hole(hole_radius, 0.0))
    assert len(hole) == expected
    middle = hole.mean(axis=0)
    np.testing.assert_allclose(np.hypot(*(hole - middle).T), hole_radius, rtol=1e-5)


def test_hole_has_the_outlines_roughness() -> None:
    outline = nt.Outline(roughness=0.02, n_corners=400, **STILL)
    spreads = []
    for index in range(50):
        _, hole = rings_of(outline, nt.Hole(0.3, 0.0, max_offset=0.0), index=index)
        spreads.append(np.mean((np.hypot(*hole.T) - 0.3) ** 2))
    assert math.sqrt(np.mean(spreads)) == pytest.approx(0.02, rel=0.05)


def test_corner_radius_of_small_hole_may_be_negative() -> None:
    """Then the ring crosses itself, as intended: the corner lies on the far side of the centre."""
    outline = nt.Outline(roughness=0.1, n_corners=900, **STILL)
    _, hole = rings_of(outline, nt.Hole(0.05, 0.0, max_offset=0.0))
    direction = 2 * math.pi * np.arange(len(hole)) / len(hole)
    along = hole[:, 0] * np.sin(direction) + hole[:, 1] * np.cos(direction)
    across = hole[:, 0] * np.cos(direction) - hole[:, 1] * np.sin(direction)
    assert along.min() < 0
    assert np.abs(across).max() < 1e-6


@pytest.mark.parametrize("density", [-1.0, -0.3, 2.0])
def test_mass_of_holes_goes_to_the_outside(density: float) -> None:
    """The corner radii become sqrt(R^2 - density r^2), which keeps the bare mass (eq. 9)."""
    outline = nt.Outline(n_corners=3600, **SMOOTH)
    holes = (nt.Hole(0.1, 0.0, density=density), nt.Hole(0.3, 0.0, density=density))
    ring, *hole_rings = rings_of(outline, *holes)
    grown = np.hypot(*ring.T)
    np.testing.assert_allclose(grown, math.sqrt(1 - density * (0.1**2 + 0.3**2)), rtol=1e-6)
    mass = area(ring) + density * sum(area(hole) for hole in hole_rings)
    assert mass == pytest.approx(math.pi, rel=1e-4)


def test_spiral_edges() -> None:
    """Inner edge s t, outer edge min((t_add + s) t, s t + t_max); t to radius / s (eqs. 10, 11)."""
    spiral = nt.Spiral("clockwise", 0.5, 0.0, 0.05, 0.0, 0.02, 0.0, 0.08, 0.0, max_offset=0.0)
    _, ring = rings_of(nt.Outline(n_corners=40, **SMOOTH), spiral)
    t = np.linspace(0, 0.5 / 0.05, 41)
    inner, outer = ring[:41], ring[41:][::-1]
    np.testing.assert_allclose(np.hypot(*inner.T), 0.05 * t, atol=1e-6)
    expected = np.minimum(0.07 * t, 0.05 * t + 0.08)
    np.testing.assert_allclose(np.hypot(*outer.T), expected, atol=1e-6)
    assert 0.02 * t[-1] > 0.08  # both arms of the minimum were seen


@pytest.mark.parametrize(("turn", "sign"), [("clockwise", 1), ("anticlockwise", -1)])
def test_sense_of_turning(turn: Any, sign: int) -> None:
    """Outwards along a clockwise spiral the angle from +y towards +x grows."""
    for index in range(20):
        _, ring = rings_of(nt.Outline(**SMOOTH), nt.Spiral(turn, max_offset=0.0), index=index)
        inner = ring[1:91]
        angle = np.unwrap(np.arctan2(inner[:, 0], inner[:, 1]))
        assert (sign * np.diff(angle) > 0).all()
        cross = inner[:-1, 0] * inner[1:, 1] - inner[:-1, 1] * inner[1:, 0]
        assert (sign * cross < 0).all()  # clockwise: to the right of the way from the centre


def test_turns_are_mirror_images() -> None:
    """The same draws, seen in a mirror through the start angle."""
    shapes = []
    for turn, sign in (("clockwise", 1), ("anticlockwise", -1)):
        _, ring = rings_of(nt.Outline(**SMOOTH), nt.Spiral(turn, max_offset=0.0))  # type: ignore[arg-type]
        angle = np.unwrap(np.arctan2(ring[1:91, 0], ring[1:91, 1]))
        step = angle[1] - angle[0]
        shapes.append((np.hypot(*ring.T), sign * step, angle[0] - step))
    np.testing.assert_allclose(shapes[0][0], shapes[1][0], atol=1e-6)
    assert shapes[0][1] == pytest.approx(shapes[1][1], abs=1e-6)
    assert math.remainder(shapes[0][2] - shapes[1][2], 2 * math.pi) == pytest.approx(0, abs=1e-5)


def test_drawn_lengths_are_cut_as_documented() -> None:
    """Below zero: zero; straightness: an eighth of its mean."""
    wild = nt.Spiral("clockwise", 0.5, 1.0, 0.04, 0.1, 0.01, 0.1, 0.1, 0.5, max_offset=0.0)
    lengths = []
    for index in range(300):
        _, ring = rings_of(nt.Outline(**SMOOTH), wild, index=index)
        inner, outer = np.hypot(*ring[:91].T), np.hypot(*ring[91:][::-1].T)
        assert (outer >= inner - 1e-6).all()
        lengths.append(inner[-1])
    assert min(lengths) == 0
    assert 0.25 < np.mean(np.array(lengths) == 0) < 0.37  # P(N(0.5, 1) < 0) = 0.309


def test_rings_do_not_depend_on_the_detector() -> None:
    particle = next(iter(DETECTOR_CASES["many features"].classes.values()))
    detectors = [
        nt.Detector(),
        nt.Detector(n_bins=3, angles_deg=(0, 1, 2), angle_std_deg=9, noise=0.0, sampling="bin"),
    ]
    recipes = [nt.Recipe({"a": particle}, detector, normalise="none") for detector in detectors]
    for index in range(20):
        first, second = (recipe.particle(1, index) for recipe in recipes)
        for (ring, _), (same, _) in zip(first, second, strict=True):
            np.testing.assert_array_equal(ring, same)


lengths = st.floats(0.0, 0.5)


@st.composite
def particles(draw: st.DrawFn) -> nt.Particle:
    """Any particle: few and many corners, wide and narrow distributions."""
    holes = st.builds(nt.Hole, st.floats(0.01, 0.6), lengths, lengths, st.floats(-2, 2, width=16))
    spirals = st.builds(
        nt.Spiral,
        st.sampled_from(["clockwise", "anticlockwise"]),
        radius=st.floats(0.1, 1),
        radius_std=lengths,
        straightness=st.floats(0.05, 0.3),
        straightness_std=st.floats(0, 0.02),
        widening=st.floats(0, 0.3),
        widening_std=st.floats(0, 0.1),
        max_thickness=lengths,
        max_thickness_std=lengths,
        max_offset=lengths,
    )
    outline = nt.Outline(
        draw(st.floats(0.2, 2)),
        draw(lengths),
        draw(lengths),
        draw(st.integers(3, 70)),
        draw(st.tuples(lengths, lengths)),
        draw(st.tuples(lengths, lengths)),
    )
    return nt.Particle(outline, tuple(draw(st.lists(st.one_of(holes, spirals), max_size=3))))


@settings(deadline=None, max_examples=150)
@given(particles(), st.integers(0, 2**64 - 1), st.integers(0, 2**63 - 1))
def test_any_particle(particle: nt.Particle, seed: int, index: int) -> None:
    recipe = nt.Recipe({"a": particle}, nt.Detector(), normalise="none")
    rings = recipe.particle(seed, index)
    expected, _ = oracles.particle(recipe, oracle_random.Position(seed, index), 0)
    for (ring, _), (expected_ring, _) in zip(rings, expected, strict=True):
        # Where a corner count is rounded, float32 and float64 may fall to different sides; once in
        # a million examples.
        assert ring.shape == expected_ring.shape
        np.testing.assert_allclose(ring, expected_ring, atol=2e-4, rtol=1e-5)
