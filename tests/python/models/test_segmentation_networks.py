"""Networks that find particles: sizes, images of any size, masks of scans, what is refused."""

from __future__ import annotations

import keras
import numpy as np
import pytest

import nanotilt as nt
from nanotilt.models import (
    BorderLoss,
    SegmentationBorders,
    SegmentationFPN,
    SegmentationLoss,
    SegmentationUNet,
)
from nanotilt.models.segmentation.blocks import Doubled


@pytest.mark.parametrize(
    ("make", "weights"),
    [
        (SegmentationUNet, 118_962),
        (lambda: SegmentationUNet((16, 32, 64, 128)), 489_138),
        (SegmentationBorders, 118_979),
        (lambda: SegmentationUNet(n_channels=2, masked=True), 119_106),
    ],
)
def test_sizes_are_those_of_the_description(make: object, weights: int) -> None:
    assert make().count_params() == weights  # type: ignore[operator]


def test_doubling_is_bilinear_interpolation() -> None:
    x = np.random.default_rng(0).random((2, 5, 7, 3)).astype(np.float32)
    expected = keras.layers.UpSampling2D(2, interpolation="bilinear")(x)
    np.testing.assert_allclose(Doubled()(x), expected, atol=1e-6)


@pytest.mark.parametrize("shape", [(16, 16), (50, 71), (33, 16)])
def test_images_of_any_size(shape: tuple[int, int]) -> None:
    model = SegmentationUNet((4, 6))
    image = np.random.default_rng(1).random(shape, dtype=np.float32)
    assert model.instances(image).shape == shape
    maps = model.maps(image[None, None])
    assert maps.shape == (1, *shape, 2)
    assert 0 <= maps.min() <= maps.max() <= 1


def test_neither_scale_nor_offset_matters() -> None:
    model = SegmentationFPN((4, 8), width=4)
    images = np.random.default_rng(1).random((2, 1, 16, 16), dtype=np.float32)
    np.testing.assert_allclose(model.maps(7 * images + 3), model.maps(images), atol=1e-4)


def test_pixels_that_were_not_scanned_have_no_say() -> None:
    model = SegmentationUNet((4, 6), n_channels=2, masked=True)
    rng = np.random.default_rng(1)
    mask = (rng.random((1, 1, 16, 16)) < 0.4).astype(np.float32)
    images = rng.random((1, 1, 16, 16), dtype=np.float32)
    first = np.concatenate([images * mask, mask], axis=1)
    second = np.concatenate([np.where(mask > 0, images, 9.0), mask], axis=1)
    np.testing.assert_allclose(model.maps(first), model.maps(second), atol=1e-5)


def test_the_loss_is_what_it_says() -> None:
    rng = np.random.default_rng(2)
    true, found = rng.random((2, 3, 4, 4, 2)).astype(np.float32)
    true[..., 0] = true[..., 0] > 0.5
    t, p = true[..., 0].astype(float), found[..., 0].astype(float)
    cross = -(t * np.log(p) + (1 - t) * np.log(1 - p)).mean()
    dice = (2 * (t * p).sum() + 1) / (t.sum() + p.sum() + 1)
    depth = ((true[..., 1] - found[..., 1]) ** 2).mean()
    assert float(SegmentationLoss()(true, found)) == pytest.approx(
        cross + 0.5 * (1 - dice) + 5 * depth, rel=1e-5
    )


def test_the_loss_of_borders_is_what_it_says() -> None:
    true, found = np.random.default_rng(3).random((2, 3, 4, 4, 3)).astype(np.float32)
    true[..., 2] = true[..., 2] > 0.5
    t, p = true[..., 2].astype(float), found[..., 2].astype(float)
    cross = -(t * np.log(p) + (1 - t) * np.log(1 - p))
    both = float(SegmentationLoss()(true[..., :2], found[..., :2]))
    expected = both + 2 * ((1 + 4 * t) * cross).mean()
    assert float(BorderLoss()(true, found)) == pytest.approx(expected, rel=1e-5)


def test_borders_lie_between_particles_alone() -> None:
    recipe = nt.recipes.particle_field(64, placing="free", targets=("instance", "depth"))
    batch = recipe.sample(2, count=4)
    number = batch["instance"].astype(int)
    padded = np.pad(number, ((0, 0), (1, 1), (1, 1)))
    border = np.zeros(number.shape, bool)
    for down in range(3):
        for right in range(3):
            other = padded[:, down : down + 64, right : right + 64]
            border |= (other != number) & (other > 0) & (number > 0)
    targets = {name: batch[name] for name in SegmentationBorders.learns_from}
    truth = np.asarray(SegmentationBorders.truth(targets))
    assert 0.01 < border.mean() < 0.2
    np.testing.assert_array_equal(truth[..., 2], border)
    np.testing.assert_array_equal(truth[..., 0], number > 0)
    np.testing.assert_array_equal(truth[..., 1], batch["depth"])


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"widths": (4,)}, "widths must have at least 2"),
        ({"norm": "layer"}, "norm must be"),
        ({"n_channels": 0}, "n_channels must be >= 1"),
        ({"masked": True}, "n_channels must be >= 2 with a mask of the scan"),
    ],
)
def test_refused(options: dict[str, object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        SegmentationUNet(**options)  # type: ignore[arg-type]


def test_images_that_are_too_small_or_have_other_channels() -> None:
    model = SegmentationUNet((4, 6))
    for shape in ((1, 1, 15, 20), (1, 2, 32, 32), (3, 3, 3)):
        with pytest.raises(ValueError, match=r"images must have the shape \(batch, 1, rows"):
            model.instances(np.zeros(shape))
    with pytest.raises(ValueError, match="images"):
        model.instances(np.full((32, 32), np.nan))


def test_a_recipe_decides_the_channels() -> None:
    masked = SegmentationUNet.for_recipe(nt.recipes.scanned_field(), compile=False)
    assert (masked.n_channels, masked.masked) == (2, True)
    plain = SegmentationUNet.for_recipe(nt.recipes.particle_field(), compile=False)
    assert (plain.n_channels, plain.masked) == (1, False)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda m: setattr(m, "reading", "abc"), TypeError, "reading must map names to numbers"),
        (lambda m: setattr(m, "reading", {"prominence": "a"}), TypeError, "must be a real number"),
        (lambda m: setattr(m, "reading", {"depth": 1}), ValueError, "no more than prominence"),
        (lambda m: m.maps(np.zeros((1, 1, 16, 16)), batch_size=0), ValueError, "batch_size must"),
        (lambda _: SegmentationUNet.for_recipe(None), TypeError, "recipe must be a nanotilt"),
    ],
)
def test_wrong_use(call: object, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        call(SegmentationUNet((4, 6)))  # type: ignore[operator]


def test_no_images_hold_no_particles() -> None:
    assert SegmentationUNet((4, 6)).instances(np.zeros((0, 1, 16, 20))).shape == (0, 16, 20)
