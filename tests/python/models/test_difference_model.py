"""nanotilt.models: the Difference Model and its losses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from nanotilt.pose.scores import angle_errors_rad
from orientation_cases import some_views, stereo_pairs

keras = pytest.importorskip("keras")

from nanotilt.models import (  # noqa: E402  (only where Keras is)
    CircularStereoLoss,
    DifferenceModel,
    OrientationEncoder,
)

Floats = npt.NDArray[np.floating[Any]]


def numpy_of(tensor: Any) -> Floats:
    array: Floats = keras.ops.convert_to_numpy(tensor)
    return array


@pytest.fixture(params=["circular", "paper"])
def model(request: pytest.FixtureRequest) -> Any:
    keras.utils.set_random_seed(1)
    encoder = OrientationEncoder((16,), 3, architecture="fast")
    return DifferenceModel(encoder, loss=request.param, stereo_deg=10, name="two")


def given_answers(answers: Any, symmetry: int) -> Any:
    """An encoder that answers what it is shown: views (2,) are (S, C)."""
    view = keras.Input((2,))
    encoder = keras.Model(view, keras.layers.Dense(2, use_bias=False)(view))
    encoder.set_weights([np.eye(2, dtype=np.float32)])
    return DifferenceModel(encoder, symmetry=symmetry, **answers)


@pytest.mark.parametrize(
    ("answer", "angle_deg"),
    [((0, 1), 0), ((1, 0), 30), ((0, -1), 60), ((-1, 0), 90), ((-1e-30, 1), 0), ((-3, 3), 105)],
)
def test_angles_are_from_zero_to_a_period(answer: Any, angle_deg: float) -> None:
    angles = given_answers({}, 3).predict_angle_rad(np.array([answer], np.float32))
    assert angles[0] < 2 * np.pi / 3
    assert np.rad2deg(angles[0]) == pytest.approx(angle_deg, abs=1e-5)


# Differences


def wrapped_difference(first: Any, second: Any, symmetry: int, kind: str) -> Floats:
    """The oracle: phases in degrees, in Python's own arithmetic."""
    found = []
    for a, b in zip(np.rad2deg(first), np.rad2deg(second), strict=True):
        difference = b - a
        if kind == "paper":
            difference += 360 if difference < 0 else 0
        else:
            difference = (difference + 180) % 360 - 180
        found.append(np.deg2rad(difference) / symmetry)
    return np.array(found)


@pytest.mark.parametrize("kind", ["paper", "circular"])
@pytest.mark.parametrize("symmetry", [1, 4])
def test_differences_are_those_of_the_oracle(kind: str, symmetry: int) -> None:
    rng = np.random.default_rng(1)
    first, second = rng.uniform(-np.pi, np.pi, (2, 200))
    lengths = rng.uniform(0.1, 10, (200, 2, 1))
    views = lengths * np.stack(
        [np.stack([np.sin(p), np.cos(p)], axis=-1) for p in (first, second)], axis=1
    )
    found = numpy_of(given_answers({"loss": kind}, symmetry)(views.astype(np.float32)))
    assert found.shape == (200, 1)
    expected = wrapped_difference(first, second, symmetry, kind)
    np.testing.assert_allclose(found[:, 0], expected, atol=1e-5)


@pytest.mark.parametrize(
    ("first_deg", "second_deg", "paper_deg", "circular_deg"),
    [
        (10, 50, 10, 10),  # phases; the symmetry is 4
        (170, -150, 10, 10),  # over the end of arctan2's range
        (50, 10, 80, -10),  # backwards: the paper's jumps to the other end
        (50, 49.9, 89.975, -0.025),  # as it does for a difference just below 0
        (50, 50, 0, 0),
    ],
)
def test_wrapping_round(
    first_deg: float, second_deg: float, paper_deg: float, circular_deg: float
) -> None:
    phases = np.deg2rad([[first_deg, second_deg]])
    views = np.stack([np.sin(phases), np.cos(phases)], axis=-1).astype(np.float32)
    for kind, expected in (("paper", paper_deg), ("circular", circular_deg)):
        found = np.rad2deg(numpy_of(given_answers({"loss": kind}, 4)(views)))
        np.testing.assert_allclose(found, [[expected]], atol=1e-4)


