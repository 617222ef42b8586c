"""nanotilt.models: networks built for a recipe, and how they are meant to be trained."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import nanotilt as nt

keras = pytest.importorskip("keras")

from nanotilt.models import (  # noqa: E402  (only where Keras is)
    PaperStereoClassifier,
    StereoClassifier,
    TrainingPlan,
)

KINDS = [StereoClassifier, PaperStereoClassifier]
FITTED = {(StereoClassifier, "chirality"), (PaperStereoClassifier, "hole")}
"""To trace a network's training takes seconds."""


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["hole", "chirality"])
def test_for_recipe_is_ready_for_the_recipes_stream(kind: Any, name: str) -> None:
    recipe = nt.recipes.by_name(name)
    model = kind.for_recipe(recipe)
    assert model.input_shape == (None, recipe.n_views, recipe.line_detector.n_bins)
    assert model.output_shape == (None, len(recipe.class_names))
    if (kind, name) not in FITTED:
        return
    history = model.fit(
        nt.stream(recipe, seed=1, batch_size=32), steps_per_epoch=20, epochs=1, verbose=0
    ).history
    assert math.isfinite(history["loss"][0])
    assert 0.0 <= history["accuracy"][0] <= 1.0


@pytest.mark.parametrize("kind", KINDS)
def test_for_recipe_can_leave_compiling_to_the_user(kind: Any) -> None:
    assert not kind.for_recipe(nt.recipes.chirality(), compile=False).compiled


def test_the_papers_network_pools_up_to_32_bins_unless_told() -> None:
    assert PaperStereoClassifier.for_recipe(nt.recipes.hole()).pooling
    assert not PaperStereoClassifier.for_recipe(nt.recipes.chirality()).pooling
    assert PaperStereoClassifier.for_recipe(nt.recipes.chirality(), pooling=True).pooling


def test_the_papers_network_trains_as_in_the_paper() -> None:
    recipe = nt.recipes.hole()
    plan = PaperStereoClassifier.training_plan(recipe)
    assert (plan.batch_size, plan.samples_per_epoch, plan.epochs) == (32, 60_000, 200)
    assert plan.patience == 10
    optimizer = PaperStereoClassifier.for_recipe(recipe).optimizer
    assert isinstance(optimizer, keras.optimizers.Adadelta)
    assert float(optimizer.learning_rate) == 1.0


@pytest.mark.parametrize("total_steps", [None, 50, 1000])
def test_the_learning_rate_rises_and_ends_at_zero_with_the_last_step(
    total_steps: int | None,
) -> None:
    recipe = nt.recipes.chirality()
    plan = StereoClassifier.training_plan(recipe)
    model = StereoClassifier.for_recipe(recipe, total_steps=total_steps)
    rate = keras.optimizers.schedules.deserialize(model.optimizer.get_config()["learning_rate"])
    steps = total_steps or plan.total_steps
    rates = [float(rate(step)) for step in np.linspace(0, steps, 51)]
    assert rates[0] > 0.0  # no step is wasted
    assert rates[1] == max(rates)
    assert rates[1:] == sorted(rates[1:], reverse=True)
    assert rates[-1] < 1e-9


def test_the_fast_network_learns_chirality_within_seconds() -> None:
    recipe = nt.recipes.chirality()
    keras.utils.set_random_seed(2)
    model = StereoClassifier.for_recipe(recipe, total_steps=400)
    data = nt.stream(recipe, seed=5, batch_size=256)
    model.fit(data, steps_per_epoch=400, epochs=1, verbose=0)
    unseen = recipe.sample(seed=6, count=4000)
    assert model.evaluate(unseen.views, unseen.label, batch_size=1000, verbose=0)[1] > 0.88


@pytest.mark.parametrize("total_steps", [1, 2, 3])
@pytest.mark.parametrize("kind", KINDS)
def test_even_a_single_step_learns(kind: Any, total_steps: int) -> None:
    recipe = nt.recipes.hole()
    model = kind.for_recipe(recipe, total_steps=total_steps)
    before = model.get_weights()
    batch = recipe.sample(seed=1, count=16)
    model.train_on_batch(batch.views, batch.label)
    trained = model.get_layer("probabilities").get_weights()
    assert not any(np.array_equal(a, b) for a, b in zip(trained, before[-2:], strict=True))


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"batch_size": 0}, ValueError, "batch_size must be >= 1. Received: batch_size=0"),
        ({"steps_per_epoch": 1.5}, TypeError, "steps_per_epoch must be an integer"),
        ({"epochs": -1}, ValueError, "epochs must be >= 1. Received: epochs=-1"),
        ({"make_optimizer": "adam"}, TypeError, "Received: make_optimizer='adam'"),
        ({"steps_per_execution": 4}, ValueError, "divide steps_per_epoch. Received: .*=4, .*=10"),
        ({"jit_compile": "yes"}, TypeError, "jit_compile must be True or False. Received: .*'yes'"),
        ({"patience": 0}, ValueError, "patience must be >= 1. Received: patience=0"),
    ],
)
def test_wrong_plans_are_refused(change: dict[str, Any], error: Any, message: str) -> None:
    fields: dict[str, Any] = {
        "batch_size": 8,
        "steps_per_epoch": 10,
        "epochs": 3,
        "make_optimizer": keras.optimizers.Adam,
    }
    TrainingPlan(**fields)
    with pytest.raises(error, match=message):
        TrainingPlan(**{**fields, **change})


def test_plans_count_their_steps_and_samples() -> None:
    plan = TrainingPlan(8, 10, 3, keras.optimizers.Adam)
    assert (plan.samples_per_epoch, plan.total_steps) == (80, 30)
