"""Images of polygons: against shapely's areas, points inside, and one another."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
import shapely

import nanotilt as nt
from shapes import BOW_TIE, S_SHAPE, rough_ring

HALF: Any = 0.5


@pytest.mark.parametrize(
    "ring", [S_SHAPE, BOW_TIE, *(rough_ring(seed) for seed in range(3))], ids=lambda _: "ring"
)
def test_exact_pixels_hold_the_covered_area(ring: Any) -> None:
    n, view, angle = 12, 1.5, 0.4
    image = nt.rasterise([ring], n_pixels=n, field_of_view=view, angle_rad=angle)
    sin, cos = np.sin(angle), np.cos(angle)
    turned = [(x * cos + y * sin, y * cos - x * sin) for x, y in ring]
    # shapely's make_valid keeps the even-odd inside.
    inside = shapely.make_valid(shapely.Polygon(turned), method="linework")
    pixel = view / n
    for row, column in itertools.product(range(n), range(n)):
        x, y = -view / 2 + column * pixel, view / 2 - row * pixel
        covered = inside.intersection(shapely.box(x, y - pixel, x + pixel, y)).area
        assert image[row, column] == pytest.approx(covered / pixel**2, abs=2e-6)


def test_small_rings_touch_no_other_pixels() -> None:
    """Each ring adds to the pixels of its own box alone, wherever it lies."""
    n = 40
    middles = [(x, y) for x in (-1.02, -0.4, 0.0, 0.71, 1.02) for y in (-1.02, -0.3, 0.99)]
    rings = [0.06 * rough_ring(seed) + middle for seed, middle in enumerate(middles)]
    together = nt.rasterise(rings, n_pixels=n, field_of_view=2.0)
    expected = np.zeros((n, n), np.float32)
    for ring in rings:
        alone = nt.rasterise([ring], n_pixels=n, field_of_view=2.0)
        expected += alone
        inside = shapely.make_valid(shapely.Polygon(ring), method="linework")
        seen = inside.intersection(shapely.box(-1, -1, 1, 1)).area
        assert alone.sum() == pytest.approx(seen * (n / 2) ** 2, abs=1e-4)
        rows, columns = np.nonzero(np.abs(alone) > 1e-6)  # sums end at some 1e-17
        left, right = (ring[:, 0].min() + 1) * n / 2, (ring[:, 0].max() + 1) * n / 2
        top, bottom = (1 - ring[:, 1].max()) * n / 2, (1 - ring[:, 1].min()) * n / 2
        assert np.all((columns + 1 > left) & (columns < right))
        assert np.all((rows + 1 > top) & (rows < bottom))
    np.testing.assert_allclose(together, expected, atol=1e-6)


@pytest.mark.parametrize("s", [1, 3])
def test_sampled_pixels_count_points_inside(s: int) -> None:
    n, view = 16, 2.0
    antialias: Any = "binary" if s == 1 else s
    image = nt.rasterise([S_SHAPE], n_pixels=n, field_of_view=view, antialias=antialias)
    at = (np.arange(n * s) + 0.5) * view / (n * s) - view / 2
    x, y = np.meshgrid(at, -at)
    points = shapely.contains_xy(shapely.Polygon(S_SHAPE), x, y)
    expected = points.reshape(n, s, n, s).mean(axis=(1, 3))
    np.testing.assert_allclose(image, expected, atol=1e-6)


def test_more_points_come_closer_to_the_area() -> None:
    errors = []
    exact = nt.rasterise([rough_ring(5)], n_pixels=20, field_of_view=2.5)
    for antialias in ("binary", 4, 16, 64):
        image = nt.rasterise(
            [rough_ring(5)],
            n_pixels=20, field_of_view=2.5, antialias=antialias,
        )  # fmt: skip
        errors.append(np.abs(image - exact).mean())
    assert errors[0] > 3 * errors[1] > 9 * errors[2] > 27 * errors[3]


def test_rings_add_up_with_their_densities() -> None:
    outer, hole = rough_ring(1), 0.3 * rough_ring(2)
    image = nt.rasterise([outer, hole], [2.0, -0.5], n_pixels=32, field_of_view=3)
    areas = [shapely.Polygon(ring).area for ring in (outer, hole)]
    assert image.sum() * (3 / 32) ** 2 == pytest.approx(2 * areas[0] - 0.5 * areas[1], rel=1e-5)


@pytest.mark.parametrize("antialias", ["exact", "binary", 4])
def test_what_lies_outside_the_image_is_cut_off(antialias: Any) -> None:
    large = nt.rasterise([S_SHAPE], n_pixels=40, field_of_view=2, antialias=antialias)
    small = nt.rasterise([S_SHAPE], n_pixels=12, field_of_view=0.6, antialias=antialias)
    np.testing.assert_allclose(small, large[14:26, 14:26], atol=1e-5)


@pytest.mark.parametrize("antialias", ["exact", "binary", 4])
def test_the_largest_corners_in_the_smallest_view(antialias: Any) -> None:
    huge = [(-3e38, -3e38), (3e38, -3e38), (0, 3e38)]
    image = nt.rasterise([huge], n_pixels=4, field_of_view=1e-30, antialias=antialias)
    np.testing.assert_array_equal(image, np.ones((4, 4)))


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda: nt.rasterise([S_SHAPE], n_pixels=0, field_of_view=1),
            ValueError,
            "n_pixels must be >= 1. Received: n_pixels=0",
        ),
        (
            lambda: nt.rasterise([S_SHAPE], n_pixels=4, field_of_view=0),
            ValueError,
            r"field_of_view must be >= 1e-30. Received: field_of_view=0",
        ),
        (
            lambda: nt.rasterise([S_SHAPE], n_pixels=4, field_of_view=1e-320),
            ValueError,
            "field_of_view must be >= 1e-30",
        ),
        (
            lambda: nt.rasterise([S_SHAPE], n_pixels=4, field_of_view=1, antialias=0),
            ValueError,
            r'"exact", "binary", or an integer in \[1, 64\]. Received: antialias=0',
        ),
        (
            lambda: nt.rasterise([S_SHAPE], n_pixels=4, field_of_view=1, antialias=HALF),
            TypeError,
            "antialias must be",
        ),
    ],
)
def test_wrong_arguments_are_named(call: Any, error: Any, message: str) -> None:
    with pytest.raises(error, match=message):
        call()
