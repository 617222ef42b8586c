"""Recipes seen by a camera, from the named recipe to the report."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from keras import ops

import nanotilt as nt
from insight_cases import START, Linear
from nanotilt import training
from nanotilt.cli import main
from nanotilt.recipes.measure import limits_of
from nanotilt.runs.words import view_size
from nanotilt.tasks.task import Task
from nanotilt.training.insight import examine, saliency
from nanotilt.training.insight.footprints import footprints
from nanotilt.training.insight.variants import empty_space, has_steady_noise, with_noise

RNG = np.random.default_rng(12)


def small_images(n_views: int = 2, **camera: Any) -> nt.Recipe:
    recipe = nt.recipes.hole_images(0.3, n_views, n_pixels=8)
    return nt.Recipe(recipe.classes, dataclasses.replace(recipe.detector, **camera))


@pytest.mark.parametrize("make", [nt.recipes.chirality_images, nt.recipes.hole_images])
def test_named_recipes_of_images(make: Any) -> None:
    recipe = make(n_views=3, n_pixels=12, noise_level=0.2)
    assert recipe.view_shape == (12, 12)
    assert recipe.detector.n_values == 3 * 144
    np.testing.assert_allclose(recipe.detector.angles_deg, (0, 60, 120))
    assert recipe.sample(seed=1, count=4).views.shape == (4, 3, 12, 12)
    assert make(n_views=1).n_views == 1
    with pytest.raises(ValueError, match=r"n_views must be >= 1\. Received: n_views=0"):
        make(n_views=0)
    with pytest.raises(ValueError, match=r"noise_level must be > 0\. Received: noise_level=-1"):
        make(noise_level=-1)


def test_the_view_shape_decides_which_network_is_fast() -> None:
    models = nt.models
    assert models.for_views("fast", (64,)) is models.StereoClassifier
    assert models.for_views("fast", (32, 32)) is models.ImageStereoClassifier
    assert models.for_views("paper", (64,)) is models.PaperStereoClassifier
    with pytest.raises(
        ValueError, match=r"must be one of fast, cnn-a, cnn-b, defect-net for images.*name='paper'"
    ):
        models.for_views("paper", (32, 32))
    with pytest.raises(ValueError, match=r"must be lines of bins.*view_shape=\(8, 8\)"):
        models.StereoClassifier.for_recipe(small_images())
    with pytest.raises(ValueError, match=r"view_shape must be \(rows, columns\)"):
        models.ImageStereoClassifier.for_recipe(nt.recipes.hole())
    with pytest.raises(ValueError, match=r"one angle for each of 2 views\. Received: angles_deg"):
        models.ImageStereoClassifier(2, (8, 8), 2, angles_deg=(0,))
    with pytest.raises(ValueError, match="views must be square"):
        models.ImageStereoClassifier(2, (8, 9), 2, angles_deg=(0, 90))


def test_a_projected_camera_is_a_line_to_networks() -> None:
    recipe = small_images(projected=True)
    assert nt.models.StereoClassifier.for_recipe(recipe).input_shape == (None, 2, 8)
    assert view_size(recipe) == "8 pixels"
    assert view_size(small_images()) == "8 x 8 pixels"
    assert view_size(nt.recipes.hole()) == "32 bins"


@pytest.mark.parametrize("noise", ["gaussian", "uniform", "poisson"])
def test_the_noise_unit_is_the_noise_that_cameras_add(noise: Any) -> None:
    """Measured on particles that never differ, over many draws of the noise."""
    still = nt.Particle(nt.Outline(radius_std=0.0, roughness=0.0, centre_std=(0.0, 0.0)))
    camera = nt.Camera(n_pixels=8, background=2.0, noise=noise, noise_level=5.0)
    recipe = nt.Recipe({"disc": still}, camera, normalise=(0.0, 10.0))
    clean = nt.Recipe(recipe.classes, dataclasses.replace(camera, noise="none"), normalise=(0, 10))
    seen = recipe.sample(seed=3, count=4000).views.std(axis=0)
    expected = saliency.noise_unit(recipe, clean.sample(seed=3, count=1).views[0])
    turns = recipe.sample(seed=3, count=1).angle_rad
    assert np.isfinite(turns).all()
    np.testing.assert_allclose(np.median(seen / expected), 1.0, rtol=0.05)


def test_noise_is_multiplied_on_the_same_scale() -> None:
    recipe = small_images()
    assert has_steady_noise(recipe)
    assert not has_steady_noise(small_images(noise="uniform"))
    drawn = {f: with_noise(recipe, f).sample(4, 0, 50).views for f in (0.0, 1.0, 2.0)}
    np.testing.assert_array_equal(drawn[1.0], recipe.sample(4, 0, 50).views)
    np.testing.assert_allclose(
        drawn[2.0] - drawn[0.0], 2 * (drawn[1.0] - drawn[0.0]), rtol=1e-3, atol=1e-5
    )
    nothing = with_noise(empty_space(recipe), 0.0).sample(4, 0, 3).views
    assert np.ptp(nothing) == 0


def test_footprints_are_where_the_hole_is_seen() -> None:
    """Pixels that the hole covers, if only in part, are darker than others of the particle."""
    recipe = small_images(n_pixels=32, noise="none")
    batch = recipe.sample(seed=2, count=40)
    for i in np.flatnonzero(batch.label == 1)[:5]:
        (one,) = footprints(recipe, 2, int(i), 1, batch.angle_rad[i])
        assert one.feature == "hole"
        assert not (one.inside & one.elsewhere).any()
        views = batch.views[i]
        for view, inside, elsewhere in zip(views, one.inside, one.elsewhere, strict=True):
            assert view[inside].mean() < 0.75 * view[elsewhere].mean()
    (solid,) = np.flatnonzero(batch.label == 0)[:1]
    assert footprints(recipe, 2, int(solid), 0, batch.angle_rad[solid]) == []


def test_a_linear_networks_saliency_in_images() -> None:
    recipe = small_images()
    table = RNG.normal(size=(2, 64, 2), scale=0.3).astype(np.float32)

    class OfImages(Linear):
        def call(self, views: Any, training: bool = False) -> Any:
            return super().call(ops.reshape(views, (-1, 2, 64)))

    found = examine(OfImages(table), recipe, Task.of(recipe), 1, START, 60)
    one = found.questions[0].saliency[0]
    sign = 1 if one.answer == "solid" else -1
    unit = saliency.noise_unit(recipe, np.zeros(1, np.float32))
    expected = sign * unit * (table[..., 0] - table[..., 1])
    np.testing.assert_allclose(one.gradient, expected, rtol=1e-2, atol=1e-5)
    assert len(found.questions[0].noise) == 6


def test_train_stop_and_report(tmp_path: Path) -> None:
    result = training.train(
        small_images(),
        epochs=1, steps_per_epoch=4, batch_size=16, validation_samples=50, test_samples=60,
        n_threads=1, out=tmp_path / "run",
    )  # fmt: skip
    assert not result.failed
    assert type(result.model) is nt.models.ImageStereoClassifier
    page = (tmp_path / "run" / "report.html").read_text("utf-8")
    assert "8 x 8 pixels" in page
    assert "Below each image" in page
    assert page.count("Particles and their images") == 1
    loaded = nt.load(tmp_path / "run")
    views = loaded.recipe.sample(seed=1, count=3).views
    np.testing.assert_allclose(loaded.predict(views, verbose=0).sum(axis=1), 1, rtol=1e-5)


@pytest.mark.parametrize(
    ("name", "reason"),
    [("hole-images", "is not known for a Camera"), ("square", "classes must be two or more")],
)
def test_limit_says_why_there_is_none(name: str, reason: str, capsys: Any) -> None:
    assert main(["limit", name, "--budget", "quick"]) == 2
    shown = capsys.readouterr().err
    assert reason in shown
    assert "nanotilt" in shown


def test_places_of_pixels_are_their_middles() -> None:
    recipe = small_images(field_of_view=4.0)
    assert limits_of(recipe) == (-1.75, 1.75)
