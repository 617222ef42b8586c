"""Projection: against shapely, against float64, and by what must hold of any projection."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import nanotilt as nt
import oracle_projection as oracle

Floats = npt.NDArray[np.float64]
Ring = npt.NDArray[np.float32]

GRID: dict[str, Any] = {"n_bins": 41, "lower": -1.5, "upper": 1.5}
RAYS = np.linspace(-1.5, 1.5, 41)
WIDTH = 3 / 40
SQUARE = [(-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5)]


def star(rng: np.random.Generator, n: int = 60) -> Ring:
    """Star-shaped about a random centre, so it does not cross itself."""
    angle = np.sort(rng.uniform(0, 2 * np.pi, n))[:: rng.choice([-1, 1])]
    radius = rng.uniform(0.4, 1.0, n)
    corners = np.stack([radius * np.sin(angle), radius * np.cos(angle)], axis=-1)
    return (corners + rng.uniform(-0.5, 0.5, 2)).astype(np.float32)


def comb(rng: np.random.Generator, n: int = 60) -> Ring:
    """Simple, but not star-shaped: a zigzag band."""
    x = np.linspace(-1.2, 1.2, n)
    low = rng.uniform(-1, 1, n)
    ring = np.concatenate(
        [np.stack([x, low], -1), np.stack([x, low + rng.uniform(0.1, 1, n)], -1)[::-1]]
    )
    return oracle.turned(ring, rng.uniform(0, 6)).astype(np.float32)


def tangle(rng: np.random.Generator, n: int = 14) -> Ring:
    """Crosses itself again and again."""
    return rng.uniform(-1, 1, (n, 2)).astype(np.float32)


def pentagram(rng: np.random.Generator) -> Ring:
    """Turns one way all along, yet goes round twice: its middle is outside by the even-odd rule."""
    angle = rng.uniform(0, 6) + 4 * np.pi / 5 * np.arange(5)
    return np.stack([np.sin(angle), np.cos(angle)], axis=-1).astype(np.float32)


def bow_tie(rng: np.random.Generator) -> Ring:
    return oracle.turned([(-1, -1), (1, 1), (1, -1), (-1, 1)], rng.uniform(0, 6)).astype(np.float32)


SHAPES = [star, comb, tangle, pentagram, bow_tie]


def even_odd_polygon(ring: Ring) -> Any:
    """A ring as shapely sees it.

    Its lines cut the plane into faces; those with an odd number of edges above them are inside.
    """
    line = shapely.LinearRing(ring.astype(np.float64))
    faces = shapely.polygonize([shapely.unary_union(line)]).geoms
    xa, ya, xb, yb = oracle.edges_of(ring)

    def is_inside(face: Any) -> bool:
        x, y = face.representative_point().coords[0]
        spans = (xa <= x) != (xb <= x)
        heights = ya[spans] + (x - xa[spans]) / (xb - xa)[spans] * (yb - ya)[spans]
        return bool(np.count_nonzero(heights > y) % 2)

    return shapely.unary_union([face for face in faces if is_inside(face)])


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("seed", range(6))
def test_rays_against_shapely(shape: Callable[..., Ring], seed: int) -> None:
    ring = shape(np.random.default_rng(seed))
    rays = shapely.linestrings([[(x, -9), (x, 9)] for x in RAYS])
    expected = shapely.length(shapely.intersection(even_odd_polygon(ring), rays))
    tolerance = 2e-6 + oracle.corner_tolerance(ring, RAYS, 3e-7)
    assert (np.abs(nt.project([ring], **GRID)[0] - expected) <= tolerance).all()
    assert expected.max() > 0.3
    assert np.median(tolerance) < 1e-4


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("seed", range(6))
def test_bins_against_shapely(shape: Callable[..., Ring], seed: int) -> None:
    """Mean thickness is the area within a bin's strip over its width."""
    ring = shape(np.random.default_rng(seed))
    strips = shapely.box(RAYS - WIDTH / 2, -9, RAYS + WIDTH / 2, 9)
    expected = shapely.area(shapely.intersection(even_odd_polygon(ring), strips)) / WIDTH
    np.testing.assert_allclose(nt.project([ring], sampling="bin", **GRID)[0], expected, atol=2e-5)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("sampling", ["ray", "bin"])
