"""nanotilt.models: what each network is made of."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import scipy.interpolate

import nanotilt as nt

keras = pytest.importorskip("keras")

from nanotilt.models import (  # noqa: E402  (only where Keras is)
    PaperStereoClassifier,
    StereoClassifier,
    _pairs,
    _views,
    stereo,
)


def trainable_parameters(model: Any) -> int:
    return sum(math.prod(weight.shape) for weight in model.trainable_weights)


@pytest.mark.parametrize(
    ("size", "pooling", "parameters"),
    [((1, 32, 2), True, 12_450), ((2, 32, 2), True, 12_962), ((2, 64, 2), False, 14_882)],
)
def test_the_papers_network_has_the_papers_parameter_counts(
    size: tuple[int, int, int], pooling: bool, parameters: int
) -> None:
    assert trainable_parameters(PaperStereoClassifier(*size, pooling=pooling)) == parameters


def test_the_papers_layers_are_the_papers() -> None:
    model = PaperStereoClassifier(2, 32, 2)
    kinds = [type(layer).__name__ for layer in model.get_layer("branch").layers]
    convolution = ["Conv1D", "MaxPooling1D", "HashDropout", "BatchNormalization"]
    assert kinds == ["InputLayer", *3 * convolution, *2 * ["Dense", *convolution[2:]]]
    assert "MaxPooling1D" not in [
        type(layer).__name__
        for layer in PaperStereoClassifier(2, 32, 2, pooling=False).get_layer("branch").layers
    ]
    for layer in [*model.get_layer("branch").layers, *model.layers]:
        if type(layer).__name__ in ("Conv1D", "Dense") and layer.name != "probabilities":
            assert layer.activation is keras.activations.relu
            assert layer.kernel_constraint.max_value == 3.0


@pytest.mark.parametrize(
    ("kind", "first_joined"), [(StereoClassifier, 128), (PaperStereoClassifier, 16)]
)
def test_the_branch_is_shared_by_the_views(kind: Any, first_joined: int) -> None:
    counts = [trainable_parameters(kind(n_views, 64, 2)) for n_views in (1, 2, 3)]
    if kind is PaperStereoClassifier:
        # Only the first layer after the branches grows, by 32 channels a view.
        assert np.diff(counts).tolist() == [32 * first_joined] * 2
    else:
        # One view: a sum and a difference, 64 each. Several: a sum each, and for each pair two
        # kinds of products of the sums and two of the differences; four times as many outputs.
        joined = [2 * 64, 2 * 64 + 4 * 64, 3 * 64 + 3 * 4 * 64]
        outputs = [64, 4 * 64, 4 * 64]
        expected = first_joined * np.diff(joined) + 2 * np.diff(outputs)
        assert np.diff(counts).tolist() == expected.tolist()


@pytest.mark.parametrize("n_views", [2, 3])
def test_mirrored_particles_change_only_the_sign_of_what_is_odd(n_views: int) -> None:
    model = StereoClassifier(n_views, 16, 2)
    inner = keras.Model(model.input, model.get_layer("probabilities").input)
    views = np.random.default_rng(1).normal(0, 1, (8, n_views, 16)).astype(np.float32)

    def found(views: Any) -> Any:
        """(8, even or odd in one view, even or odd in the order, units)."""
        return keras.ops.convert_to_numpy(inner(views)).reshape(8, 2, 2, 64).astype(float)

    as_is = found(views)
    scale = np.abs(as_is).max(axis=(0, 3), keepdims=True)  # of each of the four parts
    assert (scale > 0.01).all()
    as_is /= scale
    half_turn = found(views[..., ::-1]) / scale
    np.testing.assert_allclose(half_turn, as_is, atol=1e-4)
    reversed_and_mirrored = found(views[:, ::-1, ::-1]) / scale
    np.testing.assert_allclose(reversed_and_mirrored[:, :, 0], as_is[:, :, 0], atol=1e-4)
    np.testing.assert_allclose(reversed_and_mirrored[:, :, 1], -as_is[:, :, 1], atol=1e-4)
    if n_views == 2:
        one_mirrored = views.copy()
        one_mirrored[:, 0] = one_mirrored[:, 0, ::-1]
        turned = found(one_mirrored) / scale
        np.testing.assert_allclose(turned[:, 0], as_is[:, 0], atol=1e-4)
        np.testing.assert_allclose(turned[:, 1], -as_is[:, 1], atol=1e-4)


def test_the_fast_network_does_not_mind_the_scale_of_its_input() -> None:
    recipe = nt.recipes.chirality()
    model = StereoClassifier.for_recipe(recipe)
    views = recipe.sample(seed=1, count=512).views
    expected = keras.ops.convert_to_numpy(model(views, training=True))
    assert np.ptp(expected) > 0.1
    for scaled in (20 + 3 * views, 1000 * views, -0.5 + views):
        np.testing.assert_allclose(model(scaled, training=True), expected, atol=2e-3)


def test_centring_is_a_shift_by_the_centre_of_mass_and_cubic_in_between() -> None:
    views = np.random.default_rng(1).normal(20, 1, size=(50, 2, 31)).astype(np.float32)
    centred, shift = (keras.ops.convert_to_numpy(x) for x in _views.centred(views))
    bins = np.arange(31)
    for i, v in np.ndindex(50, 2):
        view = views[i, v].astype(float)
        mass = np.maximum(view - view.mean(), 0.0)
        offset = (mass @ (bins - 15)) / mass.sum()
        assert shift[i, v] == pytest.approx(offset, abs=1e-4)
        for n in bins:
            nearest = np.floor(n + offset) + np.arange(-1, 3)
            values = view[np.clip(nearest, 0, 30).astype(int)]
            expected = scipy.interpolate.lagrange(np.arange(-1, 3), values)(n + offset - nearest[1])
            assert centred[i, v, n] == pytest.approx(expected, abs=1e-3)


def test_interpolation_keeps_cubics_and_what_varies_fast() -> None:
    bins = np.arange(32)
    cubic = (0.01 * (bins - 9.0) ** 3 - bins)[None].astype(np.float32)
    at = np.array([[1.0, 7.25, 15.5, 29.9]], np.float32)
    np.testing.assert_allclose(
        _views.interpolated(cubic, at), 0.01 * (at - 9) ** 3 - at, rtol=1e-5, atol=1e-4
    )
    wave = np.cos(2 * np.pi * bins / 3)[None].astype(np.float32)
    at = (bins[None, 2:-2] + 0.5).astype(np.float32)
    halfway = keras.ops.convert_to_numpy(_views.interpolated(wave, at))
    assert np.abs(halfway).max() == pytest.approx(0.6875, abs=1e-3)  # a line would have 0.5


def test_centring_brings_a_shifted_view_back() -> None:
    views = np.full((1, 3, 33), 20.0, dtype=np.float32)
    for v, position in enumerate([10, 16, 25]):
        views[0, v, position - 3 : position + 4] += [1, 2, 4, 3, 4, 2, 1]
    centred, shift = (keras.ops.convert_to_numpy(x) for x in _views.centred(views))
    np.testing.assert_allclose(shift[0, :, 0], [-6, 0, 9], atol=1e-4)
    np.testing.assert_allclose(centred, np.broadcast_to(views[:, 1:2], views.shape), atol=1e-3)


def test_a_view_of_nothing_stays_where_it_is() -> None:
    centred, shift = _views.centred(np.full((1, 2, 8), 20.0, dtype=np.float32))
    np.testing.assert_array_equal(shift, np.zeros((1, 2, 1)))
    np.testing.assert_allclose(centred, np.full((1, 2, 8), 20.0), rtol=1e-6)


@pytest.mark.parametrize("n_bins", [2, 3, 8])
def test_even_and_odd_halves_hold_the_whole_view(n_bins: int) -> None:
    rows = np.random.default_rng(1).normal(size=(4, 2, n_bins)).astype(np.float32)
    even, odd = (keras.ops.convert_to_numpy(half) for half in _views.even_and_odd(rows))
    np.testing.assert_allclose(
        (even[..., : n_bins // 2] + odd) / 2, rows[..., : n_bins // 2], atol=1e-6
    )
    mirrored_even, mirrored_odd = _views.even_and_odd(rows[..., ::-1].copy())
    np.testing.assert_array_equal(mirrored_even, even)
    np.testing.assert_array_equal(mirrored_odd, -odd)
    assert even.shape[-1] + odd.shape[-1] == n_bins


def test_curvature_is_each_bin_less_the_mean_of_its_neighbours() -> None:
    views = np.random.default_rng(1).normal(size=(3, 2, 9)).astype(np.float32)
    neighbours = np.pad(views, ((0, 0), (0, 0), (1, 1)), mode="edge")
    expected = views - (neighbours[..., :-2] + neighbours[..., 2:]) / 2
    np.testing.assert_allclose(_views.curvature(views), expected, atol=1e-6)


def test_the_branchs_difference_changes_its_sign_with_a_mirrored_view() -> None:
    even, odd = keras.Input((2, 10)), keras.Input((2, 9))
    branch = keras.Model([even, odd], stereo._branch(even, odd, (16, 8)))
    rng = np.random.default_rng(1)
    e, o = rng.normal(size=(5, 2, 10)), rng.normal(size=(5, 2, 9))
    s, d = branch.predict([e, o], verbose=0)
    mirrored_s, mirrored_d = branch.predict([e, -o], verbose=0)
    np.testing.assert_allclose(mirrored_s, s, atol=1e-6)
    np.testing.assert_allclose(mirrored_d, -d, atol=1e-6)
    assert np.abs(d).max() > 0.01


def test_bounded_parts_keep_their_ratios_and_have_a_root_mean_square_below_one() -> None:
    rng = np.random.default_rng(1)
    s, d = rng.normal(size=(2, 5, 3, 8))
    for size in (1e-3, 1.0, 1e6):
        found = _pairs.bounded([size * s, size * d], axes=[-1])
        square = (np.mean((size * s) ** 2, axis=-1) + np.mean((size * d) ** 2, axis=-1)) / 2
        scale = size / np.sqrt(1 + square)[..., None]
        for part, expected in zip(found, (scale * s, scale * d), strict=True):
            np.testing.assert_allclose(part, expected, rtol=1e-5)
        assert np.mean(np.square(found), axis=(0, 3)).max() < 1 + 1e-5
    np.testing.assert_array_equal(_pairs.bounded([0 * s], axes=[-1])[0], 0 * s)


def test_bounds_hold_in_half_precision_where_squares_do_not() -> None:
    large = np.full((2, 4), 1000.0, np.float16)  # a square of 1e6: infinite
    (found,) = _pairs.bounded([keras.ops.convert_to_tensor(large)], axes=[-1])
    assert keras.backend.standardize_dtype(found.dtype) == "float16"
    np.testing.assert_allclose(keras.ops.convert_to_numpy(found), np.ones((2, 4)), rtol=1e-3)


@pytest.mark.parametrize("n_views", [1, 2, 3, 4])
def test_products_are_of_every_pair_of_views(n_views: int) -> None:
    x = np.random.default_rng(1).normal(size=(5, n_views, 3)).astype(np.float32)
    products = _pairs.products(x)
    rolled = x[..., [1, 2, 0]]
    expected = [
        x[:, a] * other[:, b]
        for a in range(n_views)
        for b in range(a + 1, n_views)
        for other in (x, rolled)
    ]
    assert len(products) == len(expected) == n_views * (n_views - 1)
    for product, value in zip(products, expected, strict=True):
        np.testing.assert_array_equal(product, value)
