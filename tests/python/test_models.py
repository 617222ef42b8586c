"""nanotilt.models: what all networks must do, and what each is made of."""

from __future__ import annotations

import json
import math
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from conftest import RunPython

import nanotilt as nt

keras = pytest.importorskip("keras")

from nanotilt.models import (  # noqa: E402  (only where Keras is)
    PaperStereoClassifier,
    StereoClassifier,
    TrainingPlan,
    by_name,
    names,
    stereo,
)

Floats = npt.NDArray[np.float32]

CASES = {
    f"{kind.__name__}-{views}-{bins}-{classes}": (kind, (views, bins, classes), options)
    for kind, views, bins, classes, options in [
        (PaperStereoClassifier, 1, 32, 2, {}),
        (PaperStereoClassifier, 2, 64, 2, {"pooling": False}),
        (PaperStereoClassifier, 3, 17, 3, {"name": "three"}),
        (StereoClassifier, 1, 32, 3, {}),
        (StereoClassifier, 2, 64, 2, {}),
        (StereoClassifier, 3, 17, 2, {"branch_units": (8,), "joined_units": (), "name": "small"}),
    ]
}
KINDS = [StereoClassifier, PaperStereoClassifier]


@pytest.fixture(params=list(CASES.values()), ids=list(CASES))
def case(request: pytest.FixtureRequest) -> Any:
    """A class, its sizes, further options."""
    return request.param


@pytest.fixture
def model(case: Any) -> Any:
    kind, size, options = case
    keras.utils.set_random_seed(1)
    return kind(*size, **options)


def some_views(model: Any, count: int = 12) -> Floats:
    shape = (count, model.n_views, model.n_bins)
    return np.random.default_rng(3).random(shape, dtype=np.float32)


def some_labels(model: Any, count: int = 12) -> npt.NDArray[np.int32]:
    return np.arange(count, dtype=np.int32) % model.n_classes


def trainable_parameters(model: Any) -> int:
    return sum(math.prod(weight.shape) for weight in model.trainable_weights)


def predictions(model: Any, views: Floats) -> Floats:
    """What `model.predict` gives, without the seconds that compiling it takes."""
    return keras.ops.convert_to_numpy(model(views, training=False))


def train_a_step(model: Any) -> None:
    TrainingPlan(12, 1, 1, lambda total_steps: keras.optimizers.Adam(1e-2)).compile(model)
    model.train_on_batch(some_views(model), some_labels(model))


# What all networks must do


def test_takes_views_and_gives_probabilities(case: Any, model: Any) -> None:
    _, (n_views, n_bins, n_classes), _ = case
    assert model.input_shape == (None, n_views, n_bins)
    assert model.output_shape == (None, n_classes)
    probabilities = predictions(model, some_views(model))
    assert probabilities.dtype == np.float32
    assert (probabilities >= 0).all()
    np.testing.assert_allclose(probabilities.sum(axis=1), 1.0, rtol=1e-5)


def test_predictions_of_samples_do_not_depend_on_their_batch(model: Any) -> None:
    train_a_step(model)
    views = some_views(model)
    together = predictions(model, views)
    alone = np.concatenate([predictions(model, views[i : i + 1]) for i in range(3)])
    np.testing.assert_allclose(alone, together[:3], atol=1e-5)


def test_every_view_and_every_weight_counts(model: Any) -> None:
    train_a_step(model)
    views = some_views(model)
    before = predictions(model, views)
    for view in range(model.n_views):
        changed = views.copy()
        changed[:, view] = changed[::-1, view]
        assert np.abs(predictions(model, changed) - before).max() > 1e-4
    weights = [keras.ops.convert_to_numpy(weight) for weight in model.trainable_weights]
    train_a_step(model)
    for weight, earlier in zip(model.trainable_weights, weights, strict=True):
        assert not np.array_equal(keras.ops.convert_to_numpy(weight), earlier), weight.path


def test_fitting_lowers_the_loss(model: Any) -> None:
    TrainingPlan(12, 1, 1, lambda total_steps: keras.optimizers.Adam(3e-3)).compile(model)
    views, labels = some_views(model), some_labels(model)
    before = model.evaluate(views, labels, verbose=0)[0]
    model.fit(views, labels, batch_size=12, epochs=60, verbose=0)
    # Batch normalisation forgets its starting values only within hundreds of steps: as trained.
    probabilities = np.asarray(model(views, training=True))
    after = -np.log(probabilities[np.arange(12), labels]).mean()
    assert after < 0.8 * before


def test_saved_and_loaded_predicts_alike(model: Any, tmp_path: Path) -> None:
    train_a_step(model)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert type(loaded) is type(model)
    assert loaded.get_config() == model.get_config()
    views = some_views(model)
    np.testing.assert_array_equal(predictions(loaded, views), predictions(model, views))
    assert loaded.compiled
    assert type(loaded.optimizer) is type(model.optimizer)


