"""Stereo pairs through tf.data."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import nanotilt as nt

tf = pytest.importorskip("tensorflow")


@pytest.mark.parametrize("route", ["op", "numpy"])
@pytest.mark.parametrize("name", ["square", "s-projection", "chirality"])
def test_pairs_are_those_of_sample(name: str, route: str) -> None:
    recipe = nt.recipes.by_name(name)
    data = nt.stream_pairs(recipe, 5, 8, start=3, count=20, with_angles=True, route=route)
    batches = list(data.as_numpy_iterator())
    assert [len(batch[1]) for batch in batches] == [8, 8, 4]
    expected = recipe.sample(5, 3, 20)
    views = [np.concatenate([batch[0][v] for batch in batches]) for v in range(2)]
    np.testing.assert_array_equal(np.stack(views, axis=1), expected.views)
    np.testing.assert_array_equal(np.concatenate([b[2] for b in batches]), expected.angle_rad)
    stereo = math.radians(recipe.detector.angles_deg[1])
    np.testing.assert_allclose(np.concatenate([b[1] for b in batches]), stereo, rtol=1e-6)


def test_the_truth_is_told_on_request_only() -> None:
    data = nt.stream_pairs(nt.recipes.square(), seed=1, batch_size=4)
    (first, second), stereo = data.element_spec
    assert first == second == tf.TensorSpec((4, 64, 64), tf.float32)
    assert stereo == tf.TensorSpec((4,), tf.float32)
    assert data.cardinality().numpy() == tf.data.INFINITE_CARDINALITY


def test_several_stereo_angles() -> None:
    recipe = nt.recipes.polygon(5, stereo_deg=(5, 20))
    views, stereo = next(iter(nt.stream_pairs(recipe, seed=1, batch_size=3)))
    assert len(views) == 3
    np.testing.assert_allclose(stereo, np.radians([[5, 20]] * 3), rtol=1e-6)


def test_images_stream_in_the_recipes_shape() -> None:
    recipe = nt.recipes.square()
    data = nt.stream(recipe, seed=2, batch_size=500, count=700)
    views = np.concatenate([views for views, _ in data.as_numpy_iterator()])
    np.testing.assert_array_equal(views, recipe.sample(2, count=700).views)


@pytest.mark.parametrize(
    ("recipe", "error", "message"),
    [
        (nt.recipes.square(stereo_deg=None), ValueError, "two views at least.*Camera"),
        ("square", TypeError, "recipe must be a nanotilt.Recipe. Received: recipe='square'"),
    ],
)
def test_wrong_recipes_are_named(recipe: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        nt.stream_pairs(recipe, seed=1, batch_size=4)
