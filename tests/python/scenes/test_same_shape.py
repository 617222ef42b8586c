"""A shape is the same however its corners are listed: in projections, images and its symmetry."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import nanotilt as nt
from nanotilt.scenes.same_shape import rotational_order
from shapes import BOW_TIE, S_SHAPE, T_SHAPE, rough_ring

Ring = npt.NDArray[np.floating[Any]]

PLACES: dict[str, Any] = {"n_bins": 24, "lower": -2.0, "upper": 2.0}


def regular(n: int, turn: float = 0.1) -> Ring:
    angle = turn + 2 * np.pi * np.arange(n) / n
    return np.stack([np.cos(angle), np.sin(angle)], axis=-1)


def closed(ring: Ring) -> Ring:
    return np.concatenate([ring, ring[:1]])


def with_middles(ring: Ring) -> Ring:
    """A corner in the middle of every side."""
    middles = (ring + np.roll(ring, -1, axis=0)) / 2
    return np.stack([ring, middles], axis=1).reshape(-1, 2)


def in_place_of(ring: Ring, corner: int, *corners: Any) -> Ring:
    return np.concatenate([ring[:corner], np.reshape(corners, (-1, 2)), ring[corner + 1 :]])


def tellings(ring: Ring) -> dict[str, Ring]:
    """One shape, told differently."""
    return {
        "closed": closed(ring),
        "doubled corner": in_place_of(ring, 1, ring[1], ring[1]),
        "tripled corner": in_place_of(ring, 0, ring[0], ring[0], ring[0]),
        "corner in a side": in_place_of(ring, 0, ring[0], 0.7 * ring[0] + 0.3 * ring[1]),
        "corners in all sides": with_middles(ring),
        "reversed": ring[::-1],
        "another start": np.roll(ring, 2, axis=0),
        "shapely": np.array(shapely.Polygon(ring).exterior.coords),
        "all at once": closed(np.roll(with_middles(closed(ring)[::-1]), 3, axis=0)),
    }


def others_of_even_odd_rule(ring: Ring) -> dict[str, Ring]:
    """One shape by the even-odd rule, by other lines."""
    return {
        "spike": in_place_of(ring, 0, ring[0], 3 * ring[0], ring[0]),
        "three times round": np.concatenate([ring, ring, ring]),
        "side gone back over": in_place_of(ring, 0, ring[0], ring[1], ring[0]),
    }


RINGS: dict[str, tuple[Ring, int]] = {
    **{f"{n} sides": (regular(n), n) for n in (3, 4, 5, 6, 7, 12, 31)},
    "rectangle": (np.array([(0, 0), (3, 0), (3, 1), (0, 1)], np.float64), 2),
    "T": (np.array(T_SHAPE), 1),
    "S": (np.array(S_SHAPE), 1),
    "rough": (rough_ring(3), 1),
    "kite": (np.array([(0, -2), (1, 0), (0, 1), (-1, 0)], np.float64), 1),
    "star": (regular(10) * np.tile([[1.0], [0.4]], (5, 1)), 5),
}


@pytest.mark.parametrize("name", RINGS)
def test_symmetry_of_a_shape_told_differently(name: str) -> None:
    ring, order = RINGS[name]
    assert nt.Polygon(ring).symmetry == order
    for how, told in {**tellings(ring), **others_of_even_odd_rule(ring)}.items():
        for moved in (told, told * 1e-6, 1e6 * told, told + 3, told + np.array([100, -200])):
            assert nt.Polygon(moved).symmetry == order, how


def test_symmetry_of_rings_that_cross_themselves() -> None:
    assert nt.Polygon(regular(5)[[0, 2, 4, 1, 3]]).symmetry == 5  # its edges: every second corner
    assert nt.Polygon(regular(7)[[0, 3, 6, 2, 5, 1, 4]]).symmetry == 7
    assert nt.Polygon([(-1, -1), (1, 1), (1, -1), (-1, 1)]).symmetry == 2
    assert nt.Polygon(BOW_TIE).symmetry == 1
    by_the_middle = [(-1, -1), (0, 0), (1, 1), (1, -1), (0, 0), (-1, 1)]
    assert nt.Polygon(by_the_middle).symmetry == 2


def test_symmetry_of_a_ring_within_a_ring() -> None:
    """Joined by a bridge that is gone over twice; what is inside decides, too."""
    outer = closed(regular(4))
    for n, order in ((4, 4), (6, 2), (3, 1)):
        inner = closed(0.4 * regular(n))
        assert nt.Polygon(np.concatenate([outer, inner])).symmetry == order


def test_symmetry_to_a_millionth_of_the_size() -> None:
    square = regular(4)
    assert nt.Polygon(in_place_of(square, 0, square[0] * (1 + 3e-7))).symmetry == 4
    assert nt.Polygon(in_place_of(square, 0, square[0] * (1 + 3e-5))).symmetry == 1


def test_symmetry_of_curves() -> None:
    """As shapely makes them, of some hundred corners less than rounding away from straight."""
    assert nt.Polygon(shapely.Point(0, 0).buffer(1, quad_segs=16).exterior.coords).symmetry == 64
    for radius in (1e-3, 0.1):
        rounded = shapely.box(-1, -1, 1, 1).buffer(radius, quad_segs=64)
        assert nt.Polygon(rounded.exterior.coords).symmetry == 4
        rounded = shapely.box(-1, -1, 1, 2).buffer(radius, quad_segs=64)
        assert nt.Polygon(rounded.exterior.coords).symmetry == 2


def test_rings_that_fill_nothing_have_no_symmetry() -> None:
    for ring in ([(0, 0), (1, 1), (2, 2)], [(1, 1)] * 3, closed(np.concatenate([regular(3)] * 2))):
        assert nt.Polygon(ring).symmetry == 1


@pytest.mark.parametrize("n_sides", [3, 4, 5, 12, 100, 360])
def test_regular_polygons_know_their_symmetry(n_sides: int) -> None:
    shape = nt.RegularPolygon(n_sides)
    assert shape.symmetry == n_sides == rotational_order(shape.corners)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 8), st.integers(1, 6))
def test_rough_shapes_of_any_symmetry(seed: int, order: int, per_period: int) -> None:
    """A random sector, repeated; told differently, at any place and size."""
    assume(order * per_period >= 3)
    rng = np.random.default_rng(seed)
    radius = np.tile(rng.uniform(0.6, 1.4, per_period), order)
    ring = regular(len(radius), rng.uniform(0, 6)) * radius[:, None] * rng.uniform(0.01, 100)
    found = nt.Polygon(ring).symmetry
    assert found % order == 0
    told = list(tellings(ring).items())
    for how, other in [told[i] for i in rng.choice(len(told), 3, replace=False)]:
        assert nt.Polygon(other + rng.uniform(-3, 3, 2)).symmetry == found, how


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from(["ray", "bin"]))
def test_projections_and_images(seed: int, sampling: Any) -> None:
    """The same to rounding, whatever way the core takes; rays stand where no corner is."""
    rng = np.random.default_rng(seed)
    ring = rough_ring(seed, int(rng.integers(4, 30)))
    angles = rng.uniform(0, 2 * math.pi, 3)
    expected = nt.project([ring], angles_rad=angles, sampling=sampling, **PLACES)
    image = nt.rasterise([ring], n_pixels=16, field_of_view=4.0, angle_rad=angles[0])
    for how, told in tellings(ring).items():
        made = nt.project([told], angles_rad=angles, sampling=sampling, **PLACES)
        np.testing.assert_allclose(made, expected, atol=1e-4, err_msg=how)
        np.testing.assert_allclose(
            nt.rasterise([told], n_pixels=16, field_of_view=4.0, angle_rad=angles[0]),
            image, atol=1e-5, err_msg=how,
        )  # fmt: skip


def test_tilt_series_bounds_and_crossing_rings() -> None:
    for ring in (np.array(BOW_TIE), regular(5)[[0, 2, 4, 1, 3]], np.array(S_SHAPE)):
        angles = np.linspace(0.1, 3, 5)
        series = nt.tilt_series([ring], [2.0], angles_rad=angles, **PLACES)
        for told in (closed(ring), with_middles(ring), ring[::-1], closed(ring[::-1])):
            made = nt.tilt_series([told], [2.0], angles_rad=angles, **PLACES)
            np.testing.assert_allclose(made, series, atol=1e-5)


@pytest.mark.parametrize(
    "detector", [nt.Detector(noise=0, shift_std=0), nt.Camera(n_pixels=12, noise="none")]
)
def test_streams_of_a_shape_told_differently(detector: Any) -> None:
    """To rounding the same views of the same particles.

    Which shift a detector has does depend on the number of corners, which decides where a sample's
    random numbers are taken from.
    """

    def sample(ring: Ring) -> nt.Batch:
        particle = nt.Particle(nt.Polygon(ring, size=0.8))
        return nt.Recipe({"a": particle}, detector, normalise="none").sample(3, 0, 20)

    expected = sample(np.array(T_SHAPE))
    for told in tellings(np.array(T_SHAPE)).values():
        made = sample(told)
        np.testing.assert_array_equal(made.angle_rad, expected.angle_rad)
        np.testing.assert_allclose(made.views, expected.views, atol=2e-5)


def test_closed_rings_are_projected_as_open_ones() -> None:
    """Bit by bit: repeated corners are left out, also those that make a ring slow to project."""
    ring = rough_ring(5)
    for told in (closed(ring), in_place_of(ring, 3, ring[3], ring[3], ring[3])):
        np.testing.assert_array_equal(
            nt.sinogram([told], n_angles=7, **PLACES), nt.sinogram([ring], n_angles=7, **PLACES)
        )
    line = [(0, 0), (1, 0), (0, 0)]
    assert not nt.project([line], **PLACES).any()  # two corners are left: no ring, and no error
