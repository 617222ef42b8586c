"""Images seen through a frame that moves with the shape, and the encoder that looks through it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

import nanotilt as nt
from nanotilt.pose.scores import orientation_scores
from orientation_cases import polygon, turned

keras = pytest.importorskip("keras")

from nanotilt.models import OrientationEncoder  # noqa: E402  (only where Keras is)
from nanotilt.models._alignment import HALF_WIDTH, AlignedFrame  # noqa: E402

Floats = npt.NDArray[np.floating[Any]]

T_SHAPE = np.array([(-3, 1), (-3, 3), (3, 3), (3, 1), (1, 1), (1, -5), (-1, -5), (-1, 1)]) / 6
Z_SHAPE = np.array([(-2, 1), (-2, 2), (1, 2), (1, -1), (2, -1), (2, -2), (-1, -2), (-1, 1)]) / 3
SHAPES = {1: T_SHAPE, 2: Z_SHAPE, 3: polygon(3), 4: polygon(4), 5: polygon(5), 6: polygon(6)}


def images_of(ring: Floats, angles: Floats, seed: int = 0) -> Floats:
    """Images of a shape of random size and place, turned clockwise: (n, 64, 64)."""
    rng = np.random.default_rng(seed)
    return np.stack(
        [
            nt.rasterise(
                [rng.uniform(0.4, 0.7) * turned(ring, -angle) + rng.uniform(-0.2, 0.2, 2)],
                n_pixels=64,
                field_of_view=3.0,
            )
            for angle in angles
        ]
    )


def numpy_of(tensor: Any) -> Floats:
    array: Floats = keras.ops.convert_to_numpy(tensor)
    return array


def shape_pixels(image: Floats) -> npt.NDArray[np.bool_]:
    there: npt.NDArray[np.bool_] = image > image.max() / 32
    return there


def moments(image: Floats) -> tuple[float, float, float]:
    """Row, column and radius of gyration of the shape's pixels."""
    rows, columns = np.nonzero(shape_pixels(image))
    return (
        float(rows.mean()),
        float(columns.mean()),
        float(np.sqrt(rows.var() + columns.var())),
    )


def bilinear(image: Floats, row: float, column: float) -> float:
    row, column = np.clip(row, 0, len(image) - 1), np.clip(column, 0, image.shape[1] - 1)
    top, left = min(int(row), len(image) - 2), min(int(column), image.shape[1] - 2)
    down, right = row - top, column - left
    upper = image[top, left] * (1 - right) + image[top, left + 1] * right
    lower = image[top + 1, left] * (1 - right) + image[top + 1, left + 1] * right
    return float(upper * (1 - down) + lower * down)


def test_the_frame_shows_what_a_slow_interpolation_gives() -> None:
    image = images_of(T_SHAPE, np.array([0.7]))[0] * np.float32(0.8)
    phase = 1.1
    shown, kept = AlignedFrame(3, 9)(image[None], np.array([[np.sin(phase), np.cos(phase)]]))
    np.testing.assert_allclose(numpy_of(kept), [[np.sin(phase), np.cos(phase)]], atol=1e-6)
    row, column, radius = moments(image)
    cosine, sine = np.cos(phase / 3), np.sin(phase / 3)
    line = HALF_WIDTH * radius * np.linspace(-1, 1, 9)
    for i, j in np.ndindex(9, 9):
        at = (row + sine * line[j] + cosine * line[i], column + cosine * line[j] - sine * line[i])
        expected = [bilinear(values, *at) for values in (image, shape_pixels(image).astype(float))]
        np.testing.assert_allclose(numpy_of(shown)[0, i, j], expected, atol=2e-4)


@pytest.mark.parametrize("order", SHAPES)
def test_an_untrained_encoder_follows_the_shape(order: int) -> None:
    keras.utils.set_random_seed(1)
    angles = np.random.default_rng(order).uniform(0, 2 * np.pi, 100)
    encoder = OrientationEncoder((64, 64), order, architecture="aligned")
    found = encoder.predict_angle_rad(images_of(SHAPES[order], angles))
    # A shape of 15 pixels has no better moment; anything but following would have 26 and more.
    assert orientation_scores(found, angles, order).std_deg < 3


def test_quarter_turns_and_mirror_images_are_exact() -> None:
    keras.utils.set_random_seed(1)
    encoder = OrientationEncoder((64, 64), 3, architecture="aligned")
    noise = np.random.default_rng(2).random((64, 64), dtype=np.float32)
    image = images_of(polygon(3), np.array([0.3]))[0] * noise
    own, quarter, mirrored = encoder.predict_angle_rad(
        np.stack([image, np.rot90(image, -1), image[::-1]])
    )
    assert np.angle(np.exp(3j * (quarter - own - np.pi / 2))) == pytest.approx(0, abs=1e-4)
    assert np.angle(np.exp(3j * (mirrored + own))) == pytest.approx(0, abs=1e-4)


