"""Sizes and shapes against shapely's values of the outlines that pixels were made from."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from shapely import affinity
from skimage.measure import perimeter_crofton, regionprops_table

from conftest import refused
from nanotilt.segmentation import measure
from particle_cases import KINDS, RADII, apart, inside, measured, random_discs, rod

CASES = [(kind, radius) for kind in KINDS for radius in RADII]


@pytest.mark.parametrize(("kind", "radius"), CASES)
def test_sizes(kind: str, radius: float) -> None:
    """The scatter of the diameter is what pixels leave: 2.4 % at a radius of 3, 1.1 % at 5."""
    found, truth = measured(kind, radius)
    scatter = {3: 0.029, 5: 0.013, 10: 0.005, 20: 0.002}[int(radius)]
    error = found["diameter"] / truth["diameter"] - 1
    assert error.std() < scatter
    assert abs(error.mean()) < 3.5 * scatter / 10
    np.testing.assert_allclose(found["area"], math.pi / 4 * found["diameter"] ** 2)
    apart_by = np.hypot(found["x"] - truth["x"], found["y"] - truth["y"])
    assert np.sqrt((apart_by**2).mean()) < 0.17
    # The larger axis of what is round is the larger by chance, too.
    for name, sign in (("major", 1), ("minor", -1)):
        ratio = (found[name] / truth[name] - 1).mean()
        assert abs(ratio) < (0.06 if kind == "polygon" else 0.012) * 3 / radius, (name, ratio)
        assert kind != "polygon" or sign * ratio > 0


@pytest.mark.parametrize(("kind", "radius"), CASES)
def test_perimeter_and_circularity(kind: str, radius: float) -> None:
    """Corners are cut by a fraction of a pixel; smooth outlines are right to a percent."""
    found, truth = measured(kind, radius)
    ratio = found["perimeter"] / truth["perimeter"] - 1
    circularity = found["circularity"] / truth["circularity"] - 1
    if kind == "polygon":
        assert -0.2 / radius - 0.005 < ratio.mean() < 0
        assert 0 < circularity.mean() < 0.4 / radius + 0.01
    else:
        assert abs(ratio.mean()) < 0.01 * 3 / radius + 0.001
        assert abs(circularity.mean()) < 0.015 * 3 / radius + 0.002
    assert ratio.std() < 0.06 * 2 / radius + 0.005


@pytest.mark.parametrize(("kind", "radius"), CASES)
def test_feret(kind: str, radius: float) -> None:
    """In pixels: no bias above half a pixel, whatever the shape and size."""
    found, truth = measured(kind, radius)
    for name in ("feret_max", "feret_min"):
        error = found[name] - truth[name]
        assert abs(error.mean()) < 0.45, (name, error.mean())
        assert error.std() < 0.65
    if kind != "polygon":
        assert abs((found["feret_max"] - truth["feret_max"]).mean()) < 0.2


@pytest.mark.parametrize("radius", [5, 10, 20])
def test_orientation(radius: float) -> None:
    found, truth = measured("rod", radius)
    assert (np.abs(found["orientation_rad"]) <= math.pi / 2).all()
    off = np.sin(found["orientation_rad"] - truth["orientation_rad"])
    assert np.sqrt((off**2).mean()) < 0.15 / radius


def test_better_than_scikit_image() -> None:
    """By which the circularity of small ellipses comes out as 1.2, or scatters twice as much."""
    found, truth = measured("rod", 10)
    own = (found["perimeter"] / truth["perimeter"]).std()
    rng = np.random.default_rng([10, 3])
    ratio = []
    for _ in range(100):
        at = 38 + rng.uniform(0, 1, 2)
        outline = affinity.translate(rod(rng, 10), *at)
        ratio.append(perimeter_crofton(inside(outline, (76, 76))) / outline.length)
    assert own < 0.6 * np.std(ratio)
    small, of_small = measured("ellipse", 3)
    assert abs((small["circularity"] / of_small["circularity"]).mean() - 1) < 0.02


def test_counts_as_scikit_image() -> None:
    labels, _ = random_discs(np.random.default_rng(4), 30)
    found = measure(labels, 2.0)
    known = regionprops_table(labels, properties=("label", "area", "centroid"))
    np.testing.assert_array_equal(found["id"], known["label"])
    np.testing.assert_allclose(found["area"], 4 * known["area"])
    np.testing.assert_allclose(found["x"], 2 * known["centroid-1"] + 1)
    np.testing.assert_allclose(found["y"], 2 * known["centroid-0"] + 1)
    in_pixels = measure(labels)
    for name in ("diameter", "major", "minor", "perimeter", "feret_max", "feret_min"):
        np.testing.assert_allclose(found[name], 2 * in_pixels[name])
    for name in ("aspect", "circularity", "orientation_rad", "touches_rim"):
        np.testing.assert_array_equal(found[name], in_pixels[name])
    touching = np.unique(np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]]))
    np.testing.assert_array_equal(found["touches_rim"], np.isin(found["id"], touching))


def test_neighbours_change_nothing() -> None:
    labels, _ = random_discs(np.random.default_rng(5), 60, radius=(6, 12))
    together = measure(labels)
    for row in together:
        alone = measure(np.where(labels == row["id"], row["id"], 0))[0]
        for name in together.dtype.names or ():
            assert row[name] == pytest.approx(alone[name])


def test_stacks_and_what_is_hardly_a_particle() -> None:
    labels, _ = apart(32, 5)
    stack = measure(np.stack([labels, np.zeros_like(labels), labels]))
    assert list(stack["image"]) == [0] * 4 + [2] * 4
    assert len(measure(np.zeros((5, 5)))) == 0
    assert len(measure(np.zeros((0, 5, 5)))) == 0
    whole = measure(np.full((6, 6), 3))
    assert (len(whole), whole["id"][0], whole["touches_rim"][0]) == (1, 3, True)
    pixel = np.zeros((5, 5), int)
    pixel[2, 3] = 2**31 - 1
    (one,) = measure(pixel)
    assert (one["id"], one["x"], one["y"], one["area"]) == (2**31 - 1, 3.5, 2.5, 1)
    line = np.zeros((9, 9), int)
    line[4, 1:8] = 1
    for table in (measure(pixel), measure(line)):
        for name in ("major", "minor", "aspect", "perimeter", "circularity", "feret_min"):
            assert np.isfinite(table[name]).all()
            assert (table[name] > 0).all()
    (row,) = measure(line)
    assert row["orientation_rad"] == 0
    assert 6 < row["feret_max"] < 8.5
    assert row["feret_min"] <= 1.5
    assert measure(line.T)["orientation_rad"][0] == pytest.approx(math.pi / 2)


@pytest.mark.parametrize(
    ("error", "field", "value", "arguments"),
    [
        (ValueError, "pixel_nm", 0, {"pixel_nm": 0}),
        (ValueError, "pixel_nm", -1.5, {"pixel_nm": -1.5}),
        (TypeError, "pixel_nm", "1", {"pixel_nm": "1"}),
        (ValueError, "instances", -2.0, {"instances": [[-2]]}),
    ],
)
def test_wrong_arguments(
    error: type[Exception], field: str, value: Any, arguments: dict[str, Any]
) -> None:
    given: dict[str, Any] = {"instances": [[1]], **arguments}
    refused(error, field, value, lambda: measure(**given))