def test_turned_rings_against_float64(shape: Callable[..., Ring], seed: int, sampling: Any) -> None:
    """Several rings with densities, several angles, about a point off the origin."""
    rng = np.random.default_rng(seed)
    rings = [shape(rng) for _ in range(4)]
    densities = [1.0, -0.5, 2.0, 0.0]
    angles, about = rng.uniform(-7, 7, 5), (0.4, -0.7)
    result = nt.project(rings, densities, angles_rad=angles, about=about, sampling=sampling, **GRID)
    assert result.shape == (5, 41)
    assert result.dtype == np.float32
    edges = np.append(RAYS - WIDTH / 2, RAYS[-1] + WIDTH / 2)
    for angle, row in zip(angles, result, strict=True):
        expected, tolerance = np.zeros(41), np.full(41, 3e-5)
        for ring, density in zip(rings, densities, strict=True):
            seen = oracle.turned(ring, angle, about)
            if sampling == "ray":
                expected += density * oracle.ray_thickness(seen, RAYS)
                tolerance += abs(density) * oracle.corner_tolerance(seen, RAYS, 1e-6)
            else:
                expected += density * oracle.bin_thickness(seen, edges)
        assert (np.abs(row - expected) <= tolerance).all()


def test_many_crossings_in_one_bin() -> None:
    """Hundreds of edges across one wide bin."""
    rng = np.random.default_rng(5)
    ring = rng.uniform(-1, 1, (300, 2)).astype(np.float32)
    edges = np.array([-1.5, -0.5, 0.5, 1.5])
    result = nt.project([ring], n_bins=3, lower=-1, upper=1, sampling="bin")[0]
    np.testing.assert_allclose(result, oracle.bin_thickness(ring, edges), atol=1e-4)


corner = st.tuples(st.integers(-6, 6), st.integers(-6, 6))


@settings(deadline=None, max_examples=400)
@given(st.lists(st.lists(corner, min_size=3, max_size=12), min_size=1, max_size=3))
def test_corners_exactly_on_rays(rings: list[list[tuple[int, int]]]) -> None:
    """On a lattice everything degenerate happens.

    Corners and vertical edges on rays, edges on edges, corners repeated: the half-open rule decides
    all of it, alike for the core's quick way (signed edges) and its careful one (sorting).
    """
    result = nt.project(rings, n_bins=17, lower=-8, upper=8)[0]
    expected = oracle.thickness(rings, [1.0] * len(rings), 0.0, np.arange(-8.0, 9))
    np.testing.assert_allclose(result, expected, atol=1e-4)


@settings(deadline=None, max_examples=200)
@given(st.lists(corner, min_size=3, max_size=12))
def test_bins_on_a_lattice(ring: list[tuple[int, int]]) -> None:
    result = nt.project([ring], n_bins=17, lower=-8, upper=8, sampling="bin")[0]
    expected = oracle.bin_thickness(ring, np.arange(-8.5, 9))
    np.testing.assert_allclose(result, expected, atol=1e-4)


def test_corner_on_a_ray_counts_once() -> None:
    diamond = [(0, -1), (1, 0), (0, 1), (-1, 0)]
    result = nt.project([diamond], n_bins=5, lower=-1, upper=1)[0]
    np.testing.assert_array_equal(result, [0, 1, 2, 1, 0])


def test_vertical_edges() -> None:
    """The interval is half-open.

    The edge at the lower x belongs to the square, the one at the upper x does not.
    """
    result = nt.project([SQUARE], n_bins=5, lower=-1, upper=1)[0]
    np.testing.assert_array_equal(result, [0, 1, 1, 0, 0])


def test_self_crossing_by_the_even_odd_rule() -> None:
    """Two squares drawn in one go overlap where they cancel."""
    ring = [(0, 0), (2, 0), (2, 2), (0, 2), (0, 0), (1, 1), (3, 1), (3, 3), (1, 3), (1, 1)]
    result = nt.project([ring], n_bins=6, lower=-0.5, upper=4.5)[0]
    np.testing.assert_allclose(result, [0, 2, 2, 2, 0, 0], atol=1e-6)


def test_direction_of_turning() -> None:
    """By 90 degrees (x, y) goes to (y, -x): what was at y = 1 is seen at x = 1."""
    ring = np.array(SQUARE) * 0.2 + (0.3, 1.0)
    seen = nt.project([ring], angles_rad=math.pi / 2, sampling="bin", **GRID)[0]
    assert seen @ RAYS / seen.sum() == pytest.approx(1.0, abs=0.01)


@pytest.mark.parametrize("y", [-0.8, 0.8])
@pytest.mark.parametrize("degrees", [30, 90, 200])
def test_off_centre_particles_keep_the_sign_of_y(y: float, degrees: float) -> None:
    """Rotation once went through arcsin(x / r), which mirrored centres with y < 0."""
    angle = math.radians(degrees)
    ring = np.array(SQUARE) * 0.2 + (0.4, y)
    seen = nt.project([ring], angles_rad=angle, sampling="bin", **GRID)[0]
    expected = 0.4 * math.cos(angle) + y * math.sin(angle)
    assert seen @ RAYS / seen.sum() == pytest.approx(expected, abs=0.01)