@pytest.mark.parametrize("kind", ["paper", "circular"])
@pytest.mark.parametrize("answer", [(0.0, 0.0), (1e-30, -1e-30), (1e-5, 0.0), (0.0, -1e-8)])
def test_gradients_are_finite_where_the_angle_is_not(kind: str, answer: Any) -> None:
    tf = pytest.importorskip("tensorflow")
    views = tf.Variable([[answer, (0.6, 0.8)], [(0.6, 0.8), answer], [answer, answer]])
    model = given_answers({"loss": kind, "stereo_deg": 10}, 4)
    with tf.GradientTape() as tape:
        loss = model.stereo_loss()(model.stereo_angles(3), model(views))
    assert np.isfinite(tape.gradient(loss, views).numpy()).all()
    assert np.isfinite(loss.numpy())


# Losses


def test_the_circular_loss_by_hand() -> None:
    loss = CircularStereoLoss(4)
    known = np.deg2rad(np.array([10.0, 10, 10, 10], np.float32))
    predicted = np.deg2rad(np.array([10.0, 0, 10 + 45, 10 + 90], np.float32))[:, None]
    by_hand = [0, 1 - np.cos(np.deg2rad(40)), 2, 0]
    each = [float(loss(known[i : i + 1], predicted[i : i + 1])) for i in range(4)]
    np.testing.assert_allclose(each, by_hand, atol=1e-6)
    assert by_hand[1] == pytest.approx(0.234, abs=1e-3)
    assert float(loss(known, predicted)) == pytest.approx(np.mean(by_hand), abs=1e-6)
    several = loss(np.deg2rad([[10.0, 20.0]]), np.deg2rad([[10.0, 65.0]]))
    assert float(several) == pytest.approx(1.0, abs=1e-6)  # the mean of 0 and 2
    weighted = loss(known[:2], predicted[:2], sample_weight=np.array([0.0, 1.0]))
    assert float(weighted) == pytest.approx(by_hand[1] / 2, abs=1e-6)


def test_the_papers_loss_by_hand() -> None:
    loss = given_answers({"loss": "paper"}, 4).stereo_loss()
    known = np.deg2rad(np.array([10.0, 10.0], np.float32))
    predicted = np.deg2rad(np.array([[13.0], [90.0]], np.float32))  # 90 is 0 but for a period
    expected = np.deg2rad(1) ** 2 * (3**2 + 80**2) / 2
    assert float(loss(known, predicted)) == pytest.approx(expected, rel=1e-5)


def test_the_loss_in_training_is_the_loss_of_the_outputs(model: Any) -> None:
    """Also for stereo angles that differ from sample to sample, and for three views."""
    rng = np.random.default_rng(1)
    for views, known in [
        (some_views(8, 2, 16), rng.uniform(0.1, 0.5, 8)),
        (some_views(8, 3, 16), rng.uniform(0.1, 0.5, (8, 2))),
    ]:
        model.compile("adam", run_eagerly=True)
        predicted = numpy_of(model(views))
        assert predicted.shape == (8, views.shape[1] - 1)
        error = predicted - known.reshape(predicted.shape)
        paper = model.loss_kind == "paper"
        expected = np.mean(error**2 if paper else 1 - np.cos(3 * error))
        assert model.evaluate(views, known, verbose=0) == pytest.approx(expected, rel=1e-4)


def test_a_loss_of_ones_own(model: Any) -> None:
    model.compile("adam", "mae", run_eagerly=True)
    views = some_views(4, 2, 16)
    expected = np.abs(numpy_of(model(views)) - np.deg2rad(10)).mean()
    found = model.evaluate(views, model.stereo_angles(4), verbose=0)
    assert found == pytest.approx(expected, rel=1e-4)


# The Difference Model


def test_views_may_come_as_a_tuple(model: Any) -> None:
    views = some_views(5, 2, 16)
    expected = numpy_of(model(views))
    np.testing.assert_array_equal(model((views[:, 0], views[:, 1])), expected)
    model.compile("adam", run_eagerly=True)
    predicted = model.predict((views[:, 0], views[:, 1]), verbose=0)
    np.testing.assert_allclose(predicted, expected, atol=1e-5)
    model.fit((views[:, 0], views[:, 1]), model.stereo_angles(5), verbose=0)