def test_config_survives_json(case: Any, model: Any) -> None:
    kind, _, options = case
    config = json.loads(json.dumps(model.get_config()))
    twin = kind.from_config(config)
    assert twin.get_config() == model.get_config()
    assert twin.name == options.get("name", model.name)
    assert [w.shape for w in twin.weights] == [w.shape for w in model.weights]
    again = keras.models.model_from_json(model.to_json())
    assert type(again) is kind
    assert again.get_config() == model.get_config()


def test_a_clone_with_the_weights_predicts_alike(model: Any) -> None:
    train_a_step(model)
    clone = keras.models.clone_model(model)
    clone.set_weights(model.get_weights())
    views = some_views(model)
    np.testing.assert_array_equal(predictions(clone, views), predictions(model, views))


def test_a_frozen_network_stays_frozen(case: Any) -> None:
    kind, size, options = case
    frozen = kind(*size, **options, trainable=False)
    assert frozen.trainable_weights == []
    assert kind.from_config(frozen.get_config()).trainable_weights == []


LOAD_ELSEWHERE = """
import numpy as np
import nanotilt.models, keras
model = keras.saving.load_model({path!r})
views = np.load({views!r})
np.save({out!r}, model.predict(views, verbose=0))
print(type(model).__name__, keras.backend.backend())
"""


@pytest.mark.parametrize("backend", ["tensorflow", "numpy"])
@pytest.mark.parametrize("kind", KINDS)
def test_loads_in_another_process_with_any_backend(
    kind: Any, backend: str, tmp_path: Path, run_python: RunPython
) -> None:
    model = kind(2, 64, 2)
    train_a_step(model)
    paths = {name: str(tmp_path / file) for name, file in
             [("path", "model.keras"), ("views", "views.npy"), ("out", "out.npy")]}  # fmt: skip
    model.save(paths["path"])
    np.save(paths["views"], some_views(model))
    printed = run_python(LOAD_ELSEWHERE.format(**paths), KERAS_BACKEND=backend)
    assert printed.splitlines()[-1] == f"{kind.__name__} {backend}"
    expected = predictions(model, some_views(model))
    np.testing.assert_allclose(np.load(paths["out"]), expected, atol=1e-5)


# Built for a recipe


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["hole", "chirality"])
def test_for_recipe_is_ready_for_the_recipes_stream(kind: Any, name: str) -> None:
    recipe = nt.recipes.by_name(name)
    model = kind.for_recipe(recipe)
    assert model.input_shape == (None, recipe.n_views, recipe.detector.n_bins)
    assert model.output_shape == (None, len(recipe.class_names))
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


@pytest.mark.parametrize("total_steps", [None, 1, 2, 1000])
def test_the_learning_rate_rises_and_ends_at_zero_with_the_last_step(
    total_steps: int | None,
) -> None:
    recipe = nt.recipes.chirality()
    plan = StereoClassifier.training_plan(recipe)
    model = StereoClassifier.for_recipe(recipe, total_steps=total_steps)
    rate = keras.optimizers.schedules.deserialize(model.optimizer.get_config()["learning_rate"])
    steps = total_steps or plan.total_steps
    rates = [float(rate(step)) for step in np.linspace(0, steps, 51)]
    assert rates[0] == 0.0
    assert rates[1] == max(rates) > 1e-3 or steps < 51
    assert rates[-1] < 1e-9 or steps == 1


def test_the_fast_network_learns_chirality_within_seconds() -> None:
    recipe = nt.recipes.chirality()
    keras.utils.set_random_seed(2)
    model = StereoClassifier.for_recipe(recipe, total_steps=400)
    data = nt.stream(recipe, seed=5, batch_size=256)
    model.fit(data, steps_per_epoch=400, epochs=1, verbose=0)
    unseen = recipe.sample(seed=6, count=4000)
    assert model.evaluate(unseen.views, unseen.label, batch_size=1000, verbose=0)[1] > 0.88


# What each is made of


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
    convolution = ["Conv1D", "MaxPooling1D", "Dropout", "BatchNormalization"]
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
    # Only the first layer after the branches grows: 32 channels a view in the paper's; in the other
    # a sum and a difference (64 each) a view, and two products a pair.
    if kind is PaperStereoClassifier:
        assert np.diff(counts).tolist() == [32 * first_joined] * 2
    else:
        assert np.diff(counts).tolist() == [4 * 64 * first_joined, 6 * 64 * first_joined]


def test_the_fast_network_does_not_mind_the_scale_of_its_input() -> None:
    recipe = nt.recipes.chirality()
    model = StereoClassifier.for_recipe(recipe)
    views = recipe.sample(seed=1, count=512).views
    expected = np.asarray(model(views, training=True))
    for scaled in (20 + 3 * views, 1000 * views, -0.5 + views):
        np.testing.assert_allclose(model(scaled, training=True), expected, atol=2e-3)


