"""Saliency: gradients of networks whose gradients are known, and how they are drawn."""

from __future__ import annotations

import dataclasses
import json
import math

import numpy as np
import pytest

import nanotilt as nt
from insight_cases import START, Linear, OneBin, size_recipe
from nanotilt.recipes.batch import Batch
from nanotilt.report.page import report_page
from nanotilt.runs.findings import Insight
from nanotilt.runs.records import ReportContents
from nanotilt.tasks.task import Question, Task
from nanotilt.training.insight import examine, saliency
from nanotilt.training.insight.network import Network
from report_cases import checked_page, contents

RNG = np.random.default_rng(8)


def weights(recipe: nt.Recipe, answers: int) -> np.ndarray:
    shape = (recipe.n_views, recipe.line_detector.n_bins, answers)
    return RNG.normal(size=shape, scale=0.3).astype(np.float32)


def examined(model: object, recipe: nt.Recipe, task: Task, batch: Batch) -> saliency.Examined:
    return saliency.Examined(Network(model, recipe, task), recipe, task, 1, START, batch)


def test_a_linear_networks_saliency_are_its_weights() -> None:
    recipe = size_recipe()
    table = weights(recipe, 2)
    batch = recipe.sample(1, START, 30)
    network = Network(Linear(table), recipe, Task.of(recipe))
    gradients = network.gradients(0, batch.views)
    predicted = network.probabilities(batch.views).argmax(axis=1)
    for_first = table[..., 0] - table[..., 1]
    for gradient, answer in zip(gradients, predicted, strict=True):
        expected = for_first if answer == 0 else -for_first
        np.testing.assert_allclose(gradient, expected, rtol=1e-3, atol=1e-5)


def test_gradients_hold_when_the_network_is_sure() -> None:
    """Probabilities of 1 and nearly 0 lose nothing: log-odds go on growing."""
    recipe = size_recipe()
    table = np.zeros((2, 16, 2), np.float32)
    table[0, 3] = (60.0, 0.0)
    views = np.ones((1, 2, 16), np.float32)
    gradient = Network(Linear(table), recipe, Task.of(recipe)).gradients(0, views)
    assert gradient[0, 0, 3] == pytest.approx(60.0)


def test_each_question_has_its_own_gradients() -> None:
    recipe = size_recipe()
    a, b = weights(recipe, 2), weights(recipe, 3)
    task = Task(
        (
            Question("two", ("x", "y"), (0, 1)),
            Question("three", ("p", "q", "r"), (0, 1)),
        )
    )
    views = recipe.sample(1, START, 5).views
    joint = Network(Linear(a, b), recipe, task)
    alone = Network(Linear(b), recipe, Task((Question("three", ("p", "q", "r"), (0, 1)),)))
    np.testing.assert_allclose(
        joint.gradients(1, views), alone.gradients(0, views), rtol=1e-3, atol=1e-5
    )
    first = a[..., 0] - a[..., 1]
    np.testing.assert_allclose(np.abs(joint.gradients(0, views)[0]), np.abs(first), rtol=1e-3)


def test_a_network_that_ignores_its_views_has_gradient_zero() -> None:
    recipe = size_recipe()
    table = np.zeros((2, 16, 2), np.float32)
    assert (
        not Network(Linear(table), recipe, Task.of(recipe))
        .gradients(0, np.ones((3, 2, 16), np.float32))
        .any()
    )


def test_the_unit_is_the_noise() -> None:
    recipe = nt.recipes.hole(n_views=2)
    low, high = recipe.bounds
    view = np.array([0.0, 0.5, 1.0], np.float32)
    expected = 0.001 * (low + view * (high - low)) / (high - low)
    np.testing.assert_allclose(saliency.noise_unit(recipe, view), expected, rtol=1e-5)
    counting = nt.Recipe(
        recipe.classes,
        dataclasses.replace(recipe.line_detector, noise=0.0, dose=100.0),
        None,
        (0.0, 1.0),
    )
    unit = saliency.noise_unit(counting, np.array([25.0], np.float32))
    assert unit[0] == pytest.approx(math.sqrt(25 / 100))
    silent = size_recipe(noise=0.0)
    assert saliency.noise_unit(silent, view).tolist() == pytest.approx([1e-3] * 3)
    assert "thousandth" in saliency.unit_name(silent)
    assert "standard deviation" in saliency.unit_name(counting)


