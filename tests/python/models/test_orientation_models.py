"""nanotilt.models: the encoder of orientations, and what is refused."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

import nanotilt as nt
from conftest import refused
from orientation_cases import some_views

keras = pytest.importorskip("keras")

from nanotilt.models import DifferenceModel, OrientationEncoder  # noqa: E402  (only where Keras is)

Floats = npt.NDArray[np.floating[Any]]

ENCODERS = {
    "paper-images": ((24, 24), "paper"),
    "paper-projections": ((64,), "paper"),
    "fast-images": ((17, 24), "fast"),
    "fast-projections": ((30,), "fast"),
    "aligned-images": ((20, 24), "aligned"),
}


def count(weights: Any) -> int:
    return sum(math.prod(weight.shape) for weight in weights)


def numpy_of(tensor: Any) -> Floats:
    array: Floats = keras.ops.convert_to_numpy(tensor)
    return array


@pytest.fixture(params=list(ENCODERS.values()), ids=list(ENCODERS))
def encoder(request: pytest.FixtureRequest) -> Any:
    shape, architecture = request.param
    keras.utils.set_random_seed(1)
    return OrientationEncoder(shape, 4, architecture=architecture, name="one")


@pytest.mark.parametrize(
    ("shape", "architecture", "trainable", "all_of_them"),
    [
        ((64, 64), "paper", 18_690, 18_690),
        ((64,), "paper", 5_282, 5_282),
        ((64, 64), "fast", 145_652, 145_814),
        ((64,), "fast", 64_164, 64_486),
        ((64, 64), "aligned", 129_476, 129_578),
    ],
)
def test_parameters(shape: Any, architecture: str, trainable: int, all_of_them: int) -> None:
    encoder = OrientationEncoder(shape, 4, architecture=architecture)
    assert count(encoder.trainable_weights) == trainable
    assert encoder.count_params() == all_of_them
    assert encoder.input_shape == (None, *shape)
    assert encoder.output_shape == (None, 2)


@pytest.mark.parametrize(
    ("shape", "kind", "shapes"),
    [
        (
            (64, 64),
            "2D",
            [(62, 62, 16), (31, 31, 16), (29, 29, 32), (14, 14, 32), (12, 12, 16), (6, 6, 16)],
        ),
        ((64,), "1D", [(64, 16), (32, 16), (32, 32), (16, 32), (16, 16), (8, 16)]),
    ],
)
def test_the_papers_layers_are_the_papers(shape: Any, kind: str, shapes: Any) -> None:
    layers = OrientationEncoder(shape, 4).layers
    block = [f"Conv{kind}", f"MaxPooling{kind}", "HashDropout"]
    names = [type(layer).__name__ for layer in layers]
    assert names == ["InputLayer", "Reshape", *3 * block, "Flatten", "Dense", "Dense"]
    for i in range(3):
        convolution, pooling, dropout = layers[2 + 3 * i : 5 + 3 * i]
        assert convolution.output.shape[1:] == shapes[2 * i]
        assert pooling.output.shape[1:] == shapes[2 * i + 1]
        assert set(convolution.kernel_size) == {3}
        assert convolution.activation is keras.activations.relu
        assert dropout.rate == 0.1
    assert layers[-3].output.shape[1] == math.prod(shapes[-1])
    assert layers[-2].activation is keras.activations.relu
    assert layers[-1].activation is keras.activations.linear


def test_an_encoder_is_saved_loaded_and_described(encoder: Any, tmp_path: Path) -> None:
    views = some_views(6, *encoder.view_shape)
    encoder.compile("adam", "mse", run_eagerly=True)
    encoder.train_on_batch(views, encoder.sine_cosine(np.arange(6)))
    encoder.save(tmp_path / "encoder.keras")
    loaded = keras.saving.load_model(tmp_path / "encoder.keras")
    assert type(loaded) is OrientationEncoder
    assert loaded.get_config() == encoder.get_config()
    np.testing.assert_array_equal(loaded(views), encoder(views))
    twin = OrientationEncoder.from_config(json.loads(json.dumps(encoder.get_config())))
    assert [w.shape for w in twin.weights] == [w.shape for w in encoder.weights]
    clone = keras.models.clone_model(encoder)
    clone.set_weights(encoder.get_weights())
    np.testing.assert_array_equal(clone(views), encoder(views))


def test_predicted_angles_are_those_of_numpy(encoder: Any) -> None:
    views = some_views(7, *encoder.view_shape)
    sine, cosine = numpy_of(encoder(views)).T
    expected = np.mod(np.arctan2(sine, cosine), 2 * np.pi) / 4
    angles = encoder.predict_angle_rad(views, batch_size=3)
    assert angles.shape == (7,)
    assert angles.dtype == np.float64
    np.testing.assert_allclose(angles, expected, atol=1e-5)
    stacked = np.stack([views, views[::-1]], axis=1)
    expected = np.stack([angles, angles[::-1]], axis=1)
    np.testing.assert_allclose(encoder.predict_angle_rad(stacked), expected, atol=1e-5)


def test_no_views_have_no_angles() -> None:
    assert OrientationEncoder((8,), 1).predict_angle_rad(np.zeros((0, 8))).shape == (0,)


def test_targets_of_known_orientations() -> None:
    encoder = OrientationEncoder((8,), 2)
    targets = encoder.sine_cosine([0.0, np.pi / 4, np.pi / 2])
    np.testing.assert_allclose(targets, [[0, 1], [1, 0], [0, -1]], atol=1e-6)
    assert targets.dtype == np.float32


# Wrong arguments


def plain(**options: Any) -> Any:
    return OrientationEncoder((8,), 4, **options)


def around(**options: Any) -> Any:
    return DifferenceModel(plain(), **options)


def angles_of(views: Floats, **options: Any) -> Any:
    return plain().predict_angle_rad(views, **options)


def around_dense(units: int, *inputs: Any, **options: Any) -> Any:
    return DifferenceModel(keras.Sequential([*inputs, keras.layers.Dense(units)]), **options)


@pytest.mark.parametrize(
    ("error", "field", "value", "make"),
    [
        (ValueError, "view_shape", (21, 64), lambda: OrientationEncoder((21, 64), 4)),
        (ValueError, "view_shape", (7,), lambda: OrientationEncoder((7,), 4)),
        (ValueError, "view_shape", (9, 9, 1), lambda: OrientationEncoder((9, 9, 1), 4)),
        (TypeError, "view_shape", 64, lambda: OrientationEncoder(64, 4)),  # type: ignore[arg-type]
        (ValueError, "symmetry", 0, lambda: OrientationEncoder((8,), 0)),
        (TypeError, "symmetry", True, lambda: OrientationEncoder((8,), True)),
        (ValueError, "architecture", "slow", lambda: plain(architecture="slow")),
        (ValueError, "view_shape", (8,), lambda: plain(architecture="aligned")),
        (ValueError, "dropout", 1, lambda: plain(dropout=1)),
        (ValueError, "dropout", -0.1, lambda: plain(dropout=-0.1)),
        (ValueError, "views", (3, 9), lambda: angles_of(np.zeros((3, 9)))),
        (ValueError, "views", (8,), lambda: angles_of(np.zeros(8))),
        (ValueError, "batch_size", 0, lambda: angles_of(np.zeros((1, 8)), batch_size=0)),
        (ValueError, "stereo_deg", 90, lambda: around(stereo_deg=90)),
        (ValueError, "stereo_deg", -180.0, lambda: around(stereo_deg=-180.0)),
        (ValueError, "stereo_deg[1]", 0, lambda: around(stereo_deg=(10, 0))),
        (TypeError, "stereo_deg", "10", lambda: around(stereo_deg="10")),
        (ValueError, "stereo_deg", None, lambda: around().stereo_angles(3)),
        (ValueError, "count", -1, lambda: around(stereo_deg=10).stereo_angles(-1)),
        (ValueError, "loss", "mse", lambda: around(loss="mse")),
        (ValueError, "symmetry", 3, lambda: around(symmetry=3)),
        (ValueError, "views", (3, 1, 8), lambda: around()(np.zeros((3, 1, 8), np.float32))),
        (ValueError, "views", (3, 2, 9), lambda: around()(np.zeros((3, 2, 9), np.float32))),
        (TypeError, "encoder", "cnn", lambda: DifferenceModel("cnn")),
        (TypeError, "symmetry", None, lambda: around_dense(2, keras.Input((8,)))),
        (ValueError, "encoder", (None, 3), lambda: around_dense(3, keras.Input((8,)), symmetry=1)),
        (ValueError, "encoder", "", lambda: around_dense(2, symmetry=1)),
    ],
)  # fmt: skip
def test_wrong_arguments_are_named(
    error: Any, field: str, value: Any, make: Callable[[], Any]
) -> None:
    if value == "":
        with pytest.raises(error, match=field):
            make()
    else:
        refused(error, field, value, make)


def test_the_models_are_public() -> None:
    for name in ("OrientationEncoder", "DifferenceModel", "OrientationUNet", "CircularStereoLoss"):
        assert name in nt.models.__all__