@pytest.mark.parametrize("n_bins", [2, 3, 8])
def test_even_and_odd_halves_hold_the_whole_view(n_bins: int) -> None:
    rows = np.random.default_rng(1).normal(size=(4, 2, 2, n_bins)).astype(np.float32)
    even, odd = (np.asarray(half) for half in stereo._even_and_odd(rows, n_bins))
    np.testing.assert_allclose(
        (even[..., : n_bins // 2] + odd) / 2, rows[..., : n_bins // 2], atol=1e-6
    )
    mirrored_even, mirrored_odd = stereo._even_and_odd(rows[..., ::-1].copy(), n_bins)
    np.testing.assert_array_equal(mirrored_even, even)
    np.testing.assert_array_equal(mirrored_odd, -odd)
    assert even.shape[-1] + odd.shape[-1] == n_bins


def test_curvature_is_each_bin_less_the_mean_of_its_neighbours() -> None:
    views = np.random.default_rng(1).normal(size=(3, 2, 9)).astype(np.float32)
    neighbours = np.pad(views, ((0, 0), (0, 0), (1, 1)), mode="edge")
    expected = views - (neighbours[..., :-2] + neighbours[..., 2:]) / 2
    np.testing.assert_allclose(stereo._curvature(views), expected, atol=1e-6)


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


@pytest.mark.parametrize("n_views", [1, 2, 3, 4])
def test_products_are_of_every_pair_of_views(n_views: int) -> None:
    x = np.random.default_rng(1).normal(size=(5, n_views, 3)).astype(np.float32)
    products = stereo._products(x)
    expected = [x[:, a] * x[:, b] for a in range(n_views) for b in range(a + 1, n_views)]
    assert len(products) == len(expected) == n_views * (n_views - 1) // 2
    for product, value in zip(products, expected, strict=True):
        np.testing.assert_array_equal(product, value)


# The registry, and wrong arguments


def test_networks_are_found_by_name() -> None:
    assert names() == ("fast", "paper")
    assert by_name("fast") is StereoClassifier
    assert by_name("paper") is PaperStereoClassifier
    with pytest.raises(ValueError, match=r"one of fast, paper. Received: name='slow'"):
        by_name("slow")
    with pytest.raises(TypeError, match="name must be a string. Received: name=3"):
        by_name(3)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("size", "error", "message"),
    [
        ((0, 64, 2), ValueError, "n_views must be >= 1. Received: n_views=0"),
        ((2, 0, 2), ValueError, "n_bins must be >= .* Received: n_bins=0"),
        ((2, 64, 1), ValueError, "n_classes must be >= 2. Received: n_classes=1"),
        ((2.0, 64, 2), TypeError, "n_views must be an integer. Received: n_views=2.0"),
        ((2, "64", 2), TypeError, "n_bins must be an integer. Received: n_bins='64'"),
        ((2, 64, True), TypeError, "n_classes must be an integer. Received: n_classes=True"),
    ],
)
def test_wrong_sizes_are_named(kind: Any, size: Any, error: Any, message: str) -> None:
    with pytest.raises(error, match=message):
        kind(*size)


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: PaperStereoClassifier(1, 7, 2), ValueError, "n_bins must be >= 8. Received: n_bins=7"),
        (lambda: PaperStereoClassifier(1, 32, 2, pooling=1), TypeError, "pooling must be True or"),
        (lambda: StereoClassifier(1, 1, 2), ValueError, "n_bins must be >= 2. Received: n_bins=1"),
        (lambda: StereoClassifier(1, 8, 2, branch_units=()), ValueError, "at least 1 entries"),
        (lambda: StereoClassifier(1, 8, 2, branch_units=64), TypeError, "Received: branch_units=64"),
        (lambda: StereoClassifier(1, 8, 2, joined_units=(8, 0)), ValueError, r"joined_units\[1\]=0"),
        (lambda: StereoClassifier(1, 8, 2, joined_units="8"), TypeError, "sequence of integers"),
        (lambda: StereoClassifier.for_recipe("hole"), TypeError, "recipe must be a nanotilt.Recipe"),
        (
            lambda: PaperStereoClassifier.for_recipe(SimpleNamespace(n_views=2, class_names="ab")),
            TypeError,
            "recipe must be a nanotilt.Recipe",
        ),
        (
            lambda: StereoClassifier.for_recipe(nt.recipes.hole(), total_steps=0),
            ValueError,
            "total_steps must be >= 1. Received: total_steps=0",
        ),
    ],
)  # fmt: skip
def test_wrong_arguments_are_named(make: Any, error: Any, message: str) -> None:
    with pytest.raises(error, match=message):
        make()


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"batch_size": 0}, ValueError, "batch_size must be >= 1. Received: batch_size=0"),
        ({"steps_per_epoch": 1.5}, TypeError, "steps_per_epoch must be an integer"),
        ({"epochs": -1}, ValueError, "epochs must be >= 1. Received: epochs=-1"),
        ({"make_optimizer": "adam"}, TypeError, "Received: make_optimizer='adam'"),
        ({"steps_per_execution": 4}, ValueError, "divide steps_per_epoch. Received: .*=4, .*=10"),
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