def test_turning_about_a_point_leaves_it_in_place() -> None:
    ring = np.array(SQUARE) * 0.2 + (0.7, -0.4)
    angles = np.linspace(0, 6, 20)
    seen = nt.project([ring], angles_rad=angles, about=(0.7, -0.4), sampling="bin", **GRID)
    np.testing.assert_allclose(seen @ RAYS / seen.sum(axis=1), 0.7, atol=0.01)


def test_densities_add_up() -> None:
    rng = np.random.default_rng(2)
    rings = [star(rng), comb(rng), tangle(rng)]
    single = [nt.project([ring], **GRID)[0] for ring in rings]
    together = nt.project(rings, [2.0, -1.0, 0.25], **GRID)[0]
    np.testing.assert_allclose(together, 2 * single[0] - single[1] + 0.25 * single[2], atol=1e-5)
    np.testing.assert_allclose(nt.project(rings, **GRID)[0], sum(single), atol=1e-5)


coordinate = st.floats(-1, 1, width=32)
any_ring = st.lists(st.tuples(coordinate, coordinate), min_size=3, max_size=25)


@settings(deadline=None)
@given(any_ring, st.floats(-10, 10))
def test_mass_is_area_at_any_angle(ring: list[tuple[float, float]], angle: float) -> None:
    """Bins lose nothing and gain nothing."""
    seen = nt.project([ring], angles_rad=(0.0, angle), sampling="bin", **GRID).sum(axis=1) * WIDTH
    area = oracle.bin_thickness(ring, np.array([-2.0, 2.0]))[0] * 4
    np.testing.assert_allclose(seen, area, atol=5e-5)


@settings(deadline=None)
@given(any_ring, st.floats(-10, 10))
def test_half_turn_mirrors(ring: list[tuple[float, float]], angle: float) -> None:
    seen = nt.project([ring], angles_rad=(angle, angle + math.pi), sampling="bin", **GRID)
    np.testing.assert_allclose(seen[0], seen[1, ::-1], atol=2e-4)


@settings(deadline=None)
@given(any_ring, st.integers(0, 24), st.booleans())
def test_start_and_sense_of_a_ring_do_not_matter(
    ring: list[tuple[float, float]], start: int, reverse: bool
) -> None:
    assume(oracle.corner_tolerance(ring, RAYS, 1e-6).max() < 1e-4)
    again = np.roll(np.array(ring), start, axis=0)[:: -1 if reverse else 1]
    np.testing.assert_allclose(nt.project([again], **GRID), nt.project([ring], **GRID), atol=2e-4)


def test_shifted_limits_see_shifted_rings() -> None:
    """Moving both limits moves the rays (they once stayed where they were)."""
    ring = star(np.random.default_rng(0))
    moved = nt.project([ring], n_bins=41, lower=-1.3, upper=1.7)
    np.testing.assert_allclose(
        moved, nt.project([ring - np.array([0.2, 0], dtype=np.float32)], **GRID), atol=2e-3
    )
    assert np.abs(moved - nt.project([ring], **GRID)).max() > 0.1


def test_only_what_lies_before_the_detector_is_seen() -> None:
    wide = [(-50, 0), (50, 0), (50, 2), (-50, 2)]
    for sampling in ("ray", "bin"):
        np.testing.assert_allclose(nt.project([wide], sampling=sampling, **GRID), 2, rtol=1e-5)
    np.testing.assert_array_equal(nt.project([np.array(SQUARE) + 50], **GRID), 0)


@pytest.mark.parametrize("sampling", ["ray", "bin"])
@pytest.mark.parametrize("n_bins", [1, 2, 3, 17, 4096])
def test_any_number_of_bins(n_bins: int, sampling: Any) -> None:
    """One bin is as wide as the detector, about its one ray at `lower` (as in numpy.linspace)."""
    ring = star(np.random.default_rng(1), 500)
    rays = np.linspace(-0.5, 0.5, n_bins)
    width = 1 / max(n_bins - 1, 1)
    edges = np.append(rays - width / 2, rays[-1] + width / 2)
    expected = (
        oracle.ray_thickness(ring, rays) if sampling == "ray" else oracle.bin_thickness(ring, edges)
    )
    result = nt.project([ring], n_bins=n_bins, lower=-0.5, upper=0.5, sampling=sampling)[0]
    tolerance = 5e-5 + oracle.corner_tolerance(ring, rays, 1e-6)
    assert (np.abs(result - expected) <= tolerance).all()
    assert np.median(np.abs(result - expected)) < 5e-6
