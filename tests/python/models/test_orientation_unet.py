"""nanotilt.models: the U-Net that makes a pair's second image from its first."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from conftest import refused

keras = pytest.importorskip("keras")

from nanotilt.models import OrientationUNet, orientation_unet  # noqa: E402  (only where Keras is)

Floats = npt.NDArray[np.floating[Any]]

CASES = [(skips, bottleneck) for skips in (True, False) for bottleneck in ("angle", "sine_cosine")]


def some_images(count: int, n_pixels: int = 16) -> Floats:
    return np.random.default_rng(1).random((count, n_pixels, n_pixels), dtype=np.float32)


@pytest.fixture(params=CASES)
def model(request: pytest.FixtureRequest) -> Any:
    skips, bottleneck = request.param
    keras.utils.set_random_seed(2)
    return OrientationUNet(16, symmetry=4, stereo_deg=10, skips=skips, bottleneck=bottleneck)


@pytest.mark.parametrize(
    ("skips", "bottleneck", "parameters"),
    [
        (False, "angle", 79_923),
        (True, "angle", 81_399),
        (False, "sine_cosine", 79_939),
        (True, "sine_cosine", 81_415),
    ],
)
def test_parameters(skips: bool, bottleneck: str, parameters: int) -> None:
    """Encoder 38,962, decoder 40,961; skip connections 1,476, a second number 16 more."""
    model = OrientationUNet(symmetry=4, stereo_deg=10, skips=skips, bottleneck=bottleneck)
    assert model.count_params() == parameters
    assert model.encoder.count_params() == 38_962
    assert model.input_shape == model.output_shape == (None, 64, 64)


def test_the_papers_shapes_are_the_papers() -> None:
    model = OrientationUNet(symmetry=4, stereo_deg=10, skips=False)
    shapes = [model.get_layer(f"encoder_{i}").output.shape[1:] for i in range(4)]
    assert shapes == [(64, 64, 4), (32, 32, 8), (16, 16, 16), (8, 8, 32)]
    shapes = [model.get_layer(f"decoder_{i}").output.shape[1:] for i in range(4)]
    assert shapes == [(8, 8, 16), (16, 16, 8), (32, 32, 4), (64, 64, 1)]
    assert model.get_layer("flatten").output.shape[1] == 2048
    assert model.get_layer("encoder_dense").units == model.get_layer("decoder_dense").units == 16
    assert model.get_layer("decoder_dense").input.shape[1] == 1  # the angle, one number
    assert model.get_layer("decoder_pixels").units == 2048
    for layer in model.layers:
        if type(layer).__name__ == "HashDropout":
            assert layer.rate == 0.1
        if hasattr(layer, "activation"):
            linear = layer.name == "sine_cosine"
            activations = keras.activations
            assert layer.activation is (activations.linear if linear else activations.relu)


@pytest.mark.parametrize("stereo_deg", [10.0, -10.0, 80.0, 100.0])
@pytest.mark.parametrize("symmetry", [1, 4])
def test_the_second_angle_is_wrapped_at_a_period(symmetry: int, stereo_deg: float) -> None:
    first_deg = np.array([0.0, 1, 44, 60, 79.5, 85, 89.5])
    phase = np.deg2rad(symmetry * first_deg)
    sine_cosine = np.stack([np.sin(phase), np.cos(phase)], axis=-1).astype(np.float32)
    found = orientation_unet._second_angle(sine_cosine, symmetry, np.deg2rad(stereo_deg))
    found = np.rad2deg(keras.ops.convert_to_numpy(found))
    expected = np.mod(first_deg + stereo_deg, 360 / symmetry)
    np.testing.assert_allclose(found[:, 0], expected, atol=1e-4)


def test_without_skips_the_image_is_a_function_of_the_angle() -> None:
    keras.utils.set_random_seed(2)
    images = some_images(6)
    for skips in (False, True):
        model = OrientationUNet(16, symmetry=4, stereo_deg=10, skips=skips)
        weights = model.get_weights()
        answer = [i for i, w in enumerate(model.weights) if "sine_cosine/kernel" in w.path]
        weights[answer[0]][:] = 0  # the same angle for all images
        model.set_weights(weights)
        made = keras.ops.convert_to_numpy(model(images))
        assert (np.ptp(made, axis=0).max() < 1e-6) == (not skips)


def test_predicted_angles_are_the_encoders(model: Any) -> None:
    images = some_images(5)
    sine, cosine = keras.ops.convert_to_numpy(model.encoder(images)).T
    expected = np.mod(np.arctan2(sine, cosine), 2 * np.pi) / 4
    np.testing.assert_allclose(model.predict_angle_rad(images), expected, atol=1e-5)


def test_saved_loaded_described_and_trained(model: Any, tmp_path: Path) -> None:
    first, second = some_images(4), some_images(4)[:, ::-1]
    model.compile(keras.optimizers.Adam(1e-2), "mse", run_eagerly=True)
    before = [w.copy() for w in model.get_weights()]
    model.train_on_batch(first, second)
    assert any((a != b).any() for a, b in zip(before, model.get_weights(), strict=True))
    model.save(tmp_path / "unet.keras")
    loaded = keras.saving.load_model(tmp_path / "unet.keras")
    assert type(loaded) is OrientationUNet
    assert loaded.get_config() == model.get_config()
    np.testing.assert_array_equal(loaded(first), model(first))
    twin = OrientationUNet.from_config(json.loads(json.dumps(model.get_config())))
    assert [w.shape for w in twin.weights] == [w.shape for w in model.weights]


@pytest.mark.parametrize("bottleneck", ["angle", "sine_cosine"])
def test_gradients_are_finite_where_there_is_no_angle(bottleneck: str) -> None:
    tf = pytest.importorskip("tensorflow")
    model = OrientationUNet(16, symmetry=4, stereo_deg=10, bottleneck=bottleneck)
    images = tf.zeros((2, 16, 16))  # biases start at 0, so that S = C = 0
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean((model(images) - 1) ** 2)
    assert not np.asarray(model.encoder(images)).any()
    for gradient in tape.gradient(loss, model.trainable_variables):
        assert np.isfinite(gradient.numpy()).all()


def make(**changes: Any) -> OrientationUNet:
    return OrientationUNet(**{"n_pixels": 16, "symmetry": 4, "stereo_deg": 10, **changes})


@pytest.mark.parametrize(
    ("error", "field", "value"),
    [
        (ValueError, "n_pixels", 20),
        (ValueError, "n_pixels", 0),
        (TypeError, "n_pixels", 16.0),
        (ValueError, "symmetry", 0),
        (ValueError, "stereo_deg", 180),
        (ValueError, "stereo_deg", float("inf")),
        (TypeError, "skips", 1),
        (ValueError, "bottleneck", "image"),
    ],
)
def test_wrong_arguments_are_named(error: Any, field: str, value: Any) -> None:
    changed: Callable[[], Any] = lambda: make(**{field: value})  # noqa: E731
    refused(error, field, value, changed)