def test_nothing_to_see_has_an_angle_all_the_same() -> None:
    encoder = OrientationEncoder((16, 24), 1, architecture="aligned")
    images = np.zeros((2, 16, 24), np.float32)
    images[1, 3, 4] = 1
    assert np.isfinite(encoder.predict_angle_rad(images)).all()


def test_squares_are_read_before_any_training() -> None:
    test = nt.recipes.square(stereo_deg=10).sample(seed=2, count=500)
    encoder = OrientationEncoder((64, 64), 4, architecture="aligned")
    found = encoder.predict_angle_rad(test.views[:, 0])
    scores = orientation_scores(found, test.angle_rad[:, 0].astype(float), 4)
    assert scores.std_deg < 0.6  # 0.41 of 4,000; 1.2 where faint pixels far off counted


def test_it_learns_from_noisy_pairs_what_the_moment_does_not_tell() -> None:
    keras.utils.set_random_seed(1)
    camera = nt.Camera(remove_background=True, centring=True, stereo_deg=10)
    recipe = nt.Recipe({"T": nt.Particle(nt.TShape())}, camera, normalise="none")
    test = recipe.sample(seed=2, count=300)
    true = test.angle_rad[:, 0].astype(float)
    encoder = OrientationEncoder((64, 64), 1, architecture="aligned")
    before = orientation_scores(encoder.predict_angle_rad(test.views[:, 0]), true, 1)
    model = nt.models.DifferenceModel(encoder, stereo_deg=10)
    model.compile(keras.optimizers.Adam(2e-3))
    pairs = recipe.sample(seed=1, count=1500).views
    model.fit(pairs, model.stereo_angles(len(pairs)), batch_size=50, epochs=3, verbose=0)
    after = orientation_scores(encoder.predict_angle_rad(test.views[:, 0]), true, 1)
    assert before.std_deg < 4  # 2.3 of 4,000, of the moment alone
    # To an eighth after 12,000 pairs.
    assert after.mean_absolute_deg < 0.7 * before.mean_absolute_deg


def test_zero_is_where_known_angles_have_it(tmp_path: Path) -> None:
    angles = np.linspace(0.1, 1.4, 40)
    images = images_of(polygon(4), angles)
    encoder = OrientationEncoder((64, 64), 4, architecture="aligned")
    encoder.set_zero(images, angles + 0.3)
    encoder.set_zero(images, angles)  # anew, not on top
    error = 4 * (encoder.predict_angle_rad(images) - angles)
    assert np.abs(np.angle(np.exp(1j * error))).max() / 4 < np.deg2rad(1.5)
    encoder.save(tmp_path / "encoder.keras")
    loaded = keras.saving.load_model(tmp_path / "encoder.keras")
    np.testing.assert_allclose(loaded(images), encoder(images), atol=1e-6)
    other = OrientationEncoder((64, 64), 4, architecture="fast")
    weights = other.get_weights()
    other.set_zero(images, angles)
    assert all(np.array_equal(a, b) for a, b in zip(weights, other.get_weights(), strict=True))


@pytest.mark.parametrize(
    ("angles", "message"),
    [
        ([0.1], r"angle_rad.shape=\(1,\)"),
        ([0.1, np.nan], "angle_rad must be finite"),
        ([], "views: 2"),
    ],
)
def test_known_angles_that_are_wrong_change_nothing(angles: Any, message: str) -> None:
    encoder = OrientationEncoder((16, 16), 4, architecture="aligned")
    with pytest.raises(ValueError, match=message):
        encoder.set_zero(np.ones((2, 16, 16)), angles)
    with pytest.raises(ValueError, match="angle_rad"):
        encoder.set_zero(np.zeros((0, 16, 16)), [])
    np.testing.assert_array_equal(encoder.get_layer("zero").offset, [0, 1])


def test_half_precision_sees_the_pixels_as_well() -> None:
    angles = np.linspace(0, 1.5, 20)
    images = images_of(polygon(4), angles)
    whole = OrientationEncoder((64, 64), 4, architecture="aligned")
    usual = keras.mixed_precision.dtype_policy()
    keras.mixed_precision.set_dtype_policy("mixed_bfloat16")
    try:
        half = OrientationEncoder((64, 64), 4, architecture="aligned")
    finally:
        keras.mixed_precision.set_dtype_policy(usual)
    half.set_weights(whole.get_weights())
    apart = 4 * (half.predict_angle_rad(images) - whole.predict_angle_rad(images))
    assert np.abs(np.rad2deg(np.angle(np.exp(1j * apart)))).max() / 4 < 0.5