def test_all_views_go_through_one_encoder(model: Any) -> None:
    assert [w.path for w in model.weights] == [w.path for w in model.encoder.weights]
    views = some_views(5, 3, 16)
    sine_cosine = numpy_of(model.encoder(views.reshape(15, 16))).reshape(5, 3, 2)
    phases = np.arctan2(sine_cosine[..., 0], sine_cosine[..., 1])
    for other in (1, 2):
        expected = wrapped_difference(phases[:, 0], phases[:, other], 3, model.loss_kind)
        np.testing.assert_allclose(numpy_of(model(views))[:, other - 1], expected, atol=1e-5)


def test_a_model_is_saved_and_loaded(model: Any, tmp_path: Path) -> None:
    views = some_views(6, 2, 16)
    model.compile(keras.optimizers.Adam(1e-2), run_eagerly=True)
    model.train_on_batch(views, model.stereo_angles(6))
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert type(loaded) is DifferenceModel
    assert type(loaded.encoder) is OrientationEncoder
    assert loaded.get_config() == model.get_config()
    np.testing.assert_array_equal(loaded(views), model(views))
    assert type(loaded.loss) is type(model.loss)
    assert type(loaded.optimizer) is keras.optimizers.Adam
    assert int(loaded.optimizer.iterations) == 1
    loaded.train_on_batch(views, loaded.stereo_angles(6))


def test_a_models_config_survives_json(model: Any) -> None:
    config = json.loads(json.dumps(model.get_config()))
    twin = DifferenceModel.from_config(config)
    assert twin.get_config() == model.get_config()
    assert twin.name == "two"
    clone = keras.models.clone_model(model)
    clone.set_weights(model.get_weights())
    views = some_views(3, 2, 16)
    np.testing.assert_array_equal(clone(views), model(views))
    assert DifferenceModel(model.encoder, trainable=False).trainable_weights == []


def test_any_encoder_will_do() -> None:
    encoder = keras.Sequential(
        [keras.Input((8, 8, 1)), keras.layers.Flatten(), keras.layers.Dense(2)]
    )
    model = DifferenceModel(encoder, symmetry=5)
    assert model(some_views(3, 2, 8, 8)).shape == (3, 1)
    assert model.predict_angle_rad(some_views(3, 8, 8)).shape == (3,)


def test_targets_of_a_shared_stereo_angle() -> None:
    encoder = OrientationEncoder((8,), 4)
    one = DifferenceModel(encoder, stereo_deg=10).stereo_angles(3)
    np.testing.assert_allclose(one, np.deg2rad([10, 10, 10]), rtol=1e-6)
    assert one.dtype == np.float32
    two = DifferenceModel(encoder, stereo_deg=(10, -20)).stereo_angles(3)
    np.testing.assert_allclose(two, np.deg2rad([[10, -20]] * 3), rtol=1e-6)


def test_training_with_fit_lowers_the_loss() -> None:
    """Compiled, on squares of 16 x 16 pixels, from known orientations that are 3 degrees off."""
    pairs, angles = stereo_pairs(256, 10)
    pairs = pairs.reshape(256, 2, 16, 4, 16, 4).mean(axis=(3, 5))
    keras.utils.set_random_seed(1)
    encoder = OrientationEncoder((16, 16), 4, architecture="fast")
    encoder.compile(keras.optimizers.Adam(3e-3), "mse", jit_compile=False)
    provisional = angles + np.random.default_rng(1).normal(0, np.deg2rad(3), 256)
    encoder.fit(pairs[:, 0], encoder.sine_cosine(provisional), epochs=8, verbose=0)
    model = DifferenceModel(encoder, stereo_deg=10)
    model.compile(keras.optimizers.Adam(1e-3), jit_compile=False)
    losses = model.fit(pairs, model.stereo_angles(256), epochs=6, verbose=0).history["loss"]
    assert losses[-1] < 0.05  # one answer for all costs 0.234
    assert losses[-1] < losses[0]
    # Training leaves the angles where the labels were, at zero without an offset.
    errors = angle_errors_rad(model.predict_angle_rad(pairs[:, 0]), angles, 4, offset=0.0)
    assert np.rad2deg(np.abs(errors)).mean() < 4