def test_pictures_are_of_the_first_samples_of_each_class() -> None:
    recipe = size_recipe()
    insight = examine(OneBin(0), recipe, Task.of(recipe), 1, START, 40)
    pictures = insight.questions[0].saliency
    labels = recipe.sample(1, START, 40).label
    expected = [START + int(i) for c in (0, 1) for i in np.flatnonzero(labels == c)[:2]]
    assert [picture.index for picture in pictures] == expected
    assert [picture.truth for picture in pictures] == ["small", "small", "large", "large"]
    for picture in pictures:
        gradient = np.array(picture.gradient)
        assert gradient.shape == (2, 16)
        assert picture.answer == picture.truth
        assert picture.probability > 0.99
        assert np.flatnonzero(gradient[0]).tolist() == [5]  # the bin that it reads
        assert not gradient[1].any()


def test_views_too_large_to_keep_have_no_pictures() -> None:
    recipe = nt.Recipe(size_recipe().classes, nt.Detector(n_bins=4096, angles_deg=(0, 90)))
    question = examine(OneBin(0), recipe, Task.of(recipe), 1, START, 20).questions[0]
    assert question.saliency == ()
    assert question.profile is None


def test_a_network_that_gives_no_numbers_is_examined_all_the_same() -> None:
    """Training may diverge; the findings must still be JSON that others can read."""
    recipe = size_recipe()
    table = np.full((2, 16, 2), np.nan, np.float32)
    insight = examine(Linear(table), recipe, Task.of(recipe), 1, START, 60)
    text = json.dumps(insight.to_json_value(), allow_nan=False)
    assert Insight.from_json_value(json.loads(text)) == insight
    report_page(dataclasses.replace(contents(recipe), insight=insight))  # can be drawn


def test_focus_finds_the_bins_of_a_hole() -> None:
    """A network that looks at the middle bins only, at particles whose hole is there."""
    outline = nt.Outline(centre_std=(0.0, 0.0))
    recipe = nt.Recipe(
        {
            "solid": nt.Particle(outline),
            "hole": nt.Particle(outline, (nt.Hole(radius=0.3, max_offset=0.0),)),
        },
        nt.Detector(n_bins=31, angles_deg=(0, 90)),
    )
    table = np.zeros((2, 31, 2), np.float32)
    table[:, 14:17, 1] = 1.0  # within 0.1 of the middle
    batch = recipe.sample(1, START, 100)
    profile = saliency.profile(examined(Linear(table), recipe, Task.of(recipe), batch), 0)
    assert profile is not None
    assert profile.n_samples == 100
    mean = np.array(profile.mean)
    assert (mean[:, 14:17] > 0).all()
    assert mean.sum() == pytest.approx(mean[:, 14:17].sum())
    (focus,) = profile.focus
    assert (focus.feature, focus.n_samples, focus.elsewhere) == ("hole", 50, 0.0)
    assert focus.inside > 0
    centred = nt.Recipe(recipe.classes, dataclasses.replace(recipe.line_detector, centring=True))
    batch = centred.sample(1, START, 20)
    moved = saliency.profile(examined(Linear(table), centred, Task.of(centred), batch), 0)
    assert moved is not None
    assert moved.focus == ()


# ------------------------------------------------------------------------------------ report


def with_insight(recipe: nt.Recipe) -> ReportContents:
    insight = examine(OneBin(0), recipe, Task.of(recipe), 3, START, 120)
    return dataclasses.replace(contents(recipe), insight=insight)


def test_report_of_two_views() -> None:
    page = checked_page(report_page(with_insight(nt.recipes.hole(n_views=2))))
    words = " ".join(page.words)
    assert {"same-view", "difficulty", "saliency"} <= set(page.values("id"))
    for expected in (
        "views of two particles", "second view empty", "first view empty", "the paper, first view",
        "standard deviation of the noise", "In the shadow of the hole", "120 samples",
    ):  # fmt: skip
        assert expected in words, expected
    labels = " ".join(page.values("aria-label"))
    for expected in ("against hole size", "against hole offset", "against particle offset",
                     "factor on the noise", "change of log-odds bin by bin"):  # fmt: skip
        assert expected in labels, expected


def test_report_of_one_view_and_of_many() -> None:
    one = " ".join(checked_page(report_page(with_insight(nt.recipes.hole()))).words)
    assert "does not apply" in one
    assert "What makes it hard?" in one
    recipe = nt.Recipe(
        size_recipe().classes, nt.Detector(n_bins=16, angles_deg=tuple(range(0, 180, 30)))
    )
    many = checked_page(report_page(with_insight(recipe)))
    assert "other views empty" in " ".join(many.words)
